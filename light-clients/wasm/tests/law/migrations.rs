//! `MsgMigrateContract`: what governance may say when it moves the client to new code.

use serde_json::json;
use wasm_client::GuardWord;

use crate::guardians::{Council, HOUR, guarded, say};
use crate::host::{Chain, Said};
use crate::scene::{client_state, create, prove, updated, vector};

fn refused(rule: &str) -> Said {
    Err(rule.into())
}

fn members(council: &Council) -> Vec<String> {
    let set = council.next_set();
    set.guardians.iter().map(ToString::to_string).collect()
}

#[test]
fn saying_nothing_changes_nothing() {
    let (mut chain, proof) = guarded(&Council::new(1));
    let before = chain.store.clone();
    chain.migrate(&json!({})).unwrap();
    assert_eq!(chain.store, before);
    prove(&mut chain, &proof).unwrap();
}

#[test]
fn governance_names_guardians_at_once_and_drops_a_set_that_waits() {
    let (old, new) = (Council::new(1), Council::new(2));
    let (mut chain, proof) = guarded(&old);
    let word = old.rotation(3, &Council::new(3), 1, chain.now);
    say(&mut chain, word).unwrap();
    let word = old.halt(2, HOUR, 2, chain.now);
    say(&mut chain, word).unwrap();
    let set = json!({ "guardians": { "small": 2, "large": 3, "members": members(&new) } });
    chain.migrate(&set).unwrap();
    let word = old.halt(2, 2 * HOUR, 3, chain.now);
    assert_eq!(say(&mut chain, word), refused("not_a_guardian"));
    assert_eq!(say(&mut chain, GuardWord::ExecuteRotation), refused("NoRotation"));
    // A halt stands until somebody takes it off.
    assert_eq!(prove(&mut chain, &proof), refused("Halted"));
    let new = new.numbered(2);
    let word = new.halt(2, 2 * HOUR, 3, chain.now);
    say(&mut chain, word).unwrap();
}

#[test]
fn governance_names_guardians_where_nobody_guarded() {
    let council = Council::new(1);
    let (mut chain, _) = updated("accept/absent.json");
    let set = json!({ "guardians": { "small": 2, "large": 3, "members": members(&council) } });
    chain.migrate(&set).unwrap();
    let word = council.halt(2, HOUR, 1, chain.now);
    say(&mut chain, word).unwrap();
}

#[test]
fn governance_lifts_a_halt_at_once() {
    let council = Council::new(1);
    let (mut chain, proof) = guarded(&council);
    let word = council.confirm(3, 24 * HOUR, 1, chain.now);
    say(&mut chain, word).unwrap();
    assert_eq!(prove(&mut chain, &proof), refused("Halted"));
    chain.migrate(&json!({ "lift_halt": true })).unwrap();
    prove(&mut chain, &proof).unwrap();
    // Nothing to lift is no fault.
    chain.migrate(&json!({ "lift_halt": true })).unwrap();
    let (mut unguarded, _) = updated("accept/absent.json");
    unguarded.migrate(&json!({ "lift_halt": true })).unwrap();
}

#[test]
fn forks_are_appended_and_never_changed() {
    let (mut chain, _) = updated("accept/absent.json");
    let fork = |epoch: u64| json!({ "forks": [{ "epoch": epoch, "version": "0x07000001", "layout": 2 }] });
    assert_eq!(chain.migrate(&fork(16)), refused("ForkOrder"));
    chain.migrate(&fork(17)).unwrap();
    assert_eq!(chain.migrate(&fork(17)), refused("ForkOrder"));
    let mut with_it = vector("accept/absent.json");
    with_it.fork_epochs.push(17);
    with_it.fork_versions.push([7, 0, 0, 1].into());
    with_it.fork_layouts.push(2);
    let mut other = Chain::new();
    create(&mut other, &with_it).unwrap();
    assert_eq!(client_state(&chain), client_state(&other));
}

#[test]
fn rejects_what_can_not_be_read() {
    let (mut chain, _) = updated("accept/absent.json");
    let before = chain.store.clone();
    let set = |members: &[&str]| json!({ "guardians": { "small": 2, "large": 3, "members": members } });
    let one = "0x0b4cdd1b23b30d62b60873d5f23b103e5d7d0185";
    assert_eq!(chain.migrate(&set(&["0x0b"])), refused("Malformed"));
    assert_eq!(chain.migrate(&set(&["guardian"])), refused("Malformed"));
    assert_eq!(chain.migrate(&set(&[one, one, one])), refused("guardian_order"));
    assert_eq!(chain.migrate(&set(&[one])), refused("large_quorum"));
    let fork = json!({ "forks": [{ "epoch": 17, "version": "0x0700", "layout": 2 }] });
    assert_eq!(chain.migrate(&fork), refused("Malformed"));
    assert_eq!(chain.store, before);
}

#[test]
fn a_store_that_can_not_be_used_is_not_taken_over() {
    let (mut chain, _) = updated("accept/absent.json");
    chain.store.0.remove(b"consensusStates/0-264".as_slice());
    assert_eq!(chain.migrate(&json!({})), refused("Missing"));
    chain.store.0.clear();
    assert_eq!(chain.migrate(&json!({})), refused("Missing"));
}
