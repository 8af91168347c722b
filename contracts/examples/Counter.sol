// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRouter} from "../src/interfaces/IRouter.sol";
import {WeighbridgeApp} from "../src/sdk/WeighbridgeApp.sol";

/// @title Counter
/// @notice Counts on the other chain and hears how far it got: the smallest application with a callback.
contract Counter is WeighbridgeApp {
    /// @notice What the counter on the other chain stands at, as far as this chain has heard.
    event Heard(string clientId, uint256 count);

    /// @notice How often the peer has counted here.
    uint256 public count;

    /// @notice The highest count that the peer has answered.
    uint256 public heard;

    /// @notice How many of this counter's messages wait for their end.
    uint256 public waiting;

    /// @notice How many of them were refused or timed out.
    uint256 public lost;

    constructor(IRouter router_) WeighbridgeApp(router_) {}

    /// @notice Counts one on the other chain.
    function increment(string calldata clientId) external returns (uint64 sequence) {
        waiting += 1;
        return _send(clientId, abi.encode(uint256(1)));
    }

    function _onReceive(string calldata, uint64, bytes calldata message) internal override returns (bytes memory) {
        count += abi.decode(message, (uint256));
        return abi.encode(count);
    }

    function _onAcknowledged(string calldata clientId, uint64, bytes calldata, bytes calldata answer)
        internal
        override
    {
        waiting -= 1;
        // Answers may overtake each other.
        uint256 answered = abi.decode(answer, (uint256));
        if (answered > heard) heard = answered;
        emit Heard(clientId, answered);
    }

    function _onRefused(string calldata, uint64, bytes calldata) internal override {
        _lose();
    }

    function _onTimedOut(string calldata, uint64, bytes calldata) internal override {
        _lose();
    }

    function _lose() private {
        waiting -= 1;
        lost += 1;
    }
}
