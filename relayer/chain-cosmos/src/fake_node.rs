//! A chain for tests that checks transactions as the SDK does, and whose node may lie, lose, refuse and forget.

pub(crate) use crate::fake_mood::Mood;
use crate::fake_port::{commit, world};
use crate::fake_tx::Decoded;
use crate::rpc::Rpc;
use cosmrs::Any;
use cosmrs::proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::cosmos::base::abci::v1beta1::GasInfo;
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use cosmrs::proto::traits::Message;
use endpoints::testing::{Fake, endpoint};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tendermint_client::testing::World;

pub(crate) const CHAIN_ID: &str = "fake-1";
pub(crate) const DENOM: &str = "stake";
/// Gas of a transaction without messages, and of each message.
pub(crate) const GAS_BASE: u64 = 50_000;
pub(crate) const GAS_MESSAGE: u64 = 10_000;
/// A message with this in its content fails.
pub(crate) const POISON: &[u8] = b"poison";

/// A refusal: code and text of the codespace `sdk`.
pub(crate) type Sdk = (u32, String);

/// A transaction with its result.
type Executed = (Decoded, Value);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) height: u64,
    /// Number and next sequence, as of the newest block.
    pub(crate) accounts: BTreeMap<String, (u64, u64)>,
    pending: Vec<Decoded>,
    /// What this node lost; others may still have it.
    elsewhere: Vec<Decoded>,
    blocks: BTreeMap<u64, Vec<Executed>>,
    /// What messages carried, in the order in which they were executed.
    pub(crate) executed: Vec<Vec<u8>>,
    /// All transactions that were handed over, taken or not.
    pub(crate) handed: usize,
    /// What the node was asked, by method.
    pub(crate) asked: BTreeMap<String, usize>,
    /// How many were simulated.
    pub(crate) simulated: Cell<usize>,
    /// The lowest fee of a transaction.
    pub(crate) fee_min: u128,
    /// What the feemarket asks; none = the chain has none.
    pub(crate) market: Option<String>,
    /// How the node behaves.
    pub(crate) mood: Mood,
}

impl State {
    /// The sequence that comes after what is pending.
    fn next(&self, address: &str) -> Option<(u64, u64)> {
        let (number, sequence) = *self.accounts.get(address)?;
        let pending = self.pending.iter().filter(|tx| tx.address == address).count();
        Some((number, sequence + pending as u64))
    }

    fn check(&self, tx: &Decoded, simulates: bool) -> Result<(), Sdk> {
        let next = self.height + 1;
        if next > tx.body.timeout_height {
            let timeout = tx.body.timeout_height;
            return Err((
                30,
                format!("block height: {next}, timeout height: {timeout}: tx timeout height"),
            ));
        }
        if !simulates && tx.fee() < self.fee_min {
            let (got, wanted) = (tx.fee(), self.fee_min);
            return Err((
                13,
                format!("insufficient fees; got: {got}stake required: {wanted}stake: insufficient fee"),
            ));
        }
        let Some((number, expected)) = self.next(&tx.address) else {
            return Err((
                9,
                format!(
                    "fee payer address: {} does not exist: unknown address",
                    tx.address
                ),
            ));
        };
        let got = tx.sequence();
        let said = self.mood.expects.map_or(expected, |lie| lie(got));
        if got != said || got != expected {
            return Err((
                32,
                format!("account sequence mismatch, expected {said}, got {got}: incorrect account sequence"),
            ));
        }
        if !simulates {
            tx.verify(number)?;
        }
        Ok(())
    }

    fn simulate(&self, bytes: &[u8]) -> Result<u64, Sdk> {
        self.simulated.set(self.simulated.get() + 1);
        let tx = Decoded::new(bytes);
        let done = self.check(&tx, true).and_then(|()| tx.poison());
        done.map_err(|(_, text)| {
            (6, format!("rpc error: code = Unknown desc = {text} [baseapp.go:1] with gas used: '1174': unknown request"))
        })?;
        Ok(self.mood.gas.unwrap_or(tx.gas()))
    }

    fn broadcast(&mut self, bytes: &[u8]) -> Result<Value, String> {
        self.handed += 1;
        let tx = Decoded::new(bytes);
        if self.pending.iter().any(|pending| pending.hash == tx.hash) {
            return Err("tx already exists in cache".into());
        }
        if self.mood.full {
            return Err("mempool is full: number of txs 1 (max: 1), total bytes 1 (max: 1)".into());
        }
        if let Some(max) = self.mood.bytes_max.filter(|max| bytes.len() > *max) {
            return Err(format!(
                "Tx too large. Max size is {max}, but got {}",
                bytes.len()
            ));
        }
        let hash = hex::encode_upper(tx.hash);
        let (code, log) = match self.check(&tx, false) {
            Ok(()) if self.mood.strict && tx.poison().is_err() => (12, "invalid proof".into()),
            Ok(()) if self.mood.redundant => (22, "packet messages are redundant".into()),
            Ok(()) => (0, String::new()),
            Err(refusal) => refusal,
        };
        if code == 0 {
            let place = if self.mood.loses {
                &mut self.elsewhere
            } else {
                &mut self.pending
            };
            place.push(tx);
        }
        if self.mood.mute {
            return Err("timed out waiting for tx to be checked".into());
        }
        Ok(json!({"code": code, "log": log, "codespace": "sdk", "data": "", "hash": hash}))
    }

