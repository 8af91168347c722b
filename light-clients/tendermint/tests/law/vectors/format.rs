//! The flat object of docs/formats/tendermint.md, "Shared vectors".

use alloy_primitives::{B256, Bytes};
use prost::Message;
use serde::{Deserialize, Serialize};
use tendermint_client::testing::{World, ibc};
use tendermint_client::{Config, TrustLevel};
use wire::path::Path;
use wire::{Height, Seconds};

use crate::fixture::{START, after, config};

/// First byte of a step.
pub(crate) const UPDATE: u8 = 1;
pub(crate) const EVIDENCE: u8 = 2;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Vector {
    pub(crate) about: String,
    /// `start`, `step` (the last one is judged), `member`, `absent` or `batch`.
    pub(crate) kind: String,
    pub(crate) chain_id: String,
    pub(crate) trust_numerator: u64,
    pub(crate) trust_denominator: u64,
    pub(crate) trust_period: u64,
    pub(crate) unbonding_period: u64,
    pub(crate) clock_drift: u64,
    pub(crate) capacity: u32,
    pub(crate) store: Bytes,
    pub(crate) revision_number: u64,
    pub(crate) revision_height: u64,
    pub(crate) bootstrap: Bytes,
    pub(crate) started_at: u64,
    pub(crate) steps: Vec<Bytes>,
    pub(crate) times: Vec<u64>,
    /// A proof: the height asked about, when, the path, the value.
    pub(crate) proof_height: u64,
    pub(crate) now: u64,
    pub(crate) path: Bytes,
    /// Of a batch the paths in their order; its value is the words that come back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) paths: Vec<Bytes>,
    pub(crate) value: Bytes,
    pub(crate) proof: Bytes,
    pub(crate) error: String,
    pub(crate) result: String,
    pub(crate) newest: u64,
    pub(crate) seconds: u64,
    pub(crate) nanos: u32,
    pub(crate) app_hash: B256,
    pub(crate) next_validators_hash: B256,
    pub(crate) learned_at: u64,
    pub(crate) frozen: bool,
    /// What a proof comes back with.
    pub(crate) proven_at: u64,
    /// Addresses, one after the other.
    pub(crate) accused: Bytes,
    /// The first state, unpacked.
    pub(crate) start_seconds: u64,
    pub(crate) start_nanos: u32,
    pub(crate) start_app_hash: B256,
    pub(crate) start_next_validators_hash: B256,
    /// The steps as an EVM chain is told them, sets installed before they are used; when; how many belong to the judged step.
    pub(crate) packed: Vec<Bytes>,
    pub(crate) packed_times: Vec<u64>,
    pub(crate) packed_judged: u64,
    /// The rule by which there is no packed form.
    pub(crate) packed_error: String,
    /// The most votes in a packed message of the judged step; zero for as many as there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) packed_votes_max: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Vector {
    /// A client of `world` that begins with block 100.
    pub(crate) fn new(world: &World) -> Self {
        Self {
            kind: "start".into(),
            revision_number: world.revision,
            revision_height: u64::try_from(START).unwrap(),
            bootstrap: world.consensus_state_at(START).encode_to_vec().into(),
            started_at: after(world, START).0,
            ..Self::default()
        }
        .with(config())
    }

    pub(crate) fn with(mut self, config: Config) -> Self {
        self.chain_id = config.chain_id;
        self.trust_numerator = config.trust_level.numerator;
        self.trust_denominator = config.trust_level.denominator;
        self.trust_period = config.trust_period.0;
        self.unbonding_period = config.unbonding_period.0;
        self.clock_drift = config.clock_drift.0;
        self.capacity = config.capacity;
        self.store = config.store.into();
        self
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            chain_id: self.chain_id.clone(),
            trust_level: TrustLevel {
                numerator: self.trust_numerator,
                denominator: self.trust_denominator,
            },
            trust_period: Seconds(self.trust_period),
            unbonding_period: Seconds(self.unbonding_period),
            clock_drift: Seconds(self.clock_drift),
            capacity: self.capacity,
            store: self.store.to_vec(),
        }
    }

    pub(crate) fn height(&self) -> Height {
        Height {
            revision_number: self.revision_number,
            revision_height: self.revision_height,
        }
    }

    pub(crate) fn step(mut self, kind: u8, message: &[u8], at: Seconds) -> Self {
        self.kind = "step".into();
        self.steps.push([&[kind], message].concat().into());
        self.times.push(at.0);
        self
    }

    pub(crate) fn update(self, message: &ibc::Header, at: Seconds) -> Self {
        self.step(UPDATE, &message.encode_to_vec(), at)
    }

    /// Judges a proof after the steps.
    pub(crate) fn proof(mut self, kind: &str, height: u64, path: &Path, proof: &[u8], at: Seconds) -> Self {
        self.kind = kind.into();
        self.proof_height = height;
        self.path = path.to_bytes().into();
        self.proof = proof.to_vec().into();
        self.now = at.0;
        self
    }

    /// Judges a pool after the steps.
    pub(crate) fn batch(mut self, height: u64, paths: &[Path], pool: &[u8], at: Seconds) -> Self {
        self.kind = "batch".into();
        self.proof_height = height;
        self.paths = paths.iter().map(|path| path.to_bytes().into()).collect();
        self.proof = pool.to_vec().into();
        self.now = at.0;
        self
    }

    pub(crate) fn member(self, path: &Path, value: &[u8], proof: &[u8], at: Seconds) -> Self {
        let mut vector = self.proof("member", 101, path, proof, at);
        vector.value = value.to_vec().into();
        vector
    }

    pub(crate) fn evidence(self, first: &ibc::Header, second: &ibc::Header, at: Seconds) -> Self {
        let message = ibc::Misbehaviour {
            client_id: String::new(),
            header_1: Some(first.clone()),
            header_2: Some(second.clone()),
        };
        self.step(EVIDENCE, &message.encode_to_vec(), at)
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
