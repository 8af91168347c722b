// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {Test} from "../support/Test.sol";
import {IEd25519Law, Signed} from "./harness/IEd25519Law.sol";

/// @notice The published signatures that verifiers disagree about, which the law crate `tendermint` wrote a moment ago
/// with its verdict, in the folder `WEIGHBRIDGE_MUTANTS`: ZIP-215's, those of speccheck, Wycheproof's. The contract
/// says the same of each. Where the law had no vectors there is nothing to judge.
contract Ed25519FreshTest is Test {
    function test_published_signatures_are_judged_as_the_law_judges() public {
        string memory folder = string.concat(vm.envOr("WEIGHBRIDGE_MUTANTS", ""), "/ed25519");
        if (bytes(folder).length == 8 || !vm.exists(folder)) return vm.skip(true);
        IEd25519Law law = IEd25519Law(_create("Ed25519Law.sol:Ed25519Law", ""));
        DirEntry[] memory files = vm.readDir(folder);
        if (files.length == 0) return vm.skip(true);
        Signed[] memory all = new Signed[](files.length);
        uint256 valid = 0;
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            Signed[] memory one = new Signed[](1);
            one[0] = _read(json);
            bool expected = vm.parseJsonBool(json, ".valid");
            vm.assertTrue(_holds(law, one) == expected, files[i].path);
            if (expected) all[valid++] = one[0];
        }
        // All that count, in one batch.
        assembly ("memory-safe") {
            mstore(all, valid)
        }
        vm.assertTrue(valid != 0, "none of them counts");
        vm.assertTrue(law.verify(all));
        _checkInBatch(law, files, all[0]);
    }

    /// @dev Beside a good signature each is judged as it is alone, whichever comes first.
    function _checkInBatch(IEd25519Law law, DirEntry[] memory files, Signed memory good) private view {
        Signed[] memory two = new Signed[](2);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            bool expected = vm.parseJsonBool(json, ".valid");
            (two[0], two[1]) = (good, _read(json));
            vm.assertTrue(_holds(law, two) == expected, files[i].path);
            (two[0], two[1]) = (two[1], good);
            vm.assertTrue(_holds(law, two) == expected, files[i].path);
        }
    }

    function _read(string memory json) private pure returns (Signed memory) {
        return Signed(
            vm.parseJsonBytes32(json, ".key"),
            uint256(vm.parseJsonBytes32(json, ".keyX")),
            vm.parseJsonBytes32(json, ".r"),
            uint256(vm.parseJsonBytes32(json, ".rX")),
            vm.parseJsonBytes32(json, ".s"),
            vm.parseJsonBytes(json, ".message")
        );
    }

    function _holds(IEd25519Law law, Signed[] memory claims) private view returns (bool) {
        try law.verify(claims) returns (bool verdict) {
            return verdict;
        } catch {
            return false;
        }
    }
}
