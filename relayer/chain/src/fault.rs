//! What can go wrong at a chain, what helps, and who is responsible.
//!
//! The relayer branches on these variants and on [`Fault::retry`], never on text.

use crate::{BlockNumber, Gas, WeiPerGas};
use alloc::string::String;
use alloy_primitives::{Bytes, U256};
use core::fmt;
use wire::{Height, Seconds};

/// When asking again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Never as it stands: the ask itself must change, or a person must act.
    Never,
    /// Not before this time (Unix seconds, the relayer's clock).
    At(Seconds),
    /// When the chain has moved.
    NextHead,
}

/// Who is responsible, and so who is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blame {
    /// The endpoint: it does not answer, or not truthfully.
    Peer,
    /// The chain: it has not got that far, it is busy, or a contract on it refuses.
    Chain,
    /// The operator: keys, funds, addresses.
    Operator,
    /// This program.
    Us,
}

/// Why an ask was not answered. The text completes "failed to ask: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The endpoint did not answer in time, or the connection failed.
    #[error("reach {endpoint}: {text}; asked again at {until_secs} (Unix seconds)", until_secs = .until.0)]
    Unreachable {
        /// Which endpoint, without credentials.
        endpoint: String,
        /// What the transport said.
        text: String,
        /// When to try again, by the adapter's own back-off.
        until: Seconds,
    },
    /// The endpoint asks for a pause (rate limit, still syncing).
    #[error("use {endpoint} before {until_secs} (Unix seconds): {text}", until_secs = .until.0)]
    Busy {
        /// Which endpoint.
        endpoint: String,
        /// What it said.
        text: String,
        /// When it may be asked again.
        until: Seconds,
    },
    /// The endpoint answered something that is not an answer to this ask.
    #[error("read the answer of {endpoint}: {text}; check that it is a full endpoint of this chain")]
    Malformed {
        /// Which endpoint.
        endpoint: String,
        /// What does not fit, with both values.
        text: String,
        /// When to try again.
        until: Seconds,
    },
    /// The endpoint serves another chain than the configuration says.
    #[error("find chain {expected} at {endpoint}: it serves {found}; correct the url or the chain id")]
    WrongChain {
        /// Which endpoint.
        endpoint: String,
        /// The chain that was configured.
        expected: String,
        /// The chain that answered.
        found: String,
    },
    /// The chain has not got that far.
    #[error("get it yet: {0}")]
    NotYet(NotYet),
    /// The endpoint no longer keeps the state of that height: a newer one must be used.
    #[error(
        "read height {at}: the endpoint has pruned it; one that keeps more is needed, unless a newer height will do"
    )]
    Pruned {
        /// The height asked for.
        at: Height,
    },
    /// There is no such client on this chain, or its address holds no code of a client.
    #[error("find client {id}: {text}; check the path's client ids in the configuration")]
    NoClient {
        /// The client asked for.
        id: String,
        /// What was found instead.
        text: String,
    },
    /// The pair that the client belongs to does not fit, by the verifier's own endpoints: nothing is sent over it.
    #[error("use client {id}: {text}; `relayer path status` tells all that was found")]
    Unfit {
        /// The client asked for.
        id: String,
        /// Which rules do not hold, at which end.
        text: String,
    },
    /// The range or the transaction is larger than the endpoint or the chain takes: it is to be cut.
    #[error("fit {size} into the limit of {limit}; it is cut smaller")]
    TooLarge {
        /// What was asked, in the unit of the ask (blocks, keys, gas).
        size: u64,
        /// What is allowed, in the same unit.
        limit: u64,
    },
    /// The submission would revert, found out before anything was sent.
    #[error("send: the transaction would revert: {0}")]
    WouldRevert(Revert),
    /// The pool refuses the fee: it holds a transaction with this nonce, or its minimum is higher.
    #[error("send at {offered} wei a gas: the pool asks for at least {wanted}")]
    Underpriced {
        /// What was offered (the cap, base fee included).
        offered: WeiPerGas,
        /// The least that can work, by the adapter's knowledge of the pool's rule.
        wanted: WeiPerGas,
    },
    /// The chain asks for more than the operator allows; nothing was sent.
    #[error(
        "pay {asked} (wei, or 10^-18 of the chain's own coin) for a unit of gas, as the endpoint says the chain asks: at most \
         {max} is allowed; wait, raise fee.max_wei_per_gas or gas.price_max of the chain, or replace the endpoint if others \
         say less"
    )]
    TooDear {
        /// What the next block asks, by the endpoint: base fee and tip.
        asked: WeiPerGas,
        /// The operator's cap.
        max: WeiPerGas,
    },
    /// The nonce was used by somebody else: another process signs with the same key.
    #[error("send: {text}; another process uses this key, give each relayer its own")]
    NonceTaken {
        /// What the node said, with both nonces.
        text: String,
    },
    /// The account cannot pay.
    #[error("pay {needed} wei from a balance of {balance}; fund the relayer's account")]
    Funds {
        /// What it holds.
        balance: U256,
        /// What the transaction could cost at most.
        needed: U256,
    },
    /// The account that pays is not there, cannot pay, or pays too little, by the words of the chain.
    #[error("send: {text}")]
    Account {
        /// What is wrong, with both values and what helps.
        text: String,
    },
    /// The key store refused to sign.
    #[error("sign: {text}")]
    Signer {
        /// What it said; never key material.
        text: String,
    },
    /// The endpoint refused for a reason that has no variant here.
    #[error("ask {endpoint}: it refused: {text}")]
    Refused {
        /// Which endpoint.
        endpoint: String,
        /// What it said.
        text: String,
        /// When to try again.
        until: Seconds,
    },
}

