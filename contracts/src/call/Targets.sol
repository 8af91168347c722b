// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICall} from "../interfaces/ICall.sol";
import {IRouter} from "../interfaces/IRouter.sol";
import {Ics20} from "../libraries/Ics20.sol";
import {Escrow} from "../transfer/Escrow.sol";
import {Accounts} from "./Accounts.sol";

/// @title Targets
/// @notice Decides what a message may call: any contract but those of the bridge. It must never let a message reach
/// what decides about messages, value or power (T-10, T-32).
/// @dev None of the protected contracts obeys an account anyway; this holds even where one would by mistake. By
/// ownership and never by selector: a selector can be found that looks like any other.
abstract contract Targets is ICall, Accounts {
    /// @dev Below lie the chain's own contracts, those of to-morrow included.
    uint160 private constant OWN_ADDRESSES = 0x10000;

    IRouter internal immutable _router;

    address internal immutable _transfer;

    /// @dev All escrows of one transfer application have the same code.
    bytes32 private immutable _escrowCodeHash;

    mapping(address target => bool isProtected) private _protected;

    constructor(IRouter router, address transfer) {
        _router = router;
        _transfer = transfer;
        _escrowCodeHash = address(new Escrow(transfer)).codehash;
    }

    /// @inheritdoc ICall
    function isProtected(address target) public view returns (bool) {
        if (target == address(this) || target == address(_router) || target == _transfer) return true;
        if (target == _authorityOf() || _protected[target]) return true;
        if (target.codehash == _escrowCodeHash || _isAccount(target)) return true;
        return _router.isClientContract(target);
    }

    /// @dev Who governs this contract.
    function _authorityOf() internal view virtual returns (address);

    function _protect(address[] calldata targets) internal {
        for (uint256 i = 0; i < targets.length; ++i) {
            _protected[targets[i]] = true;
            emit TargetProtected(targets[i]);
        }
    }

    /// @dev The contract that a receiver names, if a message may call it.
    function _target(string memory receiver) internal view returns (address target) {
        bool valid;
        (valid, target) = Ics20.parseAddress(receiver);
        require(valid, InvalidReceiver(receiver));
        bool contracted = uint160(target) >= OWN_ADDRESSES && target.code.length != 0;
        require(contracted, NotAContract(target));
        require(!isProtected(target), ProtectedTarget(target));
    }
}
