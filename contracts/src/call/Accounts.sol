// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {AccountIdentifier, ICall} from "../interfaces/ICall.sol";
import {Account} from "./Account.sol";

/// @title Accounts
/// @notice Decides which account is whose. It must never let two (client, sender, salt) share one.
/// @dev All accounts are clones of one original, which outlives upgrades: an account's address depends on it.
abstract contract Accounts is ICall {
    /// @dev What accounts are clones of.
    Account internal immutable _original;

    /// @dev Every clone has the same code, so that one comparison tells an account from any other contract.
    bytes32 private immutable _codeHash;

    constructor(Account original) {
        _original = original;
        // Spec: ERC-1167.
        _codeHash = keccak256(
            bytes.concat(hex"363d3d373d3d3d363d73", bytes20(address(original)), hex"5af43d82803e903d91602b57fd5bf3")
        );
    }

    /// @inheritdoc ICall
    function getOrComputeAccountAddress(AccountIdentifier calldata identifier) external view returns (address) {
        return _accountAddress(_salt(identifier.clientId, identifier.sender, identifier.salt));
    }

    /// @dev The account of a sender, created if it is the first time.
    function _account(string calldata clientId, string memory sender, bytes memory salt)
        internal
        returns (Account account)
    {
        bytes32 key = _salt(clientId, sender, salt);
        account = Account(_accountAddress(key));
        // Only this contract can create anything there, and what it creates there stays.
        if (address(account).code.length != 0) return account;
        Clones.cloneDeterministic(address(_original), key);
        emit AccountCreated(clientId, sender, salt, address(account));
    }

    function _isAccount(address target) internal view returns (bool) {
        return target.codehash == _codeHash || target == address(_original);
    }

    function _accountAddress(bytes32 key) private view returns (address) {
        return Clones.predictDeterministicAddress(address(_original), key);
    }

    function _salt(string memory clientId, string memory sender, bytes memory salt) private pure returns (bytes32) {
        return keccak256(abi.encode(AccountIdentifier(clientId, sender, salt)));
    }
}
