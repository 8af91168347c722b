// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../interfaces/ITendermintClient.sol";
import {Raw} from "./Raw.sol";

/// @title TendermintParts
/// @notice Votes of one commit that were verified in transactions before, because all at once would be too many.
/// @dev A part says one thing, which is true for ever: these validators of this set signed a vote for this block, in
/// this round. Its name is made of all of that, so that parts of different commits can't be mixed, and whoever repeats
/// one says nothing new. That nobody is counted twice is seen here, where parts are put together.
/// Spec: docs/formats/tendermint-evm.md, "In parts".
library TendermintParts {
    /// @notice The name of a part.
    /// @param votes What all its votes have in common: `TendermintVotes.digest`.
    /// @param card The card of the set.
    /// @param bitsAt Where in calldata a bit for each validator says whether its vote is in the part.
    /// @param size How many bytes that are.
    function nameOf(bytes32 votes, bytes32 card, uint256 bitsAt, uint256 size) internal pure returns (bytes32 name) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, votes)
            mstore(add(free, 0x20), card)
            calldatacopy(add(free, 0x40), bitsAt, size)
            name := keccak256(free, add(0x40, size))
        }
    }

    /// @notice Reverts unless the parts named at `at` were all verified, and have each counted vote once and no other.
    /// @param bitsAt Where a bit for each validator says whether it is counted; `size` bytes, as in each part.
    /// @param at Where the parts stand: u8 count, bits of each.
    /// @param end Where the message ends.
    function check(
        mapping(bytes32 name => bool) storage verified,
        bytes32 votes,
        bytes32 card,
        uint256 bitsAt,
        uint256 size,
        uint256 at,
        uint256 end
    ) internal view {
        uint256 count = Raw.byteAt(at);
        at += 1;
        require(at + count * size == end, ITendermintClient.Malformed());
        for (uint256 i = 0; i < count; ++i) {
            bytes32 name = nameOf(votes, card, at + i * size, size);
            require(verified[name], ITendermintClient.PartMissing(name));
        }
        for (uint256 from = 0; from < size; from += 0x20) {
            _checkUnion(bitsAt + from, at + from, count, size, size - from);
        }
    }

    /// The bits of all parts, up to a word of them, are those that are counted, and none is in two parts.
    function _checkUnion(uint256 bitsAt, uint256 at, uint256 count, uint256 size, uint256 rest) private pure {
        uint256 spare = rest < 0x20 ? 8 * (0x20 - rest) : 0;
        uint256 union = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 bits = Raw.wordAt(at + i * size) >> spare;
            require(union & bits == 0, ITendermintClient.Malformed());
            union |= bits;
        }
        require(union == Raw.wordAt(bitsAt) >> spare, ITendermintClient.Malformed());
    }
}
