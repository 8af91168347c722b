//! Two chains for tests of handshakes: headers signed for real over a store whose proofs are real, and the part of ibc-go that
//! opens and closes. A block is made whenever a node is asked where it stands, and for each transaction.

use crate::cosmos::{Cosmos, Settings};
use crate::fake_ibc_host::Host;
use crate::fake_port::commit;
use crate::fake_tx::Decoded;
use crate::ibc::RawHeight;
use crate::ibc::client::{
    CONSENSUS_QUERY, COUNTERPARTY_QUERY, ClientStateAnswer, ConsensusStateAnswer, ConsensusStateRequest,
    OfClient, STATE_QUERY,
};
use crate::ibc_channel::{ChannelsAnswer, OF_CONNECTION_QUERY, OfConnection};
use crate::price::Price;
use crate::rules::{Pay, Rules};
use crate::sign::Key;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chain::{BlockNumber, ChainName};
use cosmos_store::Stores;
use cosmrs::Any;
use cosmrs::proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::cosmos::base::abci::v1beta1::GasInfo;
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use endpoints::testing::{Fake, limits};
use prost::Message;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tendermint::block::Header;
use tendermint::validator::Info;
use tendermint_client::testing::{Ballot, Block, Kind, Validators, World};

/// Where the chains begin.
const BEGIN: i64 = 100;

/// A chain, and what its node does.
pub(crate) struct Node {
    pub(crate) world: World,
    pub(crate) height: i64,
    /// The store after each block.
    pub(crate) states: BTreeMap<i64, Stores>,
    pub(crate) host: Host,
    /// Sequences of accounts.
    sequences: BTreeMap<String, u64>,
    txs: Vec<(Decoded, i64, Value)>,
    /// How many transactions succeeded.
    pub(crate) executed: usize,
    /// How often it is asked where it stands before there is a new block.
    pub(crate) still: u32,
    /// Somebody else sends the messages of the next transaction that is simulated before it is.
    pub(crate) has_rival: bool,
    /// Says that the block of this height is the newest to whoever asks for states.
    pub(crate) bend_value: Option<fn(Vec<u8>) -> Vec<u8>>,
}

impl Node {
    fn new(chain_id: &str, revision: u64) -> Self {
        let world = World::new(
            chain_id,
            revision,
            Validators::new(Kind::Ed25519, revision, &[10, 10, 10, 10]),
        );
        let mut stores = Stores::new(["acc", "ibc"]);
        stores.get_mut("acc").unwrap().set(b"a", b"b");
        stores.get_mut("ibc").unwrap().set(b"a", b"b");
        stores.commit();
        let states = (1..=BEGIN).map(|height| (height, stores.clone())).collect();
        Self {
            world,
            height: BEGIN,
            states,
            host: Host::default(),
            sequences: BTreeMap::new(),
            txs: Vec::new(),
            executed: 0,
            still: 0,
            has_rival: false,
            bend_value: None,
        }
    }

    /// The block of `height`: its header has the root of the state before it.
    pub(crate) fn block(&self, height: i64) -> Block {
        let mut header = self.world.header_at(height);
        header.app_hash = self.states[&(height - 1)].app_hash().to_vec();
        Block::sign(header, self.world.set_at(height).clone(), 0, |_| Ballot::Block)
    }

    /// Makes a block after which the store is `stores`.
    fn advance(&mut self, mut stores: Stores) {
        stores.commit();
        self.height += 1;
        self.states.insert(self.height, stores);
    }

    fn idle(&mut self) {
        let stores = self.states[&self.height].clone();
        self.advance(stores);
    }

    /// Writes an entry of the store of IBC as if some block had done it.
    pub(crate) fn write(&mut self, key: &[u8], value: &[u8]) {
        let mut stores = self.states[&self.height].clone();
        stores.get_mut("ibc").unwrap().set(key, value);
        self.advance(stores);
    }

    /// What the newest state has under `key`.
    pub(crate) fn read<M: Message + Default>(&self, key: &[u8]) -> Option<M> {
        let stores = &self.states[&self.height];
        let bytes = stores.get("ibc").unwrap().get(key)?;
        Some(M::decode(bytes).unwrap())
    }

    /// Executes messages in the next block.
    fn execute(&mut self, messages: &[Any]) -> Result<(Stores, Vec<Value>), String> {
        let mut stores = self.states[&self.height].clone();
        let mut events = Vec::new();
        let mut host = self.host.clone();
        for (index, message) in messages.iter().enumerate() {
            let done = host.execute(&self.world, &self.states, &mut stores, message);
            let event = done.map_err(|text| {
                format!("failed to execute message; message index: {index}: {text}: invalid request")
            })?;
            events.extend(event);
        }
        self.host = host;
        Ok((stores, events))
    }

