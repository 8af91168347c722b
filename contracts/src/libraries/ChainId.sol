// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ChainId
/// @notice Reads the revision in the id of a Cosmos chain.
/// @dev The number after the last hyphen, if something stands before it and no zero leads it; else 0. As ibc-go.
/// Spec: docs/formats/tendermint.md. Twin of `tendermint::config`.
library ChainId {
    /// @notice The revision of a chain.
    /// @return fits Whether it has at most 64 bits: ibc-go has no answer for others.
    /// @return revision The revision.
    function revisionOf(bytes memory id) internal pure returns (bool fits, uint64 revision) {
        uint256 from = id.length;
        while (from != 0 && id[from - 1] != "-") {
            --from;
        }
        // No hyphen, nothing before it or nothing behind it.
        if (from < 2 || from == id.length) return (true, 0);
        bytes1 before = id[from - 2];
        if (before == "-" || before == "\n" || id[from] == "0") return (true, 0);
        uint256 number = 0;
        for (uint256 i = from; i < id.length; ++i) {
            if (id[i] < "0" || id[i] > "9") return (true, 0);
            // An id has at most 50 bytes.
            number = number * 10 + (uint8(id[i]) - 48);
        }
        if (number > type(uint64).max) return (false, 0);
        return (true, uint64(number));
    }
}
