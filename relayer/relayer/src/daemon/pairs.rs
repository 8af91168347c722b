//! Which pairs fit, by PROTOCOL 1: both ends are verified when the daemon starts, and again when a client was migrated. Until
//! both fit, the machine is not told what their clients trust, and so does nothing over them.
//!
//! An endpoint that does not answer delays this and stops nothing else.
//!
//! What this module must never do: let the view of a client through that was not verified.

use crate::config::PathEntry;
use crate::family::{Chain, Incarnation};
use chain::{Depth, Doubt, Expected, Fault, Finding, NotYet};
use relayer_core::EndName;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;

/// Pauses between two tries at an end that could not be verified: the first, doubled each time up to the longest.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_LONGEST: Duration = Duration::from_secs(60);
/// How often an end that does not fit is looked at again: what was found could have been an endpoint's lie.
const UNFIT_EVERY: Duration = Duration::from_secs(300);

/// What was found of one end.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is not verified yet; why not.
    Open(String),
    /// The client that this stands for fits.
    Fits(Incarnation),
    /// The client that this stands for does not; which rules it breaks.
    Unfit(Incarnation, String),
}

/// All pairs.
#[derive(Debug, Default)]
pub(super) struct Pairs(BTreeMap<EndName, Guarded>);

#[derive(Debug)]
struct Guarded {
    peer: EndName,
    verdict: Mutex<Verdict>,
    /// Wakes who verifies the pair.
    changed: Arc<Notify>,
}

impl Guarded {
    fn verdict(&self) -> MutexGuard<'_, Verdict> {
        self.verdict.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pairs {
    pub(super) fn new<'a>(paths: impl Iterator<Item = &'a PathEntry>) -> Self {
        let mut ends = BTreeMap::new();
        for path in paths {
            let (a, b) = (&path.machine.a.name, &path.machine.b.name);
            let changed = Arc::new(Notify::new());
            for (own, peer) in [(a, b), (b, a)] {
                let guarded = Guarded {
                    peer: peer.clone(),
                    verdict: Mutex::new(Verdict::Open("it is being verified".into())),
                    changed: changed.clone(),
                };
                ends.insert(own.clone(), guarded);
            }
        }
        Self(ends)
    }

    /// Whether the machine may be told of the client of `end`, behind whose id `behind` stands now.
    pub(super) fn admit(&self, end: &EndName, behind: &Incarnation) -> Result<(), Fault> {
        let id = end.to_string();
        let Some(guarded) = self.0.get(end) else {
            return Err(Fault::NotYet(NotYet::Unverified { id }));
        };
        let own = {
            let mut own = guarded.verdict();
            if let Verdict::Fits(known) | Verdict::Unfit(known, _) = &*own
                && known != behind
            {
                *own = replaced(known, behind);
                guarded.changed.notify_one();
            }
            own.clone()
        };
        let peer = self.0.get(&guarded.peer).map(|peer| peer.verdict().clone());
        for (name, verdict) in [(end, Some(own)), (&guarded.peer, peer)] {
            match verdict {
                Some(Verdict::Fits(_)) => {}
                Some(Verdict::Unfit(_, text)) => {
                    let text = format!("the pair does not fit at {name}: {text}");
                    return Err(Fault::Unfit { id, text });
                }
                Some(Verdict::Open(_)) | None => return Err(Fault::NotYet(NotYet::Unverified { id })),
            }
        }
        Ok(())
    }

    /// Why nothing is relayed because of this end, if it is so.
    pub(super) fn why_not(&self, end: &EndName) -> Option<String> {
        match &*self.0.get(end)?.verdict() {
            Verdict::Fits(_) => None,
            Verdict::Open(text) => Some(format!("the pair is not verified yet: {text}")),
            Verdict::Unfit(_, text) => Some(format!("the pair does not fit: {text}")),
        }
    }

    /// The same, only if it was verified and does not fit.
    pub(super) fn unfit(&self, end: &EndName) -> Option<String> {
        let is_unfit = matches!(*self.0.get(end)?.verdict(), Verdict::Unfit(..));
        is_unfit.then(|| self.why_not(end)).flatten()
    }

    fn get(&self, end: &EndName) -> Option<Verdict> {
        self.0.get(end).map(|guarded| guarded.verdict().clone())
    }

