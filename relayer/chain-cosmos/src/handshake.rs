//! How a connection or a channel is opened: look at both ends, take the step that is next, look again.
//!
//! Nothing is remembered but which end is ours, so a handshake that was interrupted goes on where it is, and a step that somebody
//! else took first is as good as ours. Each step comes with an update of the client and a fresh proof.
//!
//! What this module must never do: begin something without having looked at both ends of a state that is late enough, or go on
//! with an end that does not fit what was asked for.

use crate::answers::Event;
use crate::link::{Link, Target};
use crate::misfit::{HandshakeFault, Misfit, Rule};
use crate::steps::{self, Next, Pair};
use chain::{ChainName, Fault, Retry, TxHash};
use core::time::Duration;
use cosmrs::Any;

/// An end of what is opened.
pub(crate) type End<E> = steps::End<E, Misfit>;
/// Both ends.
pub(crate) type Ends<E> = Pair<E, Misfit>;
/// Writes a step's message for who signs it.
pub(crate) type Draft = Box<dyn Fn(&str) -> Any>;

/// A step of a handshake; a channel is closed in the first and the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The first end is there.
    Init,
    /// The other end is there, too.
    Try,
    /// The first end is open.
    Ack,
    /// Both ends are open.
    Confirm,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTaken {
    /// Which one.
    pub step: Step,
    /// On which chain.
    pub chain: ChainName,
    /// Which end: its id on that chain.
    pub end: String,
    /// The transaction.
    pub tx: TxHash,
}

/// How far a handshake is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<T> {
    /// One step further.
    Took(StepTaken),
    /// At its end.
    Done(T),
}

/// What is different between connections and channels.
pub(crate) trait Kind {
    /// What a chain stores of an end.
    type End: Clone + PartialEq;
    /// What it is called in events and texts.
    const NAME: &'static str;

    /// All ends on the chain `side` after `block` that could be of this handshake.
    async fn ends(
        &self,
        link: &Link<'_>,
        side: usize,
        block: u64,
    ) -> Result<Vec<End<Self::End>>, HandshakeFault>;

    /// What is next for a pair.
    fn next(&self, pair: &Ends<Self::End>) -> Next {
        steps::next(pair)
    }

    /// The message that begins, on the chain `on`.
    fn begin(&self, link: &Link<'_>, on: usize) -> Draft;

    /// The message of a later step with its proofs; none if the other chain has moved on since it was looked at.
    async fn go_on(
        &self,
        link: &Link<'_>,
        next: Next,
        pair: &Ends<Self::End>,
        target: &Target,
    ) -> Result<Option<Draft>, Fault>;
}

/// A handshake.
pub(crate) struct Driver<'a, K> {
    pub(crate) link: Link<'a>,
    pub(crate) kind: K,
    /// The end that it is about, once there is one: side and id.
    anchor: Option<(usize, String)>,
    /// Whether it has looked at what was in the newest block when it began.
    is_settled: bool,
}

impl<'a, K> Driver<'a, K> {
    /// Nothing is asked yet.
    ///
    /// - `known`: the end of the first side that it is about, if it is known.
    pub(crate) fn new(link: Link<'a>, kind: K, known: Option<String>) -> Self {
        Self {
            link,
            kind,
            anchor: known.map(|id| (0, id)),
            is_settled: false,
        }
    }
}

/// What came of a step.
enum Went {
    Taken(StepTaken),
    /// Only updates, or nothing: it is to be looked again.
    Moved,
}

