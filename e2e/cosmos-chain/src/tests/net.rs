//! A chain, a node's address and a wallet with coins.

use chain_cosmos::{Any, Event, Fate, Flight, Key, Landed, Pay, Rpc, Rules, Trouble, Wallet};
use cosmrs::proto::cosmos::bank::v1beta1::{MsgSend, QueryBalanceRequest, QueryBalanceResponse};
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use endpoints::{Limits, Pool};
use prost::Message;

pub(super) use crate::hand::any;
use crate::{Chain, ChainConfig, Funded};

pub(super) const STAKE: &str = "stake";
/// What every account has of the coin of fees.
pub(super) const RICH: u128 = 1_000_000_000_000;

/// A chain with a wallet.
pub(super) struct Net {
    pub(super) chain: Chain,
    pub(super) rpc: Rpc,
    pub(super) wallet: Wallet,
}

pub(super) fn config(chain_id: &str) -> ChainConfig {
    let funded = |index: u8| Funded {
        secret: [index; 32],
        coins: vec![(STAKE.to_owned(), RICH), (format!("coin{index}"), 500)],
    };
    ChainConfig {
        funded: (1..=3).map(funded).collect(),
        ..ChainConfig::new(chain_id)
    }
}

pub(super) fn rules(chain_id: &str) -> Rules {
    Rules {
        chain_id: chain_id.to_owned(),
        pay: Pay::Fixed {
            denom: STAKE.to_owned(),
            price: "0".parse().unwrap(),
        },
        gas_margin_percent: 30,
        simulate_every: 16,
        gas_max: 10_000_000,
        messages_max: 50,
        bytes_max: 500_000,
        timeout_blocks: 10,
        flying_max: 8,
    }
}

pub(super) fn key(index: u8) -> Key {
    Key::new(&[index; 32], "cosmos").unwrap()
}

pub(super) fn rpc(chain: &Chain) -> Rpc {
    let url = reqwest::Url::parse(&chain.rpc_url()).unwrap();
    let pool = Pool::new(&[url], Limits::default()).unwrap();
    Rpc(pool.endpoints()[0].clone())
}

impl Net {
    pub(super) async fn new(chain_id: &str) -> Self {
        Self::with(config(chain_id)).await
    }

    pub(super) async fn with(config: ChainConfig) -> Self {
        let wallet = Wallet::new(rules(&config.chain_id), vec![key(1)]).unwrap();
        let chain = Chain::start(config).await.unwrap();
        let rpc = rpc(&chain);
        Self { chain, rpc, wallet }
    }

    /// The account that sends.
    pub(super) fn address(&self) -> String {
        self.wallet.addresses().next().unwrap().to_owned()
    }

    /// Hands over a transaction with these messages.
    pub(super) async fn hand_over(&self, messages: &[Any]) -> Result<Flight, Trouble> {
        let mut turn = self.wallet.turn().await;
        let sent = turn.send(&self.rpc, messages, self.chain.height(), |_| {}).await;
        let (signed, unclear) = sent.unwrap()?;
        assert_eq!((signed.count, unclear.is_none()), (messages.len(), true));
        Ok(signed.flight)
    }

    pub(super) async fn fate(&self, flight: &Flight) -> Fate {
        let fate = self.wallet.find(&self.rpc, &self.address(), flight).await;
        fate.unwrap().unwrap()
    }

    /// Sends messages and lets a block come with them.
    pub(super) async fn send(&self, messages: &[Any]) -> Landed {
        let flight = self.hand_over(messages).await.unwrap();
        self.chain.advance(1);
        match self.fate(&flight).await {
            Fate::Landed(landed) => {
                assert_eq!(landed.failure, None);
                landed
            }
            other => panic!("{other:?}"),
        }
    }

    /// Why messages would fail.
    pub(super) async fn refused(&self, messages: &[Any]) -> (u32, String) {
        match self.hand_over(messages).await {
            Err(Trouble::WouldFail { said, .. } | Trouble::Refused(said)) => (said.code, said.log),
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn balance(&self, address: &str, denom: &str) -> u128 {
        let request = QueryBalanceRequest {
            address: address.to_owned(),
            denom: denom.to_owned(),
        };
        let answer = self
            .query::<QueryBalanceResponse>("/cosmos.bank.v1beta1.Query/Balance", &request)
            .await;
        answer.balance.unwrap().amount.parse().unwrap()
    }

    pub(super) async fn query<M: Message + Default>(&self, path: &str, request: &impl Message) -> M {
        let answer = self.rpc.query(path, &request.encode_to_vec(), None).await;
        M::decode(answer.unwrap().unwrap().value.as_slice()).unwrap()
    }
}

pub(super) fn coin(denom: &str, amount: u128) -> Coin {
    Coin {
        denom: denom.to_owned(),
        amount: amount.to_string(),
    }
}

pub(super) fn payment(from: &str, to: &str, denom: &str, amount: u128) -> Any {
    let message = MsgSend {
        from_address: from.to_owned(),
        to_address: to.to_owned(),
        amount: vec![coin(denom, amount)],
    };
    any("/cosmos.bank.v1beta1.MsgSend", &message)
}

/// What the first event of this kind says.
pub(super) fn said<'a>(events: &'a [Event], kind: &str, name: &str) -> &'a str {
    crate::hand::said(events, kind, name).unwrap()
}
