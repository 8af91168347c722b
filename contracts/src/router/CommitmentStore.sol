// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Packet} from "../interfaces/Messages.sol";
import {IRouter} from "../interfaces/IRouter.sol";
import {Commitments} from "../libraries/Commitments.sol";
import {PacketBytes} from "../libraries/PacketBytes.sol";

/// @title CommitmentStore
/// @notice Holds the provable values: packet commitments, receipts and acknowledgement commitments. It decides what
/// "already done" means for each of them, and must never write a value that its path does not name.
/// @dev The mapping is the first field of the ERC-7201 namespace that other light clients look into, so an entry lies
/// at keccak256(keccak256(path) ++ base). Spec: facts "IBC v2 on the wire", section 4.
abstract contract CommitmentStore {
    /// @custom:storage-location erc7201:ibc.storage.IBCStore
    struct Store {
        mapping(bytes32 hashedPath => bytes32 commitment) commitments;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("ibc.storage.IBCStore")) - 1)) with the last byte cleared.
    bytes32 private constant STORE_BASE = 0x1260944489272988d9df285149b5aa1b0f48f2136d6f416159f840a3e0747600;

    function _commitment(bytes32 hashedPath) internal view returns (bytes32) {
        return _store().commitments[hashedPath];
    }

    function _writeCommitment(string memory sourceClient, uint64 sequence, bytes32 commitment) internal {
        _store().commitments[keccak256(Commitments.commitmentPath(sourceClient, sequence))] = commitment;
    }

    /// @dev Deletes the commitment of a packet that this chain sent.
    /// @param expected The packet's commitment.
    /// @return deleted False when it was settled before (or never sent: no commitment is proof of nothing).
    function _deleteCommitment(string memory sourceClient, uint64 sequence, bytes32 expected)
        internal
        returns (bool deleted)
    {
        bytes32 key = PacketBytes.commitmentKey(sourceClient, sequence);
        Store storage store = _store();
        bytes32 stored = store.commitments[key];
        if (stored == 0) return false;
        require(stored == expected, IRouter.CommitmentMismatch(stored, expected));
        delete store.commitments[key];
        return true;
    }

    /// @dev Writes the receipt of a packet.
    /// @param encoded The packet; see `PacketBytes`.
    /// @return written False when this very packet was received before.
    function _writeReceipt(string memory destinationClient, uint64 sequence, bytes memory encoded)
        internal
        returns (bool written)
    {
        bytes32 key = PacketBytes.receiptKey(destinationClient, sequence);
        Store storage store = _store();
        bytes32 stored = store.commitments[key];
        bytes32 receipt = PacketBytes.receipt(encoded);
        if (stored == 0) {
            store.commitments[key] = receipt;
            return true;
        }
        require(stored == receipt, IRouter.ReceiptMismatch(stored, receipt));
        return false;
    }

    function _writeAcknowledgement(string memory destinationClient, uint64 sequence, bytes memory answer) internal {
        bytes32 key = PacketBytes.acknowledgementKey(destinationClient, sequence);
        _store().commitments[key] = PacketBytes.acknowledgement(answer);
    }

    /// @dev As `_writeAcknowledgement`, for a packet that was received before and has no answer yet.
    function _writeLateAcknowledgement(
        string memory destinationClient,
        uint64 sequence,
        bytes memory encoded,
        bytes memory answer
    ) internal {
        Store storage store = _store();
        bytes32 stored = store.commitments[PacketBytes.receiptKey(destinationClient, sequence)];
        bytes32 receipt = PacketBytes.receipt(encoded);
        require(stored == receipt, IRouter.ReceiptMismatch(stored, receipt));
        bytes32 written = store.commitments[PacketBytes.acknowledgementKey(destinationClient, sequence)];
        require(written == 0, IRouter.AcknowledgementKnown(written));
        _writeAcknowledgement(destinationClient, sequence, answer);
    }

    function _isReceived(Packet calldata packet) internal view returns (bool) {
        bytes32 key = keccak256(Commitments.receiptPath(packet.destClient, packet.sequence));
        return _store().commitments[key] == Commitments.receipt(packet);
    }

    /// @dev Whether there is an answer, and another than the refusal.
    function _isAccepted(Packet calldata packet) internal view returns (bool) {
        bytes32 key = keccak256(Commitments.acknowledgementPath(packet.destClient, packet.sequence));
        bytes32 refusal = Commitments.acknowledgement(abi.encodePacked(Commitments.UNIVERSAL_ERROR));
        bytes32 answer = _store().commitments[key];
        return answer != 0 && answer != refusal;
    }

    function _store() private pure returns (Store storage store) {
        // Solidity has no other way to place a struct at a chosen slot.
        assembly ("memory-safe") {
            store.slot := STORE_BASE
        }
    }
}
