//! The chain itself: blocks, states, sets, and the mempool of its one node.
//!
//! Decides when a block comes and what stands in it. A height's state is that after its block; its root stands in the header of
//! the next one. A change of the set that block `h` decides is in force from `h + 2` on.

use std::collections::BTreeMap;

use cosmos_store::Stores;
use tendermint_client::testing::{Ballot, Validators};

use crate::app::context::{Context, Moment};
use crate::app::{Rules, address, bank, deliver, fresh_stores, tx, write_genesis};
use crate::block::{Draft, Made};
use crate::config::ChainConfig;
use crate::faults::Faults;
use crate::pool::Pool;
use tokio::sync::watch;

/// Nanoseconds of every block's time: so that nobody gets away with whole seconds.
const NANOS: u32 = 110_799_617;

/// What those who listen to the node look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// The newest block that the node shows.
    pub(crate) height: u64,
    /// How often the node was started again.
    pub(crate) restarts: u64,
}

/// Everything that blocks change and answers read.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) rules: Rules,
    pub(crate) faults: Faults,
    pub(crate) pool: Pool,
    genesis_time: u64,
    seconds_per_block: u64,
    /// How often it was time for a block.
    ticks: u64,
    blocks: BTreeMap<u64, Made>,
    states: BTreeMap<u64, Stores>,
    /// From which height on which set signs.
    sets: BTreeMap<u64, Validators>,
    newest: Stores,
    /// Where a transaction stands.
    index: BTreeMap<[u8; 32], (u64, usize)>,
    news: watch::Sender<News>,
}

impl World {
    pub(crate) fn new(config: &ChainConfig) -> Self {
        let rules = Rules {
            chain_id: config.chain_id.clone(),
            prefix: config.prefix.clone(),
            denom: config.denom.clone(),
            gas_price_micro: config.gas_price_micro,
            unbonding_secs: config.unbonding_secs,
            wasm_codes: config.wasm_codes.clone(),
        };
        let newest = genesis(&rules, config);
        Self {
            rules,
            faults: Faults::default(),
            pool: Pool::new(newest.clone()),
            genesis_time: config.genesis_time,
            seconds_per_block: config.seconds_per_block.max(1),
            ticks: 0,
            blocks: BTreeMap::new(),
            states: BTreeMap::new(),
            sets: BTreeMap::from([(0, config.validators.clone())]),
            newest,
            index: BTreeMap::new(),
            news: watch::Sender::default(),
        }
    }

    /// The height of the newest block; 0 before the first.
    pub(crate) fn height(&self) -> u64 {
        self.blocks.last_key_value().map_or(0, |(height, _)| *height)
    }

    /// The newest height that the node shows.
    pub(crate) fn shown(&self) -> u64 {
        self.height().saturating_sub(self.faults.lag).max(self.lowest())
    }

    /// The oldest height that the node keeps.
    pub(crate) fn lowest(&self) -> u64 {
        self.blocks.first_key_value().map_or(0, |(height, _)| *height)
    }

    pub(crate) fn block(&self, height: u64) -> Option<&Made> {
        self.blocks.get(&height)
    }

    pub(crate) fn state(&self, height: u64) -> Option<&Stores> {
        self.states.get(&height)
    }

    /// Those who sign the block of `height`.
    pub(crate) fn set_at(&self, height: u64) -> &Validators {
        let (_, set) = self
            .sets
            .range(..=height)
            .next_back()
            .expect("the first set begins at 0");
        set
    }

    /// Lets another set sign, from two blocks after the next one on.
    pub(crate) fn change_set(&mut self, set: Validators) {
        self.sets.insert(self.height() + 3, set);
    }

    pub(crate) fn find(&self, hash: [u8; 32]) -> Option<(u64, usize)> {
        self.index.get(&hash).copied()
    }

    /// Time of block 0.
    pub(crate) fn began(&self) -> Moment {
        Moment {
            seconds: self.genesis_time,
            nanos: 0,
        }
    }

    /// Chain time of the tick after this one.
    pub(crate) fn next_time(&self) -> u64 {
        self.genesis_time + (self.ticks + 1) * self.seconds_per_block
    }

    /// The newest block that the node shows, and its time: what it judges new transactions by.
    pub(crate) fn now(&self) -> (u64, Moment) {
        let height = self.shown();
        (height, self.time_of(height))
    }

