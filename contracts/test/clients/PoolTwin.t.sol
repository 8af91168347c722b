// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {Test} from "../support/Test.sol";
import {PoolMaker} from "./PoolMaker.sol";
import {IPoolLaw} from "./harness/IPoolLaw.sol";
import {PlainPool} from "./plain/PlainPool.sol";

/// @notice The reader of pools against its plain twin. Both are asked with the root that the twin comes to, so that not
/// only the root refuses: a pool that breaks one rule and hashes rightly has to fail by that rule.
contract PoolTwinTest is Test {
    string private constant FOLDER = "../light-clients/vectors/pool/";

    IPoolLaw private _law;

    function setUp() public {
        _law = IPoolLaw(_create("PoolLaw.sol:PoolLaw", ""));
    }

    function test_plain_twin_judges_the_vectors_alike() public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            PlainPool.Reading memory reading = this.read(_words(json, ".keys"), vm.parseJsonBytes(json, ".pool"));
            vm.assertEq(reading.broken, "");
            vm.assertEq(reading.root, vm.parseJsonBytes32(json, ".root"), files[i].path);
            vm.assertEq(abi.encodePacked(reading.values), vm.parseJsonBytes(json, ".values"), files[i].path);
        }
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length != 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            files = vm.readDir(rules[i].path);
            for (uint256 j = 0; j < files.length; ++j) {
                _refusedByBoth(files[j].path);
            }
        }
    }

    /// @dev Pools of real tries with up to three changed bytes, the first of them often where a node begins.
    function testFuzz_agrees_with_plain_on_changed_pools(uint256 file, uint256[3] calldata places, uint8[3] calldata to)
        public
        view
    {
        (bytes32[] memory keys, bytes memory pool) = _any(file);
        for (uint256 i = 0; i < 3; ++i) {
            if (i != 0 && to[i] % 2 == 0) continue;
            uint256 range = places[i] % 3 == 0 && pool.length > 40 ? 40 : pool.length;
            pool[(places[i] >> 8) % range] = bytes1(to[i] % 4 == 0 ? to[i] >> 5 : to[i]);
        }
        _compare(keys, pool);
    }

    /// @dev Pools of real tries, for a key that somebody else asks about.
    function testFuzz_agrees_with_plain_on_other_keys(uint256 file, uint256 place, uint8 shared, bytes32 other)
        public
        view
    {
        (bytes32[] memory keys, bytes memory pool) = _any(file);
        place %= keys.length;
        bytes32 mask = bytes32(type(uint256).max) >> (shared % 96);
        keys[place] = (keys[place] & ~mask) | (other & mask);
        _compare(keys, pool);
    }

    function testFuzz_agrees_with_plain_on_made_pools(uint256 seed) public view {
        (bytes32[] memory keys, bytes memory pool) = PoolMaker.make(seed);
        vm.assertTrue(_compare(keys, pool), vm.toString(pool));
    }

    function testFuzz_agrees_with_plain_on_made_and_changed_pools(uint256 seed, uint256 place, uint8 to) public view {
        (bytes32[] memory keys, bytes memory pool) = PoolMaker.make(seed);
        pool[(place >> 8) % (place % 2 == 0 || pool.length < 8 ? pool.length : 8)] = bytes1(to % 2 == 0 ? to >> 5 : to);
        _compare(keys, pool);
    }

    /// @dev Pools that break one rule, wherever it can be broken, and are whole otherwise.
    function testFuzz_agrees_with_plain_on_pools_that_break_a_rule(uint256 seed, uint256 fault) public view {
        fault = 1 + fault % PoolMaker.FAULTS;
        (bytes32[] memory keys, bytes memory pool, bool broken) = PoolMaker.makeWith(seed, fault);
        vm.assertTrue(_compare(keys, pool) != broken, string.concat(vm.toString(fault), " ", vm.toString(pool)));
    }

    /// @dev Each of them can be broken.
    function test_some_pool_breaks_each_rule() public pure {
        for (uint256 fault = 1; fault <= PoolMaker.FAULTS; ++fault) {
            bool broken = false;
            for (uint256 seed = 0; seed < 64 && !broken; ++seed) {
                (,, broken) = PoolMaker.makeWith(seed, fault);
            }
            vm.assertTrue(broken, vm.toString(fault));
        }
    }

    /// @dev A pool that ends early or late: what is missing would be read as zeros.
    function testFuzz_agrees_with_plain_on_cut_and_longer_pools(uint256 seed, uint256 size, bytes calldata more)
        public
        view
    {
        (bytes32[] memory keys, bytes memory pool) = PoolMaker.make(seed);
        vm.assertTrue(more.length == 0 || !_compare(keys, bytes.concat(pool, more)), vm.toString(pool));
        size %= pool.length;
        assembly ("memory-safe") {
            mstore(pool, size)
        }
        vm.assertFalse(_compare(keys, pool), vm.toString(pool));
    }

    /// @dev Without keys every pool of one node would be whole, and show nothing at all.
    function testFuzz_no_keys_are_refused_under_the_right_root(bytes32 hash) public view {
        bytes memory pool = hex"00ffff";
        bytes memory node = hex"f90211";
        for (uint256 i = 0; i < 16; ++i) {
            (pool, node) = (bytes.concat(pool, hash), bytes.concat(node, hex"a0", hash));
        }
        bytes32 root = keccak256(bytes.concat(node, hex"80"));
        (bool accepted, bytes memory reason) =
            address(_law).staticcall(abi.encodeCall(IPoolLaw.prove, (root, new bytes32[](0), pool)));
        vm.assertFalse(accepted);
        vm.assertEq(reason, abi.encodeWithSelector(IPoolLaw.StorageProof.selector, root));
    }

    /// @dev A key has no nibble that a branch behind 64 others could look at, and so none that could be missing there.
    function testFuzz_no_branch_behind_the_key_shows_absence(bytes32 hash) public view {
        bytes memory inner = bytes.concat(hex"f85180a0", hash, hex"a0", hash, _missing(14));
        bytes memory outer = bytes.concat(hex"f851a0", keccak256(inner), hex"a0", hash, _missing(15));
        bytes32 root = keccak256(bytes.concat(hex"f842a010", bytes31(0), hex"a0", keccak256(outer)));
        // An extension of 63 nibbles, a branch, and below it another, where the child of the key is missing.
        bytes memory pool = bytes.concat(hex"023f", bytes32(0), hex"000003", hex"000006", hash, hash, hash);
        (bool accepted, bytes memory reason) =
            address(_law).staticcall(abi.encodeCall(IPoolLaw.prove, (root, new bytes32[](1), pool)));
        vm.assertFalse(accepted);
        vm.assertEq(reason, abi.encodeWithSelector(IPoolLaw.StorageProof.selector, root));
    }

    function _missing(uint256 count) private pure returns (bytes memory items) {
        for (uint256 i = 0; i < count; ++i) {
            items = bytes.concat(items, hex"80");
        }
    }

    /// @dev Reverts where the twin finds no meaning.
    function read(bytes32[] memory keys, bytes memory pool) external pure returns (PlainPool.Reading memory) {
        return PlainPool.read(keys, pool);
    }

    /// @return accepted Whether both take the pool for the root that it leads to. They show the same then.
    function _compare(bytes32[] memory keys, bytes memory pool) private view returns (bool accepted) {
        PlainPool.Reading memory reading;
        // Some root, in case that none is defined.
        reading.root = keccak256(pool);
        try this.read(keys, pool) returns (PlainPool.Reading memory read_) {
            reading = read_;
            accepted = bytes(reading.broken).length == 0;
        } catch {}
        try _law.prove(reading.root, keys, pool) returns (bytes32[] memory values) {
            vm.assertTrue(accepted, string.concat(reading.broken, " ", vm.toString(pool)));
            vm.assertEq(abi.encode(values), abi.encode(reading.values), vm.toString(pool));
        } catch (bytes memory reason) {
            vm.assertFalse(accepted, vm.toString(pool));
            vm.assertEq(reason, abi.encodeWithSelector(IPoolLaw.StorageProof.selector, reading.root));
        }
    }

    /// @dev A vector of a rule: the twin names a rule, too, or comes to another root, or the root is none.
    function _refusedByBoth(string memory path) private view {
        string memory json = vm.readFile(path);
        (bytes32[] memory keys, bytes memory pool) = (_words(json, ".keys"), vm.parseJsonBytes(json, ".pool"));
        bytes32 root = vm.parseJsonBytes32(json, ".root");
        if (!_compare(keys, pool) || root == 0 || root == keccak256(hex"80")) return;
        vm.assertTrue(this.read(keys, pool).root != root, path);
    }

    function _any(uint256 file) private view returns (bytes32[] memory, bytes memory) {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        string memory json = vm.readFile(files[file % files.length].path);
        return (_words(json, ".keys"), vm.parseJsonBytes(json, ".pool"));
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
