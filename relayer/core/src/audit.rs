//! The reader's own check: whether an endpoint leaves out the newest send.
//!
//! A send that is left out in the middle shows as a gap. One that is left out at the end shows nothing, so the place where
//! it would be committed is looked at now and then.

use crate::asks::Purpose;
use crate::effects::Effects;
use crate::machine::Relayer;
use crate::place::EndIx;
use crate::reread::Doubt;
use alloy_primitives::B256;
use chain::{AsOf, Ask, Blame};

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
        let (chain, key) = (end.chain, end.name.id.commitment(next));
        let ask = Ask::Lookup {
            keys: alloc::vec![key],
            as_of: AsOf::Finalized,
        };
        self.ask(chain, Purpose::Audit(ix), ask, out);
    }

    pub(crate) fn on_audit(&mut self, ix: EndIx, values: &[Option<B256>], out: &mut Effects) {
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        let expected = end.expected();
        let is_there = values.first().is_some_and(Option::is_some);
        // Twice, because the first look may have been at a newer finalized block than the last page: at the second one, that
        // block is read.
        let is_missed = is_there && end.scan.audit_hit.is_some() && end.scan.audit_hit == expected;
        end.scan.audit_hit = expected.filter(|_| is_there);
        if is_missed {
            let chain = end.chain;
            end.scan.audit_hit = None;
            self.blame(
                chain,
                Blame::Peer,
                "a packet is committed whose event was left out",
                out,
            );
            let doubt = expected.map_or(Doubt::Reading, |sequence| Doubt::Packet(ix, sequence));
            self.rewind(ix, doubt, "a packet is committed whose event was left out", out);
        }
    }

    pub(crate) fn on_audit_failed(&mut self, ix: EndIx) {
        if let Some(end) = self.end_mut(ix) {
            end.scan.audit_hit = None;
        }
    }
}
