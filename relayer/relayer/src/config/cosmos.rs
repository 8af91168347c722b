//! A Cosmos chain: where it is found, whose accounts send there, and what their transactions may cost and hold.

use super::end::chain_name;
use super::reader::{Problem, Reader};
use super::secret::{self, Secret};
use super::{ChainEntry, Family, urls};
use chain::{BlockNumber, ChainName, Gas, WeiPerGas};
use chain_cosmos::{BEHIND_BLOCKS, Key, Pay, Price, Rules, Settings};
use relayer_core::{BatchPolicy, ChainConfig, FeePolicy};
use reqwest::Url;
use std::path::Path;
use wire::Seconds;

/// Room for updates of clients, which travel beside the messages that are counted: in number, and in bytes for what frames
/// them and the transaction.
const UPDATES: usize = 16;
const UPDATES_BYTES: u64 = 4_096;
/// What a transaction holds beside, so that a simulated one, in two digits a byte, is within the million bytes that nodes take
/// by default.
const BYTES_MAX: usize = 450_000;
/// The longest denomination that a chain allows.
const DENOM_MAX: usize = 128;

/// What the adapter of a Cosmos chain needs. Its own settings hold keys, which are not copied: they are made from this.
#[derive(Clone)]
pub struct CosmosSettings {
    name: ChainName,
    rpc: Vec<Url>,
    rules: Rules,
    account_prefix: String,
    signers: Vec<Secret>,
    pub(super) first_block: BlockNumber,
    limits: chain_evm::Limits,
}

impl CosmosSettings {
    /// For the adapter.
    ///
    /// Fails when a key is none, which a configuration that was read has excluded.
    pub(crate) fn keyed(&self) -> Result<Settings, String> {
        let key = |secret: &Secret| Key::new(&secret.0, &self.account_prefix);
        let keys = self.signers.iter().map(key).collect::<Result<_, _>>();
        Ok(Settings {
            name: self.name.clone(),
            rpc: self.rpc.clone(),
            rules: self.rules.clone(),
            keys: keys.map_err(|bad| format!("failed to {bad}"))?,
            first_block: self.first_block,
            limits: self.limits,
        })
    }

    /// The coin in which gas is paid.
    pub(super) fn denom(&self) -> &str {
        match &self.rules.pay {
            Pay::Fixed { denom, .. } | Pay::Market { denom, .. } => denom,
        }
    }

    /// The chain's own id.
    pub(crate) fn chain_id(&self) -> &str {
        &self.rules.chain_id
    }

    /// Whether somebody can send.
    pub(super) fn has_signers(&self) -> bool {
        !self.signers.is_empty()
    }
}

/// What a chain asks for gas, and how much of it a transaction may use.
struct GasRules {
    pay: Pay,
    /// The most that is paid for a unit.
    most: Price,
    margin_percent: u64,
    simulate_every: u64,
    max_per_tx: u64,
}

pub(super) fn entry(reader: &mut Reader<'_>, base: &Path, limits: chain_evm::Limits) -> Option<ChainEntry> {
    let name = reader.parsed("name", chain_name);
    let chain_id = reader.parsed("chain_id", chain_id);
    let rpc = urls(reader, "rpc_urls", base);
    let prefix = reader.parsed("account_prefix", account_prefix);
    let signers = signers(reader, base, prefix.as_deref());
    let first_block = BlockNumber(reader.positive("first_block", 1));
    let poll = Seconds(reader.number("poll_secs", 0));
    let timeout_blocks = timeout_blocks(reader);
    let flying_max = reader.positive("flying_max", 4);
    let gas = reader.table("gas", gas_rules);
    let max_per_tx = gas.as_ref().map_or(GAS_MAX, |gas| gas.max_per_tx);
    let batch = reader.table("batch", |reader| batch_policy(reader, max_per_tx));
    let (name, gas) = (name?, gas?);
    let messages_max = usize::try_from(batch.messages_max).unwrap_or(usize::MAX);
    let bytes_max = u64::try_from(batch.bytes_max).unwrap_or(u64::MAX);
    let rules = Rules {
        chain_id: chain_id?,
        pay: gas.pay,
        gas_margin_percent: gas.margin_percent,
        simulate_every: gas.simulate_every,
        gas_max: gas.max_per_tx,
        messages_max: messages_max.saturating_add(UPDATES),
        bytes_max: bytes_max.saturating_add(UPDATES_BYTES),
        timeout_blocks,
        flying_max,
    };
    let machine = ChainConfig {
        name: name.clone(),
        poll,
        in_flight: signers.len().saturating_mul(flying_max).max(1),
        fee: fee_policy(gas.most),
        batch,
    };
    let settings = CosmosSettings {
        name,
        rpc,
        rules,
        account_prefix: prefix?,
        signers,
        first_block,
        limits,
    };
    Some(ChainEntry {
        family: Family::Cosmos(settings),
        machine,
    })
}

