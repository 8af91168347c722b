// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILightClient} from "../interfaces/ILightClient.sol";
import {Height} from "../interfaces/Messages.sol";

/// @title LightClientCall
/// @notice Asks a light client of an EVM chain, whose prefix is empty, whether it holds a value.
/// @dev `light.verifyMembership(...)` as the compiler would make it, except that the proof is copied once and not
/// twice. The plain twin is that call; the tests hold this one against it.
library LightClientCall {
    /// @notice `ILightClient.verifyMembership` with `key` as the only element of the path. Reverts as the client does.
    function verifyMembership(
        ILightClient light,
        bytes calldata proof,
        Height calldata height,
        bytes memory key,
        bytes32 value
    ) internal returns (uint256 provenAt) {
        bytes4 selector = ILightClient.verifyMembership.selector;
        uint256 revisionNumber = height.revisionNumber;
        uint256 revisionHeight = height.revisionHeight;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, selector)
            mstore(add(input, 0x04), 0x20)
            // The message: offset of the proof, height, offsets of path and value; then these three.
            let message := add(input, 0x24)
            mstore(message, 0xa0)
            mstore(add(message, 0x20), revisionNumber)
            mstore(add(message, 0x40), revisionHeight)
            mstore(add(message, 0xa0), proof.length)
            let to := add(message, 0xc0)
            // Words that are not filled to their end are cleared first.
            mstore(add(to, and(proof.length, not(0x1f))), 0)
            calldatacopy(to, proof.offset, proof.length)
            to := add(to, and(add(proof.length, 0x1f), not(0x1f)))
            mstore(add(message, 0x60), sub(to, message))
            mstore(to, 1)
            mstore(add(to, 0x20), 0x20)
            let length := mload(key)
            mstore(add(to, 0x40), length)
            to := add(to, 0x60)
            mstore(add(to, and(length, not(0x1f))), 0)
            mcopy(to, add(key, 0x20), length)
            to := add(to, and(add(length, 0x1f), not(0x1f)))
            mstore(add(message, 0x80), sub(to, message))
            mstore(to, 0x20)
            mstore(add(to, 0x20), value)
            to := add(to, 0x40)
            if iszero(call(gas(), light, 0, input, sub(to, input), 0x00, 0x20)) {
                returndatacopy(input, 0, returndatasize())
                revert(input, returndatasize())
            }
            // An account without code answers nothing.
            if lt(returndatasize(), 0x20) { revert(0x00, 0x00) }
            provenAt := mload(0x00)
        }
    }
}
