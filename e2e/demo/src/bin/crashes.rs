//! `crashes`: kills the relayer at random moments while it carries packets between two embedded chains, and checks that
//! nothing is lost and nothing paid twice. A stage of `cargo xtask test`.
//!
//! The seed is printed; `--seed` repeats the moments of a run. Started with the word `relayer` first, this very program
//! is the relayer.

use anyhow::{Context, Result};
use clap::Parser;
use scenarios::{Bridge, Job, Plan, Program, Size, embedded, fresh_seed};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The first argument that turns this program into the relayer.
const RELAYER: &str = "relayer";
/// Slots of 300 ms, epochs of 2.4 s: as on every real chain, finality takes longer than the relayer's shortest pause, so
/// that kills meet packets at every stage. A packet that is to arrive lives for half an hour of real time.
const CHAINS: embedded::Pair = embedded::Pair {
    speed: 40,
    warm_up_slots: 80,
    slots_per_epoch: 8,
    epochs_per_period: 4,
    code_size_max: devnet::CODE_SIZE_MAX,
};
/// Real time after which something that should happen counts as stuck.
const PATIENCE: Duration = Duration::from_secs(180);

/// Kills the relayer at random moments: nothing may be lost, nothing paid twice.
#[derive(Debug, Parser)]
#[command(name = "crashes", version)]
struct Arguments {
    /// Draw the moments from this seed instead of a fresh one.
    #[arg(long)]
    seed: Option<u64>,
    /// How often the relayer is killed.
    #[arg(long, default_value_t = 20)]
    kills: u32,
    /// Keep configuration, store and logs in this folder instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = arguments.next();
    let rest: Vec<_> = arguments.collect();
    if rest.first().is_some_and(|word| word == RELAYER) {
        return relayer::run_cli(program.into_iter().chain(rest.into_iter().skip(1)));
    }
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(fresh_seed);
    println!(
        "seed {seed}; to repeat: crashes --seed {seed} --kills {}",
        arguments.kills
    );
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")
        .and_then(|runtime| runtime.block_on(run(&arguments, seed)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed with seed {seed}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments, seed: u64) -> Result<()> {
    let temporary = tempfile::tempdir().context("failed to make a temporary folder")?;
    let folder = match &arguments.dir {
        Some(dir) => {
            std::fs::create_dir_all(dir).with_context(|| format!("failed to make {}", dir.display()))?;
            dir.canonicalize()?
        }
        None => temporary.path().to_owned(),
    };
    let started = Instant::now();
    let say = |line: &str| println!("[{:>6.1} s] {line}", started.elapsed().as_secs_f64());
    let chains = CHAINS.start().await?;
    let program = Program::own(RELAYER)?;
    let mut bridge = Bridge::build(program, embedded::sites(&chains)?, &folder, &say).await?;
    let log = bridge.log().to_owned();
    let outcome = crash(&mut bridge, arguments.kills, seed, &say).await;
    if outcome.is_err() {
        show(&log);
    }
    outcome
}

async fn crash(bridge: &mut Bridge, kills: u32, seed: u64, say: scenarios::Say<'_>) -> Result<()> {
    let size = Size {
        transfers: 0,
        returns: 0,
        in_flight: 0,
        rotations: 0,
        patience: PATIENCE,
        look_every: Duration::from_millis(50),
    };
    let mut job = Job::new(bridge, size, say).await?;
    let plan = Plan {
        seed,
        kills,
        patience: PATIENCE,
    };
    job.crashes(plan).await?;
    let packets = job.packets();
    say(&format!(
        "{kills} kills: {} packets sent, {} acknowledged, {} timed out and refunded, {} lost; all books agree",
        packets.sent, packets.acked, packets.timed_out, packets.lost
    ));
    Ok(())
}

/// Shows the end of the relayer's log.
fn show(log: &std::path::Path) {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    eprintln!("the relayer's last words:");
    for line in lines.iter().skip(lines.len().saturating_sub(60)) {
        eprintln!("  {line}");
    }
}