/// After how many blocks a transaction is void. An endpoint that is behind as far as it may be would sign what is void already.
fn timeout_blocks(reader: &mut Reader<'_>) -> u64 {
    let blocks = reader.positive("timeout_blocks", 20);
    if (1..=BEHIND_BLOCKS).contains(&blocks) {
        let text = format!(
            "{blocks} is too few: an endpoint may be {BEHIND_BLOCKS} blocks behind, and what it signs would be void at once; set it to at least {}",
            BEHIND_BLOCKS + 1
        );
        reader.bad("timeout_blocks", text);
    }
    blocks
}

/// A chain id as CometBFT allows it: what is signed binds it.
fn chain_id(text: &str) -> Result<String, String> {
    let fits = !text.is_empty() && text.len() <= 50 && text.chars().all(|c| c.is_ascii_graphic());
    fits.then(|| text.to_owned()).ok_or_else(|| {
        format!("{text:?} is no chain id: 1 to 50 letters, digits and signs, such as \"hub-1\"")
    })
}

/// The first part of addresses, without the 1 behind it.
fn account_prefix(text: &str) -> Result<String, String> {
    let fits =
        text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) && (1..=20).contains(&text.len());
    fits.then(|| text.to_owned()).ok_or_else(|| {
        format!("{text:?} is no prefix of addresses: 1 to 20 small letters and digits, such as \"cosmos\"")
    })
}

fn denom(text: &str) -> Result<String, String> {
    let is_sign = |c: char| "/:._-".contains(c);
    let fits = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || is_sign(c))
        && (3..=DENOM_MAX).contains(&text.len());
    fits.then(|| text.to_owned()).ok_or_else(|| {
        format!("{text:?} is no coin: 3 to {DENOM_MAX} letters, digits and / : . _ -, a letter first, such as \"uatom\"")
    })
}

/// The accounts that send, each once.
fn signers(reader: &mut Reader<'_>, base: &Path, prefix: Option<&str>) -> Vec<Secret> {
    let (mut secrets, mut addresses) = (Vec::new(), Vec::<String>::new());
    let mut problems = Vec::new();
    for (key, text) in reader.optional_texts("signers") {
        let read = secret::key(text, base).and_then(|secret| {
            // The prefix is told of where it stands; what does not depend on it can be checked without.
            let made = Key::new(&secret.0, prefix.unwrap_or("cosmos"));
            let made = made.map_err(|bad| format!("{text} holds no key: failed to {bad}"))?;
            let address = made.address().to_owned();
            if addresses.contains(&address) {
                return Err(format!("{address} stands there twice; name each account once"));
            }
            addresses.push(address);
            Ok(secret)
        });
        match read {
            Ok(secret) => secrets.push(secret),
            Err(text) => problems.push(Problem { key, text }),
        }
    }
    reader.take(problems);
    secrets
}

/// The most gas that a transaction may use, where the operator says nothing.
const GAS_MAX: u64 = 30_000_000;
/// Of batches that are alike one in so many is simulated, where the operator says nothing.
const SIMULATE_EVERY: u64 = 16;

