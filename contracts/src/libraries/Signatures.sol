// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Signatures
/// @notice Decides whose signature over a digest it is. It never says whether that signer counts.
/// @dev A signature has 65 bytes `r ‖ s ‖ v` with v 27 or 28, or the 64 bytes `r ‖ yParityAndS` of EIP-2098. Only
/// the
/// lower of the two values of s counts, so that each signature has no twin.
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
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address signer) {
        uint256 length = signature.length;
        require(length == 65 || length == 64, SignatureLength(length));
        bytes32 r = bytes32(signature);
        bytes32 s = bytes32(signature[32:]);
        uint256 v;
        if (length == 65) {
            v = uint8(signature[64]);
            require(v == 27 || v == 28, RecoveryByte(v));
        } else {
            v = 27 + (uint256(s) >> 255);
            s = bytes32((uint256(s) << 1) >> 1);
        }
        require(uint256(s) <= LOW_S_MAX, HighS(s));
        signer = ecrecover(digest, uint8(v), r, s);
        require(signer != address(0), Unrecoverable(digest));
    }
}
