// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bls} from "../../../src/libraries/Bls.sol";
import {BlsHash} from "../../../src/libraries/BlsHash.sol";
import {Mpt} from "../../../src/libraries/Mpt.sol";
import {MptNode} from "../../../src/libraries/MptNode.sol";
import {Ssz} from "../../../src/libraries/Ssz.sol";
import {SszAbsentees} from "../../../src/libraries/SszAbsentees.sol";
import {SszBranches} from "../../../src/libraries/SszBranches.sol";
import {IBeaconLaw} from "./IBeaconLaw.sol";

/// @title BeaconLaw
/// @notice Opens the beacon client's libraries to tests, compiled as they are shipped.
contract BeaconLaw is IBeaconLaw {
    function lookup(bytes32 root, bytes32 key, bytes memory proof)
        external
        pure
        returns (uint256 verdict, bytes memory value)
    {
        uint256 ptr;
        uint256 size;
        (verdict, ptr, size) = Mpt.lookup(root, key, _start(proof), _start(proof) + proof.length);
        if (verdict == Mpt.PRESENT) value = _copy(ptr, size);
    }

    function storedWord(bytes memory value) external pure returns (uint256) {
        return MptNode.readStoredWord(_start(value), value.length);
    }

    function storageRoot(bytes memory value) external pure returns (bytes32) {
        return MptNode.readStorageRoot(_start(value), value.length);
    }

    function headerRoot(bytes memory header) external view returns (bytes32) {
        require(header.length == 112, "a header has 112 bytes");
        return Ssz.headerRoot(_start(header));
    }

    function branchRoot(bytes32 leaf, uint256 index, bytes memory branch) external view returns (bytes32) {
        return Ssz.branchRoot(leaf, index, _start(branch));
    }

    function executionRoot(bytes32 leaf, bytes memory branch) external view returns (bytes32) {
        return SszBranches.execution(leaf, _start(branch));
    }

    function finalityRoot(bytes32 leaf, bytes memory branch, bool deeper) external view returns (bytes32) {
        return SszBranches.finality(leaf, _start(branch), deeper);
    }

    function keyLeaf(bytes memory key) external view returns (bytes32) {
        return Ssz.keyLeaf(_start(key));
    }

    function readUint64(bytes memory text) external pure returns (uint256) {
        return Ssz.readUint64(_start(text));
    }

    function domain(bytes4 version, bytes32 genesisValidatorsRoot) external view returns (bytes32) {
        return Ssz.syncCommitteeDomain(version, genesisValidatorsRoot);
    }

    function countSigners(bytes memory bits) external pure returns (uint256) {
        return SszAbsentees.countSigners(_start(bits));
    }

    function absentees(bytes memory bits, uint256 count, bytes memory keysAndSiblings)
        external
        view
        returns (bytes32 root, uint256 used)
    {
        uint256 end;
        (root, end) = SszAbsentees.root(_start(bits), count, _start(keysAndSiblings));
        used = end == 0 ? 0 : end - _start(keysAndSiblings);
    }

    function climb(uint256 depth, uint256[] memory places, bytes memory leaves, bytes memory siblings)
        external
        view
        returns (bytes32 root, uint256 used)
    {
        // In the contract the places come from a bitvector: they rise, lie inside the tree, and there is at least one.
        require(depth <= 40 && places.length != 0 && leaves.length == 32 * places.length, "not such a tree");
        uint256[] memory nodes = new uint256[](2 * places.length + 1);
        for (uint256 i = 0; i < places.length; ++i) {
            require(places[i] < 1 << depth && (i == 0 || places[i] > places[i - 1]), "not such places");
            nodes[2 * i] = places[i];
            nodes[2 * i + 1] = uint256(MptNode.word(_start(leaves) + 32 * i));
        }
        uint256 first;
        assembly ("memory-safe") {
            first := add(nodes, 0x20)
        }
        uint256 end;
        (root, end) = SszAbsentees.climb(first, first + 64 * places.length, _start(siblings), depth);
        used = end - _start(siblings);
    }

    function hashToG2(bytes32 message) external view returns (bytes memory point) {
        point = new bytes(256);
        BlsHash.toG2(message, _start(point));
    }

    function verify(bytes memory aggregate, bytes memory absentKeys, bytes32 message, bytes memory signature)
        external
        view
        returns (uint256 outcome)
    {
        return Bls.verify(_start(aggregate), _start(absentKeys), absentKeys.length / 96, message, _start(signature));
    }

    function isOnCurve(bytes memory key) external view returns (bool) {
        return Bls.isOnCurve(_start(key));
    }

    function _start(bytes memory text) private pure returns (uint256 ptr) {
        assembly ("memory-safe") {
            ptr := add(text, 0x20)
        }
    }

    function _copy(uint256 ptr, uint256 size) private pure returns (bytes memory text) {
        text = new bytes(size);
        assembly ("memory-safe") {
            mcopy(add(text, 0x20), ptr, size)
        }
    }
}
