//! How far a chain is: its head, asked for again and again.
//!
//! Decides when, and what a new one sets in motion. A head is what an endpoint says; one that contradicts itself is none.

use crate::asks::Purpose;
use crate::effects::Effects;
use crate::machine::Relayer;
use crate::place::{ChainIx, EndIx};
use alloc::format;
use alloc::string::ToString;
use chain::{Ask, Fault, Head};
use wire::Seconds;

impl Relayer {
    pub(crate) fn poll_head(&mut self, ix: ChainIx, out: &mut Effects) {
        let now = self.now;
        let Some(chain) = self.chain_mut(ix).filter(|chain| chain.head_at <= now) else {
            return;
        };
        chain.head_at = Seconds(u64::MAX);
        let seen = chain.head.map(|head| head.latest.block);
        self.ask(ix, Purpose::Head(ix), Ask::Head { seen }, out);
    }

    pub(crate) fn on_head(&mut self, ix: ChainIx, head: Head, out: &mut Effects) {
        let now = self.now;
        let Some(chain) = self.chain_mut(ix) else {
            return;
        };
        if head.finalized.block > head.latest.block || head.finalized.timestamp > head.latest.timestamp {
            let (endpoint, finalized, latest) =
                (chain.name.to_string(), head.finalized.block, head.latest.block);
            let text = format!("block {finalized} is said to be final, and {latest} to be the newest");
            self.on_head_failed(
                ix,
                &Fault::Malformed {
                    endpoint,
                    text,
                    until: now,
                },
                out,
            );
            return;
        }
        let is_new = chain.head != Some(head);
        chain.head_at = now.saturating_add(chain.poll);
        chain.head_failures = 0;
        chain.coverage.lower_to(head.finalized);
        chain.coverage.learn(head.finalized);
        chain.head = Some(head);
        chain.head_heard = Some(now);
        if is_new {
            chain.look_after_expiring(now);
            self.wake_resting(ix);
            for end in (0..self.ends.len()).map(EndIx) {
                self.touch(end);
            }
            self.expire_packets(out);
            self.rewind_ahead(ix, head.finalized.block, out);
        }
    }

    pub(crate) fn on_head_failed(&mut self, ix: ChainIx, why: &Fault, out: &mut Effects) {
        let failures = self
            .chain(ix)
            .map_or(1, |chain| chain.head_failures.saturating_add(1));
        let until = self.pause_until(failures, why.retry());
        if let Some(chain) = self.chain_mut(ix) {
            chain.head_failures = failures;
            chain.head_at = until;
        }
        self.blame_fault(ix, why, out);
    }
}
