// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Height} from "./Messages.sol";

/// @notice One signer.
/// @param signer The address of the signer's key.
/// @param weight What the signature counts: at most 64 bits in a set that is accepted; zero for one who contradicted
/// himself.
struct Attestor {
    address signer;
    uint96 weight;
}

/// @notice Those who may sign.
/// @param threshold The weight that a statement needs, 64 bits.
/// @param attestors All signers, in strictly rising order of their addresses. Signatures name them by their place.
struct AttestorSet {
    uint256 threshold;
    Attestor[] attestors;
}

/// @notice What an attestor client is told once, at its creation.
/// @param chainId The EIP-155 id of the chain whose states are attested.
/// @param router The router on that chain: attestors sign the root of its storage.
/// @param commitmentsSlot The base slot of the commitments mapping in that router.
/// @param trustPeriod Seconds after the newest trusted state's timestamp during which the client may be believed.
/// @param interval Attestors sign heights (block numbers) that are multiples of this.
/// @param capacity Trusted states that are kept, one an interval.
/// @param rotationDelay Seconds that a rotation waits, so that it can be vetoed; at least an hour.
struct AttestorConfig {
    uint64 chainId;
    address router;
    bytes32 commitmentsSlot;
    uint64 trustPeriod;
    uint64 interval;
    uint32 capacity;
    uint64 rotationDelay;
}

/// @notice A trusted state of the counterparty chain.
/// @param storageRoot The storage root of the counterparty router.
/// @param height Its height.
/// @param timestamp Its time, in seconds since the Unix epoch.
/// @param learnedAt The host chain's time when the state was stored, in seconds since the Unix epoch.
struct AttestedState {
    bytes32 storageRoot;
    uint64 height;
    uint64 timestamp;
    uint64 learnedAt;
}

/// @notice All that a relayer or an attestor needs to know in order to update a client.
/// @param newestHeight The newest trusted state's height; 0 before the first.
/// @param frozen Whether misbehaviour was proven.
/// @param setId Number of the set that signs, 1 for the first.
/// @param nonce Rotations accepted so far, vetoed ones included: the nonce of the next.
/// @param rotationDue When the waiting set takes over; 0 when none waits.
struct AttestorSnapshot {
    uint64 newestHeight;
    bool frozen;
    uint64 setId;
    uint64 nonce;
    uint64 rotationDue;
}

/// @title IAttestorClient
/// @notice A light client that believes a state of the counterparty chain when attestors of enough weight signed it.
/// @dev The twin of the law crate `light-clients/attestor`: same bytes (docs/formats/attestor.md), same checks in the
/// same order, same names of errors. Those about single signatures are in the library `Signatures`.
///
/// What it rests on: attestors of the threshold's weight are honest and sign a state only when it is final; no block of
/// the counterparty chain is earlier than a lower one. Times are seconds, heights are block numbers of that chain.
interface IAttestorClient {
    /// A message does not have the form that docs/formats/attestor.md gives it.
    error Malformed();
    /// A set that can never be safe [T-35]: 1 no attestor or more than 64, 2 threshold zero or beyond 64 bits, 3 zero
    /// address, 4 the same attestor twice or not in order, 5 zero weight, 6 one attestor alone reaches the threshold, 7
    /// all together do not.
    error BadSet(uint8 fault);
    /// Misbehaviour was proven before. Remedy: governance replaces the client.
    error Frozen();
    /// The newest trusted state counted until `until`, it is `current`. Remedy: governance replaces the client.
    error Expired(uint64 until, uint64 current);
    /// The next set signs since `due`. Remedy: call `completeRotation` first; anybody may.
    error RotationDue(uint64 due, uint64 current);
    /// Attested heights are multiples of `interval`.
    error OffInterval(uint64 height, uint64 interval);
    /// The router has stored nothing: never read as "everything is absent".
    error EmptyStorageRoot(bytes32 root);
    /// The state's timestamp lies after the host's clock.
    error FromTheFuture(uint64 timestamp, uint64 current);
    /// The state itself has left the trust period. Remedy: have a younger one attested.
    error StateExpired(uint64 until, uint64 current);
    /// A rotation waits until `due`. Remedy: complete or veto it first.
    error RotationPending(uint64 due);
    /// The rotation was signed before another one was accepted.
    error WrongNonce(uint64 expected, uint64 given);
    /// The signatures under the rotation counted until `expiry`. Remedy: sign it again.
    error RotationExpired(uint64 expiry, uint64 current);
    /// Signatures under a rotation count for 30 days at most.
    error RotationExpiryTooFar(uint64 expiry, uint64 latest);
    /// Indices of signers rise strictly, so that nobody counts twice.
    error SignerOrder(uint8 previous, uint8 index);
    /// The set has `size` attestors, numbered from 0.
    error UnknownSigner(uint8 index, uint256 size);
    /// Somebody else signed, or something else was signed: another chain, contract, set, kind or statement.
    error WrongSigner(address expected, address found);
    /// Too few signed. Remedy: wait for more signatures.
    error BelowThreshold(uint256 weight, uint256 threshold);
    /// The height is lower than everything that the ring can hold, and the state not later than the newest. One that is
    /// later freezes the client.
    error OlderThanRing(uint64 height, uint64 newest);

