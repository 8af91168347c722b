// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BlsHash} from "./BlsHash.sol";

/// @title Bls
/// @notice Sums keys and checks one signature of one summed key, on the precompiles of EIP-2537.
/// @dev Points come as affine coordinates of 48 bytes each, without the padding of the precompiles: a key is x ‖ y, a
/// signature x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1.
///
/// Who checks what: G1ADD refuses a coordinate that is not below the modulus and a point that is not on the curve, and
/// does not look at the subgroup; PAIRING refuses all three. So each key that is subtracted passes the curve check of
/// G1ADD, and the sum and the signature pass all checks of PAIRING. That every single key lies in the subgroup and has
/// a proof of possession, and that the aggregate is the sum of the committee's keys, rests on the consensus that put
/// them there.
/// Spec: EIP-2537; docs/formats/beacon.md, "Conventions". The plain Solidity twin is in test/clients/plain.
library Bls {
    /// What came of a check: the signature fits; it does not; a point is not what it has to be; the signers' keys sum
    /// up to infinity. Numbers and not an enum, because those are checked at every use.
    uint256 internal constant VALID = 0;
    uint256 internal constant MISMATCH = 1;
    uint256 internal constant BAD_POINT = 2;
    uint256 internal constant INFINITY = 3;

    /// Bytes of a key in messages.
    uint256 internal constant KEY_SIZE = 96;

    /// The field's modulus, high part (128 bits) and low part.
    uint256 private constant P_HIGH = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 private constant P_LOW = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;

    /// The generator of G1.
    uint256 private constant G1_X_HIGH = 0x17f1d3a73197d7942695638c4fa9ac0f;
    uint256 private constant G1_X_LOW = 0xc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb;
    uint256 private constant G1_Y_HIGH = 0x08b3f481e3aaa0f1a09e30ed741d8ae4;
    uint256 private constant G1_Y_LOW = 0xfcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1;

    /// @notice Checks a signature of (aggregate minus absentees) over `message`.
    /// @param aggregate Address of the aggregate key: a point of the curve that is not infinity.
    /// @param absentees Address of the absentees' keys.
    /// @param count Number of those.
    /// @param message The signing root.
    /// @param signature Address of the signature.
    function verify(uint256 aggregate, uint256 absentees, uint256 count, bytes32 message, uint256 signature)
        internal
        view
        returns (uint256)
    {
        // e(-key, H(message)) * e(generator, signature) = 1: two pairs of 384 bytes.
        uint256 pairs;
        assembly ("memory-safe") {
            pairs := mload(0x40)
            mstore(0x40, add(pairs, 0x300))
        }
        _loadNegated(aggregate, pairs);
        if (count != 0) {
            if (!_addKeys(pairs, absentees, count)) return BAD_POINT;
            if (_isInfinity(pairs)) return INFINITY;
        }
        if (!_loadSignature(signature, pairs + 0x200)) return BAD_POINT;
        BlsHash.toG2(message, pairs + 0x80);
        bool ok;
        uint256 one;
        assembly ("memory-safe") {
            mstore(add(pairs, 0x180), G1_X_HIGH)
            mstore(add(pairs, 0x1a0), G1_X_LOW)
            mstore(add(pairs, 0x1c0), G1_Y_HIGH)
            mstore(add(pairs, 0x1e0), G1_Y_LOW)
            ok := staticcall(gas(), 0x0f, pairs, 0x300, 0x00, 0x20)
            one := mload(0x00)
        }
        if (!ok) return BAD_POINT;
        return one == 1 ? VALID : MISMATCH;
    }

    /// @notice Whether the key at `ptr` is a canonical point of the curve and not infinity.
    function isOnCurve(uint256 ptr) internal view returns (bool) {
        uint256 sum;
        assembly ("memory-safe") {
            sum := mload(0x40)
            mstore(0x40, add(sum, 0x80))
            calldatacopy(sum, calldatasize(), 0x80)
        }
        return _addKeys(sum, ptr, 1) && !_isInfinity(sum);
    }

    /// Adds `count` keys to the padded point at `sum`; false if one of them is not on the curve.
    function _addKeys(uint256 sum, uint256 keys, uint256 count) private view returns (bool ok) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mcopy(buffer, sum, 0x80)
            mstore(add(buffer, 0x80), 0)
            mstore(add(buffer, 0xc0), 0)
            ok := 1
            for { let end := add(keys, mul(count, KEY_SIZE)) } and(ok, lt(keys, end)) { keys := add(keys, KEY_SIZE) } {
                mcopy(add(buffer, 0x90), keys, 48)
                mcopy(add(buffer, 0xd0), add(keys, 48), 48)
                ok := staticcall(gas(), 0x0b, buffer, 0x100, buffer, 0x80)
            }
            mcopy(sum, buffer, 0x80)
        }
    }

    /// Writes the negated key at `from`, a point of the curve that is not infinity, padded to the 128 bytes at `to`.
    function _loadNegated(uint256 from, uint256 to) private pure {
        assembly ("memory-safe") {
            let low := mload(add(from, 64))
            mstore(to, 0)
            mcopy(add(to, 0x10), from, 48)
            mstore(add(to, 0x40), sub(sub(P_HIGH, shr(128, mload(add(from, 48)))), gt(low, P_LOW)))
            mstore(add(to, 0x60), sub(P_LOW, low))
        }
    }

    /// Writes the signature at `from` padded to the 256 bytes at `to`; false if it is infinity, which nobody signs
    /// with.
    function _loadSignature(uint256 from, uint256 to) private pure returns (bool some) {
        assembly ("memory-safe") {
            some := iszero(iszero(mload(from)))
            // The first word is nearly always enough to tell.
            if iszero(some) {
                some := or(mload(add(from, 0x20)), or(mload(add(from, 0x40)), mload(add(from, 0x60))))
                some := iszero(iszero(or(some, or(mload(add(from, 0x80)), mload(add(from, 0xa0))))))
            }
            calldatacopy(to, calldatasize(), 0x100)
            mcopy(add(to, 0x10), from, 48)
            mcopy(add(to, 0x50), add(from, 48), 48)
            mcopy(add(to, 0x90), add(from, 96), 48)
            mcopy(add(to, 0xd0), add(from, 144), 48)
        }
    }

    /// Whether the padded point at `ptr` is infinity: all zero.
    function _isInfinity(uint256 ptr) private pure returns (bool yes) {
        assembly ("memory-safe") {
            yes := iszero(or(or(mload(ptr), mload(add(ptr, 0x20))), or(mload(add(ptr, 0x40)), mload(add(ptr, 0x60)))))
        }
    }
}
