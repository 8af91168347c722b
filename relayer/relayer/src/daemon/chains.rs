//! One task a chain: takes asks, has the adapter answer them, and brings the replies back. Of a client that stands in no
//! verified pair it brings no view ([`Pairs`]).
//!
//! What this module must never do: begin what the machine has lost its patience with, or interrupt a send that has begun. Either
//! would let a transaction leave whose hash nobody hears of.

use super::pairs::{self, Pairs, Side};
use crate::clock;
use crate::config::{Config, Unit};
use crate::family::Chain;
use alloy_primitives::U256;
use anyhow::{Result, anyhow};
use chain::{Answer, Ask, AskId, ChainName, Failed, Fault, Reply};
use relayer_core::EndName;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::AbortHandle;
use wire::Seconds;

/// Asks that wait for a chain; beyond that they are not taken.
const ASKS: usize = 1_024;
/// Asks that one chain serves at once.
const AT_ONCE: usize = 8;
/// How often the balance is asked for.
const BALANCE_EVERY: Duration = Duration::from_secs(30);

/// The folder in that of the store where evidence against attestors is kept.
const EVIDENCE: &str = "evidence";

/// The tasks of all chains, and what was found of the pairs between them.
pub(super) struct Chains {
    links: BTreeMap<ChainName, Link>,
    pub(super) pairs: Arc<Pairs>,
    watches: Vec<AbortHandle>,
}

impl Chains {
    /// Starts a task for each chain and each path. They end with this.
    pub(super) fn start(config: &Config, replies: &mpsc::Sender<(ChainName, Reply)>) -> Result<Self> {
        let mut opened = BTreeMap::new();
        for entry in &config.chains {
            let name = entry.name();
            let chain = Chain::open(entry)
                .and_then(|chain| chain.keeping_evidence(&config.store_dir.join(EVIDENCE)))
                .map_err(|text| anyhow!("failed to prepare chain {name}: {text}"))?;
            opened.insert(name.clone(), (Arc::new(chain), entry.unit()));
        }
        let pairs = Arc::new(Pairs::new(config.paths.iter()));
        let patience = config.limits.ask_patience;
        let links = opened.iter().map(|(name, (chain, unit))| {
            let facts = Facts::of(unit);
            let link = start(chain.clone(), patience, replies.clone(), (facts, pairs.clone()));
            (name.clone(), link)
        });
        let links = links.collect();
        let mut watches = Vec::new();
        for path in &config.paths {
            let side = |end: &EndName| {
                opened.get(&end.chain).map(|(chain, _)| Side {
                    end: end.clone(),
                    chain: chain.clone(),
                })
            };
            if let (Some(a), Some(b)) = (side(&path.machine.a.name), side(&path.machine.b.name)) {
                let watch = pairs::watch(pairs.clone(), path.clone(), [a, b]);
                watches.push(tokio::spawn(watch).abort_handle());
            }
        }
        Ok(Self {
            links,
            pairs,
            watches,
        })
    }

    /// Chains whose asks a test answers; no pair is among them.
    #[cfg(test)]
    pub(super) fn to(links: BTreeMap<ChainName, Link>) -> Self {
        Self {
            links,
            pairs: Arc::default(),
            watches: Vec::new(),
        }
    }

    pub(super) fn get(&self, name: &ChainName) -> Option<&Link> {
        self.links.get(name)
    }

    /// In what each chain is paid.
    pub(super) fn units(&self) -> BTreeMap<ChainName, Unit> {
        let units = |(name, facts): (ChainName, Facts)| (name, facts.unit);
        self.facts().into_iter().map(units).collect()
    }

    pub(super) fn facts(&self) -> BTreeMap<ChainName, Facts> {
        let facts = |(name, link): (&ChainName, &Link)| (name.clone(), link.facts());
        self.links.iter().map(facts).collect()
    }
}

impl Drop for Chains {
    fn drop(&mut self) {
        self.watches.iter().for_each(AbortHandle::abort);
    }
}

/// A chain's task as the rest sees it.
pub(super) struct Link {
    asks: mpsc::Sender<Queued>,
    facts: Arc<Mutex<Facts>>,
}

/// An ask that waits for its turn.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) id: AskId,
    pub(super) ask: Ask,
    /// Since when, by the clock that the machine goes by.
    since: Seconds,
}

/// What is known of a chain beside its answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// When it answered last.
    pub(super) answered: Option<Seconds>,
    /// What the relayer holds, in `unit`.
    pub(super) balance: Option<U256>,
    /// In what is paid there.
    pub(super) unit: Unit,
}

impl Facts {
    fn of(unit: &Unit) -> Self {
        Self {
            unit: unit.clone(),
            ..Self::default()
        }
    }
}

impl Link {
    /// A link to nobody but a test.
    #[cfg(test)]
    pub(super) fn to(asks: mpsc::Sender<Queued>) -> Self {
        let facts = Arc::default();
        Self { asks, facts }
    }