impl<K: Kind> Driver<'_, K> {
    /// Takes the step that is next, or says that there is none.
    pub(crate) async fn step(
        &mut self,
        patience: Duration,
    ) -> Result<Progress<Ends<K::End>>, HandshakeFault> {
        self.link.begin(patience);
        let mut refused: Option<(Next, Fault)> = None;
        let mut looked_again = false;
        loop {
            let blocks = self.link.blocks().await?;
            let pair = match self.look(blocks).await {
                Ok(pair) => pair,
                Err(HandshakeFault::Chain(fault)) if fault.retry() != Retry::Never => {
                    self.link.wait(fault).await?;
                    continue;
                }
                Err(other) => return Err(other),
            };
            let next = self.kind.next(&pair);
            // What can be proven is a block behind what there is: before an end is made, what is in the newest block counts.
            let is_early = match next {
                Next::Unclear => !looked_again,
                Next::Init(_) | Next::Try(_) => !self.is_settled,
                Next::Ack(_) | Next::Confirm(_) | Next::Done => false,
            };
            if is_early {
                (looked_again, self.is_settled) = (true, true);
                self.link.only_after(blocks);
                continue;
            }
            match next {
                Next::Done => return Ok(Progress::Done(pair)),
                Next::Unclear => return Err(self.unclear(&pair).into()),
                Next::Init(_) | Next::Try(_) | Next::Ack(_) | Next::Confirm(_) => {}
            }
            // What was refused is refused again, unless somebody else took the step meanwhile.
            if let Some((before, fault)) = refused.take()
                && before == next
            {
                return Err(fault.into());
            }
            match self.take(next, &pair, blocks).await {
                Ok(Went::Taken(taken)) => return Ok(Progress::Took(taken)),
                Ok(Went::Moved) => self.link.wait(self.late()).await?,
                Err(fault @ Fault::WouldRevert(_)) => {
                    refused = Some((next, fault));
                    self.link.only_after(blocks);
                }
                Err(fault) if fault.retry() == Retry::Never => return Err(fault.into()),
                Err(fault) => self.link.wait(fault).await?,
            }
        }
    }

    async fn look(&self, [a, b]: [u64; 2]) -> Result<Ends<K::End>, HandshakeFault> {
        let found = [
            self.kind.ends(&self.link, 0, a).await?,
            self.kind.ends(&self.link, 1, b).await?,
        ];
        let Some((side, id)) = &self.anchor else {
            return Ok(steps::furthest(&found));
        };
        let chain = self.link.sides[*side].chain.name();
        let pair = steps::of(&found, *side, id).ok_or_else(|| Misfit {
            end: format!("{chain}/{id}"),
            rule: Rule::State,
            found: "none: it is not there".into(),
            expected: format!("a {} that was begun", K::NAME),
        })?;
        let misfit = pair.iter().flatten().find_map(|end| end.misfit.clone());
        misfit.map_or(Ok(pair), |misfit| Err(misfit.into()))
    }

    /// Takes `next`, which was decided by what stood at both ends after `blocks`.
    async fn take(&mut self, next: Next, pair: &Ends<K::End>, blocks: [u64; 2]) -> Result<Went, Fault> {
        let (step, on) = match next {
            Next::Init(on) => (Step::Init, on),
            Next::Try(on) => (Step::Try, on),
            Next::Ack(on) => (Step::Ack, on),
            Next::Confirm(on) => (Step::Confirm, on),
            Next::Done | Next::Unclear => return Ok(Went::Moved),
        };
        let chain = self.link.sides[on].chain;
        let (updates, draft) = if step == Step::Init {
            (None, Some(self.kind.begin(&self.link, on)))
        } else {
            let (target, is_there) = self.link.target(on, blocks[1 - on]).await?;
            let draft = if is_there {
                let draft = self.kind.go_on(&self.link, next, pair, &target).await?;
                if draft.is_none() {
                    // It has changed up to the block that the client stands at.
                    self.link.sides[1 - on].not_before = target.block();
                    return Ok(Went::Moved);
                }
                draft
            } else {
                None
            };
            (Some(target), draft)
        };
        let signer = chain.first_account()?;
        let mut messages = match &updates {
            Some(target) => target.messages(signer)?,
            None => Vec::new(),
        };
        let is_step = draft.is_some();
        messages.extend(draft.map(|draft| draft(signer)));
        if messages.is_empty() {
            return Ok(Went::Moved);
        }
        let wanted = messages.len();
        let delivered = chain.deliver(|_| messages.clone(), self.link.left()).await?;
        self.link.sides[on].not_before = delivered.landed.height;
        if !is_step || delivered.count < wanted {
            return Ok(Went::Moved);
        }
        let end = match &pair[on] {
            Some(end) => end.id.clone(),
            None => made(K::NAME, step, &delivered.landed.events).unwrap_or_default(),
        };
        if step == Step::Init && self.anchor.is_none() && !end.is_empty() {
            self.anchor = Some((on, end.clone()));
        }
        Ok(Went::Taken(StepTaken {
            step,
            chain: chain.name().clone(),
            end,
            tx: delivered.tx,
        }))
    }

    fn late(&self) -> Fault {
        let names = self.link.sides.each_ref().map(|side| side.chain.name());
        Fault::Busy {
            endpoint: names[0].to_string(),
            text: format!(
                "the {} to {} is not open in time; the same command goes on with it",
                K::NAME,
                names[1]
            ),
            until: endpoints::now(),
        }
    }

    /// Both ends stand as no two ends can.
    fn unclear(&self, pair: &Ends<K::End>) -> Misfit {
        let told = |side: usize| {
            let chain = self.link.sides[side].chain.name();
            pair[side].as_ref().map_or_else(
                || (format!("{chain}/?"), "not there".to_owned()),
                |end| (format!("{chain}/{}", end.id), end.state.word().to_owned()),
            )
        };
        let ((end, found), (other, state)) = (told(0), told(1));
        Misfit {
            end,
            rule: Rule::State,
            found,
            expected: format!("one that goes with that of {other}, which is {state},"),
        }
    }
}

/// Which end a step made, by its event.
fn made(name: &str, step: Step, events: &[Event]) -> Option<String> {
    let word = match step {
        Step::Init => "init",
        Step::Try => "try",
        Step::Ack => "ack",
        Step::Confirm => "confirm",
    };
    let kind = format!("{name}_open_{word}");
    let event = events.iter().find(|event| event.kind == kind)?;
    event.attribute(&format!("{name}_id")).map(str::to_owned)
}

#[cfg(test)]
#[path = "handshake_tests.rs"]
pub(crate) mod tests;