    fn simulate(&mut self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let tx = Decoded::new(bytes);
        if std::mem::take(&mut self.has_rival) {
            let (stores, _) = self.execute(&tx.body.messages).unwrap();
            self.advance(stores);
        }
        let host = self.host.clone();
        let done = self.execute(&tx.body.messages);
        self.host = host;
        done.map_err(|text| format!("rpc error: code = Unknown desc = {text}: unknown request"))?;
        let gas_info = Some(GasInfo {
            gas_wanted: 0,
            gas_used: tx.gas(),
        });
        Ok(SimulateResponse {
            gas_info,
            result: None,
        }
        .encode_to_vec())
    }

    fn broadcast(&mut self, bytes: &[u8]) -> Value {
        let tx = Decoded::new(bytes);
        *self.sequences.entry(tx.address.clone()).or_default() += 1;
        let (code, log, events) = match self.execute(&tx.body.messages) {
            Ok((stores, events)) => {
                self.advance(stores);
                self.executed += 1;
                (0, String::new(), events)
            }
            Err(text) => {
                self.idle();
                (18, text, Vec::new())
            }
        };
        let gas = tx.gas().to_string();
        let result = json!({"code": code, "log": log, "codespace": "sdk", "gas_wanted": gas, "gas_used": gas, "events": events});
        let hash = hex::encode_upper(tx.hash);
        self.txs.push((tx, self.height, result));
        json!({"code": 0, "log": "", "codespace": "sdk", "data": "", "hash": hash})
    }

    fn query(&mut self, path: &str, data: &[u8], height: i64) -> Result<Vec<u8>, (u32, String)> {
        let stores = self.states[&height].clone();
        let tree = stores.get("ibc").unwrap();
        let any = |key: String| {
            let bytes = tree.get(key.as_bytes());
            let bytes = bytes.ok_or_else(|| (18, format!("{key}: light client not found")))?;
            Ok::<_, (u32, String)>(Some(Any::decode(bytes).unwrap()))
        };
        Ok(match path {
            "/cosmos.auth.v1beta1.Query/Account" => {
                let address = QueryAccountRequest::decode(data).unwrap().address;
                let sequence = self.sequences.get(&address).copied().unwrap_or_default();
                let base = BaseAccount {
                    address,
                    account_number: 1,
                    sequence,
                    pub_key: None,
                };
                let account = Some(crate::ibc::any("/cosmos.auth.v1beta1.BaseAccount", &base));
                QueryAccountResponse { account }.encode_to_vec()
            }
            "/cosmos.tx.v1beta1.Service/Simulate" => {
                let tx = SimulateRequest::decode(data).unwrap().tx_bytes;
                self.simulate(&tx).map_err(|text| (6, text))?
            }
            STATE_QUERY => {
                let id = OfClient::decode(data).unwrap().client_id;
                let client_state = any(format!("clients/{id}/clientState"))?;
                ClientStateAnswer { client_state }.encode_to_vec()
            }
            CONSENSUS_QUERY => {
                let asked = ConsensusStateRequest::decode(data).unwrap();
                let consensus_state = any(format!(
                    "clients/{}/consensusStates/{}-{}",
                    asked.client_id, asked.revision_number, asked.revision_height
                ))?;
                ConsensusStateAnswer { consensus_state }.encode_to_vec()
            }
            COUNTERPARTY_QUERY => return Err((22, "counterparty not found".into())),
            OF_CONNECTION_QUERY => {
                let connection = OfConnection::decode(data).unwrap().connection;
                let mut channels = Host::channels(tree);
                channels.retain(|channel| channel.connection_hops == [connection.clone()]);
                ChannelsAnswer {
                    channels,
                    pagination: None,
                }
                .encode_to_vec()
            }
            _ => return Err((6, "unknown query path: unknown request".into())),
        })
    }

    fn abci_query(&mut self, asked: &Value) -> Value {
        let path = asked["path"].as_str().unwrap();
        let data = hex::decode(asked["data"].as_str().unwrap()).unwrap();
        let height = match asked["height"].as_str().unwrap().parse().unwrap() {
            0 => self.height,
            height => height,
        };
        if path == "/store/ibc/key" {
            let stores = &self.states[&height];
            let mut value = stores.get("ibc").unwrap().get(&data).unwrap_or_default().to_vec();
            if let Some(bend) = self.bend_value {
                value = bend(value);
            }
            let proof = stores.prove("ibc", &data).unwrap();
            let ops: Vec<Value> = proof
                .proofs
                .iter()
                .map(|proof| json!({"type": "ics23:x", "key": "", "data": STANDARD.encode(proof.encode_to_vec())}))
                .collect();
            return json!({"response": {"code": 0, "key": STANDARD.encode(&data), "value": STANDARD.encode(value),
                "height": height.to_string(), "proofOps": {"ops": ops}}});
        }
        match self.query(path, &data, height) {
            Ok(value) => json!({"response": {"code": 0, "key": null, "value": STANDARD.encode(value),
                "height": height.to_string()}}),
            Err((code, log)) => {
                json!({"response": {"code": code, "log": log, "codespace": "sdk", "key": null,
                "height": height.to_string()}})
            }
        }
    }

