// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignLaw} from "../harness/ISignLaw.sol";
import {Test} from "../support/Test.sol";
import {DirEntry} from "../support/Vm.sol";

/// @notice What is signed and who signed it, against the shared vectors of the law crate `wire`.
contract SignTest is Test {
    string private constant FOLDER = "../light-clients/vectors/sign/";

    ISignLaw private _law;

    function setUp() public {
        _law = ISignLaw(_create("SignLaw.sol:SignLaw", ""));
    }

    function test_accepts_what_the_law_accepts() public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            bytes32 kind = keccak256(bytes(vm.parseJsonString(json, ".kind")));
            if (kind == keccak256("digest")) {
                vm.assertEq(_digest(json), vm.parseJsonBytes32(json, ".digest"), files[i].path);
            } else {
                require(kind == keccak256("signature"), files[i].path);
                address signer = address(bytes20(vm.parseJsonBytes(json, ".signer")));
                vm.assertEq(_recover(json), signer);
            }
        }
    }

    function test_rejects_by_the_same_rule() public {
        uint256 judged = _refused("signature_length", ISignLaw.SignatureLength.selector)
            + _refused("recovery_byte", ISignLaw.RecoveryByte.selector) + _refused("high_s", ISignLaw.HighS.selector)
            + _refused("unrecoverable", ISignLaw.Unrecoverable.selector);
        uint256 present;
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        for (uint256 i = 0; i < rules.length; ++i) {
            present += vm.readDir(rules[i].path).length;
        }
        vm.assertEq(judged, present, "a folder of vectors was skipped");
    }

    /// @dev [T-31] Each signature counts in its two forms, and its twin with the high s in none.
    function testFuzz_t31_signature_has_one_meaning(uint256 key, bytes32 digest) public {
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        key = bound(key, 1, order - 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        vm.assertEq(_law.recover(digest, abi.encodePacked(r, s, v)), vm.addr(key));
        bytes32 both = bytes32(uint256(s) | (uint256(v - 27) << 255));
        vm.assertEq(_law.recover(digest, abi.encodePacked(r, both)), vm.addr(key));
        bytes32 high = bytes32(order - uint256(s));
        vm.expectRevert(abi.encodeWithSelector(ISignLaw.HighS.selector, high));
        _law.recover(digest, abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27)));
    }

    /// @dev A digest is of the chain and the contract where it is asked for.
    function testFuzz_digest_is_of_this_chain_and_contract(uint64 chain, uint64 set, bytes32 statement) public {
        vm.chainId(bound(chain, 1, type(uint64).max));
        bytes32 here = bytes32(uint256(uint160(address(_law))));
        for (uint8 kind = 0; kind <= 6; ++kind) {
            bytes32 expected = _law.digestAt(kind, bytes32(block.chainid), here, set, statement);
            vm.assertEq(_law.digest(kind, set, statement), expected);
        }
    }

    function _digest(string memory json) private view returns (bytes32) {
        return _law.digestAt(
            uint8(vm.parseJsonUint(json, ".statementKind")),
            vm.parseJsonBytes32(json, ".chain"),
            vm.parseJsonBytes32(json, ".contract"),
            uint64(uint256(vm.parseJsonBytes32(json, ".set"))),
            keccak256(vm.parseJsonBytes(json, ".statement"))
        );
    }

    function _recover(string memory json) private view returns (address) {
        return _law.recover(vm.parseJsonBytes32(json, ".digest"), vm.parseJsonBytes(json, ".signature"));
    }

    function _refused(string memory rule, bytes4 selector) private returns (uint256) {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "reject/", rule));
        vm.assertTrue(files.length != 0, rule);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory json = vm.readFile(files[i].path);
            bytes32 digest = vm.parseJsonBytes32(json, ".digest");
            bytes memory signature = vm.parseJsonBytes(json, ".signature");
            vm.expectPartialRevert(selector);
            _law.recover(digest, signature);
        }
        return files.length;
    }
}
