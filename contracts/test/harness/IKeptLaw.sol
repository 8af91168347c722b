// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IKeptLaw
/// @notice The interface of `KeptLaw.sol`, which tests deploy by name.
interface IKeptLaw {
    function save(bytes calldata data) external returns (address place);
    function load(address place) external view returns (bytes memory data);
}
