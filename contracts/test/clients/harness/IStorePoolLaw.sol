// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What tests see of `StorePool`.
interface IStorePoolLaw {
    error BadProof();

    function prove(bytes32 appHash, bytes calldata store, bytes[] calldata keys, bytes calldata pool)
        external
        view
        returns (bytes32[] memory values);
}
