//! When a submission on its way is looked for, offered more for, or given up.
//!
//! It decides by the times that are kept of it and by the finalized block; what is found then, `flight` takes up.

use crate::effects::Note;
use crate::place::{ChainState, Flight};
use chain::{ChainName, Outcome, Ticket, TxHash};
use wire::Seconds;

/// After a restart the submission itself is gone and cannot be sent again with a better fee; it is given up after this
/// many times the operator's patience.
const PATIENCE_WITHOUT_BODY: u64 = 4;
/// The same for a submission that better fees do not bring into a block: another nonce before it may be free.
const PATIENCE_IN_ALL: u64 = 16;

/// What is due for a flight.
pub(crate) enum Due {
    Find(Ticket, TxHash),
    Resend,
    GiveUp,
    Nothing,
}

impl ChainState {
    /// Whether nothing is to be learned of a submission before a newer block is final. A reorganisation takes the newest
    /// blocks away: while the last submission stays in its block, so do those before it.
    pub(crate) fn waits_for_finality(&self, flight: &Flight) -> bool {
        let block = |flight: &Flight| {
            let outcome = flight.record.state.outcome().filter(|_| flight.is_landed);
            outcome.map(|outcome| outcome.block)
        };
        let Some(landed) = block(flight) else {
            return false;
        };
        let is_last = self.flights.iter().filter_map(block).all(|other| other <= landed);
        let is_final = self.finalized().is_some_and(|head| landed <= head.block);
        !is_last && !is_final
    }

    /// A newer block may hold what dies by itself when none does: it is looked for at once.
    pub(crate) fn look_after_expiring(&mut self, now: Seconds) {
        for flight in &mut self.flights {
            if flight.record.ticket.as_ref().is_some_and(Ticket::expires) {
                flight.find_at = flight.find_at.min(now);
            }
        }
    }
}

impl Flight {
    /// What is to be told now that it is in a block, unless it was told before.
    pub(crate) fn tell_landed(&mut self, chain: ChainName, outcome: &Outcome) -> Option<Note> {
        let is_new = !core::mem::replace(&mut self.is_told, true);
        is_new.then_some(Note::Landed {
            submission: self.record.id,
            chain,
            gas: outcome.gas.0,
            price: outcome.price.0,
            reverted: outcome.reverted.is_some(),
        })
    }

    /// The transaction that is looked for now: the newest first, then the ones that it replaced.
    pub(crate) fn tx_looked_for(&self) -> Option<TxHash> {
        self.record.txs.iter().rev().nth(self.looking_back).copied()
    }
}

pub(crate) fn due(flight: &Flight, now: Seconds, patience: Seconds) -> Due {
    if flight.is_asked {
        return Due::Nothing;
    }
    if flight.resend_at.is_some_and(|at| at <= now) {
        return Due::Resend;
    }
    let waited = now.saturating_sub(flight.sent_at);
    let in_all = now.saturating_sub(flight.waits_since);
    let expires = flight.record.ticket.as_ref().is_some_and(Ticket::expires);
    let is_seen_waiting =
        flight.unknown_since.is_none() && !flight.is_landed && flight.resend_at.is_none() && !expires;
    if is_seen_waiting && patience.0 > 0 && in_all.0 >= patience.0.saturating_mul(PATIENCE_IN_ALL) {
        return Due::GiveUp;
    }
    if is_seen_waiting && flight.body.is_some() && waited >= patience && patience.0 > 0 {
        return Due::Resend;
    }
    if is_seen_waiting
        && flight.body.is_none()
        && waited.0 >= patience.0.saturating_mul(PATIENCE_WITHOUT_BODY)
    {
        return Due::GiveUp;
    }
    match (&flight.record.ticket, flight.tx_looked_for()) {
        (Some(ticket), Some(tx)) if flight.find_at <= now => Due::Find(ticket.clone(), tx),
        _ => Due::Nothing,
    }
}
