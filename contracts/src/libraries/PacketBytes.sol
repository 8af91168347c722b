// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IApplication} from "../interfaces/IApplication.sol";
import {IRouter} from "../interfaces/IRouter.sol";
import {Packet} from "../interfaces/Messages.sol";

/// @title PacketBytes
/// @notice Reads a packet from the one copy of it in memory: hashed, handed to its application and logged, it need not
/// be taken apart again each time. It decides nothing.
/// @dev `encoded` is always what `encode` returned: the word 0x20, then the packet's tuple, whose five words (sequence,
/// offsets of source and destination client, timeout, offset of the payloads) come before its two strings and the
/// payloads. The compiler writes it, so every offset is the one that the ABI's strict encoding has.
/// Every function has a plain twin: `Commitments`, `abi.encodeCall`, `emit`; the tests hold them against each other.
library PacketBytes {
    /// @dev Room behind a packet for the rest of its log, with an answer of one word and the word behind it. So it need
    /// not be copied.
    uint256 private constant LOG_ROOM = 0xa0;

    /// @notice Copies a packet to memory. Reverts if it is not well-formed.
    function encode(Packet calldata packet) internal pure returns (bytes memory encoded) {
        uint256 length = _strictLength(packet);
        if (length == 0) {
            encoded = abi.encode(packet);
            assembly ("memory-safe") {
                mstore(0x40, add(mload(0x40), LOG_ROOM))
            }
        } else {
            assembly ("memory-safe") {
                encoded := mload(0x40)
                mstore(encoded, add(length, 0x20))
                mstore(add(encoded, 0x20), 0x20)
                calldatacopy(add(encoded, 0x40), packet, length)
                mstore(0x40, add(add(encoded, length), add(LOG_ROOM, 0x40)))
            }
        }
    }

    /// @notice How many bytes a packet with one payload takes, if they are those that the compiler would write; else 0.
    /// Then copying them is enough.
    function _strictLength(Packet calldata packet) private pure returns (uint256 length) {
        assembly ("memory-safe") {
            // Adds a text to those of a tuple: its offset must be `at_`, its padding zero. Returns where the next one
            // has to be, far behind all calldata if this one is not where it has to be.
            function text(tuple, field, at_) -> next {
                next := 0x100000000000000000000000000000000
                let size := calldataload(add(tuple, at_))
                if and(eq(calldataload(add(tuple, field)), at_), lt(size, 0x100000000)) {
                    let behind := add(add(at_, 0x20), and(add(size, 0x1f), not(0x1f)))
                    let padding := sub(shl(shl(3, and(sub(0, size), 0x1f)), 1), 1)
                    if iszero(and(calldataload(add(tuple, sub(behind, 0x20))), padding)) { next := behind }
                }
            }

            let at := text(packet, 0x40, text(packet, 0x20, 0xa0))
            let list := add(packet, at)
            let payload := add(list, 0x40)
            let strict := and(eq(calldataload(add(packet, 0x80)), at), eq(calldataload(list), 1))
            strict := and(strict, eq(calldataload(add(list, 0x20)), 0x20))
            // Sequence and timeout have 64 bits.
            strict := and(strict, iszero(shr(64, or(calldataload(packet), calldataload(add(packet, 0x60))))))
            let end := text(payload, 0x40, text(payload, 0x20, text(payload, 0, 0xa0)))
            end := text(payload, 0x80, text(payload, 0x60, end))
            length := sub(add(payload, end), packet)
            length := mul(length, and(strict, iszero(gt(add(packet, length), calldatasize()))))
        }
    }

    /// @notice As `encode`, for a packet that this call carries encoded.
    /// @param at Where in the call it stands.
    /// @return encoded The packet.
    /// @return end Where in the call it ends.
    function fromCall(uint256 at, uint256 length) internal pure returns (bytes memory encoded, uint256 end) {
        end = at + length;
        assembly ("memory-safe") {
            encoded := mload(0x40)
            mstore(encoded, length)
            calldatacopy(add(encoded, 0x20), at, length)
            mstore(0x40, and(add(add(encoded, length), add(LOG_ROOM, 0x3f)), not(0x1f)))
        }
    }

    /// @notice The packet's number.
    function sequence(bytes memory encoded) internal pure returns (uint64 serial) {
        assembly ("memory-safe") {
            serial := mload(add(encoded, 0x40))
        }
    }

    /// @notice When it may no longer be received.
    function timeoutTimestamp(bytes memory encoded) internal pure returns (uint64 time) {
        assembly ("memory-safe") {
            time := mload(add(encoded, 0xa0))
        }
    }

    /// @notice How many payloads there are, and if there is one, how long its version, encoding and value are.
    function sizes(bytes memory encoded)
        internal
        pure
        returns (uint256 payloads, uint256 version, uint256 encoding, uint256 value)
    {
        assembly ("memory-safe") {
            let list := add(add(encoded, 0x40), mload(add(encoded, 0xc0)))
            payloads := mload(list)
            if eq(payloads, 1) {
                let payload := add(list, 0x40)
                version := mload(add(payload, mload(add(payload, 0x40))))
                encoding := mload(add(payload, mload(add(payload, 0x60))))
                value := mload(add(payload, mload(add(payload, 0x80))))
            }
        }
    }

    /// @notice The application on the sending chain.
    function sourcePort(bytes memory encoded) internal pure returns (string memory text) {
        assembly ("memory-safe") {
            let payload := add(add(encoded, mload(add(encoded, 0xc0))), 0x80)
            text := add(payload, mload(payload))
        }
    }

    /// @notice The application on the receiving chain.
    function destinationPort(bytes memory encoded) internal pure returns (string memory text) {
        assembly ("memory-safe") {
            let payload := add(add(encoded, mload(add(encoded, 0xc0))), 0x80)
            text := add(payload, mload(add(payload, 0x20)))
        }
    }

    /// @notice The client on the sending chain.
    function sourceClient(bytes memory encoded) internal pure returns (string memory text) {
        assembly ("memory-safe") {
            let tuple := add(encoded, 0x40)
            text := add(tuple, mload(add(tuple, 0x20)))
        }
    }

    /// @notice The client on the receiving chain.
    function destinationClient(bytes memory encoded) internal pure returns (string memory text) {
        assembly ("memory-safe") {
            let tuple := add(encoded, 0x40)
            text := add(tuple, mload(add(tuple, 0x40)))
        }
    }

    /// @notice `Commitments.packet`.
    function commitment(bytes memory encoded) internal view returns (bytes32 digest) {
        assembly ("memory-safe") {
            let tuple := add(encoded, 0x40)
            let payload := add(add(tuple, mload(add(tuple, 0x80))), 0x40)
            let buffer := mload(0x40)
            let ok := 1
            // The payload's five fields, side by side; then their hash, and the hash of that.
            for { let at := 0 } lt(at, 0xa0) { at := add(at, 0x20) } {
                let field := add(payload, mload(add(payload, at)))
                ok := and(ok, staticcall(gas(), 2, add(field, 0x20), mload(field), add(buffer, at), 0x20))
            }
            ok := and(ok, staticcall(gas(), 2, buffer, 0xa0, 0x00, 0x20))
            ok := and(ok, staticcall(gas(), 2, 0x00, 0x20, add(buffer, 0x41), 0x20))
            // Version, destination client, timeout, payload.
            let client := add(tuple, mload(add(tuple, 0x40)))
            ok := and(ok, staticcall(gas(), 2, add(client, 0x20), mload(client), add(buffer, 1), 0x20))
            ok := and(ok, staticcall(gas(), 2, add(tuple, 0x78), 8, add(buffer, 0x21), 0x20))
            mstore8(buffer, 2)
            ok := and(ok, staticcall(gas(), 2, buffer, 0x61, 0x00, 0x20))
            // SHA-256 fails only when gas runs out.
            if iszero(ok) { revert(0x00, 0x00) }
            digest := mload(0x00)
        }
    }

    /// @notice `Commitments.acknowledgement`.
    function acknowledgement(bytes memory answer) internal view returns (bytes32 digest) {
        assembly ("memory-safe") {
            mstore8(0x1f, 2)
            let ok := staticcall(gas(), 2, add(answer, 0x20), mload(answer), 0x20, 0x20)
            ok := and(ok, staticcall(gas(), 2, 0x1f, 0x21, 0x00, 0x20))
            if iszero(ok) { revert(0x00, 0x00) }
            digest := mload(0x00)
        }
    }

    /// @notice `Commitments.receipt`.
    function receipt(bytes memory encoded) internal pure returns (bytes32) {
        return keccak256(encoded);
    }

    /// @notice The hash of `Commitments.commitmentPath`.
    function commitmentKey(string memory client, uint64 serial) internal pure returns (bytes32) {
        return _pathKey(client, 1, serial);
    }

    /// @notice The hash of `Commitments.receiptPath`.
    function receiptKey(string memory client, uint64 serial) internal pure returns (bytes32) {
        return _pathKey(client, 2, serial);
    }

    /// @notice The hash of `Commitments.acknowledgementPath`.
    function acknowledgementKey(string memory client, uint64 serial) internal pure returns (bytes32) {
        return _pathKey(client, 3, serial);
    }

    /// @notice The call that hands the packet to its application: `abi.encodeCall(IApplication.onRecvPacket, ...)`.
    function receiveCall(bytes memory encoded, address relayer) internal pure returns (bytes memory) {
        return _call(IApplication.onRecvPacket.selector, encoded, relayer);
    }

    /// @notice The call that tells its application: `abi.encodeCall(IApplication.onTimeoutPacket, ...)`.
    function timeoutCall(bytes memory encoded, address relayer) internal pure returns (bytes memory) {
        return _call(IApplication.onTimeoutPacket.selector, encoded, relayer);
    }

    /// @notice The call that tells its application: `abi.encodeCall(IApplication.onAcknowledgementPacket, ...)`.
    /// @dev As `_call`, with one word more before the strings, and the answer behind the payload.
    function acknowledgeCall(bytes memory encoded, bytes memory answer, address relayer)
        internal
        pure
        returns (bytes memory input)
    {
        bytes4 selector = IApplication.onAcknowledgementPacket.selector;
        assembly ("memory-safe") {
            let tuple := add(encoded, 0x40)
            let payloads := mload(add(tuple, 0x80))
            let size := sub(sub(mload(encoded), 0x60), payloads)
            input := mload(0x40)
            mstore(add(input, 0x20), selector)
            mstore(add(input, 0x24), 0x20)
            let to := add(input, 0x44)
            mstore(to, add(mload(add(tuple, 0x20)), 0x20))
            mstore(add(to, 0x20), add(mload(add(tuple, 0x40)), 0x20))
            mstore(add(to, 0x40), mload(tuple))
            mstore(add(to, 0x60), add(payloads, 0x20))
            mstore(add(to, 0x80), add(add(payloads, 0x20), size))
            mstore(add(to, 0xa0), relayer)
            mcopy(add(to, 0xc0), add(tuple, 0xa0), sub(payloads, 0xa0))
            to := add(to, add(payloads, 0x20))
            mcopy(to, add(tuple, add(payloads, 0x40)), size)
            to := add(to, size)
            let length := mload(answer)
            mstore(to, length)
            to := add(to, 0x20)
            // Clears what the answer leaves of its last word.
            mstore(add(to, and(length, not(0x1f))), 0)
            mcopy(to, add(answer, 0x20), length)
            to := add(to, and(add(length, 0x1f), not(0x1f)))
            mstore(input, sub(to, add(input, 0x20)))
            // Whole words, as memory is given out.
            mstore(0x40, and(add(to, 0x1f), not(0x1f)))
        }
    }

    /// @notice `emit IRouter.WriteAcknowledgement(...)` with one answer. The packet can not be used afterwards.
    function logAcknowledgement(bytes memory encoded, bytes memory answer) internal {
        bytes32 topic = IRouter.WriteAcknowledgement.selector;
        assembly ("memory-safe") {
            let tuple := add(encoded, 0x40)
            let length := sub(mload(encoded), 0x20)
            let size := mload(answer)
            // The packet, then a list of one answer.
            let data := encoded
            if gt(size, 0x20) {
                data := mload(0x40)
                mcopy(add(data, 0x40), tuple, length)
            }
            mstore(data, 0x40)
            mstore(add(data, 0x20), add(length, 0x40))
            let to := add(data, add(length, 0x40))
            mstore(to, 1)
            mstore(add(to, 0x20), 0x20)
            mstore(add(to, 0x40), size)
            to := add(to, 0x60)
            // Clears what the answer leaves of its last word.
            mstore(add(to, and(size, not(0x1f))), 0)
            mcopy(to, add(answer, 0x20), size)
            let end := add(to, and(add(size, 0x1f), not(0x1f)))
            let client := add(tuple, mload(add(tuple, 0x40)))
            log3(data, sub(end, data), topic, keccak256(add(client, 0x20), mload(client)), mload(tuple))
        }
    }

    /// @notice `emit IRouter.AckPacket(...)`. The packet can not be used afterwards.
    function logAck(bytes memory encoded, bytes memory answer) internal {
        bytes32 topic = IRouter.AckPacket.selector;
        assembly ("memory-safe") {
            let tuple := add(encoded, 0x40)
            let length := sub(mload(encoded), 0x20)
            let size := mload(answer)
            let data := encoded
            if gt(size, 0x20) {
                data := mload(0x40)
                mcopy(add(data, 0x40), tuple, length)
            }
            mstore(data, 0x40)
            mstore(add(data, 0x20), add(length, 0x40))
            let to := add(data, add(length, 0x40))
            mstore(to, size)
            to := add(to, 0x20)
            mstore(add(to, and(size, not(0x1f))), 0)
            mcopy(to, add(answer, 0x20), size)
            let end := add(to, and(add(size, 0x1f), not(0x1f)))
            let client := add(tuple, mload(add(tuple, 0x20)))
            log3(data, sub(end, data), topic, keccak256(add(client, 0x20), mload(client)), mload(tuple))
        }
    }

    /// @notice `emit IRouter.TimeoutPacket(...)`: its data is the packet as it stands.
    function logTimeout(bytes memory encoded) internal {
        bytes32 topic = IRouter.TimeoutPacket.selector;
        assembly ("memory-safe") {
            let tuple := add(encoded, 0x40)
            let client := add(tuple, mload(add(tuple, 0x20)))
            let hashed := keccak256(add(client, 0x20), mload(client))
            log3(add(encoded, 0x20), mload(encoded), topic, hashed, mload(tuple))
        }
    }

    /// The call of a callback without an answer: its tuple has five words before its strings, too, and the payload
    /// where the packet has its payloads, whose two words (one payload, at 0x20) are left out.
    function _call(bytes4 selector, bytes memory encoded, address relayer) private pure returns (bytes memory input) {
        assembly ("memory-safe") {
            let tuple := add(encoded, 0x40)
            let payloads := mload(add(tuple, 0x80))
            let length := sub(mload(encoded), 0x60)
            input := mload(0x40)
            mstore(input, add(length, 0x24))
            mstore(add(input, 0x20), selector)
            mstore(add(input, 0x24), 0x20)
            let to := add(input, 0x44)
            mstore(to, mload(add(tuple, 0x20)))
            mstore(add(to, 0x20), mload(add(tuple, 0x40)))
            mstore(add(to, 0x40), mload(tuple))
            mstore(add(to, 0x60), payloads)
            mstore(add(to, 0x80), relayer)
            mcopy(add(to, 0xa0), add(tuple, 0xa0), sub(payloads, 0xa0))
            mcopy(add(to, payloads), add(tuple, add(payloads, 0x40)), sub(length, payloads))
            // Whole words, as memory is given out.
            mstore(0x40, and(add(add(to, length), 0x1f), not(0x1f)))
        }
    }

    /// The hash of a path: client, kind, sequence.
    function _pathKey(string memory client, uint256 kind, uint64 serial) private pure returns (bytes32 key) {
        assembly ("memory-safe") {
            let length := mload(client)
            let buffer := mload(0x40)
            mcopy(buffer, add(client, 0x20), length)
            mstore8(add(buffer, length), kind)
            mstore(add(buffer, add(length, 1)), shl(192, serial))
            key := keccak256(buffer, add(length, 9))
        }
    }
}
