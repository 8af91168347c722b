//! Cases that are refused: rotations and evidence.

use attestor::codec::{encode_evidence, encode_update};
use attestor::{Evidence, Update};
use wire::Seconds;

use crate::fixture::{HEIGHT, INTERVAL, NOW, World, config};
use crate::format::{Table, Vector};

const DAY: u64 = 86_400;
/// When a rotation that was accepted after 5 seconds is due.
const DUE: u64 = 5 + 2 * DAY;

pub(crate) fn cases(world: &World) -> Vec<(String, Vector)> {
    let fixed = [
        proposals(world),
        waiting(world),
        evidence(world),
        evidence_bytes(world),
    ];
    fixed.concat()
}

/// A client that has learned a state.
fn learned(world: &World) -> Vector {
    Vector::new(world).update(&world.state(HEIGHT, &[0, 1, 2]), 0)
}

/// A rotation that three of five signed.
fn signed(world: &World, nonce: u64) -> Update {
    Update::Rotation(world.rotation(nonce, &[0, 3, 4]))
}

fn proposals(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world));
    let good = signed(world, 0);
    let ahead = signed(world, 1);
    let mut late = world.rotation(0, &[]);
    late.expiry = Seconds(NOW.0 + 6 + 30 * DAY);
    let late = Update::Rotation(world.keys.rotate(&config().domain(1), late, &[0, 1, 2]));
    let few = Update::Rotation(world.rotation(0, &[0, 1]));
    let mut other = world.rotation(0, &[0, 1, 2]);
    other.set = world.keys.set(4).unwrap();
    let other = Update::Rotation(other);
    let bytes = encode_update(&good);
    let longer = [bytes.as_slice(), &[0]].concat();
    table.refuse("WrongNonce", "nonce_ahead", "not the next nonce", |it| {
        it.update(&ahead, 5)
    });
    table.refuse("RotationExpired", "t49_expired", "a second too late", |it| {
        it.update(&good, DAY)
    });
    table.refuse("RotationExpiryTooFar", "too_far", "30 days and a second", |it| {
        it.update(&late, 5)
    });
    table.refuse("BelowThreshold", "rotation_by_two", "two of five", |it| {
        it.update(&few, 5)
    });
    table.refuse(
        "WrongSigner",
        "rotation_to_another_set",
        "signed for another",
        |it| it.update(&other, 5),
    );
    table.refuse("Malformed", "rotation_cut", "the set is cut", |it| {
        it.bytes(&bytes[..100], 5)
    });
    table.refuse("Malformed", "rotation_longer", "a byte more", |it| {
        it.bytes(&longer, 5)
    });
    table.refuse("NoRotation", "complete_none", "none waits", |it| it.complete(5));
    table.refuse("NoRotation", "veto_none", "none waits", |it| it.veto(5));
    table.cases
}

fn waiting(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world).update(&signed(world, 0), 5));
    let (again, next) = (signed(world, 0), signed(world, 1));
    let old = world.state(HEIGHT + INTERVAL, &[0, 1, 2]);
    let about = "the old set signs nothing once the next is due";
    table.refuse("RotationDue", "t49_due", about, |it| it.update(&old, DUE));
    table.refuse("RotationDue", "due_rotation", about, |it| it.update(&next, DUE));
    table.refuse("RotationPending", "pending", "one waits", |it| {
        it.update(&next, 6)
    });
    table.refuse("RotationEarly", "early", "a second before it is due", |it| {
        it.complete(DUE - 1)
    });
    let about = "what was vetoed does not come back";
    table.refuse("WrongNonce", "t49_vetoed_again", about, |it| {
        it.veto(6).update(&again, 7)
    });
    table.refuse("NoRotation", "complete_vetoed", about, |it| {
        it.veto(6).complete(DUE)
    });
    let about = "the old set, after the next took over";
    table.refuse("WrongSigner", "t49_rotated_out", about, |it| {
        it.complete(DUE).update(&old, DUE)
    });
    table.cases
}

