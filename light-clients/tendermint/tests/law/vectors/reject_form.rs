//! Cases that are refused for their form, or for a signature.

use prost::Message;
use tendermint_client::testing::{Ballot, Kind, ibc, raw};

use super::format::{EVIDENCE, Table, UPDATE, Vector};
use super::reject_sets::commit;
use crate::fixture::*;

pub(crate) fn cases() -> Vec<(String, Vector)> {
    let mut cases = [of_form(), of_keys()].concat();
    for (kind, suffix) in [(Kind::Ed25519, ""), (Kind::Secp256k1, "_secp256k1")] {
        for (name, case) in [of_signatures(kind), of_signed_votes(kind)].concat() {
            cases.push((format!("{name}{suffix}"), case));
        }
    }
    cases
}

fn of_form() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let good = world.show(&world.block_at(110), 100).encode_to_vec();
    let mut table = Table::new(Vector::new(&world));
    let mut bytes = |error: &str, name: &str, about: &str, message: Vec<u8>| {
        table.refuse(error, name, about, |case| case.step(UPDATE, &message, now));
    };
    bytes("Malformed", "empty", "No bytes.", Vec::new());
    bytes(
        "Malformed",
        "left_over",
        "A byte too many.",
        [&good[..], &[0]].concat(),
    );
    bytes(
        "Malformed",
        "cut",
        "A byte too few.",
        good[..good.len() - 1].to_vec(),
    );
    bytes(
        "Malformed",
        "unknown_field",
        "A field that no header has.",
        [&good[..], &[0x28, 1]].concat(),
    );
    // The last one is the trusted set: field 4, whose length takes two bytes.
    let height = world.height(100).encode_to_vec();
    let field = [&[0x1a, 4][..], &height].concat();
    let at = good
        .windows(field.len())
        .position(|window| window == field)
        .unwrap();
    let with = |middle: &[u8]| [&good[..at], middle, &good[at + field.len()..]].concat();
    bytes(
        "Malformed",
        "twice",
        "The trusted height twice.",
        with(&[&field[..], &field].concat()),
    );
    bytes(
        "Malformed",
        "idle",
        "A length with an idle byte.",
        with(&[&[0x1a, 0x84, 0][..], &height].concat()),
    );
    bytes(
        "Malformed",
        "order",
        "The parts of a height turned round.",
        with(&[0x1a, 4, 0x10, 100, 0x08, 3]),
    );
    table.cases
}

fn of_keys() -> Vec<(String, Vector)> {
    let world = world();
    let now = now(&world);
    let good = world.show(&world.block_at(110), 100).encode_to_vec();
    let mut table = Table::new(Vector::new(&world));
    let mut bytes = |error: &str, name: &str, about: &str, message: Vec<u8>| {
        table.refuse(error, name, about, |case| case.step(UPDATE, &message, now));
    };
    let key = world.set_at(100).members[1]
        .message()
        .pub_key
        .unwrap()
        .encode_to_vec();
    let at = good.windows(key.len()).position(|window| window == key).unwrap();
    let mut bls = good.clone();
    bls[at] = 0x1a;
    bytes("KeyKind", "bls", "A key of BLS.", bls);
    let mut sr = good.clone();
    sr[at] = 0x22;
    bytes("KeyKind", "unknown_key", "A key of a kind that nobody knows.", sr);
    table.refuse("Malformed", "evidence_alone", "Evidence of one header.", |case| {
        let alone = ibc::Misbehaviour {
            client_id: String::new(),
            header_1: Some(world.show(&world.block_at(110), 100)),
            header_2: None,
        };
        case.step(EVIDENCE, &alone.encode_to_vec(), now)
    });
    table.cases
}

fn of_signatures(kind: Kind) -> Vec<(String, Vector)> {
    let world = world_of(kind);
    let now = now(&world);
    let mut table = Table::new(Vector::new(&world));
    let mut edit = |name: &str, about: &str, edit: &dyn Fn(&mut raw::Commit)| {
        table.refuse("BadSignature", name, about, |case| {
            let mut message = world.show(&world.block_at(110), 100);
            edit(commit(&mut message));
            case.update(&message, now)
        });
    };
    edit("signature_first", "The first bit is another.", &|commit| {
        commit.signatures[0].signature[0] ^= 1
    });
    edit("signature_last", "The last bit is another.", &|commit| {
        commit.signatures[1].signature[63] ^= 0x80
    });
    edit("signature_zero", "Zeros.", &|commit| {
        commit.signatures[0].signature = vec![0; 64]
    });
    edit(
        "signature_other",
        "The signature of another validator.",
        &|commit| {
            commit.signatures[0].signature = commit.signatures[1].signature.clone();
        },
    );
    edit(
        "malleable",
        "The other form of a signature: s of the order minus s, or plus.",
        &|commit| {
            let signature = &mut commit.signatures[0].signature;
            match kind {
                Kind::Secp256k1 => negate(&mut signature[32..]),
                Kind::Ed25519 => add_order(&mut signature[32..]),
            }
        },
    );
    table.cases
}

fn of_signed_votes(kind: Kind) -> Vec<(String, Vector)> {
    let world = world_of(kind);
    let now = now(&world);
    let mut table = Table::new(Vector::new(&world));
    let mut edit = |name: &str, about: &str, edit: &dyn Fn(&mut raw::Commit)| {
        table.refuse("BadSignature", name, about, |case| {
            let mut message = world.show(&world.block_at(110), 100);
            edit(commit(&mut message));
            case.update(&message, now)
        });
    };
    edit("vote_time", "A nanosecond later than it was signed.", &|commit| {
        commit.signatures[0].timestamp.as_mut().unwrap().nanos += 1;
    });
    edit("vote_round", "Another round than it was signed for.", &|commit| {
        commit.round = 1
    });
    edit("vote_parts", "Other parts than it was signed for.", &|commit| {
        commit
            .block_id
            .as_mut()
            .unwrap()
            .part_set_header
            .as_mut()
            .unwrap()
            .total = 2;
    });
    table.refuse(
        "BadSignature",
        "vote_nil",
        "A vote for nothing, told as one for the block.",
        |case| {
            let mut block = voted(&world, 110, |_| Ballot::Nil);
            block
                .commit
                .signatures
                .iter_mut()
                .for_each(|vote| vote.block_id_flag = 2);
            case.update(&world.show(&block, 100), now)
        },
    );
    table.cases
}

/// `s` of secp256k1, big-endian, becomes the order minus `s`.
fn negate(s: &mut [u8]) {
    let order = hex::decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").unwrap();
    let mut borrow = 0;
    for (byte, of_order) in s.iter_mut().zip(order).rev() {
        let difference = i16::from(of_order) - i16::from(*byte) - borrow;
        borrow = i16::from(difference < 0);
        *byte = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
}

/// `s` of ed25519, little-endian, becomes `s` plus the order.
fn add_order(s: &mut [u8]) {
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut carry = 0;
    for (byte, of_order) in s.iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(of_order) + carry;
        carry = sum >> 8;
        *byte = u8::try_from(sum & 0xff).unwrap();
    }
}
