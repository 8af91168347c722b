// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {TendermintWorld} from "./TendermintWorld.sol";

/// @notice The Tendermint client against the shared vectors of the law crate.
contract TendermintVectorsTest is TendermintWorld {
    /// Rules that vectors of the law break.
    uint256 private constant RULES = 37;
    /// Cases for which there is no packed message, by the law's own packer: docs/formats/tendermint-evm.md says why.
    uint256 private constant UNPACKABLE_RULES = 8;

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
                string memory json = vm.readFile(files[j].path);
                string memory rule = vm.parseJsonString(json, ".error");
                string memory unpackable = vm.parseJsonString(json, ".packedError");
                if (bytes(unpackable).length != 0) {
                    vm.assertEq(unpackable, rule);
                    vm.assertTrue(_isUnpackable(rule), files[j].path);
                    continue;
                }
                string memory found = _refusal(files[j].path);
                vm.assertEq(string.concat(files[j].path, " ", found), string.concat(files[j].path, " ", rule));
            }
        }
    }

    /// @dev What a packed message leaves out, or its reader before it is packed.
    function _isUnpackable(string memory rule) private pure returns (bool) {
        string[UNPACKABLE_RULES] memory rules = [
            "Malformed",
            "TooManyValidators",
            "KeyKind",
            "VoteCount",
            "CommitHeight",
            "CommitBlock",
            "AddressMismatch",
            "VoteAddress"
        ];
        for (uint256 i = 0; i < rules.length; ++i) {
            if (_same(rules[i], rule)) return true;
        }
        return false;
    }
}
