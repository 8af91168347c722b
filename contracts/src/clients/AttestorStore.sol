// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "../guard/Governed.sol";
import {
    AttestedState,
    AttestorConfig,
    AttestorSet,
    AttestorSnapshot,
    IAttestorClient
} from "../interfaces/IAttestorClient.sol";
import {ClientStatus, IClientStatus, ILearnedAt, UpdateResult} from "../interfaces/ILightClient.sol";
import {AttestorSets} from "../libraries/AttestorSets.sol";

/// @title AttestorStore
/// @notice What an attestor client knows: its constants, a ring of trusted states, the set that signs and the one that
/// waits.
/// @dev It decides where a state is kept, when the next set takes over, and whether the client is active. It must never
/// let an older state take the place of a newer one, nor a set take over before its delay is over, nor let a vetoed
/// rotation come back: its nonce is used up.
///
/// A state lives at position (height / interval) % capacity: heights are multiples of the interval, so two states share
/// a position only when the ring has gone round. Spec: docs/formats/attestor.md. Twin of `attestor::trusted` and
/// `attestor::rotation`.
abstract contract AttestorStore is IAttestorClient, IClientStatus, ILearnedAt, Governed {
    /// What changes at nearly every update, in one slot.
    struct Head {
        /// Height of the newest state; 0 before the first.
        uint64 newest;
        /// Where the set that signs is kept.
        address set;
        /// Misbehaviour was proven.
        bool frozen;
        /// A set waits.
        bool rotating;
    }

    /// A trusted state as it is stored: `meta` holds height, timestamp and `learnedAt`, 64 bits each from the lowest.
    struct StoredState {
        bytes32 storageRoot;
        uint256 meta;
    }

    /// The set that waits. It stays when it has taken over or was vetoed: `Head.rotating` says whether it counts.
    struct Waiting {
        address set;
        uint64 due;
    }

    uint256 private constant ROTATION_DELAY_MIN = 1 hours;

    uint256 private immutable CHAIN_ID;
    address private immutable ROUTER;
    bytes32 internal immutable COMMITMENTS_SLOT;
    uint256 private immutable TRUST_PERIOD;
    uint256 internal immutable INTERVAL;
    uint256 private immutable CAPACITY;
    uint256 private immutable ROTATION_DELAY;

    Head private _head;
    Waiting private _waiting;
    /// Rotations accepted so far.
    uint64 private _nonce;
    mapping(uint256 position => StoredState) private _states;

    constructor(AttestorConfig memory config_, AttestorSet memory set, address authority_) Governed(authority_) {
        _checkConfig(config_);
        CHAIN_ID = config_.chainId;
        ROUTER = config_.router;
        COMMITMENTS_SLOT = config_.commitmentsSlot;
        TRUST_PERIOD = config_.trustPeriod;
        INTERVAL = config_.interval;
        CAPACITY = config_.capacity;
        ROTATION_DELAY = config_.rotationDelay;
        uint256[] memory words = AttestorSets.pack(set);
        AttestorSets.check(words);
        _head.set = AttestorSets.save(words, 1);
        emit RotationCompleted(AttestorSets.hash(words), 1);
    }

    /// @inheritdoc IAttestorClient
    function completeRotation() external {
        Head memory head = _head;
        _checkUsable(head);
        require(head.rotating, NoRotation());
        Waiting memory waiting = _waiting;
        require(block.timestamp >= waiting.due, RotationEarly(waiting.due, uint64(block.timestamp)));
        _head.rotating = false;
        _head.set = waiting.set;
        uint256[] memory words = AttestorSets.load(waiting.set);
        emit RotationCompleted(AttestorSets.hash(words), _idOf(words));
    }

    /// @inheritdoc IAttestorClient
    function vetoRotation() external restricted {
        require(_head.rotating, NoRotation());
        _head.rotating = false;
        emit RotationVetoed(AttestorSets.hash(AttestorSets.load(_waiting.set)));
    }

    /// @inheritdoc IClientStatus
    function status() external view returns (ClientStatus) {
        Head memory head = _head;
        if (head.frozen) return ClientStatus.Frozen;
        return block.timestamp < _expiry(head) ? ClientStatus.Active : ClientStatus.Expired;
    }

    /// @inheritdoc IAttestorClient
    function snapshot() public view returns (AttestorSnapshot memory) {
        Head memory head = _head;
        return AttestorSnapshot({
            newestHeight: head.newest,
            frozen: head.frozen,
            setId: _idOf(AttestorSets.load(head.set)),
            nonce: _nonce,
            rotationDue: head.rotating ? _waiting.due : 0
        });
    }

    /// @inheritdoc IAttestorClient
    function attestorSet() external view returns (AttestorSet memory) {
        return AttestorSets.unpack(AttestorSets.load(_head.set));
    }

    /// @inheritdoc IAttestorClient
    function pendingSet() external view returns (AttestorSet memory) {
        require(_head.rotating, NoRotation());
        return AttestorSets.unpack(AttestorSets.load(_waiting.set));
    }

    /// @inheritdoc IAttestorClient
    function stateAt(uint64 height) external view returns (AttestedState memory) {
        StoredState memory stored = _stateAt(height);
        return AttestedState(stored.storageRoot, height, _timeOf(stored.meta), uint64(stored.meta >> 128));
    }

    /// @inheritdoc ILearnedAt
    function learnedAt(uint64 height) external view returns (uint64) {
        return uint64(_stateAt(height).meta >> 128);
    }

    /// @inheritdoc IAttestorClient
    function config() public view returns (AttestorConfig memory) {
        return AttestorConfig({
            chainId: uint64(CHAIN_ID),
            router: ROUTER,
            commitmentsSlot: COMMITMENTS_SLOT,
            trustPeriod: uint64(TRUST_PERIOD),
            interval: uint64(INTERVAL),
            capacity: uint32(CAPACITY),
            rotationDelay: uint64(ROTATION_DELAY)
        });
    }

    /// The trusted state of a height.
    function _stateAt(uint64 height) internal view returns (StoredState storage state) {
        state = _placeOf(height);
        // No state of height 0 is ever learned.
        require(height != 0 && uint64(state.meta) == height, UnknownHeight(0, height));
    }

    /// What changes often.
    function _loadHead() internal view returns (Head memory) {
        return _head;
    }

    /// Keeps an attested state, unless it is there, cannot be true beside what is there, or is too old for the ring.
    function _learn(uint64 height, uint64 timestamp, bytes32 storageRoot, uint64 newest)
        internal
        returns (UpdateResult)
    {
        StoredState storage place = _placeOf(height);
        uint256 meta = place.meta;
        if (uint64(meta) == height) {
            bool same = _timeOf(meta) == timestamp && place.storageRoot == storageRoot;
            return same ? UpdateResult.NoOp : _freeze();
        }
        // One that contradicts is never refused for its height: it is what shows that a height was made up to keep the
        // chain's own states out.
        if (newest != 0) {
            if (_runsBackwards(height, timestamp, newest)) return _freeze();
            bool within = height / INTERVAL + CAPACITY > newest / INTERVAL;
            require(within, OlderThanRing(height, newest));
        }
        // Within reach of the ring what is there is older.
        place.storageRoot = storageRoot;
        place.meta = (block.timestamp << 128) | (uint256(timestamp) << 64) | height;
        if (height > newest) _head.newest = height;
        return UpdateResult.Update;
    }

    /// Keeps a set that the present one signed, until it is due.
    function _propose(uint256[] memory words, uint64 nonce, uint64 nextId) internal returns (UpdateResult) {
        bytes32 hash = AttestorSets.hash(words);
        uint64 due = _later(ROTATION_DELAY);
        _nonce = nonce + 1;
        _head.rotating = true;
        _waiting = Waiting(AttestorSets.save(words, nextId), due);
        emit RotationProposed(hash, nonce, due);
        return UpdateResult.Update;
    }

    /// Keeps the present set with other weights.
    function _reweigh(uint256[] memory words) internal {
        _head.set = AttestorSets.save(words, _idOf(words));
    }

    /// Stops believing anything, until governance replaces this client.
    function _freeze() internal returns (UpdateResult) {
        _head.frozen = true;
        emit ClientFrozen();
        return UpdateResult.Misbehaviour;
    }

    /// Neither frozen nor expired.
    function _checkUsable(Head memory head) internal view {
        require(!head.frozen, Frozen());
        uint256 until = _expiry(head);
        require(block.timestamp < until, Expired(uint64(until), uint64(block.timestamp)));
    }

    /// The old set signs nothing more once the next one is due.
    function _checkNotDue(Head memory head) internal view {
        if (!head.rotating) return;
        uint64 due = _waiting.due;
        require(block.timestamp < due, RotationDue(due, uint64(block.timestamp)));
    }

    /// None waits, and this one is the next.
    function _checkNext(Head memory head, uint64 nonce) internal view {
        require(!head.rotating, RotationPending(_waiting.due));
        require(nonce == _nonce, WrongNonce(_nonce, nonce));
    }

    /// The state lies within the trust period.
    function _checkTime(uint64 timestamp) internal view {
        uint64 current = uint64(block.timestamp);
        require(timestamp <= current, FromTheFuture(timestamp, current));
        uint256 until = _expiryOf(timestamp);
        require(current < until, StateExpired(uint64(until), current));
    }

    /// `seconds_` from now; the last moment of all if that lies beyond it.
    function _later(uint256 seconds_) internal view returns (uint64) {
        uint256 later = block.timestamp + seconds_;
        return later > type(uint64).max ? type(uint64).max : uint64(later);
    }

    /// Number of a set.
    function _idOf(uint256[] memory words) internal pure returns (uint64) {
        return uint64(words[0] >> 64);
    }

    /// The timestamp of a stored state.
    function _timeOf(uint256 meta) internal pure returns (uint64) {
        return uint64(meta >> 64);
    }

    /// The higher of this state and the newest is the earlier one. Equal times contradict nothing: there are chains
    /// that make several blocks in one second.
    function _runsBackwards(uint64 height, uint64 timestamp, uint64 newest) private view returns (bool) {
        uint64 held = _timeOf(_placeOf(newest).meta);
        return height > newest ? timestamp < held : timestamp > held;
    }

    /// The place in the ring of the state with this height.
    function _placeOf(uint64 height) private view returns (StoredState storage) {
        return _states[(height / INTERVAL) % CAPACITY];
    }

    /// The moment from which on nothing is believed any more.
    function _expiry(Head memory head) private view returns (uint256) {
        if (head.newest == 0) return type(uint256).max;
        return _expiryOf(_timeOf(_placeOf(head.newest).meta));
    }

    /// The moment from which on a state of this time does not count: at most the last that 64 bits hold.
    function _expiryOf(uint64 timestamp) private view returns (uint256) {
        uint256 until = timestamp + TRUST_PERIOD;
        return until > type(uint64).max ? type(uint64).max : until;
    }

    /// Refuses what no safe client could be started with.
    function _checkConfig(AttestorConfig memory config_) private pure {
        require(config_.commitmentsSlot != 0, BadConfig(1));
        require(config_.trustPeriod != 0, BadConfig(2));
        require(config_.interval != 0, BadConfig(3));
        require(config_.capacity >= 2, BadConfig(4));
        require(config_.rotationDelay >= ROTATION_DELAY_MIN, BadConfig(5));
        require(config_.chainId != 0, BadConfig(6));
        require(config_.router != address(0), BadConfig(7));
    }
}
