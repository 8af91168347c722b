// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Attestor, AttestorSet, IAttestorClient} from "../interfaces/IAttestorClient.sol";
import {Kept} from "./Kept.sol";
import {Signatures} from "./Signatures.sol";

/// @title AttestorSets
/// @notice Decides whether a set of attestors is safe enough to begin with, where it is kept, and whose signatures
/// count.
/// @dev A set is a list of words: the threshold, then for each attestor its weight (96 bits) above its address (160).
/// It is kept as the code of an account of its own: one call reads it whole, whatever its size. There the word of the
/// threshold holds the set's number as well, in the 64 bits above.
///
/// It must never count an attestor twice, nor accept a set that one key could speak for.
/// Spec: docs/formats/attestor.md. Twin of `attestor::Set` and `attestor::tally`.
library AttestorSets {
    uint256 private constant ATTESTORS_MAX = 64;

    /// @notice The words of a set.
    function pack(AttestorSet memory set) internal pure returns (uint256[] memory words) {
        uint256 count = set.attestors.length;
        words = new uint256[](count + 1);
        words[0] = set.threshold;
        for (uint256 i = 0; i < count; ++i) {
            Attestor memory attestor = set.attestors[i];
            words[i + 1] = (uint256(attestor.weight) << 160) | uint160(attestor.signer);
        }
    }

    /// @notice The set of these words.
    function unpack(uint256[] memory words) internal pure returns (AttestorSet memory set) {
        set.threshold = uint64(words[0]);
        set.attestors = new Attestor[](words.length - 1);
        for (uint256 i = 1; i < words.length; ++i) {
            set.attestors[i - 1] = Attestor(address(uint160(words[i])), uint96(words[i] >> 160));
        }
    }

    /// @notice Words that stand in a message.
    function read(bytes calldata text) internal pure returns (uint256[] memory words) {
        words = new uint256[](text.length / 32);
        assembly ("memory-safe") {
            calldatacopy(add(words, 0x20), text.offset, text.length)
        }
    }

    /// @notice What a rotation names.
    function hash(uint256[] memory words) internal pure returns (bytes32 hash_) {
        uint256 threshold = words[0];
        words[0] = uint64(threshold);
        assembly ("memory-safe") {
            hash_ := keccak256(add(words, 0x20), shl(5, mload(words)))
        }
        words[0] = threshold;
    }

    /// @notice [T-35] Reverts unless no attestor alone reaches the threshold, and all together do.
    function check(uint256[] memory words) internal pure {
        uint256 size = words.length;
        require(size > 1 && size <= ATTESTORS_MAX + 1, IAttestorClient.BadSet(1));
        uint256 threshold = words[0];
        require(threshold != 0 && threshold <= type(uint64).max, IAttestorClient.BadSet(2));
        uint256 previous = 0;
        uint256 total = 0;
        for (uint256 i = 1; i < size; ++i) {
            uint256 signer = uint160(words[i]);
            uint256 weight = words[i] >> 160;
            require(signer != 0, IAttestorClient.BadSet(3));
            require(signer > previous, IAttestorClient.BadSet(4));
            require(weight != 0, IAttestorClient.BadSet(5));
            require(weight < threshold, IAttestorClient.BadSet(6));
            previous = signer;
            total += weight;
        }
        require(total >= threshold, IAttestorClient.BadSet(7));
    }

    /// @notice Keeps a set under its number.
    /// @return place Where it is kept.
    function save(uint256[] memory words, uint64 id) internal returns (address place) {
        words[0] = (uint256(id) << 64) | uint64(words[0]);
        place = Kept.save(abi.encodePacked(words));
    }

    /// @notice Reads a set that was kept; its number stands above its threshold.
    function load(address place) internal view returns (uint256[] memory words) {
        bytes memory kept = Kept.load(place);
        // The same memory, its length in words.
        assembly ("memory-safe") {
            words := kept
            mstore(words, shr(5, mload(kept)))
        }
    }

    /// @notice Counts signatures over `digest`. One that is wrong refuses all: nobody sends it by mistake.
    /// @param form Bytes of each signature.
    /// @param list For each signer the place in the set, one byte, and the signature.
    /// @return weight The weight of all who signed.
    /// @return signers Those of them who have any: bit n for the attestor at place n.
    function tally(uint256[] memory words, bytes32 digest, uint256 form, bytes calldata list)
        internal
        pure
        returns (uint256 weight, uint256 signers)
    {
        // Bound: places are below 256, weights below 2^96, and there are at most 255 of them.
        unchecked {
            uint256 size = words.length - 1;
            uint256 least = 0;
            uint256 ptr;
            assembly ("memory-safe") {
                ptr := list.offset
            }
            uint256 end = ptr + list.length;
            for (; ptr < end; ptr += 1 + form) {
                uint256 index;
                assembly ("memory-safe") {
                    index := shr(248, calldataload(ptr))
                }
                require(index >= least, IAttestorClient.SignerOrder(uint8(least - 1), uint8(index)));
                require(index < size, IAttestorClient.UnknownSigner(uint8(index), size));
                least = index + 1;
                uint256 attestor;
                assembly ("memory-safe") {
                    attestor := mload(add(add(words, 0x20), shl(5, least)))
                }
                address found = Signatures.recoverAt(digest, ptr + 1, form);
                address expected = address(uint160(attestor));
                require(found == expected, IAttestorClient.WrongSigner(expected, found));
                uint256 own = attestor >> 160;
                weight += own;
                if (own != 0) signers |= 1 << index;
            }
        }
    }

    /// @notice The same set in which the attestors with these places count nothing, and what the others weigh.
    function strike(uint256[] memory words, uint256 signers) internal pure returns (uint256 left) {
        for (uint256 i = 1; i < words.length; ++i) {
            if ((signers >> (i - 1)) & 1 == 1) words[i] = uint160(words[i]);
            left += words[i] >> 160;
        }
    }
}
