//! `bench relayer`: what the relayer costs and how fast it is over a thousand packets between two embedded chains.
//!
//! The relayer is a process of its own, started as an operator starts it and looked at from outside: its CPU time and
//! memory are the system's account of that process, finality and inclusion are what the chains show to anybody.

mod load;
mod watch;

use crate::figures::percentile;
use crate::process::Usage;
use anyhow::{Context, Result};
use load::Load;
use scenarios::{Bridge, Program, embedded};
use std::time::{Duration, Instant};
use watch::{Stamp, Timeline};

/// The first argument that turns this program into the relayer.
pub(crate) const RELAYER: &str = "relayer-process";
/// Packets sent.
const PACKETS: u64 = 1_000;
/// How long all of it may take; not a verdict, only an end.
const PATIENCE: Duration = Duration::from_secs(900);

/// Measures and prints.
pub(crate) fn run() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    runtime.block_on(measure())
}

async fn measure() -> Result<()> {
    let folder = tempfile::tempdir().context("failed to make a temporary folder")?;
    let pair = embedded::Pair::default();
    let chains = pair.start().await?;
    let quiet = |_: &str| {};
    let program = Program::own(RELAYER)?;
    let mut bridge = Bridge::build(program, embedded::sites(&chains)?, folder.path(), &quiet).await?;
    println!(
        "relayer over {PACKETS} packets between two embedded chains, 12-second slots at {} ms",
        12_000 / pair.speed
    );
    let measured = burst(&bridge).await;
    bridge.stop_relayer().await?;
    measured
}

/// Sends everything as fast as blocks take it, and follows it to its end.
async fn burst(bridge: &Bridge) -> Result<()> {
    let load = Load::prepare(bridge, PACKETS).await?;
    let before = Usage::of(bridge.relayer_pid()?)?;
    let start = Instant::now();
    let (blocks, timeline) = tokio::try_join!(load.send(), watch::follow(bridge, PACKETS, PATIENCE))?;
    let after = Usage::of(bridge.relayer_pid()?)?;
    let (sent_in, took) = (blocks.len(), start.elapsed());
    println!(
        "  sent in {sent_in} blocks; all acknowledgements proven back after {:.1} s",
        took.as_secs_f64()
    );
    let cpu = after.cpu.saturating_sub(before.cpu);
    println!(
        "  CPU of its process        {:>8.2} s  {:.2} ms a packet, delivery and acknowledgement",
        cpu.as_secs_f64(),
        cpu.as_secs_f64() * 1e3 / PACKETS as f64
    );
    println!(
        "  peak memory of it         {:>8.1} MiB",
        after.peak_kib as f64 / 1024.0
    );
    println!(
        "  acknowledged packets      {:>8.1} a second of real time",
        PACKETS as f64 / took.as_secs_f64()
    );
    let latencies = timeline.latencies(&blocks)?;
    print_latency("finality -> delivered", &latencies.delivered);
    print_latency("finality -> ack proven back", &latencies.acknowledged);
    Ok(())
}

/// One line, in both times: what a person waits, and what the chains' clocks say, on which a slot has 12 s.
fn print_latency(what: &str, stamps: &[Stamp]) {
    let real: Vec<Duration> = stamps.iter().map(|stamp| stamp.real).collect();
    let chain: Vec<Duration> = stamps
        .iter()
        .map(|stamp| Duration::from_secs(stamp.chain_secs))
        .collect();
    println!(
        "  {what:<28} p50 {:>6.2} s  p99 {:>6.2} s real time; p50 {:>5} s  p99 {:>5} s chain time",
        percentile(&real, 50).as_secs_f64(),
        percentile(&real, 99).as_secs_f64(),
        percentile(&chain, 50).as_secs(),
        percentile(&chain, 99).as_secs()
    );
}

impl Timeline {
    fn latencies(&self, blocks: &std::collections::BTreeMap<u64, u64>) -> Result<Latencies> {
        let mut latencies = Latencies::default();
        for (sequence, block) in self.sent(blocks) {
            let finality = self
                .final_at(block)
                .with_context(|| format!("block {block} was not seen final"))?;
            let since = |stamp: Stamp| Stamp {
                real: stamp.real.saturating_sub(finality.real),
                chain_secs: stamp.chain_secs.saturating_sub(finality.chain_secs),
            };
            latencies.delivered.extend(self.delivered(sequence).map(since));
            latencies
                .acknowledged
                .extend(self.acknowledged(sequence).map(since));
        }
        Ok(latencies)
    }
}

/// From the finality of the source block on.
#[derive(Default)]
struct Latencies {
    delivered: Vec<Stamp>,
    acknowledged: Vec<Stamp>,
}
