// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IBeaconLaw
/// @notice What `BeaconLaw` opens to tests. Points have 48 bytes a coordinate, as in messages.
interface IBeaconLaw {
    // Mpt.
    function lookup(bytes32 root, bytes32 key, bytes calldata proof)
        external
        view
        returns (uint256 verdict, bytes memory value);
    function storedWord(bytes calldata value) external view returns (uint256);
    function storageRoot(bytes calldata value) external view returns (bytes32);

    // Ssz.
    function headerRoot(bytes calldata header) external view returns (bytes32);
    function branchRoot(bytes32 leaf, uint256 index, bytes calldata branch) external view returns (bytes32);
    function executionRoot(bytes32 leaf, bytes calldata branch) external view returns (bytes32);
    function finalityRoot(bytes32 leaf, bytes calldata branch, bool deeper) external view returns (bytes32);
    function keyLeaf(bytes calldata key) external view returns (bytes32);
    function readUint64(bytes calldata text) external view returns (uint256);
    function domain(bytes4 version, bytes32 genesisValidatorsRoot) external view returns (bytes32);

    // SszAbsentees.
    function countSigners(bytes calldata bits) external view returns (uint256);
    function absentees(bytes calldata bits, uint256 count, bytes calldata keysAndSiblings)
        external
        view
        returns (bytes32 root, uint256 used);
    function climb(uint256 depth, uint256[] calldata places, bytes calldata leaves, bytes calldata siblings)
        external
        view
        returns (bytes32 root, uint256 used);

    // Bls.
    function hashToG2(bytes32 message) external view returns (bytes memory point);
    function verify(bytes calldata aggregate, bytes calldata absentKeys, bytes32 message, bytes calldata signature)
        external
        view
        returns (uint256 outcome);
    function isOnCurve(bytes calldata key) external view returns (bool);
}
