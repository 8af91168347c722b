//! What is known of an account: its number, its next sequence, its transactions under way.
//!
//! The chain knows better. Every refusal that names another sequence, and every query, moves what stands here; nothing here
//! outlives the process, because a query brings it back.
//!
//! Pure. What this module must never do: take one node's word for ever. A sequence below one that was seen used in a block is
//! doubted, since nodes lag, but not for long, since nodes lie.

use crate::send::Flight;
use crate::trouble::Trouble;
use std::collections::BTreeSet;

/// What is added to the margin of gas after a transaction that had too little, in percent, and the most of it.
const BOOST_STEP: u64 = 50;
const BOOST_MOST: u64 = 300;
/// After so many transactions in a row that had enough gas it is tried whether one step less suffices: what then runs out costs its
/// fee, and what is paid too much is paid every time.
const SUFFICED_MOST: u32 = 32;
/// Sequences that are remembered as used by our own.
const OWN_MOST: usize = 256;
/// So many answers in a row that are below what was seen used are believed: then what was seen was a lie.
const DOUBTS_MOST: u32 = 3;

/// One account, as this process sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Book {
    /// Account number and next sequence, once known.
    known: Option<(u64, u64)>,
    /// The lowest sequence that can be free: above all that were seen used in blocks.
    floor: u64,
    /// How many answers in a row were below it.
    doubts: u32,
    /// The transactions under way.
    flying: Vec<Flight>,
    /// Sequences that transactions used which were signed here, the highest.
    own: BTreeSet<u64>,
    /// What is added to the margin of gas, in percent.
    boost: u64,
    /// How many transactions in a row had enough.
    sufficed: u32,
}

impl Book {
    /// Account number and the sequence of the next transaction; none before [`Book::learn`].
    pub(crate) fn next(&self) -> Option<(u64, u64)> {
        self.known
    }

    /// Takes over what a block's state says: behind it come the transactions under way.
    pub(crate) fn learn(&mut self, number: u64, sequence: u64) -> Result<(), Trouble> {
        self.check_floor(sequence)?;
        let mut next = sequence;
        while self.flying.iter().any(|flying| flying.sequence == next) {
            next = next.saturating_add(1);
        }
        self.known = Some((number, next));
        Ok(())
    }

    /// Takes over the sequence that a node expects in place of ours.
    pub(crate) fn heal(&mut self, expected: u64) -> Result<(), Trouble> {
        self.check_floor(expected)?;
        if let Some((_, next)) = &mut self.known {
            *next = expected;
        }
        Ok(())
    }

    fn check_floor(&mut self, said: u64) -> Result<(), Trouble> {
        if said >= self.floor || self.doubts >= DOUBTS_MOST {
            self.floor = self.floor.min(said);
            self.doubts = 0;
            return Ok(());
        }
        self.doubts = self.doubts.saturating_add(1);
        Err(Trouble::Behind {
            used: self.floor.saturating_sub(1),
            said,
        })
    }

    /// Forgets number and sequence, so that they are asked for before the next transaction.
    pub(crate) fn forget(&mut self) {
        self.known = None;
    }

    /// Notes a transaction before it is handed over; false if it was noted before, and may so be with a node already.
    pub(crate) fn flew(&mut self, flight: Flight) -> bool {
        if self.flying.iter().any(|flying| flying.hash == flight.hash) {
            return false;
        }
        self.flying.push(flight);
        if let Some((_, next)) = &mut self.known {
            *next = flight.sequence.saturating_add(1);
        }
        true
    }

    /// Takes off what is certainly under way no longer. Whoever asked for a transaction to be sent need not ask what became of
    /// it: what lies behind one that is lost is given up unasked. Else its place would be gone for good.
    ///
    /// - `now`: a block that is there, and the state before it with it.
    pub(crate) fn settle(&mut self, now: u64) {
        let floor = self.floor;
        self.flying.retain(|flying| flying.sequence >= floor);
        let before = self.flying.len();
        self.flying.retain(|flying| flying.timeout_height >= now);
        if self.flying.len() < before {
            // In a block or dead, nobody looked: the chain knows which sequence is free.
            self.forget();
        }
    }

    /// Takes a note back: the node refused the transaction, so its sequence is free.
    pub(crate) fn refused(&mut self, sequence: u64, hash: [u8; 32]) {
        self.flying.retain(|flying| flying.hash != hash);
        if let Some((_, next)) = &mut self.known {
            *next = sequence;
        }
    }

    /// The transaction is in a block and used its sequence.
    pub(crate) fn landed(&mut self, sequence: u64, hash: [u8; 32]) {
        self.flying.retain(|flying| flying.hash != hash);
        self.floor = self.floor.max(sequence.saturating_add(1));
        self.own.insert(sequence);
        if self.own.len() > OWN_MOST {
            self.own.pop_first();
        }
        if let Some((_, next)) = &mut self.known {
            *next = (*next).max(self.floor);
        }
    }

    /// The transaction will be in no block: what comes behind it waits for a sequence that nobody uses.
    pub(crate) fn died(&mut self, hash: [u8; 32]) {
        self.flying.retain(|flying| flying.hash != hash);
        self.forget();
    }

