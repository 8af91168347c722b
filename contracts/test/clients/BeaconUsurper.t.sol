// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeaconClient, Snapshot} from "../../src/interfaces/IBeaconClient.sol";
import {ClientStatus, UpdateResult} from "../../src/interfaces/ILightClient.sol";
import {BeaconWorld, IBeacon} from "./BeaconWorld.sol";
import {PlainSsz} from "./plain/PlainSsz.sol";

/// @notice Another next committee than the one that a client was taught: a committee signed for two successors, and the
/// client is frozen by whichever comes second.
contract BeaconUsurperTest is BeaconWorld {
    function test_freezes_by_another_next_committee() public {
        _freezes("update_contradicts_next_committee");
    }

    /// @dev Whoever comes first with a forged one keeps the true one out, and not its proof.
    function test_freezes_by_the_true_next_committee_after_a_forged_one() public {
        _freezes("update_contradicts_forged_next_committee");
    }

    function test_freezes_by_an_update_that_teaches_another_next_committee_only() public {
        _freezes("update_contradicts_next_committee_without_account");
    }

    function test_freezes_by_another_next_committee_that_is_finalized_elsewhere() public {
        _freezes("update_contradicts_next_committee_elsewhere");
    }

    /// @dev That its state could not be kept does not matter.
    function test_freezes_by_another_next_committee_before_it_looks_at_the_checkpoint() public {
        _freezes("update_contradicts_next_committee_at_other_slot_of_epoch");
    }

    /// @dev What was not signed, or does not hold otherwise, freezes nothing.
    function test_refuses_another_next_committee_by_every_other_rule_first() public {
        _refuses("BadSignature/other_committee_forged", IBeaconClient.BadSignature.selector);
        _refuses("AccountProof/other_committee_without_account", IBeaconClient.AccountProof.selector);
    }

    /// @dev Evidence counts, also when one of its committees is held already.
    function test_freezes_by_evidence_although_one_of_its_committees_is_held() public {
        string memory json = _accepted("evidence_two_next_committees");
        IBeacon client = _prepare(json);
        bytes memory evidence = vm.parseJsonBytes(json, ".evidence");
        bytes memory first = PlainSsz.cut(evidence, 4, uint32(bytes4(evidence)));
        vm.assertTrue(client.updateClient(first) == UpdateResult.Update);
        client.misbehaviour(evidence);
        vm.assertTrue(client.status() == ClientStatus.Frozen);
    }

    /// @dev It is told, and nothing else is written.
    function _freezes(string memory name) private {
        string memory json = _accepted(name);
        IBeacon client = _prepare(json);
        vm.assertTrue(client.status() == ClientStatus.Active);
        Snapshot memory expected = client.snapshot();
        bytes memory held = abi.encode(client.stateAt(expected.newestSlot));
        vm.expectEmit(address(client));
        emit IBeaconClient.ClientFrozen();
        vm.assertTrue(client.updateClient(_lastUpdate(json)) == UpdateResult.Misbehaviour);
        vm.assertTrue(client.status() == ClientStatus.Frozen);
        expected.frozen = true;
        vm.assertEq(abi.encode(client.snapshot()), abi.encode(expected));
        vm.assertEq(abi.encode(client.stateAt(expected.newestSlot)), held);
    }

    function _refuses(string memory name, bytes4 rule) private {
        string memory json = vm.readFile(string.concat(FOLDER, "reject/", name, ".json"));
        IBeacon client = _prepare(json);
        vm.expectPartialRevert(rule);
        client.updateClient(_lastUpdate(json));
        vm.assertTrue(client.status() == ClientStatus.Active);
    }
}
