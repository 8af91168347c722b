// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IPoolLaw
/// @notice What `PoolLaw` opens to tests.
interface IPoolLaw {
    error StorageProof(bytes32 storageRoot);

    function prove(bytes32 root, bytes32[] calldata keys, bytes calldata pool)
        external
        view
        returns (bytes32[] memory values);

    function keysOf(bytes[] calldata paths, bytes32 base) external view returns (bytes32[] memory keys);
}
