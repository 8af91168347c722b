// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient, TendermintState} from "../../src/interfaces/ITendermintClient.sol";
import {ITendermint, TendermintWorld} from "./TendermintWorld.sol";

/// @notice The states that no height puts out: which they are, in which order, and that all that can be asked of a
/// state can be asked of one. When they are made, and what is judged from them, is in the shared vectors.
contract TendermintMilestonesTest is TendermintWorld {
    function test_begins_with_the_state_that_the_client_starts_from() public {
        ITendermint client = _run("accept/start.json");
        _hasMilestones(client, 100, 1);
    }

    function test_keeps_a_state_that_is_out_of_the_ring_with_all_that_is_known_of_it() public {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/milestone_member.json"));
        ITendermint client = _begin(json);
        bytes[] memory messages = lists.parseJsonBytesArray(json, ".packed");
        uint256[] memory times = lists.parseJsonUintArray(json, ".packedTimes");
        TendermintState memory before;
        for (uint256 i = 0; i < messages.length; ++i) {
            vm.warp(times[i]);
            _send(client, messages[i]);
            (TendermintState memory newest,) = client.snapshot();
            if (newest.height == 101) before = newest;
        }
        vm.assertEq(before.learnedAt, times[0]);
        // 109 stands where 101 stood.
        vm.assertEq(client.stateAt(109).height, 109);
        vm.assertEq(abi.encode(client.stateAt(101)), abi.encode(before));
        vm.assertEq(client.learnedAt(101), before.learnedAt);
        vm.assertEq(abi.encode(client.milestones()[1]), abi.encode(before));
    }

    function test_keeps_eight_and_tells_them_oldest_first() public {
        _hasMilestones(_run("accept/milestone_first_of_eight.json"), 100, 8);
    }

    function test_forgets_the_oldest_for_the_ninth() public {
        _hasMilestones(_run("accept/milestone_second_of_nine.json"), 101, 8);
    }

    /// @dev A height that nobody learned is none of the empty places.
    function test_knows_no_state_of_height_zero() public {
        ITendermint client = _run("accept/start.json");
        vm.expectRevert(abi.encodeWithSelector(ITendermintClient.UnknownHeight.selector, 3, 0));
        client.stateAt(0);
    }

    function _hasMilestones(ITendermint client, uint64 first, uint256 count) private view {
        TendermintState[] memory states = client.milestones();
        vm.assertEq(states.length, count);
        for (uint64 i = 0; i < count; ++i) {
            vm.assertEq(states[i].height, first + i);
            vm.assertEq(abi.encode(client.stateAt(first + i)), abi.encode(states[i]));
        }
    }

    /// @dev The client of a vector after all of its messages.
    function _run(string memory name) private returns (ITendermint client) {
        string memory json = vm.readFile(string.concat(FOLDER, name));
        client = _begin(json);
        bytes[] memory messages = lists.parseJsonBytesArray(json, ".packed");
        uint256[] memory times = lists.parseJsonUintArray(json, ".packedTimes");
        for (uint256 i = 0; i < messages.length; ++i) {
            vm.warp(times[i]);
            _send(client, messages[i]);
        }
    }
}
