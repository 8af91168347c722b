// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {Test} from "../support/Test.sol";
import {IBeaconLaw} from "./harness/IBeaconLaw.sol";
import {PlainMpt} from "./plain/PlainMpt.sol";

/// @notice The trie walker against the shared vectors of the law crate `merkle` and against its plain twin.
contract MptTest is Test {
    string private constant FOLDER = "../light-clients/vectors/mpt/";
    uint256 private constant INVALID = 0;
    uint256 private constant ABSENT = 1;
    uint256 private constant PRESENT = 2;

    IBeaconLaw private _law;
    /// @dev Proofs of one node: with a new root, every byte of them can be changed without breaking a hash.
    string[] private _oneNode;

    function setUp() public {
        _law = IBeaconLaw(_create("BeaconLaw.sol:BeaconLaw", ""));
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            bytes memory proof = vm.parseJsonBytes(json, ".proof");
            if (keccak256(proof) == vm.parseJsonBytes32(json, ".root")) _oneNode.push(json);
        }
        vm.assertTrue(_oneNode.length != 0);
    }

    function test_accepts_what_the_law_accepts() public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            (uint256 verdict, bytes memory value) = _lookup(json);
            vm.assertEq(verdict, vm.parseJsonBool(json, ".present") ? PRESENT : ABSENT, files[i].path);
            vm.assertEq(value, vm.parseJsonBytes(json, ".value"), files[i].path);
            vm.assertEq(_word(json, verdict, value), vm.parseJsonBytes32(json, ".word"), files[i].path);
        }
    }

    function test_rejects_what_the_law_rejects() public view {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length != 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            _rejects(rules[i].path);
        }
    }

    /// @dev [T-08] Nodes that the key does not lead to, and bytes behind the last node.
    function test_t08_proof_nodes_left_over_are_rejected() public view {
        _rejects(string.concat(FOLDER, "reject/trailing_bytes"));
    }

    /// @dev [T-12] Other encodings of a path, a size or a string.
    function test_t12_other_encodings_are_rejected() public view {
        _rejects(string.concat(FOLDER, "reject/hex_prefix"));
        _rejects(string.concat(FOLDER, "reject/rlp_not_canonical"));
    }

    /// @dev Nothing lies below the last nibble of a key, and no path crosses it.
    function test_paths_end_with_the_key() public view {
        bytes memory child = bytes.concat(hex"a0", keccak256("child"));
        // Where no nibble is left: a leaf with no nibbles, and one whose path has no form.
        vm.assertEq(_below(64, bytes.concat(hex"e220", child)), PRESENT);
        vm.assertEq(_below(64, bytes.concat(hex"e240", child)), INVALID);
        // Where four are left: an extension by two other nibbles, and one by ten.
        vm.assertEq(_below(60, bytes.concat(hex"e48200ff", child)), ABSENT);
        vm.assertEq(_below(60, bytes.concat(hex"e88600ffffffffff", child)), INVALID);
    }

    /// @dev [T-12] One byte has no prefix, and a path of 32 bytes or less has a short one.
    function test_t12_paths_with_another_prefix_are_rejected() public view {
        bytes memory value = bytes.concat(hex"a0", keccak256("value"));
        vm.assertEq(_below(63, bytes.concat(hex"e230", value)), PRESENT);
        vm.assertEq(_below(63, bytes.concat(hex"e38130", value)), INVALID);
        vm.assertEq(_below(0, bytes.concat(hex"f843a120", new bytes(32), value)), PRESENT);
        vm.assertEq(_below(0, bytes.concat(hex"f844b82120", new bytes(32), value)), INVALID);
        vm.assertEq(_below(0, bytes.concat(hex"f843b820", new bytes(32), value)), INVALID);
    }

    /// @dev [T-12] Nonce, balance and two hashes, each in its one form.
    function test_t12_other_encodings_of_an_account_are_rejected() public view {
        (bytes32 root, bytes32 code) = (keccak256("root"), keccak256("code"));
        vm.assertEq(_law.storageRoot(abi.encodePacked(hex"f8440180a0", root, hex"a0", code)), root);
        vm.assertEq(_law.storageRoot(abi.encodePacked(hex"f845810180a0", root, hex"a0", code)), 0);
        vm.assertEq(_law.storageRoot(abi.encodePacked(hex"f845018101a0", root, hex"a0", code)), 0);
        vm.assertEq(_law.storageRoot(abi.encodePacked(hex"f84401809f", root, hex"a0", code)), 0);
        vm.assertEq(_law.storageRoot(abi.encodePacked(hex"f8440180a0", root, hex"9f", code)), 0);
    }

    /// @dev [T-33] Roots that mean "nothing is known".
    function test_t33_empty_and_zero_roots_are_rejected() public view {
        _rejects(string.concat(FOLDER, "reject/empty_trie"));
    }

    /// @dev [T-02] Any bytes appended to a proof, whatever it shows.
    function testFuzz_t02_appended_bytes_are_rejected(uint256 which, bytes calldata more) public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        string memory json = vm.readFile(files[which % files.length].path);
        bytes memory proof = bytes.concat(vm.parseJsonBytes(json, ".proof"), more, bytes1(0));
        (uint256 verdict,) = _law.lookup(vm.parseJsonBytes32(json, ".root"), vm.parseJsonBytes32(json, ".key"), proof);
        vm.assertEq(verdict, INVALID);
    }

    /// @dev [T-45] Every byte of a proof counts.
    function testFuzz_t45_changed_bytes_are_rejected(uint256 which, uint256 place, uint8 change) public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        string memory json = vm.readFile(files[which % files.length].path);
        bytes memory proof = _changed(vm.parseJsonBytes(json, ".proof"), place, change);
        (uint256 verdict,) = _law.lookup(vm.parseJsonBytes32(json, ".root"), vm.parseJsonBytes32(json, ".key"), proof);
        vm.assertEq(verdict, INVALID);
    }

    /// @dev Nodes with one or two changed bytes whose hash is right: both twins read the same, or both refuse.
    function testFuzz_agrees_with_plain_on_changed_nodes(
        uint256 which,
        uint256 place,
        uint8 change,
        uint256 secondPlace,
        uint8 secondChange
    ) public view {
        string memory json = _oneNode[which % _oneNode.length];
        bytes memory node = _changed(vm.parseJsonBytes(json, ".proof"), place, change);
        if (secondChange % 2 == 0) node = _changed(node, secondPlace % 8, secondChange);
        _compare(keccak256(node), vm.parseJsonBytes32(json, ".key"), node);
    }

    /// @dev Values as a slot or an account would hold them.
    function testFuzz_agrees_with_plain_on_values(uint256 which, uint256 place, uint8 change) public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        bytes memory value = vm.parseJsonBytes(vm.readFile(files[which % files.length].path), ".value");
        if (value.length == 0) return;
        if (change != 0) value = _changed(value, place % 40, change);
        (bool plain, bytes memory word) = address(this).staticcall(abi.encodeCall(this.plainWord, (value)));
        vm.assertEq(_law.storedWord(value), plain ? uint256(bytes32(word)) : 0);
        (plain, word) = address(this).staticcall(abi.encodeCall(this.plainRoot, (value)));
        vm.assertEq(_law.storageRoot(value), plain ? bytes32(word) : bytes32(0));
    }

    function test_plain_twin_judges_the_vectors_alike() public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        for (uint256 i = 0; i < files.length; ++i) {
            _compareFile(files[i].path);
        }
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        for (uint256 i = 0; i < rules.length; ++i) {
            files = vm.readDir(rules[i].path);
            for (uint256 j = 0; j < files.length; ++j) {
                _compareFile(files[j].path);
            }
        }
    }

    function plainLookup(bytes32 root, bytes32 key, bytes calldata proof) external pure returns (bytes memory) {
        return PlainMpt.lookup(root, key, proof);
    }

    function plainWord(bytes calldata value) external pure returns (uint256) {
        return PlainMpt.storedWord(value);
    }

    function plainRoot(bytes calldata value) external pure returns (bytes32) {
        return PlainMpt.storageRoot(value);
    }

    /// @dev What a node shows to which as many branches lead as there are nibbles above it; the key has zeros only.
    function _below(uint256 nibbles, bytes memory node) private view returns (uint256 verdict) {
        bytes memory proof = node;
        bytes32 root = keccak256(node);
        for (uint256 i = 0; i < nibbles; ++i) {
            // The first child, then fifteen that are not there, and no value.
            bytes memory branch = bytes.concat(hex"f1a0", root, hex"80808080808080808080808080808080");
            proof = bytes.concat(branch, proof);
            root = keccak256(branch);
        }
        _compare(root, 0, proof);
        (verdict,) = _law.lookup(root, 0, proof);
    }

    function _compareFile(string memory path) private view {
        string memory json = vm.readFile(path);
        _compare(
            vm.parseJsonBytes32(json, ".root"), vm.parseJsonBytes32(json, ".key"), vm.parseJsonBytes(json, ".proof")
        );
    }

    function _compare(bytes32 root, bytes32 key, bytes memory proof) private view {
        (uint256 verdict, bytes memory value) = _law.lookup(root, key, proof);
        (bool plain, bytes memory answer) =
            address(this).staticcall(abi.encodeCall(this.plainLookup, (root, key, proof)));
        vm.assertTrue(plain == (verdict != INVALID), vm.toString(proof));
        if (!plain) return;
        bytes memory expected = abi.decode(answer, (bytes));
        vm.assertEq(value, expected);
        vm.assertEq(verdict, expected.length == 0 ? ABSENT : PRESENT);
    }

    /// @dev All files of a rule are refused: by the walker, or by the reading of the value.
    function _rejects(string memory folder) private view {
        DirEntry[] memory files = vm.readDir(folder);
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            (uint256 verdict, bytes memory value) = _lookup(json);
            string memory kind = vm.parseJsonString(json, ".kind");
            bool refused = verdict == INVALID;
            if (_same(kind, "account")) refused = refused || verdict == ABSENT || _law.storageRoot(value) == 0;
            else if (_same(kind, "storage")) refused = refused || (verdict == PRESENT && _law.storedWord(value) == 0);
            else require(_same(kind, "trie"), string.concat("unknown kind ", kind));
            vm.assertTrue(refused, files[i].path);
        }
    }

    function _lookup(string memory json) private view returns (uint256 verdict, bytes memory value) {
        return _law.lookup(
            vm.parseJsonBytes32(json, ".root"), vm.parseJsonBytes32(json, ".key"), vm.parseJsonBytes(json, ".proof")
        );
    }

    /// @dev What a value means, by the vector's kind.
    function _word(string memory json, uint256 verdict, bytes memory value) private view returns (bytes32) {
        string memory kind = vm.parseJsonString(json, ".kind");
        if (verdict == ABSENT) return 0;
        if (_same(kind, "storage")) return bytes32(_law.storedWord(value));
        if (_same(kind, "account")) return _law.storageRoot(value);
        require(_same(kind, "trie"), string.concat("unknown kind ", kind));
        return 0;
    }

    function _changed(bytes memory text, uint256 place, uint8 change) private pure returns (bytes memory) {
        if (text.length == 0) return text;
        text[place % text.length] ^= bytes1(change == 0 ? 1 : change);
        return text;
    }

    function _same(string memory left, string memory right) private pure returns (bool) {
        return keccak256(bytes(left)) == keccak256(bytes(right));
    }
}
