//! The mempool: what waits for a block, judged over the state that it would leave.

use std::collections::BTreeSet;

use cosmos_store::Stores;

use crate::app::context::Moment;
use crate::app::refused::Refused;
use crate::app::tx::{self, Tx};
use crate::app::{Checked, Rules, check, recheck};

/// Bytes of a transaction, at most.
const TX_BYTES_MAX: usize = 1_048_576;
/// Transactions that wait, at most.
const COUNT_MAX: usize = 5_000;
/// Bytes that wait, at most.
const BYTES_MAX: usize = 67_108_864;
/// Bytes of transactions in a block, at most: CometBFT leaves room for the rest of a block of 4 MiB.
const BLOCK_BYTES_MAX: usize = 4_000_000;

/// The mempool.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    waiting: Vec<Tx>,
    /// The state after all that waits.
    stores: Stores,
    /// What was seen: what waits, and what stood in a block and succeeded.
    seen: BTreeSet<[u8; 32]>,
}

impl Pool {
    pub(crate) fn new(stores: Stores) -> Self {
        Self {
            waiting: Vec::new(),
            stores,
            seen: BTreeSet::new(),
        }
    }

    /// Lets a transaction wait. The inner refusal is the application's, the outer one CometBFT's.
    ///
    /// - `keeps`: whether it stays, or is forgotten at once.
    pub(crate) fn take(
        &mut self,
        rules: &Rules,
        at: (u64, Moment),
        bytes: &[u8],
        keeps: bool,
    ) -> Result<Result<(), Refused>, String> {
        if bytes.len() > TX_BYTES_MAX {
            return Err(format!(
                "Tx too large. Max size is {TX_BYTES_MAX}, but got {}",
                bytes.len()
            ));
        }
        let (count, held) = self.size();
        if count >= COUNT_MAX || held + bytes.len() > BYTES_MAX {
            return Err(self.full());
        }
        let hash = tx::hash(bytes);
        if self.seen.contains(&hash) {
            return Err("tx already exists in cache".to_owned());
        }
        let Checked { tx, stores } = match check(rules, self.stores.clone(), at, bytes) {
            Ok(checked) => checked,
            Err(refused) => return Ok(Err(refused)),
        };
        if keeps {
            self.seen.insert(hash);
            self.waiting.push(tx);
            self.stores = stores;
        }
        Ok(Ok(()))
    }

    /// The state after all that waits, as far as it was judged: fees and sequences. Simulations run on it.
    pub(crate) fn stores(&self) -> &Stores {
        &self.stores
    }

    /// How it says that it is full.
    pub(crate) fn full(&self) -> String {
        let (count, held) = self.size();
        format!(
            "mempool is full: number of txs {count} (max: {COUNT_MAX}), total bytes {held} (max: {BYTES_MAX})"
        )
    }

    /// How many wait, and their bytes.
    pub(crate) fn size(&self) -> (usize, usize) {
        let bytes = self.waiting.iter().map(|tx| tx.bytes.len()).sum();
        (self.waiting.len(), bytes)
    }

    /// What goes into the next block: the first ones, as many as fit.
    pub(crate) fn reap(&mut self) -> Vec<Vec<u8>> {
        let mut bytes = 0;
        let fits = |tx: &&Tx| {
            bytes += tx.bytes.len();
            bytes <= BLOCK_BYTES_MAX
        };
        let count = self.waiting.iter().take_while(fits).count();
        self.waiting.drain(..count).map(|tx| tx.bytes).collect()
    }

    /// A block came: what still waits is judged again over its state. `failed` are those of its transactions that did not
    /// succeed and may be tried again.
    pub(crate) fn after_block(
        &mut self,
        rules: &Rules,
        at: (u64, Moment),
        stores: &Stores,
        failed: &[[u8; 32]],
    ) {
        for hash in failed {
            self.seen.remove(hash);
        }
        self.stores = stores.clone();
        for tx in std::mem::take(&mut self.waiting) {
            let hash = tx::hash(&tx.bytes);
            match recheck(rules, self.stores.clone(), at, tx) {
                Ok(checked) => {
                    self.waiting.push(checked.tx);
                    self.stores = checked.stores;
                }
                Err(_) => {
                    self.seen.remove(&hash);
                }
            }
        }
    }

    /// The node restarts: nothing waits any more.
    pub(crate) fn forget(&mut self, stores: &Stores) {
        *self = Self::new(stores.clone());
    }
}
