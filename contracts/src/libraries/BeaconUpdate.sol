// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ForkLayout, IBeaconClient} from "../interfaces/IBeaconClient.sol";
import {Bls} from "./Bls.sol";
import {Mpt} from "./Mpt.sol";
import {MptNode} from "./MptNode.sol";
import {Ssz} from "./Ssz.sol";
import {SszAbsentees} from "./SszAbsentees.sol";
import {SszBranches} from "./SszBranches.sol";

/// @title BeaconUpdate
/// @notice Reads updates and bootstraps, and makes every check on them that needs no storage.
/// @dev It decides what a message says and whether it agrees with itself; whether the one who says it may be believed
/// is for `BeaconClient`. A message has one encoding and is consumed exactly; nothing is read before its size is known.
/// Spec: docs/formats/beacon.md; consensus specification, Altair to Fulu light client. Twin of `ethereum::codec` and
/// `ethereum::checks`.
library BeaconUpdate {
    /// A message in memory: addresses (`…At`) and what was read.
    struct Message {
        /// Address of the first byte.
        uint256 ptr;
        /// Address behind the last byte.
        uint256 end;
        /// The slot whose block carried the signature.
        uint256 signatureSlot;
        /// The slot of the header that was signed.
        uint256 attestedSlot;
        /// The slot of the header that is final.
        uint256 finalizedSlot;
        /// Whether the trees of the attested epoch are one level deeper than Deneb's.
        bool deeper;
        /// Seats that did not sign.
        uint256 absentees;
        /// Address of the next committee, or 0.
        uint256 nextAt;
        /// Address of the absentees' keys.
        uint256 keysAt;
        /// Address of the account proof, once the absentees are checked.
        uint256 accountAt;
        /// Root of the finalized header.
        bytes32 finalizedRoot;
    }

    /// The layout that is one level less deep than all later ones.
    uint256 private constant DENEB = uint256(ForkLayout.Deneb);

    /// The only version of both forms.
    uint256 private constant VERSION = 1;
    /// The only flag of an update: it carries the next committee.
    uint256 private constant FLAG_NEXT = 1;

    /// Offsets in an update.
    uint256 private constant FLAGS = 1;
    uint256 private constant SIGNATURE_SLOT = 2;
    uint256 private constant ATTESTED = 10;
    uint256 private constant FINALIZED = 122;
    uint256 private constant EXECUTION = 234;
    uint256 private constant SYNC_BITS = 554;
    uint256 private constant SIGNATURE = 618;
    uint256 private constant COMMITTEE = 810;
    uint256 private constant FINALITY_BRANCH = 938;

    /// Offsets in a bootstrap.
    uint256 private constant BOOT_HEADER = 1;
    uint256 private constant BOOT_COMMITTEE = 113;
    uint256 private constant BOOT_BRANCH = 241;

    /// Offsets in a header and in a committee, and sizes of what repeats.
    uint256 private constant STATE_ROOT = 48;
    uint256 private constant BODY_ROOT = 80;
    uint256 private constant PUBKEYS_ROOT = 96;
    uint256 private constant COMMITTEE_SIZE = 128;
    uint256 private constant EXECUTION_SIZE = 320;

    /// Root of a trie without entries.
    bytes32 private constant EMPTY_ROOT = 0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421;

    /// @notice Copies an update to memory, and reads the part of it whose size is always the same.
    function readHead(bytes calldata message) internal pure returns (Message memory update) {
        uint256 ptr;
        assembly ("memory-safe") {
            ptr := mload(0x40)
            calldatacopy(ptr, message.offset, message.length)
            mstore(0x40, and(add(add(ptr, message.length), 0x1f), not(0x1f)))
        }
        // Bound: addresses in memory are far below 2^64.
        unchecked {
            uint256 flags = MptNode.byteAt(ptr + FLAGS);
            require(message.length >= FINALITY_BRANCH, IBeaconClient.Malformed());
            require(MptNode.byteAt(ptr) == VERSION && flags <= FLAG_NEXT, IBeaconClient.Malformed());
            update.ptr = ptr;
            update.end = ptr + message.length;
            update.signatureSlot = uint256(MptNode.word(ptr + SIGNATURE_SLOT)) >> 192;
            (update.attestedSlot, update.finalizedSlot) = Ssz.readTwoUint64(ptr + ATTESTED, ptr + FINALIZED);
            update.absentees = SszAbsentees.COMMITTEE_SIZE - SszAbsentees.countSigners(ptr + SYNC_BITS);
            // Where it is follows from the layout; see `readTail`.
            update.nextAt = flags;
        }
    }

    /// @notice Finds the rest, whose places follow from the layout at the attested epoch and from the sync bits. Where
    /// the absentees' siblings end and the account proof begins, `checkSigners` finds out.
    function readTail(Message memory update, uint256 treeLayout) internal pure {
        unchecked {
            // Depths of the two branches: 6 and 5, from Electra on one more.
            bool deeper = treeLayout != DENEB;
            uint256 more = deeper ? 0x20 : 0;
            uint256 ptr = update.ptr + FINALITY_BRANCH + 6 * 0x20 + more;
            if (update.nextAt != 0) {
                update.nextAt = ptr;
                ptr += COMMITTEE_SIZE + 5 * 0x20 + more;
            }
            update.deeper = deeper;
            update.keysAt = ptr;
            ptr += update.absentees * Bls.KEY_SIZE;
            require(ptr <= update.end, IBeaconClient.Malformed());
            update.accountAt = ptr;
        }
    }

    /// @notice Signature slot > attested slot >= finalized slot.
    function checkSlotOrder(Message memory update) internal pure {
        uint256 attested = update.attestedSlot;
        if (update.signatureSlot > attested && attested >= update.finalizedSlot) return;
        revert IBeaconClient.SlotOrder(uint64(update.signatureSlot), uint64(attested), uint64(update.finalizedSlot));
    }

    /// @notice At least two thirds of the seats signed.
    function checkTwoThirds(Message memory update) internal pure {
        unchecked {
            uint256 size = SszAbsentees.COMMITTEE_SIZE;
            uint256 signers = size - update.absentees;
            require(3 * signers >= 2 * size, IBeaconClient.NotEnoughSigners(signers, size));
        }
    }

    /// @notice The finalized header is the one that the attested state holds.
    function checkFinality(Message memory update) internal view {
        unchecked {
            bytes32 finalized = Ssz.headerRoot(update.ptr + FINALIZED);
            bytes32 stateRoot = MptNode.word(update.ptr + ATTESTED + STATE_ROOT);
            bytes32 root = SszBranches.finality(finalized, update.ptr + FINALITY_BRANCH, update.deeper);
            require(root == stateRoot, IBeaconClient.FinalityBranch(finalized, stateRoot));
            update.finalizedRoot = finalized;
        }
    }

    /// @notice The execution state root is the one that the finalized body holds.
    function checkExecution(Message memory update) internal view {
        unchecked {
            _checkExecution(update.ptr + EXECUTION, update.ptr + FINALIZED);
        }
    }

    /// @notice The next committee is the one that the attested state holds, and its aggregate a point that can be used.
    function checkNext(Message memory update) internal view {
        unchecked {
            bytes32 stateRoot = MptNode.word(update.ptr + ATTESTED + STATE_ROOT);
            uint256 ptr = update.nextAt;
            bytes32 committee = _committeeRoot(ptr);
            bytes32 root = Ssz.branchRoot(committee, update.deeper ? 87 : 55, ptr + COMMITTEE_SIZE);
            require(root == stateRoot, IBeaconClient.NextCommitteeBranch(committee, stateRoot));
            require(Bls.isOnCurve(ptr), IBeaconClient.BadPoint());
        }
    }

    /// @notice The absentees hold the seats that did not sign, and everybody else signed the attested header.
    function checkSigners(Message memory update, bytes32 domain) internal view {
        unchecked {
            uint256 ptr = update.ptr;
            if (update.absentees != 0) _checkAbsentees(update);
            bytes32 signingRoot = Ssz.hashPair(Ssz.headerRoot(ptr + ATTESTED), domain);
            uint256 outcome = Bls.verify(ptr + COMMITTEE, update.keysAt, update.absentees, signingRoot, ptr + SIGNATURE);
            if (outcome == Bls.VALID) return;
            require(outcome != Bls.BAD_POINT, IBeaconClient.BadPoint());
            require(outcome != Bls.INFINITY, IBeaconClient.AggregateAtInfinity());
            revert IBeaconClient.BadSignature(signingRoot);
        }
    }

    /// @notice The commitment of the signing committee for `period`.
    function signingCommitment(Message memory update, uint256 period) internal pure returns (bytes32) {
        unchecked {
            return _commitment(update.ptr + COMMITTEE, period);
        }
    }

    /// @notice The commitment of the next committee for `period`.
    function nextCommitment(Message memory update, uint256 period) internal pure returns (bytes32) {
        return _commitment(update.nextAt, period);
    }

    /// @notice Whether the account proof is empty. Call after `checkSigners`, which finds where it begins.
    function hasNoAccount(Message memory update) internal pure returns (bool) {
        return update.accountAt == update.end;
    }

    /// @notice The router's storage root under the finalized execution state.
    function storageRoot(Message memory update, address router) internal pure returns (bytes32) {
        unchecked {
            return _storageRoot(MptNode.word(update.ptr + EXECUTION), router, update.accountAt, update.end);
        }
    }

    /// @notice Reads the slot of a bootstrap's header.
    function bootstrapSlot(bytes memory message) internal pure returns (uint256) {
        require(message.length >= BOOT_BRANCH, IBeaconClient.Malformed());
        uint256 ptr = _start(message);
        require(MptNode.byteAt(ptr) == VERSION, IBeaconClient.Malformed());
        return Ssz.readUint64(ptr + BOOT_HEADER);
    }

    /// @notice Checks a bootstrap: the committee belongs to the header's state, and the router's account to its block.
    /// @return headerRoot Root of the header.
    /// @return committee Commitment of the committee for `period`.
    /// @return storageRoot_ The router's storage root.
    function checkBootstrap(bytes memory message, uint256 treeLayout, uint256 period, address router)
        internal
        view
        returns (bytes32 headerRoot, bytes32 committee, bytes32 storageRoot_)
    {
        uint256 ptr = _start(message);
        uint256 end = ptr + message.length;
        bool deneb = treeLayout == DENEB;
        uint256 executionAt = ptr + BOOT_BRANCH + (deneb ? 5 : 6) * 0x20;
        require(executionAt + EXECUTION_SIZE <= end, IBeaconClient.Malformed());
        bytes32 root = _committeeRoot(ptr + BOOT_COMMITTEE);
        bytes32 stateRoot = MptNode.word(ptr + BOOT_HEADER + STATE_ROOT);
        require(
            Ssz.branchRoot(root, deneb ? 54 : 86, ptr + BOOT_BRANCH) == stateRoot,
            IBeaconClient.CommitteeBranch(root, stateRoot)
        );
        require(Bls.isOnCurve(ptr + BOOT_COMMITTEE), IBeaconClient.BadPoint());
        _checkExecution(executionAt, ptr + BOOT_HEADER);
        storageRoot_ = _storageRoot(MptNode.word(executionAt), router, executionAt + EXECUTION_SIZE, end);
        return (Ssz.headerRoot(ptr + BOOT_HEADER), _commitment(ptr + BOOT_COMMITTEE, period), storageRoot_);
    }

    /// The absentees' keys are canonical and climb to the committee's root of keys.
    function _checkAbsentees(Message memory update) private view {
        bytes32 pubkeysRoot = MptNode.word(update.ptr + COMMITTEE + PUBKEYS_ROOT);
        (bytes32 root, uint256 end) = SszAbsentees.root(update.ptr + SYNC_BITS, update.absentees, update.keysAt);
        require(root != 0, IBeaconClient.BadPoint());
        require(end <= update.end, IBeaconClient.Malformed());
        require(root == pubkeysRoot, IBeaconClient.AbsenteeProof(pubkeysRoot));
        update.accountAt = end;
    }

    /// The execution state root at `executionAt`, its branch behind it, belongs to the body of the header.
    function _checkExecution(uint256 executionAt, uint256 headerAt) private view {
        unchecked {
            bytes32 execution = MptNode.word(executionAt);
            bytes32 bodyRoot = MptNode.word(headerAt + BODY_ROOT);
            bytes32 root = SszBranches.execution(execution, executionAt + 0x20);
            require(root == bodyRoot, IBeaconClient.ExecutionBranch(execution, bodyRoot));
        }
    }

    /// Root of the committee at `ptr`, whose aggregate must have a compressed form.
    function _committeeRoot(uint256 ptr) private view returns (bytes32) {
        bytes32 leaf = Ssz.keyLeaf(ptr);
        require(leaf != 0, IBeaconClient.BadPoint());
        return Ssz.hashPair(MptNode.word(ptr + PUBKEYS_ROOT), leaf);
    }

    /// keccak256(BE64(period) ‖ aggregate ‖ root of the keys), of the committee at `ptr`.
    function _commitment(uint256 ptr, uint256 period) private pure returns (bytes32 commitment) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, shl(192, period))
            mcopy(add(buffer, 8), ptr, COMMITTEE_SIZE)
            commitment := keccak256(buffer, add(COMMITTEE_SIZE, 8))
        }
    }

    /// The storage root of `router` under an execution state root.
    function _storageRoot(bytes32 stateRoot, address router, uint256 ptr, uint256 end)
        private
        pure
        returns (bytes32 root)
    {
        (uint256 verdict, uint256 value, uint256 size) = Mpt.lookup(stateRoot, _accountKey(router), ptr, end);
        require(verdict != Mpt.ABSENT, IBeaconClient.AccountAbsent(stateRoot));
        if (verdict == Mpt.PRESENT) root = MptNode.readStorageRoot(value, size);
        require(root != 0, IBeaconClient.AccountProof(stateRoot));
        require(root != EMPTY_ROOT, IBeaconClient.EmptyStorageRoot(stateRoot));
    }

    /// The key of an account: keccak256 of its twenty bytes.
    function _accountKey(address router) private pure returns (bytes32 key) {
        assembly ("memory-safe") {
            mstore(0x00, shl(96, router))
            key := keccak256(0x00, 20)
        }
    }

    /// Address of a message's first byte.
    function _start(bytes memory message) private pure returns (uint256 ptr) {
        assembly ("memory-safe") {
            ptr := add(message, 0x20)
        }
    }
}
