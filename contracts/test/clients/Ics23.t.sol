// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {Test} from "../support/Test.sol";
import {IIcs23Law} from "./harness/IIcs23Law.sol";
import {PlainIcs23} from "./plain/PlainIcs23.sol";
import {Text} from "./plain/PlainIcs23Reader.sol";

/// @notice The verifier of proofs of Cosmos stores against the shared vectors of the law crate `merkle`, and against
/// its plain twin.
contract Ics23Test is Test {
    string private constant FOLDER = "../light-clients/vectors/ics23/";

    IIcs23Law private _law;

    function setUp() public {
        _law = IIcs23Law(_create("Ics23Law.sol:Ics23Law", ""));
    }

    function test_accepts_what_the_law_accepts() public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            bytes memory proof = vm.parseJsonBytes(json, ".proof");
            bytes memory value = _judge(json, proof);
            vm.assertEq(value, vm.parseJsonBytes(json, ".value"), files[i].path);
            vm.assertTrue((value.length != 0) == vm.parseJsonBool(json, ".present"), files[i].path);
            vm.assertEq(this.judgePlain(json, proof), value, files[i].path);
        }
    }

    function test_rejects_what_the_law_rejects() public view {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length != 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            DirEntry[] memory files = vm.readDir(rules[i].path);
            vm.assertTrue(files.length != 0);
            for (uint256 k = 0; k < files.length; ++k) {
                string memory json = vm.readFile(files[k].path);
                bytes memory proof = vm.parseJsonBytes(json, ".proof");
                vm.assertFalse(_holds(json, proof), files[k].path);
                vm.assertFalse(_holdsPlain(json, proof), files[k].path);
            }
        }
    }

    /// @dev Every byte of a proof counts, and so does their number.
    function testFuzz_changed_proofs_are_refused(uint256 which, uint256 place, uint8 bits) public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        string memory json = vm.readFile(files[bound(which, 0, files.length - 1)].path);
        bytes memory proof = vm.parseJsonBytes(json, ".proof");
        vm.assertTrue(_holds(json, proof));
        place = bound(place, 0, proof.length - 1);
        proof[place] ^= bytes1(bits == 0 ? 1 : bits);
        vm.assertFalse(_holds(json, proof));
        proof[place] ^= bytes1(bits == 0 ? 1 : bits);
        vm.assertFalse(_holds(json, bytes.concat(proof, bytes1(bits))));
        assembly ("memory-safe") {
            mstore(proof, place)
        }
        vm.assertFalse(_holds(json, proof));
    }

    /// @dev Entries with up to three changed bytes, mostly near the beginning of a part: both read them, or neither
    /// does, and then they lead to one root.
    function testFuzz_reads_changed_entries_as_the_plain_twin(
        uint256 which,
        bool isIavl,
        uint256[3] calldata places,
        uint8[3] calldata to
    ) public view {
        (bool found, bytes memory entry) = _anyEntry(which);
        if (!found) return;
        for (uint256 i = 0; i < 3; ++i) {
            if (i != 0 && to[i] % 2 == 0) continue;
            entry[places[i] % entry.length] = bytes1(to[i] % 4 == 0 ? to[i] >> 5 : to[i]);
        }
        _compare(isIavl, entry);
    }

    /// @dev The same with one byte more or less somewhere, and without any change.
    function testFuzz_reads_shifted_entries_as_the_plain_twin(uint256 which, uint256 place, bytes1 more, bool less)
        public
        view
    {
        (bool found, bytes memory entry) = _anyEntry(which);
        if (!found) return;
        _compare(true, entry);
        _compare(false, entry);
        place = place % entry.length;
        bytes memory head = _part(entry, 0, place);
        bytes memory tail = _part(entry, less ? place + 1 : place, entry.length);
        bytes memory changed = less ? bytes.concat(head, tail) : bytes.concat(head, more, tail);
        _compare(true, changed);
        _compare(false, changed);
    }

    function test_one_proof_costs_little() public view {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/chain_present.json"));
        bytes memory proof = vm.parseJsonBytes(json, ".proof");
        bytes memory store = vm.parseJsonBytes(json, ".store");
        bytes memory key = vm.parseJsonBytes(json, ".key");
        uint256 cost = _law.gasOf(vm.parseJsonBytes32(json, ".root"), store, key, proof);
        // Nine steps in two trees; a list of steps in memory takes some 70,000.
        vm.assertTrue(cost < 40_000, vm.toString(cost));
    }

    function judge(string memory json, bytes memory proof) external view {
        _judge(json, proof);
    }

    function judgePlain(string memory json, bytes memory proof) external view returns (bytes memory value) {
        bytes32 kind = keccak256(bytes(vm.parseJsonString(json, ".kind")));
        bytes32 root = vm.parseJsonBytes32(json, ".root");
        bytes memory key = vm.parseJsonBytes(json, ".key");
        Text memory text = kind == keccak256("chain")
            ? PlainIcs23.prove(root, vm.parseJsonBytes(json, ".store"), key, proof)
            : PlainIcs23.proveIn(kind == keccak256("iavl"), root, key, proof);
        (uint256 ptr, uint256 size) = (text.ptr, text.size);
        value = new bytes(size);
        assembly ("memory-safe") {
            mcopy(add(value, 0x20), ptr, size)
        }
    }

    function plainRoot(bool isIavl, bytes memory entry) external view returns (bytes32) {
        return PlainIcs23.rootOf(isIavl, entry);
    }

    function _compare(bool isIavl, bytes memory entry) private view {
        (bool reads, bytes32 root) = _rootOf(isIavl, entry);
        try this.plainRoot(isIavl, entry) returns (bytes32 plain) {
            vm.assertTrue(reads, "only the plain twin reads it");
            vm.assertEq(root, plain);
        } catch {
            vm.assertFalse(reads, "the plain twin does not read it");
        }
    }

    function _rootOf(bool isIavl, bytes memory entry) private view returns (bool reads, bytes32 root) {
        try _law.rootOf(isIavl, entry) returns (bytes32 found) {
            return (true, found);
        } catch (bytes memory reason) {
            vm.assertEq(bytes32(reason), bytes32(IIcs23Law.BadProof.selector));
        }
    }

    /// @dev What a vector about one entry says in its existence.
    function _anyEntry(uint256 which) private view returns (bool found, bytes memory entry) {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        string memory json = vm.readFile(files[which % files.length].path);
        bytes memory proof = vm.parseJsonBytes(json, ".proof");
        if (keccak256(bytes(vm.parseJsonString(json, ".kind"))) == keccak256("chain") || proof[0] != 0x0a) {
            return (false, "");
        }
        return (true, _part(proof, uint8(proof[1]) < 0x80 ? 2 : 3, proof.length));
    }

    function _part(bytes memory text, uint256 from, uint256 to) private pure returns (bytes memory part) {
        part = new bytes(to - from);
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = text[from + i];
        }
    }

    function _holds(string memory json, bytes memory proof) private view returns (bool) {
        try this.judge(json, proof) {
            return true;
        } catch (bytes memory reason) {
            vm.assertEq(bytes32(reason), bytes32(IIcs23Law.BadProof.selector));
            return false;
        }
    }

    function _holdsPlain(string memory json, bytes memory proof) private view returns (bool) {
        try this.judgePlain(json, proof) returns (bytes memory) {
            return true;
        } catch {
            return false;
        }
    }

    function _judge(string memory json, bytes memory proof) private view returns (bytes memory) {
        bytes32 kind = keccak256(bytes(vm.parseJsonString(json, ".kind")));
        bytes32 root = vm.parseJsonBytes32(json, ".root");
        bytes memory key = vm.parseJsonBytes(json, ".key");
        if (kind == keccak256("chain")) return _law.prove(root, vm.parseJsonBytes(json, ".store"), key, proof);
        return _law.proveIn(kind == keccak256("iavl"), root, key, proof);
    }
}
