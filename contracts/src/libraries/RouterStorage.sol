// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {Mpt} from "./Mpt.sol";
import {MptNode} from "./MptNode.sol";
import {MptPool} from "./MptPool.sol";

/// @title RouterStorage
/// @notice Decides what a proof shows to be stored under a path in a router on an EVM chain, given the root of its
/// storage.
/// @dev Whether the root may be believed is for the client. It must never take a proof as one of absence because
/// something could not be read. Twin of `client::RouterStorage`.
library RouterStorage {
    /// A path has exactly one element, because an EVM chain has no store prefix.
    error BadPath(uint256 elements);
    /// A commitment is 32 bytes that are not all zero.
    error BadValue(uint256 length);
    /// The storage proof does not fit the router's storage root.
    error StorageProof(bytes32 storageRoot);
    /// Membership: nothing is stored there.
    error SlotAbsent(bytes32 slot);
    /// Absence: something is stored there.
    error SlotPresent(bytes32 slot, bytes32 value);
    /// Membership: something else is stored there.
    error ValueMismatch(bytes32 expected, bytes32 proven);

    /// @notice Reverts unless `value` is stored under `path`.
    /// @param base The base slot of the router's mapping of commitments.
    function checkMember(
        bytes32 storageRoot,
        bytes32 base,
        bytes[] calldata path,
        bytes calldata value,
        bytes memory proof
    ) internal pure {
        bytes32 expected = bytes32(value);
        require(value.length == 32 && expected != 0, BadValue(value.length));
        bytes32 slot = _slotOf(_element(path), base);
        bytes32 proven = _storedAt(storageRoot, slot, proof);
        require(proven != 0, SlotAbsent(slot));
        require(proven == expected, ValueMismatch(expected, proven));
    }

    /// @notice Reverts unless nothing is stored under `path`.
    function checkAbsent(bytes32 storageRoot, bytes32 base, bytes[] calldata path, bytes memory proof) internal pure {
        bytes32 slot = _slotOf(_element(path), base);
        bytes32 proven = _storedAt(storageRoot, slot, proof);
        require(proven == 0, SlotPresent(slot, proven));
    }

    /// @notice What is stored under each of `paths`, by one pool (docs/formats/pool.md); zero is proven absence.
    /// @param paths In the ascending order of their hashed storage slots.
    function prove(bytes32 storageRoot, bytes32 base, bytes[] calldata paths, bytes calldata pool)
        internal
        pure
        returns (bytes32[] memory)
    {
        return MptPool.prove(storageRoot, keysOf(paths, base), pool);
    }

    /// @notice The keys under which the trie holds the slots of paths. Reverts without data if one lies outside of the
    /// call.
    /// @dev The plain twin: `keccak256(abi.encode(slot))` of each.
    function keysOf(bytes[] calldata paths, bytes32 base) internal pure returns (bytes32[] memory keys) {
        keys = new bytes32[](paths.length);
        assembly ("memory-safe") {
            let free := mload(0x40)
            let to := add(keys, 0x20)
            let behind := add(paths.offset, shl(5, paths.length))
            for { let at := paths.offset } lt(at, behind) { at := add(at, 0x20) } {
                let path := add(paths.offset, calldataload(at))
                let length := calldataload(path)
                let end := add(add(path, 0x20), length)
                if or(gt(length, calldatasize()), or(lt(end, path), gt(end, calldatasize()))) {
                    revert(0x00, 0x00)
                }
                calldatacopy(free, add(path, 0x20), length)
                // The slot of an entry of the mapping at `base`, and its key.
                mstore(0x00, keccak256(free, length))
                mstore(0x20, base)
                mstore(0x00, keccak256(0x00, 0x40))
                mstore(to, keccak256(0x00, 0x20))
                to := add(to, 0x20)
            }
        }
    }

    /// The one element of a path.
    function _element(bytes[] calldata path) private pure returns (bytes calldata) {
        require(path.length == 1, BadPath(path.length));
        return path[0];
    }

    /// The storage slot of a path: the entry of the router's mapping of commitments.
    function _slotOf(bytes calldata path, bytes32 base) private pure returns (bytes32) {
        return Hashes.efficientKeccak256(keccak256(path), base);
    }

    /// What the proof shows to be stored in `slot`; zero is proven absence, because a trie never stores zero.
    function _storedAt(bytes32 storageRoot, bytes32 slot, bytes memory proof) private pure returns (bytes32 value) {
        uint256 ptr;
        assembly ("memory-safe") {
            ptr := add(proof, 0x20)
        }
        bytes32 key = keccak256(abi.encode(slot));
        (uint256 verdict, uint256 start, uint256 size) = Mpt.lookup(storageRoot, key, ptr, ptr + proof.length);
        require(verdict != Mpt.INVALID, StorageProof(storageRoot));
        if (verdict == Mpt.ABSENT) return 0;
        value = bytes32(MptNode.readStoredWord(start, size));
        require(value != 0, StorageProof(storageRoot));
    }
}
