// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../../src/interfaces/ITendermintClient.sol";
import {ITendermintVerifier, SignedHeader} from "../../src/interfaces/ITendermintVerifier.sol";
import {Test} from "../support/Test.sol";
import {PlainTendermint} from "./plain/PlainTendermint.sol";

/// @notice Sets of secp256k1 keys in both forms: the loop that only judges them, and what judges sets of both kinds,
/// say the same of each. Beside that, what only depends on numbers.
contract TendermintVerifierTest is Test {
    uint64 private constant HEIGHT = 123_456;
    bytes32 private constant HASH = keccak256("block");
    bytes private constant PARTS = hex"08011220aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    bytes private constant PREFIX = hex"0108";
    bytes private constant CHAIN = "weigh-3";

    /// Who votes, and when.
    struct Ballots {
        bool wide;
        uint256[] secrets;
        uint64[] powers;
        bool[] voted;
        uint256[] times;
        uint32 round;
    }

    ITendermintVerifier private _verifier;

    function setUp() public {
        _verifier = ITendermintVerifier(_create("TendermintVerifier.sol:TendermintVerifier", ""));
    }

    /// forge-config: default.fuzz.runs = 64
    /// forge-config: ci.fuzz.runs = 128
    function testFuzz_both_forms_are_judged_alike(bytes32 seed, uint256 count, uint32 round, uint256 spread)
        public
        view
    {
        Ballots memory ballots = _ballots(seed, bound(count, 1, 20), round, spread);
        bool narrow = _accepts(ballots);
        ballots.wide = true;
        vm.assertTrue(_accepts(ballots) == narrow);
        vm.assertTrue(narrow == (3 * _signed(ballots) > 2 * _total(ballots)));
    }

    /// forge-config: default.fuzz.runs = 64
    /// forge-config: ci.fuzz.runs = 128
    function testFuzz_one_wrong_byte_of_the_votes_is_one_too_many(bytes32 seed, uint256 place, uint8 bits, bool wide)
        public
        view
    {
        Ballots memory ballots = _ballots(seed, 5, uint32(uint256(seed)), uint256(seed) % 3e9);
        ballots.wide = wide;
        for (uint256 i = 0; i < 5; ++i) {
            ballots.voted[i] = true;
        }
        (SignedHeader memory header, bytes memory message) = _message(ballots);
        vm.assertTrue(_holds(header, message));
        place = bound(place, header.setsFrom + packedSize(wide, 5) + 2, message.length - 1);
        message[place] ^= bytes1(bits == 0 ? 1 : bits);
        vm.assertFalse(_holds(header, message));
    }

    function test_who_did_not_sign_is_named() public {
        Ballots memory ballots = _ballots("seed", 3, 0, 0);
        for (uint256 i = 0; i < 3; ++i) {
            ballots.voted[i] = true;
        }
        (SignedHeader memory header, bytes memory message) = _message(ballots);
        address second = vm.addr(ballots.secrets[1]);
        // A second half of the second signature that is above a half of the order; then none at all.
        uint256 at = message.length - 64 - _vote(ballots, 2).length;
        for (uint256 i = 0; i < 32; ++i) {
            message[at + 32 + i] = 0xff;
        }
        vm.expectRevert(abi.encodeWithSelector(ITendermintClient.BadSignature.selector, second, address(0)));
        _verifier.verify(header, message);
        for (uint256 i = 0; i < 64; ++i) {
            message[at + i] = 0;
        }
        vm.expectRevert(abi.encodeWithSelector(ITendermintClient.BadSignature.selector, second, address(0)));
        _verifier.verify(header, message);
    }

    function test_rejects_votes_of_another_form() public {
        for (uint256 i = 0; i < 2; ++i) {
            Ballots memory ballots = _ballots("seed", 3, 0, 0);
            ballots.wide = i == 1;
            (ballots.voted[0], ballots.voted[1], ballots.voted[2]) = (true, true, true);
            (SignedHeader memory header, bytes memory message) = _message(ballots);
            _verifier.verify(header, message);
            vm.expectRevert(ITendermintClient.Malformed.selector);
            _verifier.verify(header, bytes.concat(message, hex"00"));
            // A time of 19 bytes behind what is common.
            uint256 at = message.length - _vote(ballots, 2).length;
            message[at] = bytes1(uint8(19));
            vm.expectRevert(ITendermintClient.Malformed.selector);
            _verifier.verify(header, message);
        }
    }

    /// @dev Bits of more than one word, and a last one that is not full.
    function test_sets_of_several_words_of_bits() public view {
        for (uint256 count = 254; count < 263; count += 3) {
            Ballots memory ballots = _ballots("seed", count, 1, 1e9);
            for (uint256 i = 0; i < count; ++i) {
                ballots.voted[i] = i != 255 && i != 1;
            }
            (SignedHeader memory header, bytes memory message) = _message(ballots);
            _verifier.verify(header, message);
        }
    }

    /// @dev Bytes of sets, up to the one that says that there is no other.
    function packedSize(bool wide, uint256 count) public pure returns (uint256) {
        return 2 + 9 + count * (wide ? 40 : 28) + 1;
    }

    function _accepts(Ballots memory ballots) private view returns (bool) {
        (SignedHeader memory header, bytes memory message) = _message(ballots);
        return _holds(header, message);
    }

    function _holds(SignedHeader memory header, bytes memory message) private view returns (bool) {
        try _verifier.verify(header, message) {
            return true;
        } catch {
            return false;
        }
    }

    function _ballots(bytes32 seed, uint256 count, uint32 round, uint256 spread)
        private
        pure
        returns (Ballots memory ballots)
    {
        ballots.secrets = new uint256[](count);
        ballots.powers = new uint64[](count);
        ballots.voted = new bool[](count);
        ballots.times = new uint256[](count);
        ballots.round = round % 3;
        for (uint256 i = 0; i < count; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            ballots.secrets[i] = 1 + dice % 2 ** 250;
            ballots.powers[i] = uint64(1 + dice % 1000);
            ballots.voted[i] = dice % 11 < 8;
            // Around a whole second, so that some have no nanoseconds and some another second.
            ballots.times[i] = 63_800_000_000e9 + (dice % 5 == 0 ? 0 : dice % (1 + spread % 3e9));
        }
    }

    function _message(Ballots memory ballots) private pure returns (SignedHeader memory header, bytes memory message) {
        bytes memory packed = abi.encodePacked(uint8(ballots.wide ? 2 : 1), _total(ballots));
        bytes memory bits = new bytes((ballots.secrets.length + 7) / 8);
        bytes memory votes;
        for (uint256 i = 0; i < ballots.secrets.length; ++i) {
            packed = bytes.concat(packed, _entry(ballots, i));
            if (!ballots.voted[i]) continue;
            bits[i / 8] |= bytes1(uint8(128 >> (i % 8)));
            votes = bytes.concat(votes, _vote(ballots, i));
        }
        message = abi.encodePacked(uint128(0), ballots.round, uint8(PARTS.length), PARTS);
        header.chainFrom = message.length;
        message = abi.encodePacked(message, uint8(CHAIN.length + 2), uint8(0x0a), uint8(CHAIN.length), CHAIN);
        header.setsFrom = message.length;
        message = abi.encodePacked(message, uint16(ballots.secrets.length), packed, uint8(0), PREFIX, bits);
        message = bytes.concat(message, votes);
        header.hash = HASH;
        header.height = HEIGHT;
        header.ownCard = keccak256(packed);
        header.trustedCard = header.ownCard;
        header.trustNumerator = 1;
        header.trustDenominator = 3;
    }

    function _entry(Ballots memory ballots, uint256 i) private pure returns (bytes memory) {
        address signer = vm.addr(ballots.secrets[i]);
        if (!ballots.wide) return abi.encodePacked(signer, ballots.powers[i]);
        return abi.encodePacked(uint256(uint160(signer)), ballots.powers[i] | 1 << 63);
    }

    function _vote(Ballots memory ballots, uint256 i) private pure returns (bytes memory) {
        bytes memory text = PlainTendermint.vote(HEIGHT, ballots.round, HASH, PARTS, CHAIN, ballots.times[i]);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ballots.secrets[i], sha256(text));
        bytes memory time = PlainTendermint.timeOf(ballots.times[i]);
        // The key of seconds is common.
        time[0] = bytes1(uint8(time.length - 1));
        return abi.encodePacked(time, r, uint256(s) | uint256(v - 27) << 255);
    }

    function _signed(Ballots memory ballots) private pure returns (uint256 power) {
        for (uint256 i = 0; i < ballots.secrets.length; ++i) {
            if (ballots.voted[i]) power += ballots.powers[i];
        }
    }

    function _total(Ballots memory ballots) private pure returns (uint64 power) {
        for (uint256 i = 0; i < ballots.secrets.length; ++i) {
            power += ballots.powers[i];
        }
    }
}
