// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {AttestorRules} from "./AttestorRules.sol";

/// @notice The shared vectors of the law crate `attestor`, judged by the contract: every file of `accept`, and every
/// file of every folder of `reject`, whose name is that of the rule.
contract AttestorVectorsTest is AttestorRules {
    /// @dev Rules that the contract shares with the law crate.
    uint256 private constant RULES = 31;

    function test_accepts_what_the_law_accepts() public {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            _agrees(files[i].path);
        }
    }

    function test_rejects_by_the_rule_of_the_law() public {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertEq(rules.length, RULES, "a rule has no vector, or is new");
        for (uint256 i = 0; i < rules.length; ++i) {
            DirEntry[] memory files = vm.readDir(rules[i].path);
            vm.assertTrue(files.length != 0, rules[i].path);
            for (uint256 j = 0; j < files.length; ++j) {
                string memory rule = vm.parseJsonString(vm.readFile(files[j].path), ".error");
                string memory found = _refusal(files[j].path);
                vm.assertEq(string.concat(files[j].path, " ", found), string.concat(files[j].path, " ", rule));
            }
        }
    }
}
