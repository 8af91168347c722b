// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PoolWalk} from "./PoolWalk.sol";

/// @title MptPool
/// @notice Judges one proof for many storage slots: a pool of trie nodes, each of them once, that leaves out every hash
/// which can be computed from what is there.
/// @dev It decides what the pool shows for each key, and refuses everything else; whether the root may be believed is
/// for the client. Spec: docs/formats/pool.md. Twin of `merkle::mpt::pool`, and of a plain one without assembly, which
/// the tests hold against it.
library MptPool {
    /// The pool shows nothing under this root: it is not the one pool for these keys in this trie. The error of light
    /// clients whose storage proof does not fit.
    error StorageProof(bytes32 storageRoot);

    /// Root of a trie without entries.
    bytes32 private constant EMPTY_ROOT = 0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421;

    /// @notice What `pool` shows under `root` for each of `keys`, which ascend: zero is proven absence.
    /// @param keys As the trie uses them, already hashed; the same one may come several times. The values take their
    /// places.
    function prove(bytes32 root, bytes32[] memory keys, bytes calldata pool) internal pure returns (bytes32[] memory) {
        bool valid = root != 0 && root != EMPTY_ROOT && keys.length != 0 && _ascend(keys);
        require(valid, StorageProof(root));
        (uint256 end, uint256 found) = PoolWalk.walk(keys, pool);
        require(end == pool.length && bytes32(found) == root, StorageProof(root));
        return keys;
    }

    /// Whether no key is below the one before it.
    function _ascend(bytes32[] memory keys) private pure returns (bool valid) {
        assembly ("memory-safe") {
            valid := 1
            let last := add(keys, shl(5, mload(keys)))
            for { let at := add(keys, 0x20) } lt(at, last) { at := add(at, 0x20) } {
                if lt(mload(add(at, 0x20)), mload(at)) { valid := 0 }
            }
        }
    }
}
