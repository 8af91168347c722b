//! Why the client refuses: one list for Rust and Solidity, same names, same order.
//!
//! A refusal is for ever: the same input at the same time is refused again. The Solidity contract
//! declares custom errors with these names; the arguments it carries are in docs/formats/beacon.md.

use alloy_primitives::B256;
use client::StorageReject;
use thiserror::Error;
use wire::{Height, Seconds};

use crate::units::{Epoch, Period, Slot};

/// A broken rule, in the order in which the rules are checked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reject {
    /// The bytes are no encoding of docs/formats/beacon.md, or a part has the wrong size.
    #[error("read {part}: bytes missing, left over, or not allowed; re-encode it by docs/formats/beacon.md")]
    Malformed {
        /// The part that could not be read.
        part: &'static str,
    },
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
    /// No fork of known layout holds at this epoch.
    #[error("judge epoch {epoch}: no known fork; append the fork to the schedule, or migrate the client")]
    UnknownFork {
        /// The epoch of a header or signature.
        epoch: Epoch,
    },
    /// The signature slot (at start: the bootstrap's slot) lies after the host's clock.
    #[error("accept slot {signed} from the future: the clock is at slot {current}")]
    FromTheFuture {
        /// The slot in the message.
        signed: Slot,
        /// The slot that runs at the host's block time.
        current: Slot,
    },
    /// Not `signature > attested >= finalized`.
    #[error("order slots: signature {signature}, attested {attested}, finalized {finalized}")]
    SlotOrder {
        /// The slot of the signature.
        signature: Slot,
        /// The slot of the signed header.
        attested: Slot,
        /// The slot of the finalized header.
        finalized: Slot,
    },
    /// The finalized header is older than everything that the ring could hold.
    #[error("go back to slot {finalized}: the ring reaches not that far behind slot {newest}")]
    OlderThanRing {
        /// The slot of the finalized header.
        finalized: Slot,
        /// The slot of the newest trusted state.
        newest: Slot,
    },
    /// Less than two thirds of the committee signed.
    #[error("count signers: {signers} of {size} is less than two thirds; wait for a better signed update")]
    NotEnoughSigners {
        /// Seats that signed.
        signers: u32,
        /// Seats of the committee.
        size: u32,
    },
    /// The ring holds no committee of the signature's period.
    #[error("find the committee of period {period}: send the updates of the periods before it first")]
    UnknownCommittee {
        /// The period of the signature slot.
        period: Period,
    },
    /// The signing committee is not the one trusted for its period.
    #[error("match the committee of period {period}: trusted {trusted}, in the update {found}")]
    WrongCommittee {
        /// The period of the signature slot.
        period: Period,
        /// The trusted commitment.
        trusted: B256,
        /// The commitment of the committee in the update.
        found: B256,
    },
    /// The finalized header is not the one in the attested state.
    #[error("prove finality: the branch of header {finalized} does not end in state root {state_root}")]
    FinalityBranch {
        /// Root of the finalized header.
        finalized: B256,
        /// State root of the attested header.
        state_root: B256,
    },
    /// The execution state root is not the one in the header's body.
    #[error("prove execution state {execution}: the branch does not end in body root {body_root}")]
    ExecutionBranch {
        /// The execution state root.
        execution: B256,
        /// Body root of the header it should belong to.
        body_root: B256,
    },
    /// A next committee may only be learned when attested and finalized header share a period.
    #[error("learn a committee over two periods (attested {attested}, finalized {finalized}): leave it out")]
    NextCommitteePeriod {
        /// The period of the attested header.
        attested: Period,
        /// The period of the finalized header.
        finalized: Period,
    },
    /// The next committee is not the one in the attested state.
    #[error("prove the next committee {committee}: the branch does not end in state root {state_root}")]
    NextCommitteeBranch {
        /// Root of the committee.
        committee: B256,
        /// State root of the attested header.
        state_root: B256,
    },
    /// The absent keys are not the ones on the seats that did not sign.
    #[error("open the absent seats: the multiproof does not end in pubkeys root {pubkeys_root}")]
    AbsenteeProof {
        /// SSZ root of the committee's keys.
        pubkeys_root: B256,
    },
    /// A coordinate is not below the field's modulus, or a point is not on the curve or not in the group.
    #[error("use a point of {part}: not an element of its group")]
    BadPoint {
        /// Whose point it is.
        part: &'static str,
    },
    /// The keys of the signers add up to nothing, which would accept a signature of nobody.
    #[error("add the signers' keys: their sum is the point at infinity")]
    AggregateAtInfinity,
    /// The signature does not fit keys, header, fork and chain.
    #[error("verify the signature over {signing_root}: not made by these signers")]
    BadSignature {
        /// What had to be signed.
        signing_root: B256,
    },
    /// The account proof does not fit the execution state root.
    #[error("prove the router's account against {state_root}: {fault}")]
    AccountProof {
        /// The execution state root.
        state_root: B256,
        /// What is wrong with the proof.
        fault: merkle::Reject,
    },
    /// The router does not exist on the counterparty chain: never "everything is absent".
    #[error("find the router: the state {state_root} holds no such account")]
    AccountAbsent {
        /// The execution state root.
        state_root: B256,
    },
    /// The router exists and stores nothing: never "everything is absent".
    #[error("use an empty store: the router has stored nothing at state {state_root}")]
    EmptyStorageRoot {
        /// The execution state root.
        state_root: B256,
    },
    /// The client started from another slot of this epoch, which need not be its checkpoint. Two checkpoints of one epoch are
    /// misbehaviour.
    #[error("keep two checkpoints of one epoch: holds slot {held}, offered slot {offered}")]
    ConflictingCheckpoint {
        /// The slot of the state in the ring.
        held: Slot,
        /// The slot of the finalized header.
        offered: Slot,
    },
    /// Start: a configuration that could never be safe.
    #[error("start with this configuration: {0}")]
    BadConfig(ConfigFault),
    /// Start: the bootstrap is older than the weak-subjectivity period.
    #[error("start from a header {age} old: the limit is {limit}; take a younger checkpoint")]
    BootstrapTooOld {
        /// Time since the header's slot.
        age: Seconds,
        /// The weak-subjectivity period.
        limit: Seconds,
    },
    /// Start: the header is not the block that the caller trusts.
    #[error("start from header {found}: the trusted block root is {trusted}")]
    UntrustedHeader {
        /// The root that the caller trusts.
        trusted: B256,
        /// The root of the bootstrap's header.
        found: B256,
    },
    /// Start: the committee is not the one in the header's state.
    #[error("prove the current committee {committee}: the branch does not end in state root {state_root}")]
    CommitteeBranch {
        /// Root of the committee.
        committee: B256,
        /// State root of the header.
        state_root: B256,
    },
    /// Proof: no trusted state at this height.
    #[error("find height {}-{}: no such trusted state; update the client to it first", .height.revision_number, .height.revision_height)]
    UnknownHeight {
        /// The height asked for.
        height: Height,
    },
    /// Proof: what it shows under the router's storage root, or that it does not fit it.
    #[error(transparent)]
    Storage(#[from] StorageReject),
    /// Misbehaviour: the two updates do not contradict each other.
    #[error("find a contradiction: the two updates can both be honest")]
    NotMisbehaviour,
    /// Schedule: a fork may only be added after the last one.
    #[error("append the fork at epoch {offered}: the schedule already reaches epoch {last}")]
    ForkOrder {
        /// The epoch of the last fork.
        last: Epoch,
        /// The epoch of the offered fork.
        offered: Epoch,
    },
}

/// What is wrong with a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConfigFault {
    /// The fork schedule is empty.
    #[error("the fork schedule is empty")]
    NoForks,
    /// A slot, epoch or period of length zero.
    #[error("slots, epochs and periods need a length")]
    ZeroLength,
    /// The genesis validators root is zero.
    #[error("the genesis validators root is zero")]
    ZeroValidatorsRoot,
    /// Fewer seats than a real committee has, too many, or no power of two.
    #[error("a committee of {size} seats; a real one has 512")]
    CommitteeSize {
        /// Seats asked for.
        size: u32,
    },
    /// The router's address is zero.
    #[error("the router's address is zero")]
    ZeroRouter,
    /// The base slot of the commitments is zero.
    #[error("the commitments slot is zero")]
    ZeroCommitmentsSlot,
    /// The trust period is zero, or above the weak-subjectivity period.
    #[error("a trust period of {trust} with a weak-subjectivity period of {limit}")]
    TrustPeriod {
        /// The trust period.
        trust: Seconds,
        /// The weak-subjectivity period.
        limit: Seconds,
    },
    /// The ring of trusted states has no room.
    #[error("a ring of {capacity} states; it needs at least 2")]
    Capacity {
        /// States that fit.
        capacity: u32,
    },
}