    /// Passes an ask on; says whether there was room.
    pub(super) fn send(&self, id: AskId, ask: Ask) -> bool {
        let since = clock::now();
        self.asks.try_send(Queued { id, ask, since }).is_ok()
    }

    fn facts(&self) -> Facts {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Starts the tasks of `chain`. They end when the link is dropped.
fn start(
    chain: Arc<Chain>,
    patience: Seconds,
    replies: mpsc::Sender<(ChainName, Reply)>,
    (facts, pairs): (Facts, Arc<Pairs>),
) -> Link {
    let (asks, waiting) = mpsc::channel(ASKS);
    let facts = Arc::new(Mutex::new(facts));
    let desk = Desk {
        chain: chain.name().clone(),
        patience,
        replies: replies.clone(),
        facts: facts.clone(),
    };
    let host = chain.clone();
    tokio::spawn(desk.serve(waiting, move |id, ask| {
        let (host, pairs) = (host.clone(), pairs.clone());
        async move { answer(&host, &pairs, id, ask).await }
    }));
    tokio::spawn(watch_balance(chain, replies, facts.clone()));
    Link { asks, facts }
}

/// Where the asks of one chain are served.
#[derive(Clone)]
struct Desk {
    chain: ChainName,
    /// How long the machine waits for an answer.
    patience: Seconds,
    replies: mpsc::Sender<(ChainName, Reply)>,
    facts: Arc<Mutex<Facts>>,
}

impl Desk {
    /// Has each ask answered by `adapter`, in the order in which they come and several at once.
    async fn serve<A>(self, mut asks: mpsc::Receiver<Queued>, adapter: impl Fn(AskId, Ask) -> A)
    where
        A: Future<Output = Reply> + Send + 'static,
    {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        while let Some(Queued { id, ask, since }) = asks.recv().await {
            let Ok(place) = places.clone().acquire_owned().await else {
                return;
            };
            let waited = clock::now().saturating_sub(since);
            if waited > self.patience {
                let text = format!(
                    "the ask waited {waited} for its turn and was not begun: no answer is expected after {}",
                    self.patience
                );
                self.bring(self.unanswered(id, text)).await;
                continue;
            }
            let is_send = matches!(ask, Ask::Send { .. });
            let (desk, answered) = (self.clone(), adapter(id, ask));
            tokio::spawn(async move {
                let mut answered = std::pin::pin!(answered);
                let limit = Duration::from_secs(desk.patience.0);
                let reply = match tokio::time::timeout(limit, &mut answered).await {
                    Ok(reply) => reply,
                    Err(_) if is_send => {
                        // It may be with a node already: the adapter ends it, within the limits of its own requests, and
                        // nobody else waits for its place meanwhile.
                        drop(place);
                        answered.await
                    }
                    Err(_) => desk.unanswered(id, format!("no whole answer within {}", desk.patience)),
                };
                desk.bring(reply).await;
            });
        }
    }

    fn unanswered(&self, ask: AskId, text: String) -> Reply {
        let why = Fault::Unreachable {
            endpoint: self.chain.to_string(),
            text,
            until: clock::now(),
        };
        Err(Failed { ask, why })
    }

    async fn bring(&self, reply: Reply) {
        match &reply {
            Ok(_) => {
                let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
                facts.answered = Some(clock::now());
            }
            Err(failed) => tracing::debug!(chain = %self.chain, why = %failed.why, "an ask failed"),
        }
        // Nobody takes replies only when the daemon has stopped.
        drop(self.replies.send((self.chain.clone(), reply)).await);
    }
}

/// The adapter's answer, but of a client only once its pair is verified.
async fn answer(host: &Chain, pairs: &Pairs, id: AskId, ask: Ask) -> Reply {
    let Ask::Client { end } = ask else {
        return host.serve(id, ask).await;
    };
    let seen = host.client_behind(&end).await;
    let admitted = seen.and_then(|(behind, view)| {
        let chain = host.name().clone();
        pairs.admit(&EndName { chain, id: end }, &behind)?;
        Ok((id, Answer::Client(view)))
    });
    admitted.map_err(|why| Failed { ask: id, why })
}

/// Keeps the balance known. A chain without a signer has none.
async fn watch_balance(
    chain: Arc<Chain>,
    daemon: mpsc::Sender<(ChainName, Reply)>,
    facts: Arc<Mutex<Facts>>,
) {
    while !daemon.is_closed() {
        match chain.balance().await {
            Ok(held) => facts.lock().unwrap_or_else(PoisonError::into_inner).balance = Some(held),
            Err(Fault::Signer { .. }) => return,
            Err(fault) => tracing::debug!(chain = %chain.name(), %fault, "the balance is not known"),
        }
        tokio::select! {
            () = tokio::time::sleep(BALANCE_EVERY) => {}
            () = daemon.closed() => {}
        }
    }
}

#[cfg(test)]
#[path = "chains_tests.rs"]
mod tests;
