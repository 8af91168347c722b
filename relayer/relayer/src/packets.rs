//! Packets for HTTP and commands: records from the store, and what comes next from the machine if one runs.

use crate::config::Config;
use crate::daemon::Questions;
use crate::view::{self, Detail};
use api::{Filter, Found, PacketView, PrunedView, Unavailable};
use relayer_core::{EndName, Explanation, Keep, PacketId, PacketRecord};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Store, StoreError};
use wire::Sequence;

/// Records read from the store at once while looking for those that fit a filter.
const PAGE: usize = 512;

/// The word for packets that wait on disk for their application, beside those for stages.
pub(crate) const PARKED: &str = "parked";

/// How one table of the store is read: packets of an end, after a sequence, at most so many.
type Read = fn(&Store, &EndName, Option<Sequence>, usize) -> Result<Vec<PacketRecord>, StoreError>;

/// The store, the configured paths, and perhaps a machine.
pub(crate) struct Packets {
    store: Arc<Store>,
    /// The chain at the other end of each end.
    peers: BTreeMap<EndName, String>,
    keep: Keep,
    questions: Option<Questions>,
}

impl Packets {
    pub(crate) fn new(store: Arc<Store>, config: &Config, questions: Option<Questions>) -> Self {
        let mut peers = BTreeMap::new();
        for path in &config.paths {
            let (a, b) = (&path.machine.a.name, &path.machine.b.name);
            peers.insert(a.clone(), b.chain.to_string());
            peers.insert(b.clone(), a.chain.to_string());
        }
        Self {
            store,
            peers,
            keep: config.keep,
            questions,
        }
    }

    /// The packets of a store that no daemon has open.
    #[cfg(test)]
    pub(crate) fn of_store(store: Store, paths: &[(EndName, EndName)]) -> Self {
        let of_path = |(a, b): &(EndName, EndName)| {
            let (over_a, over_b) = (b.chain.to_string(), a.chain.to_string());
            [(a.clone(), over_a), (b.clone(), over_b)]
        };
        Self {
            store: Arc::new(store),
            peers: paths.iter().flat_map(of_path).collect(),
            keep: Keep::default(),
            questions: None,
        }
    }

    fn ends(&self, filter: &Filter) -> Result<Vec<EndName>, Unavailable> {
        match &filter.path {
            Some(text) => crate::config::parse_end(text)
                .map(|end| vec![end])
                .map_err(Unavailable),
            None => Ok(self.peers.keys().cloned().collect()),
        }
    }

    /// The records of `end` that fit, by sequence, at most `room`.
    fn of_end(
        &self,
        end: &EndName,
        filter: &Filter,
        after: Option<Sequence>,
        room: usize,
    ) -> Result<Vec<PacketRecord>, Unavailable> {
        let tables: &[Read] = if filter.stage.as_deref() == Some(PARKED) {
            &[Store::parked]
        } else if filter.all {
            &[Store::live, Store::parked, Store::settled]
        } else {
            &[Store::live, Store::parked]
        };
        let mut found = Vec::new();
        for read in tables {
            found.extend(self.of_table(*read, end, filter, after, room)?);
        }
        // Who goes on behind the last one must have seen what has a smaller number, in whichever table.
        found.sort_by_key(|record| record.id.sequence);
        found.truncate(room);
        Ok(found)
    }

