// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Where the trees of a fork keep what a light client opens.
/// @dev The numbers are those of `ethereum::Layout` in the law crate.
enum ForkLayout {
    /// A fork that is known to come, but not how it looks: everything at and after it is refused.
    Unknown,
    /// Finality at generalized index 105, committees at 54 and 55.
    Deneb,
    /// Electra and Fulu: finality at generalized index 169, committees at 86 and 87.
    Electra
}

/// @notice One entry of the fork schedule.
/// @param epoch The epoch from which the fork holds.
/// @param version The fork version that signatures bind.
/// @param treeLayout Where its trees keep what a light client opens.
struct Fork {
    uint64 epoch;
    bytes4 version;
    ForkLayout treeLayout;
}

/// @notice What a beacon client is told once, at its creation.
/// @param genesisTime The time of slot 0, in seconds since the Unix epoch.
/// @param genesisValidatorsRoot The root that binds signatures to the network.
/// @param secondsPerSlot Length of a slot in seconds.
/// @param slotsPerEpoch Slots in an epoch.
/// @param epochsPerPeriod Epochs that one sync committee serves.
/// @param router The router of the counterparty chain whose storage packets are proven against.
/// @param commitmentsSlot The base slot of the commitments mapping in that router.
/// @param trustPeriod Seconds after the newest trusted state's timestamp during which the client may be believed.
/// @param weakSubjectivity The network's weak-subjectivity period in seconds: how old a bootstrap may be, and an upper
/// limit of the trust period.
/// @param capacity Number of checkpoint epochs whose states are kept.
/// @param governance Who may append forks. It is to be a timelock.
/// @param forks The fork schedule in strictly rising epochs; at least one entry.
struct BeaconConfig {
    uint64 genesisTime;
    bytes32 genesisValidatorsRoot;
    uint64 secondsPerSlot;
    uint64 slotsPerEpoch;
    uint64 epochsPerPeriod;
    address router;
    bytes32 commitmentsSlot;
    uint64 trustPeriod;
    uint64 weakSubjectivity;
    uint32 capacity;
    address governance;
    Fork[] forks;
}

/// @notice A trusted state of the counterparty chain.
/// @param storageRoot The storage root of the counterparty router.
/// @param slot The slot of the finalized header that it was proven under; the height of the state.
/// @param learnedAt The host chain's time when the state was stored, in seconds since the Unix epoch.
struct TrustedState {
    bytes32 storageRoot;
    uint64 slot;
    uint64 learnedAt;
}

/// @notice A sync committee that the client knows.
/// @param period The period that the committee serves.
/// @param commitment keccak256(BE64(period) ‖ aggregate key ‖ SSZ root of the keys); zero when none is known.
struct KnownCommittee {
    uint64 period;
    bytes32 commitment;
}

/// @notice All that a relayer needs to know about a client in order to update it.
/// @param newestSlot The newest trusted state's slot.
/// @param frozen Whether misbehaviour was proven.
/// @param forkCount Number of entries in the fork schedule.
/// @param committees The known committees, oldest period first; unknown ones have a zero commitment.
struct Snapshot {
    uint64 newestSlot;
    bool frozen;
    uint8 forkCount;
    KnownCommittee[4] committees;
}

