// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Edwards
/// @notice Sums multiples of points of edwards25519, by buckets.
/// @dev It decides nothing about signatures. Points of a sum come in the form that additions need, (y + x, y - x,
/// 2dxy), each behind its scalar. The addition law is complete on this curve, so that no pair of points is special.
///
/// Scalars are read in digits of five bits, made signed by adding 16 to each: so a digit of 16 is none, and a smaller
/// one is negative. Numbers below p are summed without reducing them where a sum of two cannot reach 2^256.
/// Spec: RFC 8032, 5.1; Hisil, Wong, Carter and Dawson 2008, 3.1 and 3.3. The plain twin is in test/clients/plain.
library Edwards {
    /// The modulus of the field, the curve's constant d, and twice that.
    uint256 internal constant P = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed;
    uint256 private constant D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3;
    uint256 private constant TWICE_D = 0x2406d9dc56dffce7198e80f2eef3d13000e0149a8283b156ebd69b9426b2f159;

    /// Bytes of a point of a sum with its scalar, and of a point with four coordinates, X : Y : Z : T.
    uint256 internal constant TERM_SIZE = 0xc0;
    uint256 private constant POINT_SIZE = 0x80;

    /// Bits of a digit, the digit that stands for none, and how many buckets there are.
    uint256 private constant BITS = 5;
    /// By the digit: how far it is from 16, which is the number of its bucket.
    uint256 private constant SIZES = 0x100f0e0d0c0b0a090807060504030201000102030405060708090a0b0c0d0e0f;
    uint256 private constant BUCKETS = 16;

    /// How many digits scalars of 253 and of 128 bits have, and 16 in each of them.
    uint256 private constant LONG_DIGITS = 51;
    uint256 private constant SHORT_DIGITS = 26;
    uint256 internal constant LONG_OFFSET = (2 ** 255 - 1) / 31 * 16;
    uint256 internal constant SHORT_OFFSET = (2 ** 130 - 1) / 31 * 16;

    /// @notice Whether (x, y) with coordinates below p lies on the curve: y^2 - x^2 = 1 + d x^2 y^2.
    function isOnCurve(uint256 x, uint256 y) internal pure returns (bool) {
        uint256 xx = mulmod(x, x, P);
        uint256 yy = mulmod(y, y, P);
        unchecked {
            return addmod(yy, P - xx, P) == addmod(1, mulmod(D, mulmod(xx, yy, P), P), P);
        }
    }

    /// @notice Writes a term of a sum to `to`.
    /// @param scalar With `LONG_OFFSET` or `SHORT_OFFSET` added.
    function writeTerm(uint256 to, uint256 scalar, uint256 x, uint256 y) internal pure {
        uint256 product = mulmod(TWICE_D, mulmod(x, y, P), P);
        assembly ("memory-safe") {
            mstore(to, scalar)
            mstore(add(to, 0x20), add(y, x))
            mstore(add(to, 0x40), add(y, sub(P, x)))
            mstore(add(to, 0x60), add(y, x))
            mstore(add(to, 0x80), product)
            mstore(add(to, 0xa0), sub(P, product))
        }
    }

    /// @notice Whether eight times a sum is the neutral point.
    /// @param terms Address of the terms: first those with scalars of 253 bits, then those of 128.
    /// @param long Address behind the first ones.
    /// @param end Address behind the last.
    function sumVanishes(uint256 terms, uint256 long, uint256 end) internal pure returns (bool) {
        (uint256 sum, uint256 desk) = _newDesk();
        uint256 digit = LONG_DIGITS;
        unchecked {
            while (digit != 0) {
                --digit;
                for (uint256 i = 0; i < BITS; ++i) {
                    _double(sum);
                }
                _clear(desk);
                _sort(desk, terms, digit < SHORT_DIGITS ? end : long, BITS * digit);
                _collect(sum, desk);
            }
        }
        _double(sum);
        _double(sum);
        _double(sum);
        return _isNeutral(sum);
    }

    /// A neutral point, and two more behind it with the buckets behind those.
    function _newDesk() private pure returns (uint256 sum, uint256 desk) {
        assembly ("memory-safe") {
            sum := mload(0x40)
            desk := add(sum, POINT_SIZE)
            mstore(0x40, add(desk, mul(POINT_SIZE, add(BUCKETS, 3))))
            mstore(sum, 0)
            mstore(add(sum, 0x20), 1)
            mstore(add(sum, 0x40), 1)
            mstore(add(sum, 0x60), 0)
        }
    }

    /// Makes the points of a desk neutral.
    function _clear(uint256 desk) private pure {
        assembly ("memory-safe") {
            let size := mul(POINT_SIZE, add(BUCKETS, 3))
            calldatacopy(desk, calldatasize(), size)
            for { let end := add(desk, size) } lt(desk, end) { desk := add(desk, POINT_SIZE) } {
                mstore(add(desk, 0x20), 1)
                mstore(add(desk, 0x40), 1)
            }
        }
    }

    /// Adds each term to the bucket of its digit at `shift`, or takes it off. A digit that is none goes to a bucket
    /// that is not looked at.
    function _sort(uint256 desk, uint256 term, uint256 end, uint256 shift) private pure {
        assembly ("memory-safe") {
            let none := add(desk, mul(2, POINT_SIZE))
            for {} xor(term, end) { term := add(term, TERM_SIZE) } {
                let digit := and(shr(shift, mload(term)), 31)
                let bucket := add(none, shl(7, byte(digit, SIZES)))
                // The words of a negative term stand one further on.
                let from := add(term, shl(5, lt(digit, 16)))
                let x := mload(bucket)
                let y := mload(add(bucket, 0x20))
                let a := mulmod(add(y, sub(P, x)), mload(add(from, 0x40)), P)
                let b := mulmod(add(y, x), mload(add(from, 0x20)), P)
                let c := mulmod(mload(add(bucket, 0x60)), mload(add(from, 0x80)), P)
                let z := mload(add(bucket, 0x40))
                z := addmod(z, z, P)
                x := add(b, sub(P, a))
                b := add(b, a)
                a := add(z, sub(P, c))
                z := add(z, c)
                mstore(bucket, mulmod(x, a, P))
                mstore(add(bucket, 0x20), mulmod(z, b, P))
                mstore(add(bucket, 0x40), mulmod(a, z, P))
                mstore(add(bucket, 0x60), mulmod(x, b, P))
            }
        }
    }

    /// Adds each bucket to `sum` as often as it counts: the sums of all from the highest down, summed.
    function _collect(uint256 sum, uint256 desk) private pure {
        unchecked {
            uint256 all = desk + POINT_SIZE;
            uint256 none = all + POINT_SIZE;
            for (uint256 bucket = none + POINT_SIZE * BUCKETS; bucket != none; bucket -= POINT_SIZE) {
                _add(desk, bucket);
                _add(all, desk);
            }
            _add(sum, all);
        }
    }

    /// Adds the point at `other` to that at `point`.
    function _add(uint256 point, uint256 other) private pure {
        assembly ("memory-safe") {
            let x := mload(point)
            let y := mload(add(point, 0x20))
            let u := mload(other)
            let v := mload(add(other, 0x20))
            let a := mulmod(add(y, sub(P, x)), add(v, sub(P, u)), P)
            let b := mulmod(add(y, x), add(v, u), P)
            let e := add(b, sub(P, a))
            let h := add(b, a)
            let c := mulmod(mulmod(mload(add(point, 0x60)), TWICE_D, P), mload(add(other, 0x60)), P)
            let z := mload(add(point, 0x40))
            z := mulmod(add(z, z), mload(add(other, 0x40)), P)
            let f := add(z, sub(P, c))
            let g := add(z, c)
            mstore(point, mulmod(e, f, P))
            mstore(add(point, 0x20), mulmod(g, h, P))
            mstore(add(point, 0x40), mulmod(f, g, P))
            mstore(add(point, 0x60), mulmod(e, h, P))
        }
    }

    /// Doubles a point.
    function _double(uint256 point) private pure {
        assembly ("memory-safe") {
            let x := mload(point)
            let y := mload(add(point, 0x20))
            let z := mload(add(point, 0x40))
            let a := mulmod(x, x, P)
            let b := mulmod(y, y, P)
            let c := mulmod(add(z, z), z, P)
            let h := addmod(a, b, P)
            x := add(x, y)
            let e := add(h, sub(P, mulmod(x, x, P)))
            let g := addmod(a, sub(P, b), P)
            let f := add(c, g)
            mstore(point, mulmod(e, f, P))
            mstore(add(point, 0x20), mulmod(g, h, P))
            mstore(add(point, 0x40), mulmod(f, g, P))
            mstore(add(point, 0x60), mulmod(e, h, P))
        }
    }

    function _isNeutral(uint256 point) private pure returns (bool) {
        return _word(point) == 0 && _word(point + 0x20) == _word(point + 0x40);
    }

    function _word(uint256 ptr) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(ptr)
        }
    }
}
