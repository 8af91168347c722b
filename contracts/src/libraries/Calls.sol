// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Calls
/// @notice Looks whether bytes are a call in the form that the compiler would write. It decides nothing: what is not,
/// is for the compiler's own decoder.
library Calls {
    /// @notice Reads a call with two arguments, a text and bytes.
    /// @return fits Whether it is one; else the rest has no meaning.
    function texts(bytes calldata input) internal pure returns (bool fits, string calldata text, bytes calldata data) {
        assembly ("memory-safe") {
            let arguments := add(input.offset, 0x04)
            let end := add(input.offset, input.length)
            text.length := calldataload(add(arguments, 0x40))
            text.offset := add(arguments, 0x60)
            // Far below 2^64, so that no sum wraps round.
            fits := and(lt(text.length, 0x100000000), gt(input.length, 0x43))
            fits := and(fits, eq(calldataload(arguments), 0x40))
            let at := add(0x60, and(add(text.length, 0x1f), not(0x1f)))
            fits := and(fits, eq(calldataload(add(arguments, 0x20)), at))
            data.length := calldataload(add(arguments, at))
            data.offset := add(add(arguments, at), 0x20)
            fits := and(fits, lt(data.length, 0x100000000))
            fits := and(fits, iszero(gt(add(data.offset, data.length), end)))
        }
    }

    /// @notice Whether a call has one struct with offsets in it as its argument, whose own words take `size` bytes.
    function isMessage(bytes calldata input, uint256 size) internal pure returns (bool fits) {
        assembly ("memory-safe") {
            fits := and(gt(input.length, add(size, 0x23)), eq(calldataload(add(input.offset, 0x04)), 0x20))
        }
    }
}
