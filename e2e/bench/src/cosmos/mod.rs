//! `bench cosmos`: the relayer beside Hermes and the Go relayer, between two chains of ibc-go: what a thousand transfers
//! cost, and how long one takes.
//!
//! All of them carry on the same chains, one after the other, in another order each round; each over a lane that its own
//! commands opened. What they do is looked at from outside: blocks of the chains, and the system's account of a process.

mod ground;
mod lane;
mod load;
mod ours;
mod parcel;
mod peers;
mod purse;
mod runner;
mod store;
pub(crate) mod takeover;
mod verdict;
mod watch;
mod yardstick;

use anyhow::{Context, Result, bail, ensure};
use dice::Dice;
use ground::Ground;
pub(crate) use lane::Protocol;
use load::{Load, ONE_WITHIN};
use networks::{Node, stop_leftovers, tool};
use ours::Ours;
use peers::Peer;
use runner::{Runner, check_lane, until_idle};
use scenarios::fresh_seed;
use std::path::{Path, PathBuf};
use std::time::Duration;
use verdict::Measured;
use yardstick::Legs;

/// A machine with more than so much to do beside measures its own load.
const LOAD_MAX: f64 = 0.5;

/// How often a peer is started in one turn until it carries a packet.
const PEER_TRIES: usize = 3;

/// What is measured, and how often.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Transfers that are sent at once.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    packets: u64,
    /// How often each contestant carries them.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Single transfers of each contestant, over all rounds.
    #[arg(long, default_value_t = 30)]
    singles: usize,
    /// From which the moments of single transfers follow; a fresh one by default. It is printed.
    #[arg(long)]
    seed: Option<u64>,
    /// The packets that the relayer carries. Peers carry IBC v1.
    #[arg(long, value_enum, default_value_t = Protocol::V1)]
    protocol: Protocol,
    /// Only these peers; by default all that are installed.
    #[arg(long, value_enum, value_delimiter = ',')]
    peers: Option<Vec<Peer>>,
    /// A binary of the relayer to measure; by default this program's own build of it.
    #[arg(long)]
    relayer: Option<PathBuf>,
    /// Where all files and logs are kept; emptied at each start.
    #[arg(long, default_value = "target/bench-cosmos")]
    dir: PathBuf,
}

/// Measures and prints.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    until_interrupted(measure(arguments), &arguments.dir)
}

/// Runs `work` until it ends or a signal asks to stop; either way what it holds is dropped, and with it all processes are stopped.
fn until_interrupted(work: impl Future<Output = Result<()>>, logs: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    runtime
        .block_on(async {
            let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
            tokio::select! {
                ended = work => ended,
                _ = tokio::signal::ctrl_c() => bail!("interrupted"),
                _ = terminate.recv() => bail!("asked to stop"),
            }
        })
        .with_context(|| format!("the logs of all processes are under {}", logs.display()))
}

async fn measure(arguments: &Arguments) -> Result<()> {
    ensure!(arguments.rounds > 0, "at least one round is needed");
    let dir = std::path::absolute(&arguments.dir)?;
    for contestant in ["ours", "hermes", "rly"] {
        stop_leftovers(&dir.join(contestant))?;
    }
    tell_load();
    let ground = Ground::start(&dir).await?;
    let ours = Ours::new(arguments.relayer.as_deref())?;
    println!("the relayer is measured as built: {}", ours.build());
    let mut runners = vec![ours.open(&ground, arguments.protocol).await?];
    for peer in wanted(arguments.peers.as_deref()) {
        match tool(peer.tool()) {
            Some(program) => runners.push(peer.open(&ground, program).await?),
            None => println!(
                "left out, because it is not installed: {0} (`cargo xtask install {0}`)",
                peer.tool()
            ),
        }
    }
    tell_lanes(&runners)?;
    let seed = arguments.seed.unwrap_or_else(fresh_seed);
    println!("moments of single transfers follow from --seed {seed}");
    let mut contest = Contest {
        load: Load::new(&ground).await?,
        ground: &ground,
        packets: arguments.packets,
        seed,
        paces: Vec::new(),
    };
    let mut measured: Vec<Measured> = runners.iter().map(blank).collect();
    let mut legs = Vec::new();
    for round in 0..arguments.rounds {
        let singles = share(arguments.singles, round, arguments.rounds);
        for position in order(runners.len(), round) {
            let (runner, figures) = (&runners[position], &mut measured[position]);
            let tries = if position == 0 { 1 } else { PEER_TRIES };
            let turn = contest.turn(runner, figures, singles, tries).await;
            turn.with_context(|| format!("{} in round {}", runner.name, round + 1))?;
            // A peer's is counted and told; one of ours is a fault.
            ensure!(
                position != 0 || figures.given_up == 0,
                "{} left a transfer lying for {} s in round {}",
                runner.name,
                ONE_WITHIN.as_secs(),
                round + 1
            );
        }
    }
    // At last: a relayer would find these packets at its next start, and have to look what became of them.
    for _ in 0..arguments.rounds {
        legs.push(contest.chains_alone(&runners[0]).await?);
    }
    contest.report(&measured, &legs);
    Ok(())
}

/// Says who carries what over which lane.
///
/// # Errors
/// A lane has not two ends.
fn tell_lanes(runners: &[Runner]) -> Result<()> {
    for runner in runners {
        check_lane(&runner.lane)?;
        let [here, there] = &runner.lane.ends;
        println!(
            "{} carries {} from {here} to {there}",
            runner.name, runner.lane.protocol
        );
    }
    Ok(())
}

