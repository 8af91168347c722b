// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../interfaces/ITendermintClient.sol";

/// @title Secp256k1
/// @notice What an EVM chain knows secp256k1 keys by: addresses. A signature is judged by the address that it comes
/// from. @dev The precompile that recovers it takes a first half below the order only, and so x of the point that it
/// stands
/// for. That x could be larger by the order for one point in 2^127, which nobody can make on purpose over a message
/// that names the set in which the key is.
/// Spec: docs/formats/tendermint-evm.md; SEC 1. Twin of the half of `tendermint::key` that is about secp256k1.
library Secp256k1 {
    /// The modulus of the field, and a half of the order.
    uint256 private constant P = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;
    uint256 private constant HALF_N = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice The address of the key whose 33 bytes stand at `at` in calldata, and behind them its y; zero if there is
    /// none. Such a key has the last 20 bytes of its hash in place of an address: no signature leads to them.
    function addressOf(uint256 at) internal view returns (address) {
        uint256 prefix;
        uint256 x;
        uint256 y;
        assembly ("memory-safe") {
            prefix := byte(0, calldataload(at))
            x := calldataload(add(at, 1))
            y := calldataload(add(at, 33))
        }
        bool isFormed = (prefix == 2 || prefix == 3) && x < P;
        uint256 square = addmod(mulmod(mulmod(x, x, P), x, P), 7, P);
        if (y == 0) {
            // No point of this curve has this y.
            require(!isFormed || !_isSquare(square), ITendermintClient.Malformed());
            return address(uint160(uint256(keccak256(abi.encodePacked(uint8(prefix), x)))));
        }
        bool isPoint = isFormed && y < P && y & 1 == prefix & 1 && mulmod(y, y, P) == square;
        require(isPoint, ITendermintClient.Malformed());
        return address(uint160(uint256(keccak256(abi.encode(x, y)))));
    }

    /// @notice The address whose key signed a digest; zero if there is none.
    /// @param r The first half.
    /// @param vs The second half, which is the lower one of two, with the parity of y above it: EIP-2098.
    function signerOf(bytes32 digest, uint256 r, uint256 vs) internal view returns (address signer) {
        uint256 s = vs & (type(uint256).max >> 1);
        if (s > HALF_N) return address(0);
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, digest)
            mstore(add(free, 0x20), add(27, shr(255, vs)))
            mstore(add(free, 0x40), r)
            mstore(add(free, 0x60), s)
            mstore(0x00, 0)
            pop(staticcall(gas(), 1, free, 0x80, 0x00, 0x20))
            signer := mload(0x00)
        }
    }

    /// Whether a number has a root: it is 1 to the power of a half of p - 1.
    function _isSquare(uint256 square) private view returns (bool is_) {
        bool done;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, 0x20)
            mstore(add(free, 0x20), 0x20)
            mstore(add(free, 0x40), 0x20)
            mstore(add(free, 0x60), square)
            mstore(add(free, 0x80), shr(1, P))
            mstore(add(free, 0xa0), P)
            done := staticcall(gas(), 5, free, 0xc0, 0x00, 0x20)
            is_ := eq(mload(0x00), 1)
        }
        require(done, ITendermintClient.Malformed());
    }
}
