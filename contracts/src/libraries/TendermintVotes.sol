// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../interfaces/ITendermintClient.sol";
import {Raw} from "./Raw.sol";

/// @title TendermintVotes
/// @notice Writes what validators sign: the `CanonicalVote` of a precommit, length first.
/// @dev Votes for one block differ in their times only, which come as they are encoded. So everything before what
/// differs is written once. Nothing reads a time: one that is encoded otherwise was signed by nobody.
/// Spec: CometBFT signing; docs/formats/tendermint-evm.md. Twin of `tendermint::commit::sign_bytes`; the plain twin is
/// in test/clients/plain.
library TendermintVotes {
    /// @notice What the votes for a block have in common.
    /// @param body Where a vote begins behind its length, for which there are two bytes before it.
    /// @param tailAt Where that part of its time stands which differs.
    /// @param lengthAt Where the length of its time stands.
    /// @param prefixSize How many bytes of the time are common.
    /// @param chain Where the field with the chain's id stands in memory.
    /// @param chainSize How many bytes that has.
    struct Template {
        uint256 body;
        uint256 tailAt;
        uint256 lengthAt;
        uint256 prefixSize;
        uint256 chain;
        uint256 chainSize;
    }

    /// A vote takes less than this: 102 bytes before its time, that with at most 38, and a chain's id of at most 52;
    /// and so much again that whole words can be written.
    uint256 private constant ROOM = 0x140;
    uint256 private constant CHAIN_ROOM = 0x120;
    /// The longest encoding of what a block's id says of its parts: a number of 32 bits and a hash have 40 bytes.
    uint256 private constant PARTS_MAX = 40;
    /// The longest encoding of a time: keys, a number of 64 and one of 30 bits. Each part of it has at most so many.
    uint256 internal constant TIME_MAX = 18;

    /// @notice Begins the votes for a block. Its parts and the common part of times stand in calldata behind a byte
    /// with their length.
    /// @param round The round in which it was agreed on.
    /// @param hash The block's hash.
    /// @param partsAt What its id says of its parts, as it is encoded.
    /// @param prefixAt What all times begin with.
    /// @param chainField The header's field with the chain's id, behind its length, too.
    function begin(uint64 height, uint256 round, bytes32 hash, uint256 partsAt, uint256 prefixAt, uint256 chainField)
        internal
        pure
        returns (Template memory template)
    {
        uint256 size = Raw.byteAt(partsAt);
        require(size <= PARTS_MAX && Raw.byteAt(prefixAt) <= TIME_MAX, ITendermintClient.Malformed());
        uint256 at = Raw.reserve(ROOM) + 2;
        template.body = at;
        // Field 1: a precommit. Field 2: the height.
        at = _put(at, 0x080211, 3);
        at = _put(at, _reversed(height), 8);
        if (round != 0) {
            at = _put(at, 0x19, 1);
            at = _put(at, _reversed(uint64(round)), 8);
        }
        // Field 4: the block, of which the hash has 34 bytes.
        at = _put(at, 0x22 << 24 | (36 + size) << 16 | 0x0a20, 4);
        at = _put(at, uint256(hash), 32);
        at = _put(at, 0x12, 1);
        at = _copy(at, partsAt, size + 1);
        // Field 5: the time.
        at = _put(at, 0x2a, 1);
        template.lengthAt = at;
        size = Raw.byteAt(prefixAt);
        template.prefixSize = size;
        template.tailAt = _copy(at + 1, prefixAt + 1, size);
        // Field 6, which is 1 in the header.
        size = Raw.byteAt(chainField);
        template.chainSize = size;
        template.chain = Raw.reserve(CHAIN_ROOM);
        _copy(template.chain, chainField + 1, size);
        at = template.chain;
        assembly ("memory-safe") {
            mstore8(at, 0x32)
        }
    }

    /// @notice Writes the vote whose time ends with the bytes at `at` in calldata, behind their length, over any
    /// before. @return ptr Where the vote stands in memory.
    /// @return size How many bytes it has.
    /// @return next Where those bytes end.
    function write(Template memory template, uint256 at)
        internal
        pure
        returns (uint256 ptr, uint256 size, uint256 next)
    {
        unchecked {
            uint256 tail = Raw.byteAt(at);
            require(tail <= TIME_MAX, ITendermintClient.Malformed());
            next = at + 1 + tail;
            uint256 end = _copy(template.tailAt, at + 1, tail);
            _putByte(template.lengthAt, template.prefixSize + tail);
            (uint256 chain, uint256 chainSize) = (template.chain, template.chainSize);
            assembly ("memory-safe") {
                mcopy(end, chain, chainSize)
            }
            end += chainSize;
            ptr = template.body;
            uint256 length = end - ptr;
            ptr -= 1;
            if (length < 0x80) {
                _putByte(ptr, length);
            } else {
                _putByte(ptr, length >> 7);
                ptr -= 1;
                _putByte(ptr, 0x80 | (length & 0x7f));
            }
            size = end - ptr;
        }
    }

    /// @notice What all votes for the block have in common, as one word: everything that is signed but times.
    function digest(Template memory template) internal pure returns (bytes32 hash) {
        (uint256 body, uint256 end) = (template.body, template.lengthAt);
        (uint256 chain, uint256 size) = (template.chain, template.chainSize);
        assembly ("memory-safe") {
            mstore(0x00, keccak256(body, sub(end, body)))
            mstore(0x20, keccak256(chain, size))
            hash := keccak256(0x00, 0x40)
        }
    }

    function _copy(uint256 to, uint256 at, uint256 size) private pure returns (uint256 end) {
        assembly ("memory-safe") {
            calldatacopy(to, at, size)
            end := add(to, size)
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
