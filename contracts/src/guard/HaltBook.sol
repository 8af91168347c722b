// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IHaltable, ScopeKind} from "../interfaces/IHaltable.sol";
import {Halts} from "../libraries/Halts.sol";

/// @title HaltBook
/// @notice Holds the halts of one contract, for the contract itself: what asks `_checkOff` before it sends or pays.
/// `Haltable` is its side that the guardians see.
abstract contract HaltBook {
    using Halts for Halts.Book;

    /// @dev The one contract that may halt and resume. It never counts here: that contract did.
    address internal immutable _guardians;

    Halts.Book private _halts;

    modifier onlyGuardians() {
        require(msg.sender == _guardians, IHaltable.NotGuardians(msg.sender, _guardians));
        _;
    }

    /// @param guardians_ The guardians contract. It need not exist yet: it is deployed for this contract's address.
    constructor(address guardians_) {
        require(guardians_ != address(0), IHaltable.NotGuardians(address(0), guardians_));
        _guardians = guardians_;
    }

    /// @dev Halts a scope. A contract may halt its own scopes too, as after a breach of conservation.
    function _halt(ScopeKind kind, bytes32 key, uint64 until) internal {
        _halts.write(kind, key, until);
        emit IHaltable.ScopeHalted(kind, key, _halts.halts[kind][key].until);
    }

    /// @dev Whether this contract keeps halts of a kind.
    function _keeps(ScopeKind kind) internal pure virtual returns (bool);

    function _book() internal view returns (Halts.Book storage) {
        return _halts;
    }

    /// @dev Whether any scope of this contract can be halted; costs one read.
    function _mayBeHalted() internal view returns (bool) {
        return _halts.mayBeOn();
    }

    function _isHalted(ScopeKind kind, bytes32 key) internal view returns (bool) {
        return _halts.isOn(kind, key);
    }

    /// @dev Reverts while the scope is halted.
    function _checkOff(ScopeKind kind, bytes32 key) internal view {
        uint64 until = _halts.halts[kind][key].until;
        require(block.timestamp >= until, IHaltable.Halted(kind, key, until));
    }
}
