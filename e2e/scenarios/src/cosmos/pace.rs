//! How long things take on a chain: seconds of its own clock, and blocks.
//!
//! Real chains go by the clock on the wall, embedded ones faster: what is long enough for the one is nothing for the other.

use std::time::Duration;

/// Times of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long a client believes a state. The relayer refreshes it when a quarter of that has passed.
    pub trust_period_secs: u64,
    /// The relayer sends no receive with less than this left, so that a packet with a shorter life is sure to time out.
    pub recv_margin_secs: u64,
    /// How long a packet lives that has to arrive: the scenario must never be the reason for a timeout.
    pub long_secs: u64,
    /// Blocks after which a transaction is given up: more than a busy machine needs.
    pub patience_blocks: u64,
    /// How long a transaction is waited for that no node knows any more, by the wall, where it has no last block.
    pub lost_after_secs: u64,
    /// How long a command of the relayer may take, by the wall: some wait until a chain has finalized something.
    pub command_within: Duration,
    /// How long packets may take to their end, by the wall.
    pub settled_within: Duration,
    /// How long clients may stay as they are while nobody sends, by the wall, once a quarter of the trust period has passed.
    pub refreshed_within: Duration,
}

impl Pace {
    /// For chains whose time is that of the wall, with blocks of about half a second.
    pub const REAL: Self = Self {
        trust_period_secs: 240,
        recv_margin_secs: 40,
        long_secs: 20 * 60 * 60,
        patience_blocks: 60,
        lost_after_secs: 120,
        command_within: Duration::from_secs(120),
        settled_within: Duration::from_secs(180),
        refreshed_within: Duration::from_secs(150),
    };

    /// The same for chains of which one is left alone for longer.
    pub const PATIENT: Self = Self {
        trust_period_secs: 2 * 60 * 60,
        ..Self::REAL
    };

    /// For embedded chains on a clock that runs 50 to 100 times faster than the wall.
    pub(crate) const EMBEDDED: Self = Self {
        trust_period_secs: 8 * 3_600,
        recv_margin_secs: 3_600,
        long_secs: 23 * 3_600,
        patience_blocks: 600,
        lost_after_secs: 5,
        command_within: Duration::from_secs(120),
        settled_within: Duration::from_secs(180),
        refreshed_within: Duration::from_secs(120),
    };

    /// How long a packet lives that must not arrive. A busy machine takes a while until it is sent at all.
    pub(crate) const fn short_secs(&self) -> u64 {
        self.recv_margin_secs * 3 / 4
    }

    /// What has to pass before a client is due to be refreshed.
    pub(crate) const fn refresh_secs(&self) -> u64 {
        self.trust_period_secs / 4
    }
}
