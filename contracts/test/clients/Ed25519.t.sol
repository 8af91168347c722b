// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../support/Test.sol";
import {IEd25519Law, Signed} from "./harness/IEd25519Law.sol";
import {PlainEd25519} from "./plain/PlainEd25519.sol";
import {PlainSha512} from "./plain/PlainSha512.sol";

/// @notice Signatures in batches against the plain twin, the vectors of RFC 8032 and the edges of ZIP-215.
contract Ed25519Test is Test {
    IEd25519Law private _law;

    function setUp() public {
        _law = IEd25519Law(_create("Ed25519Law.sol:Ed25519Law", ""));
    }

    function testFuzz_two_digests_are_those_of_the_plain_twin(bytes calldata text, uint256 size, uint256 less)
        public
        view
    {
        size = bound(size, 0, text.length);
        // Two messages of as many blocks: the last block of the padded one takes 1 to 128 bytes less.
        uint256 other = size - bound(less, 0, (size + 16) % 128 < size ? (size + 16) % 128 : size);
        (bytes memory a, bytes memory b) = _law.hashPair(text[:size], text[text.length - other:]);
        vm.assertEq(a, PlainSha512.hash(text[:size]));
        vm.assertEq(b, PlainSha512.hash(text[text.length - other:]));
    }

    /// @dev Every length around the edges of blocks.
    function test_digests_of_all_lengths() public view {
        bytes memory text = new bytes(300);
        for (uint256 i = 0; i < 300; ++i) {
            text[i] = bytes1(uint8(i * 11 + 3));
        }
        for (uint256 size = 100; size < 260; size += size % 128 > 105 && size % 128 < 118 ? 1 : 9) {
            bytes memory part = new bytes(size);
            for (uint256 i = 0; i < size; ++i) {
                part[i] = text[i];
            }
            (bytes memory a, bytes memory b) = _law.hashPair(part, part);
            vm.assertEq(a, PlainSha512.hash(part));
            vm.assertEq(b, a);
        }
    }

    /// @dev RFC 8032, 7.1: tests 1 to 3.
    function test_vectors_of_the_specification() public view {
        Signed[] memory claims = new Signed[](3);
        claims[0] = _hinted(
            0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,
            0xe5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155,
            0x5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b,
            ""
        );
        claims[1] = _hinted(
            0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,
            0x92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da,
            0x085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00,
            hex"72"
        );
        claims[2] = _hinted(
            0xfc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,
            0x6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac,
            0x18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a,
            hex"af82"
        );
        vm.assertTrue(_law.verify(claims));
        for (uint256 i = 0; i < 3; ++i) {
            vm.assertTrue(_law.verify(_one(claims[i])));
            vm.assertTrue(PlainEd25519.verify(claims[i].key, claims[i].r, claims[i].s, claims[i].message));
        }
    }

    /// forge-config: default.fuzz.runs = 16
    /// forge-config: ci.fuzz.runs = 32
    function testFuzz_batches_of_signatures_hold_until_one_is_changed(
        bytes32 seed,
        uint256 count,
        bytes calldata message,
        uint256 which,
        uint256 field,
        uint256 bit
    ) public view {
        Signed[] memory claims = new Signed[](bound(count, 1, 4));
        for (uint256 i = 0; i < claims.length; ++i) {
            // Messages of other lengths, and so of other numbers of blocks.
            bytes memory text = i % 2 == 0 ? bytes(message) : bytes.concat(message, new bytes(97));
            (bytes32 key, bytes32 r, bytes32 s) = PlainEd25519.sign(keccak256(abi.encode(seed, i)), text);
            claims[i] = _hinted(key, r, s, text);
        }
        vm.assertTrue(_law.verify(claims));

        Signed memory claim = claims[bound(which, 0, claims.length - 1)];
        bytes32 flip = bytes32(1 << bound(bit, 0, 255));
        field = bound(field, 0, 5);
        if (field == 0) claim.key ^= flip;
        else if (field == 1) claim.keyX ^= uint256(flip);
        else if (field == 2) claim.r ^= flip;
        else if (field == 3) claim.rX ^= uint256(flip);
        else if (field == 4) claim.s ^= flip;
        else claim.message = bytes.concat(claim.message, "!");
        vm.assertFalse(_holds(claims));
        // With the right hints, too.
        if (field % 2 == 0) {
            (claim.keyX, claim.rX) = (_xOf(claim.key), _xOf(claim.r));
            vm.assertFalse(_holds(claims));
        }
    }

    function test_nothing_signed_is_not_signed() public view {
        vm.assertFalse(_law.verify(new Signed[](0)));
    }

    /// @dev What is wrong by as much as another one is wrong the other way sums up to nothing without weights.
    function test_errors_do_not_make_up_for_each_other() public view {
        Signed[] memory claims = new Signed[](2);
        (bytes32 key, bytes32 r, bytes32 s) = PlainEd25519.sign("seed", "one");
        claims[0] = _hinted(key, r, s, "one");
        (key, r, s) = PlainEd25519.sign("seed", "two");
        claims[1] = _hinted(key, r, s, "two");
        vm.assertTrue(_law.verify(claims));
        claims[0].s = _moved(claims[0].s, 1);
        claims[1].s = _moved(claims[1].s, PlainEd25519.L - 1);
        vm.assertFalse(_law.verify(claims));
    }

    /// @dev ZIP-215: the 14 encodings of the eight points of small order are keys and halves of signatures like others.
    function test_zip215_accepts_points_of_small_order_however_they_are_encoded() public view {
        bytes32[14] memory encodings = _smallOrder();
        Signed[] memory all = new Signed[](196);
        for (uint256 i = 0; i < 196; ++i) {
            all[i] = _hinted(encodings[i / 14], encodings[i % 14], 0, "Zcash");
            vm.assertTrue(_law.verify(_one(all[i])));
            if (i % 15 == 0) vm.assertTrue(PlainEd25519.verify(all[i].key, all[i].r, 0, "Zcash"));
        }
        vm.assertTrue(_law.verify(all));
    }

    /// @dev ZIP-215: both points may have a part of small order, which the cofactor takes away.
    function test_zip215_accepts_points_with_a_part_of_small_order() public view {
        bytes32[14] memory encodings = _smallOrder();
        uint256 secret = uint256(keccak256("secret")) % PlainEd25519.L;
        uint256 nonce = uint256(keccak256("nonce")) % PlainEd25519.L;
        for (uint256 i = 0; i < 8; ++i) {
            bytes32 key = _shifted(secret, encodings[i]);
            bytes32 r = _shifted(nonce, encodings[(3 * i + 1) % 8]);
            bytes memory hash = PlainSha512.hash(bytes.concat(r, key, "text"));
            uint256 h = 0;
            for (uint256 k = 64; k > 0; --k) {
                h = addmod(mulmod(h, 256, PlainEd25519.L), uint8(hash[k - 1]), PlainEd25519.L);
            }
            uint256 s = addmod(nonce, mulmod(h, secret, PlainEd25519.L), PlainEd25519.L);
            Signed memory claim = _hinted(key, r, bytes32(PlainEd25519.reversed(bytes32(s))), "text");
            vm.assertTrue(_law.verify(_one(claim)));
            vm.assertTrue(PlainEd25519.verify(key, r, claim.s, "text"));
        }
    }

    function test_rejects_BadScalar() public {
        (bytes32 key, bytes32 r, bytes32 s) = PlainEd25519.sign("seed", "one");
        // s + L is as good modulo the order, and another encoding.
        bytes32 more = bytes32(PlainEd25519.reversed(bytes32(PlainEd25519.reversed(s) + PlainEd25519.L)));
        Signed memory claim = _hinted(key, r, more, "one");
        vm.expectRevert(abi.encodeWithSelector(IEd25519Law.BadScalar.selector, more));
        _law.verify(_one(claim));
        claim.s = bytes32(PlainEd25519.reversed(bytes32(PlainEd25519.L)));
        vm.expectRevert(abi.encodeWithSelector(IEd25519Law.BadScalar.selector, claim.s));
        _law.verify(_one(claim));
    }

    function test_rejects_BadPoint() public {
        (bytes32 key, bytes32 r, bytes32 s) = PlainEd25519.sign("seed", "one");
        Signed memory claim = _hinted(key, r, s, "one");
        (uint256 keyX, uint256 rX) = (claim.keyX, claim.rX);
        // The other root, the same one not reduced, none.
        uint256[3] memory wrong = [PlainEd25519.P - keyX, keyX + PlainEd25519.P, addmod(keyX, 2, PlainEd25519.P)];
        for (uint256 i = 0; i < 3; ++i) {
            claim.keyX = wrong[i];
            vm.expectRevert(abi.encodeWithSelector(IEd25519Law.BadPoint.selector, key, wrong[i]));
            _law.verify(_one(claim));
        }
        claim.keyX = keyX;
        claim.rX = PlainEd25519.P - rX;
        vm.expectRevert(abi.encodeWithSelector(IEd25519Law.BadPoint.selector, r, claim.rX));
        _law.verify(_one(claim));
        // x = 0 not reduced.
        claim = _hinted(bytes32(uint256(1) << 248), bytes32(uint256(1) << 248), 0, "");
        vm.assertTrue(_law.verify(_one(claim)));
        claim.keyX = PlainEd25519.P;
        vm.expectRevert(abi.encodeWithSelector(IEd25519Law.BadPoint.selector, claim.key, PlainEd25519.P));
        _law.verify(_one(claim));
    }

    function _holds(Signed[] memory claims) private view returns (bool holds) {
        try _law.verify(claims) returns (bool verdict) {
            return verdict;
        } catch (bytes memory reason) {
            bool known = bytes4(reason) == IEd25519Law.BadPoint.selector;
            vm.assertTrue(known || bytes4(reason) == IEd25519Law.BadScalar.selector);
        }
    }

    function _one(Signed memory claim) private pure returns (Signed[] memory claims) {
        claims = new Signed[](1);
        claims[0] = claim;
    }

    function _hinted(bytes32 key, bytes32 r, bytes32 s, bytes memory message) private view returns (Signed memory) {
        return Signed(key, _xOf(key), r, _xOf(r), s, message);
    }

    function _xOf(bytes32 encoded) private view returns (uint256) {
        (, PlainEd25519.Point memory point) = PlainEd25519.decode(encoded);
        return point.x;
    }

    function _moved(bytes32 s, uint256 by) private pure returns (bytes32) {
        uint256 moved = addmod(PlainEd25519.reversed(s), by, PlainEd25519.L);
        return bytes32(PlainEd25519.reversed(bytes32(moved)));
    }

    /// @dev A multiple of the base point plus a point.
    function _shifted(uint256 scalar, bytes32 encoded) private view returns (bytes32) {
        (, PlainEd25519.Point memory point) = PlainEd25519.decode(encoded);
        return PlainEd25519.encode(PlainEd25519.add(PlainEd25519.times(scalar, PlainEd25519.base()), point));
    }

    /// @dev The eight points in their reduced form, then the six other encodings that lead to some of them.
    function _smallOrder() private view returns (bytes32[14] memory encodings) {
        PlainEd25519.Point memory step = _orderEight();
        PlainEd25519.Point memory point = PlainEd25519.Point(0, 1);
        for (uint256 i = 0; i < 8; ++i) {
            encodings[i] = PlainEd25519.encode(point);
            point = PlainEd25519.add(point, step);
        }
        uint256 sign = 1 << 255;
        uint256 p = PlainEd25519.P;
        uint256[6] memory others = [1 | sign, p + 1, (p + 1) | sign, (p - 1) | sign, p, p | sign];
        for (uint256 i = 0; i < 6; ++i) {
            encodings[8 + i] = bytes32(PlainEd25519.reversed(bytes32(others[i])));
        }
    }

    /// @dev The order times a point takes away all but its part of small order.
    function _orderEight() private view returns (PlainEd25519.Point memory point) {
        for (uint256 y = 2;; ++y) {
            bool found;
            (found, point) = PlainEd25519.decode(bytes32(PlainEd25519.reversed(bytes32(y))));
            if (!found) continue;
            point = PlainEd25519.times(PlainEd25519.L, point);
            PlainEd25519.Point memory four = PlainEd25519.times(4, point);
            if (four.x != 0 || four.y != 1) return point;
        }
    }
}
