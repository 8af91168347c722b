//! The flat object of docs/formats/policy.md, "Shared vectors", and how a case is judged.

use alloy_primitives::{Address, Bytes};
use client::Status;
use policy::{LeafProof, Node, Policy, Proven, Reject, decode_proof, encode_proof, status};
use serde::{Deserialize, Serialize};
use wire::{Height, Seconds};

pub(crate) const NOW: u64 = 1_790_000_000;

/// The numbers of `status`; 3 = it does not answer.
pub(crate) const ACTIVE: u64 = 0;
pub(crate) const EXPIRED: u64 = 1;
pub(crate) const FROZEN: u64 = 2;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Vector {
    pub(crate) about: String,
    /// `start`, `proof` or `status`.
    pub(crate) kind: String,
    pub(crate) policy: Bytes,
    /// Of the leaf at each address of `leaf`: the state that it proves by the one byte n + 1; timestamp 0 = it refuses.
    pub(crate) revisions: Vec<u64>,
    pub(crate) heights: Vec<u64>,
    pub(crate) timestamps: Vec<u64>,
    /// 0 = it does not tell.
    pub(crate) learned: Vec<u64>,
    /// 1 = it is halted.
    pub(crate) halted: Vec<u64>,
    pub(crate) statuses: Vec<u64>,
    pub(crate) revision: u64,
    pub(crate) height: u64,
    pub(crate) proof: Bytes,
    pub(crate) now: u64,
    pub(crate) error: String,
    pub(crate) proven_at: u64,
    pub(crate) status: u64,
}

/// The address of the n-th leaf of the vectors.
pub(crate) fn leaf(n: usize) -> Address {
    Address::with_last_byte(0xa0 + n as u8)
}

pub(crate) fn of(n: usize) -> Node {
    Node::Leaf(leaf(n))
}

impl Vector {
    /// Ten leaves, each of which proves a state: the n-th at height 100 + n, of time now - 100 - n.
    pub(crate) fn new(kind: &str, root: &Node) -> Self {
        let each = |number: fn(u64) -> u64| (0..10).map(number).collect();
        let policy = Policy::new(root.clone())
            .map(|policy| policy.encode())
            .unwrap_or_default();
        Self {
            kind: kind.into(),
            policy: policy.into(),
            revisions: vec![0; 10],
            heights: each(|n| 100 + n),
            timestamps: each(|n| NOW - 100 - n),
            learned: each(|n| NOW - 50 - n),
            halted: vec![0; 10],
            statuses: vec![ACTIVE; 10],
            now: NOW,
            ..Self::default()
        }
    }

    /// The same with proofs for the leaves with these places in the policy, at the height of one of them.
    pub(crate) fn proving(mut self, places: &[usize], at: usize) -> Self {
        let policy = Policy::decode(&self.policy).unwrap();
        let proofs = policy.leaves().iter().enumerate().map(|(place, _)| {
            let n = self.number(&policy, place).unwrap();
            let proof = if places.contains(&place) {
                vec![n as u8 + 1]
            } else {
                Vec::new()
            };
            LeafProof {
                height: self.height_of(n),
                proof,
            }
        });
        self.proof = encode_proof(&proofs.collect::<Vec<_>>()).into();
        let height = self.height_of(self.number(&policy, at).unwrap());
        (self.revision, self.height) = (height.revision_number, height.revision_height);
        self
    }

    fn height_of(&self, n: usize) -> Height {
        Height {
            revision_number: self.revisions[n],
            revision_height: self.heights[n],
        }
    }

    /// Which of the ten stands at a place of the policy.
    fn number(&self, policy: &Policy, place: usize) -> Option<usize> {
        let client = policy.leaves().get(place)?.client;
        (0..10).find(|n| leaf(*n) == client)
    }

    /// The case as it is judged: all that it says about the outcome is filled in.
    pub(crate) fn filled(&self) -> Self {
        let mut filled = self.clone();
        (filled.error, filled.proven_at, filled.status) = (String::new(), 0, 0);
        match self.run(&mut filled) {
            Ok(()) => {}
            Err(reject) => {
                let text = format!("{reject:?}");
                filled.error = text.split([' ', '(', '{']).next().unwrap().into();
            }
        }
        filled
    }

    fn run(&self, filled: &mut Self) -> Result<(), Reject> {
        let policy = Policy::decode(&self.policy)?;
        assert_eq!(Policy::decode(&policy.encode()), Ok(policy.clone()));
        match self.kind.as_str() {
            "start" => {}
            "proof" => {
                let proofs = decode_proof(policy.leaves().len(), &self.proof)?;
                let shown = proofs.iter().enumerate();
                let verdicts: Vec<_> = shown
                    .map(|(place, shown)| self.ask(&policy, place, shown))
                    .collect();
                let height = Height {
                    revision_number: self.revision,
                    revision_height: self.height,
                };
                filled.proven_at = policy::decide(&policy, height, &verdicts, Seconds(self.now))?.0;
            }
            "status" => {
                let places = 0..policy.leaves().len();
                let said: Vec<_> = places.map(|place| self.status_of(&policy, place)).collect();
                filled.status = match status(&policy, &said) {
                    Status::Active => ACTIVE,
                    Status::Expired => EXPIRED,
                    Status::Frozen => FROZEN,
                };
            }
            other => panic!("no case of kind {other}"),
        }
        Ok(())
    }

    /// What the leaf answers to a proof.
    fn ask(&self, policy: &Policy, place: usize, shown: &LeafProof) -> Option<Proven> {
        let n = self.number(policy, place)?;
        let good = self.halted[n] == 0 && shown.proof == [n as u8 + 1] && shown.height == self.height_of(n);
        good.then(|| Proven {
            height: shown.height,
            timestamp: Seconds(self.timestamps[n]),
            learned_at: (self.learned[n] != 0).then(|| Seconds(self.learned[n])),
        })
    }

    fn status_of(&self, policy: &Policy, place: usize) -> Option<Status> {
        let n = self.number(policy, place)?;
        match self.statuses[n] {
            _ if self.halted[n] != 0 => None,
            ACTIVE => Some(Status::Active),
            EXPIRED => Some(Status::Expired),
            FROZEN => Some(Status::Frozen),
            _ => None,
        }
    }
}
