// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuardians, Scope} from "../../src/interfaces/IGuardians.sol";
import {IHaltable} from "../../src/interfaces/IHaltable.sol";
import {IHaltKeeper} from "../harness/IHaltKeeper.sol";
import {GuardianKeys} from "../support/world/GuardianKeys.sol";
import {GuardHandler} from "./GuardHandler.sol";

/// @notice What must hold of halts and guardians after any sequence of moves of `GuardHandler`: quorums that work, and
/// a thief with one of their keys.
contract GuardInvariants is GuardianKeys {
    GuardHandler private _handler;
    IHaltable private _keeper;

    function setUp() public {
        vm.warp(1_800_000_000);
        address authority = _create("Permit.sol:Permit", abi.encode(account("timelock")));
        address place = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        _keeper = IHaltable(_create("HaltKeeper.sol:HaltKeeper", abi.encode(place)));
        bytes memory set = abi.encode(authority, _keeper, _keeper, _addresses(_keys(0)), SMALL, LARGE);
        IGuardians guardians = IGuardians(_create("Guardians.sol:Guardians", set));
        IHaltKeeper(address(_keeper)).know(keccak256("client-0"), account("light"));
        _handler = new GuardHandler(guardians, _keeper);
    }

    /// @dev Foundry asks for the contracts whose functions it may call.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev I5: a halt that a quorum asked for is on from that moment until its end, and off from its end on; nothing
    /// shortens it but a resume that waited.
    function invariant_i5() public view {
        for (uint256 i = 0; i < _handler.SCOPES(); ++i) {
            (Scope memory scope, bytes32 key) = _handler.scopeAt(i);
            uint64 until = _handler.until(i);
            vm.assertEq(_keeper.haltedUntil(scope.kind, key), until, "a halt is not what was asked for");
            bool halted = IHaltKeeper(address(_keeper)).isHalted(scope.kind, key);
            vm.assertTrue(halted == (block.timestamp < until), "a halt is not on until its end");
            vm.assertTrue(!halted || IHaltKeeper(address(_keeper)).mayBeHalted(), "a halt is overlooked");
        }
        vm.assertFalse(_handler.resumedEarly(), "a resume did not wait");
    }

    /// @dev I6: one key halts nothing, resumes nothing, cancels nothing and replaces nobody, whatever others signed.
    function invariant_i6() public view {
        vm.assertFalse(_handler.thiefMovedSomething(), "one key was enough");
    }
}
