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
    /// Version of the messages, and the kinds of updates.
    uint256 private constant VERSION = 1;
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
        require(evidence.length >= 9 && uint8(evidence[0]) == VERSION, Malformed());
        uint64 height = uint64(bytes8(evidence[1:9]));
        require(height != 0, Malformed());
        (uint64 firstTime, bytes32 firstRoot, Ballot memory first) = _readClaim(evidence, 9);
        (uint64 secondTime, bytes32 secondRoot, Ballot memory second) = _readClaim(evidence, first.to);
        require(second.to == evidence.length, Malformed());
        _checkUsable(_loadHead());
        require(firstTime != secondTime || firstRoot != secondRoot, NotMisbehaviour());
        uint256[] memory set = AttestorSets.load(_loadHead().set);
        bytes32 digest = _stateDigest(set, height, firstTime, firstRoot);
        (uint256 firstWeight, uint256 firstSigners) = _tally(set, digest, evidence, first);
        digest = _stateDigest(set, height, secondTime, secondRoot);
        (uint256 secondWeight, uint256 secondSigners) = _tally(set, digest, evidence, second);
        uint256 threshold = uint64(set[0]);
        if (firstWeight >= threshold && secondWeight >= threshold) {
            _freeze();
        } else {
            _strike(set, firstSigners & secondSigners, height);
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
        require(message.length >= 10, Malformed());
        uint64 height = uint64(bytes8(message[2:10]));
        require(height != 0, Malformed());
        (uint64 timestamp, bytes32 root, Ballot memory ballot) = _readClaim(message, 10);
        require(ballot.to == message.length, Malformed());
        Head memory head = _loadHead();
        _checkUsable(head);
        _checkNotDue(head);
        require(height % INTERVAL == 0, OffInterval(height, uint64(INTERVAL)));
        require(root != 0 && root != EMPTY_ROOT, EmptyStorageRoot(root));
        _checkOrder(head, height, timestamp);
        uint256[] memory set = AttestorSets.load(head.set);
        _checkSigned(set, _stateDigest(set, height, timestamp, root), message, ballot);
        return _learn(height, timestamp, root, head.newest);
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
        _checkSigned(set, digest, message, ballot);
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

    /// A claim at `start`: u64 timestamp ‖ storage root ‖ signatures.
    function _readClaim(bytes calldata message, uint256 start)
        private
        pure
        returns (uint64 timestamp, bytes32 storageRoot, Ballot memory ballot)
    {
        require(message.length >= start + 40, Malformed());
        timestamp = uint64(bytes8(message[start:]));
        storageRoot = bytes32(message[start + 8:]);
        require(timestamp != 0, Malformed());
        ballot = _readSignatures(message, start + 40);
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
    function _checkSigned(uint256[] memory set, bytes32 digest, bytes calldata message, Ballot memory ballot)
        private
        pure
    {
        (uint256 weight,) = _tally(set, digest, message, ballot);
        uint256 threshold = uint64(set[0]);
        require(weight >= threshold, BelowThreshold(weight, threshold));
    }

    function _tally(uint256[] memory set, bytes32 digest, bytes calldata message, Ballot memory ballot)
        private
        pure
        returns (uint256 weight, uint256 signers)
    {
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
