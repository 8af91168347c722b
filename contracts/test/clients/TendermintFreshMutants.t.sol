// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {TendermintWorld} from "./TendermintWorld.sol";

/// @notice Headers that the law crate `tendermint` made up a moment ago, with its verdict, in the folder
/// `WEIGHBRIDGE_MUTANTS`: the contract says the same of each. Without the variable there is nothing to judge.
contract TendermintFreshMutantsTest is TendermintWorld {
    function test_fresh_cases_are_judged_as_the_law_judges() public {
        string memory folder = vm.envOr("WEIGHBRIDGE_MUTANTS", "");
        if (bytes(folder).length == 0) return vm.skip(true);
        DirEntry[] memory files = vm.readDir(string.concat(folder, "/tendermint"));
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory path = files[i].path;
            string memory rule = vm.parseJsonString(vm.readFile(path), ".error");
            if (bytes(rule).length == 0) _agrees(path);
            else vm.assertEq(string.concat(path, " ", _refusal(path)), string.concat(path, " ", rule));
        }
    }
}
