//! The machine: all chains, all ends, and the one entry for inputs.
//!
//! [`Relayer::handle`] takes one input and the time, and leaves effects. All branching on the kind of input is here; each
//! stop of the walk has its own file. The machine must never wait, fail or forget: what goes wrong becomes a deadline.

use crate::asks::{Asks, Purpose, Waiting};
use crate::config::{BadConfig, Config, Limits};
use crate::effects::{Effects, Note, Outgoing};
use crate::judge::Judge;
use crate::names::{EndName, PacketId, bounded};
use crate::packet::{Moment, PacketRecord};
use crate::place::{ChainIx, ChainState, End, EndIx};
use crate::record::{Record, Restored};
use crate::step::{Fact, Stage};
use crate::trip::TripStep;
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use chain::{Answer, Ask, Blame, ChainName, Failed, Fault, Reply};
use wire::{Seconds, Sequence};

/// What the machine is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Time has passed. To be given at least once a second.
    Tick,
    /// A chain replied to an ask. Late and repeated replies do no harm; a transaction that one tells of is looked for.
    Reply(ChainName, Reply),
    /// The record of a parked packet that was asked for; none if it cannot be read.
    Woken(PacketId, Option<Box<PacketRecord>>),
}

/// The packet machine.
pub struct Relayer {
    pub(crate) limits: Limits,
    pub(crate) chains: Vec<ChainState>,
    pub(crate) ends: Vec<End>,
    pub(crate) asks: Asks,
    pub(crate) judge: Box<dyn Judge>,
    pub(crate) now: Seconds,
    pub(crate) next_submission: u64,
}

impl Relayer {
    /// A machine that goes on where the store's records end.
    ///
    /// Work that was on its way when the process ended starts again from the last thing that is certain; `out` gets the
    /// records that say so. Records of ends that the configuration no longer names are left alone.
    ///
    /// # Errors
    /// All that is wrong with the configuration.
    pub fn open(
        config: &Config,
        restored: Restored,
        judge: Box<dyn Judge>,
        now: Seconds,
        out: &mut Effects,
    ) -> Result<Self, Vec<BadConfig>> {
        config.check()?;
        let chains: Vec<ChainState> = config
            .chains
            .iter()
            .map(|chain| ChainState::new(chain, now))
            .collect();
        let chain_ix = |name: &ChainName| chains.iter().position(|chain| &chain.name == name).map(ChainIx);
        let mut ends: Vec<End> = Vec::new();
        for path in &config.paths {
            let (a, b) = (EndIx(ends.len()), EndIx(ends.len().saturating_add(1)));
            let unknown = |name: &EndName| alloc::vec![BadConfig::UnknownChain(name.chain.clone())];
            for (end, peer) in [(&path.a, b), (&path.b, a)] {
                let chain = chain_ix(&end.name.chain).ok_or_else(|| unknown(&end.name))?;
                ends.push(End::new(end, chain, peer, now));
            }
        }
        let mut relayer = Self {
            limits: config.limits,
            chains,
            ends,
            asks: Asks::default(),
            judge,
            now,
            next_submission: restored
                .last_submission
                .map_or(0, |last| last.0.saturating_add(1)),
        };
        relayer.restore(restored, out);
        Ok(relayer)
    }

    /// Takes one input. `now` is the relayer's clock; a clock that runs backward stands still.
    pub fn handle(&mut self, input: Input, now: Seconds, out: &mut Effects) {
        self.now = self.now.max(now);
        match input {
            Input::Tick => self.on_tick(out),
            Input::Reply(chain, reply) => self.on_reply(&chain, reply, out),
            Input::Woken(id, record) => self.on_woken(&id, record.map(|record| *record), out),
        }
        self.drive(out);
    }

    fn on_tick(&mut self, out: &mut Effects) {
        for waiting in self.asks.take_overdue(self.now) {
            let patience = self.patience(&waiting.purpose);
            self.remember_unheard(&waiting.purpose);
            let why = Fault::Unreachable {
                endpoint: self
                    .chain(waiting.chain)
                    .map(|chain| chain.name.to_string())
                    .unwrap_or_default(),
                text: alloc::format!("no answer within {patience}"),
                until: self.now,
            };
            self.on_failed(waiting.purpose, why, out);
        }
        self.expire_packets(out);
    }

    fn on_reply(&mut self, from: &ChainName, reply: Reply, out: &mut Effects) {
        let Some(chain) = self
            .chains
            .iter()
            .position(|chain| &chain.name == from)
            .map(ChainIx)
        else {
            return;
        };
        let id = match &reply {
            Ok((id, _)) => *id,
            Err(Failed { ask, .. }) => *ask,
        };
        let Some(purpose) = self.asks.close(id, chain) else {
            self.on_late(chain, reply, out);
            return;
        };
        match reply {
            Ok((_, answer)) => self.on_answer(chain, purpose, answer, out),
            Err(Failed { why, .. }) => self.on_failed(purpose, why, out),
        }
    }

