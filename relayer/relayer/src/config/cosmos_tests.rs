use super::*;
use crate::config::{Config, Unit};
use std::os::unix::fs::PermissionsExt;
use std::{fs, iter};

const KEYS: [&str; 2] = [
    "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318",
    "0x0707070707070707070707070707070707070707070707070707070707070707",
];

/// A chain with `more` behind what is required, which comes from `gas`.
fn chain(more: &str, gas: &str) -> String {
    format!(
        r#"
[[chains]]
kind = "cosmos"
name = "hub"
chain_id = "hub-1"
rpc_urls = ["http://127.0.0.1:26657"]
account_prefix = "cosmos"
{more}
[chains.gas]
{gas}
"#
    )
}

const FIXED: &str = "denom = \"uatom\"\nprice = \"0.025\"";

/// A folder with both keys, as `0` and `1`.
fn keys() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, key) in iter::zip(["0", "1"], KEYS) {
        let path = folder.path().join(name);
        fs::write(&path, key).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    folder
}

fn read(text: &str, base: &Path) -> (CosmosSettings, ChainConfig) {
    let config = Config::parse(text, base).unwrap_or_else(|problems| panic!("{problems:?}"));
    let entry = config.chains.into_iter().next().expect("a chain");
    match entry.family {
        Family::Cosmos(settings) => (settings, entry.machine),
        Family::Evm { .. } => panic!("it is no EVM chain"),
    }
}

