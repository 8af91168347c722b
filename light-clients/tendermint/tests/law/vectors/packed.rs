//! The messages of a case as its twin on an EVM chain takes them: docs/formats/tendermint-evm.md.

use std::collections::BTreeSet;

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
    let level = vector.config().trust_level;
    let mut installed = BTreeSet::new();
    for (bytes, time) in vector.steps.iter().zip(&vector.times) {
        match messages(bytes, level, &mut installed) {
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

/// What one step is: sets that are new, and the message.
fn messages(bytes: &[u8], level: TrustLevel, installed: &mut BTreeSet<B256>) -> Result<Vec<Bytes>, Reject> {
    let (kind, message) = bytes.split_first().unwrap();
    let mut messages = Vec::new();
    let mut install = |update: &Update| -> Result<(), Reject> {
        for set in [&update.validators, &update.trusted_validators] {
            if installed.insert(set.hash()) {
                messages.push(with(UPDATE, &evm::encode_set(set)?));
            }
        }
        Ok(())
    };
    let last = match *kind {
        UPDATE => {
            let update = decode_update(message)?;
            install(&update)?;
            with(UPDATE, &evm::encode_update(&update, level)?)
        }
        EVIDENCE => {
            let evidence = decode_evidence(message)?;
            install(&evidence.first)?;
            install(&evidence.second)?;
            with(EVIDENCE, &evm::encode_evidence(&evidence, level)?)
        }
        other => panic!("no step of kind {other}"),
    };
    messages.push(last);
    Ok(messages)
}

fn with(kind: u8, message: &[u8]) -> Bytes {
    [&[kind], message].concat().into()
}
