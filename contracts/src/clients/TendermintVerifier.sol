// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../interfaces/ITendermintClient.sol";
import {ITendermintVerifier, SignedHeader} from "../interfaces/ITendermintVerifier.sol";
import {Raw} from "../libraries/Raw.sol";
import {TendermintCommit} from "../libraries/TendermintCommit.sol";
import {TendermintSets} from "../libraries/TendermintSets.sol";
import {TendermintUpdate} from "../libraries/TendermintUpdate.sol";
import {TendermintVotes} from "../libraries/TendermintVotes.sol";

/// @title TendermintVerifier
/// @notice Judges who signed a header, and whether that is enough; and which set a message installs.
/// @dev It keeps nothing and believes nothing: what a set or a header is good for is said by the client that asks. It
/// must never count a vote whose signature it did not verify.
/// Spec: docs/formats/tendermint-evm.md. Twin of `tendermint::checks::check_sets` and `tendermint::tally`.
contract TendermintVerifier is ITendermintVerifier {
    /// @inheritdoc ITendermintVerifier
    function verify(SignedHeader calldata header, bytes calldata message) external view {
        (TendermintSets.Set memory own, TendermintSets.Set memory trusted, TendermintCommit.Commit memory commit) =
            _read(message, header.setsFrom);
        bytes32 found = own.card;
        require(found == header.ownCard, ITendermintClient.ValidatorsHash(header.stated, header.ownCard, found));
        found = trusted.card;
        bool known = found == header.trustedCard;
        require(known, ITendermintClient.TrustedValidatorsHash(header.trusted, header.trustedCard, found));
        bool follows = !header.isNext || header.stated == header.trusted;
        require(follows, ITendermintClient.NextValidators(header.trusted, header.stated));
        TendermintCommit.Tally memory tally = TendermintCommit.tally(own, trusted, commit);
        _checkPower(header, tally, own.total, trusted.total);
        TendermintCommit.checkSignatures(tally, own.form, commit, _template(header, message, commit.prefixAt));
    }

    /// @inheritdoc ITendermintVerifier
    function install(bytes calldata message) external view returns (bytes32 validatorsHash, bytes32 card) {
        uint256 at = _at(message);
        return TendermintSets.install(at, at + message.length);
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
        uint256 flag = Raw.numberAt(at, 8);
        require(flag <= 1, ITendermintClient.Malformed());
        at += 1;
        commit.isSame = flag == 0;
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