fn gas_rules(reader: &mut Reader<'_>) -> Option<GasRules> {
    let denom = reader.parsed("denom", denom);
    let price = optional_price(reader, "price");
    let is_market = reader.flag("market", false);
    let market_margin = reader.optional_number::<u64>("price_margin_percent");
    let price_max = optional_price(reader, "price_max");
    let margin_percent = reader.number("margin_percent", 30);
    let simulate_every = reader.positive("simulate_every", SIMULATE_EVERY);
    let max_per_tx = reader.positive("max_per_tx", GAS_MAX);
    for (key, text) in price_problems(reader, is_market) {
        reader.bad(key, text);
    }
    let denom = denom?;
    let (pay, most) = if is_market {
        let (margin_percent, max) = (market_margin.unwrap_or(20), price_max?);
        let pay = Pay::Market {
            denom,
            margin_percent,
            max,
        };
        (pay, max)
    } else {
        let price = price?;
        (Pay::Fixed { denom, price }, price)
    };
    Some(GasRules {
        pay,
        most,
        margin_percent,
        simulate_every,
        max_per_tx,
    })
}

/// Keys of the price that are missing or belong to the other way of paying.
fn price_problems(reader: &Reader<'_>, is_market: bool) -> Vec<(&'static str, &'static str)> {
    let (wanted, missing, strangers, strange): (_, _, &[&'static str], _) = if is_market {
        let missing = "is missing; what the market may ask at most is yours to say, such as \"0.1\"";
        (
            "price_max",
            missing,
            &["price"],
            "the market says the price; leave it out, or market = true",
        )
    } else {
        let missing =
            "is missing; add it, such as \"0.025\", or market = true where the chain has a feemarket";
        (
            "price",
            missing,
            &["price_max", "price_margin_percent"],
            "belongs to a market; add market = true, or leave it out",
        )
    };
    let strangers = strangers.iter().filter(|key| reader.has(key));
    let mut problems: Vec<_> = strangers.map(|key| (*key, strange)).collect();
    if !reader.has(wanted) {
        problems.push((wanted, missing));
    }
    problems
}

/// A price, as a text: a fraction of TOML is not exact.
fn optional_price(reader: &mut Reader<'_>, key: &'static str) -> Option<Price> {
    reader.optional_text(key)?;
    reader.parsed(key, |text| {
        text.parse::<Price>()
            .map_err(|_| format!("{text:?} is no price: a number of at most 18 decimals, such as \"0.025\""))
    })
}

/// The machine holds submissions back above `most`; what is paid, the adapter knows. Nothing is replaced: a transaction that is in
/// no block in time is dead.
fn fee_policy(most: Price) -> FeePolicy {
    FeePolicy {
        max: WeiPerGas(most.0),
        tip_min: WeiPerGas(0),
        tip_max: WeiPerGas(0),
        patience: Seconds(0),
    }
}

/// How submissions are filled. The chain has no batches: each message has its own proof.
fn batch_policy(reader: &mut Reader<'_>, max_per_tx: u64) -> BatchPolicy {
    let recv = Gas(reader.positive("gas_recv", 200_000));
    let ack = Gas(reader.positive("gas_ack", 150_000));
    let timeout = Gas(reader.positive("gas_timeout", 150_000));
    BatchPolicy {
        messages_max: reader.positive("messages_max", 200),
        age: Seconds(reader.number("age_secs", 0)),
        gas_max: Gas(max_per_tx),
        bytes_max: reader.positive("bytes_max", BYTES_MAX),
        gas_recv: recv,
        gas_ack: ack,
        gas_timeout: timeout,
        gas_pooled_recv: recv,
        gas_pooled_ack: ack,
        gas_pooled_timeout: timeout,
        gas_declared: Gas(0),
        gas_update: Gas(reader.positive("gas_update", 400_000)),
        // The chain itself verifies them, and asks nothing for it.
        gas_ed25519: Gas(0),
    }
}

#[cfg(test)]
#[path = "cosmos_tests.rs"]
mod tests;
