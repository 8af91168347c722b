// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {PolicyWorld} from "./PolicyWorld.sol";

/// @notice The shared vectors of the law crate `policy`, judged by the contract.
contract PolicyVectorsTest is PolicyWorld {
    /// @dev Rules that the contract shares with the law crate.
    uint256 private constant RULES = 4;

    function test_accepts_what_the_law_accepts() public {
        _all(string.concat(FOLDER, "accept"));
    }

    function test_rejects_by_the_rule_of_the_law() public {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertEq(rules.length, RULES, "a rule has no vector, or is new");
        for (uint256 i = 0; i < rules.length; ++i) {
            _all(rules[i].path);
        }
    }

    function _all(string memory folder) private {
        DirEntry[] memory files = vm.readDir(folder);
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            _agrees(files[i].path);
        }
    }
}
