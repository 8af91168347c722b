//! The flat object of docs/formats/attestor.md, "Shared vectors".

use alloy_primitives::{Address, B256, Bytes};
use attestor::codec::{encode_evidence, encode_update};
use attestor::{Config, Evidence, Update};
use serde::{Deserialize, Serialize};
use wire::path::Path;
use wire::{Seconds, sign};

use crate::fixture::{CONTRACT, HOST, NOW, World, config};

/// First byte of a step.
pub(crate) const UPDATE: u8 = 1;
pub(crate) const EVIDENCE: u8 = 2;
pub(crate) const COMPLETE: u8 = 3;
pub(crate) const VETO: u8 = 4;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Vector {
    pub(crate) about: String,
    /// `start`, `step` (the last one is judged), `member`, `absent` or `batch`.
    pub(crate) kind: String,
    pub(crate) host: u64,
    pub(crate) contract: Address,
    pub(crate) commitments_slot: B256,
    pub(crate) trust_period: u64,
    pub(crate) interval: u64,
    pub(crate) capacity: u32,
    pub(crate) rotation_delay: u64,
    pub(crate) set: Bytes,
    pub(crate) steps: Vec<Bytes>,
    pub(crate) times: Vec<u64>,
    pub(crate) now: u64,
    pub(crate) height: u64,
    pub(crate) paths: Vec<Bytes>,
    pub(crate) value: Bytes,
    pub(crate) proof: Bytes,
    pub(crate) error: String,
    pub(crate) result: String,
    /// What a proof comes back with: its time, and the words of a batch.
    pub(crate) proven_at: u64,
    pub(crate) values: Bytes,
    pub(crate) newest: u64,
    pub(crate) storage_root: B256,
    pub(crate) timestamp: u64,
    pub(crate) learned_at: u64,
    pub(crate) frozen: bool,
    pub(crate) set_id: u64,
    pub(crate) nonce: u64,
    pub(crate) rotation_due: u64,
    pub(crate) set_after: Bytes,
}

impl Vector {
    pub(crate) fn new(world: &World) -> Self {
        let config = config();
        Self {
            kind: "start".into(),
            host: HOST,
            contract: CONTRACT,
            commitments_slot: config.commitments_slot,
            trust_period: config.trust_period.0,
            interval: config.interval,
            capacity: config.capacity,
            rotation_delay: config.rotation_delay.0,
            set: world.set().to_words().into(),
            now: NOW.0,
            ..Self::default()
        }
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            host: sign::word(self.host),
            contract: self.contract.into_word(),
            commitments_slot: self.commitments_slot,
            trust_period: Seconds(self.trust_period),
            interval: self.interval,
            capacity: self.capacity,
            rotation_delay: Seconds(self.rotation_delay),
        }
    }

    /// One step more, `later` seconds after the beginning.
    fn step(mut self, kind: u8, message: &[u8], later: u64) -> Self {
        self.kind = "step".into();
        self.steps.push([&[kind], message].concat().into());
        self.now = NOW.0 + later;
        self.times.push(self.now);
        self
    }

    pub(crate) fn update(self, update: &Update, later: u64) -> Self {
        self.bytes(&encode_update(update), later)
    }

    /// An update that may not be one.
    pub(crate) fn bytes(self, message: &[u8], later: u64) -> Self {
        self.step(UPDATE, message, later)
    }

    pub(crate) fn evidence(self, evidence: &Evidence, later: u64) -> Self {
        self.evidence_bytes(&encode_evidence(evidence), later)
    }

    pub(crate) fn evidence_bytes(self, message: &[u8], later: u64) -> Self {
        self.step(EVIDENCE, message, later)
    }

    pub(crate) fn complete(self, later: u64) -> Self {
        self.step(COMPLETE, &[], later)
    }

    pub(crate) fn veto(self, later: u64) -> Self {
        self.step(VETO, &[], later)
    }

    /// Judges a proof after the steps.
    pub(crate) fn proof(mut self, kind: &str, height: u64, paths: &[Path], proof: &[u8]) -> Self {
        self.kind = kind.into();
        self.height = height;
        self.paths = paths.iter().map(|path| path.to_bytes().into()).collect();
        self.proof = proof.to_vec().into();
        self
    }

    pub(crate) fn member(self, height: u64, path: &Path, value: &[u8], proof: &[u8]) -> Self {
        let mut vector = self.proof("member", height, std::slice::from_ref(path), proof);
        vector.value = value.to_vec().into();
        vector
    }

    pub(crate) fn absent(self, height: u64, path: &Path, proof: &[u8]) -> Self {
        self.proof("absent", height, std::slice::from_ref(path), proof)
    }

    pub(crate) fn later(mut self, later: u64) -> Self {
        self.now = NOW.0 + later;
        self
    }
}

/// Cases that begin alike, each with its name.
pub(crate) struct Table {
    begin: Vector,
    pub(crate) cases: Vec<(String, Vector)>,
}

impl Table {
    pub(crate) fn new(begin: Vector) -> Self {
        let cases = Vec::new();
        Self { begin, cases }
    }

    /// A case that is accepted and does `result`.
    pub(crate) fn accept(
        &mut self,
        result: &str,
        name: &str,
        about: &str,
        go: impl FnOnce(Vector) -> Vector,
    ) {
        let begin = self.begin.clone();
        let mut case = go(Vector {
            about: about.into(),
            ..begin
        });
        case.result = result.into();
        self.cases.push((name.into(), case));
    }

    /// A case that is refused by the rule `error`.
    pub(crate) fn refuse(&mut self, error: &str, name: &str, about: &str, go: impl FnOnce(Vector) -> Vector) {
        self.accept("", name, about, go);
        if let Some((_, case)) = self.cases.last_mut() {
            case.error = error.into();
        }
    }
}
