// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatchClient} from "../interfaces/IBatchClient.sol";
import {ILightClient, UpdateResult} from "../interfaces/ILightClient.sol";
import {IClients} from "../interfaces/IRouter.sol";
import {Height} from "../interfaces/Messages.sol";

/// @title LightClientCall
/// @notice Hands an update to a light client, and asks one of an EVM chain, whose prefix is empty, whether it holds a
/// value.
/// @dev The calls as the compiler would make them, except that an update or a proof is copied once and not twice. The
/// plain twins are those calls; the tests hold these against them.
library LightClientCall {
    /// @notice `ILightClient.updateClient`. Reverts as the client does, and without data if it answers no result.
    function updateClient(ILightClient light, bytes calldata message) internal returns (UpdateResult result) {
        bytes4 selector = ILightClient.updateClient.selector;
        uint256 last = uint256(type(UpdateResult).max);
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, selector)
            mstore(add(input, 0x04), 0x20)
            mstore(add(input, 0x24), message.length)
            let to := add(input, 0x44)
            // A word that is not filled to its end is cleared first.
            mstore(add(to, and(message.length, not(0x1f))), 0)
            calldatacopy(to, message.offset, message.length)
            let size := add(0x44, and(add(message.length, 0x1f), not(0x1f)))
            if iszero(call(gas(), light, 0, input, size, 0x00, 0x20)) {
                returndatacopy(input, 0, returndatasize())
                revert(input, returndatasize())
            }
            // An account without code answers nothing.
            if lt(returndatasize(), 0x20) { revert(0x00, 0x00) }
            result := mload(0x00)
            if gt(result, last) { revert(0x00, 0x00) }
        }
    }

    /// @notice `emit IClients.ICS02ClientUpdated(...)`.
    function logUpdated(string calldata clientId, UpdateResult result) internal {
        bytes32 topic = IClients.ICS02ClientUpdated.selector;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, 0x40)
            mstore(add(data, 0x20), result)
            mstore(add(data, 0x40), clientId.length)
            let to := add(data, 0x60)
            mstore(add(to, and(clientId.length, not(0x1f))), 0)
            calldatacopy(to, clientId.offset, clientId.length)
            log1(data, add(0x60, and(add(clientId.length, 0x1f), not(0x1f))), topic)
        }
    }

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

    /// @notice `IBatchClient.verifyBatch` for the paths of messages whose heads stand in calldata (`BatchBytes.heads`).
    /// Reverts as the client does, and without data if it answers something else than one value for each.
    /// @param counterpartyId What every path begins with.
    function verifyBatch(
        address light,
        Height memory height,
        bytes calldata pool,
        string memory counterpartyId,
        uint256 headsAt,
        uint256 count
    ) internal view returns (uint256 provenAt, bytes32[] memory values) {
        bytes4 selector = IBatchClient.verifyBatch.selector;
        uint256 end;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, selector)
            // Height, offsets of pool and paths; then these two.
            let message := add(input, 0x04)
            mstore(message, mload(height))
            mstore(add(message, 0x20), mload(add(height, 0x20)))
            mstore(add(message, 0x40), 0x80)
            mstore(add(message, 0x80), pool.length)
            end := add(message, 0xa0)
            // Words that are not filled to their end are cleared first.
            mstore(add(end, and(pool.length, not(0x1f))), 0)
            calldatacopy(end, pool.offset, pool.length)
            end := add(end, and(add(pool.length, 0x1f), not(0x1f)))
            mstore(add(message, 0x60), sub(end, message))
        }
        end = _putPaths(end, counterpartyId, headsAt, count);
        assembly ("memory-safe") {
            let input := mload(0x40)
            values := input
            if iszero(staticcall(gas(), light, input, sub(end, input), 0x00, 0x20)) {
                returndatacopy(input, 0, returndatasize())
                revert(input, returndatasize())
            }
            provenAt := mload(0x00)
            // The time, the offset of the list, its length, the values.
            let size := shl(5, count)
            if lt(returndatasize(), add(size, 0x60)) { revert(0x00, 0x00) }
            returndatacopy(values, 0x20, add(size, 0x40))
            if xor(mload(values), 0x40) { revert(0x00, 0x00) }
            values := add(values, 0x20)
            if xor(mload(values), count) { revert(0x00, 0x00) }
            mstore(0x40, add(add(values, 0x20), size))
        }
    }

    /// Writes the list of paths to `to`: id, kind, sequence each.
    function _putPaths(uint256 to, string memory counterpartyId, uint256 headsAt, uint256 count)
        private
        pure
        returns (uint256 end)
    {
        assembly ("memory-safe") {
            mstore(to, count)
            let offsets := add(to, 0x20)
            end := add(offsets, shl(5, count))
            let idLength := mload(counterpartyId)
            let length := add(idLength, 9)
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                // Kind (8 bits), gas (32), sequence (64).
                let head := calldataload(add(headsAt, mul(i, 22)))
                let kind := shr(248, head)
                mstore(add(offsets, shl(5, i)), sub(end, offsets))
                mstore(end, length)
                let path := add(end, 0x20)
                mstore(add(path, and(length, not(0x1f))), 0)
                mcopy(path, add(counterpartyId, 0x20), idLength)
                path := add(path, idLength)
                // Commitments are 1, acknowledgements 3, receipts 2.
                mstore8(path, sub(5, add(kind, mul(3, eq(kind, 1)))))
                mstore(add(path, 1), shl(192, shr(152, head)))
                end := add(end, add(0x20, and(add(length, 0x1f), not(0x1f))))
            }
        }
    }
}
