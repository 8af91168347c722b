// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChainId} from "../../../src/libraries/ChainId.sol";
import {Rfc6962} from "../../../src/libraries/Rfc6962.sol";
import {Secp256k1} from "../../../src/libraries/Secp256k1.sol";
import {TendermintSets} from "../../../src/libraries/TendermintSets.sol";
import {TendermintVotes} from "../../../src/libraries/TendermintVotes.sol";
import {Varint} from "../../../src/libraries/Varint.sol";
import {ITendermintLaw} from "./ITendermintLaw.sol";

/// @title TendermintLaw
/// @notice Opens the libraries behind `TendermintClient` to tests, compiled as they are shipped.
contract TendermintLaw is ITendermintLaw {
    function voteOf(
        uint64 height,
        uint32 round,
        bytes32 hash,
        bytes calldata parts,
        bytes calldata prefix,
        bytes calldata chainField,
        bytes[] calldata tails
    ) external pure returns (bytes[] memory votes) {
        TendermintVotes.Template memory template =
            TendermintVotes.begin(height, round, hash, _at(parts), _at(prefix), _at(chainField));
        votes = new bytes[](tails.length);
        for (uint256 i = 0; i < tails.length; ++i) {
            (uint256 ptr, uint256 size, uint256 next) = TendermintVotes.write(template, _at(tails[i]));
            require(next == _at(tails[i]) + tails[i].length, "the end of a time");
            votes[i] = _copied(ptr, size);
        }
    }

    function varintOf(uint64 number) external pure returns (bytes memory) {
        uint256 ptr;
        assembly ("memory-safe") {
            ptr := mload(0x40)
            mstore(0x40, add(ptr, 0x40))
        }
        return _copied(ptr, Varint.put(ptr, number) - ptr);
    }

    function readVarint(bytes calldata text) external pure returns (uint256 number, uint256 size) {
        (number, size) = Varint.take(_at(text));
        size -= _at(text);
    }

    function rootOf(bytes[] calldata leaves) external view returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            hashes[i] = Rfc6962.leaf(_at(leaves[i]), leaves[i].length);
        }
        uint256 nodes;
        assembly ("memory-safe") {
            nodes := add(hashes, 0x20)
        }
        return Rfc6962.root(nodes, leaves.length);
    }

    function revisionOf(bytes calldata id) external pure returns (bool fits, uint64 revision) {
        return ChainId.revisionOf(id);
    }

    function addressOf(bytes calldata key) external view returns (address) {
        return Secp256k1.addressOf(_at(key));
    }

    function signerOf(bytes32 digest, uint256 r, uint256 vs) external view returns (address) {
        return Secp256k1.signerOf(digest, r, vs);
    }

    function install(bytes calldata message) external view returns (bytes32 root, bytes32 card) {
        return TendermintSets.install(_at(message), _at(message) + message.length);
    }

    function _at(bytes calldata text) private pure returns (uint256 at) {
        assembly ("memory-safe") {
            at := text.offset
        }
    }

    function _copied(uint256 ptr, uint256 size) private pure returns (bytes memory text) {
        text = new bytes(size);
        assembly ("memory-safe") {
            mcopy(add(text, 0x20), ptr, size)
        }
    }
}
