// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatches} from "../interfaces/IBatches.sol";
import {FungibleTokenPacketData} from "../interfaces/ITransfer.sol";
import {Packet, Payload} from "../interfaces/Messages.sol";
import {BatchBytes} from "./BatchBytes.sol";

/// @title BatchFrame
/// @notice Writes the ABI form of packets that have nearly everything in common: once what is common, then for each
/// packet what is its own. It decides nothing.
/// @dev What it writes is `abi.encode(packet)`, as everything else expects it; the tests hold it against that.
library BatchFrame {
    /// @dev The packets of one template, direction and form.
    struct Frame {
        /// Such a packet with zeros for what is its own, and without a value or with an empty memo.
        bytes encoded;
        /// Where in it the value stands, that is, its length.
        uint256 valueAt;
        /// SHA-256 of the destination client.
        bytes32 client;
        /// SHA-256 of the ports, the version and the encoding.
        bytes32[4] fields;
    }

    /// @dev Where in a call of `IBatches.applyMessageInBatch` the packet stands: behind the selector and five words,
    /// the last of which is its length.
    uint256 internal constant PACKET_AT = 0xa4;

    /// @dev Masks for writing 32 hex digits at once.
    uint256 private constant ONES = 0x0101010101010101010101010101010101010101010101010101010101010101;
    uint256 private constant ZEROS = 0x3030303030303030303030303030303030303030303030303030303030303030;
    uint256 private constant LOW_NIBBLES = 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f;
    uint256 private constant EVEN_BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant EVEN_PAIRS = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
    uint256 private constant EVEN_FOURS = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    uint256 private constant EVEN_EIGHTS = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;

    /// @notice What all packets of a template have in common.
    /// @param isTransfer Whether their values are transfers of the template's denomination.
    function build(
        BatchBytes.Template memory template,
        string memory source,
        string memory destination,
        bool isTransfer
    ) internal pure returns (Frame memory frame) {
        bytes memory value = "";
        if (isTransfer) {
            string memory account = string(new bytes(42));
            value = abi.encode(FungibleTokenPacketData(template.denom, account, account, 0, ""));
        }
        Packet memory packet;
        packet.sourceClient = source;
        packet.destClient = destination;
        packet.payloads = new Payload[](1);
        packet.payloads[0] =
            Payload(template.sourcePort, template.destinationPort, template.version, template.encoding, value);
        frame.encoded = abi.encode(packet);
        frame.valueAt = frame.encoded.length - value.length - 0x20;
        frame.client = sha256(bytes(destination));
        frame.fields[0] = sha256(bytes(template.sourcePort));
        frame.fields[1] = sha256(bytes(template.destinationPort));
        frame.fields[2] = sha256(bytes(template.version));
        frame.fields[3] = sha256(bytes(template.encoding));
    }

    /// @notice Begins a packet: all but its value. It stands in free memory, with room before it for the rest of a
    /// call.
    function begin(Frame memory frame, uint64 sequence, uint64 timeoutTimestamp)
        internal
        pure
        returns (bytes memory encoded)
    {
        assembly ("memory-safe") {
            let common := mload(frame)
            let length := mload(common)
            encoded := add(mload(0x40), PACKET_AT)
            mstore(encoded, length)
            mcopy(add(encoded, 0x20), add(common, 0x20), length)
            mstore(add(encoded, 0x40), sequence)
            mstore(add(encoded, 0xa0), timeoutTimestamp)
        }
    }

    /// @notice Ends a packet that was begun with a frame of values.
    function putValue(Frame memory frame, bytes memory encoded, bytes calldata value) internal pure {
        assembly ("memory-safe") {
            let valueAt := mload(add(frame, 0x20))
            let at := add(add(encoded, 0x20), valueAt)
            let size := and(add(value.length, 0x1f), not(0x1f))
            // Clears what the value leaves of its last word.
            mstore(add(at, size), 0)
            mstore(at, value.length)
            calldatacopy(add(at, 0x20), value.offset, value.length)
            mstore(encoded, add(add(valueAt, 0x20), size))
        }
    }

    /// @notice Ends a packet that was begun with a frame of transfers.
    function putTransfer(
        Frame memory frame,
        bytes memory encoded,
        uint256 sender,
        uint256 receiver,
        uint256 amount,
        bytes calldata memo
    ) internal pure {
        (uint256 senderHead, uint256 senderTail) = _hex(sender);
        (uint256 receiverHead, uint256 receiverTail) = _hex(receiver);
        assembly ("memory-safe") {
            let value := add(add(encoded, 0x20), mload(add(frame, 0x20)))
            // Behind its length: 0x20, then three offsets, the amount, the last offset; denomination, sender, receiver,
            // memo, each with its length.
            mstore(add(value, 0xa0), amount)
            let end := add(add(encoded, 0x20), mload(encoded))
            mstore(sub(end, 0xc0), senderHead)
            mstore(sub(end, 0xa0), senderTail)
            mstore(sub(end, 0x60), receiverHead)
            mstore(sub(end, 0x40), receiverTail)
            let size := and(add(memo.length, 0x1f), not(0x1f))
            mstore(add(end, sub(size, 0x20)), 0)
            mstore(sub(end, 0x20), memo.length)
            calldatacopy(end, memo.offset, memo.length)
            mstore(value, add(mload(value), size))
            mstore(encoded, add(mload(encoded), size))
        }
    }

    /// @notice `Commitments.packet`.
    function commitment(Frame memory frame, bytes memory encoded) internal view returns (bytes32 digest) {
        assembly ("memory-safe") {
            let value := add(add(encoded, 0x20), mload(add(frame, 0x20)))
            // Behind the packet memory is free.
            let buffer := add(add(encoded, 0x20), mload(encoded))
            mcopy(buffer, mload(add(frame, 0x60)), 0x80)
            let ok := staticcall(gas(), 2, add(value, 0x20), mload(value), add(buffer, 0x80), 0x20)
            ok := and(ok, staticcall(gas(), 2, buffer, 0xa0, 0x00, 0x20))
            ok := and(ok, staticcall(gas(), 2, 0x00, 0x20, add(buffer, 0x41), 0x20))
            mstore8(buffer, 2)
            mstore(add(buffer, 1), mload(add(frame, 0x40)))
            ok := and(ok, staticcall(gas(), 2, add(encoded, 0xb8), 8, add(buffer, 0x21), 0x20))
            ok := and(ok, staticcall(gas(), 2, buffer, 0x61, 0x00, 0x20))
            // SHA-256 fails only when gas runs out.
            if iszero(ok) { revert(0x00, 0x00) }
            digest := mload(0x00)
        }
    }

    /// @notice The call that runs one message, around the packet: `abi.encodeCall(IBatches.applyMessageInBatch, ...)`,
    /// the packet and the acknowledgement. The length of the packet stands in its place already.
    function finish(
        uint256 kind,
        bytes32 committed,
        bytes32 proven,
        uint256 provenAt,
        bytes memory encoded,
        bytes calldata acknowledgement
    ) internal pure returns (bytes memory input) {
        bytes4 selector = IBatches.applyMessageInBatch.selector;
        assembly ("memory-safe") {
            input := sub(encoded, PACKET_AT)
            mstore(add(input, 0x20), selector)
            let message := add(input, 0x24)
            mstore(message, kind)
            mstore(add(message, 0x20), committed)
            mstore(add(message, 0x40), proven)
            mstore(add(message, 0x60), provenAt)
            let to := add(add(encoded, 0x20), mload(encoded))
            calldatacopy(to, acknowledgement.offset, acknowledgement.length)
            mstore(input, sub(add(to, acknowledgement.length), add(input, 0x20)))
        }
    }

    /// "0x" and forty digits in lower case: the first word, and what stands at the beginning of the second.
    function _hex(uint256 account) private pure returns (uint256 head, uint256 tail) {
        // Thirty digits behind two zeros, the second of which becomes an "x".
        head = _digits(account >> 40) | (0x48 << 240);
        tail = _digits(account & 0xffffffffff) << 176;
    }

    /// @dev Writes 16 bytes as 32 digits. All arithmetic stays within its byte: no sum exceeds 0x66.
    function _digits(uint256 value) private pure returns (uint256) {
        unchecked {
            value = (value | value << 64) & EVEN_EIGHTS;
            value = (value | value << 32) & EVEN_FOURS;
            value = (value | value << 16) & EVEN_PAIRS;
            value = (value | value << 8) & EVEN_BYTES;
            value = (value | value << 4) & LOW_NIBBLES;
            uint256 tens = ((value + ONES * 6) >> 4) & ONES;
            return ZEROS + value + tens * 0x27;
        }
    }
}
