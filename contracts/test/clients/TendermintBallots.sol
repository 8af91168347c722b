// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintVerifier, SignedHeader} from "../../src/interfaces/ITendermintVerifier.sol";
import {Test} from "../support/Test.sol";
import {PlainTendermint} from "./plain/PlainTendermint.sol";

/// @notice Sets of secp256k1 keys that we hold, who of them votes and when, and the packed header of all that. Sets of
/// form 2 go the way of sets of both kinds.
abstract contract TendermintBallots is Test {
    uint64 internal constant HEIGHT = 123_456;
    bytes32 internal constant HASH = keccak256("block");
    bytes internal constant PARTS = hex"08011220aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    bytes internal constant PREFIX = hex"0108";
    bytes internal constant CHAIN = "weigh-3";

    /// Who votes, when and for what.
    struct Ballots {
        bool wide;
        uint256[] secrets;
        uint64[] powers;
        bool[] voted;
        uint256[] times;
        uint32 round;
        uint64 height;
        bytes32 hash;
        bytes parts;
        bytes chain;
    }

    ITendermintVerifier internal _verifier;

    function setUp() public virtual {
        _verifier = ITendermintVerifier(_create("TendermintVerifier.sol:TendermintVerifier", ""));
    }

    function _holds(SignedHeader memory header, bytes memory message) internal view returns (bool) {
        try _verifier.verify(header, message) {
            return true;
        } catch {
            return false;
        }
    }

    function _ballots(bytes32 seed, uint256 count, uint32 round, uint256 spread)
        internal
        pure
        returns (Ballots memory ballots)
    {
        ballots.secrets = new uint256[](count);
        ballots.powers = new uint64[](count);
        ballots.voted = new bool[](count);
        ballots.times = new uint256[](count);
        ballots.round = round % 3;
        (ballots.height, ballots.hash, ballots.parts, ballots.chain) = (HEIGHT, HASH, PARTS, CHAIN);
        for (uint256 i = 0; i < count; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            ballots.secrets[i] = 1 + dice % 2 ** 250;
            ballots.powers[i] = uint64(1 + dice % 1000);
            ballots.voted[i] = dice % 11 < 8;
            // Around a whole second, so that some have no nanoseconds and some another second.
            ballots.times[i] = 63_800_000_000e9 + (dice % 5 == 0 ? 0 : dice % (1 + spread % 3e9));
        }
    }

    function _message(Ballots memory ballots) internal pure returns (SignedHeader memory header, bytes memory message) {
        (header, message) = _untilVotes(ballots, 0, PREFIX);
        for (uint256 i = 0; i < ballots.secrets.length; ++i) {
            if (ballots.voted[i]) message = bytes.concat(message, _vote(ballots, i));
        }
    }

    /// @dev Everything up to the bits, with the flags behind the set.
    function _untilVotes(Ballots memory ballots, uint8 flags, bytes memory prefix)
        internal
        pure
        returns (SignedHeader memory header, bytes memory message)
    {
        bytes memory packed = abi.encodePacked(uint8(ballots.wide ? 2 : 1), _total(ballots));
        for (uint256 i = 0; i < ballots.secrets.length; ++i) {
            packed = bytes.concat(packed, _entry(ballots, i));
        }
        message = abi.encodePacked(uint128(0), ballots.round, uint8(ballots.parts.length), ballots.parts);
        header.chainFrom = message.length;
        uint8 size = uint8(ballots.chain.length);
        message = abi.encodePacked(message, size + 2, uint8(0x0a), size, ballots.chain);
        header.setsFrom = message.length;
        message = abi.encodePacked(message, uint16(ballots.secrets.length), packed, flags, prefix);
        message = bytes.concat(message, _bits(ballots.voted));
        header.hash = ballots.hash;
        header.height = ballots.height;
        header.ownCard = keccak256(packed);
        header.trustedCard = header.ownCard;
        header.trustNumerator = 1;
        header.trustDenominator = 3;
    }

    function _bits(bool[] memory voted) internal pure returns (bytes memory bits) {
        bits = new bytes((voted.length + 7) / 8);
        for (uint256 i = 0; i < voted.length; ++i) {
            if (voted[i]) bits[i / 8] |= bytes1(uint8(128 >> (i % 8)));
        }
    }

    function _entry(Ballots memory ballots, uint256 i) internal pure returns (bytes memory) {
        address signer = vm.addr(ballots.secrets[i]);
        if (!ballots.wide) return abi.encodePacked(signer, ballots.powers[i]);
        return abi.encodePacked(uint256(uint160(signer)), ballots.powers[i] | 1 << 63);
    }

    function _vote(Ballots memory ballots, uint256 i) internal pure returns (bytes memory) {
        bytes memory text = PlainTendermint.vote(
            ballots.height, ballots.round, ballots.hash, ballots.parts, ballots.chain, ballots.times[i]
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ballots.secrets[i], sha256(text));
        bytes memory time = PlainTendermint.timeOf(ballots.times[i]);
        // The key of seconds is common.
        time[0] = bytes1(uint8(time.length - 1));
        return abi.encodePacked(time, r, uint256(s) | uint256(v - 27) << 255);
    }

    function _signed(Ballots memory ballots) internal pure returns (uint256 power) {
        for (uint256 i = 0; i < ballots.secrets.length; ++i) {
            if (ballots.voted[i]) power += ballots.powers[i];
        }
    }

    function _total(Ballots memory ballots) internal pure returns (uint64 power) {
        for (uint256 i = 0; i < ballots.secrets.length; ++i) {
            power += ballots.powers[i];
        }
    }
}
