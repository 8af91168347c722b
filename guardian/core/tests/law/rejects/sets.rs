//! Sets that are not safe to use, and scopes that are none.

use alloy_primitives::{Address, B256};

use super::Refused;
use crate::trace::{At, FEW, MANY, Trace, asset, path, token};
use crate::world::{
    ALL, APPLICATION, ASSET, CLIENT, CLIENT_CONTRACT, DIRECTION, GUARDIANS, HOUR, LARGE, SMALL, TOKEN, keys,
};

pub(super) fn first_set() -> Vec<Address> {
    keys()[..GUARDIANS].iter().map(|(address, _)| *address).collect()
}

pub(super) fn sets() -> Vec<Refused> {
    let set = |about: &str, list: Vec<Address>, small, large| Trace::with_set(about, list, small, large);
    let many = (1u8..=33).map(Address::repeat_byte).collect();
    let first = first_set();
    vec![
        ("too_many_guardians", "new", set("33 guardians", many, 2, 17)),
        (
            "small_quorum",
            "one",
            set("one guardian could act", first.clone(), 1, 4),
        ),
        (
            "small_quorum",
            "zero",
            set("nobody could act", first.clone(), 0, 4),
        ),
        ("small_quorum", "empty", set("an empty set", Vec::new(), 0, 0)),
        (
            "large_quorum",
            "equal",
            set("resuming would be as easy as halting", first.clone(), 3, 3),
        ),
        (
            "large_quorum",
            "above",
            set("more than there are", first.clone(), 2, 6),
        ),
        (
            "large_quorum",
            "half",
            set(
                "no majority: two large quorums share nobody",
                first[..4].to_vec(),
                2,
                2,
            ),
        ),
        (
            "large_quorum",
            "minority",
            set("a minority", (1u8..=8).map(Address::repeat_byte).collect(), 2, 4),
        ),
        (
            "large_quorum",
            "empty",
            set("an empty set with quorums", Vec::new(), 2, 3),
        ),
    ]
}

pub(super) fn orders() -> Vec<Refused> {
    let set = |about: &str, list: Vec<Address>| Trace::with_set(about, list, SMALL, LARGE);
    let first = first_set();
    let swapped = vec![first[1], first[0], first[2], first[3], first[4]];
    let twice = vec![first[0], first[0], first[1], first[2], first[3]];
    let zero = vec![Address::ZERO, first[0], first[1], first[2], first[3]];
    vec![
        ("guardian_order", "swapped", set("not ascending", swapped)),
        ("guardian_order", "twice", set("one guardian twice", twice)),
        ("guardian_order", "zero", set("the zero address", zero)),
    ]
}

pub(super) fn rotations() -> Vec<Refused> {
    let first = first_set();
    let twice = vec![first[0], first[0], first[1], first[2], first[3]];
    vec![
        (
            "guardian_order",
            "rotation",
            Trace::new("a rotation is checked like a first set").rotate_to(twice, SMALL, LARGE),
        ),
        (
            "small_quorum",
            "rotation",
            Trace::new("a rotation to a quorum of one").rotate_to(first.clone(), 1, 4),
        ),
        (
            "large_quorum",
            "rotation",
            Trace::new("a rotation to no majority").rotate_to(first, 2, 2),
        ),
    ]
}

pub(super) fn scopes() -> Vec<Refused> {
    let halt = |about: &str, kind, path, item| Trace::new(about).halt(At { kind, path, item }, HOUR, MANY);
    let (no, word, key) = (B256::ZERO, B256::repeat_byte(9), path(0));
    [
        (
            "client_with_item",
            halt("a client with a second word", CLIENT, key, word),
        ),
        (
            "client_without_path",
            halt("a client without a path", CLIENT, no, no),
        ),
        (
            "asset_without_token",
            halt("an asset without a token", ASSET, key, no),
        ),
        (
            "asset_of_no_address",
            halt("an asset whose token is no address", ASSET, key, word),
        ),
        (
            "asset_without_path",
            halt("an asset without a path", ASSET, no, token(1)),
        ),
        (
            "direction_2",
            halt("a third direction", DIRECTION, key, B256::with_last_byte(2)),
        ),
        (
            "direction_without_path",
            halt("a direction without a path", DIRECTION, no, no),
        ),
        (
            "contract_with_path",
            halt("a contract with a path to charge", CLIENT_CONTRACT, key, token(1)),
        ),
        ("contract_zero", halt("no contract", CLIENT_CONTRACT, no, no)),
    ]
    .map(|(name, trace)| ("invalid_scope", name, trace))
    .into()
}

pub(super) fn scopes_without_path() -> Vec<Refused> {
    let halt = |about: &str, kind, path, item| Trace::new(about).halt(At { kind, path, item }, HOUR, MANY);
    let (no, word, key) = (B256::ZERO, B256::repeat_byte(9), path(0));
    [
        (
            "contract_of_no_address",
            halt("a contract that is no address", CLIENT_CONTRACT, no, word),
        ),
        ("application_zero", halt("no application", APPLICATION, no, no)),
        (
            "application_with_path",
            halt("an application with a path", APPLICATION, key, word),
        ),
        ("all_with_item", halt("everything and something", ALL, no, word)),
        ("all_with_path", halt("everything over a path", ALL, key, no)),
        ("token_zero", halt("no token", TOKEN, no, no)),
        (
            "token_with_path",
            halt("a token over one path is an asset", TOKEN, key, token(1)),
        ),
    ]
    .map(|(name, trace)| ("invalid_scope", name, trace))
    .into()
}

pub(super) fn unknown_paths() -> Vec<Refused> {
    let mut list = Vec::new();
    let unknown = || asset(99, token(1));
    list.push((
        "unknown_path",
        "halt",
        Trace::new("no client has this id").halt(unknown(), HOUR, FEW),
    ));
    list.push((
        "unknown_path",
        "confirm",
        Trace::new("nor for many").confirm(unknown(), HOUR, MANY),
    ));
    list.push((
        "unknown_path",
        "resume",
        Trace::new("nor to resume").schedule(unknown(), 1, MANY),
    ));
    list
}
