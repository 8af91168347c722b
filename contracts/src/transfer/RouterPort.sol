// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRouter} from "../interfaces/IRouter.sol";
import {ITransfer} from "../interfaces/ITransfer.sol";

/// @title RouterPort
/// @notice Knows the router, lets nobody else call back, and lets no call into another.
abstract contract RouterPort {
    IRouter internal immutable _router;

    /// @dev One while a call runs. A word of its own: a shorter type would be read before it is written.
    uint256 private transient _running;

    modifier onlyRouter() {
        require(msg.sender == address(_router), ITransfer.NotRouter(msg.sender, address(_router)));
        _;
    }

    modifier nonReentrant() {
        require(_running == 0, ITransfer.ReentrancyGuardReentrantCall());
        _running = 1;
        _;
        _running = 0;
    }

    /// @dev As `nonReentrant`, but reverts without data, which the router never takes for an answer.
    modifier onlyOutermost() {
        require(_running == 0);
        _running = 1;
        _;
        _running = 0;
    }

    constructor(IRouter router) {
        _router = router;
    }
}
