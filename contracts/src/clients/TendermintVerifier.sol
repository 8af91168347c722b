// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../interfaces/ITendermintClient.sol";
import {ITendermintVerifier, SignedHeader} from "../interfaces/ITendermintVerifier.sol";
import {Raw} from "../libraries/Raw.sol";
import {TendermintCommit} from "../libraries/TendermintCommit.sol";
import {TendermintParts} from "../libraries/TendermintParts.sol";
import {TendermintSets} from "../libraries/TendermintSets.sol";
import {TendermintUpdate} from "../libraries/TendermintUpdate.sol";
import {TendermintVotes} from "../libraries/TendermintVotes.sol";

/// @title TendermintVerifier
/// @notice Judges who signed a header, and whether that is enough; and which set a message installs.
/// @dev It believes nothing: what a set or a header is good for is said by the client that asks. It keeps which parts
/// of commits it verified, which is as true for anybody else. It must never count a vote whose signature it did not
/// verify.
/// Spec: docs/formats/tendermint-evm.md. Twin of `tendermint::checks::check_sets` and `tendermint::tally`.
contract TendermintVerifier is ITendermintVerifier {
    /// In the flag behind a set: another set, the trusted one, follows; votes were verified in parts.
    uint256 private constant OTHER = 1;
    uint256 private constant IN_PARTS = 2;

    mapping(bytes32 name => bool) private _parts;

    /// @inheritdoc ITendermintVerifier
    function verify(SignedHeader calldata header, bytes calldata message) external view {
        (TendermintSets.Set memory own, TendermintSets.Set memory trusted, TendermintCommit.Commit memory commit) =
            _read(message, header.setsFrom);
        _checkOwn(header, own.card);
        bytes32 found = trusted.card;
        bool known = found == header.trustedCard;
        require(known, ITendermintClient.TrustedValidatorsHash(header.trusted, header.trustedCard, found));
        bool follows = !header.isNext || header.stated == header.trusted;
        require(follows, ITendermintClient.NextValidators(header.trusted, header.stated));
        TendermintCommit.Tally memory tally = TendermintCommit.tally(own, trusted, commit);
        _checkPower(header, tally, own.total, trusted.total);
        TendermintVotes.Template memory template = _template(header, message, commit.prefixAt);
        if (commit.isInParts) _checkParts(own, commit, template, tally.votesAt);
        else TendermintCommit.checkSignatures(tally, own.form, commit, template);
    }

    /// @inheritdoc ITendermintVerifier
    function verifyPart(SignedHeader calldata header, bytes calldata message) external returns (bytes32 name) {
        (TendermintSets.Set memory own,, TendermintCommit.Commit memory commit) = _read(message, header.setsFrom);
        _checkOwn(header, own.card);
        TendermintCommit.Tally memory tally = TendermintCommit.tally(own, own, commit);
        bool hasVotes = commit.isSame && !commit.isInParts && tally.count != 0;
        require(hasVotes, ITendermintClient.Malformed());
        TendermintVotes.Template memory template = _template(header, message, commit.prefixAt);
        TendermintCommit.checkSignatures(tally, own.form, commit, template);
        name = TendermintParts.nameOf(
            TendermintVotes.digest(template), own.card, commit.bitsAt, TendermintCommit.bitsSize(own)
        );
        _parts[name] = true;
    }

    /// @inheritdoc ITendermintVerifier
    function isVerified(bytes32 name) external view returns (bool) {
        return _parts[name];
    }

    /// @inheritdoc ITendermintVerifier
    function install(bytes calldata message) external view returns (bytes32 validatorsHash, bytes32 card) {
        uint256 at = _at(message);
        return TendermintSets.install(at, at + message.length);
    }

    /// The header's set is the one that is installed under the hash that it states.
    function _checkOwn(SignedHeader calldata header, bytes32 found) private pure {
        require(found == header.ownCard, ITendermintClient.ValidatorsHash(header.stated, header.ownCard, found));
    }

    /// All who are counted signed, as was verified before. There are no times here.
    function _checkParts(
        TendermintSets.Set memory own,
        TendermintCommit.Commit memory commit,
        TendermintVotes.Template memory template,
        uint256 at
    ) private view {
        require(template.prefixSize == 0, ITendermintClient.Malformed());
        uint256 size = TendermintCommit.bitsSize(own);
        bytes32 votes = TendermintVotes.digest(template);
        TendermintParts.check(_parts, votes, own.card, commit.bitsAt, size, at, commit.end);
    }

    /// Enough of the trusted set are among those who signed, unless the header is the next one; and enough of its own.
    function _checkPower(
        SignedHeader calldata header,
        TendermintCommit.Tally memory tally,
        uint256 ownTotal,
        uint256 trustedTotal
    ) private pure {
        bool isEnough = header.isNext || tally.overlap * header.trustDenominator > trustedTotal * header.trustNumerator;
        require(isEnough, ITendermintClient.NotEnoughOverlap(tally.overlap, trustedTotal));
        isEnough = tally.signed * 3 > ownTotal * 2;
        require(isEnough, ITendermintClient.NotEnoughSigners(tally.signed, ownTotal));
    }

    /// Sets, and where the votes are.
    function _read(bytes calldata message, uint256 setsFrom)
        private
        pure
        returns (
            TendermintSets.Set memory own,
            TendermintSets.Set memory trusted,
            TendermintCommit.Commit memory commit
        )
    {
        uint256 at = _at(message) + setsFrom;
        uint256 end = _at(message) + message.length;
        (own, at) = TendermintSets.read(at, end);
        uint256 flags = Raw.byteAt(at);
        require(flags <= (OTHER | IN_PARTS), ITendermintClient.Malformed());
        at += 1;
        commit.isSame = flags & OTHER == 0;
        commit.isInParts = flags & IN_PARTS != 0;
        if (commit.isSame) trusted = own;
        else (trusted, at) = TendermintSets.read(at, end);
        commit.prefixAt = at;
        commit.bitsAt = at + 1 + Raw.numberAt(at, 8);
        commit.end = end;
    }

    /// What all votes for the block have in common.
    function _template(SignedHeader calldata header, bytes calldata message, uint256 prefixAt)
        private
        pure
        returns (TendermintVotes.Template memory)
    {
        uint256 at = _at(message);
        // Behind the two heights.
        uint256 round = Raw.numberAt(at + 16, 32);
        uint256 parts = at + TendermintUpdate.HEAD - 1;
        return TendermintVotes.begin(header.height, round, header.hash, parts, prefixAt, at + header.chainFrom);
    }

    function _at(bytes calldata message) private pure returns (uint256 at) {
        assembly ("memory-safe") {
            at := message.offset
        }
    }
}
