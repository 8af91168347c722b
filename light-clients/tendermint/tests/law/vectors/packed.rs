//! The messages of a case as its twin on an EVM chain takes them: docs/formats/tendermint-evm.md.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use alloy_primitives::{B256, Bytes};
use tendermint_client::codec::{decode_bootstrap, decode_evidence, decode_update};
use tendermint_client::{Reject, TrustLevel, Update, evm};

use super::format::{EVIDENCE, UPDATE, Vector};
use super::replay::name;

/// The case with everything that the twin needs. Of a step that has no packed form it says why.
pub(crate) fn filled(vector: &Vector) -> Vector {
    let mut filled = Vector {
        packed: Vec::new(),
        packed_times: Vec::new(),
        packed_judged: 0,
        packed_error: String::new(),
        ..vector.clone()
    };
    match decode_bootstrap(vector.height(), &vector.bootstrap) {
        Ok(start) => {
            filled.start_seconds = start.time.rounded_down().0;
            filled.start_nanos = start.time.nanos;
            filled.start_app_hash = start.app_hash;
            filled.start_next_validators_hash = start.next_validators_hash;
        }
        Err(reject) => filled.packed_error = name(&reject),
    }
    let mut packer = Packer {
        level: vector.config().trust_level,
        votes_max: NonZeroUsize::new(vector.packed_votes_max).unwrap_or(NonZeroUsize::MAX),
        installed: BTreeSet::new(),
    };
    for (bytes, time) in vector.steps.iter().zip(&vector.times) {
        match packer.messages(bytes) {
            Ok(messages) => {
                filled.packed_judged = u64::try_from(messages.len()).unwrap();
                filled.packed_times.extend(messages.iter().map(|_| *time));
                filled.packed.extend(messages);
            }
            Err(reject) => {
                filled.packed_judged = 0;
                filled.packed_error = name(&reject);
            }
        }
    }
    filled
}

/// How the twin is told of steps, and which sets it has been told of.
struct Packer {
    level: TrustLevel,
    votes_max: NonZeroUsize,
    installed: BTreeSet<B256>,
}

impl Packer {
    /// What one step is: sets that are new, parts, and the message.
    fn messages(&mut self, bytes: &[u8]) -> Result<Vec<Bytes>, Reject> {
        let (kind, message) = bytes.split_first().unwrap();
        let mut messages = Vec::new();
        let packed = match *kind {
            UPDATE => {
                let update = decode_update(message)?;
                self.install(&mut messages, &update)?;
                evm::update_in_parts(&update, self.level, self.votes_max)?
            }
            EVIDENCE => {
                let evidence = decode_evidence(message)?;
                self.install(&mut messages, &evidence.first)?;
                self.install(&mut messages, &evidence.second)?;
                evm::evidence_in_parts(&evidence, self.level, self.votes_max)?
            }
            other => panic!("no step of kind {other}"),
        };
        messages.extend(packed.parts.iter().map(|part| with(UPDATE, part)));
        messages.push(with(*kind, &packed.last));
        Ok(messages)
    }

    fn install(&mut self, messages: &mut Vec<Bytes>, update: &Update) -> Result<(), Reject> {
        for set in [&update.validators, &update.trusted_validators] {
            if self.installed.insert(set.hash()) {
                messages.push(with(UPDATE, &evm::encode_set(set)?));
            }
        }
        Ok(())
    }
}

fn with(kind: u8, message: &[u8]) -> Bytes {
    [&[kind], message].concat().into()
}
