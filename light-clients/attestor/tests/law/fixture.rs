//! Five attestors, three of whom are needed, and the router whose states they sign.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, address, keccak256};
use attestor::testing::Keys;
use attestor::{Attestation, Claim, Config, Evidence, Rotation, Set, Trusted, Update, start, verify_update};
use client::Advance;
use ethereum::testing::{filler, tries};
use merkle::mpt::pool;
use wire::path::{self, Path};
use wire::sign::{self, Domain};
use wire::{ClientId, Seconds, Sequence};

pub(crate) const HOST: u64 = 31_337;
pub(crate) const CONTRACT: Address = address!("a77e570000000000000000000000000000000001");
pub(crate) const INTERVAL: u64 = 32;
pub(crate) const HEIGHT: u64 = 320;
/// A multiple of the interval that no chain reaches.
pub(crate) const FAR: u64 = 1 << 63;
pub(crate) const THRESHOLD: u64 = 3;
/// When everything begins.
pub(crate) const NOW: Seconds = Seconds(1_790_000_000);

/// All that a test needs.
pub(crate) struct World {
    pub(crate) keys: Keys,
    /// The next set's keys.
    pub(crate) heirs: Keys,
    pub(crate) storage: BTreeMap<B256, B256>,
    /// A path under which the router has stored something.
    pub(crate) present: Path,
    /// A path under which it has not.
    pub(crate) absent: Path,
    /// What is stored under `present`: starts with a zero byte, which RLP leaves out.
    pub(crate) value: B256,
}

pub(crate) fn config() -> Config {
    Config {
        host: sign::word(HOST),
        contract: CONTRACT.into_word(),
        commitments_slot: wire::COMMITMENTS_SLOT,
        trust_period: Seconds(7 * 86_400),
        interval: INTERVAL,
        capacity: 8,
        rotation_delay: Seconds(2 * 86_400),
    }
}

/// When the chain made the block of `height`.
pub(crate) fn time(height: u64) -> Seconds {
    Seconds(NOW.0 - 10_000 + 12 * height - 12 * HEIGHT)
}

impl World {
    pub(crate) fn new() -> Self {
        let client = ClientId::new("client-0").unwrap();
        let present = path::commitment(&client, Sequence::new(7).unwrap());
        let absent = path::receipt(&client, Sequence::new(8).unwrap());
        let mut value = filler("commitment", &[7]);
        value.0[0] = 0;
        let mut storage: BTreeMap<B256, B256> = (0..40)
            .map(|at| (filler("storage slot", &[at]), filler("stored", &[at])))
            .collect();
        storage.insert(present.evm_slot(wire::COMMITMENTS_SLOT), value);
        Self {
            keys: Keys::new(1, 5),
            heirs: Keys::new(2, 4),
            storage,
            present,
            absent,
            value,
        }
    }

    pub(crate) fn set(&self) -> Set {
        self.keys.set(THRESHOLD).unwrap()
    }

    pub(crate) fn started(&self) -> Trusted {
        start(config(), self.set()).unwrap()
    }

    /// The storage at a height, each with another root.
    fn storage_at(&self, height: u64) -> BTreeMap<B256, B256> {
        let mut storage = self.storage.clone();
        storage.insert(filler("height", &[]), filler("height", &[height]));
        storage
    }

    pub(crate) fn claim(&self, height: u64) -> Claim {
        Claim {
            timestamp: time(height),
            storage_root: self.root(height),
        }
    }

    fn root(&self, height: u64) -> B256 {
        tries::storage(&self.storage_at(height), B256::ZERO).root
    }

    pub(crate) fn proof(&self, height: u64, path: &Path) -> Vec<u8> {
        tries::storage(&self.storage_at(height), path.evm_slot(wire::COMMITMENTS_SLOT)).bytes()
    }

    /// Paths in the order of a batch, and their pool.
    pub(crate) fn pool(&self, height: u64, paths: Vec<Path>) -> (Vec<Path>, Vec<u8>) {
        let slots: Vec<B256> = paths
            .iter()
            .map(|path| path.evm_slot(wire::COMMITMENTS_SLOT))
            .collect();
        let order = pool::batch_order(&slots);
        let paths: Vec<Path> = order.into_iter().map(|at| paths[at].clone()).collect();
        let keys: Vec<B256> = paths
            .iter()
            .map(|path| keccak256(path.evm_slot(wire::COMMITMENTS_SLOT)))
            .collect();
        let proofs: Vec<Vec<u8>> = paths.iter().map(|path| self.proof(height, path)).collect();
        let root = self.claim(height).storage_root;
        let pool = pool::build(root, &keys, proofs.iter().map(Vec::as_slice)).unwrap();
        (paths, pool)
    }

    /// A state signed by those with these places in the first set.
    pub(crate) fn attestation(&self, height: u64, indices: &[u8]) -> Attestation {
        self.signed(&config().domain(1), height, self.claim(height), indices)
    }

    pub(crate) fn signed(&self, domain: &Domain, height: u64, claim: Claim, indices: &[u8]) -> Attestation {
        Attestation {
            height,
            claim,
            signatures: self.keys.attest(domain, height, &claim, indices),
        }
    }

    pub(crate) fn state(&self, height: u64, indices: &[u8]) -> Update {
        Update::State(self.attestation(height, indices))
    }

    /// A rotation to the heirs, signed by those with these places in the first set.
    pub(crate) fn rotation(&self, nonce: u64, indices: &[u8]) -> Rotation {
        let rotation = Rotation {
            nonce,
            expiry: Seconds(NOW.0 + 86_400),
            set: self.heirs.set(3).unwrap(),
            signatures: Vec::new(),
        };
        self.keys.rotate(&config().domain(1), rotation, indices)
    }

    /// Another claim about a height.
    pub(crate) fn lie(&self, height: u64) -> Claim {
        Claim {
            storage_root: filler("lie", &[height]),
            ..self.claim(height)
        }
    }

    /// The truth and a lie about one height, each with those who signed it.
    pub(crate) fn evidence(&self, height: u64, truth: &[u8], lie: &[u8]) -> Evidence {
        Evidence {
            first: self.attestation(height, truth),
            second: self.signed(&config().domain(1), height, self.lie(height), lie),
        }
    }

    /// What is said about `height` at `timestamp`.
    pub(crate) fn timed(&self, height: u64, timestamp: Seconds, indices: &[u8]) -> Attestation {
        let claim = Claim {
            timestamp,
            storage_root: self.root(height),
        };
        self.signed(&config().domain(1), height, claim, indices)
    }

    /// A state of `height` that is `early` seconds earlier than the truth about [`HEIGHT`], behind that truth.
    pub(crate) fn backwards(&self, height: u64, early: u64, truth: &[u8], lie: &[u8]) -> Evidence {
        Evidence {
            first: self.attestation(HEIGHT, truth),
            second: self.timed(height, Seconds(time(HEIGHT).0 - early), lie),
        }
    }
}

/// What `update` teaches; it must be news.
pub(crate) fn advanced(trusted: &Trusted, update: &Update, now: Seconds) -> Trusted {
    match verify_update(trusted, update, now) {
        Ok(Advance::Updated(after)) => after,
        other => panic!("an honest update is news: {other:?}"),
    }
}
