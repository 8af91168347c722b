//! The chain of 512 seats from which the shared vectors are drawn, and the steps that make a case.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use ethereum::codec::{encode_bootstrap, encode_update};
use ethereum::testing::{Draft, World, filler};
use ethereum::{Bootstrap, Config, Network, Period, Slot, Times, Update};
use wire::Seconds;
use wire::path::{self, Path};
use wire::{ClientId, Sequence};

use super::format::Vector;
use crate::fixture::{EPOCH, START, forks};

/// Name and case.
pub(crate) type Case = (&'static str, Vector);

/// The chain of the vectors.
pub(crate) struct Scene {
    pub(crate) world: World,
    /// A path under which the router has stored something.
    pub(crate) present: Path,
    /// A path under which it has not.
    pub(crate) absent: Path,
    /// What is stored under `present`: starts with a zero byte, which RLP leaves out.
    pub(crate) value: B256,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let times = Times {
            genesis: Seconds(1_700_000_000),
            seconds_per_slot: 6,
            slots_per_epoch: 8,
            epochs_per_period: 8,
        };
        let network = Network::custom(times, filler("genesis validators", &[]), 512, forks()).unwrap();
        let mut world = World::new(network);
        let client = ClientId::new("client-0").unwrap();
        let present = path::commitment(&client, Sequence::new(7).unwrap());
        let absent = path::receipt(&client, Sequence::new(8).unwrap());
        let mut value = filler("commitment", &[7]);
        value.0[0] = 0;
        world
            .storage
            .insert(present.evm_slot(wire::COMMITMENTS_SLOT), value);
        Self {
            world,
            present,
            absent,
            value,
        }
    }

    /// The vectors' configuration: a ring of 8 states.
    pub(crate) fn config(&self) -> Config {
        Config {
            capacity: 8,
            ..self.world.config()
        }
    }

    /// A client started at [`START`].
    pub(crate) fn client(&self, kind: &str) -> Steps<'_> {
        self.client_at(kind, START)
    }

    /// A client started at `slot`.
    pub(crate) fn client_at(&self, kind: &str, slot: u64) -> Steps<'_> {
        Steps::start(&self.world, self.config(), kind, slot)
    }

    /// An honest update one epoch after [`START`].
    pub(crate) fn update(&self) -> Update {
        self.world.update(&self.draft())
    }

    /// The draft of [`Scene::update`].
    pub(crate) fn draft(&self) -> Draft {
        Draft::new(START + EPOCH, START + 3 * EPOCH)
    }
}

/// A case in the making.
pub(crate) struct Steps<'a> {
    world: &'a World,
    vector: Vector,
    /// Storage roots of states by slot, and when they were learned.
    states: BTreeMap<u64, (B256, u64)>,
    newest_period: Period,
    newest_committee: B256,
}

impl<'a> Steps<'a> {
    pub(crate) fn start(world: &'a World, config: Config, kind: &str, slot: u64) -> Self {
        let bootstrap = world.bootstrap(slot);
        let mut vector = Vector::new(kind, &config);
        vector.bootstrap = encode_bootstrap(&bootstrap).into();
        vector.started_at = world.time(slot + 2).0;
        vector.now = vector.started_at;
        vector.height = slot;
        let root = world.storage_proof(B256::ZERO).root;
        let states = BTreeMap::from([(slot, (root, vector.started_at))]);
        let period = world.network.period_of(Slot(slot));
        let newest_committee = bootstrap.current.committee.commitment(period);
        Self {
            world,
            vector,
            states,
            newest_period: period,
            newest_committee,
        }
    }

    /// Changes the bootstrap's bytes.
    pub(crate) fn bootstrap(mut self, bootstrap: &Bootstrap) -> Self {
        self.vector.bootstrap = encode_bootstrap(bootstrap).into();
        self
    }

    /// Changes what has no step of its own.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Vector)) -> Self {
        change(&mut self.vector);
        self
    }

    /// An update that is accepted, at the time of its signature slot.
    pub(crate) fn then(self, update: &Update) -> Self {
        let now = self.world.time(update.signature_slot.0).0;
        let root = self.world.storage_proof(B256::ZERO).root;
        self.then_at(update, root, now)
    }

    /// An update that is accepted at `now` and stores `root`.
    pub(crate) fn then_at(mut self, update: &Update, root: B256, now: u64) -> Self {
        let slot = update.finalized.slot.0;
        self.states.entry(slot).or_insert((root, now));
        self.note_committee(update);
        self.judged(encode_update(update), slot, now)
    }

    /// An update without account proof that is accepted, at the time of its signature slot: no state comes of it.
    pub(crate) fn then_taught(mut self, update: &Update) -> Self {
        let now = self.world.time(update.signature_slot.0).0;
        let newest = *self.states.keys().next_back().unwrap();
        self.note_committee(update);
        self.judged(encode_update(update), newest, now)
    }

    fn note_committee(&mut self, update: &Update) {
        let Some(next) = &update.next else { return };
        let period = self.world.network.period_of(update.attested.slot).next().unwrap();
        if period > self.newest_period {
            self.newest_period = period;
            self.newest_committee = next.committee.commitment(period);
        }
    }

    /// The update that is judged, as bytes, at `now`.
    pub(crate) fn judged(mut self, update: Vec<u8>, slot: u64, now: u64) -> Self {
        self.vector.updates.push(update.into());
        self.vector.times.push(now);
        self.vector.height = slot;
        self.vector.now = now;
        self
    }

    /// The end of a case that is accepted.
    pub(crate) fn accepted(mut self, result: &str) -> Vector {
        let (root, learned) = self.states[&self.vector.height];
        self.vector.result = result.into();
        self.vector.newest = *self.states.keys().next_back().unwrap();
        self.vector.storage_root = root;
        self.vector.learned_at = learned;
        self.vector.timestamp = self.world.time(self.vector.height).0;
        self.vector.next_committee = self.newest_committee;
        self.vector
    }

    /// The end of a case that is refused.
    pub(crate) fn refused(mut self, error: &str) -> Vector {
        self.vector.error = error.into();
        self.vector
    }

    /// An update that is refused by `error` at the time of its signature slot.
    pub(crate) fn refuses(self, update: &Update, error: &str) -> Vector {
        let now = self.world.time(update.signature_slot.0).0;
        self.judged(encode_update(update), update.finalized.slot.0, now)
            .refused(error)
    }
}
