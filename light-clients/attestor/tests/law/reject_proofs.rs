//! Cases that are refused: proofs of what the router stored.

use crate::fixture::{HEIGHT, INTERVAL, NOW, World, time};
use crate::format::{Table, Vector};

const DAY: u64 = 86_400;

pub(crate) fn cases(world: &World) -> Vec<(String, Vector)> {
    let fixed = [
        heights(world),
        members(world),
        absences(world),
        batches(world),
        unusable(world),
    ];
    fixed.concat()
}

/// A client that has learned a state.
fn learned(world: &World) -> Vector {
    Vector::new(world).update(&world.state(HEIGHT, &[0, 1, 2]), 0)
}

fn heights(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world));
    let (absent, rule) = (&world.absent, "UnknownHeight");
    let proof = world.proof(HEIGHT, absent);
    let next = HEIGHT + INTERVAL;
    table.refuse(rule, "unknown_height", "no such state", |it| {
        it.absent(next, absent, &proof)
    });
    table.refuse(rule, "unknown_height_zero", "height 0", |it| {
        it.absent(0, absent, &proof)
    });
    let about = "another height of the same place";
    table.refuse(rule, "unknown_height_in_a_used_place", about, |it| {
        it.absent(HEIGHT + 1, absent, &proof)
    });
    let mut fresh = Table::new(Vector::new(world));
    let about = "before the first state";
    fresh.refuse(rule, "nothing_learned", about, |it| {
        it.absent(HEIGHT, absent, &proof)
    });
    [table.cases, fresh.cases].concat()
}

fn members(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world));
    let (present, value) = (&world.present, world.value.as_slice());
    let there = world.proof(HEIGHT, present);
    let mut other = value.to_vec();
    other[31] ^= 1;
    let changed = [&there[..40], &[there[40] ^ 1], &there[41..]].concat();
    let longer = [there.as_slice(), &[0]].concat();
    let elsewhere = world.proof(HEIGHT + INTERVAL, present);
    let nothing = world.proof(HEIGHT, &world.absent);
    let mut add = |rule, name, about, value: &[u8], proof: &[u8]| {
        table.refuse(rule, name, about, |it| it.member(HEIGHT, present, value, proof));
    };
    add("BadValue", "short", "31 bytes", &value[..31], &there);
    add("BadValue", "zero", "zero is nothing", &[0; 32], &there);
    add("StorageProof", "t02_changed", "a changed proof", value, &changed);
    add("StorageProof", "t08_longer", "a byte more", value, &longer);
    add(
        "StorageProof",
        "t09_other_state",
        "the proof of another height",
        value,
        &elsewhere,
    );
    add(
        "ValueMismatch",
        "t09_other_value",
        "another value",
        &other,
        &there,
    );
    let about = "nothing is stored";
    table.refuse("SlotAbsent", "member_of_nothing", about, |it| {
        it.member(HEIGHT, &world.absent, value, &nothing)
    });
    table.cases
}

fn absences(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world));
    let (present, absent) = (&world.present, &world.absent);
    let (there, nothing) = (world.proof(HEIGHT, present), world.proof(HEIGHT, absent));
    let cut = &nothing[..nothing.len() / 2];
    let rule = "StorageProof";
    let about = "the walk is not finished";
    table.refuse(rule, "t03_absence_cut_short", about, |it| {
        it.absent(HEIGHT, absent, cut)
    });
    let about = "a refund of what was delivered, by the absence of another packet";
    table.refuse(rule, "t04_forged_absence", about, |it| {
        it.absent(HEIGHT, present, &nothing)
    });
    table.refuse(rule, "t25_empty_proof", "nothing proves nothing", |it| {
        it.absent(HEIGHT, absent, &[])
    });
    let about = "a refund of what was delivered";
    table.refuse("SlotPresent", "t04_absence_of_what_is_there", about, |it| {
        it.absent(HEIGHT, present, &there)
    });
    table.cases
}

fn batches(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world));
    let (paths, pool) = world.pool(HEIGHT, vec![world.present.clone(), world.absent.clone()]);
    let reversed: Vec<_> = paths.iter().rev().cloned().collect();
    let longer = [pool.as_slice(), &[0]].concat();
    let cut = &pool[..pool.len() - 1];
    let next = HEIGHT + INTERVAL;
    let rule = "StorageProof";
    table.refuse(rule, "batch_changed", "without its end", |it| {
        it.proof("batch", HEIGHT, &paths, cut)
    });
    table.refuse(rule, "batch_longer", "a byte more", |it| {
        it.proof("batch", HEIGHT, &paths, &longer)
    });
    table.refuse(rule, "batch_reversed", "other order", |it| {
        it.proof("batch", HEIGHT, &reversed, &pool)
    });
    let about = "no such state";
    table.refuse("UnknownHeight", "batch_unknown_height", about, |it| {
        it.proof("batch", next, &paths, &pool)
    });
    table.cases
}

/// Good proofs by a client that is not to be believed.
fn unusable(world: &World) -> Vec<(String, Vector)> {
    let (present, absent, value) = (&world.present, &world.absent, world.value.as_slice());
    let (there, nothing) = (world.proof(HEIGHT, present), world.proof(HEIGHT, absent));
    let (paths, pool) = world.pool(HEIGHT, vec![present.clone(), absent.clone()]);
    let proven = |case: Vector, kind: &str| match kind {
        "member" => case.member(HEIGHT, present, value, &there),
        "absent" => case.absent(HEIGHT, absent, &nothing),
        _ => case.proof("batch", HEIGHT, &paths, &pool),
    };
    let first_too_late = 7 * DAY - 10_000;
    assert_eq!(time(HEIGHT).0 + 7 * DAY, NOW.0 + first_too_late);
    let contradiction = world.evidence(HEIGHT, &[0, 1, 2], &[0, 1, 2]);
    let mut table = Table::new(learned(world));
    for kind in ["member", "absent", "batch"] {
        let name = format!("{kind}_frozen");
        table.refuse("Frozen", &name, "frozen", |it| {
            proven(it.evidence(&contradiction, 8), kind)
        });
        let name = format!("{kind}_expired");
        table.refuse("Expired", &name, "a second too late", |it| {
            proven(it, kind).later(first_too_late)
        });
    }
    table.cases
}
