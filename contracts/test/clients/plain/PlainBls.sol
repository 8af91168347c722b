// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainSsz} from "./PlainSsz.sol";

/// @title PlainBls
/// @notice `Bls` and `BlsHash` without assembly; the numbers are reduced by the MODEXP precompile.
library PlainBls {
    bytes private constant MODULUS =
        hex"1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
    bytes private constant GENERATOR = bytes.concat(
        hex"0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb",
        hex"0000000000000000000000000000000008b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"
    );
    bytes private constant TAG = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

    /// @dev RFC 9380, hash_to_curve of the suite of Ethereum's signatures.
    function hashToG2(bytes32 message) internal view returns (bytes memory) {
        bytes memory uniform = expand(message);
        bytes memory first = bytes.concat(reduce(uniform, 0), reduce(uniform, 64));
        bytes memory second = bytes.concat(reduce(uniform, 128), reduce(uniform, 192));
        return _call(0x0d, bytes.concat(_call(0x11, first), _call(0x11, second)));
    }

    /// @dev RFC 9380, expand_message_xmd to 256 bytes.
    function expand(bytes32 message) internal pure returns (bytes memory uniform) {
        bytes memory tag = bytes.concat(TAG, bytes1(uint8(TAG.length)));
        bytes32 first = sha256(bytes.concat(new bytes(64), message, bytes2(uint16(256)), bytes1(0), tag));
        bytes32 part = sha256(bytes.concat(first, bytes1(uint8(1)), tag));
        uniform = bytes.concat(part);
        for (uint8 i = 2; i <= 8; ++i) {
            part = sha256(bytes.concat(first ^ part, bytes1(i), tag));
            uniform = bytes.concat(uniform, part);
        }
    }

    /// @dev 64 bytes of `text` as a number modulo the field's modulus, padded to 64 bytes.
    function reduce(bytes memory text, uint256 from) internal view returns (bytes memory) {
        bytes memory number = PlainSsz.cut(text, from, 64);
        bytes memory sizes = abi.encode(uint256(64), uint256(1), uint256(48));
        return bytes.concat(bytes16(0), _call(0x05, bytes.concat(sizes, number, bytes1(uint8(1)), MODULUS)));
    }

    /// @dev Whether `signature` is that of the aggregate without the absentees; false also for bad points.
    function isValid(bytes memory aggregate, bytes memory absentKeys, bytes32 message, bytes memory signature)
        internal
        view
        returns (bool)
    {
        bytes memory key = pad(aggregate);
        for (uint256 i = 0; i < absentKeys.length; i += 96) {
            bool onCurve;
            (onCurve, key) = tryCall(0x0b, bytes.concat(key, pad(negated(PlainSsz.cut(absentKeys, i, 96)))));
            if (!onCurve) return false;
        }
        if (keccak256(key) == keccak256(new bytes(128))) return false;
        bytes memory negatedKey = bytes.concat(PlainSsz.cut(key, 0, 64), _minus(PlainSsz.cut(key, 80, 48)));
        bytes memory pairs = bytes.concat(negatedKey, hashToG2(message), GENERATOR, pad(signature));
        (bool ok, bytes memory answer) = tryCall(0x0f, pairs);
        return ok && uint256(bytes32(answer)) == 1;
    }

    /// @dev Coordinates of 48 bytes, each padded to 64.
    function pad(bytes memory point) internal pure returns (bytes memory padded) {
        for (uint256 i = 0; i < point.length; i += 48) {
            padded = bytes.concat(padded, bytes16(0), PlainSsz.cut(point, i, 48));
        }
    }

    /// @dev A key with the other y, in the form of messages.
    function negated(bytes memory key) internal pure returns (bytes memory) {
        bytes memory y = PlainSsz.cut(_minus(PlainSsz.cut(key, 48, 48)), 16, 48);
        return bytes.concat(PlainSsz.cut(key, 0, 48), y);
    }

    function tryCall(uint160 precompile, bytes memory input) internal view returns (bool ok, bytes memory output) {
        // A precompile that refuses its input keeps all gas it was given.
        (ok, output) = address(precompile).staticcall{gas: 1_000_000}(input);
    }

    /// @dev The modulus minus a number of 48 bytes, padded to 64; digit by digit.
    function _minus(bytes memory number) private pure returns (bytes memory difference) {
        difference = new bytes(64);
        uint256 borrow = 0;
        for (uint256 i = 48; i > 0; --i) {
            uint256 digit = 256 + uint256(uint8(MODULUS[i - 1])) - uint8(number[i - 1]) - borrow;
            difference[i + 15] = bytes1(uint8(digit));
            borrow = digit < 256 ? 1 : 0;
        }
    }

    function _call(uint160 precompile, bytes memory input) private view returns (bytes memory) {
        (bool ok, bytes memory output) = tryCall(precompile, input);
        require(ok, "precompile refused");
        return output;
    }
}
