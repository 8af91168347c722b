// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    BeaconConfig,
    Fork,
    ForkLayout,
    IBeaconClient,
    KnownCommittee,
    Snapshot,
    TrustedState
} from "../interfaces/IBeaconClient.sol";
import {ClientStatus, IClientStatus, UpdateResult} from "../interfaces/ILightClient.sol";
import {Head} from "../libraries/BeaconHead.sol";
import {Ssz} from "../libraries/Ssz.sol";

/// @title BeaconStore
/// @notice What a beacon client knows: its constants, a ring of trusted states, a ring of committees, the fork
/// schedule.
/// @dev It decides where a state or committee is kept, which fork holds at an epoch, and whether the client is active.
/// It must never let an older state take the place of a newer one, and never change an entry of the schedule.
/// Spec: docs/adr/0002-ring-by-checkpoint.md, docs/formats/beacon.md. Twin of `ethereum::trusted` and
/// `ethereum::network`.
abstract contract BeaconStore is IBeaconClient, IClientStatus {
    /// A trusted state as it is stored: `meta` holds the slot (low 64 bits) and `learnedAt` (the 64 bits above).
    struct StoredState {
        bytes32 storageRoot;
        uint256 meta;
    }

    /// Committees that are kept: at period % 4.
    uint256 internal constant COMMITTEES = 4;

    uint256 internal immutable GENESIS_TIME;
    bytes32 internal immutable GENESIS_VALIDATORS_ROOT;
    uint256 internal immutable SECONDS_PER_SLOT;
    uint256 internal immutable SLOTS_PER_EPOCH;
    uint256 internal immutable SLOTS_PER_PERIOD;
    address internal immutable ROUTER;
    bytes32 internal immutable COMMITMENTS_SLOT;
    uint256 internal immutable TRUST_PERIOD;
    uint256 internal immutable WEAK_SUBJECTIVITY;
    uint256 internal immutable CAPACITY;
    address internal immutable GOVERNANCE;
    /// The version of the last fork that the client was told at its creation, and the signature domain under it.
    bytes4 private immutable TOLD_VERSION;
    bytes32 private immutable TOLD_DOMAIN;

    Head private _head;
    /// Trusted states at (checkpoint epoch % capacity); a position that was never written has no meta, for no state was
    /// learned at time 0.
    mapping(uint256 position => StoredState) private _states;
    /// Commitments at (period % 4). They are of successive periods that end with the newest.
    mapping(uint256 position => bytes32) private _committees;
    /// The fork schedule in rising epochs.
    Fork[] private _forks;

    constructor(BeaconConfig memory config_) {
        _checkConfig(config_);
        GENESIS_TIME = config_.genesisTime;
        GENESIS_VALIDATORS_ROOT = config_.genesisValidatorsRoot;
        SECONDS_PER_SLOT = config_.secondsPerSlot;
        SLOTS_PER_EPOCH = config_.slotsPerEpoch;
        SLOTS_PER_PERIOD = uint256(config_.slotsPerEpoch) * config_.epochsPerPeriod;
        ROUTER = config_.router;
        COMMITMENTS_SLOT = config_.commitmentsSlot;
        TRUST_PERIOD = config_.trustPeriod;
        WEAK_SUBJECTIVITY = config_.weakSubjectivity;
        CAPACITY = config_.capacity;
        GOVERNANCE = config_.governance;
        for (uint256 i = 0; i < config_.forks.length; ++i) {
            _appendFork(config_.forks[i]);
        }
        TOLD_VERSION = config_.forks[config_.forks.length - 1].version;
        TOLD_DOMAIN = Ssz.syncCommitteeDomain(TOLD_VERSION, config_.genesisValidatorsRoot);
    }

    /// @inheritdoc IBeaconClient
    function appendFork(Fork calldata fork) external {
        require(msg.sender == GOVERNANCE, NotGovernance(msg.sender, GOVERNANCE));
        _appendFork(fork);
    }

    /// @inheritdoc IClientStatus
    function status() external view returns (ClientStatus) {
        Head head = _head;
        if (head.isFrozen()) return ClientStatus.Frozen;
        return block.timestamp < _expiry(head) ? ClientStatus.Active : ClientStatus.Expired;
    }

    /// @inheritdoc IBeaconClient
    function snapshot() public view returns (Snapshot memory shot) {
        Head head = _head;
        shot.newestSlot = uint64(head.newestSlot());
        shot.frozen = head.isFrozen();
        shot.forkCount = uint8(head.forkCount());
        for (uint256 age = 0; age < COMMITTEES && age <= head.newestPeriod(); ++age) {
            uint256 period = head.newestPeriod() - age;
            shot.committees[COMMITTEES - 1 - age] = KnownCommittee(uint64(period), _committees[period % COMMITTEES]);
        }
    }

    /// @inheritdoc IBeaconClient
    function stateAt(uint64 slot) public view returns (TrustedState memory) {
        StoredState storage stored = _placeOf(_checkpointOf(slot));
        uint256 meta = stored.meta;
        require(meta != 0 && uint64(meta) == slot, UnknownHeight(0, slot));
        return TrustedState(stored.storageRoot, slot, uint64(meta >> 64));
    }

    /// @inheritdoc IBeaconClient
    function learnedAt(uint64 height) external view returns (uint64) {
        return stateAt(height).learnedAt;
    }

    /// @inheritdoc IBeaconClient
    function forks() external view returns (Fork[] memory) {
        return _forks;
    }

    /// @inheritdoc IBeaconClient
    function config() public view returns (BeaconConfig memory) {
        return BeaconConfig({
            genesisTime: uint64(GENESIS_TIME),
            genesisValidatorsRoot: GENESIS_VALIDATORS_ROOT,
            secondsPerSlot: uint64(SECONDS_PER_SLOT),
            slotsPerEpoch: uint64(SLOTS_PER_EPOCH),
            epochsPerPeriod: uint64(SLOTS_PER_PERIOD / SLOTS_PER_EPOCH),
            router: ROUTER,
            commitmentsSlot: COMMITMENTS_SLOT,
            trustPeriod: uint64(TRUST_PERIOD),
            weakSubjectivity: uint64(WEAK_SUBJECTIVITY),
            capacity: uint32(CAPACITY),
            governance: GOVERNANCE,
            forks: _forks
        });
    }

    /// What changes often.
    function _loadHead() internal view returns (Head) {
        return _head;
    }

    /// Keeps the state and the committee of the bootstrap.
    function _begin(uint256 slot, bytes32 storageRoot, bytes32 committee) internal {
        uint256 period = _periodOf(slot);
        _head = _head.withSlot(slot).withPeriod(period);
        _committees[period % COMMITTEES] = committee;
        _keep(_placeOf(_checkpointOf(slot)), slot, storageRoot);
    }

    /// Keeps a verified state unless `storageRoot` is zero, and the committee of `period` unless `committee` is zero;
    /// freezes, and keeps neither, if one of them contradicts what is held.
    function _learn(Head head, uint256 slot, bytes32 storageRoot, uint256 period, bytes32 committee)
        internal
        returns (UpdateResult)
    {
        bool contradicts = _isUsurper(head, period, committee);
        bool isNew = false;
        if (storageRoot != 0 && !contradicts) {
            uint256 checkpoint = _checkpointOf(slot);
            StoredState storage held = _placeOf(checkpoint);
            uint256 meta = held.meta;
            isNew = meta == 0 || _checkpointOf(uint64(meta)) < checkpoint;
            if (isNew) {
                _keep(held, slot, storageRoot);
                if (slot > head.newestSlot()) head = head.withSlot(slot);
            } else if (uint64(meta) != slot) {
                // Within reach of the ring this is never newer, but another slot of the same epoch: no chain has two
                // checkpoints of one epoch, and the bootstrap alone need not be one.
                require(!_isBootstrap(uint64(meta)), ConflictingCheckpoint(uint64(meta), uint64(slot)));
                contradicts = true;
            } else {
                contradicts = held.storageRoot != storageRoot;
            }
        }
        if (contradicts) return _freeze();
        // Committees are learned in order, so one that is not newer than all that are held was held before, and gave
        // its place to a later one.
        if (committee != 0 && period > head.newestPeriod()) {
            _committees[period % COMMITTEES] = committee;
            head = head.withPeriod(period);
            isNew = true;
        }
        if (!isNew) return UpdateResult.NoOp;
        _head = head;
        return UpdateResult.Update;
    }

    /// Stops believing anything, until governance replaces this client.
    function _freeze() internal returns (UpdateResult) {
        _head = _head.frozen();
        emit ClientFrozen();
        return UpdateResult.Misbehaviour;
    }

    /// The client started from the state of `slot`.
    function _isBootstrap(uint256 slot) internal view virtual returns (bool);

    /// Neither frozen nor expired.
    function _checkUsable(Head head) internal view {
        require(!head.isFrozen(), Frozen());
        uint256 until = _expiry(head);
        require(block.timestamp < until, Expired(uint64(until), uint64(block.timestamp)));
    }

    /// The clock has reached `slot`.
    function _checkNotFuture(uint256 slot) internal view {
        if (_timeOf(slot) <= block.timestamp) return;
        uint256 age = block.timestamp > GENESIS_TIME ? block.timestamp - GENESIS_TIME : 0;
        revert FromTheFuture(uint64(slot), uint64(age / SECONDS_PER_SLOT));
    }

    /// The ring reaches back to `slot`.
    function _checkReach(Head head, uint256 slot) internal view {
        unchecked {
            bool within = _checkpointOf(slot) + CAPACITY > _checkpointOf(head.newestSlot());
            require(within, OlderThanRing(uint64(slot), uint64(head.newestSlot())));
        }
    }

    /// The commitment of the committee of `period`, or zero if it is not held.
    function _committeeOf(Head head, uint256 period) internal view returns (bytes32) {
        unchecked {
            uint256 newest = head.newestPeriod();
            bool within = period <= newest && period + COMMITTEES > newest;
            return within ? _committees[period % COMMITTEES] : bytes32(0);
        }
    }

    /// Version and layout (a number of `ForkLayout`) of the fork that holds at `slot`.
    function _forkAt(Head head, uint256 slot) internal view returns (bytes4 version, uint256 treeLayout) {
        if (slot >= head.forkSlot()) {
            (version, treeLayout) = (head.forkVersion(), head.forkLayout());
        } else {
            // The last entry is the one in `head`.
            for (uint256 i = head.forkCount() - 1; i > 0; --i) {
                Fork memory fork = _forks[i - 1];
                if (slot / SLOTS_PER_EPOCH < fork.epoch) continue;
                (version, treeLayout) = (fork.version, uint256(fork.treeLayout));
                break;
            }
        }
        require(treeLayout != uint256(ForkLayout.Unknown), UnknownFork(uint64(slot / SLOTS_PER_EPOCH)));
    }

    /// The domain of signatures under a fork version. Most updates fall under the version told at the creation.
    function _domainOf(bytes4 version) internal view returns (bytes32) {
        if (version == TOLD_VERSION) return TOLD_DOMAIN;
        return Ssz.syncCommitteeDomain(version, GENESIS_VALIDATORS_ROOT);
    }

    /// The sync-committee period of `slot`.
    function _periodOf(uint256 slot) internal view returns (uint256) {
        return _quotient(slot, SLOTS_PER_PERIOD);
    }

    /// The epoch whose checkpoint a finalized block at `slot` is: the first that starts at or after it.
    function _checkpointOf(uint256 slot) internal view returns (uint256) {
        // Bound here and below: slots and all immutable values but the roots have 64 bits, sums of products fit.
        unchecked {
            return _quotient(slot + SLOTS_PER_EPOCH - 1, SLOTS_PER_EPOCH);
        }
    }

    /// Another committee is held for the period of a verified update's next one: a committee signed for two. All blocks
    /// of one period that have one finalized block of it among their ancestors have one next committee, so no choice of
    /// fork among those that are not final makes an honest chain show two.
    function _isUsurper(Head head, uint256 period, bytes32 committee) private view returns (bool) {
        bytes32 held = committee == 0 ? bytes32(0) : _committeeOf(head, period);
        return held != 0 && held != committee;
    }

    /// The place in the ring of the state with this checkpoint epoch.
    function _placeOf(uint256 checkpoint) private view returns (StoredState storage) {
        unchecked {
            return _states[checkpoint - _quotient(checkpoint, CAPACITY) * CAPACITY];
        }
    }

    /// A division by one of the lengths that are never zero, without the compiler's check for zero.
    function _quotient(uint256 dividend, uint256 divisor) private pure returns (uint256 quotient) {
        assembly ("memory-safe") {
            quotient := div(dividend, divisor)
        }
    }

    /// The time of `slot` in seconds since the Unix epoch.
    function _timeOf(uint256 slot) internal view returns (uint256) {
        unchecked {
            return GENESIS_TIME + slot * SECONDS_PER_SLOT;
        }
    }

    /// The moment from which on nothing is believed any more.
    function _expiry(Head head) private view returns (uint256) {
        unchecked {
            return _timeOf(head.newestSlot()) + TRUST_PERIOD;
        }
    }

    /// Writes a state into its place.
    function _keep(StoredState storage place, uint256 slot, bytes32 storageRoot) private {
        place.storageRoot = storageRoot;
        place.meta = (block.timestamp << 64) | slot;
    }

    /// Appends to the schedule.
    function _appendFork(Fork memory fork) private {
        Head head = _head;
        uint256 count = _forks.length;
        uint64 last = count == 0 ? 0 : _forks[count - 1].epoch;
        // The count has eight bits in the head.
        require(count == 0 || (fork.epoch > last && count < type(uint8).max), ForkOrder(last, fork.epoch));
        _forks.push(fork);
        uint256 slot = fork.epoch * SLOTS_PER_EPOCH;
        _head = head.withFork(fork, slot > type(uint64).max ? type(uint64).max : uint64(slot));
        emit ForkAppended(fork.epoch, fork.version, fork.treeLayout);
    }

    /// Refuses what no safe client could be started with.
    function _checkConfig(BeaconConfig memory config_) private pure {
        require(config_.forks.length != 0, BadConfig(1));
        bool lengths = config_.secondsPerSlot != 0 && config_.slotsPerEpoch != 0 && config_.epochsPerPeriod != 0;
        require(lengths, BadConfig(2));
        require(config_.genesisValidatorsRoot != 0, BadConfig(3));
        require(config_.router != address(0), BadConfig(5));
        require(config_.commitmentsSlot != 0, BadConfig(6));
        bool trust = config_.trustPeriod != 0 && config_.trustPeriod <= config_.weakSubjectivity;
        require(trust, BadConfig(7));
        require(config_.capacity >= 2, BadConfig(8));
        require(config_.governance != address(0), BadConfig(9));
    }
}
