//! A chain, and the client there of the other one, as somebody uses them who relays by hand: what was sent, how a client comes to know
//! of it, proofs, transactions.

use crate::port::Port;
use anyhow::{Result, anyhow, bail, ensure};
use chain::{
    Answer, AnyPacket, Ask, BlockNumber, Event, Fault, Head, Place, Proof, Submission, TxState, UpdateClient,
    UpdatePlan,
};
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::{ClientId, End, Height, Path, Seconds, Sequence};

/// How often is looked whether something has come.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A chain, and the client there of the other one.
pub(crate) struct Post {
    pub(crate) port: Port,
    pub(crate) client: ClientId,
}

/// A packet, and by when something has to be tried with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) sequence: u64,
    /// A block of its chain before the one in which it was sent.
    pub(crate) since: BlockNumber,
    pub(crate) within: Duration,
}

impl Post {
    pub(crate) fn end(&self) -> End {
        End::Client(self.client.clone())
    }

    pub(crate) async fn head(&self) -> Result<Head> {
        self.port.head().await.map_err(failed)
    }

    /// The packet that was sent from here, if its block is final.
    pub(crate) async fn sent(&self, target: Target) -> Result<Option<AnyPacket>> {
        let finalized = self.head().await?.finalized;
        if finalized.block <= target.since {
            return Ok(None);
        }
        let ask = Ask::Events {
            end: self.end(),
            from: target.since,
            to: finalized.block,
        };
        let Answer::Events { events, .. } = self.port.answer(ask).await.map_err(failed)? else {
            bail!("asked for events, was answered something else");
        };
        let wanted = Sequence::new(target.sequence)?;
        Ok(events.into_iter().find_map(|at| match at.event {
            Event::Sent(packet) if packet.sequence() == wanted => Some(packet),
            _ => None,
        }))
    }

    /// How the client here comes to know a state of the chain `tracked` that is new to it, of `height` or higher; none as long as that takes more
    /// than a message, or nothing.
    pub(crate) async fn plan(&self, tracked: &Port, height: Height) -> Result<Option<UpdatePlan>> {
        let ask = Ask::Client { end: self.end() };
        let Answer::Client(view) = self.port.answer(ask).await.map_err(failed)? else {
            bail!("asked for a client, was answered something else");
        };
        let ask = Ask::Update {
            trusted: view.trusted,
            to: height,
        };
        match tracked.answer(ask).await {
            // Somebody was faster, or the way is too long for one message: what is needed here is a header to edit that is enough.
            Ok(Answer::Update(plan)) if plan.updates.is_empty() || plan.reached.height < height => Ok(None),
            Ok(Answer::Update(plan)) => Ok(Some(plan)),
            Ok(other) => bail!("asked for an update, was answered {other:?}"),
            Err(Fault::NotYet(_)) => Ok(None),
            Err(fault) => Err(failed(fault)),
        }
    }

    /// The messages that take the client here along `plan`.
    pub(crate) fn updates(&self, plan: &UpdatePlan) -> Vec<UpdateClient> {
        let updates = plan.updates.iter().map(|update| UpdateClient {
            client: self.client.clone(),
            update: update.clone(),
        });
        updates.collect()
    }

    /// What this chain stores under `keys` in the state of `height`, proven.
    pub(crate) async fn prove(&self, keys: Vec<Path>, height: Height) -> Result<Vec<Proof>> {
        let count = keys.len();
        let ask = Ask::Prove {
            keys,
            at: self.port.state(height),
        };
        let Answer::Prove(proofs) = self.port.answer(ask).await.map_err(failed)? else {
            bail!("asked for a proof, was answered something else");
        };
        ensure!(proofs.len() == count, "{} proofs of {count} keys", proofs.len());
        Ok(proofs)
    }

