// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuardians, Scope} from "../../../src/interfaces/IGuardians.sol";
import {ScopeKind} from "../../../src/interfaces/IHaltable.sol";
import {Domain} from "../../../src/libraries/Domain.sol";
import {Chain} from "../../support/world/World.sol";
import {BatchWorld} from "../router/BatchWorld.sol";

/// @title GuardedWorld
/// @notice The test world whose guardians act.
abstract contract GuardedWorld is BatchWorld {
    function _guardiansOf(Chain memory chain) internal view returns (IGuardians) {
        return IGuardians(chain.router.guardians());
    }

    /// @dev The small quorum halts a narrow scope, the large quorum a wide one.
    function _halt(Chain memory chain, Scope memory scope, uint64 duration) internal {
        IGuardians guardians = _guardiansOf(chain);
        bool narrow =
            scope.kind != ScopeKind.Application && scope.kind != ScopeKind.All && scope.kind != ScopeKind.Token;
        uint256 count = narrow ? SMALL : LARGE;
        guardians.halt(scope, duration, _approve(guardians, count, Domain.Kind.GuardianHalt, scope, duration));
    }

    function _confirm(Chain memory chain, Scope memory scope, uint64 duration) internal {
        IGuardians guardians = _guardiansOf(chain);
        guardians.confirm(scope, duration, _approve(guardians, LARGE, Domain.Kind.GuardianConfirm, scope, duration));
    }

    /// @dev The large quorum resumes a scope, which takes an hour.
    function _resume(Chain memory chain, Scope memory scope, uint64 serial) internal {
        IGuardians guardians = _guardiansOf(chain);
        guardians.scheduleResume(scope, serial, _approve(guardians, LARGE, Domain.Kind.GuardianResume, scope, serial));
        vm.warp(block.timestamp + 1 hours);
        guardians.executeResume(scope);
    }
}
