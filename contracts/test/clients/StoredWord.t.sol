// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Attestor, AttestorSet} from "../../src/interfaces/IAttestorClient.sol";
import {MsgVerifyMembership, MsgVerifyNonMembership} from "../../src/interfaces/ILightClient.sol";
import {Height} from "../../src/interfaces/Messages.sol";
import {RouterStorage} from "../../src/libraries/RouterStorage.sol";
import {AttestorWorld, IAttestors} from "./AttestorWorld.sol";

/// @notice What single proofs say of a trie that holds something else than a word under the router's slot: nothing,
/// neither that a value is stored there nor that none is. The tries are the test's own, and so are the attestors.
contract StoredWordTest is AttestorWorld {
    bytes private constant PATH = "client-0\x01\x00\x00\x00\x00\x00\x00\x00\x01";

    string private _json;
    uint256[2] private _keys = [uint256(1), 2];

    function setUp() public override {
        super.setUp();
        _json = vm.readFile(string.concat(FOLDER, "accept/member.json"));
        vm.chainId(vm.parseJsonUint(_json, ".host"));
        vm.warp(vm.parseJsonUint(_json, ".now"));
        if (vm.addr(_keys[0]) > vm.addr(_keys[1])) (_keys[0], _keys[1]) = (_keys[1], _keys[0]);
    }

    function test_proves_a_word_and_not_its_absence() public {
        bytes32 word = keccak256("word");
        (IAttestors client, bytes memory proof,) = _trusting(bytes.concat(hex"a1a0", word));
        vm.assertTrue(client.verifyMembership(_member(proof, word)) != 0);
        vm.expectPartialRevert(RouterStorage.SlotPresent.selector);
        client.verifyNonMembership(_absent(proof));
    }

    /// @dev [T-12] Zero, a word with a zero in front, one that is too long, a list.
    function test_t12_proves_nothing_of_what_is_no_word() public {
        bytes memory tooLong = bytes.concat(hex"a2a101", keccak256("word"));
        bytes[6] memory values = [
            bytes(hex"8180"),
            hex"00",
            hex"820001",
            bytes.concat(hex"a1a000", bytes31(keccak256("word"))),
            tooLong,
            hex"81c0"
        ];
        for (uint256 i = 0; i < values.length; ++i) {
            (IAttestors client, bytes memory proof, bytes32 root) = _trusting(values[i]);
            bytes memory refusal = abi.encodeWithSelector(RouterStorage.StorageProof.selector, root);
            vm.expectRevert(refusal);
            client.verifyNonMembership(_absent(proof));
            vm.expectRevert(refusal);
            client.verifyMembership(_member(proof, keccak256("word")));
        }
    }

    /// @dev A client that trusts a trie with one leaf, whose item is `value`, under the slot of the path.
    function _trusting(bytes memory value) private returns (IAttestors client, bytes memory proof, bytes32 root) {
        bytes32 slot = keccak256(bytes.concat(keccak256(PATH), vm.parseJsonBytes32(_json, ".commitmentsSlot")));
        bytes memory leaf = bytes.concat(hex"a120", keccak256(bytes.concat(slot)), value);
        bytes memory prefix = leaf.length < 56 ? bytes("") : bytes(hex"f8");
        proof = bytes.concat(prefix, bytes1(uint8(leaf.length < 56 ? 0xc0 + leaf.length : leaf.length)), leaf);
        root = keccak256(proof);
        AttestorSet memory set = AttestorSet(2, new Attestor[](2));
        for (uint256 i = 0; i < 2; ++i) {
            set.attestors[i] = Attestor(vm.addr(_keys[i]), 1);
        }
        client = _deploy(account(vm.toString(proof)), _config(_json), set);
        client.updateClient(_attested(client, root));
    }

    /// @dev A state of height 32, with two signatures of 65 bytes.
    function _attested(IAttestors client, bytes32 root) private view returns (bytes memory update) {
        uint64 time = uint64(block.timestamp);
        bytes32 digest = client.stateDigest(32, time, root);
        update = abi.encodePacked(hex"0101", uint64(32), time, root, hex"4102");
        for (uint256 i = 0; i < 2; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[i], digest);
            update = abi.encodePacked(update, uint8(i), r, s, v);
        }
    }

    function _member(bytes memory proof, bytes32 word) private pure returns (MsgVerifyMembership memory) {
        return MsgVerifyMembership(proof, Height(0, 32), _path(), bytes.concat(word));
    }

    function _absent(bytes memory proof) private pure returns (MsgVerifyNonMembership memory) {
        return MsgVerifyNonMembership(proof, Height(0, 32), _path());
    }

    function _path() private pure returns (bytes[] memory path) {
        path = new bytes[](1);
        path[0] = PATH;
    }
}
