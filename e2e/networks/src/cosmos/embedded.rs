//! A real chain judges the embedded one: clients of each other, packets both ways, acknowledgements, a timeout.
//!
//! What ibc-go refuses here, the embedded chain does wrong. Everything is relayed by hand, so that no relayer smooths anything.

use std::time::Duration;

use alloy::primitives::B256;
use anyhow::{Context, Result, ensure};
use chain_cosmos::{Any, Landed, Rpc, Wallet};
use cosmos_chain::hand::{
    self, MsgTransfer, Packet, Seen, acknowledgement_key, any, commitment_key, receipt_key, said,
};
use cosmos_chain::validators::{Kind, Validators};
use cosmos_chain::{Chain, ChainConfig, Funded};
use cosmrs::proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use devnet::Clock;
use endpoints::{Limits, Pool};
use prost::Message;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep};

use super::chain::CosmosChain;
use super::settings::{STAKE, TOKEN, derived};
use scenarios::cosmos::sent::{deliver, rules, wallet};
use scenarios::cosmos::served::{height, served};

const CHAIN_ID: &str = "inner-4";
/// Blocks of patience with a transaction.
const PATIENCE_BLOCKS: u64 = 60;
/// How long a chain may take to its next blocks, and how often it is looked at.
const MOVES_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// What is sent, and what of it comes home.
const SENT: u64 = 700;
const HOME: u64 = 300;
/// Seconds until a packet expires that nobody carries: its sender's chain must not be behind by more.
const SHORT_SECS: u64 = 8;

/// One of the two chains.
struct End<'a> {
    rpc: &'a Rpc,
    chain_id: &'a str,
    wallet: Wallet,
    /// Its client of the other.
    client: String,
}

/// Lets `chain` judge an embedded chain; says in a line each what was found.
///
/// # Errors
/// One of them refuses what the other says, or the sums are not right.
pub async fn judge_embedded(chain: &CosmosChain) -> Result<Vec<String>> {
    let settings = chain.settings();
    let key = derived(settings, "embedded");
    let inner = Chain::start(config(key)).await?;
    let url = inner.rpc_url().parse()?;
    let pool = Pool::new(&[url], Limits::default()).map_err(anyhow::Error::msg)?;
    let inner_rpc = Rpc(pool.endpoints()[0].clone());
    let end = |rpc, chain_id, key: &B256| -> Result<End<'_>> {
        Ok(End {
            rpc,
            chain_id,
            wallet: wallet(rules(chain_id, PATIENCE_BLOCKS)?, std::slice::from_ref(key))?,
            client: String::new(),
        })
    };
    let real_key = *settings.keys().last().context("an account")?;
    let mut pair = Pair {
        real: end(chain.rpc()?, settings.chain_id, &real_key)?,
        inner: end(&inner_rpc, CHAIN_ID, &key)?,
    };
    pair.meet().await.context("clients of each other")?;
    let out = pair.out().await.context("tokens of the embedded chain go out")?;
    // Other validators, half of them new, before the real chain hears of it again.
    let heirs = Validators::new(Kind::Ed25519, 1, &[40, 30]).members;
    let new = Validators::new(Kind::Secp256k1, 2, &[35, 5]).members;
    inner.set_validators(Validators::of([heirs, new].concat()));
    let home = pair.home(&out).await.context("and come home")?;
    let late = pair.late().await.context("a packet that nobody carries")?;
    Ok(vec![
        format!(
            "ibc-go believes the embedded chain: {SENT} of its tokens went out, {HOME} came home; {home}"
        ),
        format!("ibc-go refunds what the embedded chain proves not to have received; {late}"),
    ])
}

fn config(key: B256) -> ChainConfig {
    let funded = Funded {
        secret: key.0,
        coins: vec![
            (STAKE.to_owned(), 1_000_000_000_000),
            ("inside".to_owned(), 1_000),
        ],
    };
    ChainConfig {
        funded: vec![funded],
        clock: Clock::wall(),
        seconds_per_block: 1,
        warm_up_blocks: 5,
        ..ChainConfig::new(CHAIN_ID)
    }
}

struct Pair<'a> {
    real: End<'a>,
    inner: End<'a>,
}

