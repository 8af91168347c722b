//! The loop: inputs into the machine, records to disk, asks out. One turn handles everything that has arrived, with one
//! write to disk.
//!
//! What this module must never do: let an ask leave before its records are durable ([`Effects::release`] sees to it), or
//! wait for a chain or a reader.

use super::chains::Chains;
use super::notes::Teller;
use super::status;
use crate::clock;
use anyhow::{Result, anyhow};
use api::Board;
use chain::{AskId, ChainName, Failed, Fault, Reply};
use relayer_core::{Effects, Explanation, Input, PacketId, Relayer};
use std::sync::Arc;
use std::time::Duration;
use store::{Forgotten, Store};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};
use wire::Seconds;

/// How often the machine is told that time passes.
const TICK: Duration = Duration::from_millis(250);
/// Replies handled in one turn at most, so that one write does not grow without bound.
const REPLIES_PER_TURN: usize = 256;
/// How long a stopping daemon waits for replies to what it has sent.
const GRACE: Duration = Duration::from_secs(5);
/// Writes that may fail in a row before the daemon gives up.
const FAILED_WRITES_MAX: u32 = 10;
/// How often the store is asked for records that were kept long enough, while it has none.
const PRUNE_EVERY: Seconds = Seconds(60);
/// How long a question waits for the machine.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// A question of a reader to the machine.
struct Question {
    ids: Vec<PacketId>,
    answer: oneshot::Sender<Vec<Option<Explanation>>>,
}

/// Where readers put questions to the machine.
#[derive(Clone)]
pub(crate) struct Questions {
    to: mpsc::Sender<Question>,
    runtime: tokio::runtime::Handle,
}

/// Where the machine finds them.
pub(super) struct Asked(mpsc::Receiver<Question>);

/// Both ends of the line.
pub(super) fn questions(room: usize) -> (Questions, Asked) {
    let (to, from) = mpsc::channel(room);
    (
        Questions {
            to,
            runtime: tokio::runtime::Handle::current(),
        },
        Asked(from),
    )
}

impl Questions {
    /// What the machine says of each packet; none when it has no time. To be called from a thread that may wait.
    pub(crate) fn explain(&self, ids: Vec<PacketId>) -> Option<Vec<Option<Explanation>>> {
        let (answer, answered) = oneshot::channel();
        self.to.try_send(Question { ids, answer }).ok()?;
        self.runtime
            .block_on(async { tokio::time::timeout(ANSWER_WITHIN, answered).await })
            .ok()?
            .ok()
    }
}

/// The daemon's state.
pub(super) struct Turn {
    relayer: Relayer,
    effects: Effects,
    store: Arc<Store>,
    chains: Chains,
    replies: mpsc::Receiver<(ChainName, Reply)>,
    questions: mpsc::Receiver<Question>,
    board: Arc<Board>,
    started: u64,
    /// Asks that wait for a reply.
    outstanding: usize,
    failed_writes: u32,
    teller: Teller,
    prune_at: Seconds,
}

impl Turn {
    pub(super) fn new(
        relayer: Relayer,
        effects: Effects,
        store: Arc<Store>,
        chains: Chains,
        replies: mpsc::Receiver<(ChainName, Reply)>,
        asked: Asked,
        board: Arc<Board>,
    ) -> Self {
        let started = clock::now().0;
        let teller = Teller::new(chains.units());
        Self {
            relayer,
            effects,
            store,
            chains,
            replies,
            questions: asked.0,
            board,
            started,
            outstanding: 0,
            failed_writes: 0,
            teller,
            prune_at: Seconds(started),
        }
    }

