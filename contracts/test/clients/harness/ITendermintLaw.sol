// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What tests see of the libraries behind `TendermintClient`.
interface ITendermintLaw {
    /// @dev Votes for a block: parts, common and other part of times and the header's field with the chain's id, each
    /// behind its length.
    function voteOf(
        uint64 height,
        uint32 round,
        bytes32 hash,
        bytes calldata parts,
        bytes calldata prefix,
        bytes calldata chainField,
        bytes[] calldata tails
    ) external pure returns (bytes[] memory votes);

    function varintOf(uint64 number) external pure returns (bytes memory);
    function readVarint(bytes calldata text) external pure returns (uint256 number, uint256 size);
    function rootOf(bytes[] calldata leaves) external view returns (bytes32);
    function revisionOf(bytes calldata id) external pure returns (bool fits, uint64 revision);
    function addressOf(bytes calldata key) external view returns (address);
    function signerOf(bytes32 digest, uint256 r, uint256 vs) external view returns (address);
    function install(bytes calldata message) external view returns (bytes32 root, bytes32 card);
}