    /// Notes and tells what was found.
    fn put(&self, end: &EndName, verdict: Verdict) {
        let Some(guarded) = self.0.get(end) else {
            return;
        };
        let mut known = guarded.verdict();
        if *known == verdict {
            return;
        }
        match &verdict {
            Verdict::Fits(behind) => {
                tracing::info!(path = %end, client = %behind, "the pair fits at this end")
            }
            Verdict::Open(text) => {
                tracing::warn!(path = %end, %text, "the pair is not verified yet: nothing is relayed over it");
            }
            Verdict::Unfit(_, text) => {
                tracing::error!(path = %end, %text, "the pair does not fit: nothing is relayed over it");
            }
        }
        *known = verdict;
    }
}

/// One end with its chain.
pub(super) struct Side {
    pub(super) end: EndName,
    pub(super) chain: Arc<Chain>,
}

/// Verifies the two ends of `path` until they fit, and again whenever one changes; never ends.
pub(super) async fn watch(pairs: Arc<Pairs>, path: PathEntry, [a, b]: [Side; 2]) {
    let Some(changed) = pairs.0.get(&a.end).map(|guarded| guarded.changed.clone()) else {
        return;
    };
    let mut pause = PAUSE_FIRST;
    loop {
        let (mut is_open, mut is_unfit) = (false, false);
        for (own, other) in [(&a, &b), (&b, &a)] {
            if matches!(pairs.get(&own.end), Some(Verdict::Fits(_))) {
                continue;
            }
            let verdict = verified(own, other, &path).await;
            is_open |= matches!(verdict, Verdict::Open(_));
            is_unfit |= matches!(verdict, Verdict::Unfit(..));
            pairs.put(&own.end, verdict);
        }
        let wait = match (is_open, is_unfit) {
            (true, _) => Some(pause),
            (false, true) => Some(UNFIT_EVERY),
            (false, false) => None,
        };
        pause = (pause * 2).min(PAUSE_LONGEST);
        tokio::select! {
            () = sleep(wait.unwrap_or_default()), if wait.is_some() => {}
            () = changed.notified() => pause = PAUSE_FIRST,
        }
    }
}

async fn verified(own: &Side, other: &Side, path: &PathEntry) -> Verdict {
    let id = &own.end.id;
    let expected = Expected {
        counterparty: Some(other.end.id.clone()),
        terms_max: path.terms_max,
        depth: Depth::Newest,
    };
    let found = async {
        let (behind, _) = own.chain.client_behind(id).await?;
        let findings = own.chain.verify_end(&other.chain, id, &expected).await?;
        let (now, _) = own.chain.client_behind(id).await?;
        Ok::<_, Fault>((behind, now, findings))
    };
    match found.await {
        Err(fault) => Verdict::Open(format!("failed to {fault}")),
        Ok((behind, now, _)) if behind != now => replaced(&behind, &now),
        Ok((behind, _, findings)) => judged(&own.end, behind, &findings),
    }
}

/// What was found says nothing about what stands there now.
fn replaced(known: &Incarnation, now: &Incarnation) -> Verdict {
    Verdict::Open(format!("behind its id stood {known}, and {now} stands there now"))
}

/// What the findings mean for relaying. That a client cannot be used now is not looked at: the machine sees it itself, and
/// sees it end.
fn judged(end: &EndName, behind: Incarnation, findings: &[Finding]) -> Verdict {
    let (mut differs, mut unchecked) = (Vec::new(), Vec::new());
    for Finding { rule, verdict } in findings {
        match verdict {
            Ok(_) | Err(Doubt::Unusable(_)) => {}
            Err(Doubt::Differs(text)) => differs.push(format!("{rule}: {text}")),
            Err(Doubt::Unchecked(text)) => unchecked.push(format!("{rule}: {text}")),
            Err(Doubt::Gone(text)) => {
                tracing::warn!(path = %end, %rule, %text, "a part of the client could not be compared");
            }
        }
    }
    if !differs.is_empty() {
        return Verdict::Unfit(behind, differs.join("; "));
    }
    if !unchecked.is_empty() {
        return Verdict::Open(unchecked.join("; "));
    }
    Verdict::Fits(behind)
}

#[cfg(test)]
#[path = "pairs_tests.rs"]
mod tests;
