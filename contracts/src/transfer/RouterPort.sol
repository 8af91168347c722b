// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRouter} from "../interfaces/IRouter.sol";
import {ITransfer} from "../interfaces/ITransfer.sol";

/// @title RouterPort
/// @notice Knows the router, lets nobody else call back, and lets no call into another.
abstract contract RouterPort {
    IRouter internal immutable _router;

    /// @dev What `_running` holds while a call runs, and after the first receive of a transaction.
    uint256 private constant BUSY = 1;
    uint256 private constant RECEIVED = 2;

    /// @dev A word of its own: a shorter type would be read before it is written.
    uint256 private transient _running;

    modifier onlyRouter() {
        require(msg.sender == address(_router), ITransfer.NotRouter(msg.sender, address(_router)));
        _;
    }

    modifier nonReentrant() {
        require(_running != BUSY, ITransfer.ReentrancyGuardReentrantCall());
        _running = BUSY;
        _;
        _running = 0;
    }

    constructor(IRouter router) {
        _router = router;
    }

    /// @dev Begins a receive. As `nonReentrant`, but reverts without data, which the router never takes for an answer.
    /// @return again Whether another one ended before in this transaction, as in a batch.
    function _beginReceive() internal returns (bool again) {
        uint256 running = _running;
        require(running != BUSY);
        _running = BUSY;
        return running == RECEIVED;
    }

    /// @dev Ends a receive that does not revert.
    function _endReceive() internal {
        _running = RECEIVED;
    }
}
