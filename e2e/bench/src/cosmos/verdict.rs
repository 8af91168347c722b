//! What the figures say: least, middle and most of each, and in words whether the bars are held.
//!
//! Pure: samples in, text out. It never fails for a figure that is too large.

use super::lane::Protocol;
use super::load::{Burst, ONE_WITHIN};
use super::yardstick::Legs;
use crate::figures::median;
use std::fmt::Write;
use std::time::Duration;

/// A relayer may take this share of the faster peer's wall time, and of the lower CPU time.
const WALL_SHARE: f64 = 0.5;
const CPU_SHARE: f64 = 0.25;
/// From this share of our wall time on that the chains alone need, they are the limit.
const CHAIN_SHARE: f64 = 0.8;
/// How far one transfer may be above the floor.
const ABOVE_FLOOR: Duration = Duration::from_millis(200);
const KIB_PER_MIB: f64 = 1_024.0;

/// All that was measured of one contestant.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) name: String,
    pub(super) protocol: Protocol,
    pub(super) bursts: Vec<Burst>,
    pub(super) singles: Vec<Duration>,
    /// Single transfers that were not acknowledged in time: they are in no figure.
    pub(super) given_up: usize,
}

impl Measured {
    fn walls(&self) -> Vec<Duration> {
        self.bursts.iter().map(|burst| burst.wall).collect()
    }

    fn cpus(&self) -> Vec<Duration> {
        self.bursts.iter().map(|burst| burst.cpu).collect()
    }

    /// The most memory in the middle run, in KiB.
    fn peak(&self) -> u64 {
        let peaks: Vec<Duration> = self
            .bursts
            .iter()
            .map(|burst| Duration::from_secs(burst.peak_kib))
            .collect();
        median(&peaks).as_secs()
    }
}

/// The figures of one contestant, in lines.
pub(super) fn lines(measured: &Measured, packets: u64) -> String {
    let mut text = format!("{} ({}), {packets} transfers\n", measured.name, measured.protocol);
    if !measured.bursts.is_empty() {
        let peaks: Vec<f64> = measured
            .bursts
            .iter()
            .map(|burst| burst.peak_kib as f64 / KIB_PER_MIB)
            .collect();
        let rates: Vec<f64> = measured
            .walls()
            .iter()
            .map(|wall| packets as f64 / wall.as_secs_f64())
            .collect();
        line(&mut text, "wall time", &secs(&measured.walls()), "s", 2);
        line(&mut text, "packets a second", &rates, "", 1);
        line(&mut text, "CPU of its process", &secs(&measured.cpus()), "s", 2);
        line(&mut text, "peak memory of it", &peaks, "MiB", 1);
    }
    if !measured.singles.is_empty() {
        line(&mut text, "one transfer", &secs(&measured.singles), "s", 2);
    }
    if measured.given_up > 0 {
        let _ = writeln!(
            text,
            "  single transfers that were not carried within {} s, and are in no figure: {}",
            ONE_WITHIN.as_secs(),
            measured.given_up
        );
    }
    text
}

/// What the chains alone need.
pub(super) fn chain_lines(legs: &[Legs], packets: u64) -> String {
    let mut text = format!("{packets} transfers, proven and signed beforehand and only broadcast\n");
    for (name, part) in [
        ("transfers", (|legs| legs.sends) as fn(&Legs) -> Duration),
        ("receives", |legs| legs.receives),
        ("acknowledgements", |legs| legs.acknowledgements),
        ("both that are relayed", Legs::relayed),
    ] {
        let times: Vec<Duration> = legs.iter().map(part).collect();
        line(&mut text, name, &secs(&times), "s", 2);
    }
    text
}

/// The least time that one transfer can take on chains with blocks of `pace`: three waits for a block, of half a block each
/// in the mean, and two whole blocks, because a state is proven under the header after it.
pub(super) fn floor([source, destination]: [Duration; 2]) -> Duration {
    let waits = source / 2 + destination / 2 + source / 2;
    waits + source + destination
}

