//! Why the client refuses: one list for Rust and Solidity, same names, same order.
//!
//! The Solidity contract declares custom errors with these names, those about signatures in its library `Signatures`.

use alloy_primitives::{Address, B256};
use client::StorageReject;
use thiserror::Error;
use wire::{Height, Seconds};

/// A broken rule, in the order in which the rules are checked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reject {
    /// The bytes are no encoding of docs/formats/attestor.md.
    #[error(
        "read {part}: bytes missing, left over, or not allowed; re-encode it by docs/formats/attestor.md"
    )]
    Malformed {
        /// The part that could not be read.
        part: &'static str,
    },
    /// A set that can never be safe.
    #[error("accept a set of attestors: {0}")]
    BadSet(SetFault),
    /// Misbehaviour was proven before.
    #[error("use a frozen client: governance has to migrate it")]
    Frozen,
    /// The newest trusted state has left the trust period.
    #[error("use an expired client: trusted until {until}, now {now}; governance has to migrate it")]
    Expired {
        /// The first moment at which it no longer counts.
        until: Seconds,
        /// The host's block time.
        now: Seconds,
    },
    /// The set that signed is to be replaced now.
    #[error("use the old set at {now}: the rotation is due since {due}; complete it first")]
    RotationDue {
        /// The moment from which on the next set signs.
        due: Seconds,
        /// The host's block time.
        now: Seconds,
    },
    /// Attestors sign multiples of the interval, so that each state has its own place in the ring.
    #[error("accept height {height}: attested heights are multiples of {interval}")]
    OffInterval {
        /// The height attested.
        height: u64,
        /// The client's interval.
        interval: u64,
    },
    /// The router has stored nothing: never read as "everything is absent".
    #[error(
        "accept storage root {root}: the router stored nothing; send a packet before its states are attested"
    )]
    EmptyStorageRoot {
        /// The root attested.
        root: B256,
    },
    /// The state lies after the host's clock.
    #[error("accept a state of {timestamp} from the future: the clock is at {now}")]
    FromTheFuture {
        /// The state's timestamp.
        timestamp: Seconds,
        /// The host's block time.
        now: Seconds,
    },
    /// The state itself has left the trust period: learning it would expire a client that has no other.
    #[error("learn a state that counted until {until}: it is {now}; have a younger one attested")]
    StateExpired {
        /// The first moment at which it no longer counts.
        until: Seconds,
        /// The host's block time.
        now: Seconds,
    },
    /// A rotation waits already.
    #[error("rotate again before {due}: a rotation waits until then; veto or complete it first")]
    RotationPending {
        /// When the waiting rotation takes effect.
        due: Seconds,
    },
    /// The rotation was signed before another one was accepted.
    #[error("rotate with nonce {given}: the next is {expected}")]
    WrongNonce {
        /// The nonce that a rotation needs now.
        expected: u64,
        /// The nonce signed.
        given: u64,
    },
    /// The rotation came too late.
    #[error("rotate at {now}: the signatures counted until {expiry}; sign it again")]
    RotationExpired {
        /// The first moment at which the signatures no longer count.
        expiry: Seconds,
        /// The host's block time.
        now: Seconds,
    },
    /// A signature that counts for long is found by somebody in the end.
    #[error("rotate with signatures that count until {expiry}: at most until {latest}")]
    RotationExpiryTooFar {
        /// The expiry signed.
        expiry: Seconds,
        /// The latest that is accepted now.
        latest: Seconds,
    },
    /// Signers stand in strictly rising order, so that nobody counts twice.
    #[error("count signer {index} behind {previous}: indices rise strictly")]
    SignerOrder {
        /// The index before it.
        previous: u8,
        /// The index that does not rise.
        index: u8,
    },
    /// The set has fewer attestors.
    #[error("count signer {index}: the set has {size} attestors, numbered from 0")]
    UnknownSigner {
        /// The index given.
        index: u8,
        /// Attestors in the set.
        size: usize,
    },
    /// A signature can not be read, has a high `s`, or leads to no key.
    #[error(transparent)]
    Signature(#[from] wire::Reject),
    /// Somebody else signed, or something else was signed: another chain, contract, set, kind or statement.
    #[error(
        "count the signature of {expected}: it leads to {found}, for this chain, contract, set and statement"
    )]
    WrongSigner {
        /// The attestor with this index.
        expected: Address,
        /// The address that the signature leads to.
        found: Address,
    },
    /// Too few signed.
    #[error("believe a weight of {weight}: {threshold} is needed; wait for more signatures")]
    BelowThreshold {
        /// The weight that signed.
        weight: u64,
        /// The weight needed.
        threshold: u64,
    },
    /// The height is lower than everything that the ring could hold, and the state not later than the newest.
    #[error("go back to height {height}: the ring reaches not that far behind {newest}")]
    OlderThanRing {
        /// The height attested.
        height: u64,
        /// The newest height.
        newest: u64,
    },

    /// Start: a configuration that can never be safe.
    #[error("start a client: {0}")]
    BadConfig(ConfigFault),
    /// Rotation: none waits.
    #[error("complete or veto a rotation: none waits")]
    NoRotation,
    /// Rotation: it can still be vetoed.
    #[error("complete a rotation at {now}: it takes effect at {due}")]
    RotationEarly {
        /// The moment from which on the next set signs.
        due: Seconds,
        /// The host's block time.
        now: Seconds,
    },
    /// Proof: no state is trusted at this height.
    #[error("prove at height {height}: no such state is trusted; update the client to it")]
    UnknownHeight {
        /// The height asked for.
        height: Height,
    },
    /// Proof: what it shows under the router's storage root, or that it does not fit it.
    #[error(transparent)]
    Storage(#[from] StorageReject),
    /// Misbehaviour: the two states do not contradict each other, or nobody who counts signed both.
    #[error(
        "prove misbehaviour: no contradiction that reaches the threshold twice or has a signer of both who counts"
    )]
    NotMisbehaviour,
}

