// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IHaltable, ScopeKind} from "../interfaces/IHaltable.sol";
import {Halts} from "../libraries/Halts.sol";

/// @title Haltable
/// @notice Keeps the halts of one contract, and takes them from the guardians contract alone. It never counts
/// signatures or time budgets: that contract did.
/// @dev What inherits says which kinds it keeps, and asks `_checkOff` before it sends or pays.
abstract contract Haltable is IHaltable {
    using Halts for Halts.Book;

    /// @inheritdoc IHaltable
    address public immutable guardians;

    Halts.Book private _halts;

    modifier onlyGuardians() {
        require(msg.sender == guardians, NotGuardians(msg.sender, guardians));
        _;
    }

    /// @param guardians_ The guardians contract. It need not exist yet: it is deployed for this contract's address.
    constructor(address guardians_) {
        require(guardians_ != address(0), NotGuardians(address(0), guardians_));
        guardians = guardians_;
    }

    /// @inheritdoc IHaltable
    function setHalt(ScopeKind kind, bytes32 key, uint64 until) external onlyGuardians {
        require(_keeps(kind), ScopeNotKept(kind));
        _setHalt(kind, key, until);
    }

    /// @inheritdoc IHaltable
    function haltedUntil(ScopeKind kind, bytes32 key) external view returns (uint64) {
        return _halts.halts[kind][key].until;
    }

    /// @inheritdoc IHaltable
    function haltSerial(ScopeKind kind, bytes32 key) external view returns (uint64) {
        return _halts.halts[kind][key].serial;
    }

    function _setHalt(ScopeKind kind, bytes32 key, uint64 until) internal virtual {
        if (until != 0) return _halt(kind, key, until);
        _halts.resume(kind, key);
        emit ScopeResumed(kind, key);
    }

    /// @dev Halts a scope. A contract may halt its own scopes too, as after a breach of conservation.
    function _halt(ScopeKind kind, bytes32 key, uint64 until) internal {
        _halts.write(kind, key, until);
        emit ScopeHalted(kind, key, _halts.halts[kind][key].until);
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
        require(block.timestamp >= until, Halted(kind, key, until));
    }
}