/// @title IBeaconClient
/// @notice A light client of a proof-of-stake Ethereum chain that follows its sync committees.
/// @dev The twin of the law crate `light-clients/ethereum`: same bytes (docs/formats/beacon.md), same checks in the
/// same order, same names of errors.
///
/// What it rests on: two thirds of a sync committee are honest; every key of a committee has a proof of possession and
/// `aggregate_pubkey` is the sum of the keys. Consensus checks the last two when it computes a committee, and they
/// reach this contract inside a state that a trusted committee signed; the contract does not check them again.
interface IBeaconClient {
    /// A message does not have the one form that docs/formats/beacon.md gives it: version, flags, or a length.
    error Malformed();
    /// Misbehaviour was proven before. Remedy: governance replaces the client.
    error Frozen();
    /// The newest trusted state counted until `until`, it is `current`. Remedy: governance replaces the client.
    error Expired(uint64 until, uint64 current);
    /// No fork of known layout holds at `epoch`. Remedy: governance appends the fork with `appendFork`, or replaces the
    /// client by one that knows the fork's layout.
    error UnknownFork(uint64 epoch);
    /// The signature slot (at start: the bootstrap's slot) lies after the host's clock.
    error FromTheFuture(uint64 signed, uint64 current);
    /// Not signature > attested >= finalized.
    error SlotOrder(uint64 signature, uint64 attested, uint64 finalized);
    /// The finalized header is older than everything that the ring can hold.
    error OlderThanRing(uint64 finalized, uint64 newest);
    /// Fewer than two thirds of the committee signed. Remedy: wait for an update that more have signed.
    error NotEnoughSigners(uint256 signers, uint256 size);
    /// The committee of `period` is not known. Remedy: send the updates of the periods before it first.
    error UnknownCommittee(uint64 period);
    /// The committee in the update is not the one trusted for its period.
    error WrongCommittee(uint64 period, bytes32 trusted, bytes32 found);
    /// The finalized header is not the one that the attested state holds.
    error FinalityBranch(bytes32 finalized, bytes32 stateRoot);
    /// The execution state root is not the one that the header's body holds.
    error ExecutionBranch(bytes32 execution, bytes32 bodyRoot);
    /// A next committee may only be learned when attested and finalized header share a period. Remedy: leave it out.
    error NextCommitteePeriod(uint64 attested, uint64 finalized);
    /// The next committee is not the one that the attested state holds.
    error NextCommitteeBranch(bytes32 committee, bytes32 stateRoot);
    /// The absentees' keys are not the ones on the seats that did not sign.
    error AbsenteeProof(bytes32 pubkeysRoot);
    /// A point is not canonical, not on its curve, or not in its group.
    error BadPoint();
    /// The sum of the signers' keys is the point at infinity, which would accept a signature of nobody.
    error AggregateAtInfinity();
    /// The signature is not that of the signers over `signingRoot`.
    error BadSignature(bytes32 signingRoot);
    /// The account proof does not fit the execution state root, or is empty in an update that carries no next
    /// committee.
    error AccountProof(bytes32 stateRoot);
    /// The execution state holds no router: never read as "everything is absent".
    error AccountAbsent(bytes32 stateRoot);
    /// The router has stored nothing: never read as "everything is absent".
    error EmptyStorageRoot(bytes32 stateRoot);
    /// The client started from another slot of the same epoch, which need not be its checkpoint. Two checkpoints of one
    /// epoch freeze the client.
    error ConflictingCheckpoint(uint64 held, uint64 offered);

    /// Start: a configuration that can never be safe: 1 no forks, 2 a length of zero, 3 zero validators root, 4
    /// committee size (not used: it is 512), 5 zero router, 6 zero commitments slot, 7 trust period zero or above the
    /// weak-subjectivity period, 8 capacity below 2, 9 zero governance.
    error BadConfig(uint8 fault);
    /// Start: the bootstrap is older than the weak-subjectivity period, in seconds. Remedy: take a younger checkpoint.
    error BootstrapTooOld(uint64 age, uint64 limit);
    /// Start: the committee is not the one that the header's state holds.
    error CommitteeBranch(bytes32 committee, bytes32 stateRoot);
    /// Proof: no state is trusted at this height. Remedy: update the client to it first.
    error UnknownHeight(uint64 revisionNumber, uint64 revisionHeight);
    /// Proof: a path has exactly one element, because an EVM chain has no store prefix.
    error BadPath(uint256 elements);
    /// Proof: a commitment is 32 bytes that are not all zero.
    error BadValue(uint256 length);
    /// Proof: the storage proof does not fit the router's storage root.
    error StorageProof(bytes32 storageRoot);
    /// Membership: nothing is stored there.
    error SlotAbsent(bytes32 slot);
    /// Absence: something is stored there.
    error SlotPresent(bytes32 slot, bytes32 value);
    /// Membership: something else is stored there.
    error ValueMismatch(bytes32 expected, bytes32 proven);
    /// Misbehaviour: the two updates do not contradict each other.
    error NotMisbehaviour();
    /// Schedule: a fork may only be added after the last one.
    error ForkOrder(uint64 last, uint64 offered);
    /// Schedule: only governance may append.
    error NotGovernance(address caller, address governance);

    /// @notice Misbehaviour was proven: the client is frozen. A committee signed for two headers finalized as
    /// checkpoints of one epoch, for two next committees of one period, or for two storage roots at one slot; by
    /// evidence, or by an update that contradicts what the client holds.
    event ClientFrozen();
    /// @notice Governance appended a fork to the schedule.
    event ForkAppended(uint64 epoch, bytes4 version, ForkLayout treeLayout);

    /// @notice Appends a fork to the schedule. Only governance may do it; entries are never changed or removed.
    function appendFork(Fork calldata fork) external;

    /// @notice What a relayer needs in order to update this client.
    function snapshot() external view returns (Snapshot memory);

    /// @notice The trusted state of exactly this slot. Reverts with `UnknownHeight` when there is none.
    function stateAt(uint64 slot) external view returns (TrustedState memory);

    /// @notice The host chain's time at which the state of `height` was stored, in seconds since the Unix epoch.
    function learnedAt(uint64 height) external view returns (uint64);

    /// @notice The fork schedule.
    function forks() external view returns (Fork[] memory);

    /// @notice What the client was told at its creation; `forks` is the present schedule.
    function config() external view returns (BeaconConfig memory);

    /// @notice The slot, header root and committee commitment that the client started from, for those who check that
    /// the creator started it on the real chain.
    function bootstrap() external view returns (uint64 slot, bytes32 headerRoot, bytes32 committee);
}
