//! A host: a store in memory, pairings by blst, and the JSON of ibc-go.

use std::collections::BTreeMap;

use alloy_primitives::hex;
use blst::min_pk::{PublicKey, SecretKey, Signature};
use blst::{blst_fp12, blst_p1_affine, blst_p2_affine};
use serde_json::{Value, json};
use wasm_client::{HostBls, Pairings, Store, contract};
use wire::base64;

/// A store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory(pub(crate) BTreeMap<Vec<u8>, Vec<u8>>);

impl Store for Memory {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.get(key).cloned()
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        self.0.insert(key.to_vec(), value.to_vec());
    }

    fn remove(&mut self, key: &[u8]) {
        self.0.remove(key);
    }
}

/// The host's functions, by blst.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Native;

impl Pairings for Native {
    fn equal(&self, p: &[u8; 48], q: &[u8; 96], r: &[u8; 48], s: &[u8; 96]) -> Option<bool> {
        // The real host takes infinity for an element of its group; it must never be asked about it.
        for first in [p[0], q[0], r[0], s[0]] {
            assert_eq!(first & 0x40, 0, "the host is asked about infinity");
        }
        let [p, r] = [p, r].map(|bytes| PublicKey::uncompress(bytes).ok());
        let [q, s] = [q, s].map(|bytes| Signature::uncompress(bytes).ok());
        let (p, q, r, s) = (p?, q?, r?, s?);
        p.validate().and(r.validate()).ok()?;
        q.validate(true).and(s.validate(true)).ok()?;
        let loops = |q: &Signature, p: &PublicKey| {
            let (q, p): (&blst_p2_affine, &blst_p1_affine) = (q.into(), p.into());
            blst_fp12::miller_loop(q, p)
        };
        Some(blst_fp12::finalverify(&loops(&q, &p), &loops(&s, &r)))
    }

    fn hash_to_g2(&self, message: &[u8], tag: &[u8]) -> Option<[u8; 96]> {
        // The secret key 1 signs with the hashed point itself.
        let mut one = [0; 32];
        one[31] = 1;
        let key = SecretKey::from_bytes(&one).unwrap();
        Some(key.sign(message, tag, &[]).compress())
    }
}

/// A chain with one client.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) store: Memory,
    pub(crate) now: u64,
    pub(crate) chain_id: &'static str,
    pub(crate) client_id: &'static str,
}

/// An answer, or the broken rule.
pub(crate) type Said = Result<Value, String>;

impl Chain {
    pub(crate) fn new() -> Self {
        Self {
            store: Memory::default(),
            now: 0,
            chain_id: "east-1",
            client_id: "08-wasm-0",
        }
    }

    pub(crate) fn env(&self) -> Vec<u8> {
        let env = json!({
            "block": { "height": 7, "time": format!("{}999999999", self.now), "chain_id": self.chain_id },
            "transaction": null,
            "contract": { "address": self.client_id },
        });
        env.to_string().into_bytes()
    }

    pub(crate) fn instantiate(&mut self, client_state: &[u8], consensus_state: &[u8]) -> Said {
        let message = json!({
            "client_state": bytes(client_state),
            "consensus_state": bytes(consensus_state),
            "checksum": bytes(&[7; 32]),
        });
        let env = self.env();
        self.call(|store| {
            contract::instantiate(store, &HostBls(Native), &env, message.to_string().as_bytes())
        })
    }

    pub(crate) fn sudo(&mut self, message: &Value) -> Said {
        self.sudo_text(&message.to_string())
    }

    pub(crate) fn sudo_text(&mut self, message: &str) -> Said {
        let env = self.env();
        self.call(|store| contract::sudo(store, &HostBls(Native), &env, message.as_bytes()))
    }

    pub(crate) fn migrate(&mut self, message: &Value) -> Said {
        let env = self.env();
        self.call(|store| contract::migrate(store, &env, message.to_string().as_bytes()))
    }

    pub(crate) fn query(&self, message: &Value) -> Said {
        let answer = contract::query(
            &self.store,
            &HostBls(Native),
            &self.env(),
            message.to_string().as_bytes(),
        );
        let outcome: Value = serde_json::from_slice(&answer).unwrap();
        match outcome.get("ok") {
            Some(data) => Ok(inner(data)),
            None => Err(rule(&outcome)),
        }
    }

    /// As the host: what was written before an error is undone, and an answer says nothing but data.
    fn call(&mut self, call: impl FnOnce(&mut Memory) -> Vec<u8>) -> Said {
        let before = self.store.clone();
        let outcome: Value = serde_json::from_slice(&call(&mut self.store)).unwrap();
        let Some(response) = outcome.get("ok") else {
            self.store = before;
            return Err(rule(&outcome));
        };
        for empty in ["messages", "attributes", "events"] {
            assert_eq!(response[empty], json!([]));
        }
        Ok(inner(&response["data"]))
    }

    /// The three steps in which ibc-go brings a client message; the answer of the last.
    pub(crate) fn bring(&mut self, message: &[u8]) -> Said {
        let message = json!({ "client_message": bytes(message) });
        let before = self.store.clone();
        let valid = self.query(&json!({ "verify_client_message": message }));
        let misbehaves = self.query(&json!({ "check_for_misbehaviour": message }));
        if let Err(rule) = valid {
            assert_eq!(misbehaves, Err(rule.clone()));
            assert_eq!(self.sudo(&json!({ "update_state": message })), Err(rule.clone()));
            assert_eq!(self.store, before);
            return Err(rule);
        }
        match misbehaves.unwrap()["found_misbehaviour"].as_bool().unwrap() {
            true => self.sudo(&json!({ "update_state_on_misbehaviour": message })),
            false => {
                let refused = self.sudo(&json!({ "update_state_on_misbehaviour": message }));
                assert_eq!(refused, Err("NoMisbehaviour".into()));
                self.sudo(&json!({ "update_state": message }))
            }
        }
    }

    pub(crate) fn status(&self) -> String {
        let said = self.query(&json!({ "status": {} })).unwrap();
        said["status"].as_str().unwrap().into()
    }

    /// What is under a key of the host, out of its envelope.
    pub(crate) fn under(&self, key: &str) -> Option<Vec<u8>> {
        self.store.0.get(key.as_bytes()).cloned()
    }
}

/// Bytes in JSON.
pub(crate) fn bytes(bytes: &[u8]) -> Value {
    String::from_utf8(base64::encode(bytes)).unwrap().into()
}

fn inner(data: &Value) -> Value {
    let bytes = base64::decode(data.as_str().unwrap().as_bytes()).unwrap();
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", hex::encode(bytes)))
}

fn rule(outcome: &Value) -> String {
    let text = outcome["error"].as_str().unwrap();
    text.split(": ").next().unwrap().into()
}
