// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Signatures
/// @notice Decides whose signature over a digest it is. It never says whether that signer counts.
/// @dev A signature has 65 bytes `r ‖ s ‖ v` with v 27 or 28, or the 64 bytes `r ‖ yParityAndS` of EIP-2098. Of
/// the
/// two values of s the lower one counts, so that no signature has a twin.
/// Spec: docs/formats/signatures.md. Twin of `wire::sign::recover`.
library Signatures {
    /// A signature has neither 65 nor 64 bytes.
    error SignatureLength(uint256 length);
    /// The recovery byte is neither 27 nor 28.
    error RecoveryByte(uint256 v);
    /// Remedy: take the lower of s and n - s, and the other v.
    error HighS(bytes32 s);
    /// No key can have made this signature over `digest`.
    error Unrecoverable(bytes32 digest);

    /// @dev Half the order of secp256k1.
    uint256 private constant LOW_S_MAX = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice The address whose key signed `digest`; never zero.
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address) {
        uint256 length = signature.length;
        require(length == 65 || length == 64, SignatureLength(length));
        uint256 ptr;
        assembly ("memory-safe") {
            ptr := signature.offset
        }
        return recoverAt(digest, ptr, length);
    }

    /// @notice The same for a signature of `length` bytes, 65 or 64, that stands at `ptr` in calldata.
    function recoverAt(bytes32 digest, uint256 ptr, uint256 length) internal pure returns (address signer) {
        // Bound: places in calldata are small.
        unchecked {
            uint256 r = _word(ptr);
            uint256 s = _word(ptr + 32);
            uint256 v;
            if (length == 65) {
                v = _word(ptr + 64) >> 248;
                require(v == 27 || v == 28, RecoveryByte(v));
            } else {
                v = 27 + (s >> 255);
                s = (s << 1) >> 1;
            }
            require(s <= LOW_S_MAX, HighS(bytes32(s)));
            signer = ecrecover(digest, uint8(v), bytes32(r), bytes32(s));
        }
        require(signer != address(0), Unrecoverable(digest));
    }

    /// The word at `ptr` in calldata.
    function _word(uint256 ptr) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(ptr)
        }
    }
}