    /// Those in one table, at most `room`.
    fn of_table(
        &self,
        read: Read,
        end: &EndName,
        filter: &Filter,
        mut after: Option<Sequence>,
        room: usize,
    ) -> Result<Vec<PacketRecord>, Unavailable> {
        let stage = filter.stage.as_deref();
        let fits = |record: &PacketRecord| {
            stage.is_none_or(|stage| stage == PARKED || record.standing.stage.word() == stage)
        };
        let mut found = Vec::new();
        while found.len() < room {
            let page: Vec<PacketRecord> = read(&self.store, end, after, PAGE).map_err(unavailable)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.sequence);
            found.extend(page.into_iter().filter(fits));
        }
        found.truncate(room);
        Ok(found)
    }

    /// How many settled packets of the wanted ends are no longer kept.
    pub(crate) fn pruned(&self, filter: &Filter) -> Result<u64, Unavailable> {
        let mut count = 0;
        for end in self.ends(filter)? {
            let totals = self.store.totals(&end).map_err(unavailable)?;
            count += totals.pruned.map_or(0, |pruned| pruned.count);
        }
        Ok(count)
    }

    /// What is known of a packet without a record.
    fn absent(&self, id: &PacketId) -> Result<Found, Unavailable> {
        let totals = self.store.totals(&id.source).map_err(unavailable)?;
        if totals.has_pruned(id.sequence) {
            return Ok(Found::Pruned(pruned(id, &self.keep)));
        }
        if !self.peers.contains_key(&id.source) {
            let known: Vec<String> = self.peers.keys().map(ToString::to_string).collect();
            return Ok(Found::Unknown(format!(
                "no path of the configuration has the end {}; it has {}",
                id.source,
                known.join(", ")
            )));
        }
        let cursor = self.store.cursor(&id.source).map_err(unavailable)?;
        let (next, last) = cursor.map_or((0, None), |cursor| (cursor.next.0, cursor.last));
        Ok(Found::Unknown(match last {
            Some(last) if id.sequence <= last => format!(
                "it lies before the first packet that this relayer carries from {}; a_first_sequence and \
                 b_first_sequence of the path say where it begins",
                id.source
            ),
            Some(last) => format!(
                "the newest packet seen from {} is {last}, and events are read up to block {next}; if it was sent, wait \
                 until its block is final",
                id.source
            ),
            None => format!(
                "no packet from {} was seen yet, and events are read up to block {next}; if it was sent, wait until its \
                 block is final, with `relayer run` running",
                id.source
            ),
        }))
    }

    fn explain(&self, ids: Vec<PacketId>) -> Vec<Option<Explanation>> {
        let count = ids.len();
        let asked = self
            .questions
            .as_ref()
            .and_then(|questions| questions.explain(ids));
        asked.unwrap_or_else(|| vec![None; count])
    }
}

impl api::Packets for Packets {
    fn list(&self, filter: &Filter) -> Result<Vec<PacketView>, Unavailable> {
        let limit = filter.limit.unwrap_or(PAGE);
        let after = filter.after.as_deref().map(parse_packet).transpose();
        let after = after.map_err(Unavailable)?;
        let mut records = Vec::new();
        for end in self.ends(filter)? {
            let after = match &after {
                Some(after) if end < after.source => continue,
                Some(after) => (end == after.source).then_some(after.sequence),
                None => None,
            };
            records.extend(self.of_end(&end, filter, after, limit - records.len())?);
            if records.len() >= limit {
                break;
            }
        }
        let explanations = self.explain(records.iter().map(|record| record.id.clone()).collect());
        let views = records.iter().zip(&explanations).map(|(record, explanation)| {
            let peer = self.peers.get(&record.id.source).map(String::as_str);
            view::packet(record, peer, explanation.as_ref(), Detail::Brief)
        });
        Ok(views.collect())
    }

    fn find(&self, chain: &str, client: &str, sequence: u64) -> Result<Found, Unavailable> {
        let source = crate::config::parse_end(&format!("{chain}/{client}")).map_err(Unavailable)?;
        let sequence = Sequence::new(sequence).map_err(|reject| Unavailable(reject.to_string()))?;
        let id = PacketId { source, sequence };
        let Some(record) = self.store.packet(&id).map_err(unavailable)? else {
            return self.absent(&id);
        };
        let explanation = self.explain(vec![id]).pop().flatten();
        let peer = self.peers.get(&record.id.source).map(String::as_str);
        let packet = view::packet(&record, peer, explanation.as_ref(), Detail::Whole);
        Ok(Found::Packet(Box::new(packet)))
    }
}

/// A packet as it is written everywhere: `chain/client/sequence`.
pub(crate) fn parse_packet(text: &str) -> Result<PacketId, String> {
    let parts = text.rsplit_once('/');
    let (end, sequence) =
        parts.ok_or_else(|| format!("{text:?} is no packet: chain/client/sequence is one"))?;
    let sequence: u64 = sequence
        .parse()
        .map_err(|_| format!("{sequence:?} at the end of {text:?} is no sequence"))?;
    Ok(PacketId {
        source: crate::config::parse_end(end)?,
        sequence: Sequence::new(sequence).map_err(|reject| reject.to_string())?,
    })
}

fn pruned(id: &PacketId, keep: &Keep) -> PrunedView {
    let (days, most) = (keep.finished.0 / 86_400, keep.finished_max);
    let (chain, end) = (&id.source.chain, &id.source.id);
    PrunedView {
        packet: id.to_string(),
        stage: "pruned".into(),
        is_final: true,
        why: format!(
            "it was settled, and its record is deleted: {days} days and {most} packets are kept ([keep] of the configuration)"
        ),
        next: format!(
            "nothing: it is settled; how, and in which transactions, say the events of the router on {chain}: SendPacket, \
             then AckPacket or TimeoutPacket, of {end} and sequence {}",
            id.sequence
        ),
    }
}

fn unavailable(error: StoreError) -> Unavailable {
    Unavailable(error.to_string())
}

#[cfg(test)]
#[path = "packets_tests.rs"]
pub(crate) mod tests;
