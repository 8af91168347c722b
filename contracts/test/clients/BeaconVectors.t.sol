// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeaconClient, Snapshot, TrustedState} from "../../src/interfaces/IBeaconClient.sol";
import {ClientStatus, UpdateResult} from "../../src/interfaces/ILightClient.sol";
import {DirEntry} from "../support/Vm.sol";
import {BeaconWorld, IBeacon} from "./BeaconWorld.sol";

/// @notice The shared vectors of the law crate `ethereum`, judged by the contract: every file of `accept`, and for
/// every rule all files of its folder. A folder that no test replays fails `test_every_rule_is_replayed`.
contract BeaconVectorsTest is BeaconWorld {
    /// @dev Rules that the contract shares with the law crate: one test each, below.
    uint256 private constant RULES = 33;

    function test_accepts_what_the_law_accepts() public {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            (bool accepted, bytes memory reason) = address(this).call(abi.encodeCall(this.judge, (files[i].path)));
            vm.assertTrue(accepted, string.concat(files[i].path, ": ", vm.toString(reason)));
        }
    }

    function test_every_rule_is_replayed() public view {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertEq(rules.length, RULES, "a rule has no vector, or no test");
    }

    function test_rejects_malformed() public {
        _replay("Malformed", IBeaconClient.Malformed.selector);
    }

    function test_rejects_frozen() public {
        _replay("Frozen", IBeaconClient.Frozen.selector);
    }

    function test_rejects_expired() public {
        _replay("Expired", IBeaconClient.Expired.selector);
    }

    function test_rejects_unknown_fork() public {
        _replay("UnknownFork", IBeaconClient.UnknownFork.selector);
    }

    function test_rejects_from_the_future() public {
        _replay("FromTheFuture", IBeaconClient.FromTheFuture.selector);
    }

    function test_rejects_slot_order() public {
        _replay("SlotOrder", IBeaconClient.SlotOrder.selector);
    }

    function test_rejects_older_than_ring() public {
        _replay("OlderThanRing", IBeaconClient.OlderThanRing.selector);
    }

    function test_rejects_not_enough_signers() public {
        _replay("NotEnoughSigners", IBeaconClient.NotEnoughSigners.selector);
    }

    function test_rejects_unknown_committee() public {
        _replay("UnknownCommittee", IBeaconClient.UnknownCommittee.selector);
    }

    function test_rejects_wrong_committee() public {
        _replay("WrongCommittee", IBeaconClient.WrongCommittee.selector);
    }

    function test_rejects_finality_branch() public {
        _replay("FinalityBranch", IBeaconClient.FinalityBranch.selector);
    }

    function test_rejects_execution_branch() public {
        _replay("ExecutionBranch", IBeaconClient.ExecutionBranch.selector);
    }

    function test_rejects_next_committee_period() public {
        _replay("NextCommitteePeriod", IBeaconClient.NextCommitteePeriod.selector);
    }

    function test_rejects_next_committee_branch() public {
        _replay("NextCommitteeBranch", IBeaconClient.NextCommitteeBranch.selector);
    }

    function test_rejects_absentee_proof() public {
        _replay("AbsenteeProof", IBeaconClient.AbsenteeProof.selector);
    }

    function test_rejects_bad_point() public {
        _replay("BadPoint", IBeaconClient.BadPoint.selector);
    }

    function test_rejects_aggregate_at_infinity() public {
        _replay("AggregateAtInfinity", IBeaconClient.AggregateAtInfinity.selector);
    }

    function test_rejects_bad_signature() public {
        _replay("BadSignature", IBeaconClient.BadSignature.selector);
    }

    function test_rejects_account_proof() public {
        _replay("AccountProof", IBeaconClient.AccountProof.selector);
    }

    function test_rejects_account_absent() public {
        _replay("AccountAbsent", IBeaconClient.AccountAbsent.selector);
    }

    function test_rejects_empty_storage_root() public {
        _replay("EmptyStorageRoot", IBeaconClient.EmptyStorageRoot.selector);
    }

    function test_rejects_conflicting_checkpoint() public {
        _replay("ConflictingCheckpoint", IBeaconClient.ConflictingCheckpoint.selector);
    }

    function test_rejects_bad_config() public {
        _replay("BadConfig", IBeaconClient.BadConfig.selector);
    }

    function test_rejects_bootstrap_too_old() public {
        _replay("BootstrapTooOld", IBeaconClient.BootstrapTooOld.selector);
    }

    function test_rejects_committee_branch() public {
        _replay("CommitteeBranch", IBeaconClient.CommitteeBranch.selector);
    }

    function test_rejects_unknown_height() public {
        _replay("UnknownHeight", IBeaconClient.UnknownHeight.selector);
    }

    function test_rejects_bad_value() public {
        _replay("BadValue", IBeaconClient.BadValue.selector);
    }

    function test_rejects_storage_proof() public {
        _replay("StorageProof", IBeaconClient.StorageProof.selector);
    }

    function test_rejects_slot_absent() public {
        _replay("SlotAbsent", IBeaconClient.SlotAbsent.selector);
    }

    function test_rejects_slot_present() public {
        _replay("SlotPresent", IBeaconClient.SlotPresent.selector);
    }

    function test_rejects_value_mismatch() public {
        _replay("ValueMismatch", IBeaconClient.ValueMismatch.selector);
    }

    function test_rejects_not_misbehaviour() public {
        _replay("NotMisbehaviour", IBeaconClient.NotMisbehaviour.selector);
    }

    function test_rejects_fork_order() public {
        _replay("ForkOrder", IBeaconClient.ForkOrder.selector);
    }

    /// @dev [T-03] Absence shown by a proof that stops too early.
    function test_t03_absence_cut_short_is_rejected() public {
        _refuses("StorageProof", "t03_absence_cut_short", IBeaconClient.StorageProof.selector);
    }

    /// @dev [T-04] A refund built on the absence of what is there.
    function test_t04_refund_of_a_delivered_packet_is_rejected() public {
        _refuses("SlotPresent", "t04_refund_of_a_delivered_packet", IBeaconClient.SlotPresent.selector);
    }

    /// @dev [T-09] A good proof beside another value, or for another path.
    function test_t09_proof_of_something_else_is_rejected() public {
        _refuses("ValueMismatch", "t09_other_value", IBeaconClient.ValueMismatch.selector);
        _refuses("StorageProof", "t09_proof_of_another_path", IBeaconClient.StorageProof.selector);
    }

    /// @dev [T-26] The block with the signature is the first of a fork: its committee signed under the old version.
    function test_t26_version_is_that_of_the_slot_before_the_signature() public {
        this.judge(string.concat(FOLDER, "accept/t26_first_slot_of_electra.json"));
        this.judge(string.concat(FOLDER, "accept/t26_second_slot_of_electra.json"));
        _refuses("BadSignature", "t26_new_version_in_first_slot", IBeaconClient.BadSignature.selector);
        _refuses("BadSignature", "t26_old_version_in_second_slot", IBeaconClient.BadSignature.selector);
    }

    /// @dev [T-27] A period was skipped; the updates of the periods in between lead on.
    function test_t27_skipped_period_is_rejected_and_recovered() public {
        _refuses("UnknownCommittee", "t27_skipped_period", IBeaconClient.UnknownCommittee.selector);
        this.judge(string.concat(FOLDER, "accept/five_periods.json"));
    }

    /// @dev [T-28] Proofs about another contract than the counterparty router.
    function test_t28_proof_of_another_contract_is_rejected() public {
        _refuses("AccountProof", "t28_account_of_another_contract", IBeaconClient.AccountProof.selector);
        _refuses("StorageProof", "t28_storage_of_another_contract", IBeaconClient.StorageProof.selector);
    }

    /// @dev Judges one file and compares all that it says about the outcome.
    function judge(string calldata path) external {
        string memory json = vm.readFile(path);
        IBeacon client = _prepare(json);
        uint256 outcome = _judged(client, json);
        string memory kind = vm.parseJsonString(json, ".kind");
        uint256 timestamp = vm.parseJsonUint(json, ".timestamp");
        if (_same(kind, "member") || _same(kind, "absent") || _same(kind, "batch")) {
            vm.assertEq(outcome, timestamp, path);
        }
        if (_same(kind, "update")) _checkResult(client, json, outcome);
        if (_same(kind, "misbehaviour")) vm.assertTrue(client.status() == ClientStatus.Frozen, path);
        Snapshot memory shot = client.snapshot();
        vm.assertEq(shot.newestSlot, vm.parseJsonUint(json, ".newest"), path);
        vm.assertEq(shot.committees[3].commitment, vm.parseJsonBytes32(json, ".nextCommittee"), path);
        TrustedState memory state = client.stateAt(uint64(vm.parseJsonUint(json, ".height")));
        vm.assertEq(state.storageRoot, vm.parseJsonBytes32(json, ".storageRoot"), path);
        vm.assertEq(state.learnedAt, vm.parseJsonUint(json, ".learnedAt"), path);
        vm.assertEq(client.learnedAt(state.slot), state.learnedAt, path);
        uint256 start = vm.parseJsonUint(json, ".genesisTime");
        vm.assertEq(start + state.slot * vm.parseJsonUint(json, ".secondsPerSlot"), timestamp, path);
    }

    /// @dev Judges one file that is to be refused.
    function judgeRefusal(string calldata path) external {
        string memory json = vm.readFile(path);
        _judged(_prepare(json), json);
    }

    /// @dev Every file of a rule's folder is refused by that rule.
    function _replay(string memory rule, bytes4 selector) private {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "reject/", rule));
        vm.assertTrue(files.length != 0, rule);
        for (uint256 i = 0; i < files.length; ++i) {
            vm.assertEq(vm.parseJsonString(vm.readFile(files[i].path), ".error"), rule);
            _refusesFile(files[i].path, selector);
        }
    }

    function _refuses(string memory rule, string memory name, bytes4 selector) private {
        _refusesFile(string.concat(FOLDER, "reject/", rule, "/", name, ".json"), selector);
    }

    function _refusesFile(string memory path, bytes4 selector) private {
        // A curve precompile that refuses a point keeps all gas it was given.
        (bool accepted, bytes memory reason) =
            address(this).call{gas: 50_000_000}(abi.encodeCall(this.judgeRefusal, (path)));
        vm.assertFalse(accepted, path);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(selector), string.concat(path, ": ", vm.toString(reason)));
    }

    function _checkResult(IBeacon client, string memory json, uint256 outcome) private view {
        string memory result = vm.parseJsonString(json, ".result");
        UpdateResult expected = UpdateResult.NoOp;
        if (_same(result, "Update")) expected = UpdateResult.Update;
        else if (_same(result, "Misbehaviour")) expected = UpdateResult.Misbehaviour;
        else require(_same(result, "NoOp"), string.concat("unknown result ", result));
        vm.assertEq(outcome, uint256(expected), vm.parseJsonString(json, ".result"));
        vm.assertTrue((client.status() == ClientStatus.Frozen) == (expected == UpdateResult.Misbehaviour));
    }
}
