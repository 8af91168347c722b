//! Two headers of one height, each of which an endpoint of this chain showed: an endpoint made one up, or validators signed two.
//!
//! Where the chain stands is asked of all endpoints, again and again, and each shows its newest header. What one shows of a height is
//! compared with what another showed of it, and whoever differs is remembered with both, whoever is in the majority. Which of the two it
//! is, the law says to a client that follows the chain: if it takes both as signed, the client is shown both and freezes, whatever it
//! believed, and those who signed both are named. A header that nobody signed costs a line in the log.
//!
//! What this module must never do: call one of the two the true one.

use crate::cosmos::Cosmos;
use crate::updates::{shown, validators_of};
use chain::Fault;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tendermint::block::signed_header::SignedHeader;
use tendermint_client::{Accused, Evidence, Reject, Trusted, Update, accused, check_misbehaviour};
use wire::Seconds;

/// Heights of which a header is remembered, and pairs of rivals.
const HEIGHTS_MAX: usize = 32;
const PAIRS_MAX: usize = 4;

/// Two headers of one height.
pub(crate) type Pair = [SignedHeader; 2];

/// What endpoints showed of late.
#[derive(Debug, Default)]
pub(crate) struct Rivals(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The header that was shown first of each height.
    first: BTreeMap<u64, SignedHeader>,
    pairs: Vec<Pair>,
}

impl Rivals {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what the endpoint `label` shows, and says so if another one showed something else.
    pub(crate) fn note(&self, chain: &Cosmos, label: &str, shown: &SignedHeader) {
        let mut inner = self.lock();
        let height = shown.header.height.value();
        let Some(first) = inner.first.get(&height) else {
            inner.first.insert(height, shown.clone());
            if inner.first.len() > HEIGHTS_MAX {
                inner.first.pop_first();
            }
            return;
        };
        let hashes = [first, shown].map(|one| one.header.hash());
        let is_known = |pair: &Pair| pair.iter().any(|one| one.header.hash() == hashes[1]);
        if hashes[0] == hashes[1] || inner.pairs.iter().any(is_known) {
            return;
        }
        let [other, this] = hashes;
        tracing::error!(
            chain = %chain.name,
            endpoint = label,
            height,
            %this,
            %other,
            "two endpoints show two headers of one height: one of them lies, or validators signed both",
        );
        let pair = [first.clone(), shown.clone()];
        inner.pairs.push(pair);
        if inner.pairs.len() > PAIRS_MAX {
            inner.pairs.remove(0);
        }
    }

    pub(crate) fn pairs(&self) -> Vec<Pair> {
        self.lock().pairs.clone()
    }

    /// A pair proves nothing.
    pub(crate) fn drop_pair(&self, pair: &Pair) {
        let hashes = |pair: &Pair| pair.each_ref().map(|one| one.header.hash());
        self.lock().pairs.retain(|known| hashes(known) != hashes(pair));
    }
}

/// What a pair is to a client.
pub(crate) enum Judged {
    /// It proves that validators signed both: what shows it to the client, and who it was, in words.
    Proof(Box<Evidence>, String),
    /// The law takes it from nobody, for this reason: one of its headers is not signed as it has to be.
    Nothing(String),
    /// The law does not take it from what this client trusts now.
    NotYet,
}

/// What `pair` is to a client that trusts `trusted`, of which the chain has the state of `base`.
pub(crate) async fn judge(
    chain: &Cosmos,
    trusted: &Trusted,
    pair: &Pair,
    base: u64,
    now: Seconds,
) -> Result<Judged, Fault> {
    let [first, second] = pair;
    let (first, second) = (
        update_of(chain, first, base).await?,
        update_of(chain, second, base).await?,
    );
    let evidence = Evidence {
        first: Box::new(first),
        second: Box::new(second),
    };
    match check_misbehaviour(trusted, &evidence, now) {
        Ok(_) => {}
        Err(
            Reject::NotEnoughOverlap { .. }
            | Reject::FromTheFuture { .. }
            | Reject::AnchorExpired { .. }
            | Reject::Expired { .. }
            | Reject::Frozen,
        ) => return Ok(Judged::NotYet),
        Err(reject) => return Ok(Judged::Nothing(format!("failed to {reject}"))),
    }
    let named = accused(trusted, &evidence, now).unwrap_or_default();
    let text = told(evidence.first.header.height, &named);
    Ok(Judged::Proof(Box::new(evidence), text))
}

/// A header as a client takes it that trusts the state of `base`.
async fn update_of(chain: &Cosmos, header: &SignedHeader, base: u64) -> Result<Update, Fault> {
    let signed = &header.header;
    let (height, next) = (signed.height.value(), base.saturating_add(1));
    // A header names its set by a hash, so it does not matter who shows the set.
    let set =
        chain.on_rpc(|rpc| async move { validators_of(chain, &rpc, height, signed.validators_hash).await });
    let set = set.await?;
    let trusted_set = chain
        .on_rpc(|rpc| async move { chain.validators(&rpc, next).await })
        .await?;
    shown(chain, header.clone(), set, base, trusted_set).map_err(|text| chain.malformed(text))
}

fn told(height: u64, named: &[Accused]) -> String {
    let text = format!("validators signed two headers of height {height}");
    if named.is_empty() {
        return format!("{text}; which of them did, does not follow from these");
    }
    let named = named
        .iter()
        .map(|one| format!("{} of power {}", one.validator, one.power));
    format!("{text}: {}", named.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
#[path = "rivals_tests.rs"]
mod tests;