/// Whether the bars are held, in words.
///
/// - `floor`: of one transfer.
/// - `legs`: of our lane.
pub(super) fn bars(ours: &Measured, peers: &[Measured], legs: &[Legs], floor: Duration) -> String {
    let mut text = String::new();
    if ours.protocol != Protocol::V1 {
        let _ = writeln!(
            text,
            "these are figures of {}: the bars are about {}",
            ours.protocol,
            Protocol::V1
        );
    }
    if peers.is_empty() {
        text.push_str("no peer was measured: nothing to compare with\n");
    }
    if !ours.bursts.is_empty() {
        burst_bars(&mut text, ours, peers, legs);
    }
    if !ours.singles.is_empty() {
        single_bar(&mut text, ours, peers, floor);
    }
    text
}

fn burst_bars(text: &mut String, ours: &Measured, peers: &[Measured], legs: &[Legs]) {
    let wall = median(&ours.walls()).as_secs_f64();
    let relayed: Vec<Duration> = legs.iter().map(Legs::relayed).collect();
    let share = median(&relayed).as_secs_f64() / wall;
    let peers: Vec<&Measured> = peers.iter().filter(|peer| !peer.bursts.is_empty()).collect();
    let fastest = peers.iter().map(|peer| median(&peer.walls()).as_secs_f64());
    let ratio = fastest.reduce(f64::min).map(|fastest| wall / fastest);
    let limited = !legs.is_empty() && share >= CHAIN_SHARE;
    let said = ratio.map_or("no peer to compare with".to_owned(), |ratio| {
        format!("{ratio:.2} x the faster peer's, bar {WALL_SHARE} x")
    });
    let by_chain = if legs.is_empty() {
        "the chains alone were not measured".to_owned()
    } else {
        format!(
            "the chains alone need {:.0} % of it, chain-limited from {:.0} %",
            share * 100.0,
            CHAIN_SHARE * 100.0
        )
    };
    let held = limited || ratio.is_some_and(|ratio| ratio <= WALL_SHARE);
    bar(text, "wall time", &format!("{said}; {by_chain}"), held);
    let cpu = median(&ours.cpus()).as_secs_f64();
    let lowest = peers.iter().map(|peer| median(&peer.cpus()).as_secs_f64());
    if let Some(ratio) = lowest.reduce(f64::min).map(|lowest| cpu / lowest) {
        let said = format!("{ratio:.2} x the lower of the peers, bar {CPU_SHARE} x");
        bar(text, "CPU", &said, ratio <= CPU_SHARE);
    }
    if let Some(smallest) = peers.iter().map(|peer| peer.peak()).min() {
        let ratio = ours.peak() as f64 / smallest as f64;
        let said = format!("{ratio:.2} x the smaller of the peers, bar 1 x");
        bar(text, "peak memory", &said, ratio <= 1.0);
    }
}

fn single_bar(text: &mut String, ours: &Measured, peers: &[Measured], floor: Duration) {
    let own = median(&ours.singles);
    let peers: Vec<Duration> = peers
        .iter()
        .filter(|peer| !peer.singles.is_empty())
        .map(|peer| median(&peer.singles))
        .collect();
    let is_fastest = !peers.is_empty() && peers.iter().all(|peer| own < *peer);
    let best = peers.iter().min();
    let said = format!(
        "{:.2} s, the floor is {:.2} s{}",
        own.as_secs_f64(),
        floor.as_secs_f64(),
        best.map(|best| format!(", the best peer {:.2} s", best.as_secs_f64()))
            .unwrap_or_default()
    );
    bar(
        text,
        "one transfer",
        &said,
        is_fastest || own <= floor + ABOVE_FLOOR,
    );
}

fn bar(text: &mut String, what: &str, said: &str, held: bool) {
    let verdict = if held { "is held" } else { "is NOT held" };
    let _ = writeln!(text, "  {what}: {said}: the bar {verdict}");
}

/// Least, middle and most.
fn line(text: &mut String, what: &str, samples: &[f64], unit: &str, digits: usize) {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |position: usize| sorted.get(position).copied().unwrap_or_default();
    let middle = sorted.len().div_ceil(2).saturating_sub(1);
    let _ = writeln!(
        text,
        "  {what:<24} min {:>8.digits$}  median {:>8.digits$}  max {:>8.digits$} {unit}  of {}",
        at(0),
        at(middle),
        at(sorted.len().saturating_sub(1)),
        sorted.len()
    );
}

fn secs(times: &[Duration]) -> Vec<f64> {
    times.iter().map(Duration::as_secs_f64).collect()
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
