//! One task a chain: takes asks, has the adapter answer them, and brings the replies back.

use crate::clock;
use alloy_primitives::U256;
use chain::{Ask, AskId, ChainName, Failed, Fault, Reply};
use chain_evm::Evm;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use wire::Seconds;

/// Asks that wait for a chain; beyond that they are dropped and the machine gives them up in time.
const ASKS: usize = 1_024;
/// Asks that one chain serves at once.
const AT_ONCE: usize = 8;
/// How often the balance is asked for.
const BALANCE_EVERY: Duration = Duration::from_secs(30);

/// A chain's task as the rest sees it.
pub(super) struct Link {
    asks: mpsc::Sender<(AskId, Ask)>,
    pub(super) facts: Arc<Mutex<Facts>>,
}

/// What is known of a chain beside its answers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    /// When it answered last.
    pub(super) answered: Option<Seconds>,
    /// The relayer's balance in wei.
    pub(super) balance: Option<U256>,
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

    pub(super) fn facts(&self) -> Facts {
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the tasks of `evm`. They end when the link is dropped.
pub(super) fn start(evm: Arc<Evm>, patience: Seconds, replies: mpsc::Sender<(ChainName, Reply)>) -> Link {
    let (asks, waiting) = mpsc::channel(ASKS);
    let facts = Arc::new(Mutex::new(Facts::default()));
    tokio::spawn(serve(
        evm.clone(),
        patience,
        waiting,
        replies.clone(),
        facts.clone(),
    ));
    tokio::spawn(watch_balance(evm, replies, facts.clone()));
    Link { asks, facts }
}

async fn serve(
    evm: Arc<Evm>,
    patience: Seconds,
    mut asks: mpsc::Receiver<(AskId, Ask)>,
    replies: mpsc::Sender<(ChainName, Reply)>,
    facts: Arc<Mutex<Facts>>,
) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while let Some((id, ask)) = asks.recv().await {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let (evm, replies, facts) = (evm.clone(), replies.clone(), facts.clone());
        tokio::spawn(async move {
            let limit = Duration::from_secs(patience.0);
            let reply = tokio::time::timeout(limit, evm.serve(id, ask))
                .await
                .unwrap_or_else(|_| {
                    let text = format!("no whole answer within {patience}");
                    let endpoint = evm.name().to_string();
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
                Err(failed) => tracing::debug!(chain = %evm.name(), why = %failed.why, "an ask failed"),
            }
            // Nobody takes replies only when the daemon has stopped.
            drop(replies.send((evm.name().clone(), reply)).await);
            drop(place);
        });
    }
}

/// Keeps the balance known. A chain without a signer has none.
async fn watch_balance(evm: Arc<Evm>, daemon: mpsc::Sender<(ChainName, Reply)>, facts: Arc<Mutex<Facts>>) {
    while !daemon.is_closed() {
        match evm.balance().await {
            Ok(wei) => facts.lock().unwrap_or_else(PoisonError::into_inner).balance = Some(wei),
            Err(Fault::Signer { .. }) => return,
            Err(fault) => tracing::debug!(chain = %evm.name(), %fault, "the balance is not known"),
        }
        tokio::select! {
            () = tokio::time::sleep(BALANCE_EVERY) => {}
            () = daemon.closed() => {}
        }
    }
}
