// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Escrow
/// @notice Holds the tokens that left over one client. It decides nothing: it pays when the transfer application says
/// so, and nobody else can make it move anything. One contract a client keeps the shortfall of a strange token, or the
/// theft through a broken client, with the client it belongs to.
/// @dev `Escrows` creates it, by CREATE2 with the keccak256 of the client id as salt.
contract Escrow {
    using SafeERC20 for IERC20;

    /// @notice Only the transfer application may pay.
    error NotTransfer(address caller, address transfer);

    /// @notice The transfer application.
    address public immutable transfer;

    constructor(address transfer_) {
        transfer = transfer_;
    }

    /// @notice Pays out. Reverts when the token refuses, or says that it did not.
    function pay(IERC20 token, address to, uint256 amount) external {
        require(msg.sender == transfer, NotTransfer(msg.sender, transfer));
        token.safeTransfer(to, amount);
    }
}
