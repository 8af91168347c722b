// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title ISenderHook
/// @notice Who sends a `HookedToken` and asked for it, is told first.
interface ISenderHook {
    /// @notice Tokens of this account are about to move.
    function tokensToSend(address to, uint256 amount) external;
}

/// @title HookedToken
/// @notice An honest ERC-20 that tells senders who ask for it before their tokens move, as ERC-777 tokens do: it shows
/// what somebody can do who runs in the middle of a transfer. For demonstrations and test networks.
contract HookedToken is TestToken {
    /// @notice Whether an account is told.
    mapping(address account => bool listening) public listens;

    constructor(string memory name_, string memory symbol_) TestToken(name_, symbol_) {}

    /// @notice Asks to be told.
    function listen() external {
        listens[msg.sender] = true;
    }

    /// @dev Every transfer, mint and burn passes here.
    function _update(address from, address to, uint256 amount) internal override {
        if (listens[from]) ISenderHook(from).tokensToSend(to, amount);
        super._update(from, to, amount);
    }
}