fn problems(text: &str) -> Vec<String> {
    let folder = keys();
    let found = Config::parse(text, folder.path()).err().unwrap_or_default();
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn machine_and_adapter_get_the_same_rules() {
    let batch = "[chains.batch]\nmessages_max = 50\nbytes_max = 100000\n";
    let gas = format!("{FIXED}\nmax_per_tx = 7000000\nmargin_percent = 5\n{batch}");
    let text = chain("timeout_blocks = 11\nflying_max = 2\nfirst_block = 77", &gas);
    let (settings, machine) = read(&text, Path::new("."));
    let rules = &settings.rules;
    let price: Price = "0.025".parse().expect("a price");
    let denom = "uatom".to_owned();
    assert_eq!(rules.pay, Pay::Fixed { denom, price });
    assert_eq!((rules.timeout_blocks, rules.flying_max), (11, 2));
    assert_eq!((rules.gas_max, rules.gas_margin_percent), (7_000_000, 5));
    assert_eq!(machine.batch.gas_max, Gas(7_000_000));
    assert_eq!(machine.batch.messages_max, 50);
    assert_eq!(rules.messages_max, 50 + UPDATES, "updates travel beside");
    assert_eq!(rules.bytes_max, 100_000 + UPDATES_BYTES);
    // The quote of the machine for what the chain asks is what is paid, and nothing is ever replaced.
    assert_eq!(machine.fee.max, WeiPerGas(price.0));
    assert_eq!(
        (machine.fee.tip_max, machine.fee.patience),
        (WeiPerGas(0), Seconds(0))
    );
    assert_eq!(settings.first_block, BlockNumber(77));
}

#[test]
fn a_transaction_outlives_an_endpoint_that_is_behind() {
    let found = problems(&chain("timeout_blocks = 10", FIXED));
    assert_eq!(found.len(), 1, "{found:?}");
    let expected = "chains[0].timeout_blocks: 10 is too few: an endpoint may be 10 blocks behind";
    assert!(found[0].starts_with(expected), "{found:?}");
    assert!(found[0].ends_with("at least 11"), "{found:?}");
}

#[test]
fn a_transaction_of_the_default_size_is_simulated_within_a_nodes_limit() {
    let (settings, _) = read(&chain("", FIXED), Path::new("."));
    // Two digits a byte, and what frames the request.
    assert!(settings.rules.bytes_max * 2 + 10_000 < 1_000_000);
}

#[test]
fn a_market_needs_a_cap_and_no_price() {
    let market = "denom = \"uatom\"\nmarket = true\nprice_max = \"0.1\"";
    let (settings, machine) = read(&chain("", market), Path::new("."));
    let max: Price = "0.1".parse().expect("a price");
    let pay = Pay::Market {
        denom: "uatom".into(),
        margin_percent: 20,
        max,
    };
    assert_eq!((settings.rules.pay, machine.fee.max), (pay, WeiPerGas(max.0)));
    for (gas, expected) in [
        (
            "denom = \"uatom\"\nmarket = true",
            "chains[0].gas.price_max: is missing",
        ),
        (
            "denom = \"uatom\"\nmarket = true\nprice_max = \"1\"\nprice = \"1\"",
            "chains[0].gas.price: the market says the price",
        ),
        ("denom = \"uatom\"", "chains[0].gas.price: is missing"),
        (
            "denom = \"uatom\"\nprice = \"1\"\nprice_margin_percent = 3",
            "chains[0].gas.price_margin_percent: belongs to a market",
        ),
    ] {
        let found = problems(&chain("", gas));
        assert_eq!(found.len(), 1, "{gas}: {found:?}");
        assert!(found[0].starts_with(expected), "{expected}: {found:?}");
    }
}

#[test]
fn several_accounts_sign_each_once() {
    let folder = keys();
    let text = chain("signers = [\"file:0\", \"file:1\"]", FIXED);
    let (settings, _) = read(&text, folder.path());
    assert!(settings.has_signers());
    let opened = settings.keyed().expect("keys");
    let addresses: Vec<&str> = opened.keys.iter().map(Key::address).collect();
    assert_eq!(addresses.len(), 2);
    assert!(addresses.iter().all(|address| address.starts_with("cosmos1")));
    let twice = problems(&chain("signers = [\"file:0\", \"file:1\", \"file:0\"]", FIXED));
    assert_eq!(twice.len(), 1, "{twice:?}");
    assert!(twice[0].starts_with("chains[0].signers[2]: ") && twice[0].contains(addresses[0]));
    let (bare, _) = read(&chain("", FIXED), folder.path());
    assert!(!bare.has_signers() && bare.keyed().is_ok_and(|settings| settings.keys.is_empty()));
}

#[test]
fn all_problems_are_told_at_once_with_their_keys() {
    let text = r#"
[[chains]]
kind = "cosmos"
name = "hub"
chain_id = 1
rpc_urls = ["tcp://127.0.0.1:26657"]
beacon_urls = ["http://127.0.0.1:1"]
signer = "file:0"
account_prefix = "Cosmos"
signers = ["abc", "file:none"]
first_block = 0
timeout_blocks = 0
[chains.gas]
denom = "1atom"
price = "0,025"
max_per_tx = 0
tip_min_wei_per_gas = 1
[chains.batch]
messages_max = 0
gas_pooled_recv = 1
"#;
    let found = problems(text);
    for expected in [
        "chains[0].chain_id: a text is needed, not a whole number",
        "chains[0].rpc_urls[0]: it starts with tcp:",
        "chains[0].beacon_urls: is not a key of this table",
        "chains[0].signer: is not a key of this table; it has account_prefix,",
        "chains[0].account_prefix: \"Cosmos\" is no prefix",
        "chains[0].signers[0]: a secret is given by reference",
        "chains[0].signers[1]: ",
        "chains[0].first_block: 0 would stop everything",
        "chains[0].timeout_blocks: 0 would stop everything",
        "chains[0].gas.denom: \"1atom\" is no coin",
        "chains[0].gas.price: \"0,025\" is no price",
        "chains[0].gas.max_per_tx: 0 would stop everything",
        "chains[0].gas.tip_min_wei_per_gas: is not a key",
        "chains[0].batch.messages_max: 0 would stop everything",
        "chains[0].batch.gas_pooled_recv: is not a key",
    ] {
        let is_told = found.iter().any(|line| line.starts_with(expected));
        assert!(is_told, "{expected}\nis not in\n{}", found.join("\n"));
    }
}

#[test]
fn a_chain_of_a_path_needs_a_signer_to_run_and_is_paid_in_its_coin() {
    let other = chain("signers = [\"file:0\"]", FIXED).replace("hub", "west");
    let ends = "[[paths]]\na = \"hub/07-tendermint-0\"\nb = \"west/07-tendermint-0\"\n";
    let folder = keys();
    let text = format!("{}{other}{ends}", chain("", FIXED));
    let config = Config::parse(&text, folder.path()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let missing = config.missing_to_run();
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert_eq!(missing[0].key, "chains[0].signers");
    assert_eq!(config.chains[0].unit(), Unit::Coin("uatom".into()));
}
