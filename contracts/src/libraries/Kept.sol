// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Kept
/// @notice Keeps bytes that are read often and change rarely as the code of an account of their own: one call reads
/// them whole, whatever their size.
/// @dev It decides nothing. What is kept never changes; other bytes are kept at another place.
library Kept {
    /// Creation code that leaves behind what follows it; the size, 2 bytes, is to be filled in.
    uint256 private constant CREATION = 0x61000080600a5f395ff3;

    /// @notice Keeps `data`, at most 24,575 bytes.
    function save(bytes memory data) internal returns (address place) {
        // A byte that no call gets past comes first: what is kept is no code.
        uint256 creation = CREATION | ((data.length + 1) << 56);
        bytes memory code = bytes.concat(bytes10(uint80(creation)), hex"00", data);
        assembly ("memory-safe") {
            place := create(0, add(code, 0x20), mload(code))
        }
        assert(place != address(0));
    }

    /// @notice What is kept at `place`.
    function load(address place) internal view returns (bytes memory data) {
        assembly ("memory-safe") {
            data := mload(0x40)
            let size := sub(extcodesize(place), 1)
            mstore(data, size)
            extcodecopy(place, add(data, 0x20), 1, size)
            mstore(0x40, add(data, and(add(size, 0x3f), not(0x1f))))
        }
    }
}
