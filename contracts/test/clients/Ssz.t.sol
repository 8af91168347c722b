// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {Test} from "../support/Test.sol";
import {VmLists} from "./VmLists.sol";
import {IBeaconLaw} from "./harness/IBeaconLaw.sol";
import {PlainSsz} from "./plain/PlainSsz.sol";

/// @notice Roots, branches and multiproofs against the shared vectors of the law crate `merkle` and against their plain
/// twin.
contract SszTest is Test {
    string private constant FOLDER = "../light-clients/vectors/ssz/";
    VmLists private constant lists = VmLists(address(vm));

    IBeaconLaw private _law;

    function setUp() public {
        _law = IBeaconLaw(_create("BeaconLaw.sol:BeaconLaw", ""));
    }

    function test_accepts_what_the_law_accepts() public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            vm.assertTrue(_judge(files[i].path), files[i].path);
        }
    }

    function test_rejects_what_the_law_rejects() public view {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length != 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            _rejects(rules[i].path);
        }
    }

    /// @dev [T-05] A place behind the tree. In the contract places come from a bitvector, so that there is no such
    /// place.
    function test_t05_out_of_range_place_is_rejected() public view {
        _rejects(string.concat(FOLDER, "reject/leaf_index"));
    }

    /// @dev [T-06] One place twice. In the contract a seat is one bit.
    function test_t06_duplicate_place_is_rejected() public view {
        _rejects(string.concat(FOLDER, "reject/leaf_order"));
    }

    /// @dev [T-07] No leaf at all.
    function test_t07_empty_leaf_list_is_rejected() public view {
        _rejects(string.concat(FOLDER, "reject/no_leaves"));
    }

    /// @dev [T-08] More siblings than the places need, or fewer.
    function test_t08_siblings_left_over_are_rejected() public view {
        _rejects(string.concat(FOLDER, "reject/sibling_count"));
    }

    function testFuzz_header_root_agrees_with_plain(bytes32[4] calldata words) public view {
        bytes memory header = PlainSsz.cut(abi.encode(words), 0, 112);
        vm.assertEq(_law.headerRoot(header), PlainSsz.headerRoot(header));
    }

    function testFuzz_branch_root_agrees_with_plain(bytes32 leaf, uint16 index, bytes32 seed) public view {
        vm.assume(index != 0);
        bytes memory branch = _noise(seed, 16 * 32);
        vm.assertEq(_law.branchRoot(leaf, index, branch), PlainSsz.branchRoot(leaf, index, branch));
    }

    function testFuzz_written_out_branches_agree_with_plain(bytes32 leaf, bytes32 seed) public view {
        bytes memory branch = _noise(seed, 9 * 32);
        vm.assertEq(_law.executionRoot(leaf, branch), PlainSsz.branchRoot(leaf, 802, branch));
        vm.assertEq(_law.finalityRoot(leaf, branch, false), PlainSsz.branchRoot(leaf, 105, branch));
        vm.assertEq(_law.finalityRoot(leaf, branch, true), PlainSsz.branchRoot(leaf, 169, branch));
    }

    function testFuzz_integers_and_domains_agree_with_plain(bytes32 word, bytes4 version) public view {
        vm.assertEq(_law.readUint64(bytes.concat(word)), PlainSsz.uint64At(bytes.concat(word)));
        vm.assertEq(_law.domain(version, word), PlainSsz.domain(version, word));
    }

    function testFuzz_key_leaf_agrees_with_plain(bytes32[3] calldata words, uint8 mode, uint8 digit) public view {
        bytes memory key = abi.encode(words);
        bytes memory modulus = bytes.concat(bytes16(uint128(PlainSsz.P_HIGH)), bytes32(PlainSsz.P_LOW));
        if (mode % 8 == 0) key = new bytes(96);
        // A coordinate at the edge of the field: the modulus with a last byte of its own.
        if (mode % 8 == 1 || mode % 8 == 2) {
            for (uint256 i = 0; i < 48; ++i) {
                key[(mode % 8 - 1) * 48 + i] = modulus[i];
            }
            key[(mode % 8) * 48 - 1] = bytes1(digit);
        }
        // Numbers of random bytes are seldom below the modulus.
        if (mode % 8 > 3) (key[0], key[48]) = (key[0] & 0x0f, key[48] & 0x1f);
        vm.assertEq(_law.keyLeaf(key), PlainSsz.keyLeaf(key));
    }

    /// @dev The larger of two roots of y begins right above (p - 1) / 2.
    function test_key_leaf_at_the_sign_boundary_agrees_with_plain() public view {
        bytes memory half =
            hex"0d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555";
        for (uint256 i = 0; i < 3; ++i) {
            half[47] = bytes1(uint8(0x54 + i));
            bytes memory key = bytes.concat(new bytes(47), hex"01", half);
            vm.assertEq(_law.keyLeaf(key), PlainSsz.keyLeaf(key));
        }
    }

    /// forge-config: default.fuzz.runs = 16
    function testFuzz_absentees_agree_with_plain(bytes32[2] calldata masks, bytes32 seed, uint8 density) public view {
        bytes memory bits = abi.encode(masks);
        if (density % 3 == 1) bits = abi.encode(masks[0] | masks[1] | seed, masks[1] | ~seed);
        if (density % 3 == 2) {
            bits = abi.encode(bytes32(type(uint256).max) ^ bytes32(uint256(1) << density), ~bytes32(0));
        }
        uint256[] memory seats = PlainSsz.absentSeats(bits);
        vm.assertEq(_law.countSigners(bits), 512 - seats.length);
        if (seats.length == 0) return;
        bytes memory keys = _noise(seed, 96 * seats.length);
        bytes memory leaves;
        for (uint256 i = 0; i < seats.length; ++i) {
            (keys[96 * i], keys[96 * i + 48]) = (keys[96 * i] & 0x0f, keys[96 * i + 48] & 0x0f);
            leaves = bytes.concat(leaves, PlainSsz.keyLeaf(PlainSsz.cut(keys, 96 * i, 96)));
        }
        bytes memory siblings = _noise(~seed, 32 * 400);
        (bytes32 root, uint256 used) = _law.absentees(bits, seats.length, bytes.concat(keys, siblings));
        (bytes32 plainRoot, uint256 plainUsed) = PlainSsz.multiproofRoot(9, seats, leaves, siblings);
        vm.assertEq(root, plainRoot);
        vm.assertEq(used, 96 * seats.length + plainUsed);
    }

    function test_counts_all_and_none() public view {
        vm.assertEq(_law.countSigners(new bytes(64)), 0);
        vm.assertEq(_law.countSigners(abi.encode(~bytes32(0), ~bytes32(0))), 512);
    }

    function _rejects(string memory folder) private view {
        DirEntry[] memory files = vm.readDir(folder);
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            vm.assertFalse(_judge(files[i].path), files[i].path);
        }
    }

    function _judge(string memory path) private view returns (bool) {
        string memory json = vm.readFile(path);
        string memory kind = vm.parseJsonString(json, ".kind");
        bytes32 root = vm.parseJsonBytes32(json, ".root");
        if (keccak256(bytes(kind)) == keccak256("branch")) return _judgeBranch(json, root);
        require(keccak256(bytes(kind)) == keccak256("multiproof"), string.concat("unknown kind ", kind));
        bytes memory siblings = vm.parseJsonBytes(json, ".siblings");
        (bool ok, bytes memory answer) = address(_law)
            .staticcall(
                abi.encodeCall(
                    IBeaconLaw.climb,
                    (
                        vm.parseJsonUint(json, ".depth"),
                        lists.parseJsonUintArray(json, ".indices"),
                        vm.parseJsonBytes(json, ".leaves"),
                        siblings
                    )
                )
            );
        if (!ok) return false;
        (bytes32 found, uint256 used) = abi.decode(answer, (bytes32, uint256));
        return found == root && used == siblings.length;
    }

    /// @dev In the contract a branch is cut from its message with the size that its index asks for.
    function _judgeBranch(string memory json, bytes32 root) private view returns (bool) {
        uint256 index = vm.parseJsonUint(json, ".index");
        bytes memory branch = vm.parseJsonBytes(json, ".branch");
        uint256 depth = 0;
        while (index >> (depth + 1) != 0) depth += 1;
        if (index == 0 || branch.length != 32 * depth) return false;
        return _law.branchRoot(vm.parseJsonBytes32(json, ".leaf"), index, branch) == root;
    }

    /// @dev Bytes that follow from a seed.
    function _noise(bytes32 seed, uint256 size) private pure returns (bytes memory noise) {
        noise = new bytes(size);
        for (uint256 i = 0; i < size; ++i) {
            if (i % 32 == 0) seed = keccak256(bytes.concat(seed));
            noise[i] = seed[i % 32];
        }
    }
}
