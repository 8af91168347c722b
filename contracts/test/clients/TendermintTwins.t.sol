// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../../src/interfaces/ITendermintClient.sol";
import {Test} from "../support/Test.sol";
import {ITendermintLaw} from "./harness/ITendermintLaw.sol";
import {PlainTendermint} from "./plain/PlainTendermint.sol";

/// @notice The libraries behind the Tendermint client against their plain twins, and where they end.
contract TendermintTwinsTest is Test {
    ITendermintLaw private _law;

    function setUp() public {
        _law = ITendermintLaw(_create("TendermintLaw.sol:TendermintLaw", ""));
    }

    function testFuzz_votes_are_those_of_the_plain_twin(
        uint64 height,
        uint32 round,
        bytes32 hash,
        bytes calldata parts,
        bytes calldata id,
        uint256[3] calldata times,
        uint256 cut
    ) public view {
        bytes memory some = parts[:parts.length < 40 ? parts.length : 40];
        bytes memory chain = id[:id.length < 50 ? id.length : 50];
        if (cut % 5 == 0) round = 0;
        height = height == 0 ? 1 : height;
        bytes[] memory tails = new bytes[](3);
        // All of one second; some near 1970, where seconds change their sign; some of few nanoseconds.
        uint256 second = cut % 3 == 0 ? 62_135_596_799 : times[0] % 2 ** 39;
        uint256[3] memory list;
        for (uint256 i = 0; i < 3; ++i) {
            list[i] = second * 1e9 + times[i] % (i == 2 ? 3 : 1e9);
        }
        bytes memory prefix = PlainTendermint.timeOf(second * 1e9);
        cut = cut % (prefix.length + 1);
        for (uint256 i = 0; i < 3; ++i) {
            tails[i] = _behind(PlainTendermint.timeOf(list[i]), cut);
        }
        assembly ("memory-safe") {
            mstore(prefix, cut)
        }
        bytes memory field = bytes.concat(hex"0a", bytes1(uint8(chain.length)), chain);
        bytes[] memory votes = _law.voteOf(height, round, hash, _long(some), _long(prefix), _long(field), tails);
        for (uint256 i = 0; i < 3; ++i) {
            vm.assertEq(votes[i], PlainTendermint.vote(height, round, hash, some, chain, list[i]));
        }
    }

    function test_rejects_parts_and_times_that_nobody_signs() public {
        bytes[] memory tails = new bytes[](1);
        tails[0] = _long(new bytes(18));
        _law.voteOf(1, 0, 0, _long(new bytes(40)), _long(new bytes(18)), hex"00", tails);
        vm.expectRevert(ITendermintClient.Malformed.selector);
        _law.voteOf(1, 0, 0, _long(new bytes(41)), _long(new bytes(18)), hex"00", tails);
        vm.expectRevert(ITendermintClient.Malformed.selector);
        _law.voteOf(1, 0, 0, _long(new bytes(40)), _long(new bytes(19)), hex"00", tails);
        tails[0] = _long(new bytes(19));
        vm.expectRevert(ITendermintClient.Malformed.selector);
        _law.voteOf(1, 0, 0, _long(new bytes(40)), _long(new bytes(18)), hex"00", tails);
    }

    /// @dev Behind its length.
    function _long(bytes memory text) private pure returns (bytes memory) {
        return bytes.concat(bytes1(uint8(text.length)), text);
    }

    /// @dev What stands behind the first bytes, after its length.
    function _behind(bytes memory text, uint256 from) private pure returns (bytes memory) {
        bytes memory part = new bytes(text.length - from);
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = text[from + i];
        }
        return _long(part);
    }

    function testFuzz_numbers_are_written_and_read(uint64 number, uint8 shift) public view {
        number >>= shift % 64;
        bytes memory text = _law.varintOf(number);
        vm.assertEq(text, PlainTendermint.varint(number));
        (uint256 read, uint256 size) = _law.readVarint(bytes.concat(text, hex"ff"));
        vm.assertEq(read, number);
        vm.assertEq(size, text.length);
    }

    function test_numbers_at_the_edges() public view {
        for (uint256 bits = 7; bits < 64; bits += 7) {
            for (uint64 number = uint64(2 ** bits - 1); number <= 2 ** bits; ++number) {
                vm.assertEq(_law.varintOf(number), PlainTendermint.varint(number));
            }
        }
        (uint256 read,) = _law.readVarint(hex"ffffffffffffffffff01");
        vm.assertEq(read, type(uint64).max);
        bytes[4] memory wrong =
            [bytes(hex"8000"), hex"ffffffffffffffffff02", hex"80808080808080808080", hex"8080808080808080808001"];
        for (uint256 i = 0; i < wrong.length; ++i) {
            (read,) = _law.readVarint(wrong[i]);
            vm.assertEq(read, type(uint256).max, vm.toString(wrong[i]));
        }
    }

    function testFuzz_roots_are_those_of_the_plain_twin(uint256 count, bytes32 seed) public view {
        bytes[] memory leaves = new bytes[](bound(count, 1, 40));
        for (uint256 i = 0; i < leaves.length; ++i) {
            leaves[i] = abi.encodePacked(keccak256(abi.encode(seed, i)), uint8(i));
        }
        vm.assertEq(_law.rootOf(leaves), PlainTendermint.root(leaves));
    }

    /// @dev The revisions that ibc-go reads.
    function test_revisions() public view {
        _revision("weigh-3", 3);
        _revision("weigh", 0);
        _revision("weigh-", 0);
        _revision("-3", 0);
        _revision("weigh-03", 0);
        _revision("weigh-0", 0);
        _revision("weigh--3", 0);
        _revision("weigh\n-3", 0);
        _revision("a-b-12", 12);
        _revision("weigh-1x", 0);
        _revision("weigh-x1", 0);
        _revision("w-1", 1);
        _revision("weigh-18446744073709551615", type(uint64).max);
        (bool fits,) = _law.revisionOf("weigh-18446744073709551616");
        vm.assertFalse(fits);
    }

    /// @dev Keys and the points that they are: the address is that of the EVM.
    function testFuzz_keys_have_their_address(uint256 secret) public {
        secret = bound(secret, 1, 2 ** 250);
        (uint256 x, uint256 y) = _pointOf(secret);
        bytes1 prefix = bytes1(uint8(2 + y % 2));
        vm.assertEq(_law.addressOf(abi.encodePacked(prefix, x, y)), vm.addr(secret));
        _refused(abi.encodePacked(prefix, x, PlainTendermint.P - y));
        _refused(abi.encodePacked(prefix ^ 0x01, x, y));
        _refused(abi.encodePacked(bytes1(0x04), x, y));
        _refused(abi.encodePacked(prefix, x, addmod(y, 2, PlainTendermint.P)));
        // It is a point, so that it cannot pass for a key that is none.
        _refused(abi.encodePacked(prefix, x, uint256(0)));
    }

    function test_keys_that_are_no_points_have_nobodys_address() public {
        // 5 is x of no point; the others begin wrongly or are too large.
        bytes[4] memory keys = [
            abi.encodePacked(bytes1(0x02), uint256(5)),
            abi.encodePacked(bytes1(0x05), uint256(1)),
            abi.encodePacked(bytes1(0x00), uint256(0)),
            abi.encodePacked(bytes1(0x03), PlainTendermint.P + 1)
        ];
        for (uint256 i = 0; i < keys.length; ++i) {
            address found = _law.addressOf(bytes.concat(keys[i], new bytes(32)));
            vm.assertEq(found, address(uint160(uint256(keccak256(keys[i])))));
            _refused(abi.encodePacked(keys[i], uint256(1)));
        }
        // x is not reduced, and y belongs to what it is reduced to.
        uint256 y = _rootOf(8);
        y = y % 2 == 0 ? y : PlainTendermint.P - y;
        _law.addressOf(abi.encodePacked(bytes1(0x02), uint256(1), y));
        _refused(abi.encodePacked(bytes1(0x02), PlainTendermint.P + 1, y));
    }

    function testFuzz_signers_are_found_by_the_lower_half_only(uint256 secret, bytes32 digest) public view {
        secret = bound(secret, 1, 2 ** 250);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest);
        vm.assertEq(_law.signerOf(digest, uint256(r), uint256(s) | uint256(v - 27) << 255), vm.addr(secret));
        uint256 half = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
        vm.assertEq(_law.signerOf(digest, uint256(r), half + 1), address(0));
        vm.assertEq(_law.signerOf(digest, 0, uint256(s)), address(0));
        // The largest that counts: somebody's.
        vm.assertTrue(_law.signerOf(digest, uint256(r), half) != address(0));
    }

    function _revision(bytes memory id, uint64 expected) private view {
        (bool fits, uint64 revision) = _law.revisionOf(id);
        vm.assertTrue(fits, string(id));
        vm.assertEq(revision, expected, string(id));
    }

    function _refused(bytes memory key) private {
        vm.expectRevert(ITendermintClient.Malformed.selector);
        _law.addressOf(key);
    }

    /// @dev A point whose address `vm.addr` knows: secret times the generator, by doubling and adding.
    function _pointOf(uint256 secret) private view returns (uint256 x, uint256 y) {
        uint256 gx = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;
        uint256 gy = 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8;
        for (bool some = false; secret != 0; secret >>= 1) {
            if (secret & 1 == 1) {
                (x, y) = some ? _sum(x, y, gx, gy) : (gx, gy);
                some = true;
            }
            (gx, gy) = _sum(gx, gy, gx, gy);
        }
    }

    function _sum(uint256 x, uint256 y, uint256 u, uint256 v) private view returns (uint256, uint256) {
        uint256 p = PlainTendermint.P;
        uint256 slope = x == u
            ? mulmod(mulmod(3, mulmod(x, x, p), p), _inverse(mulmod(2, y, p)), p)
            : mulmod(addmod(v, p - y, p), _inverse(addmod(u, p - x, p)), p);
        uint256 s = addmod(mulmod(slope, slope, p), addmod(p - x, p - u, p), p);
        return (s, addmod(mulmod(slope, addmod(x, p - s, p), p), p - y, p));
    }

    function _inverse(uint256 number) private view returns (uint256) {
        return _power(number, PlainTendermint.P - 2);
    }

    /// @dev The root of a square.
    function _rootOf(uint256 square) private view returns (uint256) {
        return _power(square, (PlainTendermint.P + 1) / 4);
    }

    function _power(uint256 number, uint256 exponent) private view returns (uint256) {
        bytes memory input = abi.encode(32, 32, 32, number, exponent, PlainTendermint.P);
        (, bytes memory output) = address(5).staticcall(input);
        return abi.decode(output, (uint256));
    }
}
