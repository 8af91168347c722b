// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClientStatus, IClientStatus, ILearnedAt, UpdateResult} from "../interfaces/ILightClient.sol";
import {
    ITendermintClient,
    TendermintConfig,
    TendermintStart,
    TendermintState
} from "../interfaces/ITendermintClient.sol";
import {Height} from "../interfaces/Messages.sol";
import {ChainId} from "../libraries/ChainId.sol";
import {TendermintHeader} from "../libraries/TendermintHeader.sol";

/// @title TendermintStore
/// @notice What a Tendermint client knows: its constants, a ring of trusted states with milestones beside it, and the
/// cards of sets.
/// @dev It decides where a state is kept and what it may replace, and whether the client is active. It must never let
/// an older state take the place of a newer one, nor forget when a state was learned, nor let whoever chooses heights
/// put out all that was believed before.
///
/// A state lives at position height % capacity: within reach of the newest no two heights share one. When a header
/// comes that is a quarter of the trust period after the last milestone, the state that was the newest until then
/// becomes one: eight reach over the whole trust period, because that quarter lies between one and the next but one. A
/// moment is seconds times 2^32, and nanoseconds, because two blocks can share a second.
/// Spec: docs/formats/tendermint.md. Twin of `tendermint::trusted`, `tendermint::milestones` and `tendermint::config`.
abstract contract TendermintStore is ITendermintClient, IClientStatus, ILearnedAt {
    /// What every update reads, in one slot: the newest state's height and moment, whether misbehaviour was proven, the
    /// second of the last milestone, and where the next one goes.
    struct Head {
        uint64 newest;
        uint96 moment;
        bool frozen;
        uint64 since;
        uint8 next;
    }

    /// A trusted state as it is stored: `meta` holds height (64 bits from the lowest), moment (96) and `learnedAt`
    /// (64).
    struct StoredState {
        bytes32 appHash;
        bytes32 nextValidatorsHash;
        uint256 meta;
    }

    uint256 private constant CHAIN_ID_MAX = 50;
    uint256 private constant STORE_MAX = 64;
    /// How many milestones are kept, and parts of the trust period, of which one lies between one and the header that
    /// makes the next.
    uint8 private constant MILESTONES = 8;
    uint256 private constant PARTS = 4;

    /// keccak256 of the field of a header that names the chain, and of the store's name.
    bytes32 internal immutable CHAIN;
    bytes32 internal immutable STORE;
    uint256 internal immutable REVISION;
    uint256 internal immutable TRUST_NUMERATOR;
    uint256 internal immutable TRUST_DENOMINATOR;
    uint256 private immutable TRUST_PERIOD;
    uint256 private immutable UNBONDING_PERIOD;
    uint256 internal immutable CLOCK_DRIFT;
    uint256 private immutable CAPACITY;
    uint256 private immutable START_HEIGHT;
    uint256 private immutable START_MOMENT;
    bytes32 private immutable START_APP_HASH;
    bytes32 private immutable START_NEXT_VALIDATORS;

    Head private _head;
    mapping(uint256 position => StoredState) private _states;
    /// The oldest one stands where the next one goes, once all places are taken.
    StoredState[MILESTONES] private _milestones;
    /// By the hash of a set the card of it.
    mapping(bytes32 validatorsHash => bytes32 card) internal _cards;
    /// Only for those who ask what the client was told.
    string private _chainId;
    bytes internal _store;

    constructor(TendermintConfig memory config_, TendermintStart memory start) {
        REVISION = _checkConfig(config_);
        CHAIN = keccak256(TendermintHeader.chainField(bytes(config_.chainId)));
        STORE = keccak256(config_.store);
        TRUST_NUMERATOR = config_.trustNumerator;
        TRUST_DENOMINATOR = config_.trustDenominator;
        TRUST_PERIOD = config_.trustPeriod;
        UNBONDING_PERIOD = config_.unbondingPeriod;
        CLOCK_DRIFT = config_.clockDrift;
        CAPACITY = config_.capacity;
        _chainId = config_.chainId;
        _store = config_.store;
        _checkStart(start);
        START_HEIGHT = start.height.revisionHeight;
        START_MOMENT = uint256(start.time) << 32 | start.nanos;
        START_APP_HASH = start.appHash;
        START_NEXT_VALIDATORS = start.nextValidatorsHash;
        _keep(uint64(START_HEIGHT), START_MOMENT, start.appHash, start.nextValidatorsHash);
        _milestones[0] = _states[START_HEIGHT % CAPACITY];
        _head = Head(start.height.revisionHeight, uint96(START_MOMENT), false, start.time, 1);
    }

    /// @inheritdoc IClientStatus
    function status() external view returns (ClientStatus) {
        Head memory head = _head;
        if (head.frozen) return ClientStatus.Frozen;
        return block.timestamp < _expiryOf(head.moment) ? ClientStatus.Active : ClientStatus.Expired;
    }

    /// @inheritdoc ITendermintClient
    function snapshot() public view returns (TendermintState memory newest, bool frozen) {
        Head memory head = _head;
        return (stateAt(head.newest), head.frozen);
    }

    /// @inheritdoc ITendermintClient
    function stateAt(uint64 height) public view returns (TendermintState memory) {
        return _shown(_stateAt(REVISION, height));
    }

    /// @inheritdoc ITendermintClient
    function milestones() external view returns (TendermintState[] memory states) {
        uint256 next = _head.next;
        uint256 count = _milestones[next].meta == 0 ? next : MILESTONES;
        states = new TendermintState[](count);
        for (uint256 i = 0; i < count; ++i) {
            states[i] = _shown(_milestones[count < MILESTONES ? i : (next + i) % MILESTONES]);
        }
    }

    /// @inheritdoc ILearnedAt
    function learnedAt(uint64 height) external view returns (uint64) {
        return uint64(_stateAt(REVISION, height).meta >> 160);
    }

    /// @inheritdoc ITendermintClient
    function cardOf(bytes32 validatorsHash) external view returns (bytes32) {
        return _cards[validatorsHash];
    }

    /// @inheritdoc ITendermintClient
    function config() public view returns (TendermintConfig memory) {
        return TendermintConfig({
            chainId: _chainId,
            trustNumerator: uint64(TRUST_NUMERATOR),
            trustDenominator: uint64(TRUST_DENOMINATOR),
            trustPeriod: uint64(TRUST_PERIOD),
            unbondingPeriod: uint64(UNBONDING_PERIOD),
            clockDrift: uint64(CLOCK_DRIFT),
            capacity: uint32(CAPACITY),
            store: _store
        });
    }

    /// @inheritdoc ITendermintClient
    function bootstrap() external view returns (TendermintStart memory) {
        return TendermintStart({
            height: Height(uint64(REVISION), uint64(START_HEIGHT)),
            time: uint64(START_MOMENT >> 32),
            nanos: uint32(START_MOMENT),
            appHash: START_APP_HASH,
            nextValidatorsHash: START_NEXT_VALIDATORS
        });
    }

    /// What changes often.
    function _loadHead() internal view returns (Head memory) {
        return _head;
    }

    /// The trusted state of a height.
    function _stateAt(uint256 revision, uint64 height) internal view returns (StoredState storage state) {
        state = _held(height);
        // No state of height 0 is ever learned.
        bool known = revision == REVISION && height != 0 && uint64(state.meta) == height;
        require(known, UnknownHeight(uint64(revision), height));
    }

    /// Keeps a verified state, unless it is there, cannot be true beside what is there, or is too old for the ring.
    function _learn(Head memory head, uint64 height, uint256 moment, bytes32 appHash, bytes32 nextValidatorsHash)
        internal
        returns (UpdateResult)
    {
        // One that is not earlier is never refused for its height: it is what shows that a height was made up to keep
        // the chain's own headers out.
        bool isOld = moment < head.moment && height + CAPACITY <= head.newest;
        // A milestone within reach stands in the ring too.
        StoredState storage held = isOld ? _held(height) : _states[height % CAPACITY];
        uint256 meta = held.meta;
        if (uint64(meta) == height) {
            bool same = uint96(meta >> 64) == moment && held.appHash == appHash
                && held.nextValidatorsHash == nextValidatorsHash;
            return same ? UpdateResult.NoOp : _freeze();
        }
        require(!isOld, OlderThanRing(height, head.newest));
        // Higher and not later, or lower and not earlier: two headers, both signed, between which time stood still.
        bool forwards = height > head.newest ? moment > head.moment : moment < head.moment;
        if (!forwards) return _freeze();
        if (height > head.newest) _pass(head, height, moment);
        // Within reach of the ring what is there is older.
        _keep(height, moment, appHash, nextValidatorsHash);
        return UpdateResult.Update;
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
        uint256 until = _expiryOf(head.moment);
        require(block.timestamp < until, Expired(until, block.timestamp));
    }

    /// The moment of a stored state.
    function _momentOf(uint256 meta) internal pure returns (uint256) {
        return uint96(meta >> 64);
    }

    /// The second from which on a state of this moment does not count.
    function _expiryOf(uint256 moment) internal view returns (uint256) {
        return (moment >> 32) + TRUST_PERIOD;
    }

    /// The newest state is one of this height and moment from now on; the one before it becomes a milestone if it is
    /// time. Called while that one still has its place.
    function _pass(Head memory head, uint64 height, uint256 moment) private {
        uint64 before = uint64(head.moment >> 32);
        if (moment >> 32 >= head.since + TRUST_PERIOD / PARTS && before > head.since) {
            _milestones[head.next] = _states[head.newest % CAPACITY];
            (head.since, head.next) = (before, (head.next + 1) % MILESTONES);
        }
        (head.newest, head.moment) = (height, uint96(moment));
        _head = head;
    }

    /// What is held of a height, in the ring or as a milestone; if nothing is, something of another height.
    function _held(uint64 height) private view returns (StoredState storage state) {
        state = _states[height % CAPACITY];
        for (uint256 i = 0; uint64(state.meta) != height && i < MILESTONES; ++i) {
            state = _milestones[i];
        }
    }

    function _shown(StoredState storage stored) private view returns (TendermintState memory) {
        uint256 meta = stored.meta;
        return TendermintState({
            height: uint64(meta),
            time: uint64(meta >> 96),
            nanos: uint32(meta >> 64),
            appHash: stored.appHash,
            nextValidatorsHash: stored.nextValidatorsHash,
            learnedAt: uint64(meta >> 160)
        });
    }

    function _keep(uint64 height, uint256 moment, bytes32 appHash, bytes32 nextValidatorsHash) private {
        StoredState storage place = _states[height % CAPACITY];
        place.appHash = appHash;
        place.nextValidatorsHash = nextValidatorsHash;
        place.meta = (block.timestamp << 160) | (moment << 64) | height;
        emit StateLearned(height);
    }

    /// Refuses a state that nobody should start from.
    function _checkStart(TendermintStart memory start) private view {
        Height memory height = start.height;
        bool known = height.revisionNumber == REVISION && height.revisionHeight != 0;
        require(known, UnknownHeight(height.revisionNumber, height.revisionHeight));
        uint256 time = start.time;
        bool past = time < block.timestamp + CLOCK_DRIFT;
        require(past, FromTheFuture(time, block.timestamp, CLOCK_DRIFT));
        uint256 age = block.timestamp < time ? 0 : block.timestamp - time;
        require(age < TRUST_PERIOD, BootstrapTooOld(age, TRUST_PERIOD));
        require(start.appHash != 0, BadAppHash(32));
        require(start.nextValidatorsHash != 0, NoNextValidators());
    }

    /// Refuses what no safe client could be started with.
    function _checkConfig(TendermintConfig memory config_) private pure returns (uint64 revision) {
        uint256 length = bytes(config_.chainId).length;
        require(length != 0 && length <= CHAIN_ID_MAX, BadConfig(1));
        bool fits;
        (fits, revision) = ChainId.revisionOf(bytes(config_.chainId));
        require(fits, BadConfig(2));
        (uint256 part, uint256 all) = (config_.trustNumerator, config_.trustDenominator);
        require(part <= all && 3 * part >= all && all != 0, BadConfig(3));
        uint256 period = config_.trustPeriod;
        require(period != 0 && period < config_.unbondingPeriod, BadConfig(4));
        require(config_.clockDrift < period, BadConfig(5));
        require(config_.capacity >= 2, BadConfig(6));
        require(config_.store.length != 0 && config_.store.length <= STORE_MAX, BadConfig(7));
    }
}
