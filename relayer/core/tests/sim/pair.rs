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

/// Seconds until the acknowledgements of these packets of the first chain are back there.
pub(crate) fn back_after(world: &mut World, numbers: &[u64]) -> u64 {
    let begun = world.now.0;
    let mut was_sent = vec![false; numbers.len()];
    loop {
        world.second();
        let router = &world.chains[0].latest().router;
        let mut all_back = true;
        for (number, was_sent) in numbers.iter().zip(&mut was_sent) {
            let PacketId { source, sequence } = packet_of(world, 0, *number);
            let is_open = router.get(&source.id.commitment(sequence)).is_some();
            *was_sent |= is_open || world.disk.packets.contains_key(&packet_of(world, 0, *number));
            all_back &= *was_sent && !is_open;
        }
        if all_back {
            return world.now.0 - begun;
        }
        assert!(world.now.0 - begun < 5_000, "{numbers:?} did not come back");
    }
}
