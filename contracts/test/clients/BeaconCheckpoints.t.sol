// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeaconClient} from "../../src/interfaces/IBeaconClient.sol";
import {ClientStatus, UpdateResult} from "../../src/interfaces/ILightClient.sol";
import {BeaconWorld, IBeacon} from "./BeaconWorld.sol";

/// @notice Two checkpoints of one epoch: no chain has both, so the second freezes the client, unless the first is what
/// the client started from, which need not be a checkpoint.
contract BeaconCheckpointsTest is BeaconWorld {
    /// @dev The first and the last slot whose block can be the checkpoint of one epoch.
    uint64 private constant FIRST = 265;
    uint64 private constant LAST = 272;

    function test_freezes_by_an_earlier_checkpoint_of_an_epoch() public {
        _freezes("update_contradicts_checkpoint", LAST);
    }

    function test_freezes_by_a_later_checkpoint_of_an_epoch() public {
        _freezes("update_contradicts_later_checkpoint", FIRST);
    }

    function test_freezes_by_evidence_of_two_checkpoints_of_an_epoch() public {
        string memory json = _accepted("evidence_two_checkpoints_of_one_epoch");
        IBeacon client = _prepare(json);
        vm.expectEmit(address(client));
        emit IBeaconClient.ClientFrozen();
        client.misbehaviour(vm.parseJsonBytes(json, ".evidence"));
        vm.assertTrue(client.status() == ClientStatus.Frozen);
    }

    function test_neighbours_of_two_epochs_are_no_contradiction() public {
        string[2] memory names = ["finalized_in_next_epoch", "finalized_in_epoch_before"];
        for (uint256 i = 0; i < 2; ++i) {
            string memory json = vm.readFile(string.concat(FOLDER, "reject/NotMisbehaviour/", names[i], ".json"));
            IBeacon client = _prepare(json);
            vm.expectRevert(IBeaconClient.NotMisbehaviour.selector);
            client.misbehaviour(vm.parseJsonBytes(json, ".evidence"));
        }
    }

    /// @dev Neither the state of the bootstrap nor what contradicts it can be judged: refused, and nothing is frozen.
    function test_refuses_another_slot_of_the_bootstraps_epoch() public {
        string memory folder = string.concat(FOLDER, "reject/ConflictingCheckpoint/");
        string[2] memory names = ["other_slot_of_the_epoch", "other_slot_of_the_bootstraps_epoch"];
        for (uint256 i = 0; i < 2; ++i) {
            string memory json = vm.readFile(string.concat(folder, names[i], ".json"));
            IBeacon client = _prepare(json);
            (uint64 held,,) = client.bootstrap();
            bytes memory update = _lastUpdate(json);
            uint64 offered = _finalizedSlot(update);
            vm.expectRevert(abi.encodeWithSelector(IBeaconClient.ConflictingCheckpoint.selector, held, offered));
            client.updateClient(update);
            vm.assertTrue(client.status() == ClientStatus.Active);
        }
    }

    /// @dev The slot behind the bootstrap's is of another epoch.
    function test_takes_the_slot_behind_the_bootstrap() public {
        string memory json = _accepted("slot_behind_the_bootstrap");
        IBeacon client = _prepare(json);
        (uint64 started,,) = client.bootstrap();
        vm.assertTrue(client.updateClient(_lastUpdate(json)) == UpdateResult.Update);
        vm.assertEq(client.snapshot().newestSlot, started + 1);
        vm.assertEq(client.stateAt(started).slot, started);
    }

    /// @dev What is held stays what it is.
    function _freezes(string memory name, uint64 newest) private {
        string memory json = _accepted(name);
        IBeacon client = _prepare(json);
        vm.assertEq(client.snapshot().newestSlot, newest);
        bytes memory held = abi.encode(client.stateAt(newest));
        vm.expectEmit(address(client));
        emit IBeaconClient.ClientFrozen();
        vm.assertTrue(client.updateClient(_lastUpdate(json)) == UpdateResult.Misbehaviour);
        vm.assertTrue(client.status() == ClientStatus.Frozen);
        vm.assertEq(client.snapshot().newestSlot, newest);
        vm.assertEq(abi.encode(client.stateAt(newest)), held);
    }
}