impl End<'_> {
    fn seen(&self) -> Seen<'_> {
        Seen {
            rpc: self.rpc,
            chain_id: self.chain_id,
        }
    }

    fn address(&self) -> String {
        self.wallet.addresses().next().unwrap_or_default().to_owned()
    }

    async fn send(&self, messages: &[Any]) -> Result<Landed> {
        deliver(self.rpc, &self.wallet, |_| Ok(messages.to_vec())).await
    }

    async fn balance(&self, denom: &str) -> Result<u64> {
        let request = QueryBalanceRequest {
            address: self.address(),
            denom: denom.to_owned(),
        };
        let path = "/cosmos.bank.v1beta1.Query/Balance";
        let found = served(self.rpc.query(path, &request.encode_to_vec(), None).await)?;
        let found = QueryBalanceResponse::decode(found.value.as_slice())?.balance;
        Ok(found.context("a balance")?.amount.parse()?)
    }

    /// Waits until the block of `wanted` is there, and signed.
    async fn wait(&self, wanted: u64) -> Result<()> {
        let begun = Instant::now();
        while height(self.rpc).await? < wanted {
            ensure!(
                begun.elapsed() < MOVES_WITHIN,
                "{} is not at block {wanted} after {} s",
                self.chain_id,
                MOVES_WITHIN.as_secs()
            );
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Shows this chain what `other` stored under `key` by the block of `height`, with `message` built on the proof.
    async fn show(
        &self,
        other: &End<'_>,
        key: &[u8],
        height: u64,
        message: impl FnOnce(hand::Proof, &str) -> Any,
    ) -> Result<Landed> {
        other.wait(height + 2).await?;
        let trusted = self.seen().believed(&self.client).await?;
        let header = other.seen().header(trusted, height + 1).await?;
        let proof = other.seen().proof(key, height).await?;
        let signer = self.address();
        let update = hand::update(&self.client, &header, &signer);
        self.send(&[update, message(proof, &signer)]).await
    }

    fn transfer(&self, denom: &str, amount: u64, receiver: String, timeout: u64) -> Any {
        let message = MsgTransfer {
            source_port: "transfer".into(),
            source_channel: self.client.clone(),
            token: Some(Coin {
                denom: denom.to_owned(),
                amount: amount.to_string(),
            }),
            sender: self.address(),
            receiver,
            timeout_timestamp: timeout,
            ..MsgTransfer::default()
        };
        any("/ibc.applications.transfer.v1.MsgTransfer", &message)
    }

    /// The time of the newest block, in whole seconds.
    async fn now(&self) -> Result<u64> {
        let status = served(self.rpc.status().await.map(Ok))?;
        Ok(status.latest_time.unix_timestamp().try_into()?)
    }
}

impl Pair<'_> {
    async fn meet(&mut self) -> Result<()> {
        for to_real in [true, false] {
            let (own, other) = if to_real {
                (&self.real, &self.inner)
            } else {
                (&self.inner, &self.real)
            };
            let at = height(other.rpc).await? - 1;
            let message = other.seen().new_client(at, &own.address()).await?;
            let made = own.send(&[message]).await?;
            let client = said(&made.events, "create_client", "client_id")?.to_owned();
            if to_real {
                self.real.client = client;
            } else {
                self.inner.client = client;
            }
        }
        for (own, other) in [(&self.real, &self.inner), (&self.inner, &self.real)] {
            own.send(&[hand::register(&own.client, &other.client, &own.address())])
                .await?;
        }
        Ok(())
    }

    /// Carries a packet from `from` to `to` and its acknowledgement back; answers the gas of the receive.
    async fn carry(&self, from: &End<'_>, to: &End<'_>, packet: &Packet, height: u64) -> Result<u64> {
        let key = commitment_key(&packet.source_client, packet.sequence);
        let received = to
            .show(from, &key, height, |proof, signer| {
                hand::receive(packet, proof, signer)
            })
            .await?;
        let ack = hand::acknowledgement(&received.events)?;
        ensure!(
            ack.app_acknowledgements != [hand::error_acknowledgement()],
            "{} answered with an error",
            to.chain_id
        );
        let key = acknowledgement_key(&packet.destination_client, packet.sequence);
        from.show(to, &key, received.height, |proof, signer| {
            hand::acknowledge(packet, &ack, proof, signer)
        })
        .await?;
        Ok(received.gas_used)
    }

    /// Answers what the tokens are called on the real chain.
    async fn out(&self) -> Result<String> {
        let (inner, real) = (&self.inner, &self.real);
        let timeout = inner.now().await? + 3_600;
        let sent = inner
            .send(&[inner.transfer("inside", SENT, real.address(), timeout)])
            .await?;
        let packet = hand::packet(&sent.events, "send_packet")?;
        self.carry(inner, real, &packet, sent.height).await?;
        let trace = format!("transfer/{}/inside", real.client);
        let voucher = format!("ibc/{}", alloy::hex::encode_upper(Sha256::digest(trace)));
        ensure!(
            real.balance(&voucher).await? == SENT,
            "{SENT} {voucher} did not arrive"
        );
        Ok(voucher)
    }

    async fn home(&self, voucher: &str) -> Result<String> {
        let (inner, real) = (&self.inner, &self.real);
        let timeout = real.now().await? + 3_600;
        let sent = real
            .send(&[real.transfer(voucher, HOME, inner.address(), timeout)])
            .await?;
        let packet = hand::packet(&sent.events, "send_packet")?;
        let gas = self.carry(real, inner, &packet, sent.height).await?;
        let left = (real.balance(voucher).await?, inner.balance("inside").await?);
        ensure!(
            left == (SENT - HOME, 1_000 - SENT + HOME),
            "{left:?} are left after {HOME} came home"
        );
        Ok(format!("a receive inside used {gas} gas"))
    }

    async fn late(&self) -> Result<String> {
        let (inner, real) = (&self.inner, &self.real);
        let before = real.balance(TOKEN).await?;
        let timeout = inner.now().await?.max(real.now().await?) + SHORT_SECS;
        let sent = real
            .send(&[real.transfer(TOKEN, SENT, inner.address(), timeout)])
            .await?;
        let packet = hand::packet(&sent.events, "send_packet")?;
        ensure!(real.balance(TOKEN).await? == before - SENT, "nothing was held");
        let begun = Instant::now();
        while inner.now().await? < timeout {
            ensure!(
                begun.elapsed() < MOVES_WITHIN,
                "the embedded chain's time stands still"
            );
            sleep(LOOK_EVERY).await;
        }
        let key = receipt_key(&packet.destination_client, packet.sequence);
        let at = height(inner.rpc).await?;
        let settled = real
            .show(inner, &key, at, |proof, signer| {
                hand::time_out(&packet, proof, signer)
            })
            .await?;
        ensure!(real.balance(TOKEN).await? == before, "the refund is missing");
        Ok(format!("a timeout outside used {} gas", settled.gas_used))
    }
}
