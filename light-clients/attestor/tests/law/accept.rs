//! Cases that are accepted, each with what it does.

use attestor::{Attestor, Claim, Set, Update};
use wire::path;
use wire::{ClientId, Seconds, Sequence};

use crate::fixture::{FAR, HEIGHT, INTERVAL, NOW, World, config, time};
use crate::format::{Table, Vector};

const DAY: u64 = 86_400;
/// When a rotation that was accepted after 5 seconds is due.
const DUE: u64 = 5 + 2 * DAY;

pub(crate) fn cases(world: &World) -> Vec<(String, Vector)> {
    let fixed = [
        states(world),
        rotations(world),
        conflicts(world),
        order(world),
        evidence(world),
        evidence_backwards(world),
        proofs(world),
    ];
    fixed.concat()
}

/// A client that has learned a state.
fn learned(world: &World) -> Vector {
    Vector::new(world).update(&world.state(HEIGHT, &[0, 1, 2]), 0)
}

fn states(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(Vector::new(world));
    let first = world.state(HEIGHT, &[0, 1, 2]);
    let next = world.state(HEIGHT + INTERVAL, &[1, 3, 4]);
    let (others, all) = (
        world.state(HEIGHT, &[2, 3, 4]),
        world.state(HEIGHT, &[0, 1, 2, 3, 4]),
    );
    let mut whole = world.keys.clone();
    whole.compact = false;
    let claim = world.claim(HEIGHT);
    let mut long = world.attestation(HEIGHT, &[]);
    long.signatures = whole.attest(&config().domain(1), HEIGHT, &claim, &[0, 2, 4]);
    let claim = Claim {
        timestamp: NOW,
        ..claim
    };
    let now = Update::State(world.signed(&config().domain(1), HEIGHT, claim, &[0, 1, 2]));
    let last = 7 * DAY - 10_001;
    table.accept("", "start", "nothing is believed before the first state", |it| it);
    let done = "Update";
    table.accept(done, "state", "three of five, EIP-2098", |it| {
        it.update(&first, 0)
    });
    table.accept(done, "state_65", "signatures of 65 bytes", |it| {
        it.update(&Update::State(long), 0)
    });
    table.accept(done, "state_all", "all five", |it| it.update(&all, 0));
    table.accept(done, "state_next", "a later one", |it| {
        it.update(&first, 0).update(&next, 9)
    });
    table.accept(done, "state_gap", "an older one fills a gap", |it| {
        it.update(&next, 0).update(&first, 9)
    });
    table.accept(done, "state_at_once", "its time is the host's", |it| {
        it.update(&now, 0)
    });
    table.accept(
        done,
        "state_last_second",
        "the last second in which it counts",
        |it| it.update(&first, last),
    );
    let about = "known; learnedAt stays";
    table.accept("NoOp", "state_again", about, |it| {
        it.update(&first, 0).update(&others, 9)
    });
    let set = heavy(world).to_words().into();
    let two = world.state(HEIGHT, &[0, 4]);
    let about = "weights 1 and 5 of 1, 1, 1, 2, 5; 6 are needed";
    table.accept(done, "state_weights", about, |it| {
        Vector { set, ..it }.update(&two, 0)
    });
    table.accept(done, "ring_goes_round", "a ring of 8 goes round", |it| {
        (0..9).fold(it, |it, lap| {
            it.update(&world.state(HEIGHT + lap * INTERVAL, &[0, 1, 2]), lap)
        })
    });
    table.cases
}

/// Weights 1, 1, 1, 2 and 5, of which 6 are needed.
fn heavy(world: &World) -> Set {
    let signers = world.keys.addresses().into_iter().zip([1, 1, 1, 2, 5]);
    let attestors = signers.map(|(signer, weight)| Attestor { signer, weight });
    Set::new(6, attestors.collect()).unwrap()
}

