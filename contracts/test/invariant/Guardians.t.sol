// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuardians} from "../../src/interfaces/IGuardians.sol";
import {IHaltable} from "../../src/interfaces/IHaltable.sol";
import {IHaltKeeper} from "../harness/IHaltKeeper.sol";
import {GuardianKeys} from "../support/world/GuardianKeys.sol";
import {GuardianHandler} from "./GuardianHandler.sol";

/// @notice I6: what a thief with so many guardians' keys cannot do, whatever he tries and in which order.
abstract contract GuardianInvariants is GuardianKeys {
    GuardianHandler internal handler;
    IGuardians internal guardians;

    function setUp() public {
        vm.warp(1_800_000_000);
        address place = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        address keeper = _create("HaltKeeper.sol:HaltKeeper", abi.encode(place));
        address authority = _create("Permit.sol:Permit", abi.encode(account("timelock")));
        bytes memory set = abi.encode(authority, keeper, keeper, _addresses(_keys(0)), SMALL, LARGE);
        guardians = IGuardians(_create("Guardians.sol:Guardians", set));
        handler = new GuardianHandler(guardians, IHaltable(keeper), _stolen());
        for (uint256 path = 0; path < handler.PATHS(); ++path) {
            IHaltKeeper(keeper).know(keccak256(bytes(handler.clientId(path))), handler.light(path));
        }
    }

    /// @dev Foundry asks for the contracts whose functions it may call.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev Nothing is resumed, nothing wide is halted, the set stays.
    function invariant_i6_no_resume_nothing_wide_same_set() public view {
        vm.assertEq(handler.resumed(), 0);
        vm.assertEq(handler.wide(), 0);
        (uint64 set,,,) = guardians.guardianSet();
        vm.assertEq(set, 1);
    }

    function _stolen() internal pure virtual returns (uint256);
}

/// @notice One key: nothing at all.
contract OneStolenKeyInvariants is GuardianInvariants {
    function invariant_i6_one_key_does_nothing() public view {
        vm.assertEq(handler.accepted(), 0);
        vm.assertEq(handler.cancelled(), 0);
    }

    function _stolen() internal pure override returns (uint256) {
        return SMALL - 1;
    }
}

/// @notice All keys but one of the large quorum: a day in any week for each path.
contract StolenSmallQuorumInvariants is GuardianInvariants {
    function invariant_i6_the_small_quorum_stops_a_path_for_a_day_in_any_week() public view {
        vm.assertTrue(handler.longest() <= 24 hours);
        for (uint256 path = 0; path < handler.PATHS(); ++path) {
            GuardianHandler.Stop[] memory stops = handler.stops(path);
            for (uint256 i = 0; i < stops.length; ++i) {
                vm.assertTrue(_stopped(stops, stops[i].from) <= 24 hours, "a path was stopped for more than a day");
            }
        }
    }

    /// @dev For how long the path was stopped in the 7 days from `from` on; overlapping stops count each, so never too
    /// little.
    function _stopped(GuardianHandler.Stop[] memory stops, uint256 from) private pure returns (uint256 sum) {
        uint256 to = from + 7 days;
        for (uint256 i = 0; i < stops.length; ++i) {
            uint256 begin = stops[i].from > from ? stops[i].from : from;
            uint256 end = stops[i].until < to ? stops[i].until : to;
            if (end > begin) sum += end - begin;
        }
    }

    function _stolen() internal pure override returns (uint256) {
        return LARGE - 1;
    }
}
