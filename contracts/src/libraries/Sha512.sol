// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Raw} from "./Raw.sol";

/// @title Sha512
/// @notice SHA-512 of two messages at once: what a chain without a precompile for it can do most cheaply.
/// @dev A word of 256 bits has two lanes of 128 bits. A number of 64 bits stands in the lower half of its lane; times
/// 2^64 + 1 it stands in both halves, so that a shift to the right turns it round. What is above the lower half after
/// that, or after a few sums, is cut off before it can reach the other lane.
/// Spec: FIPS 180-4, 6.4. The plain twin is in test/clients/plain.
library Sha512 {
    /// The lower halves of both lanes, and what copies them to the upper ones.
    uint256 private constant LANES = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
    uint256 private constant TWICE = 0x10000000000000001;
    /// A number of 64 bits times this is in both lanes.
    uint256 private constant BOTH = 0x100000000000000000000000000000001;

    /// Every other byte, pair and four of bytes of both lanes.
    uint256 private constant BYTES = 0x000000000000000000ff00ff00ff00ff000000000000000000ff00ff00ff00ff;
    uint256 private constant PAIRS = 0x00000000000000000000ffff0000ffff00000000000000000000ffff0000ffff;
    uint256 private constant FOURS = 0x000000000000000000000000ffffffff000000000000000000000000ffffffff;

    /// Bytes of a block.
    uint256 private constant BLOCK = 128;
    /// Where the constants of the rounds stand behind the words of a block, which are 80 as they are.
    uint256 private constant KEYS = 0xa00;
    /// Where the eight words of the state stand behind those, and the bytes of it all.
    uint256 private constant STATE = 0x1400;
    uint256 private constant DESK_SIZE = 0x1500;

    /// The first 64 bits of the fractional parts of the cube roots of the first eighty primes.
    bytes private constant CONSTANTS = hex"428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc3956c25bf348b53859f111f1b605d019"
        hex"923f82a4af194f9bab1c5ed5da6d8118d807aa98a303024212835b0145706fbe243185be4ee4b28c550c7dc3d5ffb4e2"
        hex"72be5d74f27b896f80deb1fe3b1696b19bdc06a725c71235c19bf174cf692694e49b69c19ef14ad2efbe4786384f25e3"
        hex"0fc19dc68b8cd5b5240ca1cc77ac9c652de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5"
        hex"983e5152ee66dfaba831c66d2db43210b00327c898fb213fbf597fc7beef0ee4c6e00bf33da88fc2d5a79147930aa725"
        hex"06ca6351e003826f142929670a0e6e7027b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed53380d139d95b3df"
        hex"650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353ba2bfe8a14cf10364a81a664bbc423001"
        hex"c24b8b70d0f89791c76c51a30654be30d192e819d6ef5218d69906245565a910f40e35855771202a106aa07032bbd1b8"
        hex"19a4c116b8d2d0c81e376c085141ab532748774cdf8eeb9934b0bcb5e19b48a8391c0cb3c5c95a634ed8aa4ae3418acb"
        hex"5b9cca4f7763e373682e6ff3d6b2b8a3748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec"
        hex"90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532bca273eceea26619cd186b8c721c0c207"
        hex"eada7dd6cde0eb1ef57d4f7fee6ed17806f067aa72176fba0a637dc5a2c898a6113f9804bef90dae1b710b35131c471b"
        hex"28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc431d67c49c100d4c4cc5d4becb3e42b6597f299cfc657e2a"
        hex"5fcb6fab3ad6faec6c44198c4a475817";

    /// @notice Reserves memory to work on, with the constants in it. One serves any number of hashes.
    function newDesk() internal pure returns (uint256 desk) {
        bytes memory constants = CONSTANTS;
        assembly ("memory-safe") {
            desk := mload(0x40)
            mstore(0x40, add(desk, DESK_SIZE))
            let from := add(constants, 0x20)
            let to := add(desk, KEYS)
            for { let end := add(desk, STATE) } lt(to, end) { to := add(to, 0x20) } {
                mstore(to, mul(shr(192, mload(from)), BOTH))
                from := add(from, 8)
            }
        }
    }

    /// @notice Pads a message of `length` bytes at `ptr`, behind which there is room for 144 more.
    /// @return blocks How many blocks it then has.
    function pad(uint256 ptr, uint256 length) internal pure returns (uint256 blocks) {
        unchecked {
            blocks = (length + 17 + BLOCK - 1) / BLOCK;
        }
        assembly ("memory-safe") {
            let end := add(ptr, mul(blocks, BLOCK))
            let to := add(ptr, length)
            calldatacopy(to, calldatasize(), sub(end, to))
            mstore8(to, 0x80)
            // The length in bits, of which the upper half is zero.
            end := sub(end, 0x20)
            mstore(end, or(mload(end), shl(3, length)))
        }
    }

    /// @notice Hashes two padded messages of as many blocks.
    /// @return firstLow The digest of the first one, read as a little-endian number of 512 bits: its lower half.
    /// @return firstHigh Its upper half.
    /// @return secondLow The same of the second one.
    /// @return secondHigh The same of the second one.
    function pair(uint256 desk, uint256 first, uint256 second, uint256 blocks)
        internal
        pure
        returns (uint256 firstLow, uint256 firstHigh, uint256 secondLow, uint256 secondHigh)
    {
        _begin(desk);
        unchecked {
            for (uint256 end = first + blocks * BLOCK; first != end; first += BLOCK) {
                _schedule(desk, first, second);
                _compress(desk);
                second += BLOCK;
            }
        }
        (firstLow, secondLow) = _read(desk + STATE);
        (firstHigh, secondHigh) = _read(desk + STATE + 0x80);
    }

    /// The first 64 bits of the fractional parts of the square roots of the first eight primes.
    function _begin(uint256 desk) private pure {
        assembly ("memory-safe") {
            let state := add(desk, STATE)
            mstore(state, mul(0x6a09e667f3bcc908, BOTH))
            mstore(add(state, 0x20), mul(0xbb67ae8584caa73b, BOTH))
            mstore(add(state, 0x40), mul(0x3c6ef372fe94f82b, BOTH))
            mstore(add(state, 0x60), mul(0xa54ff53a5f1d36f1, BOTH))
            mstore(add(state, 0x80), mul(0x510e527fade682d1, BOTH))
            mstore(add(state, 0xa0), mul(0x9b05688c2b3e6c1f, BOTH))
            mstore(add(state, 0xc0), mul(0x1f83d9abfb41bd6b, BOTH))
            mstore(add(state, 0xe0), mul(0x5be0cd19137e2179, BOTH))
        }
    }

    /// Writes the eighty words of the blocks at `first` and `second`.
    function _schedule(uint256 desk, uint256 first, uint256 second) private pure {
        assembly ("memory-safe") {
            let to := desk
            for { let end := add(desk, 0x200) } lt(to, end) { to := add(to, 0x20) } {
                mstore(to, or(shr(192, mload(first)), shl(128, shr(192, mload(second)))))
                first := add(first, 8)
                second := add(second, 8)
            }
            for { let end := add(desk, KEYS) } lt(to, end) { to := add(to, 0x20) } {
                let word := mload(sub(to, 0x1e0))
                let x := mul(word, TWICE)
                let sum := and(xor(xor(shr(1, x), shr(8, x)), shr(7, word)), LANES)
                word := mload(sub(to, 0x40))
                x := mul(word, TWICE)
                sum := add(sum, and(xor(xor(shr(19, x), shr(61, x)), shr(6, word)), LANES))
                mstore(to, and(add(sum, add(mload(sub(to, 0xe0)), mload(sub(to, 0x200)))), LANES))
            }
        }
    }

    /// Eighty rounds over the words of a block, of which eight stand there: in them each number comes to every place
    /// once.
    function _compress(uint256 at) private pure {
        unchecked {
            // The end waits in scratch memory: one number more would not fit on the stack.
            Raw.put(0x00, at + KEYS);
            at += STATE;
            uint256 a = Raw.load(at);
            uint256 b = Raw.load(at + 0x20);
            uint256 c = Raw.load(at + 0x40);
            uint256 d = Raw.load(at + 0x60);
            uint256 e = Raw.load(at + 0x80);
            uint256 f = Raw.load(at + 0xa0);
            uint256 g = Raw.load(at + 0xc0);
            uint256 h = Raw.load(at + 0xe0);
            for (at -= STATE; at != Raw.load(0x00); at += 0x100) {
                h += _turnE(e) + (g ^ (e & (f ^ g))) + Raw.load(at) + Raw.load(at + KEYS);
                d = (d + h) & LANES;
                h = (h + _turnA(a) + ((a & b) | (c & (a | b)))) & LANES;
                g += _turnE(d) + (f ^ (d & (e ^ f))) + Raw.load(at + 0x20) + Raw.load(at + 0x20 + KEYS);
                c = (c + g) & LANES;
                g = (g + _turnA(h) + ((h & a) | (b & (h | a)))) & LANES;
                f += _turnE(c) + (e ^ (c & (d ^ e))) + Raw.load(at + 0x40) + Raw.load(at + 0x40 + KEYS);
                b = (b + f) & LANES;
                f = (f + _turnA(g) + ((g & h) | (a & (g | h)))) & LANES;
                e += _turnE(b) + (d ^ (b & (c ^ d))) + Raw.load(at + 0x60) + Raw.load(at + 0x60 + KEYS);
                a = (a + e) & LANES;
                e = (e + _turnA(f) + ((f & g) | (h & (f | g)))) & LANES;
                d += _turnE(a) + (c ^ (a & (b ^ c))) + Raw.load(at + 0x80) + Raw.load(at + 0x80 + KEYS);
                h = (h + d) & LANES;
                d = (d + _turnA(e) + ((e & f) | (g & (e | f)))) & LANES;
                c += _turnE(h) + (b ^ (h & (a ^ b))) + Raw.load(at + 0xa0) + Raw.load(at + 0xa0 + KEYS);
                g = (g + c) & LANES;
                c = (c + _turnA(d) + ((d & e) | (f & (d | e)))) & LANES;
                b += _turnE(g) + (a ^ (g & (h ^ a))) + Raw.load(at + 0xc0) + Raw.load(at + 0xc0 + KEYS);
                f = (f + b) & LANES;
                b = (b + _turnA(c) + ((c & d) | (e & (c | d)))) & LANES;
                a += _turnE(f) + (h ^ (f & (g ^ h))) + Raw.load(at + 0xe0) + Raw.load(at + 0xe0 + KEYS);
                e = (e + a) & LANES;
                a = (a + _turnA(b) + ((b & c) | (d & (b | c)))) & LANES;
            }
            at += STATE - KEYS;
            _add(at, a);
            _add(at + 0x20, b);
            _add(at + 0x40, c);
            _add(at + 0x60, d);
            _add(at + 0x80, e);
            _add(at + 0xa0, f);
            _add(at + 0xc0, g);
            _add(at + 0xe0, h);
        }
    }

    function _turnE(uint256 e) private pure returns (uint256 x) {
        unchecked {
            x = e * TWICE;
            x = ((x >> 14) ^ (x >> 18) ^ (x >> 41)) & LANES;
        }
    }

    function _turnA(uint256 a) private pure returns (uint256 x) {
        unchecked {
            x = a * TWICE;
            x = ((x >> 28) ^ (x >> 34) ^ (x >> 39)) & LANES;
        }
    }

    function _add(uint256 ptr, uint256 more) private pure {
        assembly ("memory-safe") {
            mstore(ptr, and(add(mload(ptr), more), LANES))
        }
    }

    /// Four words of the state in both lanes, as little-endian numbers.
    function _read(uint256 ptr) private pure returns (uint256 first, uint256 second) {
        assembly ("memory-safe") {
            for { let i := 4 } i {} {
                i := sub(i, 1)
                let word := mload(add(ptr, shl(5, i)))
                word := or(and(shr(8, word), BYTES), shl(8, and(word, BYTES)))
                word := or(and(shr(16, word), PAIRS), shl(16, and(word, PAIRS)))
                word := or(and(shr(32, word), FOURS), shl(32, and(word, FOURS)))
                first := or(shl(64, first), and(word, 0xffffffffffffffff))
                second := or(shl(64, second), shr(128, word))
            }
        }
    }
}
