// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {StorePoolWorld} from "./StorePoolWorld.sol";

/// @notice Pools that the law crate `merkle` judged a moment ago, good ones and edited ones, in the folder
/// `WEIGHBRIDGE_MUTANTS`: the contract says the same of each. Without the variable there is nothing to judge.
contract StorePoolFreshMutantsTest is StorePoolWorld {
    function test_fresh_pools_are_judged_as_the_law_judges() public {
        string memory folder = vm.envOr("WEIGHBRIDGE_MUTANTS", "");
        if (bytes(folder).length == 0) return vm.skip(true);
        DirEntry[] memory files = vm.readDir(string.concat(folder, "/store_pool"));
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            vm.assertEq(abi.encodePacked(_judged(_read(json))), vm.parseJsonBytes(json, ".values"), files[i].path);
        }
    }
}
