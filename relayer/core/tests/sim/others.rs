//! Another relayer, who does the same work at the same time.

use crate::chain::{Action, SimChain};
use crate::world::World;
use chain::{AnyPacket, ChainName, Event};
use relayer_core::EndName;
use wire::Height;

impl World {
    /// Somebody else delivers, acknowledges or takes back something that may be.
    pub(crate) fn others_relay(&mut self) {
        let (number, from_a) = (
            self.rng.below(self.paths.len() as u64) as usize,
            self.rng.percent(50),
        );
        let (a, b) = &self.paths[number];
        let (source, destination) = if from_a { (a, b) } else { (b, a) };
        let index = |name: &ChainName| self.chains.iter().position(|chain| &chain.name == name).unwrap();
        let (here, there) = (index(&source.chain), index(&destination.chain));
        let open = open_packets(&self.chains[here], source);
        if open.is_empty() {
            return;
        }
        let packet = open[self.rng.below(open.len() as u64) as usize].clone();
        let final_there = self.chains[there].final_block();
        let Ok(is_received) = final_there.router.is_received(&packet) else {
            return;
        };
        let time = crate::chain::time_of(final_there.slot);
        let is_late = packet.has_expired(Height::of(0), time);
        if is_received || is_late {
            self.chains[here]
                .actions
                .push(Action::Settle(packet, is_received));
        } else if packet.data().first() != Some(&crate::router::POISON) {
            self.chains[there].actions.push(Action::Deliver(packet));
        }
    }
}

/// Packets whose commitment is in the chain's finalized state.
fn open_packets(chain: &SimChain, end: &EndName) -> Vec<AnyPacket> {
    let events = chain.blocks[..=chain.finalized]
        .iter()
        .flat_map(|block| &block.events);
    let sent = events.filter_map(|at| match &at.event {
        Event::Sent(packet) if packet.source() == end.id => Some(packet.clone()),
        Event::Sent(_)
        | Event::Unreadable { .. }
        | Event::Acknowledged { .. }
        | Event::AckReturned { .. }
        | Event::TimedOut { .. } => None,
    });
    let is_open = |packet: &AnyPacket| {
        let path = end.id.commitment(packet.sequence());
        chain.latest().router.get(&path).is_some()
    };
    sent.filter(is_open).collect()
}
