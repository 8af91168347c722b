// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ISignLaw
/// @notice What `SignLaw` opens to tests.
interface ISignLaw {
    error SignatureLength(uint256 length);
    error RecoveryByte(uint256 v);
    error HighS(bytes32 s);
    error Unrecoverable(bytes32 digest);

    function digest(uint8 kind, uint64 set, bytes32 statement) external view returns (bytes32);
    function digestAt(uint8 kind, bytes32 chain, bytes32 verifier, uint64 set, bytes32 statement)
        external
        pure
        returns (bytes32);
    function recover(bytes32 digest_, bytes calldata signature) external pure returns (address);
}
