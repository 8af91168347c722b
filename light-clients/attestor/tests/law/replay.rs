//! Replays one case, through bytes, as a contract would.

use attestor::codec::{decode_evidence, decode_update};
use attestor::{
    Reject, Set, Trusted, check_misbehaviour, complete_rotation, start, verify_absent, verify_batch,
    verify_member, verify_update, veto_rotation,
};
use client::Advance;
use wire::path::Path;
use wire::{Height, Seconds};

use crate::format::{COMPLETE, EVIDENCE, UPDATE, VETO, Vector};

/// What became of a case: the state after it, and what it comes back with.
pub(crate) struct Outcome {
    trusted: Trusted,
    result: String,
    proven_at: u64,
    values: Vec<u8>,
}

/// The variant's name; that of the signature rule if it is one.
pub(crate) fn name(reject: &Reject) -> String {
    let text = match reject {
        Reject::Signature(rule) => format!("{rule:?}"),
        Reject::Storage(rule) => format!("{rule:?}"),
        other => format!("{other:?}"),
    };
    text.split([' ', '(', '{']).next().unwrap().into()
}

/// The case as it is judged: everything that it says about the outcome is filled in.
pub(crate) fn filled(vector: &Vector) -> Vector {
    let mut filled = vector.clone();
    match run(vector) {
        Err(reject) => filled.error = name(&reject),
        Ok(outcome) => {
            let trusted = outcome.trusted;
            filled.error = String::new();
            filled.result = outcome.result;
            filled.proven_at = outcome.proven_at;
            filled.values = outcome.values.into();
            if let Some(newest) = trusted.newest() {
                filled.newest = newest.height;
                filled.storage_root = newest.storage_root;
                filled.timestamp = newest.timestamp.0;
                filled.learned_at = newest.learned_at.0;
            }
            filled.frozen = trusted.frozen;
            filled.set_id = trusted.set_id;
            filled.nonce = trusted.nonce;
            filled.rotation_due = trusted.pending.as_ref().map_or(0, |pending| pending.due.0);
            filled.set_after = trusted.set.to_words().into();
        }
    }
    filled
}

pub(crate) fn run(vector: &Vector) -> Result<Outcome, Reject> {
    let config = vector.config();
    config.check()?;
    let mut outcome = Outcome {
        trusted: start(config, Set::from_words(&vector.set)?)?,
        result: String::new(),
        proven_at: 0,
        values: Vec::new(),
    };
    let last = vector.steps.len().saturating_sub(1);
    for (at, (bytes, now)) in vector.steps.iter().zip(&vector.times).enumerate() {
        let judged = at == last && vector.kind == "step";
        match step(&outcome.trusted, bytes, Seconds(*now)) {
            Err(reject) if judged => return Err(reject),
            Err(reject) => panic!(
                "{}: a step before the judged one is refused: {reject}",
                vector.about
            ),
            Ok((result, after)) => {
                outcome.result = if judged { result.into() } else { String::new() };
                outcome.trusted = after;
            }
        }
    }
    prove(vector, &mut outcome)?;
    Ok(outcome)
}

fn step(trusted: &Trusted, bytes: &[u8], now: Seconds) -> Result<(&'static str, Trusted), Reject> {
    let (kind, message) = bytes.split_first().unwrap();
    match *kind {
        UPDATE => Ok(match verify_update(trusted, &decode_update(message)?, now)? {
            Advance::Updated(after) => ("Update", after),
            Advance::Misbehaviour(after) => ("Misbehaviour", after),
            Advance::NoOp => ("NoOp", trusted.clone()),
        }),
        EVIDENCE => {
            let after = check_misbehaviour(trusted, &decode_evidence(message)?, now)?;
            Ok((if after.frozen { "Frozen" } else { "Struck" }, after))
        }
        COMPLETE => Ok(("Completed", complete_rotation(trusted, now)?)),
        VETO => Ok(("Vetoed", veto_rotation(trusted)?)),
        other => panic!("no step of kind {other}"),
    }
}

fn prove(vector: &Vector, outcome: &mut Outcome) -> Result<(), Reject> {
    let (height, now) = (Height::of(vector.height), Seconds(vector.now));
    let paths: Vec<Path> = vector
        .paths
        .iter()
        .map(|path| Path::parse(path).unwrap())
        .collect();
    let trusted = &outcome.trusted;
    let path = paths.first();
    let (proof, value) = (&vector.proof, &vector.value);
    let time = match vector.kind.as_str() {
        "member" => verify_member(trusted, height, path.unwrap(), value, proof, now)?,
        "absent" => verify_absent(trusted, height, path.unwrap(), proof, now)?,
        "batch" => {
            let (time, values) = verify_batch(trusted, height, &paths, proof, now)?;
            let words = values.into_iter().map(Option::unwrap_or_default);
            outcome.values = words.flatten().collect();
            time
        }
        "start" | "step" => Seconds(0),
        other => panic!("no case of kind {other}"),
    };
    outcome.proven_at = time.0;
    Ok(())
}
