//! Pools: one proof for many keys. They are judged beside the single proofs that they are made of.

mod fresh;
mod generate;
mod honest;
mod mutants;
mod ops;

use alloy_primitives::B256;
use cosmos_store::{Hash, Stores};
use merkle::ics23::pool::{batch_order, build, prove};
use merkle::{Proven, ics23};
use prost::Message;

/// A question about many keys in the store `ibc`, and the pool that answers it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) app_hash: Hash,
    pub(crate) keys: Vec<Vec<u8>>,
    pub(crate) pool: Vec<u8>,
}

impl Asked {
    /// What `stores` hold under `keys`, in the order of a pool, by single proofs.
    pub(crate) fn of(stores: &Stores, keys: &[Vec<u8>]) -> Self {
        let keys: Vec<Vec<u8>> = batch_order(keys).into_iter().map(|at| keys[at].clone()).collect();
        let singles: Vec<Vec<u8>> = keys.iter().map(|key| single(stores, key)).collect();
        let pool = build(&keys, singles.iter().map(Vec::as_slice)).expect("proofs of one tree make a pool");
        Self {
            app_hash: stores.app_hash(),
            keys,
            pool,
        }
    }

    /// The law's verdict: what is under each key, or the rule that is broken.
    pub(crate) fn judge(&self) -> Result<Vec<Option<Vec<u8>>>, &'static str> {
        let values = prove(B256::new(self.app_hash), b"ibc", &self.keys, &self.pool);
        let values = values.map_err(|reject| reject.rule())?;
        Ok(values.into_iter().map(value).collect())
    }
}

/// What single proofs show.
pub(crate) fn by_singles(stores: &Stores, keys: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
    let app_hash = B256::new(stores.app_hash());
    keys.iter()
        .map(|key| {
            value(ics23::prove(app_hash, b"ibc", key, &single(stores, key)).expect("honest proofs hold"))
        })
        .collect()
}

fn single(stores: &Stores, key: &[u8]) -> Vec<u8> {
    stores
        .prove("ibc", key)
        .expect("the store has entries")
        .encode_to_vec()
}

fn value(proven: Proven<'_>) -> Option<Vec<u8>> {
    match proven {
        Proven::Present(value) => Some(value.to_vec()),
        Proven::Absent => None,
    }
}

/// The key of the numbered packet: what is stored has even numbers, so that every odd one lies between two.
pub(crate) fn key(number: u64) -> Vec<u8> {
    [b"07-tendermint-0\x01".as_slice(), &number.to_be_bytes()].concat()
}

/// The stores of a chain with so many packets in the store `ibc`, of which every seventh has no commitment but another
/// value.
pub(crate) fn stores(count: u64) -> Stores {
    let names = ["acc", "bank", "gov", "ibc", "mint", "staking", "transfer"];
    let mut stores = Stores::new(names);
    for (number, name) in names.into_iter().enumerate() {
        if name != "ibc" {
            stores
                .get_mut(name)
                .unwrap()
                .set(b"params", &[number as u8 + 1; 5]);
        }
    }
    let store = stores.get_mut("ibc").unwrap();
    for number in 0..count {
        // In an order that is not that of the keys.
        let number = number * 7919 % count;
        let value = match number % 7 {
            3 => vec![2],
            _ => vec![number.to_be_bytes()[7] | 1; 32],
        };
        store.set(&key(2 * number), &value);
        if number % 9 == 8 {
            store.save();
        }
    }
    assert_eq!(store.size(), count, "the order visits each key once");
    stores.commit();
    stores
}

/// Every key that can be asked for of such stores, and two that lie before and behind all.
pub(crate) fn all_keys(count: u64) -> Vec<Vec<u8>> {
    let mut keys = vec![b"0".to_vec()];
    keys.extend((0..2 * count).map(key));
    keys.push(b"1".to_vec());
    keys
}
