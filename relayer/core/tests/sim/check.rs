//! What has to hold in the end, whatever went wrong.

use crate::world::{Faults, World};
use chain::{AnyPacket, Event};
use relayer_core::{EndName, EndStatus, PacketId, Stage};

impl World {
    /// Runs without faults until nothing is live, and checks what has to hold then.
    pub(crate) fn settle(&mut self, seconds_max: u64) {
        self.faults = Faults::default();
        self.crash_at = None;
        for chain in &mut self.chains {
            (chain.is_stalled, chain.is_quiet, chain.floor) = (false, false, 0);
        }
        for second in 0..seconds_max {
            self.second();
            if second > 60 && self.unsettled() == 0 && self.all_read() {
                return self.check();
            }
        }
        let live: Vec<String> = self
            .relayer
            .packets()
            .map(|packet| {
                format!(
                    "{} {:?} {:?}",
                    packet.id,
                    self.relayer.explain(&packet.id),
                    packet.history.last()
                )
            })
            .collect();
        panic!(
            "not settled after {seconds_max} s: {live:#?}\n{:#?}",
            self.relayer.end_statuses()
        );
    }

    /// How many packets are live or parked.
    fn unsettled(&self) -> usize {
        let parked: usize = self.relayer.end_statuses().iter().map(|end| end.parked).sum();
        assert_eq!(parked, self.disk.parked.len());
        self.relayer.packets().count() + parked
    }

    /// Whether the relayer knows every packet, and none is committed: somebody may have told of one that it has ended before it was
    /// sent, which is found out only after a while.
    fn all_read(&self) -> bool {
        self.sent().iter().all(|(id, _)| {
            let mut chains = self.chains.iter();
            let chain = chains.find(|chain| chain.name == id.source.chain).unwrap();
            let commitment = id.source.id.commitment(id.sequence);
            self.disk.packets.contains_key(id) && chain.latest().router.get(&commitment).is_none()
        })
    }

    /// Every packet that was sent, with its content.
    pub(crate) fn sent(&self) -> Vec<(PacketId, AnyPacket)> {
        let mut sent = Vec::new();
        for chain in &self.chains {
            for at in chain.blocks.iter().flat_map(|block| &block.events) {
                if let Event::Sent(packet) = &at.event {
                    let source = EndName {
                        chain: chain.name.clone(),
                        id: packet.source(),
                    };
                    sent.push((
                        PacketId {
                            source,
                            sequence: packet.sequence(),
                        },
                        packet.clone(),
                    ));
                }
            }
        }
        sent
    }

    /// Every packet ended once, as the relayer's records say, and was executed at most once.
    pub(crate) fn check(&self) {
        for (id, packet) in self.sent() {
            let chain = self
                .chains
                .iter()
                .find(|chain| chain.name == id.source.chain)
                .unwrap();
            let ends = chain
                .blocks
                .iter()
                .flat_map(|block| &block.events)
                .filter(|at| match &at.event {
                    Event::AckReturned { source, sequence } | Event::TimedOut { source, sequence } => {
                        *source == id.source.id && *sequence == id.sequence
                    }
                    Event::Sent(_) | Event::Unreadable { .. } | Event::Acknowledged { .. } => false,
                });
            let ends: Vec<&Event> = ends.map(|at| &at.event).collect();
            assert_eq!(ends.len(), 1, "{id} ended {} times", ends.len());
            let record = &self.disk.packets[&id];
            let expected = if matches!(ends[0], Event::TimedOut { .. }) {
                Stage::TimedOut
            } else {
                Stage::Acked
            };
            // That it ended is proven; how it ended is what an endpoint said.
            let stage = record.standing.stage;
            let is_right = stage == expected || (self.is_misled && stage.is_final());
            assert!(is_right, "{id} is {stage}, not {expected}: {:#?}", record.history);
            // What was never proven is a claim; what was proven is the truth.
            assert!(
                !record.is_proven || *record.packet == packet,
                "{id} is not the packet that was sent"
            );
        }
        let bytes = |end: &EndStatus| end.bytes;
        assert_eq!(self.relayer.end_statuses().iter().map(bytes).sum::<usize>(), 0);
        for chain in &self.chains {
            assert!(chain.latest().router.executed.values().all(|count| *count == 1));
            // A crash between handing over and writing down leaves a transaction that nobody remembers. With one place it is
            // replaced; with more, the next one stands behind it.
            let forgotten = if chain.seats > 1 { self.crashes as usize } else { 0 };
            assert!(
                chain.crowd <= chain.seats + forgotten || chain.was_reorged,
                "{} transactions at once",
                chain.crowd
            );
        }
    }

    pub(crate) fn count(&self, stage: Stage) -> usize {
        self.disk
            .packets
            .values()
            .filter(|packet| packet.standing.stage == stage)
            .count()
    }
}
