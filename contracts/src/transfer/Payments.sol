// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ITransfer} from "../interfaces/ITransfer.sol";
import {GasLeft} from "../libraries/GasLeft.sol";
import {Escrow} from "./Escrow.sol";
import {Escrows} from "./Escrows.sol";

/// @title Payments
/// @notice Moves tokens of this chain in and out of the escrows. It decides how much arrived and whether a token took a
/// payment; whether it may leave is for the books. It must never take a lack of gas for a refusal.
/// @dev Spec: PROTOCOL section 3; T-36.
abstract contract Payments {
    using SafeERC20 for IERC20;

    /// @dev Covers an ERC-20 with hooks, a proxy in front of it and two fresh balances.
    uint64 private constant TOKEN_GAS_DEFAULT = 200_000;
    /// @dev Leaves room inside the gas that the router forwards.
    uint64 private constant TOKEN_GAS_MAX = 600_000;

    /// @dev What creates escrows, and by which code.
    Escrows internal immutable _escrows;
    bytes32 private immutable _escrowCodeHash;

    mapping(address token => uint64 gasAmount) private _tokenGas;

    constructor(Escrows escrows) {
        _escrows = escrows;
        _escrowCodeHash = escrows.codeHash();
    }

    function _tokenGasOf(address token) internal view returns (uint64) {
        uint64 registered = _tokenGas[token];
        return registered == 0 ? TOKEN_GAS_DEFAULT : registered;
    }

    function _registerTokenGas(address token, uint64 gasAmount) internal {
        require(gasAmount != 0 && gasAmount <= TOKEN_GAS_MAX, ITransfer.InvalidTokenGas(gasAmount, TOKEN_GAS_MAX));
        _tokenGas[token] = gasAmount;
        emit ITransfer.TokenGasRegistered(token, gasAmount);
    }

    /// @dev Takes tokens from their owner into the escrow of a client.
    /// @return arrived By how much the escrow's balance grew: fees and roundings are the sender's.
    function _collect(string calldata clientId, address token, address from, uint256 amount)
        internal
        returns (uint256 arrived)
    {
        address escrow = _createdEscrow(clientId);
        uint256 before = IERC20(token).balanceOf(escrow);
        IERC20(token).safeTransferFrom(from, escrow, amount);
        uint256 afterwards = IERC20(token).balanceOf(escrow);
        require(afterwards > before, ITransfer.NothingArrived(token, amount));
        return afterwards - before;
    }

    /// @dev Pays with exactly the gas registered for the token.
    /// @return paid False when the token refused; then nothing moved.
    function _tryPay(bytes32 clientKey, address token, address to, uint256 amount) internal returns (bool paid) {
        uint64 needed = _tokenGasOf(token);
        address escrow = _escrowAddress(clientKey);
        bytes memory input = abi.encodeCall(Escrow.pay, (IERC20(token), to, amount));
        // A client whose escrow was never created has locked nothing, so the books never let a payment come this far.
        return GasLeft.call(escrow, needed, input);
    }

    function _pay(bytes32 clientKey, address token, address to, uint256 amount) internal {
        require(_tryPay(clientKey, token, to, amount), ITransfer.PaymentRefused(token, to, amount));
    }

    function _createdEscrow(string calldata clientId) private returns (address escrow) {
        bytes32 clientKey = keccak256(bytes(clientId));
        escrow = _escrowAddress(clientKey);
        if (escrow.code.length != 0) return escrow;
        _escrows.create(clientKey);
        emit ITransfer.EscrowCreated(clientId, escrow);
    }

    function _escrowAddress(bytes32 clientKey) internal view returns (address) {
        return Create2.computeAddress(clientKey, _escrowCodeHash, address(_escrows));
    }
}
