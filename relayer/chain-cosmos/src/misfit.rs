//! What is found of a connection or channel and does not fit what was asked for.

use chain::{Fault, Retry};
use core::fmt;

/// Why a handshake does not go on. The text completes "failed to ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeFault {
    /// A chain cannot be asked, or refuses.
    #[error("{0}")]
    Chain(#[from] Fault),
    /// What is there is something else.
    #[error("{0}")]
    Misfit(#[from] Misfit),
}

impl HandshakeFault {
    /// When trying again can help.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Chain(fault) => fault.retry(),
            Self::Misfit(_) => Retry::Never,
        }
    }
}

/// An end that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("use {end}: {rule} is {found}, {expected} is expected; {}", .rule.remedy())]
pub struct Misfit {
    /// Which one, as chain/end.
    pub end: String,
    /// What of it.
    pub rule: Rule,
    /// What it is.
    pub found: String,
    /// What it should be.
    pub expected: String,
}

/// What of an end may not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Whether it is there, and how far it is.
    State,
    /// The client that it believes.
    Client,
    /// The client at the other end.
    CounterpartyClient,
    /// Which end is its other one.
    Counterparty,
    /// Under what the other chain stores what is proven.
    Prefix,
    /// What a connection carries, or how the applications of a channel talk.
    Version,
    /// How long packets have to wait after the client's update.
    Delay,
    /// Whether packets arrive in order.
    Ordering,
    /// The connection of a channel.
    Connection,
    /// The application of a channel.
    Port,
}

impl Rule {
    fn remedy(self) -> &'static str {
        match self {
            Self::State => {
                "look at both ends with another node if this one may be behind, or begin another one"
            }
            Self::Client | Self::CounterpartyClient => "name the clients that it has, or another one",
            Self::Counterparty => "name the end that it is paired with, or another one",
            Self::Prefix => "it can never carry a packet of an SDK chain; use another one",
            Self::Version | Self::Ordering => "ask for what is there, or begin another one",
            Self::Delay => "this relayer does not wait for delays; use one without",
            Self::Connection | Self::Port => "name what it has, or another one",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::State => "its state",
            Self::Client => "its client",
            Self::CounterpartyClient => "the client at its other end",
            Self::Counterparty => "its other end",
            Self::Prefix => "the prefix of its other end",
            Self::Version => "its version",
            Self::Delay => "its delay",
            Self::Ordering => "its ordering",
            Self::Connection => "its connection",
            Self::Port => "the port of its other end",
        })
    }
}
