//! The Cosmos chain as its user sees it: transfers and balances.

use chain_cosmos::{Any, Fate, Key, Landed, Pay, Rpc, Rules, Wallet};
use cosmos_chain::Chain;
use cosmos_chain::hand::{MsgTransfer, any, said};
use cosmrs::proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use endpoints::{Limits, Pool};
use prost::Message;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The coin that is sent, and how much of it the user has at first.
pub(crate) const COIN: &str = "token";
pub(crate) const OWNED: u128 = 1_000_000;
/// The coin of fees.
pub(crate) const STAKE: &str = "stake";
const TRANSFER: &str = "/ibc.applications.transfer.v1.MsgTransfer";
/// The only encoding that the EVM chain's transfer application takes.
const ENCODING: &str = "application/x-solidity-abi";
/// How long a transaction may take into a block; a bound on hanging, not a measure.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) struct Hub {
    rpc: Rpc,
    wallet: Wallet,
    pub(crate) client: String,
}

/// The voucher for `denom` that arrived over `client`. Spec: facts "IBC v2 on the wire", section 7.
pub(crate) fn voucher(client: &str, denom: &str) -> String {
    let hash = alloy_primitives::hex::encode_upper(sha256(format!("transfer/{client}/{denom}").as_bytes()));
    format!("ibc/{hash}")
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).into()
}

/// How the user sends to `chain`.
pub(crate) fn rules(chain: &Chain) -> Rules {
    Rules {
        chain_id: chain.chain_id().to_owned(),
        pay: Pay::Fixed {
            denom: STAKE.to_owned(),
            price: "0".parse().expect("a price"),
        },
        gas_margin_percent: 30,
        simulate_every: 16,
        gas_max: 10_000_000,
        messages_max: 10,
        bytes_max: 500_000,
        // More than a slow machine needs: blocks come fast here.
        timeout_blocks: 5_000,
        flying_max: 8,
    }
}

impl Hub {
    pub(crate) fn new(chain: &Chain, secret: &[u8; 32], client: &str) -> Self {
        let url = chain.rpc_url().parse().expect("a url");
        let pool = Pool::new(&[url], Limits::default()).expect("an endpoint");
        let key = Key::new(secret, "cosmos").expect("a key");
        Self {
            rpc: Rpc(pool.endpoints()[0].clone()),
            wallet: Wallet::new(rules(chain), vec![key]).expect("a wallet"),
            client: client.to_owned(),
        }
    }

    pub(crate) fn user(&self) -> &str {
        self.wallet.addresses().next().expect("an account")
    }

    /// Sends `amount` of `denom` to `receiver` over this chain's client, valid for so many seconds; returns the sequence.
    pub(crate) async fn send(&self, denom: &str, amount: u128, receiver: &str, secs: u64) -> u64 {
        let status = self.rpc.status().await.expect("a status");
        let now = u64::try_from(status.latest_time.unix_timestamp()).expect("after 1970");
        let message = MsgTransfer {
            source_port: "transfer".into(),
            source_channel: self.client.clone(),
            token: Some(Coin {
                denom: denom.to_owned(),
                amount: amount.to_string(),
            }),
            sender: self.user().to_owned(),
            receiver: receiver.to_owned(),
            timeout_height: None,
            timeout_timestamp: now + secs,
            memo: String::new(),
            encoding: ENCODING.into(),
        };
        let landed = self.deliver(&[any(TRANSFER, &message)], status.latest).await;
        let sequence = said(&landed.events, "send_packet", "packet_sequence").expect("a packet");
        sequence.parse().expect("a number")
    }

    async fn deliver(&self, messages: &[Any], now: u64) -> Landed {
        let mut turn = self.wallet.turn().await;
        let sent = turn.send(&self.rpc, messages, now, |_| {}).await;
        let (signed, _) = sent.expect("an answer").expect("it would work");
        drop(turn);
        let until = Instant::now() + PATIENCE;
        loop {
            let fate = self.wallet.find(&self.rpc, self.user(), &signed.flight).await;
            match fate.expect("an answer").expect("no trouble") {
                Fate::Landed(landed) => {
                    assert_eq!(landed.failure, None);
                    return landed;
                }
                Fate::Waiting { .. } => assert!(Instant::now() < until, "it is in no block"),
                Fate::Dead { .. } => panic!("it is in no block and never will be"),
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn balance(&self, denom: &str) -> u128 {
        let request = QueryBalanceRequest {
            address: self.user().to_owned(),
            denom: denom.to_owned(),
        };
        let path = "/cosmos.bank.v1beta1.Query/Balance";
        let answer = self.rpc.query(path, &request.encode_to_vec(), None).await;
        let value = answer.expect("an answer").expect("a balance").value;
        let answer = QueryBalanceResponse::decode(value.as_slice()).expect("a balance");
        answer.balance.expect("a coin").amount.parse().expect("a number")
    }
}