    pub(crate) fn time_of(&self, height: u64) -> Moment {
        let time = self
            .block(height)
            .and_then(|made| made.block.header.time)
            .unwrap_or_default();
        Moment {
            seconds: u64::try_from(time.seconds).unwrap_or(0),
            nanos: u32::try_from(time.nanos).unwrap_or(0),
        }
    }

    /// Hands over a transaction.
    pub(crate) fn submit(
        &mut self,
        bytes: &[u8],
    ) -> Result<Result<(), crate::app::refused::Refused>, String> {
        if self.faults.full {
            return Err(self.pool.full());
        }
        let (now, keeps) = (self.now(), !self.faults.drop_transactions);
        self.pool.take(&self.rules, now, bytes, keeps)
    }

    /// Forgets what waits and who listens.
    pub(crate) fn restart(&mut self) {
        self.pool.forget(&self.newest);
        self.news.send_modify(|news| news.restarts += 1);
    }

    /// Where the node stands, and each change of it.
    pub(crate) fn listen(&self) -> watch::Receiver<News> {
        self.news.subscribe()
    }

    /// It is time for a block, which comes unless something is in its way.
    pub(crate) fn tick(&mut self) {
        self.ticks += 1;
        let absent = &self.faults.absent;
        let members = &self.set_at(self.height() + 1).members;
        let power = |all: bool| -> i64 {
            let voting = members
                .iter()
                .enumerate()
                .filter(|(place, _)| all || !absent.contains(place));
            voting.map(|(_, member)| member.power).sum()
        };
        let agree = power(false) * 3 > power(true) * 2;
        if agree && !self.faults.halted {
            self.produce();
        }
        if let Some(keep) = self.faults.keep_blocks {
            self.prune((self.height() + 1).saturating_sub(keep.max(1)));
        }
        let height = self.shown();
        self.news.send_modify(|news| news.height = height);
    }

    /// Forgets all below `lowest`, but never the newest.
    pub(crate) fn prune(&mut self, lowest: u64) {
        let lowest = lowest.min(self.height());
        self.blocks = self.blocks.split_off(&lowest);
        self.states = self.states.split_off(&lowest);
    }

    fn produce(&mut self) {
        let height = self.height() + 1;
        let time = Moment {
            seconds: self.genesis_time + self.ticks * self.seconds_per_block,
            nanos: NANOS,
        };
        let txs = self.pool.reap();
        let mut stores = self.newest.clone();
        let run = |bytes: &Vec<u8>| deliver(&self.rules, &mut stores, (height, time), bytes);
        let results: Vec<_> = txs.iter().map(run).collect();
        let app_hash = stores.commit().to_vec();
        let mut failed = Vec::new();
        for (place, (bytes, result)) in txs.iter().zip(&results).enumerate() {
            let hash = tx::hash(bytes);
            self.index.insert(hash, (height, place));
            if result.code != 0 {
                failed.push(hash);
            }
        }
        let draft = Draft {
            chain_id: &self.rules.chain_id,
            height,
            time,
            validators: self.set_at(height),
            next_validators: self.set_at(height + 1),
            previous: self.blocks.get(&(height - 1)),
            txs,
        };
        let absent = &self.faults.absent;
        let made = draft.sign(results, app_hash, |place| {
            if absent.contains(&place) {
                Ballot::Absent
            } else {
                Ballot::Block
            }
        });
        self.blocks.insert(height, made);
        self.states.insert(height, stores.clone());
        self.pool
            .after_block(&self.rules, (height, time), &stores, &failed);
        self.newest = stores;
    }
}

fn genesis(rules: &Rules, config: &ChainConfig) -> Stores {
    let account = |funded: &crate::config::Funded| {
        let key = k256::ecdsa::SigningKey::from_slice(&funded.secret).expect("a secret key of secp256k1");
        let key = key.verifying_key().to_encoded_point(true);
        let amount = |(denom, amount): &(String, u128)| bank::Amount {
            denom: denom.clone(),
            amount: *amount,
        };
        (
            address::of_key(key.as_bytes()),
            funded.coins.iter().map(amount).collect(),
        )
    };
    let funded: Vec<_> = config.funded.iter().map(account).collect();
    let mut context = Context::new(rules, fresh_stores(), 0, Moment::default());
    write_genesis(&mut context, &funded).expect("coins that can be given");
    context.stores
}
