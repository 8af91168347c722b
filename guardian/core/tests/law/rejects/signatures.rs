//! Signatures that do not count: used, late, for something else, too few, or malformed.

use alloy_primitives::Address;

use super::Refused;
use super::sets::first_set;
use crate::trace::{FEW, MANY, Trace, application, asset, client, everything, everywhere, path, token};
use crate::world::{CHAIN_ID, CONFIRM, CONTRACT, DAY, GUARDIANS, HOUR, LARGE, Op, SMALL, mirrored, packet};

pub(super) fn replays() -> Vec<Refused> {
    let halt = |about: &str| Trace::new(about).halt(asset(0, token(1)), HOUR, FEW);
    let again = |about: &str| halt(about).wait(2 * HOUR).repeat();
    vec![
        ("nonce_used", "again", again("the same signatures once more")),
        (
            "nonce_used",
            "other",
            halt("another statement with a used nonce")
                .halt(client(0), HOUR, FEW)
                .change(FEW, |op| op.nonce = 1),
        ),
        (
            "nonce_used",
            "cancel",
            Trace::new("a cancel once more").cancel(1, FEW).repeat(),
        ),
        (
            "expired",
            "late",
            halt("a second too late").tamper(|op| op.now += DAY + 1),
        ),
        (
            "expiry_too_far",
            "kept",
            halt("signatures that could be kept").change(FEW, |op| op.expiry += 1),
        ),
        (
            "expiry_too_far",
            "for_ever",
            halt("signatures for ever").change(FEW, |op| op.expiry = u64::MAX),
        ),
    ]
}

pub(super) fn other_domains() -> Vec<Refused> {
    let halt = |about: &str| Trace::new(about).halt(asset(0, token(1)), HOUR, FEW);
    vec![
        (
            "not_a_guardian",
            "other_chain",
            halt("signed for another chain").resign_for(FEW, CHAIN_ID + 1, CONTRACT, 1),
        ),
        (
            "not_a_guardian",
            "other_contract",
            halt("signed for another contract").resign_for(FEW, CHAIN_ID, Address::repeat_byte(0x6b), 1),
        ),
        (
            "not_a_guardian",
            "other_set",
            halt("signed for another set").resign_for(FEW, CHAIN_ID, CONTRACT, 2),
        ),
        (
            "not_a_guardian",
            "old_set",
            halt("signed by the old set for the new")
                .rotate_to(first_set(), SMALL, LARGE)
                .halt(client(2), HOUR, FEW)
                .resign_for(FEW, CHAIN_ID, CONTRACT, 1),
        ),
    ]
}

pub(super) fn other_statements() -> Vec<Refused> {
    let other_kind = Trace::new("signed to halt, submitted to confirm").halt(client(0), HOUR, MANY);
    let resume = Trace::new("signed to confirm, submitted to resume").halt(client(0), HOUR, FEW);
    let resume = resume
        .confirm(client(0), HOUR + 1, MANY)
        .tamper(|op| (op.what, op.number) = (3, 1));
    let kind =
        || Trace::new("signed for one asset, submitted for another").halt(asset(0, token(1)), HOUR, FEW);
    vec![
        (
            "not_a_guardian",
            "other_kind",
            other_kind.tamper(|op| op.what = CONFIRM),
        ),
        ("not_a_guardian", "resume", resume),
        (
            "not_a_guardian",
            "other_item",
            kind().tamper(|op| op.item = token(2)),
        ),
        (
            "not_a_guardian",
            "other_path",
            kind().tamper(|op| op.path = path(1)),
        ),
        ("not_a_guardian", "longer", kind().tamper(|op| op.number += 1)),
        ("not_a_guardian", "later", kind().tamper(|op| op.expiry -= 1)),
        (
            "not_a_guardian",
            "other_packet",
            Trace::new("signed for another packet")
                .cancel(1, FEW)
                .tamper(other_packet),
        ),
    ]
}

fn other_packet(op: &mut Op) {
    op.packet = packet(2).into();
}

pub(super) fn quorums() -> Vec<Refused> {
    let one = |about: &str, signers: &[usize]| Trace::new(about).halt(client(0), HOUR, signers);
    let breached = || Trace::new("the small quorum resumes a breach").breach(asset(0, token(1)));
    vec![
        ("not_enough_signers", "none", one("nobody signs", &[])),
        ("not_enough_signers", "one", one("a stolen key halts", &[0])),
        (
            "not_enough_signers",
            "wide",
            Trace::new("three halt everything").halt(everything(), HOUR, &[0, 1, 2]),
        ),
        (
            "not_enough_signers",
            "application",
            Trace::new("few halt an application").halt(application(), HOUR, FEW),
        ),
        (
            "not_enough_signers",
            "token",
            Trace::new("few halt a token everywhere").halt(everywhere(token(1)), HOUR, FEW),
        ),
        (
            "not_enough_signers",
            "confirm",
            Trace::new("few confirm").confirm(client(0), DAY, &[0, 1, 2]),
        ),
        (
            "not_enough_signers",
            "resume",
            Trace::new("few resume")
                .halt(client(0), DAY, FEW)
                .schedule(client(0), 1, &[0, 1, 2]),
        ),
        (
            "not_enough_signers",
            "breach",
            breached().schedule(asset(0, token(1)), 1, FEW),
        ),
        (
            "not_enough_signers",
            "cancel",
            Trace::new("a stolen key cancels a hold").cancel(1, &[2]),
        ),
    ]
}

pub(super) fn wrong_signers() -> Vec<Refused> {
    let stranger = GUARDIANS + 1;
    let one = |about: &str, signers: &[usize]| Trace::new(about).halt(client(0), HOUR, signers);
    vec![
        (
            "too_many_signers",
            "six",
            one("six signatures of five guardians", &[0, 1, 2, 3, 4, 4]),
        ),
        (
            "not_a_guardian",
            "stranger",
            one("a stranger beside a guardian", &[0, stranger]),
        ),
        (
            "not_a_guardian",
            "stranger_behind",
            one("a stranger beside a quorum", &[0, 1, stranger]),
        ),
        ("signer_order", "twice", one("one guardian twice", &[1, 1])),
        ("signer_order", "swapped", one("not ascending", &[1, 0])),
        (
            "signer_order",
            "behind",
            one("one guardian twice behind a quorum", &[0, 1, 1]),
        ),
    ]
}

pub(super) fn forms() -> Vec<Refused> {
    let halt = |about: &str| Trace::new(about).halt(client(0), HOUR, FEW);
    let broken = |about: &str, change: fn(&mut Vec<u8>)| {
        halt(about).tamper(|op| {
            let mut bytes = op.signatures[1].to_vec();
            change(&mut bytes);
            op.signatures[1] = bytes.into();
        })
    };
    vec![
        (
            "high_s",
            "twin",
            broken("the other signature of the same key", |bytes| {
                *bytes = mirrored(bytes)
            }),
        ),
        (
            "recovery_byte",
            "zero",
            broken("a recovery byte of another convention", |bytes| bytes[64] -= 27),
        ),
        (
            "signature_length",
            "long",
            broken("a byte too long", |bytes| bytes.push(0)),
        ),
        (
            "signature_length",
            "short",
            broken("two bytes too short", |bytes| bytes.truncate(63)),
        ),
        (
            "unrecoverable",
            "zero_r",
            broken("r is zero", |bytes| bytes[..32].fill(0)),
        ),
    ]
}
