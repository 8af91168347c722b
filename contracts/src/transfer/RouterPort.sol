// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IRouter} from "../interfaces/IRouter.sol";
import {ITransfer} from "../interfaces/ITransfer.sol";

/// @title RouterPort
/// @notice Knows the router, and lets nobody else call back.
abstract contract RouterPort is ReentrancyGuardTransient {
    IRouter internal immutable _router;

    modifier onlyRouter() {
        require(msg.sender == address(_router), ITransfer.NotRouter(msg.sender, address(_router)));
        _;
    }

    /// @dev Reverts without data, which the router never takes for an answer.
    modifier onlyOutermost() {
        require(!_reentrancyGuardEntered());
        _;
    }

    constructor(IRouter router) {
        _router = router;
    }
}
