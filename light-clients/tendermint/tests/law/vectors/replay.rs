//! Replays one case, through bytes, as a contract would.

use client::Advance;
use tendermint_client::codec::{decode_bootstrap, decode_evidence, decode_update};
use tendermint_client::{
    Reject, Trusted, accused, check_misbehaviour, start, verify_absent, verify_batch, verify_member,
    verify_update,
};
use wire::path::Path;
use wire::{Height, Seconds};

use super::format::{EVIDENCE, UPDATE, Vector};
use super::packed;

/// What became of a case: the state after it, what the last step did, and whom it names.
struct Outcome {
    trusted: Trusted,
    result: &'static str,
    accused: Vec<u8>,
    proven_at: u64,
}

/// The case as it is judged: everything that it says about the outcome is filled in.
pub(crate) fn filled(vector: &Vector) -> Vector {
    let mut filled = packed::filled(vector);
    match run(vector) {
        Err(reject) => filled.error = name(&reject),
        Ok(outcome) => {
            let newest = outcome.trusted.newest();
            filled.error = String::new();
            filled.result = outcome.result.into();
            filled.newest = newest.height;
            filled.seconds = newest.time.rounded_down().0;
            filled.nanos = newest.time.nanos;
            filled.app_hash = newest.app_hash;
            filled.next_validators_hash = newest.next_validators_hash;
            filled.learned_at = newest.learned_at.0;
            filled.frozen = outcome.trusted.frozen;
            filled.proven_at = outcome.proven_at;
            filled.accused = outcome.accused.into();
        }
    }
    filled
}

pub(crate) fn name(reject: &Reject) -> String {
    let text = format!("{reject:?}");
    text.split([' ', '(', '{']).next().unwrap().into()
}

fn run(vector: &Vector) -> Result<Outcome, Reject> {
    let bootstrap = decode_bootstrap(vector.height(), &vector.bootstrap)?;
    let mut outcome = Outcome {
        trusted: start(vector.config(), &bootstrap, Seconds(vector.started_at))?,
        result: "Started",
        accused: Vec::new(),
        proven_at: 0,
    };
    let last = vector.steps.len().saturating_sub(1);
    for (at, (bytes, now)) in vector.steps.iter().zip(&vector.times).enumerate() {
        match step(&outcome.trusted, bytes, Seconds(*now)) {
            Err(reject) if at == last && vector.kind == "step" => return Err(reject),
            Err(reject) => panic!(
                "{}: a step before the judged one is refused: {reject}",
                vector.about
            ),
            Ok(after) => outcome = after,
        }
    }
    prove(vector, &mut outcome)?;
    Ok(outcome)
}

/// The proof, if the case has one.
fn prove(vector: &Vector, outcome: &mut Outcome) -> Result<(), Reject> {
    let (trusted, now) = (&outcome.trusted, Seconds(vector.now));
    let height = Height {
        revision_number: vector.revision_number,
        revision_height: vector.proof_height,
    };
    let path = || Path::parse(&vector.path).unwrap();
    let (value, proof) = (&vector.value, &vector.proof);
    let (result, time) = match vector.kind.as_str() {
        "member" => (
            "Member",
            verify_member(trusted, height, &path(), value, proof, now)?,
        ),
        "absent" => ("Absent", verify_absent(trusted, height, &path(), proof, now)?),
        "batch" => {
            let paths: Vec<Path> = vector
                .paths
                .iter()
                .map(|path| Path::parse(path).unwrap())
                .collect();
            let (time, found) = verify_batch(trusted, height, &paths, proof, now)?;
            let words: Vec<u8> = found.into_iter().flat_map(Option::unwrap_or_default).collect();
            assert_eq!(words, value.as_ref(), "{}", vector.about);
            ("Batch", time)
        }
        "start" | "step" => return Ok(()),
        other => panic!("no case of kind {other}"),
    };
    outcome.result = result;
    outcome.proven_at = time.0;
    Ok(())
}

fn step(trusted: &Trusted, bytes: &[u8], now: Seconds) -> Result<Outcome, Reject> {
    let (kind, message) = bytes.split_first().unwrap();
    let mut named = Vec::new();
    let (result, trusted) = match *kind {
        UPDATE => match verify_update(trusted, &decode_update(message)?, now)? {
            Advance::Updated(after) => ("Update", after),
            Advance::Misbehaviour(after) => ("Misbehaviour", after),
            Advance::NoOp => ("NoOp", trusted.clone()),
        },
        EVIDENCE => {
            let evidence = decode_evidence(message)?;
            let after = check_misbehaviour(trusted, &evidence, now)?;
            for one in accused(trusted, &evidence, now)? {
                named.extend_from_slice(one.validator.as_slice());
            }
            ("Frozen", after)
        }
        other => panic!("no step of kind {other}"),
    };
    Ok(Outcome {
        trusted,
        result,
        accused: named,
        proven_at: 0,
    })
}
