//! Two chains with a path between them, and what is sent from one to the other.

use crate::world::{Faults, World, client};
use relayer_core::{EndName, PacketId};
use wire::Sequence;

/// Two chains without faults.
pub(crate) fn pair() -> World {
    World::new(&["a", "b"], &[(0, 1)], 11, Faults::default())
}

/// A packet that `chain` sent.
pub(crate) fn packet_of(world: &World, chain: usize, number: u64) -> PacketId {
    let source = EndName {
        chain: world.chains[chain].name.clone(),
        id: client(0).into(),
    };
    PacketId {
        source,
        sequence: Sequence::new(number).unwrap(),
    }
}
