// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISenderHook} from "./HookedToken.sol";

/// @title Accomplice
/// @notice An attacker's contract: it does several things in one transaction, and one of them in the middle of another.
/// It has no check of its own: whatever stops it is the bridge's. For demonstrations and test networks.
contract Accomplice is ISenderHook {
    /// @notice One call.
    struct Step {
        address target;
        bytes data;
    }

    /// @notice How one of the calls of `tryEach` ended.
    event Tried(uint256 indexed position, bool accepted, bytes output);

    /// @dev What is done in the middle of the next transfer of a token that tells.
    Step private _meanwhile;

    /// @notice Prepares what is done when a token tells, once.
    function prepare(Step calldata step) external {
        _meanwhile = step;
    }

    /// @notice Does all of it, or reverts with what the first that failed reverted with.
    function run(Step[] calldata steps) external {
        for (uint256 i = 0; i < steps.length; ++i) {
            _must(steps[i].target, steps[i].data);
        }
    }

    /// @notice Tries all of it, and says what became of each.
    function tryEach(Step[] calldata steps) external {
        for (uint256 i = 0; i < steps.length; ++i) {
            (bool accepted, bytes memory output) = steps[i].target.call(steps[i].data);
            emit Tried(i, accepted, output);
        }
    }

    /// @inheritdoc ISenderHook
    function tokensToSend(address, uint256) external {
        Step memory step = _meanwhile;
        if (step.target == address(0)) return;
        delete _meanwhile;
        _must(step.target, step.data);
    }

    function _must(address target, bytes memory data) private {
        (bool accepted, bytes memory output) = target.call(data);
        if (accepted) return;
        assembly ("memory-safe") {
            revert(add(output, 0x20), mload(output))
        }
    }
}
