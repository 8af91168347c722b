// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Raw} from "./Raw.sol";

/// @title Varint
/// @notice Numbers of protobuf: seven bits a byte, the lowest first.
/// @dev Addresses read from are in calldata, those written to in memory. Twin of `merkle::varint`.
library Varint {
    /// @notice The number at `at`, and where it ends. What is not the shortest form of a number of at most 64 bits is
    /// given as the largest number of 256 bits, so that no caller can take it for anything.
    function take(uint256 at) internal pure returns (uint256 number, uint256 next) {
        unchecked {
            uint256 digit = Raw.byteAt(at);
            number = digit & 0x7f;
            next = at + 1;
            for (uint256 shift = 7; digit >= 0x80; shift += 7) {
                digit = Raw.byteAt(next++);
                // Neither idle nor one too many.
                if (digit == 0 || shift == 70) return (type(uint256).max, next);
                number |= (digit & 0x7f) << shift;
            }
            if (number > type(uint64).max) number = type(uint256).max;
        }
    }

    /// @notice Writes a number of at most 64 bits, and says where it ends.
    /// @dev Five bytes are put together at once where they suffice. The plain twin is the loop.
    function put(uint256 to, uint256 value) internal pure returns (uint256 end) {
        assembly ("memory-safe") {
            switch lt(value, 0x800000000)
            case 1 {
                let size :=
                    add(add(add(gt(value, 0x7f), gt(value, 0x3fff)), add(gt(value, 0x1fffff), gt(value, 0xfffffff))), 1)
                let text :=
                    or(
                        or(shl(248, and(value, 0x7f)), shl(233, and(value, 0x3f80))),
                        or(
                            or(shl(218, and(value, 0x1fc000)), shl(203, and(value, 0xfe00000))),
                            shl(188, and(value, 0x7f0000000))
                        )
                    )
                // All bytes but the last go on.
                let marks := shl(mul(8, sub(33, size)), shr(mul(8, sub(33, size)), shl(216, 0x8080808080)))
                mstore(to, or(text, marks))
                end := add(to, size)
            }
            default {
                end := to
                for {} gt(value, 0x7f) { value := shr(7, value) } {
                    mstore8(end, or(0x80, and(value, 0x7f)))
                    end := add(end, 1)
                }
                mstore8(end, value)
                end := add(end, 1)
            }
        }
    }
}