    /// Turns until `stopped` becomes true; then takes in the replies that are under way and ends.
    pub(super) async fn run(mut self, mut stopped: watch::Receiver<bool>) -> Result<()> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut published: Option<Instant> = None;
        while !*stopped.borrow() {
            let inputs = tokio::select! {
                _ = tick.tick() => vec![Input::Tick],
                reply = self.replies.recv() => self.with_more(reply),
                Some(question) = self.questions.recv() => {
                    self.answer(question);
                    continue;
                }
                _ = stopped.changed() => break,
            };
            self.take(inputs);
            self.release(true)?;
            self.prune();
            self.board.beat(clock::now().0);
            if published.is_none_or(|at| at.elapsed() >= Duration::from_secs(1)) {
                self.publish();
                published = Some(Instant::now());
            }
        }
        self.wind_down().await
    }

    /// Takes in what was sent before the end: the hash of a transaction that has left should be on disk.
    async fn wind_down(&mut self) -> Result<()> {
        let until = Instant::now() + GRACE;
        while self.outstanding > 0 {
            let Ok(reply) = tokio::time::timeout_at(until, self.replies.recv()).await else {
                break;
            };
            let inputs = self.with_more(reply);
            if inputs.is_empty() {
                break;
            }
            self.take(inputs);
            self.release(false)?;
        }
        self.release(false)
    }

    /// `first` and whatever else has arrived, as inputs.
    fn with_more(&mut self, first: Option<(ChainName, Reply)>) -> Vec<Input> {
        let mut inputs = Vec::new();
        let mut next = first;
        while let Some((chain, reply)) = next {
            self.outstanding = self.outstanding.saturating_sub(1);
            inputs.push(Input::Reply(chain, reply));
            if inputs.len() >= REPLIES_PER_TURN {
                break;
            }
            next = self.replies.try_recv().ok();
        }
        inputs
    }

    fn take(&mut self, inputs: Vec<Input>) {
        let now = clock::now();
        for input in inputs {
            self.relayer.handle(input, now, &mut self.effects);
        }
    }

    /// Makes records durable, then lets asks and notes out. A stopping daemon sends nothing any more.
    fn release(&mut self, may_send: bool) -> Result<()> {
        let (store, effects) = (&self.store, &mut self.effects);
        let released = tokio::task::block_in_place(|| effects.release(|records| store.write(records)));
        let released = match released {
            Ok(released) => released,
            Err(error) => {
                self.failed_writes += 1;
                tracing::error!(%error, attempt = self.failed_writes, "cannot write the store; nothing leaves");
                if self.failed_writes >= FAILED_WRITES_MAX {
                    return Err(anyhow!(
                        "failed to write the store {FAILED_WRITES_MAX} times in a row: {error}"
                    ));
                }
                return Ok(());
            }
        };
        self.failed_writes = 0;
        for note in released.notes {
            self.teller.tell(&note, &self.board.metrics, &self.store);
        }
        if !may_send {
            return Ok(());
        }
        for outgoing in released.asks {
            let Some(link) = self.chains.get(&outgoing.chain) else {
                continue;
            };
            if link.send(outgoing.id, outgoing.ask) {
                self.outstanding += 1;
            } else {
                tracing::warn!(chain = %outgoing.chain, "too many asks wait for this chain, one is not taken");
                self.refuse(outgoing.chain, outgoing.id);
            }
        }
        for packet in released.wakes {
            self.wake(packet);
        }
        Ok(())
    }

    /// Tells the machine that an ask has not left, so that it waits for no word about it.
    fn refuse(&mut self, chain: ChainName, ask: AskId) {
        let why = Fault::Unreachable {
            endpoint: chain.to_string(),
            text: "too many asks wait for it".to_owned(),
            until: clock::now(),
        };
        let input = Input::Reply(chain, Err(Failed { ask, why }));
        self.relayer.handle(input, clock::now(), &mut self.effects);
    }

    /// Gives the machine the record of a parked packet; what it makes of it is written in the next turn.
    fn wake(&mut self, packet: PacketId) {
        let record = tokio::task::block_in_place(|| self.store.parked_packet(&packet));
        let record = record.unwrap_or_else(|error| {
            tracing::error!(%packet, %error, "cannot read a parked packet");
            None
        });
        let input = Input::Woken(packet, record.map(Box::new));
        self.relayer.handle(input, clock::now(), &mut self.effects);
    }

    /// Deletes a little of what was kept long enough. That it fails stops nothing else.
    fn prune(&mut self) {
        let now = clock::now();
        if now < self.prune_at || self.failed_writes > 0 {
            return;
        }
        self.prune_at = now.saturating_add(PRUNE_EVERY);
        match tokio::task::block_in_place(|| self.store.prune(now)) {
            Ok(forgotten) if forgotten == Forgotten::default() => {}
            Ok(forgotten) => {
                let Forgotten {
                    packets,
                    submissions,
                    log_lines,
                    has_more,
                } = forgotten;
                tracing::debug!(
                    packets,
                    submissions,
                    log_lines,
                    "records that were kept long enough are deleted"
                );
                if has_more {
                    self.prune_at = now;
                }
            }
            Err(error) => tracing::warn!(%error, "cannot delete old records; tried again in {PRUNE_EVERY}"),
        }
    }

    fn answer(&self, question: Question) {
        let answers = question.ids.iter().map(|id| self.relayer.explain(id)).collect();
        // The reader may have gone away.
        drop(question.answer.send(answers));
    }

    fn publish(&self) {
        self.board.publish(status::of(
            &self.relayer,
            &self.store,
            &self.chains,
            self.started,
            self.failed_writes > 0,
        ));
    }
}

#[cfg(test)]
#[path = "turn_tests.rs"]
mod tests;
