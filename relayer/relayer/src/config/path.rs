//! A path: its two ends, where reading begins, and for how long a client on it may believe a state.

use super::end::parse_end;
use super::reader::Reader;
use super::{ChainEntry, Config, DAY, Family};
use chain::{BlockNumber, ChainName};
use relayer_core::{EndConfig, EndName, PathConfig};
use wire::{Seconds, Sequence};

/// One path.
#[derive(Clone, Debug, PartialEq)]
pub struct PathEntry {
    /// For the machine.
    pub machine: PathConfig,
    /// The longest trust period that `path create` and `path status` accept.
    pub trust_period_max: Seconds,
}

/// Between two Cosmos chains a trust period may be as long as 21 days, for which most of them hold back withdrawn stake; that
/// it is shorter than what the followed chain says, `path status` checks.
pub(super) const COSMOS_TRUST_PERIOD_MAX: Seconds = Seconds(21 * DAY);

fn trust_period_max_default(chains: &[ChainEntry], ends: [&ChainName; 2]) -> Seconds {
    let is_cosmos = |name: &&ChainName| {
        let chain = chains.iter().find(|chain| chain.name() == *name);
        chain.is_some_and(|chain| matches!(chain.family, Family::Cosmos(_)))
    };
    if ends.iter().all(is_cosmos) {
        COSMOS_TRUST_PERIOD_MAX
    } else {
        ethereum::TRUST_PERIOD_DEFAULT
    }
}

impl Config {
    /// The longest trust period that is accepted between two chains, whatever path it is.
    pub(crate) fn trust_period_max_between(&self, chains: [&str; 2]) -> Seconds {
        let [a, b] = chains.map(|name| ChainName(name.to_owned()));
        trust_period_max_default(&self.chains, [&a, &b])
    }

    /// The longest trust period that is accepted on the path between `a` and `b`.
    pub fn trust_period_max(&self, a: &EndName, b: &EndName) -> Seconds {
        let is_ours = |path: &&PathEntry| {
            let ends = [&path.machine.a.name, &path.machine.b.name];
            ends == [a, b] || ends == [b, a]
        };
        let configured = self.paths.iter().find(is_ours);
        let by_kind = || trust_period_max_default(&self.chains, [&a.chain, &b.chain]);
        configured.map_or_else(by_kind, |path| path.trust_period_max)
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
        (Some(a), Some(b)) => trust_period_max_default(chains, [&a, &b]),
        (Some(_), None) | (None, _) => ethereum::TRUST_PERIOD_DEFAULT,
    };
    let trust_period_max = Seconds(reader.positive("trust_period_secs_max", by_kind.0));
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
    Some(PathEntry {
        machine,
        trust_period_max,
    })
}
