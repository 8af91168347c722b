// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../../support/Vm.sol";
import {GuardianTrace} from "./GuardianTrace.sol";

/// @notice Random traces that the law crate wrote a moment ago, with its verdicts, in the folder `WEIGHBRIDGE_MUTANTS`:
/// the contracts judge every step alike. Without the variable there is nothing to judge.
contract GuardianFreshTest is GuardianTrace {
    function test_fresh_traces_are_judged_alike() public {
        string memory folder = vm.envOr("WEIGHBRIDGE_MUTANTS", "");
        if (bytes(folder).length == 0) return vm.skip(true);
        DirEntry[] memory files = vm.readDir(string.concat(folder, "/guardian"));
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            uint256 empty = vm.snapshotState();
            _replay(files[i].path);
            vm.assertTrue(vm.revertToState(empty));
        }
    }

    function _replay(string memory path) private {
        string memory json = vm.readFile(path);
        vm.assertEq(_start(json), "");
        Op[] memory ops = _ops(json);
        string[] memory verdicts = abi.decode(vm.parseJsonBytes(json, ".verdicts"), (string[]));
        vm.assertEq(ops.length, verdicts.length, path);
        for (uint256 i = 0; i < ops.length; ++i) {
            string memory about = string.concat(path, " step ", vm.toString(i), ": ");
            vm.assertEq(string.concat(about, _take(ops[i])), string.concat(about, verdicts[i]));
        }
        _checkEnd(json, path);
    }
}
