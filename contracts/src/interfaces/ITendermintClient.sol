// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Height} from "./Messages.sol";

/// @notice What a Tendermint client is told once, at its creation. Periods are seconds.
/// @param chainId The chain that is followed, with its revision: `name-number`, or a name without one.
/// @param trustNumerator More than this share of a trusted set vouches for a later one: above the line.
/// @param trustDenominator Below the line.
/// @param trustPeriod How long a trusted state may be believed, counted from its own time.
/// @param unbondingPeriod How long a validator can still be punished after it has left.
/// @param clockDrift How far ahead of the host's clock a header may be.
/// @param capacity Heights that the ring reaches back.
/// @param store The store with what the chain says about packets.
struct TendermintConfig {
    string chainId;
    uint64 trustNumerator;
    uint64 trustDenominator;
    uint64 trustPeriod;
    uint64 unbondingPeriod;
    uint64 clockDrift;
    uint32 capacity;
    bytes store;
}

/// @notice The first trusted state.
/// @param height Its height, with the revision of the chain.
/// @param time Its time, in seconds since the Unix epoch.
/// @param nanos Nanoseconds of the second that has begun.
/// @param appHash Root of the application's state.
/// @param nextValidatorsHash Hash of the set that signs the next block.
struct TendermintStart {
    Height height;
    uint64 time;
    uint32 nanos;
    bytes32 appHash;
    bytes32 nextValidatorsHash;
}

/// @notice A trusted state of the counterparty chain.
/// @param height Its height, in the revision of the chain.
/// @param time Its time, in seconds since the Unix epoch.
/// @param nanos Nanoseconds of the second that has begun.
/// @param appHash Root of the application's state.
/// @param nextValidatorsHash Hash of the set that signs the next block.
/// @param learnedAt The host chain's time when the state was stored, in seconds since the Unix epoch.
struct TendermintState {
    uint64 height;
    uint64 time;
    uint32 nanos;
    bytes32 appHash;
    bytes32 nextValidatorsHash;
    uint64 learnedAt;
}

/// @title ITendermintClient
/// @notice A light client of a CometBFT chain.
/// @dev The twin of the law crate `light-clients/tendermint`: same rules (docs/formats/tendermint.md), same checks in
/// the same order, same names of errors; its messages are those of docs/formats/tendermint-evm.md.
///
/// What it rests on: less than the trust level of a trusted set's power lies within the trust period, and two thirds of
/// the power are honest. Validators whose keys are no points of their curve never sign.
///
/// Whoever can sign a header that is believed also chooses its height, and with that whose place in the ring it takes.
/// Milestones keep what was believed before out of his reach: the chain's own headers, and evidence, can be judged from
/// one for three quarters of the trust period at least.
interface ITendermintClient {
    /// A message does not have the form that docs/formats/tendermint-evm.md gives it, or a hint in it is wrong.
    error Malformed();
    /// A set has more validators than are looked at.
    error TooManyValidators(uint256 count, uint256 limit);
    /// A set is empty.
    error NoValidators();
    /// A validator stands twice in a set.
    error DuplicateValidator(bytes32 key);
    /// The powers of a set add up to more than CometBFT allows.
    error PowerOverflow(uint256 total, uint256 limit);
    /// Misbehaviour was proven before. Remedy: governance replaces the client.
    error Frozen();
    /// The newest trusted state counted until `until`, it is `current`. Remedy: governance replaces the client.
    error Expired(uint256 until, uint256 current);
    /// The header is of a form that is not known. Remedy: replace the client by one that knows it.
    error BlockVersion(uint256 known, uint256 found);
    /// The application's state has no root that anything could be proven against: 32 bytes, not all zero.
    error BadAppHash(uint256 length);
    /// No state is trusted at this height. Remedy: update the client to it first.
    error UnknownHeight(uint64 revisionNumber, uint64 revisionHeight);
    /// The header is of another chain, or of another revision of it; keccak256 of both ids as the header has them.
    error ChainMismatch(bytes32 expected, bytes32 found);
    /// The trusted state that the header builds on counted until `until`. Remedy: build on a newer state.
    error AnchorExpired(uint64 height, uint256 until, uint256 current);
    /// The header is not above the trusted state that it builds on.
    error HeightOrder(uint64 trusted, uint64 height);
    /// The header is not later than the trusted state that it builds on; seconds times 2^32, and nanoseconds.
    error TimeOrder(uint256 trusted, uint256 time);
    /// The header's time lies `drift` or more after the host's clock.
    error FromTheFuture(uint256 time, uint256 current, uint256 drift);
    /// The validators are not those of the header: its set has the card `card`, zero if it was never installed.
    /// Remedy: install the set first.
    error ValidatorsHash(bytes32 stated, bytes32 card, bytes32 found);
    /// The same of the trusted validators and the set that the trusted state names.
    error TrustedValidatorsHash(bytes32 trusted, bytes32 card, bytes32 found);
    /// The next header is not signed by the set that the trusted state names.
    error NextValidators(bytes32 trusted, bytes32 found);
    /// Too little of the trusted set signed. Remedy: build on a header in between.
    error NotEnoughOverlap(uint256 signed, uint256 total);
    /// Two thirds of the set or less signed.
    error NotEnoughSigners(uint256 signed, uint256 total);
    /// A secp256k1 signature was not made by this validator over its vote.
    error BadSignature(address expected, address found);
    /// One of the ed25519 signatures was not made by its validator over its vote.
    error BadSignatures(uint256 count);
    /// The header is lower than everything that the ring can hold, and earlier than the newest state. One that is not
    /// earlier freezes the client.
    error OlderThanRing(uint64 height, uint64 newest);