/// The chains, and what is measured on them.
struct Contest<'a> {
    ground: &'a Ground,
    load: Load<'a>,
    packets: u64,
    seed: u64,
    paces: Vec<[Duration; 2]>,
}

impl Contest<'_> {
    /// One contestant's turn: started anew, a burst, single transfers, stopped.
    ///
    /// - `tries`: how often it is started until it carries a first packet.
    async fn turn(
        &mut self,
        runner: &Runner,
        figures: &mut Measured,
        singles: usize,
        tries: usize,
    ) -> Result<()> {
        let mut node = started(&mut self.load, runner, self.seed, tries).await?;
        let burst = self.load.burst(runner, &mut node, self.packets).await?;
        println!(
            "  {}: {} transfers in {:.2} s, {:.2} s CPU, {:.1} MiB",
            runner.name,
            self.packets,
            burst.wall.as_secs_f64(),
            burst.cpu.as_secs_f64(),
            burst.peak_kib as f64 / 1_024.0
        );
        figures.bursts.push(burst);
        rest(runner, &mut node).await?;
        // The same moments for everybody: drawn from the seed and the number of the transfer.
        for _ in 0..singles {
            let pace = self.ground.pace().await?;
            self.paces.push(pace);
            let number = (figures.singles.len() + figures.given_up) as u64;
            let mut dice = Dice::new(self.seed.wrapping_add(number));
            match self.load.one(&runner.lane, &mut dice, pace[0]).await? {
                Some(took) => figures.singles.push(took),
                None => figures.given_up += 1,
            }
        }
        node.check()
    }

    /// The same packets without a relayer.
    async fn chains_alone(&mut self, runner: &Runner) -> Result<Legs> {
        let legs = yardstick::measure(self.ground, &mut self.load, &runner.lane, self.packets).await;
        legs.context("the chains alone")
    }

    fn report(&self, measured: &[Measured], legs: &[Legs]) {
        println!();
        for figures in measured {
            print!("{}", verdict::lines(figures, self.packets));
        }
        print!("{}", verdict::chain_lines(legs, self.packets));
        let mean = |side: usize| {
            let sum: Duration = self.paces.iter().map(|pace| pace[side]).sum();
            sum / u32::try_from(self.paces.len()).unwrap_or(u32::MAX).max(1)
        };
        let pace = [mean(0), mean(1)];
        let floor = verdict::floor(pace);
        if !self.paces.is_empty() {
            println!(
                "blocks of {:.2} s and {:.2} s: one transfer takes at least {:.2} s (three half-block waits, two proof blocks)",
                pace[0].as_secs_f64(),
                pace[1].as_secs_f64(),
                floor.as_secs_f64()
            );
        }
        if let [ours, peers @ ..] = measured {
            print!("{}", verdict::bars(ours, peers, legs, floor));
        }
    }
}

/// Starts a contestant. One packet shows that it carries; then it comes to rest.
async fn started(load: &mut Load<'_>, runner: &Runner, seed: u64, tries: usize) -> Result<Node> {
    for _ in 0..tries {
        let mut node = runner.start()?;
        let mut dice = Dice::new(seed);
        if load.one(&runner.lane, &mut dice, Duration::ZERO).await?.is_some() {
            rest(runner, &mut node).await?;
            return Ok(node);
        }
        println!(
            "  {} left its first packet lying for {} s, and is stopped",
            runner.name,
            ONE_WITHIN.as_secs()
        );
    }
    bail!("{} carries no first packet, started {tries} times", runner.name)
}

async fn rest(runner: &Runner, node: &mut Node) -> Result<()> {
    if !until_idle(node).await? {
        println!("  {} never came to rest: it is measured as it is", runner.name);
    }
    Ok(())
}

fn blank(runner: &Runner) -> Measured {
    Measured {
        name: runner.name.clone(),
        protocol: runner.lane.protocol,
        bursts: Vec::new(),
        singles: Vec::new(),
        given_up: 0,
    }
}

/// The peers that are asked for.
fn wanted(peers: Option<&[Peer]>) -> Vec<Peer> {
    peers.map_or(Peer::ALL.to_vec(), <[Peer]>::to_vec)
}

/// Who comes first, changes each round: chains grow, and the last one finds larger stores.
fn order(count: usize, round: usize) -> Vec<usize> {
    (0..count).map(|position| (position + round) % count).collect()
}

/// How many of `all` fall into `round` of `rounds`.
fn share(all: usize, round: usize, rounds: usize) -> usize {
    all * (round + 1) / rounds - all * round / rounds
}

/// Says when the machine has other work.
fn tell_load() {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = text
        .split_whitespace()
        .next()
        .and_then(|load| load.parse::<f64>().ok());
    if let Some(load) = load.filter(|load| *load > LOAD_MAX) {
        println!("this machine is busy (load {load}): these figures say that it works, and nothing more");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_turn_each_round_and_comes_first_once() {
        let orders: Vec<Vec<usize>> = (0..3).map(|round| order(3, round)).collect();
        assert_eq!(orders, [[0, 1, 2], [1, 2, 0], [2, 0, 1]]);
    }

    #[test]
    fn the_parts_of_all_rounds_are_the_whole() {
        for (all, rounds) in [(30, 3), (31, 3), (2, 5), (0, 1)] {
            let sum: usize = (0..rounds).map(|round| share(all, round, rounds)).sum();
            assert_eq!(sum, all);
        }
    }
}
