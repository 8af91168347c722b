//! Counters and gauges for Prometheus. Units are in the names; labels come from the configuration, so that their number
//! is bounded.

use crate::view::{EndView, StatusView};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::atomic::AtomicU64;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChainLabel {
    chain: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MoneyLabel {
    chain: String,
    unit: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabel {
    path: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabel {
    path: String,
    stage: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BlameLabel {
    chain: String,
    blame: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    chain: String,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    path: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeTotalLabel {
    path: String,
    outcome: String,
}

type LatencyFamily = Family<OutcomeLabel, Histogram, fn() -> Histogram>;

/// The unit of EVM chains. What is paid in it has metrics of its own besides, which are older than chains that are paid in coins.
const WEI: &str = "wei";

/// What was paid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paid<'a> {
    /// How much, roughly: it is summed over a long time.
    pub amount: f64,
    /// Of what.
    pub unit: &'a str,
}

/// All metrics of a daemon.
pub struct Metrics {
    registry: Registry,
    backlog: Family<StageLabel, Gauge>,
    ended: Family<OutcomeTotalLabel, Counter>,
    pruned: Family<EndLabel, Counter>,
    unread: Family<EndLabel, Gauge>,
    oldest_secs: Family<EndLabel, Gauge>,
    expiry_secs: Family<EndLabel, Gauge>,
    stopped: Family<EndLabel, Gauge>,
    doubted: Family<EndLabel, Gauge>,
    balance: Family<MoneyLabel, Gauge<f64, AtomicU64>>,
    balance_wei: Family<ChainLabel, Gauge<f64, AtomicU64>>,
    finalized_height: Family<ChainLabel, Gauge>,
    silent_secs: Family<ChainLabel, Gauge>,
    submissions: Family<ResultLabel, Counter>,
    gas: Family<ChainLabel, Counter>,
    spent: Family<MoneyLabel, Counter<f64, AtomicU64>>,
    spent_wei: Family<ChainLabel, Counter<f64, AtomicU64>>,
    failures: Family<BlameLabel, Counter>,
    latency_secs: LatencyFamily,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("weighbridge"),
            backlog: Family::default(),
            ended: Family::default(),
            pruned: Family::default(),
            unread: Family::default(),
            oldest_secs: Family::default(),
            expiry_secs: Family::default(),
            stopped: Family::default(),
            doubted: Family::default(),
            balance: Family::default(),
            balance_wei: Family::default(),
            finalized_height: Family::default(),
            silent_secs: Family::default(),
            submissions: Family::default(),
            gas: Family::default(),
            spent: Family::default(),
            spent_wei: Family::default(),
            failures: Family::default(),
            latency_secs: Family::new_with_constructor(|| Histogram::new(exponential_buckets(1.0, 2.0, 18))),
        };
        metrics.register_packets();
        metrics.register_chains();
        metrics
    }
}

impl Metrics {
    fn register_packets(&mut self) {
        let to = &mut self.registry;
        to.register(
            "packets_backlog",
            "Packets that are not settled, by stage",
            self.backlog.clone(),
        );
        to.register(
            "packets_settled",
            "Packets that ended since the store was made, by how",
            self.ended.clone(),
        );
        to.register(
            "packets_pruned",
            "Settled packets whose records are no longer kept",
            self.pruned.clone(),
        );
        to.register(
            "blocks_unread",
            "Finalized blocks whose events are not read yet",
            self.unread.clone(),
        );
        to.register(
            "packet_oldest_age_seconds",
            "Time since the first sight of the oldest packet that has still to be carried",
            self.oldest_secs.clone(),
        );
        to.register(
            "packet_latency_seconds",
            "Time from the first sight of a packet to its end",
            self.latency_secs.clone(),
        );
    }

    fn register_chains(&mut self) {
        let to = &mut self.registry;
        to.register(
            "client_expiry_seconds",
            "Time until the client expires unless updated",
            self.expiry_secs.clone(),
        );
        to.register(
            "client_stopped",
            "1 while the client cannot be used",
            self.stopped.clone(),
        );
        to.register(
            "client_doubted",
            "1 while the client believes what the chain that it follows does not have, by the relayer's own endpoints",
            self.doubted.clone(),
        );
        to.register(
            "balance",
            "The relayer's balance, in the chain's own unit",
            self.balance.clone(),
        );
        to.register(
            "balance_wei",
            "The relayer's balance where it is wei",
            self.balance_wei.clone(),
        );
        to.register(
            "finalized_height",
            "The newest finalized height",
            self.finalized_height.clone(),
        );
        to.register(
            "chain_silent_seconds",
            "Time since the chain answered last",
            self.silent_secs.clone(),
        );
        to.register(
            "submissions",
            "Submissions, by how they ended",
            self.submissions.clone(),
        );
        to.register("gas_used", "Gas used by submissions", self.gas.clone());
        to.register(
            "spent",
            "What was paid for submissions, in the chain's own unit",
            self.spent.clone(),
        );
        to.register(
            "spent_wei",
            "What was paid for submissions where it is wei",
            self.spent_wei.clone(),
        );
        to.register(
            "failures",
            "Failures, by who is responsible",
            self.failures.clone(),
        );
    }

    /// A submission was handed to `chain`.
    pub fn submitted(&self, chain: &str) {
        self.submissions
            .get_or_create(&ResultLabel {
                chain: chain.into(),
                result: "sent",
            })
            .inc();
    }

    /// A submission ended on `chain`, having used `gas` and paid `paid`.
    pub fn landed(&self, chain: &str, gas: u64, paid: Paid<'_>, result: &'static str) {
        self.submissions
            .get_or_create(&ResultLabel {
                chain: chain.into(),
                result,
            })
            .inc();
        let label = ChainLabel { chain: chain.into() };
        self.gas.get_or_create(&label).inc_by(gas);
        let money = MoneyLabel {
            chain: chain.into(),
            unit: paid.unit.into(),
        };
        self.spent.get_or_create(&money).inc_by(paid.amount);
        if paid.unit == WEI {
            self.spent_wei.get_or_create(&label).inc_by(paid.amount);
        }
    }

    /// Something failed on `chain`; `blame` is who is responsible.
    pub fn failed(&self, chain: &str, blame: &'static str) {
        self.failures
            .get_or_create(&BlameLabel {
                chain: chain.into(),
                blame,
            })
            .inc();
    }

    /// A packet of the end `path` came to its end `secs` after it was first seen.
    pub fn settled(&self, path: &str, outcome: &'static str, secs: u64) {
        self.latency_secs
            .get_or_create(&OutcomeLabel {
                path: path.into(),
                outcome,
            })
            .observe(secs as f64);
    }

    /// Sets the gauges to what `status` says.
    pub(crate) fn show(&self, status: &StatusView) {
        self.backlog.clear();
        self.oldest_secs.clear();
        for end in status.paths.iter().flat_map(|path| [&path.a, &path.b]) {
            self.show_end(end, status.at);
        }
        for chain in &status.chains {
            let label = ChainLabel {
                chain: chain.chain.clone(),
            };
            if let Some(height) = chain.finalized_height {
                self.finalized_height.get_or_create(&label).set(clamped(height));
            }
            if let Some((amount, unit)) = chain
                .balance
                .as_ref()
                .and_then(|balance| Some((balance.amount.parse::<f64>().ok()?, &balance.unit)))
            {
                let money = MoneyLabel {
                    chain: chain.chain.clone(),
                    unit: unit.clone(),
                };
                self.balance.get_or_create(&money).set(amount);
                if unit == WEI {
                    self.balance_wei.get_or_create(&label).set(amount);
                }
            }
            let silent = status.at.saturating_sub(chain.answered.unwrap_or(status.started));
            self.silent_secs.get_or_create(&label).set(clamped(silent));
        }
    }

    fn show_end(&self, end: &EndView, now: u64) {
        for (stage, count) in &end.backlog {
            let label = StageLabel {
                path: end.end.clone(),
                stage: stage.clone(),
            };
            self.backlog.get_or_create(&label).set(clamped(*count));
        }
        for (outcome, count) in &end.settled {
            let label = OutcomeTotalLabel {
                path: end.end.clone(),
                outcome: outcome.clone(),
            };
            raise(&self.ended.get_or_create(&label), *count);
        }
        let label = EndLabel {
            path: end.end.clone(),
        };
        raise(&self.pruned.get_or_create(&label), end.pruned);
        self.unread.get_or_create(&label).set(clamped(end.unread_blocks));
        let age = end.oldest.map_or(0, |since| now.saturating_sub(since));
        self.oldest_secs.get_or_create(&label).set(clamped(age));
        if let Some(expires_in_secs) = end.expires_in_secs {
            self.expiry_secs.get_or_create(&label).set(expires_in_secs);
        }
        self.stopped
            .get_or_create(&label)
            .set(i64::from(end.stopped.is_some()));
        self.doubted
            .get_or_create(&label)
            .set(i64::from(end.doubted.is_some()));
    }

    /// The text of OpenMetrics.
    pub(crate) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Sets a counter that is kept elsewhere; it never falls.
fn raise(counter: &Counter, to: u64) {
    counter.inc_by(to.saturating_sub(counter.get()));
}

fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

#[cfg(test)]
#[path = "metrics_tests.rs"]
mod tests;