    fn answer(&mut self, method: &str, asked: &Value) -> Result<Value, String> {
        let number = |field: &str| asked[field].as_str().unwrap().parse::<i64>().unwrap();
        let bytes = |field: &str| STANDARD.decode(asked[field].as_str().unwrap()).unwrap();
        Ok(match method {
            "status" => {
                match self.still.checked_sub(1) {
                    Some(left) => self.still = left,
                    None => self.idle(),
                }
                let header = header(&self.block(self.height));
                json!({
                    "node_info": {"network": self.world.chain_id},
                    "sync_info": {"latest_block_height": self.height.to_string(), "latest_block_time": header.time,
                        "earliest_block_height": "1", "catching_up": false},
                })
            }
            "commit" => commit(&self.block(number("height"))),
            "validators" => {
                let set = self.world.set_at(number("height")).message().validators;
                let infos: Vec<Info> = set.into_iter().map(|one| one.try_into().unwrap()).collect();
                let total = infos.len().to_string();
                json!({"block_height": asked["height"], "validators": infos, "count": total, "total": total})
            }
            "abci_query" => self.abci_query(asked),
            "broadcast_tx_sync" => self.broadcast(&bytes("tx")),
            "tx" => {
                let hash = bytes("hash");
                let found = self.txs.iter().find(|(tx, ..)| tx.hash == *hash);
                let (_, height, result) =
                    found.ok_or_else(|| format!("tx ({}) not found", hex::encode(&hash)))?;
                json!({"hash": hex::encode_upper(hash), "height": height.to_string(), "tx_result": result})
            }
            other => return Err(format!("unknown method {other}")),
        })
    }
}

fn header(block: &Block) -> Header {
    block.header.clone().try_into().unwrap()
}

/// A chain, its node, and how the adapter sees it.
pub(crate) struct Chain {
    node: Arc<Mutex<Node>>,
    pub(crate) cosmos: Cosmos,
    _fake: Fake,
}

impl Chain {
    async fn new(name: &str, chain_id: &str, revision: u64) -> Self {
        let node = Arc::new(Mutex::new(Node::new(chain_id, revision)));
        let served = node.clone();
        let fake = Fake::rpc(move |method, asked| {
            let answer = served.lock().unwrap().answer(method, asked);
            answer.map_err(|data| json!({"code": -32603, "message": "Internal error", "data": data}))
        })
        .await;
        let settings = Settings {
            name: ChainName(name.into()),
            rpc: vec![fake.url.clone()],
            rules: Rules {
                chain_id: chain_id.into(),
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
            keys: vec![Key::new(&[7; 32], "cosmos").unwrap()],
            first_block: BlockNumber(1),
            limits: limits(),
        };
        let cosmos = Cosmos::new(settings).unwrap();
        Self {
            node,
            cosmos,
            _fake: fake,
        }
    }

    pub(crate) fn node(&self) -> MutexGuard<'_, Node> {
        self.node.lock().unwrap()
    }
}

/// The client that each chain has of the other one.
pub(crate) const CLIENTS: [&str; 2] = ["07-tendermint-4", "07-tendermint-9"];

/// Two chains with a client of each on the other.
pub(crate) async fn chains() -> [Chain; 2] {
    let pair = [
        Chain::new("east", "east-1", 1).await,
        Chain::new("west", "west-2", 2).await,
    ];
    for side in 0..2 {
        let (host, other) = (&pair[side], &pair[1 - side]);
        let (state, consensus, height) = {
            let tracked = other.node();
            let height = RawHeight {
                revision_number: tracked.world.revision,
                revision_height: BEGIN as u64,
            };
            let (state, consensus) = Host::client_of(&tracked.world, &tracked.block(BEGIN), height);
            (state, consensus, height)
        };
        let mut node = host.node();
        let id = CLIENTS[side];
        node.write(
            format!("clients/{id}/clientState").as_bytes(),
            &state.encode_to_vec(),
        );
        let key = crate::ibc_connection::consensus_key(id, height);
        node.write(&key, &consensus.encode_to_vec());
    }
    pair
}