    fn on_answer(&mut self, chain: ChainIx, purpose: Purpose, answer: Answer, out: &mut Effects) {
        match (purpose, answer) {
            (Purpose::Head(chain), Answer::Head(head)) => self.on_head(chain, head, out),
            (Purpose::Events(end, from, to), Answer::Events { covered, events }) => {
                self.on_events(end, (from, to), covered, events, out);
            }
            (Purpose::Front(end, from, to), Answer::Events { covered, events }) => {
                self.on_front(end, (from, to), covered, events, out);
            }
            (Purpose::Passed(end, of), Answer::Events { events, .. }) => self.on_passed(end, of, events, out),
            (Purpose::Client(lane), Answer::Client(view)) => self.on_client(lane, view, out),
            (Purpose::Notices(lane), Answer::Notices(notices)) => self.on_notices(lane, &notices, out),
            (Purpose::Believed(lane), Answer::Believed { view, is_whole }) => {
                self.on_believed(lane, view, is_whole, out);
            }
            (Purpose::Compared(lane), Answer::Notices(notices)) => self.on_compared(lane, notices, out),
            (Purpose::Lookup(lane), Answer::Lookup(values)) => self.on_lookup(lane, &values, out),
            (Purpose::Update(lane), Answer::Update(plan)) => self.on_update(lane, plan, out),
            (Purpose::Prove(lane), Answer::Prove(proofs)) => self.on_proofs(lane, proofs, out),
            (
                Purpose::Recheck {
                    flow,
                    side,
                    sequences,
                    known,
                },
                Answer::Lookup(values),
            ) => {
                self.on_recheck(flow, (side, known), &sequences, &values, out);
            }
            (Purpose::Audit(end, of), Answer::Lookup(values)) => self.on_audit(end, &of, &values, out),
            (
                Purpose::Send(chain, id),
                Answer::Send {
                    tx,
                    ticket,
                    gas: _,
                    fee,
                },
            ) => {
                self.on_sent(chain, id, tx, ticket, fee, out);
            }
            (Purpose::Find(chain, id), Answer::Find(state)) => self.on_found(chain, id, state, out),
            (
                purpose,
                Answer::Head(_)
                | Answer::Events { .. }
                | Answer::Client(_)
                | Answer::Update(_)
                | Answer::Believed { .. }
                | Answer::Notices(_)
                | Answer::Prove(_)
                | Answer::Lookup(_)
                | Answer::Send { .. }
                | Answer::Find(_),
            ) => self.on_strange_answer(chain, purpose, out),
        }
    }

    /// The answer is of another kind than the ask.
    fn on_strange_answer(&mut self, chain: ChainIx, purpose: Purpose, out: &mut Effects) {
        let endpoint = self.chain(chain).map(|chain| chain.name.to_string());
        let why = Fault::Malformed {
            endpoint: endpoint.unwrap_or_default(),
            text: "the answer is of another kind than the ask".to_string(),
            until: self.now,
        };
        self.on_failed(purpose, why, out);
    }

    fn on_failed(&mut self, purpose: Purpose, why: Fault, out: &mut Effects) {
        match purpose {
            Purpose::Head(chain) => self.on_head_failed(chain, &why, out),
            Purpose::Events(end, from, to) => self.on_events_failed(end, (from, to), &why, out),
            Purpose::Front(end, from, to) => self.on_front_failed(end, (from, to), &why, out),
            Purpose::Passed(end, of) => self.on_passed_failed(end, of),
            Purpose::Client(lane) | Purpose::Lookup(lane) => self.on_host_failed(lane, &why, out),
            Purpose::Notices(lane) => self.on_notices_failed(lane, &why, out),
            Purpose::Believed(lane) => self.on_beliefs_failed(lane, TripStep::Believed, &why, out),
            Purpose::Compared(lane) => self.on_beliefs_failed(lane, TripStep::Compared, &why, out),
            Purpose::Update(lane) | Purpose::Prove(lane) => self.on_origin_failed(lane, &why, out),
            Purpose::Recheck { flow, .. } => self.on_recheck_failed(flow, &why, out),
            Purpose::Audit(end, _) => self.on_audit_failed(end),
            Purpose::Send(chain, id) => self.on_send_failed(chain, id, why, out),
            Purpose::Find(chain, id) => self.on_find_failed(chain, id, &why, out),
        }
    }