    /// Makes a block of what is pending.
    pub(crate) fn commit(&mut self) {
        self.height += 1;
        let mut block = Vec::new();
        for tx in std::mem::take(&mut self.pending) {
            let account = self.accounts.get_mut(&tx.address).unwrap();
            // As a recheck does: what no longer fits is dropped.
            if tx.sequence() != account.1 || self.height > tx.body.timeout_height {
                continue;
            }
            account.1 += 1;
            let (used, wanted) = (tx.gas(), tx.gas_wanted());
            let done = match () {
                () if used > wanted => Err((
                    11,
                    format!("out of gas in location: x; gasWanted: {wanted}, gasUsed: {used}: out of gas"),
                )),
                () => tx.poison(),
            };
            let (code, log) = done.err().unwrap_or_default();
            if code == 0 {
                self.executed
                    .extend(tx.body.messages.iter().map(|message| message.value.clone()));
            }
            let signer = format!("{}/{}", tx.address, tx.sequence());
            let attribute = |key: &str, value: String| json!({"key": key, "value": value, "index": true});
            let events = json!([
                {"type": "tx", "attributes": [attribute("fee", format!("{}{DENOM}", tx.fee()))]},
                {"type": "tx", "attributes": [attribute("acc_seq", signer)]},
                {"type": "acknowledge_packet", "attributes": [
                    attribute("packet_source_client", "07-tendermint-0".into()),
                    attribute("packet_sequence", "1".into()),
                ]},
            ]);
            let result = json!({"code": code, "log": log, "codespace": "sdk", "gas_wanted": wanted.to_string(), "gas_used": used.to_string(), "events": events});
            block.push((tx, result));
        }
        self.blocks.insert(self.height, block);
    }

    /// The fee of a transaction in a block.
    pub(crate) fn fee_of(&self, hash: [u8; 32]) -> u128 {
        let mut included = self.blocks.values().flatten();
        let found = included.find(|(tx, _)| tx.hash == hash);
        found.expect("a transaction in a block").0.fee()
    }

    /// The gas that a pending transaction is allowed.
    pub(crate) fn gas_wanted(&self, hash: [u8; 32]) -> u64 {
        let found = self.pending.iter().find(|tx| tx.hash == hash);
        found.expect("a pending transaction").gas_wanted()
    }

    /// Forgets what is pending.
    pub(crate) fn drop_pending(&mut self) {
        self.elsewhere.append(&mut self.pending);
    }

    /// Another node tells of what this one lost, and what can still be executed drives out what cannot beside it.
    pub(crate) fn hear_of_lost(&mut self) {
        for tx in std::mem::take(&mut self.elsewhere) {
            let sequence = self.accounts.get(&tx.address).unwrap().1;
            if tx.sequence() == sequence && self.height < tx.body.timeout_height {
                let others = |pending: &mut Decoded| pending.address == tx.address;
                self.elsewhere.extend(self.pending.extract_if(.., others));
                self.pending.push(tx);
            } else {
                self.elsewhere.push(tx);
            }
        }
    }

    fn query(&self, path: &str, data: &[u8]) -> Result<Vec<u8>, Sdk> {
        match path {
            "/cosmos.auth.v1beta1.Query/Account" => {
                let address = QueryAccountRequest::decode(data).unwrap().address;
                let Some((account_number, sequence)) = self.accounts.get(&address) else {
                    return Err((22, format!("account {address} not found: key not found")));
                };
                let base = BaseAccount {
                    address,
                    account_number: *account_number,
                    sequence: self.mood.account.unwrap_or(*sequence),
                    pub_key: None,
                };
                let any = Any {
                    type_url: "/cosmos.auth.v1beta1.BaseAccount".into(),
                    value: base.encode_to_vec(),
                };
                Ok(QueryAccountResponse { account: Some(any) }.encode_to_vec())
            }
            "/cosmos.tx.v1beta1.Service/Simulate" => {
                let gas_used = self.simulate(&SimulateRequest::decode(data).unwrap().tx_bytes)?;
                let gas_info = Some(GasInfo {
                    gas_wanted: 0,
                    gas_used,
                });
                Ok(SimulateResponse {
                    gas_info,
                    result: None,
                }
                .encode_to_vec())
            }
            "/feemarket.feemarket.v1.Query/GasPrice" if self.market.is_some() => {
                let coin = [
                    vec![0x0a, 5],
                    DENOM.into(),
                    field(2, self.market.as_ref().unwrap()),
                ]
                .concat();
                Ok([vec![0x0a, coin.len() as u8], coin].concat())
            }
            _ => Err((6, "unknown query path: unknown request".into())),
        }
    }

