// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../interfaces/ITendermintClient.sol";
import {Ed25519} from "./Ed25519.sol";
import {Raw} from "./Raw.sol";
import {Secp256k1} from "./Secp256k1.sol";
import {SecpVotes} from "./SecpVotes.sol";
import {TendermintSets} from "./TendermintSets.sol";
import {TendermintVotes} from "./TendermintVotes.sol";

/// @title TendermintCommit
/// @notice Who signed a header, and whether that is enough.
/// @dev A message names those whose signatures it brings, which are as many as are needed; nobody else is counted.
/// First their powers are added up, which costs little; then all signatures are verified: those of secp256k1 one by
/// one, those of ed25519 all at once.
/// Spec: docs/formats/tendermint-evm.md. Twin of `tendermint::tally`.
library TendermintCommit {
    /// @notice The part of a message that is about votes.
    /// @param isSame Whether the trusted set is that of the header. If it is not, there is a hint for each who is
    /// counted behind the bits: u16 the place in the trusted set, from 1; 0 for one who is not in it.
    /// @param isInParts Whether the votes were verified before, and the message only names the parts.
    /// @param prefixAt Where it says what all times of votes begin with, its length first.
    /// @param bitsAt Where a bit for each validator says whether its signature is here, the first one highest.
    /// @param end Where the message ends.
    struct Commit {
        bool isSame;
        bool isInParts;
        uint256 prefixAt;
        uint256 bitsAt;
        uint256 end;
    }

    /// @notice Who is counted.
    /// @param signed Their power.
    /// @param overlap Their power in the trusted set.
    /// @param count How many they are.
    /// @param edCount How many of them have keys of ed25519.
    /// @param entries Where in memory the addresses of their entries stand, a word each.
    /// @param votesAt Where their votes stand.
    struct Tally {
        uint256 signed;
        uint256 overlap;
        uint256 count;
        uint256 edCount;
        uint256 entries;
        uint256 votesAt;
    }

    /// @notice Adds up the powers of those whose signatures a message brings.
    /// @param trusted The trusted set; `own` where it is the same.
    function tally(TendermintSets.Set memory own, TendermintSets.Set memory trusted, Commit memory commit)
        internal
        pure
        returns (Tally memory result)
    {
        _count(result, own, commit);
        result.votesAt = commit.bitsAt + bitsSize(own);
        if (commit.isSame) {
            result.overlap = result.signed;
        } else {
            _countTrusted(result, own.form, trusted);
            result.votesAt += 2 * result.count;
        }
    }

    /// @notice The bytes in which there is a bit for each validator.
    function bitsSize(TendermintSets.Set memory set) internal pure returns (uint256) {
        return (set.count + 7) / 8;
    }

    /// @notice All who are counted signed a vote for the block.
    function checkSignatures(
        Tally memory result,
        uint256 form,
        Commit memory commit,
        TendermintVotes.Template memory template
    ) internal view {
        if (form == TendermintSets.NARROW) {
            uint256 end = SecpVotes.check(template, result.entries, result.count, result.votesAt);
            require(end == commit.end, ITendermintClient.Malformed());
            return;
        }
        Ed25519.Claim[] memory claims = new Ed25519.Claim[](result.edCount);
        uint256 at = result.votesAt;
        uint256 claimed = 0;
        unchecked {
            for (uint256 i = 0; i < result.count; ++i) {
                (uint256 key,, bool isSecp) = TendermintSets.validatorAt(form, Raw.load(result.entries + 0x20 * i));
                uint256 vote;
                uint256 size;
                (vote, size, at) = TendermintVotes.write(template, at);
                if (isSecp) {
                    _checkSecp(address(uint160(key)), vote, size, at);
                    at += 0x40;
                } else {
                    _claim(claims[claimed++], key, vote, size, at);
                    at += 0x80;
                }
            }
        }
        require(at == commit.end, ITendermintClient.Malformed());
        if (claimed != 0) require(Ed25519.verify(claims), ITendermintClient.BadSignatures(claimed));
    }

    /// @dev The plain twin is in test/clients/plain.
    function _count(Tally memory result, TendermintSets.Set memory own, Commit memory commit) private pure {
        uint256 count = own.count;
        uint256 entry = own.at;
        uint256 size = TendermintSets.sizeOf(own.form);
        // The power of either form ends four bytes before the end of the word from here on.
        uint256 powerAt = own.form == TendermintSets.NARROW ? 0 : 12;
        uint256 bitsAt = commit.bitsAt;
        uint256 entries = Raw.reserve(0x20 * count);
        uint256 to = entries;
        uint256 bits;
        uint256 signed;
        uint256 flags;
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                if iszero(and(i, 0xff)) { bits := calldataload(add(bitsAt, shr(3, i))) }
                if slt(bits, 0) {
                    let power := and(shr(32, calldataload(add(entry, powerAt))), 0xffffffffffffffff)
                    signed := add(signed, and(power, 0x7fffffffffffffff))
                    flags := add(flags, shr(63, power))
                    mstore(to, entry)
                    to := add(to, 0x20)
                }
                bits := shl(1, bits)
                entry := add(entry, size)
            }
        }
        unchecked {
            result.signed = signed;
            result.entries = entries;
            result.count = (to - entries) / 0x20;
            result.edCount = powerAt == 0 ? 0 : result.count - flags;
            // What is left of the last byte is zero.
            uint256 rest = (8 - count % 8) % 8;
            require(bits >> (256 - rest) == 0, ITendermintClient.Malformed());
        }
    }

    /// Nobody is counted twice: those who are counted differ, and each hint leads to the same key.
    function _countTrusted(Tally memory result, uint256 form, TendermintSets.Set memory trusted) private pure {
        uint256 size = TendermintSets.sizeOf(trusted.form);
        unchecked {
            for (uint256 i = 0; i < result.count; ++i) {
                uint256 place = Raw.numberAt(result.votesAt + 2 * i, 16);
                if (place == 0) continue;
                require(place <= trusted.count, ITendermintClient.Malformed());
                (uint256 key,, bool isSecp) = TendermintSets.validatorAt(form, Raw.load(result.entries + 0x20 * i));
                (uint256 other, uint256 power, bool isOtherSecp) =
                    TendermintSets.validatorAt(trusted.form, trusted.at + size * (place - 1));
                require(key == other && isSecp == isOtherSecp, ITendermintClient.Malformed());
                result.overlap += power;
            }
        }
    }

    /// A signature in the form of EIP-2098 over SHA-256 of the vote.
    function _checkSecp(address expected, uint256 vote, uint256 size, uint256 at) private view {
        bytes32 digest;
        assembly ("memory-safe") {
            pop(staticcall(gas(), 2, vote, size, 0x00, 0x20))
            digest := mload(0x00)
        }
        address found = Secp256k1.signerOf(digest, Raw.numberAt(at, 256), Raw.numberAt(at + 0x20, 256));
        // No set has the address zero, which stands for nobody: all of them are hashes.
        require(found == expected, ITendermintClient.BadSignature(expected, found));
    }

    /// A signature of 64 bytes, x of its first half, and x of the key.
    function _claim(Ed25519.Claim memory claim, uint256 key, uint256 vote, uint256 size, uint256 at) private pure {
        bytes memory message;
        assembly ("memory-safe") {
            message := mload(0x40)
            mstore(message, size)
            mcopy(add(message, 0x20), vote, size)
            mstore(0x40, add(message, and(add(size, 0x3f), not(0x1f))))
        }
        claim.key = bytes32(key);
        claim.keyX = Raw.numberAt(at + 0x60, 256);
        claim.r = bytes32(Raw.numberAt(at, 256));
        claim.rX = Raw.numberAt(at + 0x40, 256);
        claim.s = bytes32(Raw.numberAt(at + 0x20, 256));
        claim.message = message;
    }
}
