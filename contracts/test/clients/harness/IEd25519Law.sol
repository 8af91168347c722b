// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A signature with the hints of its points; see `Ed25519.Claim`.
struct Signed {
    bytes32 key;
    uint256 keyX;
    bytes32 r;
    uint256 rX;
    bytes32 s;
    bytes message;
}

/// @notice What tests see of `Ed25519` and `Sha512`.
interface IEd25519Law {
    error BadPoint(bytes32 encoded, uint256 x);
    error BadScalar(bytes32 s);

    function verify(Signed[] calldata claims) external pure returns (bool);

    /// @notice The digests of two messages, which have as many blocks.
    function hashPair(bytes calldata first, bytes calldata second) external pure returns (bytes memory, bytes memory);
}
