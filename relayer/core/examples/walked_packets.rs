//! Prints how fast the machine is: packets through their whole walk, with chains whose answers cost next to nothing. The
//! figures include the simulated chains.
//!
//! `cargo run --release -p relayer-core --example walked_packets`
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    dead_code,
    reason = "a measurement reads the clock; the world is the tests', of which it uses a part"
)]

#[path = "../tests/sim/chain.rs"]
mod chain;
#[path = "../tests/sim/channel.rs"]
mod channel;
#[path = "../tests/sim/check.rs"]
mod check;
#[path = "../tests/sim/disk.rs"]
mod disk;
#[path = "../tests/sim/judge.rs"]
mod judge;
#[path = "../tests/sim/lies.rs"]
mod lies;
#[path = "../tests/sim/others.rs"]
mod others;
#[path = "../tests/sim/rng.rs"]
mod rng;
#[path = "../tests/sim/router.rs"]
mod router;
#[path = "../tests/sim/serve.rs"]
mod serve;
#[path = "../tests/sim/world.rs"]
mod world;

use relayer_core::Note;
use std::time::Instant;

const PACKETS: usize = 1_000;

fn main() {
    let mut world = world::World::new(&["a", "b"], &[(0, 1)], 1, world::Faults::default());
    world.configure(|config| {
        config.limits.live_max = 2 * PACKETS;
        config.limits.prove_keys = 50;
        config
            .chains
            .iter_mut()
            .for_each(|chain| chain.batch.messages_max = 40);
    });
    for _ in 0..PACKETS {
        world.send(0, 0, 3_000, b"a transfer");
    }
    let started = Instant::now();
    world.settle(3_000);
    let seconds = started.elapsed().as_secs_f64();
    let steps = world
        .notes
        .iter()
        .filter(|note| matches!(note, Note::Moved { .. }))
        .count();
    println!(
        "{PACKETS} packets acknowledged: {:.0} packets/s, {:.0} steps/s",
        PACKETS as f64 / seconds,
        steps as f64 / seconds
    );
    println!("{} submissions, {} writes to disk", world.sends, world.persisted);
}
