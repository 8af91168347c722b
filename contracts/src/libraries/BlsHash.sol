// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title BlsHash
/// @notice Hashes a 32-byte message to a point of G2 as Ethereum's validators do, on the precompiles of EIP-2537.
/// @dev Suite BLS12381G2_XMD:SHA-256_SSWU_RO_ with the tag BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_.
/// Spec: RFC 9380, sections 5.2 (hash_to_field), 5.3.1 (expand_message_xmd) and 3 (hash_to_curve); the precompile
/// MAP_FP2_TO_G2 maps and clears the cofactor, and the sum of two cleared points is the cleared sum.
/// The plain Solidity twin is in test/clients/plain. Why no hash is checked for success: see `Ssz`.
library BlsHash {
    /// A curve precompile failed, which happens only when gas runs out: what they are given is always valid.
    error MapFailed();

    /// 0x0100 (256 bytes wanted) ‖ 0x00 ‖ first 29 bytes of the tag.
    uint256 private constant TAIL_A = 0x010000424c535f5349475f424c53313233383147325f584d443a5348412d3235;
    /// Last 14 bytes of the tag ‖ its length 43.
    uint256 private constant TAIL_B = 0x365f535357555f524f5f504f505f2b0000000000000000000000000000000000;

    /// The field's modulus, high part (128 bits) and low part.
    uint256 private constant P_HIGH = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 private constant P_LOW = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;
    /// 2^512 divided by the modulus, rounded down.
    uint256 private constant RECIPROCAL = 0x9d835d2f3cc9e45ce28101b0cc7a6ba29;

    /// @notice Writes H(message) to the 256 bytes of memory at `to`, in the encoding of EIP-2537.
    function toG2(bytes32 message, uint256 to) internal view {
        uint256 elements;
        bool ok;
        assembly ("memory-safe") {
            elements := mload(0x40)
        }
        _expand(message, elements);
        _reduce(elements);
        assembly ("memory-safe") {
            // Both points side by side, the second over the field elements that are no longer needed; then their sum.
            ok := staticcall(gas(), 0x11, elements, 0x80, add(elements, 0x100), 0x100)
            ok := and(ok, staticcall(gas(), 0x11, add(elements, 0x80), 0x80, elements, 0x100))
            ok := and(ok, staticcall(gas(), 0x0d, elements, 0x200, to, 0x100))
        }
        require(ok, MapFailed());
    }

    /// Writes what a message expands to to the 256 bytes at `to`, and uses the memory behind them: eight blocks, of
    /// which two make a field element, high half first, and two elements one of the quadratic extension.
    function _expand(bytes32 message, uint256 to) private view {
        assembly ("memory-safe") {
            // buffer: 64 zero bytes ‖ message ‖ 0x0100 ‖ 0 ‖ tag ‖ its length
            let buffer := add(to, 0x100)
            mstore(buffer, 0)
            mstore(add(buffer, 0x20), 0)
            mstore(add(buffer, 0x40), message)
            mstore(add(buffer, 0x60), TAIL_A)
            mstore(add(buffer, 0x80), TAIL_B)
            pop(staticcall(gas(), 2, buffer, 143, 0x00, 0x20))
            let first := mload(0x00)
            // From here on 32 bytes ‖ counter ‖ tag ‖ its length, whose tag is in place already.
            buffer := add(buffer, 66)
            let counter := add(buffer, 0x20)
            mstore(buffer, first)
            mstore8(counter, 1)
            pop(staticcall(gas(), 2, buffer, 77, to, 0x20))
            mstore(buffer, xor(first, mload(to)))
            mstore8(counter, 2)
            pop(staticcall(gas(), 2, buffer, 77, add(to, 0x20), 0x20))
            mstore(buffer, xor(first, mload(add(to, 0x20))))
            mstore8(counter, 3)
            pop(staticcall(gas(), 2, buffer, 77, add(to, 0x40), 0x20))
            mstore(buffer, xor(first, mload(add(to, 0x40))))
            mstore8(counter, 4)
            pop(staticcall(gas(), 2, buffer, 77, add(to, 0x60), 0x20))
            mstore(buffer, xor(first, mload(add(to, 0x60))))
            mstore8(counter, 5)
            pop(staticcall(gas(), 2, buffer, 77, add(to, 0x80), 0x20))
            mstore(buffer, xor(first, mload(add(to, 0x80))))
            mstore8(counter, 6)
            pop(staticcall(gas(), 2, buffer, 77, add(to, 0xa0), 0x20))
            mstore(buffer, xor(first, mload(add(to, 0xa0))))
            mstore8(counter, 7)
            pop(staticcall(gas(), 2, buffer, 77, add(to, 0xc0), 0x20))
            mstore(buffer, xor(first, mload(add(to, 0xc0))))
            mstore8(counter, 8)
            pop(staticcall(gas(), 2, buffer, 77, add(to, 0xe0), 0x20))
        }
    }

    /// Takes each of four numbers of 64 bytes modulo the field's modulus, in place.
    function _reduce(uint256 at) private pure {
        assembly ("memory-safe") {
            let end := add(at, 0x100)
            for {} lt(at, end) { at := add(at, 0x40) } {
                let high := mload(at)
                let low := mload(add(at, 0x20))
                // high * 2^256 + low modulo the field's modulus. The quotient is estimated from the high half and at
                // most 2 too small. The high half of a product is its remainder modulo 2^256 - 1 minus the low half.
                let product := mul(high, RECIPROCAL)
                let quotient := mulmod(high, RECIPROCAL, not(0))
                quotient := sub(sub(quotient, product), lt(quotient, product))
                product := mul(quotient, P_LOW)
                let carry := mulmod(quotient, P_LOW, not(0))
                carry := sub(sub(carry, product), lt(carry, product))
                high := sub(sub(high, add(mul(quotient, P_HIGH), carry)), lt(low, product))
                low := sub(low, product)
                for {} iszero(lt(high, P_HIGH)) {} {
                    if and(eq(high, P_HIGH), lt(low, P_LOW)) { break }
                    high := sub(sub(high, P_HIGH), lt(low, P_LOW))
                    low := sub(low, P_LOW)
                }
                mstore(at, high)
                mstore(add(at, 0x20), low)
            }
        }
    }
}