fn rotations(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world));
    let rotation = Update::Rotation(world.rotation(0, &[0, 3, 4]));
    let again = Update::Rotation(world.rotation(1, &[0, 3, 4]));
    let mut farthest = world.rotation(0, &[]);
    farthest.expiry = Seconds(NOW.0 + 5 + 30 * DAY);
    let farthest = world.keys.rotate(&config().domain(1), farthest, &[2, 3, 4]);
    let height = HEIGHT + INTERVAL;
    let state = world.state(height, &[0, 1, 2]);
    let mut heirs = world.attestation(height, &[]);
    heirs.signatures = world
        .heirs
        .attest(&config().domain(2), height, &world.claim(height), &[0, 1, 2]);
    let heirs = Update::State(heirs);
    table.accept("Update", "rotation", "the old set signs the next", |it| {
        it.update(&rotation, 5)
    });
    table.accept("Update", "rotation_farthest", "30 days to submit it", |it| {
        it.update(&Update::Rotation(farthest), 5)
    });
    let mut waiting = Table::new(learned(world).update(&rotation, 5));
    let about = "until it is due the old set signs";
    waiting.accept("Update", "rotation_meanwhile", about, |it| {
        it.update(&state, DUE - 1)
    });
    waiting.accept(
        "Completed",
        "rotation_completed",
        "the next set takes over",
        |it| it.complete(DUE),
    );
    let about = "the next set, under its own number";
    waiting.accept("Update", "rotation_heirs_sign", about, |it| {
        it.complete(DUE).update(&heirs, DUE)
    });
    waiting.accept("Vetoed", "rotation_vetoed", "its nonce is used up", |it| {
        it.veto(9)
    });
    waiting.accept(
        "Vetoed",
        "rotation_vetoed_when_due",
        "nobody completed it yet",
        |it| it.veto(DUE),
    );
    let about = "with the next nonce";
    waiting.accept("Update", "rotation_after_veto", about, |it| {
        it.veto(9).update(&again, 10)
    });
    [table.cases, waiting.cases].concat()
}

fn conflicts(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world));
    let signed = |claim| Update::State(world.signed(&config().domain(1), HEIGHT, claim, &[2, 3, 4]));
    let lie = signed(world.lie(HEIGHT));
    let claim = world.claim(HEIGHT);
    let timestamp = time(HEIGHT - 1);
    let other_time = signed(Claim { timestamp, ..claim });
    let done = "Misbehaviour";
    table.accept(done, "conflict_frozen", "another root at a known height", |it| {
        it.update(&lie, 9)
    });
    let about = "another time at a known height";
    table.accept(done, "conflict_in_time_frozen", about, |it| {
        it.update(&other_time, 9)
    });
    table.cases
}

/// States of two heights: what time says about them, within reach of the ring and behind it.
fn order(world: &World) -> Vec<(String, Vector)> {
    let timed = |height, timestamp| Update::State(world.timed(height, timestamp, &[0, 2, 4]));
    let before = Seconds(time(HEIGHT).0 - 1);
    let truth = world.state(HEIGHT, &[0, 1, 2]);
    let (earlier, same) = (
        timed(HEIGHT + INTERVAL, before),
        timed(HEIGHT + INTERVAL, time(HEIGHT)),
    );
    let (behind, far) = (timed(HEIGHT + 8 * INTERVAL, before), timed(FAR, before));
    let frozen = "Misbehaviour";
    let second = "a chain may make many blocks in one second";
    let ahead = "a height that the chain never reaches keeps its own out of nothing";
    let pairs = [
        (
            frozen,
            "conflict_higher_and_earlier_frozen",
            "higher, and a second earlier",
            &truth,
            &earlier,
        ),
        (
            frozen,
            "conflict_lower_and_later_frozen",
            "lower, and a second later",
            &earlier,
            &truth,
        ),
        (
            frozen,
            "conflict_behind_ring_frozen",
            "eight intervals behind, and a second later",
            &behind,
            &truth,
        ),
        (frozen, "conflict_far_height_frozen", ahead, &far, &truth),
        ("Update", "state_next_same_second", second, &truth, &same),
        ("Update", "state_gap_same_second", second, &same, &truth),
    ];
    let mut table = Table::new(Vector::new(world));
    for (result, name, about, first, second) in pairs {
        table.accept(result, name, about, |it| it.update(first, 0).update(second, 1));
    }
    let far = timed(FAR, time(HEIGHT + 1));
    let again = world.state(HEIGHT, &[2, 3, 4]);
    let lie = Update::State(world.signed(&config().domain(1), HEIGHT, world.lie(HEIGHT), &[2, 3, 4]));
    let mut held = Table::new(Vector::new(world).update(&truth, 0).update(&far, 1));
    let about = "behind the ring and still in its place: learnedAt stays";
    held.accept("NoOp", "state_again_behind_ring", about, |it| {
        it.update(&again, 2)
    });
    let about = "another root at a height that is behind the ring and still in its place";
    held.accept(frozen, "conflict_held_behind_ring_frozen", about, |it| {
        it.update(&lie, 2)
    });
    [table.cases, held.cases].concat()
}

