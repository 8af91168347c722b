//! Why an embedded chain cannot do what it is asked.

use std::{io, net::SocketAddr};

/// The errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum DevnetError {
    /// The runtime that serves the chain could not be made.
    #[error("cannot start the threads of an embedded chain: {0}")]
    Runtime(io::Error),
    /// A port is taken or not allowed.
    #[error("cannot listen on {listen}: {error}; port 0 takes a free one")]
    Bind {
        /// What was asked for.
        listen: SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// The runtime went away while starting.
    #[error("the embedded chain was stopped while it started")]
    Stopped,
    /// A fork that would orphan finalized blocks.
    #[error("a fork {depth} slots deep would undo finality; choose a smaller depth or stop finality first")]
    UndoesFinality {
        /// Slots.
        depth: u64,
    },
}
