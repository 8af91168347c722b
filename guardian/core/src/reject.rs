//! The one list of reasons for which this crate refuses.

use alloy_primitives::{Address, B256};
use thiserror::Error;

use crate::ScopeKind;

/// Why guardians may not do something. The errors of the contract have the same names and the same order.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reject {
    /// A set would be too large.
    #[error("form a set of {count} guardians: at most {most}")]
    TooManyGuardians {
        /// Guardians asked for.
        count: usize,
        /// The most that a set has.
        most: usize,
    },
    /// One guardian alone could act.
    #[error("form a set with a small quorum of {small}: at least {least}")]
    SmallQuorum {
        /// The quorum asked for.
        small: usize,
        /// The least that it may be.
        least: usize,
    },
    /// The large quorum is no majority, no larger than the small one, or larger than the set.
    #[error("form a set with a large quorum of {large}: above {small} and half of {count}, at most {count}")]
    LargeQuorum {
        /// The quorum asked for.
        large: usize,
        /// The small quorum.
        small: usize,
        /// Guardians of the set.
        count: usize,
    },
    /// Guardians are listed in ascending order, from above zero, each once.
    #[error("list guardian {next} after {previous}: the order is ascending, each once, none zero")]
    GuardianOrder {
        /// The guardian before.
        previous: Address,
        /// The guardian that does not follow.
        next: Address,
    },
    /// A word of the scope is missing, or has no meaning for its kind.
    #[error(
        "read a scope of kind {kind:?} with path {path} and item {item}: set what the kind needs, nothing else"
    )]
    InvalidScope {
        /// The kind.
        kind: ScopeKind,
        /// The path given.
        path: B256,
        /// The item given.
        item: B256,
    },
    /// The router knows no client under this key.
    #[error("find a client under {path}: give keccak-256 of the client id on this chain")]
    UnknownPath {
        /// The key given.
        path: B256,
    },
    /// A halt is too short or too long for its kind.
    #[error("halt for {seconds} s: at least {least} s, at most {most} s")]
    WrongDuration {
        /// Asked for.
        seconds: u64,
        /// The shortest halt.
        least: u64,
        /// The longest halt.
        most: u64,
    },
    /// The scope is halted for at least as long already.
    #[error("halt until {until}: the scope is halted until {current} already")]
    NothingAdded {
        /// The end asked for.
        until: u64,
        /// The present end.
        current: u64,
    },
    /// The small quorum has used up its halting time: the large quorum confirms.
    #[error(
        "charge {asked} s to {account}: {charged} s of {most} s are used up; let the large quorum confirm"
    )]
    OverBudget {
        /// The account.
        account: B256,
        /// What counts now.
        charged: u64,
        /// What was asked for.
        asked: u64,
        /// The most.
        most: u64,
    },
    /// The signatures are too old.
    #[error("use signatures that expired at {expiry}: it is {now}")]
    Expired {
        /// The last second at which they counted.
        expiry: u64,
        /// The time.
        now: u64,
    },
    /// The signatures could be kept for later.
    #[error("use signatures that expire at {expiry}: at most at {most}")]
    ExpiryTooFar {
        /// The expiry given.
        expiry: u64,
        /// The latest that may be given.
        most: u64,
    },
    /// These signatures, or others with their nonce, were used.
    #[error("use nonce {nonce} again: sign with a new one")]
    NonceUsed {
        /// The nonce.
        nonce: u64,
    },
    /// The quorum is not reached.
    #[error("act on {signers} signatures: {needed} are needed")]
    NotEnoughSigners {
        /// Signatures given.
        signers: usize,
        /// Signatures needed.
        needed: usize,
    },
    /// More signatures than guardians.
    #[error("read {signers} signatures of {most} guardians")]
    TooManySigners {
        /// Signatures given.
        signers: usize,
        /// Guardians of the set.
        most: usize,
    },
    /// A signature is malformed; see [`wire::Reject`].
    #[error(transparent)]
    Signature(wire::Reject),
    /// A signature is somebody else's, or over something else.
    #[error(
        "count the signature of {signer}: no guardian of this set signed this, for this chain and contract"
    )]
    NotAGuardian {
        /// Who signed, if the digest is this.
        signer: Address,
    },
    /// Signatures come in ascending order of the signers, each once.
    #[error("count the signature of {next} after {previous}: the order is ascending, each once")]
    SignerOrder {
        /// The signer before.
        previous: Address,
        /// The signer that does not follow.
        next: Address,
    },
    /// There is nothing to resume.
    #[error("resume what is halted until {until}: it is {now}")]
    NotHalted {
        /// The end of the newest halt.
        until: u64,
        /// The time.
        now: u64,
    },
    /// A newer halt came after the one that the guardians looked at.
    #[error("take off halt {signed}: halt {newest} is newer")]
    HaltedAgain {
        /// The halt that the resume names.
        signed: u64,
        /// The newest halt of the scope.
        newest: u64,
    },
    /// No resume of this scope waits.
    #[error("execute a resume of {key}: none waits")]
    NoResume {
        /// The scope's key.
        key: B256,
    },
    /// The set that approved the resume was replaced.
    #[error("execute a resume of set {scheduled}: the set is {current}")]
    ResumeOfOtherSet {
        /// The set that approved.
        scheduled: u64,
        /// The present set.
        current: u64,
    },
    /// The resume has to wait.
    #[error("execute a resume at {now}: not before {ready_at}")]
    ResumeTooEarly {
        /// From when on it may be executed.
        ready_at: u64,
        /// The time.
        now: u64,
    },
}

impl Reject {
    /// The rule's name in the shared vectors.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::TooManyGuardians { .. } => "too_many_guardians",
            Self::SmallQuorum { .. } => "small_quorum",
            Self::LargeQuorum { .. } => "large_quorum",
            Self::GuardianOrder { .. } => "guardian_order",
            Self::InvalidScope { .. } => "invalid_scope",
            Self::UnknownPath { .. } => "unknown_path",
            Self::WrongDuration { .. } => "wrong_duration",
            Self::NothingAdded { .. } => "nothing_added",
            Self::OverBudget { .. } => "over_budget",
            Self::Expired { .. } => "expired",
            Self::ExpiryTooFar { .. } => "expiry_too_far",
            Self::NonceUsed { .. } => "nonce_used",
            Self::NotEnoughSigners { .. } => "not_enough_signers",
            Self::TooManySigners { .. } => "too_many_signers",
            Self::Signature(reject) => reject.rule(),
            Self::NotAGuardian { .. } => "not_a_guardian",
            Self::SignerOrder { .. } => "signer_order",
            Self::NotHalted { .. } => "not_halted",
            Self::HaltedAgain { .. } => "halted_again",
            Self::NoResume { .. } => "no_resume",
            Self::ResumeOfOtherSet { .. } => "resume_of_other_set",
            Self::ResumeTooEarly { .. } => "resume_too_early",
        }
    }
}
