//! A chain for tests of the port: signed headers of validators whose keys are known, and what a node says beside them.

use crate::cosmos::{Cosmos, Settings};
use crate::price::Price;
use crate::rules::{Pay, Rules};
use crate::sign::Key;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chain::{BlockNumber, ChainName};
use cosmos_store::Stores;
use endpoints::testing::{Fake, limits};
use prost::Message;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tendermint::block::Header;
use tendermint::block::signed_header::SignedHeader;
use tendermint::validator::Info;
use tendermint_client::testing::{Block, Kind, Validators, World};

pub(crate) const CHAIN_ID: &str = "fake-3";
pub(crate) const REVISION: u64 = 3;

/// A message in protobuf, or the code and the text of a refusal.
pub(crate) type Told = Result<Vec<u8>, (u32, &'static str)>;

/// What a node says; by default the truth.
pub(crate) struct Node {
    pub(crate) world: World,
    pub(crate) latest: i64,
    pub(crate) earliest: i64,
    pub(crate) chain_id: String,
    pub(crate) is_catching_up: bool,
    /// What it makes of a block before it shows it.
    pub(crate) bend: fn(Block) -> Block,
    /// Results of blocks, and the bytes of their transactions.
    pub(crate) results: Vec<(u64, Value, Vec<Vec<u8>>)>,
    /// Answers to queries, by their path.
    pub(crate) queries: Vec<(&'static str, Told)>,
    /// What is stored, after every block the same.
    pub(crate) stores: Stores,
    /// What it shows under a key, with the proofs.
    pub(crate) show: fn(&Stores, &[u8]) -> Proved,
    /// How often each method was asked.
    pub(crate) asked: RefCell<BTreeMap<String, usize>>,
}

/// A value, and the proofs from the store outwards.
pub(crate) type Proved = (Vec<u8>, Vec<Vec<u8>>);

/// What is stored, with the proofs of it.
pub(crate) fn truth(stores: &Stores, key: &[u8]) -> Proved {
    let value = stores.get("ibc").unwrap().get(key).unwrap_or_default();
    let proofs = stores.prove("ibc", key).map(|proof| proof.proofs);
    let proofs = proofs.iter().flatten().map(proto).collect();
    (value.to_vec(), proofs)
}

/// A node that a test can turn.
pub(crate) type Shared = Arc<Mutex<Node>>;

/// A chain of four validators, at height 100.
pub(crate) fn world() -> World {
    let mut world = World::new(
        CHAIN_ID,
        REVISION,
        Validators::new(Kind::Ed25519, 1, &[10, 10, 10, 10]),
    );
    // Long ago: no clock of a test is behind it.
    world.began = 1_700_000_000;
    world
}

impl Node {
    pub(crate) fn new(world: World) -> Self {
        Self {
            world,
            latest: 100,
            earliest: 1,
            chain_id: CHAIN_ID.into(),
            is_catching_up: false,
            bend: |block| block,
            results: Vec::new(),
            queries: Vec::new(),
            stores: Stores::new(["ibc"]),
            show: truth,
            asked: RefCell::default(),
        }
    }

    /// A node of a chain whose headers have the root of these entries.
    pub(crate) fn storing(entries: &[(Vec<u8>, Vec<u8>)]) -> Self {
        let mut stores = Stores::new(["acc", "ibc"]);
        stores.get_mut("acc").unwrap().set(b"a", b"b");
        for (key, value) in entries {
            stores.get_mut("ibc").unwrap().set(key, value);
        }
        let mut world = world();
        world.app_hash = Some(stores.commit());
        Self {
            stores,
            ..Self::new(world)
        }
    }

    /// How often `method` was asked.
    pub(crate) fn count(&self, method: &str) -> usize {
        self.asked.borrow().get(method).copied().unwrap_or_default()
    }

    fn block(&self, asked: &Value) -> Result<i64, String> {
        let height: i64 = asked["height"].as_str().unwrap().parse().unwrap();
        if height < self.earliest {
            let lowest = self.earliest;
            return Err(format!(
                "height {height} is not available, lowest height is {lowest}"
            ));
        }
        if height > self.latest {
            let latest = self.latest;
            return Err(format!(
                "height {height} must be less than or equal to the current blockchain height {latest}"
            ));
        }
        Ok(height)
    }

    fn answer(&self, method: &str, asked: &Value) -> Result<Value, String> {
        *self.asked.borrow_mut().entry(method.to_owned()).or_default() += 1;
        match method {
            "status" => {
                let header = header(&self.world.block_at(self.latest));
                Ok(json!({
                    "node_info": {"network": self.chain_id},
                    "sync_info": {
                        "latest_block_height": self.latest.to_string(),
                        "latest_block_time": header.time,
                        "earliest_block_height": self.earliest.to_string(),
                        "catching_up": self.is_catching_up,
                    },
                }))
            }
            "commit" => {
                let block = (self.bend)(self.world.block_at(self.block(asked)?));
                Ok(commit(&block))
            }
            "validators" => {
                let height: i64 = asked["height"].as_str().unwrap().parse().unwrap();
                // The set of the next block is known already.
                self.block(&json!({"height": (height - 1).max(1).to_string()}))?;
                let set = self.world.set_at(height).message();
                let infos: Vec<Info> = set
                    .validators
                    .into_iter()
                    .map(|one| one.try_into().unwrap())
                    .collect();
                let total = infos.len().to_string();
                Ok(
                    json!({"block_height": height.to_string(), "validators": infos, "count": total, "total": total}),
                )
            }
            "block_results" => {
                let height = self.block(asked)?;
                let known = self.results.iter().find(|(at, ..)| *at == height as u64);
                let none = || json!({"height": height.to_string(), "txs_results": null, "finalize_block_events": []});
                Ok(known.map_or_else(none, |(_, results, _)| results.clone()))
            }
            "block" => {
                let height = self.block(asked)?;
                let known = self.results.iter().find(|(at, ..)| *at == height as u64);
                let txs: Vec<String> = known
                    .map(|(.., txs)| txs.iter().map(|tx| STANDARD.encode(tx)).collect())
                    .unwrap_or_default();
                Ok(json!({"block": {"header": {"height": height.to_string()}, "data": {"txs": txs}}}))
            }
            "abci_query" => self.query(asked),
            other => Err(format!("unknown method {other}")),
        }
    }

    fn query(&self, asked: &Value) -> Result<Value, String> {
        let (path, data) = (asked["path"].as_str().unwrap(), asked["data"].as_str().unwrap());
        let height = match asked["height"].as_str().unwrap() {
            "0" => (self.latest - 1).to_string(),
            height => {
                let number: i64 = height.parse().unwrap();
                let is_lacking = number < self.earliest || number > self.latest;
                if is_lacking && path == "/store/ibc/key" && !asked["prove"].as_bool().unwrap() {
                    let key = STANDARD.encode(hex::decode(data).unwrap());
                    return Ok(json!({"response": {
                        "code": 0, "log": "version does not exist", "key": key, "value": null, "height": height,
                    }}));
                }
                if is_lacking {
                    return Ok(refused(
                        18,
                        "failed to load state at height; version does not exist",
                    ));
                }
                height.to_owned()
            }
        };
        let key = hex::decode(data).unwrap();
        if path == "/store/ibc/key" {
            let (value, proofs) = (self.show)(&self.stores, &key);
            let op = |proof| json!({"type": "ics23:iavl", "key": "", "data": STANDARD.encode(proof)});
            let ops: Vec<Value> = proofs.iter().map(op).collect();
            return Ok(json!({"response": {
                "code": 0, "key": STANDARD.encode(&key), "value": STANDARD.encode(value), "height": height,
                "proofOps": {"ops": ops},
            }}));
        }
        match self.queries.iter().find(|(known, _)| *known == path) {
            Some((_, Ok(value))) => Ok(json!({"response": {
                "code": 0, "key": null, "value": STANDARD.encode(value), "height": height,
            }})),
            Some((_, Err((code, log)))) => Ok(refused(*code, log)),
            None => Ok(refused(6, "unknown query path: unknown request")),
        }
    }
}

fn refused(code: u32, log: &str) -> Value {
    json!({"response": {"code": code, "log": log, "codespace": "sdk", "key": null, "height": "0"}})
}

fn header(block: &Block) -> Header {
    block.header.clone().try_into().unwrap()
}

/// How a node shows that a block is signed.
pub(crate) fn commit(block: &Block) -> Value {
    let commit = block.commit.clone().try_into().unwrap();
    let signed = SignedHeader::new(header(block), commit).unwrap();
    json!({"signed_header": signed, "canonical": true})
}

/// A node with more blocks than anybody can have made in the time.
pub(crate) fn running_ahead() -> Node {
    let mut quick = world();
    quick.began -= 6 * 1_000;
    Node {
        latest: 1_100,
        ..Node::new(quick)
    }
}

/// Serves `node`.
pub(crate) async fn serve(node: Node) -> (Shared, Fake) {
    let shared = Arc::new(Mutex::new(node));
    let served = shared.clone();
    let fake = Fake::rpc(move |method, asked| {
        let answer = served.lock().unwrap().answer(method, asked);
        answer.map_err(|data| json!({"code": -32603, "message": "Internal error", "data": data}))
    })
    .await;
    (shared, fake)
}

/// The chain as the adapter sees it over `fakes`.
pub(crate) fn cosmos(fakes: &[&Fake]) -> Cosmos {
    cosmos_with(fakes, vec![Key::new(&[7; 32], "cosmos").unwrap()])
}

/// The same with these accounts.
pub(crate) fn cosmos_with(fakes: &[&Fake], keys: Vec<Key>) -> Cosmos {
    Cosmos::new(Settings {
        name: ChainName("fake".into()),
        rpc: fakes.iter().map(|fake| fake.url.clone()).collect(),
        rules: Rules {
            chain_id: CHAIN_ID.into(),
            pay: Pay::Fixed {
                denom: "stake".into(),
                price: Price(5),
            },
            gas_margin_percent: 30,
            simulate_every: 16,
            gas_max: 1_000_000,
            messages_max: 10,
            bytes_max: 100_000,
            timeout_blocks: 20,
            flying_max: 4,
        },
        keys,
        first_block: BlockNumber(1),
        limits: limits(),
    })
    .unwrap()
}

/// A message in protobuf.
pub(crate) fn proto(message: &impl Message) -> Vec<u8> {
    message.encode_to_vec()
}
