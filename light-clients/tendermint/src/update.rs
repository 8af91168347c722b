//! The messages: the first trusted state, headers that move a client forward, headers that contradict each other.

use alloc::boxed::Box;

use alloy_primitives::B256;
use wire::{Height, Seconds};

use crate::commit::Commit;
use crate::header::Header;
use crate::reject::Reject;
use crate::time::Time;
use crate::trusted::State;
use crate::validators::ValidatorSet;

/// The first trusted state: a consensus state of ibc-go's 07-tendermint, and its height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// Its height, with the revision of the chain.
    pub height: Height,
    /// Its time.
    pub time: Time,
    /// Root of the application's state.
    pub app_hash: B256,
    /// Hash of the set that signs the next block.
    pub next_validators_hash: B256,
}

/// A header with the votes for it, and the sets that its verdict needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The header.
    pub header: Header,
    /// The votes for it.
    pub commit: Commit,
    /// Those who signed it.
    pub validators: ValidatorSet,
    /// The trusted state from which it is judged.
    pub trusted_height: Height,
    /// Those whom that state names as signing the block after it.
    pub trusted_validators: ValidatorSet,
}

/// Two headers that cannot both be honest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// One of them.
    pub first: Box<Update>,
    /// The other.
    pub second: Box<Update>,
}

impl Bootstrap {
    /// The state that `header` leaves to believe.
    ///
    /// - `revision_number`: the one of the chain.
    ///
    /// # Errors
    /// [`Reject::BadAppHash`].
    pub fn of(header: &Header, revision_number: u64) -> Result<Self, Reject> {
        Ok(Self {
            height: Height {
                revision_number,
                revision_height: header.height,
            },
            time: header.time,
            app_hash: crate::checks::app_hash(header)?,
            next_validators_hash: header.next_validators_hash,
        })
    }

    /// The same as a client keeps it that learned it at `learned_at`.
    #[must_use]
    pub const fn state(&self, learned_at: Seconds) -> State {
        State {
            height: self.height.revision_height,
            time: self.time,
            app_hash: self.app_hash,
            next_validators_hash: self.next_validators_hash,
            learned_at,
        }
    }
}