fn evidence_backwards(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world));
    let reach = world.backwards(FAR, 1, &[0, 1, 2], &[2, 3, 4]);
    let next = world.backwards(HEIGHT + 1, 1, &[0, 1, 2], &[0, 1, 2]);
    let one = world.backwards(FAR, 1, &[0, 1], &[1, 2]);
    let about = "higher and a second earlier; three sign this, three that";
    table.accept("Frozen", "evidence_backwards_frozen", about, |it| {
        it.evidence(&reach, 9)
    });
    let about = "the next block, a second earlier";
    table.accept("Frozen", "evidence_backwards_next_frozen", about, |it| {
        it.evidence(&next, 9)
    });
    let about = "higher and a second earlier; one signed both";
    table.accept("Struck", "evidence_backwards_struck", about, |it| {
        it.evidence(&one, 9)
    });
    table.cases
}

fn evidence(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world));
    let far = 77 * HEIGHT + 1;
    let reach = world.evidence(far, &[0, 1, 2], &[2, 3, 4]);
    let one = world.evidence(far, &[1], &[1]);
    let another = world.evidence(far, &[0, 2], &[0, 1]);
    let two = world.evidence(far, &[0, 2], &[0, 2]);
    let four = world.state(HEIGHT + INTERVAL, &[0, 1, 2, 3]);
    let about = "three sign this, three that";
    table.accept("Frozen", "evidence_both_reach", about, |it| {
        it.evidence(&reach, 9)
    });
    table.accept("Struck", "evidence_one_struck", "one signed both", |it| {
        it.evidence(&one, 9)
    });
    let about = "the others still can";
    table.accept("Update", "evidence_struck_counts_nothing_more", about, |it| {
        it.evidence(&one, 9).update(&four, 10)
    });
    let about = "one after the other";
    table.accept("Struck", "evidence_two_struck", about, |it| {
        it.evidence(&one, 9).evidence(&another, 9)
    });
    let about = "two cannot reach three";
    table.accept("Frozen", "evidence_three_struck_frozen", about, |it| {
        it.evidence(&one, 9).evidence(&two, 9)
    });
    let mut weighted = Table::new(Vector::new(world));
    let set = heavy(world).to_words().into();
    let heaviest = world.evidence(far, &[4], &[4]);
    let about = "without the one of weight 5 the rest cannot reach 6";
    weighted.accept("Frozen", "evidence_heavy_struck_frozen", about, |it| {
        Vector { set, ..it }.evidence(&heaviest, 9)
    });
    [table.cases, weighted.cases].concat()
}

fn proofs(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(learned(world).update(&world.state(HEIGHT + INTERVAL, &[0, 1, 2]), 5));
    let (present, absent, value) = (&world.present, &world.absent, world.value.as_slice());
    let (there, nothing) = (world.proof(HEIGHT, present), world.proof(HEIGHT, absent));
    let client = ClientId::new("client-0").unwrap();
    let other = path::acknowledgement(&client, Sequence::new(9).unwrap());
    let (paths, pool) = world.pool(
        HEIGHT,
        vec![present.clone(), absent.clone(), other, present.clone()],
    );
    let rotation = Update::Rotation(world.rotation(0, &[0, 3, 4]));
    let about = "under an older state";
    table.accept("", "member", about, |it| {
        it.member(HEIGHT, present, value, &there)
    });
    table.accept("", "absent", "nothing is stored", |it| {
        it.absent(HEIGHT, absent, &nothing)
    });
    table.accept("", "batch", "one pool for four", |it| {
        it.proof("batch", HEIGHT, &paths, &pool)
    });
    let about = "states stay what they are when a rotation is due";
    table.accept("", "member_when_rotation_is_due", about, |it| {
        it.update(&rotation, 5)
            .member(HEIGHT, present, value, &there)
            .later(DUE)
    });
    table.cases
}
