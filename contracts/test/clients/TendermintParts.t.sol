// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../../src/interfaces/ITendermintClient.sol";
import {SignedHeader} from "../../src/interfaces/ITendermintVerifier.sol";
import {TendermintBallots} from "./TendermintBallots.sol";

/// @notice Votes that are verified in parts: none that was not verified is counted, none is counted twice, and parts of
/// different commits can't be mixed. docs/formats/tendermint-evm.md, "In parts".
contract TendermintPartsTest is TendermintBallots {
    /// Validators, all of whom vote; more bits than a word has. And so many that it does not take long.
    uint256 private constant ALL = 263;
    uint256 private constant FEW = 12;

    bytes private constant NO_PREFIX = hex"00";
    uint8 private constant IN_PARTS = 2;

    /// forge-config: default.fuzz.runs = 32
    /// forge-config: ci.fuzz.runs = 64
    function testFuzz_parts_count_as_much_as_votes(bytes32 seed, uint256 count, uint256 parts, bool wide) public {
        Ballots memory ballots = _ballots(seed, bound(count, 1, 40), 1, 1e9);
        ballots.wide = wide;
        bool[][] memory split = _split(ballots.voted, bound(parts, 1, 5));
        (SignedHeader memory header, bytes memory whole) = _message(ballots);
        bool holds = _holds(header, whole);
        bytes memory message = _inParts(ballots, split);
        vm.assertFalse(_holds(header, message), "no part was sent yet");
        for (uint256 i = 0; i < split.length; ++i) {
            _send(ballots, split[i]);
        }
        vm.assertTrue(_holds(header, message) == holds);
    }

    function test_each_part_is_missed() public {
        (Ballots memory ballots, bool[][] memory split) = _begin(ALL);
        SignedHeader memory header = _headerOf(ballots);
        bytes memory message = _inParts(ballots, split);
        for (uint256 i = 0; i < split.length; ++i) {
            bytes32 name = _name(ballots, split[i]);
            vm.assertFalse(_verifier.isVerified(name));
            vm.expectRevert(abi.encodeWithSelector(ITendermintClient.PartMissing.selector, name));
            _verifier.verify(header, message);
            vm.assertEq(_send(ballots, split[i]), name);
            vm.assertTrue(_verifier.isVerified(name));
        }
        _verifier.verify(header, message);
    }

    function test_a_part_twice_says_nothing_new() public {
        (Ballots memory ballots, bool[][] memory split) = _begin(ALL);
        SignedHeader memory header = _headerOf(ballots);
        _sendAll(ballots, split);
        _send(ballots, split[0]);
        _verifier.verify(header, _inParts(ballots, split));
        // One part twice in place of two parts, and beside them.
        bool[][] memory twice = new bool[][](2);
        (twice[0], twice[1]) = (split[0], split[0]);
        _malformed(header, _inParts(ballots, twice));
        bool[][] memory more = new bool[][](4);
        (more[0], more[1], more[2], more[3]) = (split[0], split[1], split[2], split[1]);
        _malformed(header, _inParts(ballots, more));
    }

    function test_parts_that_share_a_vote_are_refused() public {
        (Ballots memory ballots, bool[][] memory split) = _begin(ALL);
        SignedHeader memory header = _headerOf(ballots);
        // Once in the first word of bits, once in what is left behind it.
        uint256[2] memory places = [uint256(3), 259];
        for (uint256 i = 0; i < 2; ++i) {
            bool[][] memory shared = new bool[][](3);
            for (uint256 j = 0; j < 3; ++j) {
                shared[j] = _copy(split[j]);
            }
            uint256 owner = places[i] % 3;
            shared[(owner + 1) % 3][places[i]] = true;
            _sendAll(ballots, shared);
            _malformed(header, _inParts(ballots, shared));
        }
    }

    function test_parts_are_exactly_those_who_are_counted() public {
        (Ballots memory ballots, bool[][] memory split) = _begin(ALL);
        SignedHeader memory header = _headerOf(ballots);
        _sendAll(ballots, split);
        bool[][] memory fewer = new bool[][](2);
        (fewer[0], fewer[1]) = (split[0], split[1]);
        _malformed(header, _inParts(ballots, fewer));
        // Who is in a part and not counted: in the first word of bits, and behind it.
        uint256[2] memory places = [uint256(3), 259];
        for (uint256 i = 0; i < 2; ++i) {
            ballots.voted[places[i]] = false;
            _malformed(header, _inParts(ballots, split));
            ballots.voted[places[i]] = true;
        }
        _malformed(header, _inParts(ballots, new bool[][](0)));
    }

    function test_parts_of_another_commit_are_others() public {
        (Ballots memory ballots, bool[][] memory split) = _begin(FEW);
        SignedHeader memory header = _headerOf(ballots);
        bytes memory message = _inParts(ballots, split);
        Ballots memory other = _begun(FEW);
        other.round = 2;
        _isElsewhere(other, split, header, message);
        other = _begun(FEW);
        other.height += 1;
        _isElsewhere(other, split, header, message);
        other = _begun(FEW);
        other.hash = keccak256("rival");
        _isElsewhere(other, split, header, message);
        other = _begun(FEW);
        other.parts[5] ^= 0x01;
        _isElsewhere(other, split, header, message);
        other = _begun(FEW);
        other.chain = "weigh-4";
        _isElsewhere(other, split, header, message);
        // The same keys with other powers, and the same in another form.
        other = _begun(FEW);
        other.powers[0] += 1;
        _isElsewhere(other, split, header, message);
        other = _begun(FEW);
        other.wide = true;
        _isElsewhere(other, split, header, message);
        _sendAll(ballots, split);
        _verifier.verify(header, message);
    }

    function test_a_part_with_a_wrong_signature_is_not_remembered() public {
        for (uint256 i = 0; i < 2; ++i) {
            (Ballots memory ballots, bool[][] memory split) = _begin(ALL);
            ballots.wide = i == 1;
            bytes32 name = _name(ballots, split[1]);
            (SignedHeader memory header, bytes memory part) = _part(ballots, split[1]);
            part[part.length - 40] ^= 0x01;
            vm.expectRevert();
            _verifier.verifyPart(header, part);
            vm.assertFalse(_verifier.isVerified(name));
        }
    }

    function test_parts_have_one_form() public {
        (Ballots memory ballots, bool[][] memory split) = _begin(ALL);
        (SignedHeader memory header, bytes memory part) = _part(ballots, split[1]);
        uint256 flags = header.setsFrom + 2 + 9 + ALL * 28;
        vm.assertEq(uint256(uint8(part[flags])), 0);
        // In parts itself, with another set, of an unknown kind.
        for (uint8 i = 1; i < 5; ++i) {
            part[flags] = bytes1(i);
            vm.expectRevert();
            _verifier.verifyPart(header, part);
        }
        part[flags] = 0;
        _malformedPart(header, bytes.concat(part, hex"00"));
        bool[] memory nobody = new bool[](ALL);
        (, bytes memory empty) = _part(ballots, nobody);
        _malformedPart(header, empty);
        // The set of the header was not installed.
        bytes32 card = header.ownCard;
        header.ownCard = 0;
        vm.expectRevert(abi.encodeWithSelector(ITendermintClient.ValidatorsHash.selector, header.stated, 0, card));
        _verifier.verifyPart(header, part);
    }

    function test_headers_in_parts_have_one_form() public {
        (Ballots memory ballots, bool[][] memory split) = _begin(ALL);
        SignedHeader memory header = _headerOf(ballots);
        _sendAll(ballots, split);
        bytes memory message = _inParts(ballots, split);
        _malformed(header, bytes.concat(message, hex"00"));
        // Times have nothing in common: there are none.
        (, bytes memory untilVotes) = _untilVotes(ballots, IN_PARTS, PREFIX);
        _malformed(header, bytes.concat(untilVotes, _names(split)));
        (, untilVotes) = _untilVotes(ballots, IN_PARTS | 4, NO_PREFIX);
        _malformed(header, bytes.concat(untilVotes, _names(split)));
        _verifier.verify(header, message);
    }

    function test_powers_are_added_up_of_parts() public {
        (Ballots memory ballots, bool[][] memory split) = _begin(ALL);
        for (uint256 i = 0; i < ALL; ++i) {
            if (i % 3 != 0) ballots.voted[i] = false;
        }
        bool[][] memory few = new bool[][](1);
        few[0] = split[0];
        _sendAll(ballots, few);
        SignedHeader memory header = _headerOf(ballots);
        bytes memory message = _inParts(ballots, few);
        bytes4 rule = ITendermintClient.NotEnoughOverlap.selector;
        header.trustNumerator = 1;
        header.trustDenominator = 1;
        vm.expectRevert(abi.encodeWithSelector(rule, _signed(ballots), _total(ballots)));
        _verifier.verify(header, message);
        header.isNext = true;
        rule = ITendermintClient.NotEnoughSigners.selector;
        vm.expectRevert(abi.encodeWithSelector(rule, _signed(ballots), _total(ballots)));
        _verifier.verify(header, message);
    }

    /// @dev Three parts: every third validator is in each.
    function _begin(uint256 count) private pure returns (Ballots memory ballots, bool[][] memory split) {
        ballots = _begun(count);
        split = _split(ballots.voted, 3);
    }

    function _begun(uint256 count) private pure returns (Ballots memory ballots) {
        ballots = _ballots("parts", count, 1, 1e9);
        ballots.parts = bytes.concat(PARTS);
        for (uint256 i = 0; i < count; ++i) {
            ballots.voted[i] = true;
        }
    }

    function _split(bool[] memory voted, uint256 count) private pure returns (bool[][] memory split) {
        split = new bool[][](count);
        uint256 used = 0;
        for (uint256 i = 0; i < count; ++i) {
            bool[] memory part = new bool[](voted.length);
            bool isEmpty = true;
            for (uint256 j = i; j < voted.length; j += count) {
                part[j] = voted[j];
                isEmpty = isEmpty && !voted[j];
            }
            if (!isEmpty) split[used++] = part;
        }
        assembly ("memory-safe") {
            mstore(split, used)
        }
    }

    /// @dev All parts of another commit do not stand for one of this.
    function _isElsewhere(Ballots memory other, bool[][] memory split, SignedHeader memory header, bytes memory message)
        private
    {
        _sendAll(other, split);
        vm.expectRevert(abi.encodeWithSelector(ITendermintClient.PartMissing.selector, _name(_begun(FEW), split[0])));
        _verifier.verify(header, message);
    }

    function _headerOf(Ballots memory ballots) private pure returns (SignedHeader memory header) {
        (header,) = _untilVotes(ballots, IN_PARTS, NO_PREFIX);
    }

    function _sendAll(Ballots memory ballots, bool[][] memory split) private {
        for (uint256 i = 0; i < split.length; ++i) {
            _send(ballots, split[i]);
        }
    }

    function _send(Ballots memory ballots, bool[] memory voters) private returns (bytes32) {
        (SignedHeader memory header, bytes memory part) = _part(ballots, voters);
        return _verifier.verifyPart(header, part);
    }

    /// @dev The packed header with these votes only.
    function _part(Ballots memory ballots, bool[] memory voters)
        private
        pure
        returns (SignedHeader memory header, bytes memory part)
    {
        bool[] memory all = ballots.voted;
        ballots.voted = voters;
        (header, part) = _message(ballots);
        ballots.voted = all;
    }

    function _inParts(Ballots memory ballots, bool[][] memory split) private pure returns (bytes memory message) {
        (, message) = _untilVotes(ballots, IN_PARTS, NO_PREFIX);
        message = bytes.concat(message, _names(split));
    }

    function _names(bool[][] memory split) private pure returns (bytes memory names) {
        names = abi.encodePacked(uint8(split.length));
        for (uint256 i = 0; i < split.length; ++i) {
            names = bytes.concat(names, _bits(split[i]));
        }
    }

    /// @dev As the page says it: a vote without its time is what stands before field 5, and the chain's id behind it.
    function _name(Ballots memory ballots, bool[] memory voters) private pure returns (bytes32) {
        (SignedHeader memory header,) = _untilVotes(ballots, 0, PREFIX);
        bytes memory block_ = bytes.concat(hex"0a20", ballots.hash, hex"12", bytes1(uint8(ballots.parts.length)));
        block_ = bytes.concat(block_, ballots.parts);
        bytes memory body = bytes.concat(hex"080211", _little(ballots.height));
        if (ballots.round != 0) body = bytes.concat(body, hex"19", _little(ballots.round));
        body = bytes.concat(body, hex"22", bytes1(uint8(block_.length)), block_, hex"2a");
        bytes memory chain = bytes.concat(hex"32", bytes1(uint8(ballots.chain.length)), ballots.chain);
        bytes32 votes = keccak256(bytes.concat(keccak256(body), keccak256(chain)));
        return keccak256(bytes.concat(votes, header.ownCard, _bits(voters)));
    }

    function _little(uint64 number) private pure returns (bytes8 text) {
        for (uint256 i = 0; i < 8; ++i) {
            text |= bytes8(uint64(uint8(number >> (8 * i)))) << 8 * (7 - i);
        }
    }

    function _copy(bool[] memory bits) private pure returns (bool[] memory copy) {
        copy = new bool[](bits.length);
        for (uint256 i = 0; i < bits.length; ++i) {
            copy[i] = bits[i];
        }
    }

    function _malformed(SignedHeader memory header, bytes memory message) private {
        vm.expectRevert(ITendermintClient.Malformed.selector);
        _verifier.verify(header, message);
    }

    function _malformedPart(SignedHeader memory header, bytes memory part) private {
        vm.expectRevert(ITendermintClient.Malformed.selector);
        _verifier.verifyPart(header, part);
    }
}