    /// Whether another transaction was signed here with the same sequence that is in a block, or may be. If that one is not in a
    /// block, it is found dead in its turn, and then no other is left to excuse it.
    pub(crate) fn has_other(&self, dead: &Flight) -> bool {
        let is_other = |flying: &Flight| flying.sequence == dead.sequence && flying.hash != dead.hash;
        self.own.contains(&dead.sequence) || self.flying.iter().any(is_other)
    }

    /// How many transactions are under way.
    pub(crate) fn flying(&self) -> usize {
        self.flying.len()
    }

    /// What is added to the margin of gas, in percent.
    pub(crate) fn boost(&self) -> u64 {
        self.boost
    }

    /// A transaction ran out of gas: the next ones get more.
    pub(crate) fn ran_out(&mut self) {
        self.boost = self.boost.saturating_add(BOOST_STEP).min(BOOST_MOST);
        self.sufficed = 0;
    }

    /// A transaction had enough gas: after many the next ones get less.
    pub(crate) fn sufficed(&mut self) {
        self.sufficed = self.sufficed.saturating_add(1);
        if self.sufficed >= SUFFICED_MOST {
            self.boost = self.boost.saturating_sub(BOOST_STEP);
            self.sufficed = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(number: u64, sequence: u64) -> Book {
        let mut book = Book::default();
        book.learn(number, sequence).unwrap();
        book
    }

    /// A transaction that is void after block 10.
    fn flight(sequence: u64) -> Flight {
        Flight {
            hash: [sequence as u8; 32],
            sequence,
            signed_at: 0,
            timeout_height: 10,
        }
    }

    #[test]
    fn a_sequence_follows_the_transactions_under_way() {
        let mut book = known(7, 4);
        assert_eq!(book.next(), Some((7, 4)));
        book.flew(flight(4));
        book.flew(flight(5));
        assert_eq!((book.next(), book.flying()), (Some((7, 6)), 2));
        book.landed(4, [4; 32]);
        assert_eq!((book.next(), book.flying()), (Some((7, 6)), 1));
        // A query sees blocks only; the one under way is still to come.
        book.learn(7, 5).unwrap();
        assert_eq!(book.next(), Some((7, 6)));
    }

    #[test]
    fn what_was_refused_or_died_frees_its_sequence() {
        let mut book = known(7, 4);
        book.flew(flight(4));
        book.refused(4, [4; 32]);
        assert_eq!((book.next(), book.flying()), (Some((7, 4)), 0));
        book.flew(flight(4));
        book.flew(flight(5));
        book.died([4; 32]);
        assert_eq!(book.next(), None, "it is asked for");
        book.learn(7, 4).unwrap();
        assert_eq!(book.next(), Some((7, 4)), "the gap is filled first");
    }

    #[test]
    fn a_sequence_heals_both_ways_but_never_below_a_used_one() {
        let mut book = known(7, 4);
        book.heal(9).unwrap();
        assert_eq!(book.next(), Some((7, 9)));
        book.heal(5).unwrap();
        assert_eq!(book.next(), Some((7, 5)));
        book.flew(flight(5));
        book.landed(5, [5; 32]);
        let behind = Trouble::Behind { used: 5, said: 5 };
        assert_eq!(book.heal(5), Err(behind.clone()));
        assert_eq!(book.learn(7, 5), Err(behind));
        assert_eq!(book.next(), Some((7, 6)));
    }

    #[test]
    fn a_lie_about_a_used_sequence_does_not_last() {
        let mut book = known(7, 1_000_000);
        book.flew(flight(1_000_000));
        book.landed(1_000_000, [1; 32]);
        for _ in 0..DOUBTS_MOST {
            assert!(book.learn(7, 4).is_err());
        }
        book.learn(7, 4).unwrap();
        assert_eq!(book.next(), Some((7, 4)));
        book.heal(5).unwrap();
        assert_eq!(book.next(), Some((7, 5)));
    }

    #[test]
    fn a_place_is_free_once_nothing_can_be_under_way_there_whoever_asked() {
        let mut book = known(7, 4);
        for sequence in 4..8 {
            book.flew(flight(sequence));
        }
        book.landed(5, flight(5).hash);
        book.settle(10);
        assert_eq!((book.flying(), book.next()), (2, Some((7, 8))), "4 is used, too");
        book.settle(11);
        assert_eq!((book.flying(), book.next()), (0, None), "it is asked for");
        book.settle(12);
        book.learn(7, 6).unwrap();
        book.settle(13);
        assert_eq!(book.next(), Some((7, 6)), "asked once");
    }

    #[test]
    fn more_gas_is_given_until_it_suffices_and_then_less_by_steps() {
        let mut book = Book::default();
        for _ in 0..10 {
            book.ran_out();
        }
        assert_eq!(book.boost(), BOOST_MOST);
        for _ in 1..SUFFICED_MOST {
            book.sufficed();
        }
        assert_eq!(book.boost(), BOOST_MOST);
        book.sufficed();
        assert_eq!(book.boost(), BOOST_MOST - BOOST_STEP);
        for _ in 1..SUFFICED_MOST {
            book.sufficed();
        }
        book.ran_out();
        book.sufficed();
        assert_eq!(book.boost(), BOOST_MOST, "they are counted anew");
    }
}
