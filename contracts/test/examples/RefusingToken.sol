// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title RefusingToken
/// @notice An ERC-20 with a list of accounts that it does not pay, as several large tokens have: it shows that such a
/// list can delay a refund and block nothing else. Anybody may change the list; for demonstrations and test networks.
contract RefusingToken is TestToken {
    /// @notice The token does not pay this account.
    error Refused(address account);

    /// @notice Whether an account is on the list.
    mapping(address account => bool listed) public isRefused;

    constructor(string memory name_, string memory symbol_) TestToken(name_, symbol_) {}

    /// @notice Puts an account on the list.
    function refuse(address account) external {
        isRefused[account] = true;
    }

    /// @notice Takes an account off the list.
    function allow(address account) external {
        isRefused[account] = false;
    }

    /// @dev Every transfer, mint and burn passes here.
    function _update(address from, address to, uint256 amount) internal override {
        require(!isRefused[to], Refused(to));
        super._update(from, to, amount);
    }
}