    /// Starts whatever is due.
    fn drive(&mut self, out: &mut Effects) {
        for ix in (0..self.chains.len()).map(ChainIx) {
            self.poll_head(ix, out);
            self.poll_flights(ix, out);
        }
        for ix in (0..self.ends.len()).map(EndIx) {
            self.poll_events(ix, out);
            self.poll_recheck(ix, out);
            self.poll_lane(ix, out);
        }
        for ix in (0..self.chains.len()).map(ChainIx) {
            self.poll_send(ix, out);
        }
    }

    pub(crate) fn chain(&self, ix: ChainIx) -> Option<&ChainState> {
        self.chains.get(ix.0)
    }

    pub(crate) fn chain_mut(&mut self, ix: ChainIx) -> Option<&mut ChainState> {
        self.chains.get_mut(ix.0)
    }

    pub(crate) fn end(&self, ix: EndIx) -> Option<&End> {
        self.ends.get(ix.0)
    }

    pub(crate) fn end_mut(&mut self, ix: EndIx) -> Option<&mut End> {
        self.ends.get_mut(ix.0)
    }

    /// An end, the end it is paired with, and the chains of both.
    pub(crate) fn pair(&self, ix: EndIx) -> Option<(&End, &End, &ChainState, &ChainState)> {
        let end = self.end(ix)?;
        let peer = self.end(end.peer)?;
        Some((end, peer, self.chain(end.chain)?, self.chain(peer.chain)?))
    }

    pub(crate) fn packet(&self, flow: EndIx, sequence: Sequence) -> Option<&PacketRecord> {
        self.end(flow)?.flow.get(&sequence)
    }

    pub(crate) fn packet_mut(&mut self, flow: EndIx, sequence: Sequence) -> Option<&mut PacketRecord> {
        self.end_mut(flow)?.flow.get_mut(&sequence)
    }

    /// Sends an ask and waits for its reply.
    pub(crate) fn ask(&mut self, chain: ChainIx, purpose: Purpose, ask: Ask, out: &mut Effects) {
        let Some(name) = self.chain(chain).map(|chain| chain.name.clone()) else {
            return;
        };
        let deadline = self.now.saturating_add(self.patience(&purpose));
        let id = self.asks.open(Waiting {
            chain,
            purpose,
            deadline,
        });
        out.ask(Outgoing { chain: name, id, ask });
    }

    /// Lets a fact take effect on a packet: moves it, saves it, tells of it, and forgets it when it is settled.
    /// A fact that does not fit changes nothing; returns whether it did fit.
    pub(crate) fn apply(&mut self, flow: EndIx, sequence: Sequence, fact: Fact, out: &mut Effects) -> bool {
        let Some((end, _, source, destination)) = self.pair(flow) else {
            return false;
        };
        let moment = Moment {
            at: self.now,
            source: source.finalized().map(|head| head.block),
            destination: destination.finalized().map(|head| head.block),
        };
        let peer = end.peer;
        let Some(record) = self.packet_mut(flow, sequence) else {
            return false;
        };
        let (from, weight) = (record.standing, record.weight());
        if record.apply(fact.clone(), moment).is_err() {
            return false;
        }
        let record = record.clone();
        out.note(Note::Moved {
            packet: record.id.clone(),
            from,
            to: record.standing,
            fact,
        });
        let (is_settled, weighs) = (record.standing.stage.is_final(), record.weight());
        let is_unsure = is_settled && !record.is_proven && record.standing.stage != Stage::Refused;
        out.save(Record::Packet(record));
        if let Some(end) = self.end_mut(flow) {
            end.reweigh(weight, weighs);
            if is_settled {
                end.remove(sequence);
            }
            if is_unsure {
                end.ended.insert(sequence);
                out.save(Record::Cursor(end.cursor()));
            }
        }
        for lane in [flow, peer] {
            self.touch(lane);
        }
        true
    }

    /// Tells who is responsible for what.
    pub(crate) fn blame(&self, chain: ChainIx, blame: Blame, text: &str, out: &mut Effects) {
        if let Some(chain) = self.chain(chain) {
            out.note(Note::Blamed {
                chain: chain.name.clone(),
                blame,
                text: bounded(text),
            });
        }
    }

    /// Tells of a fault, unless it is only that the chain has not got that far.
    pub(crate) fn blame_fault(&self, chain: ChainIx, why: &Fault, out: &mut Effects) {
        if !matches!(why, Fault::NotYet(_)) {
            self.blame(chain, why.blame(), &why.to_string(), out);
        }
    }
}

impl core::fmt::Debug for Relayer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let live: usize = self.ends.iter().map(|end| end.flow.len()).sum();
        f.debug_struct("Relayer")
            .field("live", &live)
            .field("asks", &self.asks.len())
            .finish_non_exhaustive()
    }
}
