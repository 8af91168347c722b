// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IBatchClient} from "../interfaces/IBatchClient.sol";
import {BeaconConfig, ForkLayout, IBeaconClient} from "../interfaces/IBeaconClient.sol";
import {ILightClient, MsgVerifyMembership, MsgVerifyNonMembership, UpdateResult} from "../interfaces/ILightClient.sol";
import {Height} from "../interfaces/Messages.sol";
import {Head} from "../libraries/BeaconHead.sol";
import {BeaconUpdate} from "../libraries/BeaconUpdate.sol";
import {RouterStorage} from "../libraries/RouterStorage.sol";
import {BeaconStore} from "./BeaconStore.sol";

/// @title BeaconClient
/// @notice A light client of a proof-of-stake Ethereum chain: it follows the chain's sync committees and proves what
/// the counterparty router has stored.
/// @dev It decides whether an update, a proof or evidence of misbehaviour holds, in the order of the law crate's
/// `Reject`. It must never believe anything that two thirds of a trusted committee did not sign, and never read a
/// missing account or an empty storage as "everything is absent". Nobody is privileged here, save that governance may
/// append forks: it cannot unfreeze, replace a state, or change anything else.
///
/// Heights: revision 0, slot of the finalized header. Assumptions: see `IBeaconClient`.
/// Spec: docs/formats/beacon.md. Twin of `ethereum::verify`, `ethereum::member` and `ethereum::misbehaviour`.
contract BeaconClient is BeaconStore, ILightClient, IBatchClient, IERC165 {
    /// What an update is judged for: to move the client forward, or to show a contradiction, where the ring does not
    /// speak against it. Numbers and not an enum, because those are checked at every use.
    uint256 private constant ADVANCE = 0;
    uint256 private constant EVIDENCE = 1;

    uint256 private immutable BOOTSTRAP_SLOT;
    bytes32 private immutable BOOTSTRAP_HEADER_ROOT;
    bytes32 private immutable BOOTSTRAP_COMMITTEE;

    /// @param config_ The network and the counterparty router; see `BeaconConfig`.
    /// @param bootstrap_ A bootstrap in the form of docs/formats/beacon.md. Its truth is not checked, and cannot be:
    /// who relies on this client compares `bootstrap()` with his own finalized chain.
    constructor(BeaconConfig memory config_, bytes memory bootstrap_) BeaconStore(config_) {
        uint256 slot = BeaconUpdate.bootstrapSlot(bootstrap_);
        (, uint256 treeLayout) = _forkAt(_loadHead(), slot);
        _checkNotFuture(slot);
        uint256 age = block.timestamp - _timeOf(slot);
        require(age < WEAK_SUBJECTIVITY, BootstrapTooOld(uint64(age), uint64(WEAK_SUBJECTIVITY)));
        (bytes32 headerRoot, bytes32 committee, bytes32 storageRoot) =
            BeaconUpdate.checkBootstrap(bootstrap_, treeLayout, _periodOf(slot), ROUTER);
        BOOTSTRAP_SLOT = slot;
        BOOTSTRAP_HEADER_ROOT = headerRoot;
        BOOTSTRAP_COMMITTEE = committee;
        _begin(slot, storageRoot, committee);
    }

    /// @inheritdoc ILightClient
    function updateClient(bytes calldata updateMsg) external returns (UpdateResult) {
        Head head = _loadHead();
        BeaconUpdate.Message memory update = BeaconUpdate.readHead(updateMsg);
        _readTail(head, update);
        _checkSigned(head, update, ADVANCE);
        uint256 period = 0;
        bytes32 committee = 0;
        if (update.nextAt != 0) {
            period = _periodOf(update.attestedSlot) + 1;
            committee = BeaconUpdate.nextCommitment(update, period);
        }
        // An update that teaches its next committee only has no account proof.
        bool isBare = committee != 0 && BeaconUpdate.hasNoAccount(update);
        bytes32 storageRoot = isBare ? bytes32(0) : BeaconUpdate.storageRoot(update, ROUTER);
        return _learn(head, update.finalizedSlot, storageRoot, period, committee);
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
    function misbehaviour(bytes calldata misbehaviourMsg) external {
        Head head = _loadHead();
        // u32 length of the first update ‖ first ‖ second.
        require(misbehaviourMsg.length >= 4, Malformed());
        uint256 cut = 4 + uint256(uint32(bytes4(misbehaviourMsg)));
        require(cut <= misbehaviourMsg.length, Malformed());
        BeaconUpdate.Message memory first = BeaconUpdate.readHead(misbehaviourMsg[4:cut]);
        BeaconUpdate.Message memory second = BeaconUpdate.readHead(misbehaviourMsg[cut:]);
        _readTail(head, first);
        _readTail(head, second);
        _checkSigned(head, first, EVIDENCE);
        _checkSigned(head, second, EVIDENCE);
        require(_contradict(first, second), NotMisbehaviour());
        _freeze();
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

    /// @inheritdoc IBeaconClient
    function bootstrap() external view returns (uint64 slot, bytes32 headerRoot, bytes32 committee) {
        return (uint64(BOOTSTRAP_SLOT), BOOTSTRAP_HEADER_ROOT, BOOTSTRAP_COMMITTEE);
    }

    /// @inheritdoc BeaconStore
    function _isBootstrap(uint256 slot) internal view override returns (bool) {
        return slot == BOOTSTRAP_SLOT;
    }

    /// Reads the part of an update that depends on the fork of the attested header.
    function _readTail(Head head, BeaconUpdate.Message memory update) private view {
        (, uint256 treeLayout) = _forkAt(head, update.attestedSlot);
        BeaconUpdate.readTail(update, treeLayout);
    }

    /// Everything up to and including the signature.
    function _checkSigned(Head head, BeaconUpdate.Message memory update, uint256 purpose) private view {
        _checkUsable(head);
        uint256 signatureSlot = update.signatureSlot;
        bytes4 version = _checkForks(head, update.finalizedSlot, signatureSlot);
        _checkNotFuture(signatureSlot);
        BeaconUpdate.checkSlotOrder(update);
        if (purpose == ADVANCE) _checkReach(head, update.finalizedSlot);
        BeaconUpdate.checkTwoThirds(update);
        _checkCommittee(head, update);
        BeaconUpdate.checkFinality(update);
        BeaconUpdate.checkExecution(update);
        if (update.nextAt != 0) _checkNext(update);
        BeaconUpdate.checkSigners(update, _domainOf(version));
        if (purpose == EVIDENCE) {
            // An account proof says nothing about who signed what, so evidence has none.
            require(BeaconUpdate.hasNoAccount(update), Malformed());
        }
    }

    /// The forks of the finalized and the signed block are known. Nearly always both are the last one.
    /// @return version That of the signature: the block that carries it may be the first of a fork; its committee
    /// signed one slot earlier.
    function _checkForks(Head head, uint256 finalizedSlot, uint256 signatureSlot)
        private
        view
        returns (bytes4 version)
    {
        uint256 forkSlot = head.forkSlot();
        bool known = head.forkLayout() != uint256(ForkLayout.Unknown);
        if (known && finalizedSlot >= forkSlot && signatureSlot > forkSlot) return head.forkVersion();
        _forkAt(head, finalizedSlot);
        (version,) = _forkAt(head, signatureSlot == 0 ? 0 : signatureSlot - 1);
    }

    /// The signing committee is the trusted one of the signature's period.
    function _checkCommittee(Head head, BeaconUpdate.Message memory update) private view {
        uint256 period = _periodOf(update.signatureSlot);
        bytes32 trusted = _committeeOf(head, period);
        require(trusted != 0, UnknownCommittee(uint64(period)));
        bytes32 found = BeaconUpdate.signingCommitment(update, period);
        require(found == trusted, WrongCommittee(uint64(period), trusted, found));
    }

    /// The next committee belongs to the attested state, and may be learned from it.
    function _checkNext(BeaconUpdate.Message memory update) private view {
        uint256 attested = _periodOf(update.attestedSlot);
        uint256 finalized = _periodOf(update.finalizedSlot);
        require(attested == finalized, NextCommitteePeriod(uint64(attested), uint64(finalized)));
        BeaconUpdate.checkNext(update);
    }

    /// Two headers finalized as checkpoints of one epoch, or two next committees in one period. Both updates are
    /// signed.
    function _contradict(BeaconUpdate.Message memory first, BeaconUpdate.Message memory second)
        private
        view
        returns (bool)
    {
        bool isOneEpoch = _checkpointOf(first.finalizedSlot) == _checkpointOf(second.finalizedSlot);
        if (isOneEpoch && first.finalizedRoot != second.finalizedRoot) return true;
        if (first.nextAt == 0 || second.nextAt == 0) return false;
        uint256 period = _periodOf(first.attestedSlot);
        return period == _periodOf(second.attestedSlot)
            && BeaconUpdate.nextCommitment(first, period) != BeaconUpdate.nextCommitment(second, period);
    }

    /// The router's storage root at a height, and that height's time in seconds since the Unix epoch.
    function _trustedAt(Height calldata height) private view returns (bytes32 storageRoot, uint256 timestamp) {
        _checkUsable(_loadHead());
        uint64 slot = height.revisionHeight;
        require(height.revisionNumber == 0, UnknownHeight(height.revisionNumber, slot));
        return (stateAt(slot).storageRoot, _timeOf(slot));
    }
}
