//! One task a chain: takes asks, has the adapter answer them, and brings the replies back. Of a client that stands in no
//! verified pair it brings no view ([`Pairs`]).

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

/// Asks that wait for a chain; beyond that they are dropped and the machine gives them up in time.
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
    asks: mpsc::Sender<(AskId, Ask)>,
    facts: Arc<Mutex<Facts>>,
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
    pub(super) fn to(asks: mpsc::Sender<(AskId, Ask)>) -> Self {
        let facts = Arc::default();
        Self { asks, facts }
    }

    /// Passes an ask on; says whether there was room.
    pub(super) fn send(&self, id: AskId, ask: Ask) -> bool {
        self.asks.try_send((id, ask)).is_ok()
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
    tokio::spawn(serve(
        chain.clone(),
        patience,
        waiting,
        replies.clone(),
        (facts.clone(), pairs),
    ));
    tokio::spawn(watch_balance(chain, replies, facts.clone()));
    Link { asks, facts }
}

async fn serve(
    chain: Arc<Chain>,
    patience: Seconds,
    mut asks: mpsc::Receiver<(AskId, Ask)>,
    replies: mpsc::Sender<(ChainName, Reply)>,
    (facts, pairs): (Arc<Mutex<Facts>>, Arc<Pairs>),
) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while let Some((id, ask)) = asks.recv().await {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let (chain, replies) = (chain.clone(), replies.clone());
        let (facts, pairs) = (facts.clone(), pairs.clone());
        tokio::spawn(async move {
            let limit = Duration::from_secs(patience.0);
            let reply = tokio::time::timeout(limit, answer(&chain, &pairs, id, ask))
                .await
                .unwrap_or_else(|_| {
                    let text = format!("no whole answer within {patience}");
                    let endpoint = chain.name().to_string();
                    Err(Failed {
                        ask: id,
                        why: Fault::Unreachable {
                            endpoint,
                            text,
                            until: clock::now(),
                        },
                    })
                });
            match &reply {
                Ok(_) => {
                    facts.lock().unwrap_or_else(PoisonError::into_inner).answered = Some(clock::now());
                }
                Err(failed) => tracing::debug!(chain = %chain.name(), why = %failed.why, "an ask failed"),
            }
            // Nobody takes replies only when the daemon has stopped.
            drop(replies.send((chain.name().clone(), reply)).await);
            drop(place);
        });
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
