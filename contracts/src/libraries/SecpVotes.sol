// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../interfaces/ITendermintClient.sol";
import {TendermintVotes} from "./TendermintVotes.sol";

/// @title SecpVotes
/// @notice Judges the votes of a set whose keys are all of secp256k1, one after the other.
/// @dev What `TendermintCommit` does for sets of both kinds, by `TendermintVotes.write` and `Secp256k1.signerOf`, in
/// one loop. That is its plain twin; a set of both kinds leads there, and the tests hold one against the other.
/// Spec: docs/formats/tendermint-evm.md.
library SecpVotes {
    /// A half of the order: the second half of a signature is not above it.
    uint256 private constant HALF_N = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    /// The longest part of a time: see `TendermintVotes`.
    uint256 private constant TIME_MAX = 18;

    /// @notice Reverts unless each of them signed.
    /// @param entry Where in memory the addresses of their entries stand, a word each.
    /// @param count How many they are.
    /// @param votesAt Where their votes stand: time and signature.
    /// @return at Where the last vote ends.
    function check(TendermintVotes.Template memory template, uint256 entry, uint256 count, uint256 votesAt)
        internal
        view
        returns (uint256 at)
    {
        uint256 behind = entry + 0x20 * count;
        bool formed;
        uint256 found;
        (at, entry, formed, found) = _check(template, entry, behind, votesAt);
        require(formed, ITendermintClient.Malformed());
        if (entry != behind) {
            address expected;
            assembly ("memory-safe") {
                expected := shr(96, calldataload(mload(entry)))
            }
            revert ITendermintClient.BadSignature(expected, address(uint160(found)));
        }
    }

    /// Goes on to the end, or up to the first one who did not sign; says who did instead, zero for nobody. The parity
    /// of y stands above the second half of a signature.
    function _check(TendermintVotes.Template memory template, uint256 from, uint256 behind, uint256 votesAt)
        private
        view
        returns (uint256 at, uint256 entry, bool formed, uint256 found)
    {
        assembly ("memory-safe") {
            at := votesAt
            entry := from
            formed := 1
            let desk := mload(0x40)
            let tailAt := mload(add(template, 0x20))
            for {} lt(entry, behind) { entry := add(entry, 0x20) } {
                let end := calldataload(at)
                mstore(tailAt, shl(8, end))
                end := byte(0, end)
                if gt(end, TIME_MAX) {
                    formed := 0
                    break
                }
                at := add(at, add(end, 1))
                mstore8(mload(add(template, 0x40)), add(end, mload(add(template, 0x60))))
                end := add(tailAt, end)
                mcopy(end, mload(add(template, 0x80)), mload(add(template, 0xa0)))
                end := add(end, mload(add(template, 0xa0)))
                let ptr := mload(template)
                let size := sub(end, ptr)
                ptr := sub(ptr, 1)
                switch lt(size, 0x80)
                case 1 { mstore8(ptr, size) }
                default {
                    mstore8(ptr, shr(7, size))
                    ptr := sub(ptr, 1)
                    mstore8(ptr, or(0x80, and(size, 0x7f)))
                }
                pop(staticcall(gas(), 2, ptr, sub(end, ptr), desk, 0x20))
                mstore(add(desk, 0x40), calldataload(at))
                ptr := calldataload(add(at, 0x20))
                mstore(add(desk, 0x20), add(27, shr(255, ptr)))
                ptr := shr(1, shl(1, ptr))
                mstore(add(desk, 0x60), ptr)
                mstore(0x00, 0)
                if iszero(gt(ptr, HALF_N)) { pop(staticcall(gas(), 1, desk, 0x80, 0x00, 0x20)) }
                at := add(at, 0x40)
                if xor(shr(96, calldataload(mload(entry))), mload(0x00)) {
                    found := mload(0x00)
                    break
                }
            }
        }
    }
}
