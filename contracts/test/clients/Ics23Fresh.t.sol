// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {Test} from "../support/Test.sol";
import {IIcs23Law} from "./harness/IIcs23Law.sol";

/// @notice Proofs that nodes of others gave, and mutants of them that the law crate `tendermint` judged a moment ago,
/// in the folder `WEIGHBRIDGE_MUTANTS`: the contract says the same of each. Without the variable, or without the
/// recordings, there is nothing to judge.
contract Ics23FreshTest is Test {
    function test_fresh_proofs_are_judged_as_the_law_judges() public {
        string memory folder = string.concat(vm.envOr("WEIGHBRIDGE_MUTANTS", ""), "/ics23");
        if (bytes(folder).length == 6 || !vm.exists(folder)) return vm.skip(true);
        IIcs23Law law = IIcs23Law(_create("Ics23Law.sol:Ics23Law", ""));
        DirEntry[] memory files = vm.readDir(folder);
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            _judge(law, files[i].path);
        }
    }

    function _judge(IIcs23Law law, string memory path) private view {
        string memory json = vm.readFile(path);
        bytes32 root = vm.parseJsonBytes32(json, ".root");
        bytes memory store = vm.parseJsonBytes(json, ".store");
        bytes memory key = vm.parseJsonBytes(json, ".key");
        bool holds = vm.parseJsonBool(json, ".holds");
        try law.prove(root, store, key, vm.parseJsonBytes(json, ".proof")) returns (bytes memory value) {
            vm.assertTrue(holds, path);
            vm.assertEq(value, vm.parseJsonBytes(json, ".value"), path);
        } catch (bytes memory reason) {
            vm.assertFalse(holds, path);
            vm.assertEq(reason, abi.encodePacked(IIcs23Law.BadProof.selector), path);
        }
    }
}
