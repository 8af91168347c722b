// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainSha512} from "./PlainSha512.sol";

/// @title PlainEd25519
/// @notice Signs, and judges one signature by ZIP-215, in the words of RFC 8032: affine points, no hints, no batch.
library PlainEd25519 {
    struct Point {
        uint256 x;
        uint256 y;
    }

    uint256 internal constant P = 2 ** 255 - 19;
    uint256 internal constant L = 2 ** 252 + 27_742_317_777_372_353_535_851_937_790_883_648_493;

    function verify(bytes32 key, bytes32 r, bytes32 s, bytes memory message) internal view returns (bool) {
        (bool isKey, Point memory a) = decode(key);
        (bool isPoint, Point memory c) = decode(r);
        uint256 scalar = reversed(s);
        if (!isKey || !isPoint || scalar >= L) return false;
        Point memory sum = times(scalar, base());
        sum = add(sum, negated(c));
        sum = add(sum, negated(times(_number(bytes.concat(r, key, message)), a)));
        sum = times(8, sum);
        return sum.x == 0 && sum.y == 1;
    }

    function sign(bytes32 seed, bytes memory message) internal view returns (bytes32 key, bytes32 r, bytes32 s) {
        bytes memory hash = PlainSha512.hash(bytes.concat(seed));
        uint256 secret = reversed(bytes32(hash)) & (2 ** 254 - 8) | 2 ** 254;
        bytes32 rest;
        for (uint256 i = 0; i < 32; ++i) {
            rest |= bytes32(hash[32 + i]) >> (8 * i);
        }
        key = encode(times(secret, base()));
        uint256 nonce = _number(bytes.concat(rest, message));
        r = encode(times(nonce, base()));
        uint256 h = _number(bytes.concat(r, key, message));
        s = bytes32(reversed(bytes32(addmod(nonce, mulmod(h, secret, L), L))));
    }

    function base() internal view returns (Point memory) {
        uint256 y = mulmod(4, _inverse(5), P);
        (, Point memory point) = decode(bytes32(reversed(bytes32(y))));
        return point;
    }

    /// @dev x^2 = (y^2 - 1) / (d y^2 + 1); y need not be reduced, and zero is as odd as one likes.
    function decode(bytes32 encoded) internal view returns (bool found, Point memory point) {
        uint256 number = reversed(encoded);
        uint256 y = (number % 2 ** 255) % P;
        uint256 yy = mulmod(y, y, P);
        uint256 square = mulmod(addmod(yy, P - 1, P), _inverse(addmod(mulmod(_d(), yy, P), 1, P)), P);
        uint256 x = _power(square, (P + 3) / 8);
        if (mulmod(x, x, P) != square) x = mulmod(x, _power(2, (P - 1) / 4), P);
        if (mulmod(x, x, P) != square) return (false, point);
        if (x % 2 != number / 2 ** 255) x = (P - x) % P;
        return (true, Point(x, y));
    }

    function encode(Point memory point) internal pure returns (bytes32) {
        return bytes32(reversed(bytes32(point.y | (point.x % 2) << 255)));
    }

    function add(Point memory a, Point memory b) internal view returns (Point memory) {
        uint256 k = mulmod(_d(), mulmod(mulmod(a.x, b.x, P), mulmod(a.y, b.y, P), P), P);
        uint256 x = addmod(mulmod(a.x, b.y, P), mulmod(b.x, a.y, P), P);
        uint256 y = addmod(mulmod(a.y, b.y, P), mulmod(a.x, b.x, P), P);
        return Point(mulmod(x, _inverse(addmod(1, k, P)), P), mulmod(y, _inverse(addmod(1, P - k, P)), P));
    }

    function negated(Point memory a) internal pure returns (Point memory) {
        return Point((P - a.x) % P, a.y);
    }

    function times(uint256 scalar, Point memory point) internal view returns (Point memory sum) {
        sum = Point(0, 1);
        for (; scalar != 0; scalar /= 2) {
            if (scalar % 2 == 1) sum = add(sum, point);
            point = add(point, point);
        }
    }

    function reversed(bytes32 text) internal pure returns (uint256 number) {
        for (uint256 i = 32; i > 0; --i) {
            number = number * 256 + uint8(text[i - 1]);
        }
    }

    /// @dev A hash as a little-endian number, modulo the order.
    function _number(bytes memory text) private pure returns (uint256 number) {
        bytes memory hash = PlainSha512.hash(text);
        for (uint256 i = 64; i > 0; --i) {
            number = addmod(mulmod(number, 256, L), uint8(hash[i - 1]), L);
        }
    }

    function _d() private view returns (uint256) {
        return mulmod(P - 121_665, _inverse(121_666), P);
    }

    function _inverse(uint256 a) private view returns (uint256) {
        return _power(a, P - 2);
    }

    function _power(uint256 a, uint256 exponent) private view returns (uint256) {
        (, bytes memory output) = address(5).staticcall(abi.encode(32, 32, 32, a, exponent, P));
        return abi.decode(output, (uint256));
    }
}