/// What the chain has still to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotYet {
    /// The height is not final.
    #[error("height {wanted} is not final, finality is at {finalized}")]
    Finality {
        /// What was asked.
        wanted: Height,
        /// Where finality is.
        finalized: Height,
    },
    /// The newest update has too few signers.
    #[error("only {signers} of {size} committee members signed, two thirds are needed")]
    Participation {
        /// How many signed.
        signers: u32,
        /// Of how many.
        size: u32,
    },
    /// Too few attestors signed the newest state that they could.
    #[error("only attestors of weight {weight} signed block {block}, {threshold} are needed")]
    Attestation {
        /// The weight of those who signed it.
        weight: u64,
        /// What the client asks for.
        threshold: u64,
        /// The block.
        block: BlockNumber,
    },
    /// The endpoint does not know the block.
    #[error("block {wanted} is not known, the newest is {newest}")]
    Block {
        /// What was asked.
        wanted: BlockNumber,
        /// What is there.
        newest: BlockNumber,
    },
    /// The pair that the client belongs to was not verified since the daemon started or the client was migrated.
    #[error("the pair of client {id} is not verified yet")]
    Unverified {
        /// The client.
        id: String,
    },
    /// The endpoint has no update for the period that is next.
    #[error("there is no update for committee period {period}")]
    Period {
        /// The sync-committee period.
        period: u64,
    },
}

/// Why a transaction reverted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    /// The position among the submission's messages of the one that reverts, when it could be told.
    pub message: Option<u32>,
    /// The revert data, at most its first 256 bytes; empty when the call ran out of gas or gave none.
    pub data: Bytes,
    /// The error's name and values when the ABI knows it, else the node's text.
    pub text: String,
    /// How much gas was available when it reverted, where known.
    pub gas: Option<Gas>,
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message {
            Some(message) => write!(f, "message {message}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

impl Fault {
    /// When asking again can help.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Unreachable { until, .. }
            | Self::Busy { until, .. }
            | Self::Malformed { until, .. }
            | Self::Refused { until, .. } => Retry::At(*until),
            Self::NotYet(_)
            | Self::Pruned { .. }
            | Self::Unfit { .. }
            | Self::Underpriced { .. }
            | Self::TooDear { .. }
            | Self::NonceTaken { .. }
            | Self::Funds { .. }
            | Self::Account { .. } => Retry::NextHead,
            Self::WrongChain { .. }
            | Self::NoClient { .. }
            | Self::TooLarge { .. }
            | Self::WouldRevert(_)
            | Self::Signer { .. } => Retry::Never,
        }
    }

    /// Who is responsible.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Unreachable { .. }
            | Self::Busy { .. }
            | Self::Malformed { .. }
            | Self::Refused { .. }
            | Self::Pruned { .. } => Blame::Peer,
            Self::NotYet(_) | Self::Underpriced { .. } | Self::TooDear { .. } | Self::WouldRevert(_) => {
                Blame::Chain
            }
            Self::WrongChain { .. }
            | Self::NoClient { .. }
            | Self::Unfit { .. }
            | Self::NonceTaken { .. }
            | Self::Funds { .. }
            | Self::Account { .. }
            | Self::Signer { .. } => Blame::Operator,
            Self::TooLarge { .. } => Blame::Us,
        }
    }
}
