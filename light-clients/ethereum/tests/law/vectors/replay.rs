//! Replays one case, through bytes, as a contract would.

use client::Advance;
use ethereum::codec::{decode_bootstrap, decode_evidence, decode_update};
use ethereum::{
    Blst, Reject, Slot, Trusted, check_misbehaviour, start, verify_absent, verify_batch, verify_member,
    verify_update,
};
use wire::path::Path;
use wire::{Height, Seconds};

use super::format::Vector;

/// What became of a case.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    error: String,
    result: String,
}

/// Fails the test unless the case ends as it says.
pub(crate) fn check(path: &str, vector: &Vector) {
    let mut trusted = None;
    let outcome = match run(path, vector, &mut trusted) {
        Ok(result) => Outcome {
            error: String::new(),
            result,
        },
        Err(reject) => Outcome {
            error: name(&reject),
            result: String::new(),
        },
    };
    let expected = Outcome {
        error: vector.error.clone(),
        result: vector.result.clone(),
    };
    assert_eq!(outcome, expected, "{path}");
    if vector.error.is_empty() {
        check_state(path, vector, &trusted.expect("an accepted case leaves a state"));
    }
}

/// What becomes of a case, whatever it says itself.
pub(crate) fn verdict(path: &str, vector: &Vector) -> Result<String, Reject> {
    run(path, vector, &mut None)
}

/// The variant's name.
pub(crate) fn name(reject: &Reject) -> String {
    let text = match reject {
        Reject::Storage(rule) => format!("{rule:?}"),
        other => format!("{other:?}"),
    };
    text.split([' ', '(', '{']).next().unwrap().into()
}

fn run(path: &str, vector: &Vector, state: &mut Option<Trusted>) -> Result<String, Reject> {
    let config = vector.config()?;
    let bootstrap = decode_bootstrap(&config.network, &vector.bootstrap)?;
    let mut trusted = start(&Blst, config, &bootstrap, Seconds(vector.started_at))?;
    *state = Some(trusted.clone());
    let mut result = String::new();
    let last = vector.updates.len().saturating_sub(1);
    for (at, (bytes, now)) in vector.updates.iter().zip(&vector.times).enumerate() {
        let judged = at == last && vector.kind == "update";
        match update(&trusted, bytes, Seconds(*now)) {
            Err(reject) if judged => return Err(reject),
            Err(reject) => panic!("{path}: a step before the judged one was refused: {reject}"),
            Ok((name, after)) => {
                result = name.into();
                trusted = after;
            }
        }
        *state = Some(trusted.clone());
    }
    if vector.kind != "update" {
        result.clear();
    }
    finish(vector, &mut trusted)?;
    *state = Some(trusted);
    Ok(result)
}

fn update(trusted: &Trusted, bytes: &[u8], now: Seconds) -> Result<(&'static str, Trusted), Reject> {
    let update = decode_update(&trusted.config.network, bytes)?;
    Ok(match verify_update(&Blst, trusted, &update, now)? {
        Advance::Updated(after) => ("Update", after),
        Advance::NoOp => ("NoOp", trusted.clone()),
        Advance::Misbehaviour(after) => ("Misbehaviour", after),
    })
}

/// What comes after the updates.
fn finish(vector: &Vector, trusted: &mut Trusted) -> Result<(), Reject> {
    let now = Seconds(vector.now);
    let height = Height {
        revision_number: 0,
        revision_height: vector.height,
    };
    let path = || Path::parse(&vector.path).unwrap();
    match vector.kind.as_str() {
        "start" | "update" => {}
        "misbehaviour" => {
            let evidence = decode_evidence(&trusted.config.network, &vector.evidence)?;
            *trusted = check_misbehaviour(&Blst, trusted, &evidence, now)?;
            assert!(trusted.frozen);
        }
        "member" => {
            let proven = verify_member(trusted, height, &path(), &vector.value, &vector.proof, now)?;
            assert_eq!(proven.0, vector.timestamp);
        }
        "absent" => {
            let proven = verify_absent(trusted, height, &path(), &vector.proof, now)?;
            assert_eq!(proven.0, vector.timestamp);
        }
        "batch" => {
            let paths: Vec<Path> = vector
                .paths
                .iter()
                .map(|path| Path::parse(path).unwrap())
                .collect();
            let (proven, values) = verify_batch(trusted, height, &paths, &vector.proof, now)?;
            let words: Vec<u8> = values.into_iter().flat_map(Option::unwrap_or_default).collect();
            assert_eq!(
                (proven.0, words.as_slice()),
                (vector.timestamp, &vector.value[..])
            );
        }
        other => panic!("a case of unknown kind {other}"),
    }
    Ok(())
}

fn check_state(path: &str, vector: &Vector, trusted: &Trusted) {
    assert_eq!(trusted.newest.0, vector.newest, "{path}: newest");
    assert_eq!(
        trusted.frozen,
        vector.result == "Misbehaviour" || vector.kind == "misbehaviour",
        "{path}: frozen"
    );
    let state = trusted
        .state_at(Slot(vector.height))
        .expect("a state at the judged height");
    assert_eq!(state.storage_root, vector.storage_root, "{path}: storage root");
    assert_eq!(state.learned_at.0, vector.learned_at, "{path}: learned at");
    let time = trusted.config.network.time_of(state.slot).unwrap();
    assert_eq!(time.0, vector.timestamp, "{path}: timestamp");
    let held = trusted.committees().max_by_key(|held| held.period).unwrap();
    assert_eq!(held.commitment, vector.next_committee, "{path}: newest committee");
}
