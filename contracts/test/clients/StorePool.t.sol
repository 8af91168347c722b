// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {StorePoolWorld} from "./StorePoolWorld.sol";

/// @notice The reader of pools of Cosmos stores against the shared vectors of the law crate `merkle`, mutants of them,
/// and the plain twin. The two are compared with the app hash that the twin comes to, so that not only the app hash
/// refuses: a
/// pool that breaks one rule and hashes rightly has to fail by that rule.
contract StorePoolTest is StorePoolWorld {
    string private constant FOLDER = "../light-clients/vectors/store_pool/";

    function test_accepts_what_the_law_accepts() public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            Asked memory asked = _read(json);
            bytes32 appHash = asked.appHash;
            vm.assertEq(abi.encodePacked(_judged(asked)), vm.parseJsonBytes(json, ".values"), files[i].path);
            vm.assertTrue(_compare(asked), files[i].path);
            vm.assertEq(asked.appHash, appHash, files[i].path);
        }
    }

    function test_rejects_what_the_law_rejects() public view {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length != 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            DirEntry[] memory files = vm.readDir(rules[i].path);
            vm.assertTrue(files.length != 0, rules[i].path);
            for (uint256 j = 0; j < files.length; ++j) {
                Asked memory asked = _read(vm.readFile(files[j].path));
                bytes32 appHash = asked.appHash;
                vm.assertEq(_judged(asked).length, 0, files[j].path);
                // The twin refuses, too, or comes to another app hash.
                vm.assertTrue(!_compare(asked) || asked.appHash != appHash, files[j].path);
            }
        }
    }

    /// @dev [T-02] Whatever byte of a pool is changed, it shows nothing.
    function testFuzz_t02_changed_pool_is_refused(uint256 file, uint256 place, uint8 change) public view {
        Asked memory asked = _any(file);
        asked.pool[place % asked.pool.length] ^= bytes1(change == 0 ? 1 : change);
        vm.assertEq(_judged(asked).length, 0);
    }

    /// @dev [T-08] A pool is consumed exactly.
    function testFuzz_t08_cut_or_longer_pool_is_refused(uint256 file, uint256 size, bytes calldata more) public view {
        Asked memory asked = _any(file);
        bytes memory pool = asked.pool;
        asked.pool = _part(pool, 0, size % pool.length);
        vm.assertEq(_judged(asked).length, 0);
        asked.pool = bytes.concat(pool, more, hex"00");
        vm.assertEq(_judged(asked).length, 0);
    }

    /// @dev Pools of real trees with up to three changed bytes, the first of them often where a node begins.
    function testFuzz_agrees_with_plain_on_changed_pools(uint256 file, uint256[3] calldata places, uint8[3] calldata to)
        public
        view
    {
        Asked memory asked = _any(file);
        for (uint256 i = 0; i < 3; ++i) {
            if (i != 0 && to[i] % 2 == 0) continue;
            asked.pool[(places[i] >> 8) % asked.pool.length] = bytes1(to[i] % 4 == 0 ? (to[i] >> 5) << 4 : to[i]);
        }
        _compare(asked);
    }

    /// @dev The same with bytes more or less somewhere.
    function testFuzz_agrees_with_plain_on_shifted_pools(
        uint256 file,
        uint256 place,
        uint8 less,
        bytes calldata more,
        bool isWhole
    ) public view {
        Asked memory asked = _any(file);
        uint256 size = asked.pool.length;
        place %= size;
        uint256 behind = place + less > size ? size : place + less;
        bytes memory tail = _part(asked.pool, isWhole ? place : behind, size);
        asked.pool = bytes.concat(_part(asked.pool, 0, place), more, tail);
        _compare(asked);
    }

    /// @dev Pools of real trees, for a key that somebody else asks about.
    function testFuzz_agrees_with_plain_on_other_keys(uint256 file, uint256 place, uint256 at, uint8 to, bool cut)
        public
        view
    {
        Asked memory asked = _any(file);
        bytes memory key = asked.keys[place % asked.keys.length];
        key[at % 3 == 0 ? at % key.length : key.length - 1] = bytes1(to);
        asked.keys[place % asked.keys.length] = cut ? _part(key, 0, at % (key.length + 1)) : key;
        _compare(asked);
    }

    /// @dev Some of the rejected pools lead to their app hash: the twin refuses them by their form as well.
    function testFuzz_agrees_with_plain_on_pools_that_break_a_rule(uint256 rule, uint256 file, uint256 place, uint8 to)
        public
        view
    {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        DirEntry[] memory files = vm.readDir(rules[rule % rules.length].path);
        Asked memory asked = _read(vm.readFile(files[file % files.length].path));
        if (asked.pool.length != 0) asked.pool[place % asked.pool.length] = bytes1(to);
        _compare(asked);
    }

    function _any(uint256 file) private view returns (Asked memory) {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        return _read(vm.readFile(files[file % files.length].path));
    }
}
