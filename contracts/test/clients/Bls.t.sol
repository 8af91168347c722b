// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BeaconWorld} from "./BeaconWorld.sol";
import {IBeaconLaw} from "./harness/IBeaconLaw.sol";
import {PlainBls} from "./plain/PlainBls.sol";
import {PlainSsz} from "./plain/PlainSsz.sol";

/// @notice Sums of keys, hashing to the curve and the pairing against their plain twin, on a signature of the vectors.
contract BlsTest is BeaconWorld {
    uint256 private constant VALID = 0;
    uint256 private constant MISMATCH = 1;
    uint256 private constant BAD_POINT = 2;
    uint256 private constant INFINITY = 3;
    bytes private constant MODULUS =
        hex"1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";

    IBeaconLaw private _law;
    bytes private _aggregate;
    bytes private _absentKeys;
    bytes private _signature;
    bytes32 private _message;

    function setUp() public {
        _law = IBeaconLaw(_create("BeaconLaw.sol:BeaconLaw", ""));
        string memory json = _accepted("finality_absent_5");
        bytes memory update = _lastUpdate(json);
        _aggregate = PlainSsz.cut(update, 810, 96);
        _signature = PlainSsz.cut(update, 618, 192);
        // The vector is of a fork with a finality branch of seven nodes, and carries no next committee.
        vm.assertEq(uint8(update[1]), 0);
        _absentKeys = PlainSsz.cut(update, 938 + 7 * 32, 5 * 96);
        bytes[] memory versions = lists.parseJsonBytesArray(json, ".forkVersions");
        bytes32 root = PlainSsz.headerRoot(PlainSsz.cut(update, 10, 112));
        bytes32 genesis = vm.parseJsonBytes32(json, ".genesisValidatorsRoot");
        _message = PlainSsz.pair(root, PlainSsz.domain(bytes4(versions[versions.length - 1]), genesis));
    }

    function test_accepts_the_signature_of_a_vector() public view {
        vm.assertEq(_law.verify(_aggregate, _absentKeys, _message, _signature), VALID);
        vm.assertTrue(PlainBls.isValid(_aggregate, _absentKeys, _message, _signature));
    }

    function test_an_absentee_less_is_a_mismatch() public view {
        bytes memory four = PlainSsz.cut(_absentKeys, 0, 4 * 96);
        vm.assertEq(_law.verify(_aggregate, four, _message, _signature), MISMATCH);
        vm.assertFalse(PlainBls.isValid(_aggregate, four, _message, _signature));
    }

    function test_aggregate_minus_itself_is_infinity() public view {
        vm.assertEq(_law.verify(_aggregate, _aggregate, _message, _signature), INFINITY);
        // And so is the sum in whatever order the keys cancel.
        bytes memory both = bytes.concat(_absentKeys, _aggregate, PlainBls.negated(PlainSsz.cut(_absentKeys, 0, 96)));
        both = bytes.concat(both, PlainBls.negated(PlainSsz.cut(_absentKeys, 96, 384)));
        vm.assertEq(_law.verify(_aggregate, PlainSsz.cut(both, 480, 96), _message, _signature), INFINITY);
    }

    /// @dev A pairing precompile takes zeros for infinity, and infinity fits a key of infinity: both are refused.
    function test_zero_signature_is_a_bad_point() public view {
        vm.assertEq(_law.verify(_aggregate, _absentKeys, _message, new bytes(192)), BAD_POINT);
    }

    function test_coordinates_beyond_the_modulus_are_bad_points() public {
        bytes memory grown = _absentKeys;
        _addModulus(grown, 48);
        vm.assertEq(_limited(grown), BAD_POINT);
        vm.assertFalse(_onCurve(PlainSsz.cut(grown, 0, 96)));
    }

    function test_points_of_the_curve() public {
        vm.assertTrue(_onCurve(_aggregate));
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertTrue(_onCurve(PlainSsz.cut(_absentKeys, 96 * i, 96)));
        }
        vm.assertFalse(_onCurve(new bytes(96)));
    }

    /// forge-config: default.fuzz.runs = 32
    function testFuzz_changed_keys_are_not_on_the_curve(uint256 place, uint8 change) public {
        bytes memory key = PlainSsz.cut(_absentKeys, 0, 96);
        key[place % 96] ^= bytes1(change == 0 ? 1 : change);
        (bool plain,) = PlainBls.tryCall(0x0b, bytes.concat(PlainBls.pad(key), new bytes(128)));
        vm.assertTrue(_onCurve(key) == plain);
    }

    /// forge-config: default.fuzz.runs = 32
    function testFuzz_changed_signatures_are_refused(uint256 place, uint8 change) public {
        bytes memory signature = _signature;
        signature[place % 192] ^= bytes1(change == 0 ? 1 : change);
        (bool ok, bytes memory answer) = address(_law).call{gas: 3_000_000}(
            abi.encodeCall(IBeaconLaw.verify, (_aggregate, _absentKeys, _message, signature))
        );
        vm.assertTrue(ok && abi.decode(answer, (uint256)) != VALID);
        vm.assertFalse(PlainBls.isValid(_aggregate, _absentKeys, _message, signature));
    }

    /// forge-config: default.fuzz.runs = 32
    function testFuzz_other_messages_are_mismatches(bytes32 message) public view {
        vm.assume(message != _message);
        vm.assertEq(_law.verify(_aggregate, _absentKeys, message, _signature), MISMATCH);
    }

    /// forge-config: default.fuzz.runs = 32
    function testFuzz_hash_to_curve_agrees_with_plain(bytes32 message) public view {
        vm.assertEq(_law.hashToG2(message), PlainBls.hashToG2(message));
    }

    function _onCurve(bytes memory key) private returns (bool) {
        (bool ok, bytes memory answer) = address(_law).call{gas: 1_000_000}(abi.encodeCall(IBeaconLaw.isOnCurve, (key)));
        return ok && abi.decode(answer, (bool));
    }

    function _limited(bytes memory absentKeys) private returns (uint256) {
        (bool ok, bytes memory answer) = address(_law).call{gas: 3_000_000}(
            abi.encodeCall(IBeaconLaw.verify, (_aggregate, absentKeys, _message, _signature))
        );
        require(ok, "verify reverted");
        return abi.decode(answer, (uint256));
    }

    /// @dev Adds the modulus to the coordinate of 48 bytes at `from`: the same element of the field, in another form.
    function _addModulus(bytes memory text, uint256 from) private pure {
        uint256 carry = 0;
        for (uint256 i = 48; i > 0; --i) {
            uint256 sum = uint256(uint8(text[from + i - 1])) + uint8(MODULUS[i - 1]) + carry;
            text[from + i - 1] = bytes1(uint8(sum));
            carry = sum >> 8;
        }
    }
}
