// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TendermintHeader} from "./TendermintHeader.sol";

/// @title TendermintUpdate
/// @notice Reads of a packed header what a client judges itself: the header, and the trusted state that it builds on.
/// The rest, sets and votes, is read by `TendermintVerifier`.
/// @dev Spec: docs/formats/tendermint-evm.md. Twin of `tendermint::update` and `tendermint::evm`.
library TendermintUpdate {
    /// @notice The first part of a packed header.
    /// @param revisionNumber Revision of the trusted height.
    /// @param trustedHeight Height of the trusted state from which it is judged.
    /// @param header The header.
    /// @param chainFrom Where in the message the header's field with the chain's id begins, its length first.
    /// @param setsFrom Where in the message the sets begin.
    struct Update {
        uint64 revisionNumber;
        uint64 trustedHeight;
        TendermintHeader.Header header;
        uint256 chainFrom;
        uint256 setsFrom;
    }

    /// Bytes before what is said of the block's parts, which has a length of one byte: two heights, the round and that.
    uint256 internal constant HEAD = 21;

    /// @notice Reads the first part of a message.
    function read(bytes calldata message) internal view returns (Update memory update) {
        uint256 start;
        uint256 head;
        assembly ("memory-safe") {
            start := message.offset
            head := calldataload(start)
        }
        update.revisionNumber = uint64(head >> 192);
        update.trustedHeight = uint64(head >> 128);
        uint256 from = start + HEAD + uint8(head >> 88);
        uint256 at;
        (update.header, at) = TendermintHeader.read(from, start + message.length);
        update.chainFrom = update.header.chainAt - start;
        update.setsFrom = at - start;
    }
}
