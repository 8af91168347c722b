//! Packets for HTTP and commands: records from the store, and what comes next from the machine if one runs.

use crate::config::Config;
use crate::daemon::Questions;
use crate::view::{self, Detail};
use api::{Filter, PacketView, Unavailable};
use relayer_core::{EndName, Explanation, PacketId, PacketRecord};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Store, StoreError};
use wire::Sequence;

/// Records read from the store at once while looking for those that fit a filter.
const PAGE: usize = 512;

/// How one table of the store is read: packets of an end, after a sequence, at most so many.
type Read = fn(&Store, &EndName, Option<Sequence>, usize) -> Result<Vec<PacketRecord>, StoreError>;

/// The store, the configured paths, and perhaps a machine.
pub(crate) struct Packets {
    store: Arc<Store>,
    /// The chain at the other end of each end.
    peers: BTreeMap<EndName, String>,
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
            questions,
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

    /// The records of `end` that fit, at most `room`.
    fn of_end(&self, end: &EndName, filter: &Filter, room: usize) -> Result<Vec<PacketRecord>, Unavailable> {
        let mut found = Vec::new();
        let tables: &[Read] = if filter.all {
            &[Store::live, Store::settled]
        } else {
            &[Store::live]
        };
        for read in tables {
            let mut after = None;
            loop {
                let page: Vec<PacketRecord> = read(&self.store, end, after, PAGE).map_err(unavailable)?;
                let Some(last) = page.last() else { break };
                after = Some(last.id.sequence);
                let fits = |record: &PacketRecord| {
                    filter
                        .stage
                        .as_deref()
                        .is_none_or(|stage| record.standing.stage.word() == stage)
                };
                found.extend(page.into_iter().filter(fits));
                if found.len() >= room {
                    found.truncate(room);
                    return Ok(found);
                }
            }
        }
        Ok(found)
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
        let mut records = Vec::new();
        for end in self.ends(filter)? {
            records.extend(self.of_end(&end, filter, limit - records.len())?);
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

    fn find(&self, chain: &str, client: &str, sequence: u64) -> Result<Option<PacketView>, Unavailable> {
        let source = crate::config::parse_end(&format!("{chain}/{client}")).map_err(Unavailable)?;
        let sequence = Sequence::new(sequence).map_err(|reject| Unavailable(reject.to_string()))?;
        let id = PacketId { source, sequence };
        let Some(record) = self.store.packet(&id).map_err(unavailable)? else {
            return Ok(None);
        };
        let explanation = self.explain(vec![id]).pop().flatten();
        let peer = self.peers.get(&record.id.source).map(String::as_str);
        Ok(Some(view::packet(
            &record,
            peer,
            explanation.as_ref(),
            Detail::Whole,
        )))
    }
}

fn unavailable(error: StoreError) -> Unavailable {
    Unavailable(error.to_string())
}
