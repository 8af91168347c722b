// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {PolicyWorld} from "./PolicyWorld.sol";

/// @notice Trees, leaves and mutants that the law crate `policy` wrote a moment ago, with its verdict, in the folder
/// `WEIGHBRIDGE_MUTANTS`: the contract says the same of each. Without the variable there is nothing to judge.
contract PolicyFreshMutantsTest is PolicyWorld {
    function test_fresh_cases_are_judged_as_the_law_judges() public {
        string memory folder = vm.envOr("WEIGHBRIDGE_MUTANTS", "");
        if (bytes(folder).length == 0) return vm.skip(true);
        DirEntry[] memory files = vm.readDir(string.concat(folder, "/policy"));
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            _agrees(files[i].path);
        }
    }
}
