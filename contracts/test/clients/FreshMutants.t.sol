// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeaconClient} from "../../src/interfaces/IBeaconClient.sol";
import {DirEntry} from "../support/Vm.sol";
import {BeaconWorld} from "./BeaconWorld.sol";

/// @notice Mutants that the law crate wrote a moment ago, with its verdict, in the folder `WEIGHBRIDGE_MUTANTS`: the
/// contract refuses each, and by the same rule. Without the variable there is nothing to judge.
/// @dev Spec: docs/formats/beacon.md, "Fresh mutants".
contract FreshMutantsTest is BeaconWorld {
    /// @dev Gas of one judgement with all that comes before it. A curve precompile that refuses keeps what it was
    /// given.
    uint256 private constant GAS = 100_000_000;

    mapping(bytes4 selector => string name) private _names;

    function setUp() public {
        _nameUpdateErrors();
        _nameOtherErrors();
    }

    /// @dev Mutants whose parts have the right lengths: the first rule that they break is fixed.
    function test_fresh_mutants_are_refused_by_the_same_rule() public {
        string memory folder = vm.envOr("WEIGHBRIDGE_MUTANTS", "");
        if (bytes(folder).length == 0) return vm.skip(true);
        DirEntry[] memory files = vm.readDir(string.concat(folder, "/named"));
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory rule = vm.parseJsonString(vm.readFile(files[i].path), ".error");
            vm.assertEq(
                string.concat(files[i].path, " ", _refusal(files[i].path)), string.concat(files[i].path, " ", rule)
            );
        }
    }

    /// @dev Mutants with a part of a wrong length: that they are refused is fixed, not by which rule.
    function test_fresh_mutants_of_wrong_lengths_are_refused() public {
        string memory folder = vm.envOr("WEIGHBRIDGE_MUTANTS", "");
        if (bytes(folder).length == 0) return vm.skip(true);
        DirEntry[] memory files = vm.readDir(string.concat(folder, "/refused"));
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            _refusal(files[i].path);
        }
    }

    /// @dev Prepares the client of a case; what comes before the judged message has to be accepted.
    function judgeMutant(string calldata path) external {
        string memory json = vm.readFile(path);
        _judged(_prepare(json), json);
    }

    /// @dev The name of the rule that refuses a mutant.
    function _refusal(string memory path) private returns (string memory name) {
        (bool accepted, bytes memory reason) = address(this).call{gas: GAS}(abi.encodeCall(this.judgeMutant, (path)));
        vm.assertFalse(accepted, path);
        name = _names[bytes4(reason)];
        vm.assertTrue(bytes(name).length != 0, string.concat(path, ": no rule is named ", vm.toString(reason)));
    }

    function _nameUpdateErrors() private {
        _names[IBeaconClient.Malformed.selector] = "Malformed";
        _names[IBeaconClient.Frozen.selector] = "Frozen";
        _names[IBeaconClient.Expired.selector] = "Expired";
        _names[IBeaconClient.UnknownFork.selector] = "UnknownFork";
        _names[IBeaconClient.FromTheFuture.selector] = "FromTheFuture";
        _names[IBeaconClient.SlotOrder.selector] = "SlotOrder";
        _names[IBeaconClient.OlderThanRing.selector] = "OlderThanRing";
        _names[IBeaconClient.NotEnoughSigners.selector] = "NotEnoughSigners";
        _names[IBeaconClient.UnknownCommittee.selector] = "UnknownCommittee";
        _names[IBeaconClient.WrongCommittee.selector] = "WrongCommittee";
        _names[IBeaconClient.FinalityBranch.selector] = "FinalityBranch";
        _names[IBeaconClient.ExecutionBranch.selector] = "ExecutionBranch";
        _names[IBeaconClient.NextCommitteePeriod.selector] = "NextCommitteePeriod";
        _names[IBeaconClient.NextCommitteeBranch.selector] = "NextCommitteeBranch";
        _names[IBeaconClient.AbsenteeProof.selector] = "AbsenteeProof";
        _names[IBeaconClient.BadPoint.selector] = "BadPoint";
        _names[IBeaconClient.AggregateAtInfinity.selector] = "AggregateAtInfinity";
        _names[IBeaconClient.BadSignature.selector] = "BadSignature";
    }

    function _nameOtherErrors() private {
        _names[IBeaconClient.AccountProof.selector] = "AccountProof";
        _names[IBeaconClient.AccountAbsent.selector] = "AccountAbsent";
        _names[IBeaconClient.EmptyStorageRoot.selector] = "EmptyStorageRoot";
        _names[IBeaconClient.ConflictingCheckpoint.selector] = "ConflictingCheckpoint";
        _names[IBeaconClient.BootstrapTooOld.selector] = "BootstrapTooOld";
        _names[IBeaconClient.CommitteeBranch.selector] = "CommitteeBranch";
        _names[IBeaconClient.BadValue.selector] = "BadValue";
        _names[IBeaconClient.StorageProof.selector] = "StorageProof";
        _names[IBeaconClient.SlotAbsent.selector] = "SlotAbsent";
        _names[IBeaconClient.SlotPresent.selector] = "SlotPresent";
        _names[IBeaconClient.ValueMismatch.selector] = "ValueMismatch";
        _names[IBeaconClient.NotMisbehaviour.selector] = "NotMisbehaviour";
    }
}
