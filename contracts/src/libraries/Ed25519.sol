// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Edwards} from "./Edwards.sol";
import {Raw} from "./Raw.sol";
import {Sha512} from "./Sha512.sol";

/// @title Ed25519
/// @notice Judges many Ed25519 signatures at once, as CometBFT does: all of them hold, or not all.
/// @dev The rules are those of ZIP-215: s below the order; R and A may be any points of the curve and may have a y that
/// is not reduced; the equation is multiplied by the cofactor, 8. Points come with a hint of their x, since finding it
/// costs
/// more than looking whether it fits: it has to be reduced, on the curve, and as odd as the encoding says, which leaves
/// one. Zero is even and odd, as in ZIP-215.
///
/// The equations s B = R + h A are summed, each times a number of 128 bits that is drawn, by keccak256, from all keys,
/// signatures and messages: one that does not hold makes the sum wrong, but for one draw in 2^128.
/// Spec: RFC 8032, 5.1.7; ZIP-215; PROTOCOL section 6. The plain twin is in test/clients/plain.
library Ed25519 {
    /// @notice One signature. Numbers are little-endian where they are bytes.
    /// @param key The public key A, a compressed point.
    /// @param keyX Its x.
    /// @param r The first half of the signature, R, a compressed point.
    /// @param rX Its x.
    /// @param s The second half.
    /// @param message What was signed.
    struct Claim {
        bytes32 key;
        uint256 keyX;
        bytes32 r;
        uint256 rX;
        bytes32 s;
        bytes message;
    }

    /// @notice The hinted x does not belong to a point.
    error BadPoint(bytes32 encoded, uint256 x);
    /// @notice The second half of a signature is not below the order.
    error BadScalar(bytes32 s);

    /// The order of the base point, and that point.
    uint256 private constant L = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed;
    uint256 private constant BASE_X = 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a;
    uint256 private constant BASE_Y = 0x6666666666666666666666666666666666666666666666666666666666666658;

    /// 2^256 modulo the order.
    uint256 private constant WORD = 0x0ffffffffffffffffffffffffffffffec6ef5bf4737dcf70d6ec31748d98951d;

    /// Bytes before a message in what is hashed: R and A. Room behind it for the padding.
    uint256 private constant MESSAGE = 0x40;
    uint256 private constant PADDING = 0xa0;

    /// @notice Whether all signatures hold; false if there are none.
    function verify(Claim[] memory claims) internal pure returns (bool) {
        uint256 count = claims.length;
        if (count == 0) return false;
        (uint256[] memory hashes, bytes32 seed) = _hashAll(claims);
        unchecked {
            // The base point, and two more for each claim.
            uint256 terms = Raw.reserve(Edwards.TERM_SIZE * (1 + 2 * count));
            uint256 key = terms + Edwards.TERM_SIZE;
            uint256 long = key + Edwards.TERM_SIZE * count;
            uint256 end = long;
            uint256 base = 0;
            for (uint256 i = 0; i < count; ++i) {
                Claim memory claim = claims[i];
                uint256 weight = uint256(keccak256(abi.encode(seed, i))) >> 128;
                base = addmod(base, mulmod(weight, _scalar(claim.s), L), L);
                _writeNegated(key, mulmod(weight, hashes[i], L) + Edwards.LONG_OFFSET, claim.key, claim.keyX);
                _writeNegated(end, weight + Edwards.SHORT_OFFSET, claim.r, claim.rX);
                key += Edwards.TERM_SIZE;
                end += Edwards.TERM_SIZE;
            }
            Edwards.writeTerm(terms, base + Edwards.LONG_OFFSET, BASE_X, BASE_Y);
            return Edwards.sumVanishes(terms, long, end);
        }
    }

    /// The hash of each R, A and message modulo the order, and one over all of them and the rest of the signatures.
    function _hashAll(Claim[] memory claims) private pure returns (uint256[] memory hashes, bytes32 seed) {
        uint256 count = claims.length;
        hashes = new uint256[](count);
        uint256 desk = Sha512.newDesk();
        bytes32[] memory digests = new bytes32[](count);
        unchecked {
            for (uint256 i = 0; i < count; i += 2) {
                // The last one of an odd number is hashed with itself.
                uint256 next = i + 1 == count ? i : i + 1;
                (uint256 first, uint256 second, uint256 blocks, uint256 others) =
                    _place(claims[i], claims[next], digests, i, next);
                if (blocks == others) {
                    (hashes[i], hashes[next]) = _hashPair(desk, first, second, blocks);
                } else {
                    (hashes[i],) = _hashPair(desk, first, first, blocks);
                    (hashes[next],) = _hashPair(desk, second, second, others);
                }
            }
        }
        seed = keccak256(abi.encodePacked(digests));
    }

    /// Writes what is hashed of two claims to free memory, which may be used again behind it.
    function _place(Claim memory claim, Claim memory other, bytes32[] memory digests, uint256 i, uint256 next)
        private
        pure
        returns (uint256 first, uint256 second, uint256 blocks, uint256 others)
    {
        assembly ("memory-safe") {
            first := mload(0x40)
        }
        unchecked {
            second = first + MESSAGE + claim.message.length + PADDING;
        }
        (blocks, digests[i]) = _placeOne(claim, first);
        (others, digests[next]) = _placeOne(other, second);
    }

    /// R, A and the message, padded.
    function _placeOne(Claim memory claim, uint256 to) private pure returns (uint256 blocks, bytes32 digest) {
        bytes memory message = claim.message;
        bytes32 key = claim.key;
        bytes32 r = claim.r;
        bytes32 s = claim.s;
        assembly ("memory-safe") {
            let size := mload(message)
            mstore(to, r)
            mstore(add(to, 0x20), key)
            mcopy(add(to, MESSAGE), add(message, 0x20), size)
            // Behind the message, where the padding will be written over it.
            mstore(add(add(to, MESSAGE), size), s)
            digest := keccak256(to, add(size, 0x60))
        }
        unchecked {
            blocks = Sha512.pad(to, message.length + MESSAGE);
        }
    }

    function _hashPair(uint256 desk, uint256 first, uint256 second, uint256 blocks)
        private
        pure
        returns (uint256 one, uint256 other)
    {
        (uint256 low, uint256 high, uint256 otherLow, uint256 otherHigh) = Sha512.pair(desk, first, second, blocks);
        one = addmod(low, mulmod(high, WORD, L), L);
        other = addmod(otherLow, mulmod(otherHigh, WORD, L), L);
    }

    /// Writes the term of the negative of a point, after its hint was checked.
    function _writeNegated(uint256 to, uint256 scalar, bytes32 encoded, uint256 x) private pure {
        uint256 y = _reversed(encoded);
        uint256 odd = y >> 255;
        unchecked {
            y = (y & (type(uint256).max >> 1)) % Edwards.P;
            bool fits = x < Edwards.P && (x & 1 == odd || x == 0) && Edwards.isOnCurve(x, y);
            require(fits, BadPoint(encoded, x));
            Edwards.writeTerm(to, scalar, x == 0 ? 0 : Edwards.P - x, y);
        }
    }

    function _scalar(bytes32 encoded) private pure returns (uint256 s) {
        s = _reversed(encoded);
        require(s < L, BadScalar(encoded));
    }

    /// A little-endian number.
    function _reversed(bytes32 text) private pure returns (uint256 word) {
        word = uint256(text);
        word = ((word & 0xff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00) >> 8)
            | ((word & 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff) << 8);
        word = ((word & 0xffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000) >> 16)
            | ((word & 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff) << 16);
        word = ((word & 0xffffffff00000000ffffffff00000000ffffffff00000000ffffffff00000000) >> 32)
            | ((word & 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff) << 32);
        word = ((word & 0xffffffffffffffff0000000000000000ffffffffffffffff0000000000000000) >> 64)
            | ((word & 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff) << 64);
        word = (word >> 128) | (word << 128);
    }
}