    fn tx(&self, hash: &[u8]) -> Result<Value, String> {
        if self.mood.without_index {
            return Err("transaction indexing is disabled".into());
        }
        let mut all = self
            .blocks
            .iter()
            .flat_map(|(height, txs)| txs.iter().map(move |tx| (height, tx)));
        let found = all.find(|(_, (tx, _))| tx.hash == hash);
        let (height, (_, result)) = found.ok_or_else(|| format!("tx ({}) not found", hex::encode(hash)))?;
        Ok(json!({"hash": hex::encode_upper(hash), "height": height.to_string(), "tx_result": result}))
    }

    fn block(&self, asked: &Value) -> Result<(u64, &[Executed]), String> {
        let height: u64 = asked["height"].as_str().unwrap().parse().unwrap();
        if height < self.mood.lowest {
            return Err(format!(
                "height {height} is not available, lowest height is {}",
                self.mood.lowest
            ));
        }
        Ok((
            height,
            self.blocks.get(&height).map(Vec::as_slice).unwrap_or_default(),
        ))
    }

    fn answer(&mut self, method: &str, asked: &Value) -> Result<Value, String> {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let bytes = |field: &str| STANDARD.decode(asked[field].as_str().unwrap()).unwrap();
        *self.asked.entry(method.to_owned()).or_default() += 1;
        match method {
            "abci_query" => {
                let data = hex::decode(asked["data"].as_str().unwrap()).unwrap();
                let height = self.height.to_string();
                let response = match self.query(asked["path"].as_str().unwrap(), &data) {
                    Ok(value) => {
                        json!({"code": 0, "key": null, "value": STANDARD.encode(value), "height": height})
                    }
                    Err((code, log)) => {
                        json!({"code": code, "log": log, "codespace": "sdk", "key": null, "height": height})
                    }
                };
                Ok(json!({ "response": response }))
            }
            "status" => Ok(json!({
                "node_info": {"network": CHAIN_ID},
                "sync_info": {
                    "latest_block_height": self.height.to_string(),
                    "latest_block_time": "2026-01-01T00:00:00Z",
                    "earliest_block_height": "1",
                    "catching_up": false,
                },
            })),
            "commit" => match self.block(asked)?.0 {
                height if height > self.height => Err(format!(
                    "height {height} must be less than or equal to the current blockchain height {}",
                    self.height
                )),
                height => Ok(commit(&headers().block_at(height as i64))),
            },
            "broadcast_tx_sync" => self.broadcast(&bytes("tx")),
            "tx" => self.tx(&bytes("hash")),
            "block" => self.block(asked).map(|(height, txs)| {
                let txs: Vec<String> = txs.iter().map(|(tx, _)| STANDARD.encode(&tx.bytes)).collect();
                json!({"block": {"header": {"height": height.to_string()}, "data": {"txs": txs}}})
            }),
            "block_results" => self.block(asked).map(|(height, txs)| {
                let results: Vec<&Value> = txs.iter().map(|(_, result)| result).collect();
                json!({"height": height.to_string(), "txs_results": results})
            }),
            other => Err(format!("unknown method {other}")),
        }
    }
}

/// The chain's headers.
fn headers() -> World {
    let mut headers = world();
    headers.chain_id = CHAIN_ID.into();
    headers
}

async fn node(state: Arc<Mutex<State>>, bend: impl Fn(&str, &mut Value) + Send + Sync + 'static) -> Fake {
    Fake::rpc(move |method, asked| {
        let mut answer = state.lock().unwrap().answer(method, asked);
        if let Ok(answer) = &mut answer {
            bend(method, answer);
        }
        answer.map_err(|data| json!({"code": -32603, "message": "Internal error", "data": data}))
    })
    .await
}

fn field(tag: u8, text: &str) -> Vec<u8> {
    [vec![tag << 3 | 2, text.len() as u8], text.into()].concat()
}

/// The chain and its one node.
pub(crate) struct Chain {
    state: Arc<Mutex<State>>,
    pub(crate) rpc: Rpc,
}

impl Chain {
    /// A chain on which `addresses` have accounts, with numbers from 10 and sequences from 100 on.
    pub(crate) async fn new(addresses: impl Iterator<Item = &str>) -> Self {
        let accounts = (10..)
            .zip(addresses)
            .map(|(number, address)| (address.to_owned(), (number, 10 * number)));
        let state = Arc::new(Mutex::new(State {
            height: 50,
            accounts: accounts.collect(),
            ..State::default()
        }));
        let fake = node(state.clone(), |_, _| {}).await;
        let rpc = Rpc(endpoint(&fake).await);
        Self { state, rpc }
    }

    /// Another node of the chain, which says something else where `bend` has it so.
    pub(crate) async fn node(&self, bend: impl Fn(&str, &mut Value) + Send + Sync + 'static) -> Fake {
        node(self.state.clone(), bend).await
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}
