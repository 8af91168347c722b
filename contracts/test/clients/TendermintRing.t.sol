// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClientStatus, UpdateResult} from "../../src/interfaces/ILightClient.sol";
import {ITendermintClient, TendermintState} from "../../src/interfaces/ITendermintClient.sol";
import {Log} from "../support/Vm.sol";
import {ITendermint, TendermintWorld} from "./TendermintWorld.sol";

/// @notice The ring: which heights go into it and are told, and that whoever makes up a height far ahead keeps the
/// chain's own headers out only until one of them is as late as what he made up.
contract TendermintRingTest is TendermintWorld {
    function test_freezes_by_a_header_below_the_ring_that_is_as_late() public {
        _freezes("accept/conflict_time_behind_ring.json");
    }

    function test_freezes_by_a_header_below_the_ring_that_is_later() public {
        _freezes("accept/conflict_time_behind_ring_later.json");
    }

    function test_refuses_a_header_below_the_ring_that_is_a_nanosecond_earlier() public {
        bytes memory rule = abi.encodeWithSelector(ITendermintClient.OlderThanRing.selector, 110, 119);
        _refuses("reject/OlderThanRing/ring_nanosecond.json", rule);
    }

    function test_refuses_an_honest_header_below_the_ring() public {
        bytes memory rule = abi.encodeWithSelector(ITendermintClient.OlderThanRing.selector, 111, 119);
        _refuses("reject/OlderThanRing/ring.json", rule);
    }

    /// @dev What was not signed freezes nothing, wherever it lies.
    function test_refuses_a_header_below_the_ring_by_its_signature_first() public {
        vm.assertEq(_refusal(string.concat(FOLDER, "reject/BadSignature/behind_ring.json")), "BadSignature");
    }

    /// @dev Whoever watches the client needs to know every height that it believes, and how it came to be.
    function test_tells_each_height_that_it_learns() public {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/skip_change.json"));
        bytes[] memory messages = lists.parseJsonBytesArray(json, ".packed");
        vm.recordLogs();
        ITendermint client = _begin(json);
        vm.warp(lists.parseJsonUintArray(json, ".packedTimes")[0]);
        for (uint256 i = 0; i < messages.length; ++i) {
            _send(client, messages[i]);
        }
        (TendermintState memory newest,) = client.snapshot();
        Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 2);
        _checkLearned(logs[0], client, 100);
        _checkLearned(logs[1], client, newest.height);
        vm.assertEq(_send(client, messages[messages.length - 1]), "NoOp");
        vm.assertEq(vm.getRecordedLogs().length, 0);
    }

    function _checkLearned(Log memory log, ITendermint client, uint64 height) private pure {
        vm.assertEq(log.emitter, address(client));
        vm.assertEq(log.topics[0], ITendermintClient.StateLearned.selector);
        vm.assertEq(log.data, abi.encode(height));
    }

    function _freezes(string memory name) private {
        (ITendermint client, bytes memory message) = _load(name);
        (TendermintState memory newest,) = client.snapshot();
        vm.assertEq(newest.height, 119);
        vm.expectEmit(address(client));
        emit ITendermintClient.ClientFrozen();
        vm.assertTrue(client.updateClient(message) == UpdateResult.Misbehaviour);
        vm.assertTrue(client.status() == ClientStatus.Frozen);
        _holds(client, newest);
    }

    function _refuses(string memory name, bytes memory rule) private {
        (ITendermint client, bytes memory message) = _load(name);
        (TendermintState memory newest,) = client.snapshot();
        vm.expectRevert(rule);
        client.updateClient(message);
        vm.assertTrue(client.status() == ClientStatus.Active);
        _holds(client, newest);
    }

    /// @dev Nothing took the place of what is held.
    function _holds(ITendermint client, TendermintState memory newest) private view {
        vm.assertEq(abi.encode(client.stateAt(newest.height)), abi.encode(newest));
        vm.assertEq(client.stateAt(100).height, 100);
    }

    /// @dev The client of a vector before the update that is judged, and that update.
    function _load(string memory name) private returns (ITendermint client, bytes memory message) {
        string memory json = vm.readFile(string.concat(FOLDER, name));
        client = _prepare(json);
        bytes[] memory messages = lists.parseJsonBytesArray(json, ".packed");
        vm.assertEq(vm.parseJsonUint(json, ".packedJudged"), 1, name);
        message = messages[messages.length - 1];
        message = _part(message, 1, message.length);
    }
}
