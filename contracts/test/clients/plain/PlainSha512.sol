// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PlainSha512
/// @notice `Sha512` without assembly, one message at a time, in the words of FIPS 180-4.
library PlainSha512 {
    function hash(bytes memory message) internal pure returns (bytes memory digest) {
        uint64[80] memory constants = _constants();
        uint64[8] memory state = _initial();
        bytes memory padded = _pad(message);
        for (uint256 at = 0; at < padded.length; at += 128) {
            _compress(state, _schedule(padded, at), constants);
        }
        for (uint256 i = 0; i < 8; ++i) {
            digest = bytes.concat(digest, bytes8(state[i]));
        }
    }

    function _pad(bytes memory message) private pure returns (bytes memory) {
        bytes memory zeros = new bytes((239 - message.length % 128) % 128);
        return bytes.concat(message, hex"80", zeros, bytes16(uint128(8 * message.length)));
    }

    function _schedule(bytes memory padded, uint256 at) private pure returns (uint64[80] memory words) {
        for (uint256 t = 0; t < 80; ++t) {
            if (t < 16) {
                for (uint256 i = 0; i < 8; ++i) {
                    words[t] = (words[t] << 8) | uint64(uint8(padded[at + 8 * t + i]));
                }
                continue;
            }
            uint64 a = words[t - 15];
            uint64 b = words[t - 2];
            unchecked {
                words[t] = (_turn(b, 19) ^ _turn(b, 61) ^ (b >> 6)) + words[t - 7]
                    + (_turn(a, 1) ^ _turn(a, 8) ^ (a >> 7)) + words[t - 16];
            }
        }
    }

    function _compress(uint64[8] memory state, uint64[80] memory words, uint64[80] memory constants) private pure {
        uint64[8] memory v;
        for (uint256 i = 0; i < 8; ++i) {
            v[i] = state[i];
        }
        for (uint256 t = 0; t < 80; ++t) {
            unchecked {
                uint64 one = v[7] + (_turn(v[4], 14) ^ _turn(v[4], 18) ^ _turn(v[4], 41))
                    + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[t] + words[t];
                uint64 two = (_turn(v[0], 28) ^ _turn(v[0], 34) ^ _turn(v[0], 39))
                    + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
                for (uint256 i = 7; i > 0; --i) {
                    v[i] = v[i - 1];
                }
                v[4] += one;
                v[0] = one + two;
            }
        }
        for (uint256 i = 0; i < 8; ++i) {
            unchecked {
                state[i] += v[i];
            }
        }
    }

    function _turn(uint64 x, uint256 by) private pure returns (uint64) {
        return (x >> by) | (x << (64 - by));
    }

    /// @dev The first 64 bits of the fractional parts of the cube roots of the first eighty primes.
    function _constants() private pure returns (uint64[80] memory constants) {
        uint256 prime = 1;
        for (uint256 i = 0; i < 80; ++i) {
            prime = _nextPrime(prime);
            constants[i] = uint64(_root(prime << 192, 3));
        }
    }

    /// @dev The same of the square roots of the first eight.
    function _initial() private pure returns (uint64[8] memory state) {
        uint256 prime = 1;
        for (uint256 i = 0; i < 8; ++i) {
            prime = _nextPrime(prime);
            state[i] = uint64(_root(prime << 128, 2));
        }
    }

    function _nextPrime(uint256 n) private pure returns (uint256) {
        while (true) {
            ++n;
            uint256 divisor = 2;
            while (divisor * divisor <= n && n % divisor != 0) ++divisor;
            if (divisor * divisor > n) return n;
        }
        return 0;
    }

    /// @dev The largest number whose power is not above `n`: below 2^72, as no prime here is above 409.
    function _root(uint256 n, uint256 power) private pure returns (uint256 root) {
        for (uint256 bit = 1 << 71; bit != 0; bit >>= 1) {
            uint256 more = root | bit;
            if (more ** power <= n) root = more;
        }
    }
}