    /// Start: a configuration that can never be safe: 1 zero commitments slot, 2 zero trust period, 3 zero interval, 4
    /// capacity below 2, 5 rotation delay below an hour, 6 zero chain id, 7 zero router.
    error BadConfig(uint8 fault);
    /// Rotation: none waits.
    error NoRotation();
    /// Rotation: it takes effect at `due`.
    error RotationEarly(uint64 due, uint64 current);
    /// Proof: no state is trusted at this height. Remedy: update the client to it first.
    error UnknownHeight(uint64 revisionNumber, uint64 revisionHeight);
    /// Misbehaviour: the two states do not contradict each other, or nobody who counts signed both.
    error NotMisbehaviour();

    /// @notice The client is frozen: two contradicting states reach the threshold, or it can not be reached any more.
    /// States contradict each other when they are of one height and differ, or when the higher one is the earlier one.
    event ClientFrozen();
    /// @notice An attestor signed two contradicting states and counts nothing from now on. `height` is that of both, or
    /// the lower one.
    event AttestorStruck(address indexed signer, uint64 indexed setId, uint64 height);
    /// @notice The present set signed the next one, which takes over at `due` unless it is vetoed.
    event RotationProposed(bytes32 indexed setHash, uint64 nonce, uint64 due);
    /// @notice Another set signs from now on; at the creation, the first one.
    event RotationCompleted(bytes32 indexed setHash, uint64 setId);
    /// @notice The waiting set does not take over.
    event RotationVetoed(bytes32 indexed setHash);

    /// @notice Lets the waiting set take over. Anybody may call it.
    function completeRotation() external;

    /// @notice Drops the waiting set. Only governance, or whom it gave this role.
    function vetoRotation() external;

    /// @notice What a relayer or an attestor needs in order to update this client.
    function snapshot() external view returns (AttestorSnapshot memory);

    /// @notice The set that signs now.
    function attestorSet() external view returns (AttestorSet memory);

    /// @notice The set that waits. Reverts with `NoRotation` when none does.
    function pendingSet() external view returns (AttestorSet memory);

    /// @notice The trusted state of exactly this height. Reverts with `UnknownHeight` when there is none.
    function stateAt(uint64 height) external view returns (AttestedState memory);

    /// @notice What the client was told at its creation.
    function config() external view returns (AttestorConfig memory);

    /// @notice What attestors sign for a state: this chain, this contract and the present set are in it.
    function stateDigest(uint64 height, uint64 timestamp, bytes32 storageRoot) external view returns (bytes32);

    /// @notice What attestors sign for a rotation to a set that is written as docs/formats/attestor.md says.
    function rotationDigest(bytes calldata set, uint64 nonce, uint64 expiry) external view returns (bytes32);
}
