// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PlainTendermint
/// @notice `TendermintVotes`, `Varint`, `Rfc6962` and the address of `Secp256k1` without assembly.
library PlainTendermint {
    uint256 internal constant P = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;

    /// @dev What a validator signs: `CanonicalVote`, length first. The time is in nanoseconds from the year 1.
    function vote(uint64 height, uint32 round, bytes32 hash, bytes memory parts, bytes memory chainId, uint256 time)
        internal
        pure
        returns (bytes memory)
    {
        bytes memory block_ = bytes.concat(hex"0a20", hash, hex"12", varint(uint64(parts.length)), parts);
        bytes memory when = timeOf(time);
        bytes memory text = bytes.concat(hex"0802", _fixed(0x11, height), _fixed(0x19, round));
        text = bytes.concat(text, hex"22", varint(uint64(block_.length)), block_);
        text = bytes.concat(text, hex"2a", varint(uint64(when.length)), when);
        text = bytes.concat(text, hex"32", varint(uint64(chainId.length)), chainId);
        return bytes.concat(varint(uint64(text.length)), text);
    }

    /// @dev A time in nanoseconds from the year 1, encoded.
    function timeOf(uint256 time) internal pure returns (bytes memory) {
        int256 unix_ = int256(time / 1e9) - 62_135_596_800;
        return bytes.concat(_number(0x08, uint64(uint256(unix_))), _number(0x10, uint64(time % 1e9)));
    }

    function varint(uint64 number) internal pure returns (bytes memory text) {
        while (number >= 128) {
            text = bytes.concat(text, bytes1(uint8(number % 128) + 128));
            number /= 128;
        }
        return bytes.concat(text, bytes1(uint8(number)));
    }

    /// @dev The root of RFC 6962, by halves.
    function root(bytes[] memory leaves) internal pure returns (bytes32) {
        return _root(leaves, 0, leaves.length);
    }

    function _root(bytes[] memory leaves, uint256 from, uint256 to) private pure returns (bytes32) {
        if (to - from == 1) return sha256(bytes.concat(hex"00", leaves[from]));
        uint256 half = 1;
        while (2 * half < to - from) {
            half *= 2;
        }
        return sha256(bytes.concat(hex"01", _root(leaves, from, from + half), _root(leaves, from + half, to)));
    }

    function _number(uint8 key, uint64 number) private pure returns (bytes memory) {
        return number == 0 ? bytes("") : bytes.concat(bytes1(key), varint(number));
    }

    function _fixed(uint8 key, uint64 number) private pure returns (bytes memory text) {
        if (number == 0) return "";
        text = bytes.concat(bytes1(key));
        for (uint256 i = 0; i < 8; ++i) {
            text = bytes.concat(text, bytes1(uint8(number >> (8 * i))));
        }
    }
}
