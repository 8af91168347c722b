//! Why the client refuses: one list, in the order in which the rules are checked.
//!
//! A refusal is for ever: the same input at the same time is refused again. A twin has errors of these names;
//! docs/formats/tendermint.md has what each rule asks for.

use alloc::string::String;

use alloy_primitives::{Address, B256, Bytes};
use thiserror::Error;
use wire::{Height, Seconds};

use crate::config::TrustLevel;
use crate::time::Time;

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reject {
    /// Longer than any honest message.
    #[error("read a message of {length} bytes: the limit is {limit}")]
    TooLong {
        /// Its length.
        length: usize,
        /// The longest that is read.
        limit: usize,
    },
    /// The bytes are no encoding of docs/formats/tendermint.md.
    #[error(
        "read {part}: bytes missing, left over, or not allowed; re-encode it by docs/formats/tendermint.md"
    )]
    Malformed {
        /// The part that could not be read.
        part: &'static str,
    },
    /// A set has more validators than are looked at.
    #[error("look at more than {limit} validators; no such chain can be followed")]
    TooManyValidators {
        /// The most that are looked at.
        limit: usize,
    },
    /// A key of a kind whose signatures are not judged here.
    #[error("judge signatures of {kind} keys; only ed25519 and secp256k1 are")]
    KeyKind {
        /// The kind.
        kind: &'static str,
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
    /// The header is of a form that is not known.
    #[error("read a block of version {found}: this client knows {known}; migrate it")]
    BlockVersion {
        /// The known version.
        known: u64,
        /// The version of the header.
        found: u64,
    },
    /// The application's state has no root that anything could be proven against.
    #[error("use an application hash of {length} bytes: it has 32, not all zero")]
    BadAppHash {
        /// Its length.
        length: usize,
    },
    /// No trusted state at this height (also of proofs).
    #[error("find height {}-{}: no such trusted state; update the client to it first", .height.revision_number, .height.revision_height)]
    UnknownHeight {
        /// The height asked for.
        height: Height,
    },
    /// A set is empty.
    #[error("take an empty set of validators: nobody vouches for anything")]
    NoValidators,
    /// Not one vote for each validator.
    #[error("match {votes} votes with {validators} validators: there is one for each, absent ones included")]
    VoteCount {
        /// Votes in the commit.
        votes: usize,
        /// Validators of the set.
        validators: usize,
    },
    /// The header is of another chain, or of another revision of it.
    #[error("follow chain {found}: this client follows {expected}")]
    ChainMismatch {
        /// The chain that is followed.
        expected: String,
        /// The chain of the header.
        found: String,
    },
    /// The trusted state that the header builds on has left the trust period.
    #[error("build on height {height}: trusted until {until}, now {now}; build on a newer state")]
    AnchorExpired {
        /// Height of the trusted state.
        height: u64,
        /// The first moment at which it no longer counts.
        until: Seconds,
        /// The host's block time.
        now: Seconds,
    },
    /// The header is not above the trusted state that it builds on.
    #[error("go from height {trusted} to {height}: a header is above what it builds on")]
    HeightOrder {
        /// Height of the trusted state.
        trusted: u64,
        /// Height of the header.
        height: u64,
    },
    /// The header is not later than the trusted state that it builds on.
    #[error("go from {trusted} to {time}: a header is later than what it builds on")]
    TimeOrder {
        /// Time of the trusted state.
        trusted: Time,
        /// Time of the header.
        time: Time,
    },
    /// The header's time lies too far after the host's clock.
    #[error("accept {time} from the future: the clock is at {now}, and may be {drift} behind")]
    FromTheFuture {
        /// Time of the header.
        time: Time,
        /// The host's block time.
        now: Seconds,
        /// How far ahead a header may be.
        drift: Seconds,
    },
    /// The votes are for another height.
    #[error("count votes for height {commit} for a header of height {header}")]
    CommitHeight {
        /// Height of the header.
        header: u64,
        /// Height of the votes.
        commit: u64,
    },
    /// The votes are for another block.
    #[error("count votes for block {commit:?} for a header of hash {header}")]
    CommitBlock {
        /// Hash of the header.
        header: B256,
        /// Hash in the votes.
        commit: Option<B256>,
    },
    /// A validator stands twice in a set.
    #[error("count validator {address} twice")]
    DuplicateValidator {
        /// Its address.
        address: Address,
    },
    /// An address does not belong to the key beside it.
    #[error("take {stated} for the address of a key: it is {found}")]
    AddressMismatch {
        /// The address in the set.
        stated: Address,
        /// The address of the key.
        found: Address,
    },
    /// The powers of a set add up to more than CometBFT allows.
    #[error("add powers up to {total}: the limit is {limit}")]
    PowerOverflow {
        /// The sum.
        total: u128,
        /// The largest sum.
        limit: u64,
    },
    /// The validators are not those of the header.
    #[error("match the validators: the header says {stated}, found {found}")]
    ValidatorsHash {
        /// The hash in the header.
        stated: B256,
        /// The hash of the set.
        found: B256,
    },
    /// The trusted validators are not those of the trusted state.
    #[error("match the trusted validators: the client trusts {trusted}, found {found}")]
    TrustedValidatorsHash {
        /// The hash that is trusted.
        trusted: B256,
        /// The hash of the set.
        found: B256,
    },
    /// A vote stands in the place of another validator.
    #[error("count the vote of {found} as that of {expected}")]
    VoteAddress {
        /// The validator in that place.
        expected: Address,
        /// The address in the vote.
        found: Address,
    },
    /// The next header is not signed by the set that the trusted state names.
    #[error("follow set {found}: the trusted state names {trusted} as the next")]
    NextValidators {
        /// The set that was named.
        trusted: B256,
        /// The set of the header.
        found: B256,
    },
    /// Too little of the trusted set signed. A header in between may help.
    #[error(
        "trust on: {signed} of {total} trusted power signed, it takes more than {level}; build on a header in between"
    )]
    NotEnoughOverlap {
        /// Trusted power that signed.
        signed: u64,
        /// All trusted power.
        total: u64,
        /// The share that is needed.
        level: TrustLevel,
    },
    /// Two thirds of the set or less signed.
    #[error("count signers: {signed} of {total} power signed, it takes more than two thirds")]
    NotEnoughSigners {
        /// Power that signed.
        signed: u64,
        /// All power.
        total: u64,
    },
    /// A signature that is needed was not made by that validator over that vote.
    #[error("verify the signature of {validator}: not made by it over this vote")]
    BadSignature {
        /// The validator.
        validator: Address,
    },
    /// The header is lower than everything that the ring could hold, and earlier than the newest state.
    #[error("go back to height {height}: the ring reaches not that far behind height {newest}")]
    OlderThanRing {
        /// Height of the header.
        height: u64,
        /// Height of the newest trusted state.
        newest: u64,
    },
    /// Start: a configuration that could never be safe.
    #[error("start with this configuration: {0}")]
    BadConfig(ConfigFault),
    /// Start: the state is older than the trust period.
    #[error("start from a state {age} old: the limit is {limit}; take a younger one")]
    BootstrapTooOld {
        /// Time since then.
        age: Seconds,
        /// The trust period.
        limit: Seconds,
    },
    /// Start: the state names nobody who signs the next block.
    #[error("start from a state without next validators")]
    NoNextValidators,
    /// Start: the header is not the block that the caller trusts.
    #[error("start from header {found}: the trusted block is {trusted}")]
    UntrustedHeader {
        /// The hash that the caller trusts.
        trusted: B256,
        /// The hash of the header.
        found: B256,
    },
    /// Proof: a commitment is 32 bytes that are not all zero.
    #[error("prove a value of {length} bytes: a commitment is 32 bytes, not all zero")]
    BadValue {
        /// Length of the value in bytes.
        length: usize,
    },
    /// Proof: it does not fit the root of the application's state.
    #[error("prove a key against {app_hash}: {fault}")]
    StoreProof {
        /// Root of the application's state.
        app_hash: B256,
        /// What is wrong with the proof.
        fault: merkle::Reject,
    },
    /// Membership: nothing is stored there.
    #[error("find key {key}: proven absent")]
    KeyAbsent {
        /// The key in the store.
        key: Bytes,
    },
    /// Absence: something is stored there.
    #[error("show that key {key} is absent: it holds {value}")]
    KeyPresent {
        /// The key in the store.
        key: Bytes,
        /// What it holds.
        value: Bytes,
    },
    /// Membership: something else is stored there.
    #[error("match the value: expected {expected}, proven {proven}")]
    ValueMismatch {
        /// The value asked about.
        expected: B256,
        /// The value in the store.
        proven: Bytes,
    },
    /// Misbehaviour: the two headers do not contradict each other.
    #[error("find a contradiction: the two headers can both be honest")]
    NotMisbehaviour,
}