fn evidence(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world));
    let both = world.evidence(HEIGHT, &[1], &[1]);
    let same = Evidence {
        second: both.first.clone(),
        ..both.clone()
    };
    let apart = world.evidence(HEIGHT, &[0, 1], &[2, 3]);
    let mut forged = both.clone();
    forged.second.signatures = both.first.signatures.clone();
    let same_second = world.backwards(HEIGHT + INTERVAL, 0, &[0, 1, 2], &[0, 1, 2]);
    let backwards_apart = world.backwards(HEIGHT + INTERVAL, 1, &[0, 1], &[2, 3]);
    let all = world.evidence(HEIGHT, &[0, 1, 2], &[0, 1, 2]);
    let rule = "NotMisbehaviour";
    table.refuse(rule, "evidence_same_claim", "twice the same", |it| {
        it.evidence(&same, 9)
    });
    table.refuse(rule, "evidence_nobody_both", "two sign this, two that", |it| {
        it.evidence(&apart, 9)
    });
    let about = "the higher one in the same second";
    table.refuse(rule, "evidence_same_second", about, |it| {
        it.evidence(&same_second, 9)
    });
    let about = "the higher one a second earlier; two sign this, two that";
    table.refuse(rule, "evidence_backwards_nobody_both", about, |it| {
        it.evidence(&backwards_apart, 9)
    });
    let about = "who signed both counts nothing already";
    table.refuse(rule, "evidence_struck_before", about, |it| {
        it.evidence(&both, 8).evidence(&both, 9)
    });
    let about = "a signature of the truth under the lie";
    table.refuse("WrongSigner", "evidence_forged", about, |it| {
        it.evidence(&forged, 9)
    });
    table.refuse("Frozen", "evidence_frozen", "frozen", |it| {
        it.evidence(&all, 8).evidence(&both, 9)
    });
    table.refuse("Expired", "evidence_expired", "expired", |it| {
        it.evidence(&both, 7 * DAY)
    });
    table.cases
}

fn evidence_bytes(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world));
    let bytes = encode_evidence(&world.evidence(HEIGHT, &[1], &[1]));
    let mut bent = |name: &str, about: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = bytes.clone();
        change(&mut bytes);
        table.refuse("Malformed", name, about, |it| it.evidence_bytes(&bytes, 9));
    };
    bent("evidence_cut", "cut", &|bytes| bytes.truncate(bytes.len() - 1));
    bent("evidence_longer", "a byte more", &|bytes| bytes.push(0));
    bent("evidence_empty", "nothing", &Vec::clear);
    bent("evidence_version", "version 3", &|bytes| bytes[0] = 3);
    bent("evidence_of_two", "of one height, said to be of two", &|bytes| {
        bytes[0] = 2
    });
    bent("evidence_height_zero", "height 0", &|bytes| bytes[1..9].fill(0));
    bent("evidence_time_zero", "time 0", &|bytes| bytes[9..17].fill(0));
    let bytes = encode_evidence(&world.backwards(HEIGHT + 1, 1, &[1], &[1]));
    // Behind version, height, claim and one signature.
    let at = 1 + 8 + 40 + 2 + 65;
    for (name, about, height) in [
        ("evidence_same_height", "of two heights, twice the same", HEIGHT),
        ("evidence_lower_height", "the lower one as the second", HEIGHT - 1),
        ("evidence_second_height_zero", "the second height 0", 0),
    ] {
        let mut bytes = bytes.clone();
        bytes[at..at + 8].copy_from_slice(&height.to_be_bytes());
        table.refuse("Malformed", name, about, |it| it.evidence_bytes(&bytes, 9));
    }
    table.refuse(
        "Malformed",
        "evidence_of_one",
        "of two heights, said to be of one",
        |it| it.evidence_bytes(&[&[1], &bytes[1..]].concat(), 9),
    );
    table.cases
}