/// What is wrong with a configuration. The numbers are those of the contract's `BadConfig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConfigFault {
    /// Slot zero is nobody's mapping.
    #[error("the commitments slot is zero")]
    ZeroCommitmentsSlot,
    /// Nothing would ever be believed.
    #[error("the trust period is zero")]
    ZeroTrustPeriod,
    /// No height is a multiple of zero.
    #[error("the interval is zero")]
    ZeroInterval,
    /// The ring is too small.
    #[error("a ring of {capacity} states: at least 2")]
    Capacity {
        /// The capacity given.
        capacity: u32,
    },
    /// A rotation could not be vetoed in time.
    #[error("a rotation waits {delay}: at least {min}")]
    RotationDelay {
        /// The delay given.
        delay: Seconds,
        /// The least.
        min: Seconds,
    },
}

/// What is wrong with a set. The numbers are those of the contract's `BadSet`. Spec: [T-35].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SetFault {
    /// Nobody, or too many to judge.
    #[error("{count} attestors: 1 to 64")]
    Size {
        /// Attestors given.
        count: usize,
    },
    /// With zero everything would be believed, with more than 64 bits nothing.
    #[error("the threshold is zero, or beyond 64 bits")]
    Threshold,
    /// The zero address has no key.
    #[error("an attestor has the zero address")]
    ZeroSigner,
    /// Twice the same, or not in order.
    #[error("{signer} behind {previous}: addresses rise strictly")]
    Order {
        /// The address before it.
        previous: Address,
        /// The address that does not rise.
        signer: Address,
    },
    /// An attestor who does not count is none.
    #[error("{signer} has no weight")]
    ZeroWeight {
        /// The attestor.
        signer: Address,
    },
    /// One stolen key would be enough: one of one, or one who outweighs the threshold.
    #[error("{signer} alone reaches the threshold of {threshold}")]
    Alone {
        /// The attestor.
        signer: Address,
        /// The threshold.
        threshold: u64,
    },
    /// Nothing would ever be believed.
    #[error("all together weigh {total}, below the threshold of {threshold}")]
    Unreachable {
        /// Weight of all.
        total: u64,
        /// The threshold.
        threshold: u64,
    },
}