/// What is wrong with a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConfigFault {
    /// The chain's id is empty or too long.
    #[error("a chain id of {length} bytes; it has 1 to 50")]
    ChainIdLength {
        /// Its length.
        length: usize,
    },
    /// The revision in the chain's id is above 64 bits.
    #[error("the revision in the chain id is above 64 bits")]
    Revision,
    /// The trust level is below one third or above one.
    #[error("a trust level of {level}; it is between 1/3 and 1")]
    TrustLevel {
        /// The level.
        level: TrustLevel,
    },
    /// The trust period is zero, or not below the unbonding period.
    #[error("a trust period of {trust} with an unbonding period of {unbonding}")]
    TrustPeriod {
        /// The trust period.
        trust: Seconds,
        /// The unbonding period.
        unbonding: Seconds,
    },
    /// Headers from as far ahead as the trust period.
    #[error("a clock drift of {drift} with a trust period of {trust}")]
    ClockDrift {
        /// How far ahead a header may be.
        drift: Seconds,
        /// The trust period.
        trust: Seconds,
    },
    /// The store has no name, or one that no store has.
    #[error("a store's name of {length} bytes; it has 1 to 64")]
    Store {
        /// Its length.
        length: usize,
    },
    /// The ring of trusted states has no room.
    #[error("a ring of {capacity} states; it needs at least 2")]
    Capacity {
        /// States that fit.
        capacity: u32,
    },
}
