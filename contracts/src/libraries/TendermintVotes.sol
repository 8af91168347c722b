// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../interfaces/ITendermintClient.sol";
import {Varint} from "./Varint.sol";

/// @title TendermintVotes
/// @notice Writes what validators sign: the `CanonicalVote` of a precommit, length first.
/// @dev Votes for one block differ in their times only. So everything before the time is written once, and what is
/// behind it is copied from the header, where the chain's id stands.
/// Spec: CometBFT signing; docs/formats/tendermint-evm.md. Twin of `tendermint::commit::sign_bytes`; the plain twin is
/// in test/clients/plain.
library TendermintVotes {
    /// @notice What the votes for a block have in common.
    /// @param body Where a vote begins behind its length, for which there are two bytes before it.
    /// @param timeAt Where its time stands.
    /// @param chainAt Where in calldata the field with the chain's id stands, behind its length.
    /// @param chainSize How many bytes that field has.
    struct Template {
        uint256 body;
        uint256 timeAt;
        uint256 chainAt;
        uint256 chainSize;
    }

    /// A vote takes less than this: 122 bytes before its time, that with at most 18, and a chain's id of at most 50.
    uint256 private constant ROOM = 0x140;
    /// The longest encoding of what a block's id says of its parts: a number of 32 bits and a hash have 40 bytes.
    uint256 private constant PARTS_MAX = 40;

    /// Nanoseconds of a second; seconds from the year 1 to 1970.
    uint256 private constant NANOS = 1_000_000_000;
    uint256 private constant EPOCH = 62_135_596_800;

    /// @notice Begins the votes for a block.
    /// @param round The round in which it was agreed on.
    /// @param hash The block's hash.
    /// @param partsAt Where in calldata it says of which parts the block is, as it is encoded.
    /// @param partsSize How many bytes that has.
    /// @param chainField Where in calldata the header's field with the chain's id stands, its length first.
    function begin(uint64 height, uint256 round, bytes32 hash, uint256 partsAt, uint256 partsSize, uint256 chainField)
        internal
        pure
        returns (Template memory template)
    {
        require(partsSize <= PARTS_MAX, ITendermintClient.Malformed());
        uint256 at;
        assembly ("memory-safe") {
            let room := mload(0x40)
            mstore(0x40, add(room, ROOM))
            at := add(room, 2)
        }
        template.body = at;
        // Field 1: a precommit. Field 2: the height.
        at = _put(at, 0x080211, 3);
        at = _put(at, _reversed(height), 8);
        if (round != 0) {
            at = _put(at, 0x19, 1);
            at = _put(at, _reversed(uint64(round)), 8);
        }
        // Field 4: the block, of which the hash has 34 bytes.
        at = _put(at, 0x22 << 24 | (36 + partsSize) << 16 | 0x0a20, 4);
        at = _put(at, uint256(hash), 32);
        at = _put(at, 0x12 << 8 | partsSize, 2);
        assembly ("memory-safe") {
            calldatacopy(at, partsAt, partsSize)
        }
        template.timeAt = at + partsSize;
        template.chainAt = chainField + 1;
        assembly ("memory-safe") {
            at := byte(0, calldataload(chainField))
        }
        template.chainSize = at;
    }

    /// @notice Writes the vote of a time into the template, over any vote before.
    /// @param time In nanoseconds from the year 1.
    /// @return ptr Where the vote stands in memory.
    /// @return size How many bytes it has.
    function write(Template memory template, uint256 time) internal pure returns (uint256 ptr, uint256 size) {
        unchecked {
            uint256 timeAt = template.timeAt;
            uint256 at = timeAt + 2;
            // Negative before 1970, which is written in 64 bits.
            uint256 part = uint64(time / NANOS - EPOCH);
            if (part != 0) {
                _putByte(at, 0x08);
                at = Varint.put(at + 1, part);
            }
            part = time % NANOS;
            if (part != 0) {
                _putByte(at, 0x10);
                at = Varint.put(at + 1, part);
            }
            // Field 5.
            _putByte(timeAt, 0x2a);
            _putByte(timeAt + 1, at - timeAt - 2);
            uint256 chainAt = template.chainAt;
            uint256 chainSize = template.chainSize;
            assembly ("memory-safe") {
                calldatacopy(at, chainAt, chainSize)
            }
            // Field 6 here, 1 in the header's field.
            _putByte(at, 0x32);
            at += chainSize;
            ptr = template.body;
            uint256 length = at - ptr;
            if (length < 0x80) {
                ptr -= 1;
                _putByte(ptr, length);
            } else {
                ptr -= 2;
                _putByte(ptr, 0x80 | (length & 0x7f));
                _putByte(ptr + 1, length >> 7);
            }
            size = at - ptr;
        }
    }

    /// Writes the lowest `size` bytes of a number, and says where they end.
    function _put(uint256 to, uint256 value, uint256 size) private pure returns (uint256 end) {
        assembly ("memory-safe") {
            mstore(to, shl(sub(256, shl(3, size)), value))
            end := add(to, size)
        }
    }

    function _putByte(uint256 to, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore8(to, value)
        }
    }

    /// A number of 64 bits with its lowest byte first.
    function _reversed(uint64 number) private pure returns (uint64) {
        number = ((number & 0xff00ff00ff00ff00) >> 8) | ((number & 0x00ff00ff00ff00ff) << 8);
        number = ((number & 0xffff0000ffff0000) >> 16) | ((number & 0x0000ffff0000ffff) << 16);
        return (number >> 32) | (number << 32);
    }
}
