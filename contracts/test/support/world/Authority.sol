// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Authority
/// @notice An authority that lets one account do everything at once, and nobody else anything.
contract Authority {
    address private immutable GOVERNOR;

    constructor(address governor) {
        GOVERNOR = governor;
    }

    function canCall(address caller, address, bytes4) external view returns (bool immediate, uint32 delay) {
        return (caller == GOVERNOR, 0);
    }
}
