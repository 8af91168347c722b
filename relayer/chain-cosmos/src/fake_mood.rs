//! How the node of the fake chain behaves.

/// How a node behaves; by default well.
#[derive(Default)]
pub(crate) struct Mood {
    /// Says that this sequence is expected, whatever it was shown.
    pub(crate) expects: Option<fn(u64) -> u64>,
    /// Takes transactions and forgets them.
    pub(crate) loses: bool,
    /// Takes transactions and does not say so.
    pub(crate) mute: bool,
    pub(crate) full: bool,
    /// Looks at messages before it takes a transaction, as ibc-go does, and does not say which one it refuses.
    pub(crate) strict: bool,
    /// Says of what is handed over that all of its packets were delivered.
    pub(crate) redundant: bool,
    /// Takes no transaction with more bytes.
    pub(crate) bytes_max: Option<usize>,
    pub(crate) without_index: bool,
    /// The lowest block that it keeps.
    pub(crate) lowest: u64,
    /// Says that a simulation used this.
    pub(crate) gas: Option<u64>,
    /// Answers queries of accounts with this sequence.
    pub(crate) account: Option<u64>,
}
