// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {AttestorConfig, AttestorSet, IAttestorClient} from "../interfaces/IAttestorClient.sol";
import {IBatchClient} from "../interfaces/IBatchClient.sol";
import {ILightClient, MsgVerifyMembership, MsgVerifyNonMembership, UpdateResult} from "../interfaces/ILightClient.sol";
import {Height} from "../interfaces/Messages.sol";
import {AttestorSets} from "../libraries/AttestorSets.sol";
import {Domain} from "../libraries/Domain.sol";
import {RouterStorage} from "../libraries/RouterStorage.sol";
import {AttestorStore} from "./AttestorStore.sol";

/// @title AttestorClient
/// @notice A light client that believes what attestors of enough weight signed, and proves from that what the
/// counterparty router has stored.
/// @dev It decides whether a signed state, a rotation, a proof or evidence of misbehaviour holds, in the order of the
/// law crate's `Reject`. It must never believe anything that less than the threshold signed, nor a signature made for
/// another chain, contract, set or kind, and never read an empty storage as "everything is absent". Nobody is
/// privileged here, save that governance may veto a rotation.
///
/// Heights: revision 0, block number. Assumptions: see `IAttestorClient`. Spec: docs/formats/attestor.md. Twin of
/// `attestor::verify`, `attestor::member` and `attestor::misbehaviour`.
contract AttestorClient is AttestorStore, ILightClient, IBatchClient, IERC165 {
    /// Version of updates and of evidence of one height, that of evidence of two, and the kinds of updates.
    uint256 private constant VERSION = 1;
    uint256 private constant TWO_HEIGHTS = 2;
    uint256 private constant STATE = 1;
    uint256 private constant ROTATION = 2;

    /// Root of a trie without entries.
    bytes32 private constant EMPTY_ROOT = 0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421;
    uint256 private constant ROTATION_VALIDITY_MAX = 30 days;

    /// Signatures as they stand in a message: `form` bytes each.
    struct Ballot {
        uint256 form;
        uint256 from;
        uint256 to;
    }

    /// What is said about a height, and who signed it.
    struct Statement {
        uint64 height;
        uint64 timestamp;
        bytes32 storageRoot;
        Ballot ballot;
    }

    /// @param config_ What is attested, and how long it counts.
    /// @param set The first attestors. Nothing is believed before they sign a state.
    /// @param authority_ The `AccessManager` of the host chain.
    constructor(AttestorConfig memory config_, AttestorSet memory set, address authority_)
        AttestorStore(config_, set, authority_)
    {}

    /// @inheritdoc ILightClient
    function updateClient(bytes calldata updateMsg) external returns (UpdateResult) {
        require(updateMsg.length >= 2 && uint8(updateMsg[0]) == VERSION, Malformed());
        uint256 kind = uint8(updateMsg[1]);
        if (kind == STATE) return _updateState(updateMsg);
        require(kind == ROTATION, Malformed());
        return _rotate(updateMsg);
    }

    /// @inheritdoc ILightClient
    function verifyMembership(MsgVerifyMembership calldata message) external view returns (uint256) {
        (bytes32 storageRoot, uint256 timestamp) = _trustedAt(message.proofHeight);
        RouterStorage.checkMember(storageRoot, COMMITMENTS_SLOT, message.path, message.value, message.proof);
        return timestamp;
    }

    /// @inheritdoc ILightClient
    function verifyNonMembership(MsgVerifyNonMembership calldata message) external view returns (uint256) {
        (bytes32 storageRoot, uint256 timestamp) = _trustedAt(message.proofHeight);
        RouterStorage.checkAbsent(storageRoot, COMMITMENTS_SLOT, message.path, message.proof);
        return timestamp;
    }

    /// @inheritdoc IBatchClient
    /// @dev The pool: docs/formats/pool.md. Paths stand in the ascending order of their hashed storage slots.
    function verifyBatch(Height calldata height, bytes calldata pool, bytes[] calldata paths)
        external
        view
        returns (uint256 timestamp, bytes32[] memory values)
    {
        bytes32 storageRoot;
        (storageRoot, timestamp) = _trustedAt(height);
        values = RouterStorage.prove(storageRoot, COMMITMENTS_SLOT, paths, pool);
    }

    /// @inheritdoc ILightClient
    function misbehaviour(bytes calldata evidence) external {
        (Statement memory first, Statement memory second) = _readEvidence(evidence);
        Head memory head = _loadHead();
        _checkUsable(head);
        require(_contradict(first, second), NotMisbehaviour());
        uint256[] memory set = AttestorSets.load(head.set);
        (uint256 firstWeight, uint256 firstSigners) = _tally(set, evidence, first);
        (uint256 secondWeight, uint256 secondSigners) = _tally(set, evidence, second);
        uint256 threshold = uint64(set[0]);
        if (firstWeight >= threshold && secondWeight >= threshold) {
            _freeze();
        } else {
            _strike(set, firstSigners & secondSigners, first.height);
        }
    }

    /// @inheritdoc ILightClient
    function getClientState() external view returns (bytes memory) {
        return abi.encode(config(), snapshot());
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IBatchClient).interfaceId || interfaceId == type(ILightClient).interfaceId
            || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc IAttestorClient
    function stateDigest(uint64 height, uint64 timestamp, bytes32 storageRoot) external view returns (bytes32) {
        return _stateDigest(AttestorSets.load(_loadHead().set), height, timestamp, storageRoot);
    }

    /// @inheritdoc IAttestorClient
    function rotationDigest(bytes calldata set, uint64 nonce, uint64 expiry) external view returns (bytes32) {
        return _rotationDigest(AttestorSets.load(_loadHead().set), keccak256(set), nonce, expiry);
    }

    /// A state: u64 height ‖ claim.
    function _updateState(bytes calldata message) private returns (UpdateResult) {
        Statement memory state = _readClaim(message, 10, _readHeight(message, 2));
        require(state.ballot.to == message.length, Malformed());
        Head memory head = _loadHead();
        _checkUsable(head);
        _checkNotDue(head);
        require(state.height % INTERVAL == 0, OffInterval(state.height, uint64(INTERVAL)));
        bytes32 root = state.storageRoot;
        require(root != 0 && root != EMPTY_ROOT, EmptyStorageRoot(root));
        _checkTime(state.timestamp);
        uint256[] memory set = AttestorSets.load(head.set);
        (uint256 weight,) = _tally(set, message, state);
        _checkThreshold(set, weight);
        return _learn(state.height, state.timestamp, root, head.newest);
    }

    /// A rotation: u64 nonce ‖ u64 expiry ‖ u8 attestors ‖ the words of the set ‖ signatures.
    function _rotate(bytes calldata message) private returns (UpdateResult) {
        require(message.length >= 19, Malformed());
        uint64 nonce = uint64(bytes8(message[2:10]));
        uint64 expiry = uint64(bytes8(message[10:18]));
        uint256 end = 19 + 32 * (uint256(uint8(message[18])) + 1);
        Ballot memory ballot = _readSignatures(message, end);
        require(ballot.to == message.length, Malformed());
        uint256[] memory next = AttestorSets.read(message[19:end]);
        AttestorSets.check(next);
        Head memory head = _loadHead();
        _checkUsable(head);
        _checkNotDue(head);
        _checkNext(head, nonce);
        require(block.timestamp < expiry, RotationExpired(expiry, uint64(block.timestamp)));
        uint64 latest = _later(ROTATION_VALIDITY_MAX);
        require(expiry <= latest, RotationExpiryTooFar(expiry, latest));
        uint256[] memory set = AttestorSets.load(head.set);
        bytes32 digest = _rotationDigest(set, AttestorSets.hash(next), nonce, expiry);
        (uint256 weight,) = AttestorSets.tally(set, digest, ballot.form, message[ballot.from:ballot.to]);
        _checkThreshold(set, weight);
        return _propose(next, nonce, _idOf(set) + 1);
    }

    /// Those who signed both of two contradicting claims count nothing from now on.
    function _strike(uint256[] memory set, uint256 signers, uint64 height) private {
        require(signers != 0, NotMisbehaviour());
        for (uint256 i = 1; i < set.length; ++i) {
            if ((signers >> (i - 1)) & 1 == 1) emit AttestorStruck(address(uint160(set[i])), _idOf(set), height);
        }
        uint256 left = AttestorSets.strike(set, signers);
        _reweigh(set);
        if (left < uint64(set[0])) _freeze();
    }

    /// The router's storage root at a height, and that height's time in seconds since the Unix epoch.
    function _trustedAt(Height calldata height) private view returns (bytes32 storageRoot, uint256 timestamp) {
        _checkUsable(_loadHead());
        require(height.revisionNumber == 0, UnknownHeight(height.revisionNumber, height.revisionHeight));
        StoredState storage state = _stateAt(height.revisionHeight);
        return (state.storageRoot, _timeOf(state.meta));
    }

    /// Version 1: u64 height ‖ claim ‖ another claim. Version 2: u64 height ‖ claim ‖ u64 higher height ‖
    /// claim.
    function _readEvidence(bytes calldata evidence)
        private
        pure
        returns (Statement memory first, Statement memory second)
    {
        require(evidence.length != 0, Malformed());
        uint256 version = uint8(evidence[0]);
        require(version == VERSION || version == TWO_HEIGHTS, Malformed());
        uint64 height = _readHeight(evidence, 1);
        first = _readClaim(evidence, 9, height);
        uint256 end = first.ballot.to;
        if (version == TWO_HEIGHTS) {
            height = _readHeight(evidence, end);
            require(height > first.height, Malformed());
            end += 8;
        }
        second = _readClaim(evidence, end, height);
        require(second.ballot.to == evidence.length, Malformed());
    }

    /// A height at `start`: u64, not zero.
    function _readHeight(bytes calldata message, uint256 start) private pure returns (uint64 height) {
        require(message.length >= start + 8, Malformed());
        height = uint64(bytes8(message[start:start + 8]));
        require(height != 0, Malformed());
    }

    /// A claim about `height` at `start`: u64 timestamp ‖ storage root ‖ signatures.
    function _readClaim(bytes calldata message, uint256 start, uint64 height)
        private
        pure
        returns (Statement memory statement)
    {
        require(message.length >= start + 40, Malformed());
        statement.height = height;
        statement.timestamp = uint64(bytes8(message[start:]));
        statement.storageRoot = bytes32(message[start + 8:]);
        require(statement.timestamp != 0, Malformed());
        statement.ballot = _readSignatures(message, start + 40);
    }

    /// Signatures at `start`: u8 form (64 or 65) ‖ u8 count ‖ for each u8 place in the set, form bytes.
    function _readSignatures(bytes calldata message, uint256 start) private pure returns (Ballot memory ballot) {
        require(message.length >= start + 2, Malformed());
        ballot.form = uint8(message[start]);
        require(ballot.form == 64 || ballot.form == 65, Malformed());
        ballot.from = start + 2;
        ballot.to = ballot.from + uint256(uint8(message[start + 1])) * (ballot.form + 1);
        require(message.length >= ballot.to, Malformed());
    }

    /// Enough weight signed.
    function _checkThreshold(uint256[] memory set, uint256 weight) private pure {
        uint256 threshold = uint64(set[0]);
        require(weight >= threshold, BelowThreshold(weight, threshold));
    }

    /// The two cannot be of one chain: two claims about one height, or a higher block that is earlier. Blocks of one
    /// second are honest.
    function _contradict(Statement memory first, Statement memory second) private pure returns (bool) {
        if (first.height != second.height) return first.timestamp > second.timestamp;
        return first.timestamp != second.timestamp || first.storageRoot != second.storageRoot;
    }

    /// Weight and places of those who signed a statement, which stands in `message` with its signatures.
    function _tally(uint256[] memory set, bytes calldata message, Statement memory statement)
        private
        view
        returns (uint256 weight, uint256 signers)
    {
        bytes32 digest = _stateDigest(set, statement.height, statement.timestamp, statement.storageRoot);
        Ballot memory ballot = statement.ballot;
        return AttestorSets.tally(set, digest, ballot.form, message[ballot.from:ballot.to]);
    }

    function _stateDigest(uint256[] memory set, uint64 height, uint64 timestamp, bytes32 storageRoot)
        private
        view
        returns (bytes32)
    {
        bytes32 statement = keccak256(abi.encode(height, timestamp, storageRoot));
        return Domain.digest(Domain.Kind.AttestedState, _idOf(set), statement);
    }

    function _rotationDigest(uint256[] memory set, bytes32 next, uint64 nonce, uint64 expiry)
        private
        view
        returns (bytes32)
    {
        return Domain.digest(Domain.Kind.AttestorRotation, _idOf(set), keccak256(abi.encode(next, nonce, expiry)));
    }
}
