//! What a run found out, as data and as a table.
//!
//! Decides when a run counts as a success. The shape of the JSON is an interface: programs read it.

use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// The whole result of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// What became of the packets.
    pub packets: Packets,
    /// What became of those between two Cosmos chains; none where the run has no such chains.
    pub cosmos: Option<Packets>,
    /// What became of those between an EVM chain and a Cosmos chain; none where the run has no such pair.
    pub evm_cosmos: Option<Packets>,
    /// What became of the attacks.
    pub attacks: Vec<AttackResult>,
    /// From the block of the send to the relayer seeing the packet settled.
    pub latency_ms: Latency,
    /// Gas used by transactions of this run, by what they did.
    pub gas: BTreeMap<String, u64>,
    /// Real time of the run, after the build.
    pub seconds: f64,
}

/// How many packets ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Packets {
    /// Sent on either chain.
    pub sent: u64,
    /// Settled by an acknowledgement, the universal error acknowledgement included.
    pub acked: u64,
    /// Settled by a proof of absence.
    pub timed_out: u64,
    /// Paid back to their sender, after a timeout or an error acknowledgement.
    pub refunded: u64,
    /// Neither acknowledged nor timed out when the run ended.
    pub lost: u64,
}

/// One attack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttackResult {
    /// Its name in docs/attacks.md.
    pub name: String,
    /// Whether it was refused by the rule that is meant to refuse it.
    pub refused: bool,
    /// What refused it; what it achieved, if nothing did.
    pub rule: String,
}

/// Latencies in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// Half of the packets were faster.
    pub p50: u64,
    /// 99 of 100 packets were faster.
    pub p99: u64,
}

impl Latency {
    /// By the nearest-rank method; zeros for no samples.
    pub fn of(samples: &[u64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable();
        let rank = |percent: usize| -> u64 {
            let position = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
            sorted.get(position).copied().unwrap_or_default()
        };
        Self {
            p50: rank(50),
            p99: rank(99),
        }
    }
}

impl Report {
    /// Whether nothing was lost and every attack was refused by its rule, and there was something to lose and to refuse.
    pub fn is_success(&self) -> bool {
        let is_whole = |packets: &Packets| {
            packets.sent > 0 && packets.lost == 0 && packets.acked + packets.timed_out == packets.sent
        };
        is_whole(&self.packets)
            && [&self.cosmos, &self.evm_cosmos]
                .into_iter()
                .flatten()
                .all(is_whole)
            && !self.attacks.is_empty()
            && self.attacks.iter().all(|attack| attack.refused)
    }
}

impl fmt::Display for Packets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sent,
            acked,
            timed_out,
            refunded,
            lost,
        } = self;
        write!(
            f,
            "sent {sent}  acked {acked}  timed out {timed_out}  refunded {refunded}  lost {lost}"
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "packets   {}", self.packets)?;
        if let Some(cosmos) = &self.cosmos {
            writeln!(f, "cosmos    {cosmos} (between two Cosmos chains)")?;
        }
        if let Some(mixed) = &self.evm_cosmos {
            writeln!(f, "mixed     {mixed} (between an EVM chain and a Cosmos chain)")?;
        }
        writeln!(
            f,
            "latency   p50 {} ms  p99 {} ms (send to settled)",
            self.latency_ms.p50, self.latency_ms.p99
        )?;
        writeln!(f, "time      {:.1} s", self.seconds)?;
        writeln!(f, "\n{:<44} {:>12}", "gas", "used")?;
        for (what, gas) in &self.gas {
            writeln!(f, "{what:<44} {gas:>12}")?;
        }
        if self.attacks.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n{:<26} {:<9} by", "attack", "verdict")?;
        for attack in &self.attacks {
            let verdict = if attack.refused { "refused" } else { "SUCCEEDED" };
            writeln!(f, "{:<26} {verdict:<9} {}", attack.name, attack.rule)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Report {
        Report {
            packets: Packets {
                sent: 3,
                acked: 2,
                timed_out: 1,
                refunded: 1,
                lost: 0,
            },
            cosmos: Some(Packets {
                sent: 1,
                acked: 1,
                ..Packets::default()
            }),
            evm_cosmos: Some(Packets {
                sent: 1,
                timed_out: 1,
                refunded: 1,
                ..Packets::default()
            }),
            attacks: vec![AttackResult {
                name: "a".into(),
                refused: true,
                rule: "R".into(),
            }],
            ..Report::default()
        }
    }

    #[test]
    fn a_run_fails_for_each_thing_that_can_go_wrong() {
        assert!(good().is_success());
        let broken: [fn(&mut Report); 7] = [
            |report| report.packets.lost = 1,
            |report| report.packets.acked = 1,
            |report| report.packets = Packets::default(),
            |report| report.cosmos = Some(Packets::default()),
            |report| report.evm_cosmos = Some(Packets::default()),
            |report| report.attacks.clear(),
            |report| report.attacks[0].refused = false,
        ];
        for break_it in broken {
            let mut report = good();
            break_it(&mut report);
            assert!(!report.is_success(), "{report:?}");
        }
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        assert_eq!(Latency::of(&[]), Latency { p50: 0, p99: 0 });
        assert_eq!(Latency::of(&[7]), Latency { p50: 7, p99: 7 });
        let samples: Vec<u64> = (1..=200).rev().collect();
        assert_eq!(Latency::of(&samples), Latency { p50: 100, p99: 198 });
    }

    #[test]
    fn json_has_the_published_shape() {
        let json = serde_json::to_value(good()).unwrap();
        assert_eq!(json["packets"]["timed_out"], 1);
        assert_eq!(json["cosmos"]["acked"], 1);
        assert_eq!(json["evm_cosmos"]["timed_out"], 1);
        assert_eq!(json["attacks"][0]["rule"], "R");
        assert!(json["latency_ms"]["p50"].is_u64() && json["gas"].is_object() && json["seconds"].is_number());
    }
}
