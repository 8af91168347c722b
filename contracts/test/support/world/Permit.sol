// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Permit
/// @notice An authority for tests that lets one caller do everything at once.
contract Permit {
    address private immutable _caller;

    constructor(address caller) {
        _caller = caller;
    }

    function canCall(address caller, address, bytes4) external view returns (bool, uint32) {
        return (caller == _caller, 0);
    }
}
