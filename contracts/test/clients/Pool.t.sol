// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {Test} from "../support/Test.sol";
import {IPoolLaw} from "./harness/IPoolLaw.sol";

/// @notice The reader of pools against the shared vectors of the law crate `merkle`, and against mutants of them.
contract PoolTest is Test {
    string private constant FOLDER = "../light-clients/vectors/pool/";

    IPoolLaw private _law;

    function setUp() public {
        _law = IPoolLaw(_create("PoolLaw.sol:PoolLaw", ""));
    }

    function test_accepts_what_the_law_accepts() public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            bytes32[] memory values = _law.prove(_root(json), _words(json, ".keys"), _pool(json));
            vm.assertEq(abi.encodePacked(values), vm.parseJsonBytes(json, ".values"), files[i].path);
        }
    }

    function test_rejects_what_the_law_rejects() public view {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length != 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            DirEntry[] memory files = vm.readDir(rules[i].path);
            vm.assertTrue(files.length != 0, rules[i].path);
            for (uint256 j = 0; j < files.length; ++j) {
                string memory json = vm.readFile(files[j].path);
                _refused(_root(json), _words(json, ".keys"), _pool(json), files[j].path);
            }
        }
    }

    function testFuzz_keys_are_those_of_the_paths(bytes[] calldata paths, bytes32 base) public view {
        bytes32[] memory keys = _law.keysOf(paths, base);
        vm.assertEq(keys.length, paths.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            bytes32 slot = keccak256(abi.encode(keccak256(paths[i]), base));
            vm.assertEq(keys[i], keccak256(abi.encode(slot)));
        }
    }

    /// @dev What lies behind the call would be read as zeros.
    function test_path_that_ends_behind_the_call_is_refused() public view {
        bytes[] memory paths = new bytes[](1);
        paths[0] = "twenty bytes of path";
        bytes memory input = abi.encodeCall(IPoolLaw.keysOf, (paths, bytes32(0)));
        // The path has the last word for its bytes, and the one before it for their number.
        for (uint256 length = 32; length <= 33; ++length) {
            assembly ("memory-safe") {
                mstore(add(input, sub(mload(input), 0x20)), length)
            }
            (bool accepted, bytes memory reason) = address(_law).staticcall(input);
            vm.assertTrue(accepted == (length == 32));
            if (!accepted) vm.assertEq(reason.length, 0);
        }
    }

    /// @dev [T-02] Whatever byte of a pool is changed, it shows nothing.
    function testFuzz_t02_changed_pool_is_refused(uint256 file, uint256 place, uint8 change) public view {
        string memory json = _any(file);
        bytes memory pool = _pool(json);
        pool[place % pool.length] ^= bytes1(change == 0 ? 1 : change);
        _refused(_root(json), _words(json, ".keys"), pool, vm.toString(pool));
    }

    /// @dev [T-08] A pool is consumed exactly.
    function testFuzz_t08_cut_or_longer_pool_is_refused(uint256 file, uint256 size, bytes calldata more) public view {
        string memory json = _any(file);
        bytes memory pool = _pool(json);
        bytes memory cut = new bytes(size % pool.length);
        for (uint256 i = 0; i < cut.length; ++i) {
            cut[i] = pool[i];
        }
        _refused(_root(json), _words(json, ".keys"), cut, vm.toString(cut));
        _refused(_root(json), _words(json, ".keys"), bytes.concat(pool, more, hex"00"), vm.toString(more));
    }

    /// @dev [T-09] A pool of some keys shows nothing wrong about another: it is refused, or the key ends where the pool
    /// shows that nothing is, and there nothing is.
    function testFuzz_t09_pool_of_other_keys_shows_nothing_false(uint256 file, uint256 place, bytes32 other)
        public
        view
    {
        string memory json = _any(file);
        bytes32[] memory keys = _words(json, ".keys");
        place %= keys.length;
        bytes32 first = place == 0 ? bytes32(0) : keys[place - 1];
        bytes32 last = place + 1 == keys.length ? bytes32(type(uint256).max) : keys[place + 1];
        vm.assume(other >= first && other <= last && other != first && other != last && other != keys[place]);
        keys[place] = other;
        try _law.prove(_root(json), keys, _pool(json)) returns (bytes32[] memory values) {
            vm.assertEq(values[place], bytes32(0));
        } catch (bytes memory reason) {
            vm.assertEq(bytes32(bytes4(reason)), bytes32(IPoolLaw.StorageProof.selector));
        }
    }

    function _refused(bytes32 root, bytes32[] memory keys, bytes memory pool, string memory about) private view {
        (bool accepted, bytes memory reason) =
            address(_law).staticcall(abi.encodeCall(IPoolLaw.prove, (root, keys, pool)));
        vm.assertFalse(accepted, about);
        vm.assertEq(reason, abi.encodeWithSelector(IPoolLaw.StorageProof.selector, root), about);
    }

    function _any(uint256 file) private view returns (string memory) {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        return vm.readFile(files[file % files.length].path);
    }

    function _root(string memory json) private pure returns (bytes32) {
        return vm.parseJsonBytes32(json, ".root");
    }

    function _pool(string memory json) private pure returns (bytes memory) {
        return vm.parseJsonBytes(json, ".pool");
    }

    function _words(string memory json, string memory key) private pure returns (bytes32[] memory words) {
        bytes memory text = vm.parseJsonBytes(json, key);
        words = new bytes32[](text.length / 32);
        for (uint256 i = 0; i < words.length; ++i) {
            assembly ("memory-safe") {
                mstore(add(add(words, 0x20), shl(5, i)), mload(add(add(text, 0x20), shl(5, i))))
            }
        }
    }
}
