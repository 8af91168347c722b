// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../../src/interfaces/ITendermintClient.sol";
import {SignedHeader} from "../../src/interfaces/ITendermintVerifier.sol";
import {TendermintBallots} from "./TendermintBallots.sol";

/// @notice Sets of secp256k1 keys in both forms: the loop that only judges them, and what judges sets of both kinds,
/// say the same of each. Beside that, what only depends on numbers.
contract TendermintVerifierTest is TendermintBallots {
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
}
