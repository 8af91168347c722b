//! The reader's own check: whether an endpoint leaves out the newest send, or ends one that was not sent yet.
//!
//! A send that is left out in the middle shows as a gap. One that is left out at the end shows nothing, so the place where
//! it would be committed is looked at now and then. So are the places of packets that ended before they were proven to be sent:
//! that nothing is committed there was true when it was proven, and also before such a packet is sent at all.

use crate::asks::Purpose;
use crate::effects::Effects;
use crate::machine::Relayer;
use crate::park::Round;
use crate::place::EndIx;
use crate::reread::Doubt;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;
use alloy_primitives::B256;
use chain::{AsOf, Ask, Blame};
use wire::Sequence;

/// Bound: packets of one end that ended without proof that they were sent and are looked at again. The newest stay: who makes one
/// up has to give it a number that follows.
const ENDED_MAX: usize = 256;
/// How many of them are looked at at once.
const ENDED_AT_ONCE: usize = 31;

/// The packets of one end that ended before they were proven to be sent.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    round: Round,
    /// Of those, the ones that were seen to be committed all the same, once: it may have been at a node that lags. They are looked
    /// at first. Bound: the same.
    suspects: BTreeSet<Sequence>,
    /// And those that were seen twice. Bound: the same.
    committed: BTreeSet<Sequence>,
}

impl Ended {
    pub(crate) fn insert(&mut self, sequence: Sequence) {
        self.round.insert(sequence);
        if self.round.len() > ENDED_MAX {
            let oldest = self.round.pop_first();
            for of in [&mut self.suspects, &mut self.committed] {
                of.retain(|of| Some(*of) != oldest);
            }
        }
    }

    /// Those that are looked at next.
    fn next_few(&mut self) -> Vec<Sequence> {
        let mut few: Vec<Sequence> = self.suspects.iter().take(ENDED_AT_ONCE).copied().collect();
        let rest = ENDED_AT_ONCE.saturating_sub(few.len());
        for other in self.round.next_few(rest) {
            if !few.contains(&other) {
                few.push(other);
            }
        }
        few
    }

    /// One was looked at; says whether it was seen twice to be committed.
    fn look(&mut self, sequence: Sequence, is_committed: bool) -> bool {
        if !is_committed {
            self.suspects.remove(&sequence);
            return false;
        }
        let is_again = !self.suspects.insert(sequence);
        if is_again {
            self.committed.insert(sequence);
        }
        is_again
    }

    /// What a store gave back.
    pub(crate) fn restored(newest: Vec<Sequence>) -> Self {
        let mut ended = Self::default();
        newest.into_iter().for_each(|sequence| ended.insert(sequence));
        ended
    }

    /// What is to be kept on disk: the newest, among which one that was made up is most likely.
    pub(crate) fn to_keep(&self) -> Vec<Sequence> {
        self.round.newest(ENDED_AT_ONCE)
    }

    /// Whether it was found that it has not ended.
    pub(crate) fn is_committed(&self, sequence: Sequence) -> bool {
        self.committed.contains(&sequence)
    }

    pub(crate) fn forget(&mut self, sequence: Sequence) {
        self.round.remove(sequence);
        self.suspects.remove(&sequence);
        self.committed.remove(&sequence);
    }
}

impl Relayer {
    /// Looks now and then whether the send after the last one is there although all blocks were read. Where sends are put
    /// off, it is, and nobody left it out.
    pub(crate) fn poll_audit(&mut self, ix: EndIx, out: &mut Effects) {
        let (now, every) = (self.now, self.limits.rewind_every);
        let Some(end) = self
            .end_mut(ix)
            .filter(|end| end.scan.audit_at <= now && end.scan.deferred_sends.is_none())
        else {
            return;
        };
        end.scan.audit_at = now.saturating_add(every);
        let Some(next) = end.expected() else {
            return;
        };
        let ended = end.ended.next_few();
        let sequences: Vec<Sequence> = core::iter::once(next).chain(ended).collect();
        let keys = sequences.iter().map(|sequence| end.name.id.commitment(*sequence));
        let (chain, keys) = (end.chain, keys.collect());
        let as_of = AsOf::Finalized;
        self.ask(
            chain,
            Purpose::Audit(ix, sequences),
            Ask::Lookup { keys, as_of },
            out,
        );
    }

    /// - `sequences`: whose places were looked at: the one that is expected next, and some that have ended.
    pub(crate) fn on_audit(
        &mut self,
        ix: EndIx,
        sequences: &[Sequence],
        values: &[Option<B256>],
        out: &mut Effects,
    ) {
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        let expected = end.expected().filter(|next| sequences.first() == Some(next));
        let is_there = values.first().is_some_and(Option::is_some);
        // Twice, because the first look may have been at a newer finalized block than the last page: at the second one, that
        // block is read.
        let is_missed = is_there && end.scan.audit_hit.is_some() && end.scan.audit_hit == expected;
        end.scan.audit_hit = expected.filter(|_| is_there);
        let looked = sequences.iter().zip(values).skip(1);
        let committed = looked.filter(|(sequence, value)| end.ended.look(**sequence, value.is_some()));
        let committed: Vec<Sequence> = committed.map(|(sequence, _)| *sequence).collect();
        if is_missed {
            let chain = end.chain;
            end.scan.audit_hit = None;
            let text = "a packet is committed whose event was left out";
            self.blame(chain, Blame::Peer, text, out);
            let doubt = expected.map_or(Doubt::Reading, |sequence| Doubt::Packet(ix, sequence));
            self.rewind(ix, doubt, text, out);
        }
        for sequence in committed {
            self.on_committed(ix, sequence, out);
        }
    }

    /// A packet that has ended, as it was shown, is committed: it was sent later, and its event is to be found.
    fn on_committed(&mut self, ix: EndIx, sequence: Sequence, out: &mut Effects) {
        let Some(end) = self.end(ix).filter(|end| !end.flow.contains_key(&sequence)) else {
            return;
        };
        let chain = end.chain;
        let text = format!("packet {sequence} was shown as one that has ended, and is committed");
        self.blame(chain, Blame::Peer, &text, out);
        self.rewind(ix, Doubt::Packet(ix, sequence), &text, out);
    }

    pub(crate) fn on_audit_failed(&mut self, ix: EndIx) {
        if let Some(end) = self.end_mut(ix) {
            end.scan.audit_hit = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_that_ended_are_looked_at_again_and_none_is_left_out() {
        let mut ended = Ended::default();
        let number = |n: usize| Sequence::new(n as u64).unwrap();
        for n in 1..=ENDED_MAX + 9 {
            ended.insert(number(n));
        }
        let looks = ENDED_MAX.div_ceil(ENDED_AT_ONCE);
        let mut seen: Vec<Sequence> = (0..looks).flat_map(|_| ended.next_few()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (10..=ENDED_MAX + 9).map(number).collect::<Vec<_>>());
        assert!(!ended.look(number(10), true));
        assert_eq!(ended.next_few()[0], number(10), "a suspect is looked at first");
        assert!(
            !ended.look(number(10), false) && !ended.look(number(10), true),
            "in a row"
        );
        assert!(ended.look(number(10), true) && ended.is_committed(number(10)));
        let kept = Ended::restored(ended.to_keep());
        assert_eq!(kept.to_keep(), ended.to_keep());
        ended.insert(number(1_000));
        assert!(!ended.is_committed(number(10)), "it gave way");
    }
}
