//! Which states of a chain a proof is taken from.
//!
//! Light clients count heights differently: a beacon client slots, an attestor client blocks, a Tendermint client headers, and
//! a policy has a height for each of its leaves.

use crate::Finalized;
use policy::LEAVES_MAX;
use wire::Height;

/// One state of a chain, as a light client names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The block of this beacon slot.
    Slot(u64),
    /// This execution block.
    Block {
        /// Its number.
        number: u64,
        /// The client knows blocks whose numbers are multiples of this.
        interval: u64,
    },
    /// The header of this height of a CometBFT chain: it has the root of the state after the block before it.
    Header(u64),
}

/// The states that a proof is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// One.
    One(At),
    /// One for each leaf of a policy that is asked, from left to right.
    Leaves {
        /// How many leaves the policy has.
        count: usize,
        /// Nothing for those that are not asked, and behind the last leaf.
        places: [Option<At>; LEAVES_MAX],
    },
}

impl At {
    /// Whether finality at `head` allows the client a newer state than this.
    pub fn is_behind(self, head: &Finalized) -> bool {
        match self {
            Self::Slot(height) | Self::Header(height) => height < head.height.revision_height,
            Self::Block { number, interval } => {
                let beyond = head.block.0.checked_rem(interval).unwrap_or(0);
                number < head.block.0.saturating_sub(beyond)
            }
        }
    }
}

impl Basis {
    /// All states.
    pub fn states(&self) -> impl Iterator<Item = At> + '_ {
        let (one, places) = match self {
            Self::One(at) => (Some(*at), None),
            Self::Leaves { places, .. } => (None, Some(places)),
        };
        one.into_iter()
            .chain(places.into_iter().flatten().flatten().copied())
    }

    /// Whether finality at `head` allows the client a newer state than one of these.
    pub fn is_behind(&self, head: &Finalized) -> bool {
        self.states().any(|at| at.is_behind(head))
    }
}

impl From<Height> for Basis {
    /// The height of a beacon client.
    fn from(height: Height) -> Self {
        Self::One(At::Slot(height.revision_height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BlockNumber;
    use wire::Seconds;

    #[test]
    fn a_state_is_behind_when_finality_allows_a_newer_one() {
        let head = Finalized {
            height: Height::of(64),
            block: BlockNumber(50),
            timestamp: Seconds(1),
        };
        let block = |number| At::Block { number, interval: 8 };
        assert!(At::Slot(63).is_behind(&head) && !At::Slot(64).is_behind(&head));
        assert!(block(40).is_behind(&head) && !block(48).is_behind(&head));
        let mut places = [None; LEAVES_MAX];
        places[2] = Some(block(48));
        let count = 6;
        assert!(!Basis::Leaves { count, places }.is_behind(&head));
        places[5] = Some(At::Slot(32));
        assert!(Basis::Leaves { count, places }.is_behind(&head));
        assert_eq!(Basis::Leaves { count, places }.states().count(), 2);
    }
}
