// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What tests see of `Ics23` and `Ics23Tree`: values that are empty where nothing is.
interface IIcs23Law {
    error BadProof();

    function prove(bytes32 appHash, bytes calldata store, bytes calldata key, bytes calldata proof)
        external
        view
        returns (bytes memory value);

    function proveIn(bool isIavl, bytes32 root, bytes calldata key, bytes calldata proof)
        external
        view
        returns (bytes memory value);

    /// @dev The root that an entry leads to.
    function rootOf(bool isIavl, bytes calldata message) external view returns (bytes32);

    /// @dev What a proof costs by itself.
    function gasOf(bytes32 appHash, bytes calldata store, bytes calldata key, bytes calldata proof)
        external
        view
        returns (uint256);
}