    /// The header's votes were to be verified in parts, and the part of this name was not. Remedy: send the part first.
    error PartMissing(bytes32 name);

    /// Start: a configuration that can never be safe: 1 chain id without 1 to 50 bytes, 2 revision above 64 bits, 3
    /// trust level below one third or above one, 4 trust period zero or not below the unbonding period, 5 clock drift
    /// not below the trust period, 6 capacity below 2, 7 store without 1 to 64 bytes.
    error BadConfig(uint8 fault);
    /// Start: the state is as old as the trust period, in seconds. Remedy: take a younger one.
    error BootstrapTooOld(uint256 age, uint256 limit);
    /// Start: the state names nobody who signs the next block.
    error NoNextValidators();
    /// Proof: a path has two elements, the store and the key.
    error BadPath(uint256 elements);
    /// Proof: a commitment is 32 bytes that are not all zero.
    error BadValue(uint256 length);
    /// Membership: nothing is stored there.
    error KeyAbsent(bytes key);
    /// Absence: something is stored there.
    error KeyPresent(bytes key, bytes value);
    /// Membership: something else is stored there.
    error ValueMismatch(bytes32 expected, bytes proven);
    /// Misbehaviour: the two headers do not contradict each other.
    error NotMisbehaviour();

    /// @notice Misbehaviour was proven: the client is frozen.
    event ClientFrozen();
    /// @notice The client believes what the chain's header of this height says, from its creation or an update on.
    event StateLearned(uint64 height);

    /// @notice What the client was told at its creation.
    function config() external view returns (TendermintConfig memory);

    /// @notice The state that the client started from, for those who check that the creator started it on the real
    /// chain.
    function bootstrap() external view returns (TendermintStart memory);

    /// @notice What a relayer needs in order to update this client: the newest trusted state, and whether misbehaviour
    /// was proven.
    function snapshot() external view returns (TendermintState memory newest, bool frozen);

    /// @notice The trusted state of exactly this height. Reverts with `UnknownHeight` when there is none.
    function stateAt(uint64 height) external view returns (TendermintState memory);

    /// @notice The states that no height puts out, the oldest first: at least one, at most eight. They are believed as
    /// those of the ring are.
    function milestones() external view returns (TendermintState[] memory);

    /// @notice The contract that verifies signatures for this client. It was made by the constructor; who checks that
    /// the creator used genuine code has to look at its code, too.
    function verifier() external view returns (address);

    /// @notice The card of the set with this hash: keccak256 of the set as updates carry it; zero if it was never
    /// installed.
    function cardOf(bytes32 validatorsHash) external view returns (bytes32);
}
