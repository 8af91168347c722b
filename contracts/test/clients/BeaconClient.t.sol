// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IBatchClient} from "../../src/interfaces/IBatchClient.sol";
import {
    BeaconConfig,
    Fork,
    ForkLayout,
    IBeaconClient,
    Snapshot,
    TrustedState
} from "../../src/interfaces/IBeaconClient.sol";
import {
    ClientStatus,
    MsgVerifyMembership,
    MsgVerifyNonMembership,
    UpdateResult
} from "../../src/interfaces/ILightClient.sol";
import {Height} from "../../src/interfaces/Messages.sol";
import {BeaconWorld, IBeacon} from "./BeaconWorld.sol";
import {PlainSsz} from "./plain/PlainSsz.sol";

/// @notice What the contract has beyond the law crate: views, governance, events, immutable values.
contract BeaconClientTest is BeaconWorld {
    function test_says_what_it_was_told() public {
        string memory json = _accepted("start_electra");
        IBeacon client = _begin(json);
        vm.assertEq(abi.encode(client.config()), abi.encode(_config(json)));
        vm.assertEq(abi.encode(client.forks()), abi.encode(_config(json).forks));
        vm.assertEq(client.getClientState(), abi.encode(client.config(), client.snapshot()));
    }

    /// @dev Whoever relies on a client compares these with his own finalized chain.
    function test_bootstrap_is_a_value_of_the_code() public {
        string memory json = _prepared("five_periods");
        IBeacon client = _prepare(json);
        (uint64 slot, bytes32 headerRoot, bytes32 committee) = client.bootstrap();
        Snapshot memory fresh = _begin(json).snapshot();
        vm.assertEq(slot, fresh.newestSlot);
        vm.assertEq(committee, fresh.committees[3].commitment);
        vm.assertEq(headerRoot, _headerRoot(vm.parseJsonBytes(json, ".bootstrap")));
    }

    /// @dev Two clients of the shipped build differ in their immutable values and in nothing else, and an outsider can
    /// see that with what is published about it.
    function test_shipped_code_is_the_same_but_for_immutable_values() public {
        string memory artifact = vm.readFile("artifacts/BeaconClient.json");
        bytes memory one = _shipped(artifact, _accepted("start_electra"));
        bytes memory other = _shipped(artifact, _accepted("start_fulu"));
        vm.assertTrue(keccak256(one) != keccak256(other));
        bytes memory published = vm.parseJsonBytes(artifact, ".deployedBytecode.object");
        uint256 masked = 0;
        for (string memory key = _reference(0); vm.keyExistsJson(artifact, key); key = _reference(++masked)) {
            uint256 start = vm.parseJsonUint(artifact, string.concat(key, ".start"));
            uint256 length = vm.parseJsonUint(artifact, string.concat(key, ".length"));
            for (uint256 i = start; i < start + length; ++i) {
                (one[i], other[i], published[i]) = (0, 0, 0);
            }
        }
        vm.assertTrue(masked != 0);
        vm.assertEq(keccak256(one), keccak256(published));
        vm.assertEq(keccak256(other), keccak256(published));
    }

    function test_status_follows_the_trust_period() public {
        string memory json = _accepted("last_second_of_trust");
        IBeacon client = _prepare(json);
        vm.assertTrue(client.status() == ClientStatus.Active);
        uint256 until = _expiry(client, json);
        vm.warp(until - 1);
        vm.assertTrue(client.status() == ClientStatus.Active);
        vm.warp(until);
        vm.assertTrue(client.status() == ClientStatus.Expired);
    }

    function test_trust_is_counted_from_the_newest_state_and_not_from_when_it_was_learned() public {
        string memory json = _accepted("finality_absent_0");
        IBeacon client = _prepare(json);
        client.updateClient(_lastUpdate(json));
        uint256 until = _expiry(client, json);
        vm.assertTrue(client.learnedAt(client.snapshot().newestSlot) + client.config().trustPeriod > until);
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IBeaconClient.Expired.selector, uint64(until), uint64(until)));
        client.updateClient(_lastUpdate(json));
    }

    function test_known_update_leaves_learned_at_as_it_is() public {
        string memory json = _accepted("finality_absent_0");
        IBeacon client = _prepare(json);
        vm.assertTrue(client.updateClient(_lastUpdate(json)) == UpdateResult.Update);
        TrustedState memory before = client.stateAt(client.snapshot().newestSlot);
        vm.warp(block.timestamp + 60);
        vm.assertTrue(client.updateClient(_lastUpdate(json)) == UpdateResult.NoOp);
        vm.assertEq(abi.encode(client.stateAt(before.slot)), abi.encode(before));
    }

    function test_misbehaviour_freezes_and_says_so() public {
        string memory json = _accepted("evidence_two_finalized_headers");
        IBeacon client = _prepare(json);
        vm.expectEmit(address(client));
        emit IBeaconClient.ClientFrozen();
        client.misbehaviour(vm.parseJsonBytes(json, ".evidence"));
        vm.assertTrue(client.snapshot().frozen);
        vm.expectRevert(IBeaconClient.Frozen.selector);
        client.misbehaviour(vm.parseJsonBytes(json, ".evidence"));
    }

    /// @dev [T-25] There is no cached proof: an empty one proves nothing, whatever was proven before.
    function test_t25_an_empty_proof_is_refused_after_a_good_one() public {
        string memory json = _accepted("member_value_with_leading_zero");
        IBeacon client = _prepare(json);
        MsgVerifyMembership memory message = _membership(json);
        client.verifyMembership(message);
        message.proof = "";
        vm.expectPartialRevert(IBeaconClient.StorageProof.selector);
        client.verifyMembership(message);
    }

    function test_rejects_bad_path() public {
        string memory json = _accepted("member_value_with_leading_zero");
        IBeacon client = _prepare(json);
        MsgVerifyMembership memory message = _membership(json);
        bytes memory path = message.path[0];
        for (uint256 elements = 0; elements < 4; ++elements) {
            if (elements == 1) continue;
            message.path = new bytes[](elements);
            if (elements != 0) message.path[elements - 1] = path;
            vm.expectRevert(abi.encodeWithSelector(IBeaconClient.BadPath.selector, elements));
            client.verifyMembership(message);
            vm.expectRevert(abi.encodeWithSelector(IBeaconClient.BadPath.selector, elements));
            client.verifyNonMembership(MsgVerifyNonMembership(message.proof, message.proofHeight, message.path));
        }
    }

    function test_rejects_another_revision() public {
        string memory json = _accepted("member_value_with_leading_zero");
        IBeacon client = _prepare(json);
        MsgVerifyMembership memory message = _membership(json);
        message.proofHeight.revisionNumber = 1;
        vm.expectRevert(
            abi.encodeWithSelector(IBeaconClient.UnknownHeight.selector, 1, message.proofHeight.revisionHeight)
        );
        client.verifyMembership(message);
    }

    /// @dev What a vector of another height cannot say: a batch at the right slot of another revision.
    function test_rejects_another_revision_for_a_batch() public {
        string memory json = _accepted("batch_present_twice_and_absent");
        IBeacon client = _prepare(json);
        uint64 slot = uint64(vm.parseJsonUint(json, ".height"));
        bytes memory pool = vm.parseJsonBytes(json, ".proof");
        vm.expectRevert(abi.encodeWithSelector(IBeaconClient.UnknownHeight.selector, 1, slot));
        client.verifyBatch(Height(1, slot), pool, _paths(json));
    }

    function test_says_that_it_takes_batches() public {
        IERC165 client = IERC165(address(_begin(_accepted("start_electra"))));
        vm.assertTrue(client.supportsInterface(type(IBatchClient).interfaceId));
        vm.assertTrue(client.supportsInterface(type(IERC165).interfaceId));
        vm.assertFalse(client.supportsInterface(0xffffffff));
    }

    function test_rejects_a_client_without_governance() public {
        string memory json = _accepted("start_electra");
        BeaconConfig memory config = _config(json);
        config.governance = address(0);
        vm.warp(vm.parseJsonUint(json, ".startedAt"));
        (bool started, bytes memory reason) =
            address(this).call(abi.encodeCall(this.deploy, (config, vm.parseJsonBytes(json, ".bootstrap"))));
        vm.assertFalse(started);
        vm.assertEq(reason, abi.encodeWithSelector(IBeaconClient.BadConfig.selector, 9));
    }

    function test_rejects_not_governance() public {
        IBeacon client = _begin(_accepted("start_electra"));
        vm.expectRevert(abi.encodeWithSelector(IBeaconClient.NotGovernance.selector, address(this), GOVERNANCE));
        client.appendFork(Fork(1_000_000, 0x07000000, ForkLayout.Electra));
    }

    function test_governance_appends_forks_and_changes_none() public {
        IBeacon client = _begin(_accepted("start_electra"));
        Fork[] memory before = client.forks();
        uint64 last = before[before.length - 1].epoch;
        vm.startPrank(GOVERNANCE);
        for (uint64 epoch = last - 1; epoch <= last; ++epoch) {
            vm.expectRevert(abi.encodeWithSelector(IBeaconClient.ForkOrder.selector, last, epoch));
            client.appendFork(Fork(epoch, 0x07000000, ForkLayout.Electra));
        }
        vm.expectEmit(address(client));
        emit IBeaconClient.ForkAppended(last + 1, 0x07000000, ForkLayout.Unknown);
        client.appendFork(Fork(last + 1, 0x07000000, ForkLayout.Unknown));
        vm.stopPrank();
        vm.assertEq(client.snapshot().forkCount, before.length + 1);
        for (uint256 i = 0; i < before.length; ++i) {
            vm.assertEq(abi.encode(client.forks()[i]), abi.encode(before[i]));
        }
    }

    /// @dev A fork that governance decided on weeks before must not thaw a client that was frozen meanwhile.
    function test_an_appended_fork_leaves_a_frozen_client_frozen() public {
        string memory json = _accepted("evidence_two_finalized_headers");
        IBeacon client = _prepare(json);
        client.misbehaviour(vm.parseJsonBytes(json, ".evidence"));
        uint64 last = client.forks()[client.forks().length - 1].epoch;
        vm.prank(GOVERNANCE);
        client.appendFork(Fork(last + 1, 0x07000000, ForkLayout.Electra));
        vm.assertTrue(client.status() == ClientStatus.Frozen);
        vm.expectRevert(IBeaconClient.Frozen.selector);
        client.misbehaviour(vm.parseJsonBytes(json, ".evidence"));
    }

    /// @dev The same update before and after its epoch was given a version that nobody signed with.
    function test_appended_fork_judges_signatures_from_its_epoch_on() public {
        string memory json = _accepted("finality_absent_0");
        bytes memory update = _lastUpdate(json);
        uint64 epoch = uint64(_finalizedSlot(update) / vm.parseJsonUint(json, ".slotsPerEpoch"));
        IBeacon client = _prepare(json);
        vm.prank(GOVERNANCE);
        client.appendFork(Fork(epoch + 1000, 0x07000000, ForkLayout.Electra));
        vm.assertTrue(client.updateClient(update) == UpdateResult.Update);
        client = _prepare(json);
        vm.prank(GOVERNANCE);
        client.appendFork(Fork(epoch, 0x07000000, ForkLayout.Electra));
        vm.expectPartialRevert(IBeaconClient.BadSignature.selector);
        client.updateClient(update);
        client = _prepare(json);
        vm.prank(GOVERNANCE);
        client.appendFork(Fork(epoch, 0x07000000, ForkLayout.Unknown));
        vm.expectPartialRevert(IBeaconClient.UnknownFork.selector);
        client.updateClient(update);
    }

    function test_a_fork_beyond_all_slots_never_begins() public {
        string memory json = _accepted("finality_absent_0");
        IBeacon client = _prepare(json);
        vm.prank(GOVERNANCE);
        client.appendFork(Fork(type(uint64).max, 0x07000000, ForkLayout.Electra));
        vm.assertTrue(client.updateClient(_lastUpdate(json)) == UpdateResult.Update);
    }

    /// @dev [T-33] What was never stored is never a state: not the zero slot, not a zero root.
    function test_t33_nothing_is_trusted_at_slots_never_seen() public {
        IBeacon client = _begin(_accepted("start_electra"));
        uint64 newest = client.snapshot().newestSlot;
        for (uint64 slot = 0; slot < newest; ++slot) {
            vm.expectRevert(abi.encodeWithSelector(IBeaconClient.UnknownHeight.selector, 0, slot));
            client.stateAt(slot);
        }
    }

    function test_snapshot_shows_the_last_four_committees() public {
        string memory json = _prepared("five_periods");
        IBeacon client = _prepare(json);
        client.updateClient(_lastUpdate(json));
        Snapshot memory shot = client.snapshot();
        for (uint256 i = 0; i < 4; ++i) {
            vm.assertTrue(shot.committees[i].commitment != 0);
            vm.assertEq(shot.committees[i].period, shot.committees[3].period - 3 + i);
        }
    }

    /// @dev What is too short is told so, and not what stands behind its end: no fork holds at slot 0.
    function test_rejects_what_ends_before_its_slots() public {
        string memory json = _accepted("finality_absent_0");
        BeaconConfig memory config = _config(json);
        config.forks[0].epoch = 1;
        vm.warp(vm.parseJsonUint(json, ".startedAt"));
        IBeacon client = _deploy(config, vm.parseJsonBytes(json, ".bootstrap"));

        vm.expectRevert(abi.encodeWithSelector(IBeaconClient.Malformed.selector));
        client.updateClient(hex"0100");
        vm.expectRevert(abi.encodeWithSelector(IBeaconClient.Malformed.selector));
        this.deploy(config, hex"01");
    }

    function test_rejects_evidence_that_ends_within_its_first_update() public {
        IBeacon client = _begin(_accepted("start_electra"));
        bytes[4] memory cut = [bytes(""), hex"000000", hex"00000001", hex"ffffffff01"];
        for (uint256 i = 0; i < cut.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBeaconClient.Malformed.selector));
            client.misbehaviour(cut[i]);
        }
    }

    /// @dev A next committee contradicts another one, and not that an update carries none.
    function test_one_next_committee_is_no_contradiction() public {
        string memory json = vm.readFile(string.concat(FOLDER, "reject/NotMisbehaviour/finalized_at_other_slot.json"));
        IBeacon client = _prepare(json);
        bytes memory evidence = vm.parseJsonBytes(json, ".evidence");
        uint256 size = uint32(bytes4(evidence));
        bytes memory none = PlainSsz.cut(evidence, 4 + size, evidence.length - 4 - size);
        bytes memory one = _lastUpdate(_accepted("committee_from_before_the_router"));
        vm.assertEq(uint8(one[1]), 1);
        vm.expectRevert(abi.encodeWithSelector(IBeaconClient.NotMisbehaviour.selector));
        client.misbehaviour(abi.encodePacked(uint32(one.length), one, none));
        vm.expectRevert(abi.encodeWithSelector(IBeaconClient.NotMisbehaviour.selector));
        client.misbehaviour(abi.encodePacked(uint32(none.length), none, one));
    }

    function deploy(BeaconConfig calldata config, bytes calldata bootstrap) external returns (IBeacon) {
        return _deploy(config, bootstrap);
    }

    function _prepared(string memory name) private view returns (string memory json) {
        json = _accepted(name);
        vm.assertEq(vm.parseJsonString(json, ".kind"), "update");
    }

    function _expiry(IBeacon client, string memory json) private view returns (uint256) {
        uint256 slot = client.snapshot().newestSlot;
        uint256 time = vm.parseJsonUint(json, ".genesisTime") + slot * vm.parseJsonUint(json, ".secondsPerSlot");
        return time + vm.parseJsonUint(json, ".trustPeriod");
    }

    /// @dev Root of the header in a bootstrap.
    function _headerRoot(bytes memory bootstrap) private pure returns (bytes32) {
        return PlainSsz.headerRoot(PlainSsz.cut(bootstrap, 1, 112));
    }

    /// @dev The code of a client that was deployed from the artifact.
    function _shipped(string memory artifact, string memory json) private returns (bytes memory) {
        vm.warp(vm.parseJsonUint(json, ".startedAt"));
        bytes memory code = vm.parseJsonBytes(artifact, ".bytecode.object");
        return address(_deployCode(code, _config(json), vm.parseJsonBytes(json, ".bootstrap"))).code;
    }

    function _reference(uint256 index) private pure returns (string memory) {
        return string.concat(".immutableReferences[", vm.toString(index), "]");
    }
}
