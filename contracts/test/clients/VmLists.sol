// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title VmLists
/// @notice Foundry's cheat codes for lists in JSON, beside those of `Vm`.
interface VmLists {
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function parseJsonBytesArray(string calldata json, string calldata key) external pure returns (bytes[] memory);
}
