//! A path: its two ends, where reading begins, and for how long a client on it may believe a state.

use super::end::parse_end;
use super::reader::Reader;
use super::{ChainEntry, Config, DAY, Family};
use chain::{BlockNumber, ChainName, TermsMax};
use relayer_core::{EndConfig, EndName, PathConfig};
use wire::{Seconds, Sequence};

/// One path.
#[derive(Clone, Debug, PartialEq)]
pub struct PathEntry {
    /// For the machine.
    pub machine: PathConfig,
    /// What `path create`, `path status` and the daemon accept of the clients at both ends.
    pub terms_max: TermsMax,
}

/// Between two Cosmos chains a trust period may be as long as 21 days, for which most of them hold back withdrawn stake; that
/// it is shorter than what the followed chain says, `path status` checks.
pub(super) const COSMOS_TRUST_PERIOD_MAX: Seconds = Seconds(21 * DAY);

/// As far ahead of its host's clock may a header be for the clients of most channels, because a relayer in wide use makes them so.
/// Validators who lie about the time by that let packets expire so much early, and can do nothing else.
pub(super) const CLOCK_DRIFT_MAX: Seconds = Seconds(600);

fn terms_max_default(chains: &[ChainEntry], ends: [&ChainName; 2]) -> TermsMax {
    let is_cosmos = |name: &&ChainName| {
        let chain = chains.iter().find(|chain| chain.name() == *name);
        chain.is_some_and(|chain| matches!(chain.family, Family::Cosmos(_)))
    };
    let trust_period = if ends.iter().all(is_cosmos) {
        COSMOS_TRUST_PERIOD_MAX
    } else {
        ethereum::TRUST_PERIOD_DEFAULT
    };
    terms_max(trust_period)
}

fn terms_max(trust_period: Seconds) -> TermsMax {
    TermsMax {
        trust_period,
        clock_drift: CLOCK_DRIFT_MAX,
    }
}

impl Config {
    /// What is accepted of clients between two chains, whatever path it is.
    pub(crate) fn terms_max_between(&self, chains: [&str; 2]) -> TermsMax {
        let [a, b] = chains.map(|name| ChainName(name.to_owned()));
        terms_max_default(&self.chains, [&a, &b])
    }

    /// What is accepted of the clients on the path between `a` and `b`.
    pub fn terms_max(&self, a: &EndName, b: &EndName) -> TermsMax {
        let is_ours = |path: &&PathEntry| {
            let ends = [&path.machine.a.name, &path.machine.b.name];
            ends == [a, b] || ends == [b, a]
        };
        let configured = self.paths.iter().find(is_ours);
        let by_kind = || terms_max_default(&self.chains, [&a.chain, &b.chain]);
        configured.map_or_else(by_kind, |path| path.terms_max)
    }
}

pub(super) fn entry(reader: &mut Reader<'_>, chains: &[ChainEntry]) -> Option<PathEntry> {
    let (a, b) = (reader.parsed("a", parse_end), reader.parsed("b", parse_end));
    let a_start = reader.optional_number::<u64>("a_start_block");
    let b_start = reader.optional_number::<u64>("b_start_block");
    let a_first = reader.positive("a_first_sequence", 1u64);
    let b_first = reader.positive("b_first_sequence", 1u64);
    let given = |end: &Option<EndName>| end.as_ref().map(|end| end.chain.clone());
    let by_kind = match (given(&a), given(&b)) {
        (Some(a), Some(b)) => terms_max_default(chains, [&a, &b]),
        (Some(_), None) | (None, _) => terms_max(ethereum::TRUST_PERIOD_DEFAULT),
    };
    let terms_max = TermsMax {
        trust_period: Seconds(reader.positive("trust_period_secs_max", by_kind.trust_period.0)),
        clock_drift: Seconds(reader.positive("clock_drift_secs_max", by_kind.clock_drift.0)),
    };
    let first_block = |name: &ChainName| {
        let chain = chains.iter().find(|chain| chain.name() == name);
        chain.map_or(BlockNumber(0), ChainEntry::first_block)
    };
    let end = |name: EndName, start: Option<u64>, first: u64| EndConfig {
        start: start.map_or_else(|| first_block(&name.chain), BlockNumber),
        first: Sequence::new(first).unwrap_or(Sequence::FIRST),
        name,
    };
    let machine = PathConfig {
        a: end(a?, a_start, a_first),
        b: end(b?, b_start, b_first),
    };
    Some(PathEntry { machine, terms_max })
}
