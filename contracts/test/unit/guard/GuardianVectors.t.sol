// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../../support/Vm.sol";
import {GuardianTrace} from "./GuardianTrace.sol";

/// @notice The contracts take every step that the law crate `guardian-core` takes, and refuse what it refuses, by the
/// same rule.
contract GuardianVectorsTest is GuardianTrace {
    string private constant FOLDER = "../light-clients/vectors/guardian/";

    function test_accepted_traces() public {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0, "no traces");
        for (uint256 i = 0; i < files.length; ++i) {
            string memory path = files[i].path;
            string memory json = vm.readFile(path);
            uint256 empty = vm.snapshotState();
            vm.assertEq(_start(json), "");
            _takeAll(_ops(json), path, "");
            _checkEnd(json, path);
            vm.assertTrue(vm.revertToState(empty));
        }
    }

    function test_refused_traces() public {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length == 25, "a rule without traces");
        for (uint256 i = 0; i < rules.length; ++i) {
            string memory rule = _lastName(rules[i].path);
            DirEntry[] memory files = vm.readDir(rules[i].path);
            vm.assertTrue(files.length != 0, rule);
            for (uint256 j = 0; j < files.length; ++j) {
                string memory json = vm.readFile(files[j].path);
                uint256 empty = vm.snapshotState();
                string memory refused = _start(json);
                Op[] memory ops = _ops(json);
                if (ops.length != 0) _takeAll(ops, files[j].path, rule);
                else vm.assertEq(string.concat(files[j].path, refused), string.concat(files[j].path, rule));
                vm.assertTrue(vm.revertToState(empty));
            }
        }
    }

    /// @dev Every step but the last is accepted; the last is refused by `rule`, or accepted as well.
    function _takeAll(Op[] memory ops, string memory path, string memory rule) private {
        for (uint256 i = 0; i < ops.length; ++i) {
            string memory about = string.concat(path, " step ", vm.toString(i), ": ");
            string memory expected = i + 1 == ops.length ? rule : "";
            vm.assertEq(string.concat(about, _take(ops[i])), string.concat(about, expected));
        }
    }

    function _lastName(string memory path) private pure returns (string memory) {
        bytes memory text = bytes(path);
        uint256 from = text.length;
        while (text[from - 1] != "/") --from;
        bytes memory name = new bytes(text.length - from);
        for (uint256 i = 0; i < name.length; ++i) {
            name[i] = text[from + i];
        }
        return string(name);
    }
}