    /// Waits until the clock here is past the newest block of `tracked`, in the eyes of a node that is a block behind, too. The clock
    /// of a chain is its last block: that of the chain that signed the header may be ahead of it, and then a client says so before it
    /// looks at anything else.
    pub(crate) async fn keep_pace(&self, tracked: &Self, deadline: Instant) -> Result<()> {
        let signed_by = tracked.head().await?.latest.timestamp;
        until_past(deadline, signed_by, async || self.port.head().await).await
    }

    /// Sends what goes through; else what the chain says against it.
    pub(crate) async fn send(&self, submission: Submission) -> Result<Answer, Fault> {
        let fee = self.port.usual_fee().await?;
        let ask = Ask::Send {
            submission,
            fee,
            place: Place::Next,
        };
        self.port.answer(ask).await
    }

    /// Sends what has to go through, and waits until it is in a block.
    ///
    /// # Errors
    /// It fails, or comes into no block in time.
    pub(crate) async fn deliver(&self, genuine: Submission, deadline: Instant) -> Result<()> {
        let sent = self.send(genuine).await.map_err(failed)?;
        self.await_included(sent, deadline).await
    }

    /// Waits until what was sent is in a block, and has done what it is there for.
    pub(crate) async fn await_included(&self, sent: Answer, deadline: Instant) -> Result<()> {
        let Answer::Send { tx, ticket, .. } = sent else {
            bail!("sent something, was answered {sent:?}");
        };
        until(deadline, async || {
            let ask = Ask::Find {
                tx,
                ticket: ticket.clone(),
            };
            match self.port.answer(ask).await.map_err(failed)? {
                Answer::Find(TxState::Included(outcome) | TxState::Final(outcome)) => {
                    ensure!(
                        outcome.reverted.is_none() && outcome.skipped.is_empty(),
                        "it fails: {outcome:?}"
                    );
                    Ok(ControlFlow::Break(()))
                }
                Answer::Find(TxState::Pending | TxState::Unknown) => {
                    Ok(ControlFlow::Continue("it is in no block".to_owned()))
                }
                other => bail!("it is lost: {other:?}"),
            }
        })
        .await
    }

    /// What the chain says against a forged message; it is never sent.
    ///
    /// # Errors
    /// It goes through, or a node does not answer.
    pub(crate) async fn refusal(&self, forged: Submission) -> Result<String> {
        match self.send(forged).await {
            Err(Fault::WouldRevert(revert)) => Ok(revert.text),
            Ok(_) => bail!("the forged message went through"),
            Err(fault) => Err(failed(fault)),
        }
    }
}

/// Asks until there is an answer; as long as there is none, `ask` says what is missing.
///
/// # Errors
/// As `ask`, or something is still missing at `deadline`.
pub(crate) async fn until<T>(
    deadline: Instant,
    ask: impl AsyncFn() -> Result<ControlFlow<T, String>>,
) -> Result<T> {
    loop {
        match ask().await? {
            ControlFlow::Break(answer) => return Ok(answer),
            ControlFlow::Continue(missing) => ensure!(Instant::now() < deadline, missing),
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Waits until a chain's newest block is later than `time`, which is of another chain.
///
/// - `head`: where the former stands.
///
/// # Errors
/// It is not at `deadline`, or its node does not answer.
pub(crate) async fn until_past(
    deadline: Instant,
    time: Seconds,
    head: impl AsyncFn() -> Result<Head, Fault>,
) -> Result<()> {
    until(deadline, async || {
        let clock = head().await.map_err(failed)?.latest.timestamp;
        Ok(if clock > time {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(format!(
                "the clock is at {clock} s, the other chain's was at {time} s"
            ))
        })
    })
    .await
}

/// An answer, or the wait for one.
pub(crate) fn or_wait<T>(found: Option<T>, missing: impl FnOnce() -> String) -> ControlFlow<T, String> {
    found.map_or_else(|| ControlFlow::Continue(missing()), ControlFlow::Break)
}

pub(crate) fn failed(fault: Fault) -> anyhow::Error {
    anyhow!("failed to {fault}")
}
