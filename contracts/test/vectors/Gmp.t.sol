// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GMPPacketData, ICall} from "../../src/interfaces/ICall.sol";
import {IGmpLaw} from "../harness/IGmpLaw.sol";
import {Test} from "../support/Test.sol";
import {DirEntry} from "../support/Vm.sol";

/// @notice The shared vectors of calls, judged by the contracts. Every file is judged: an unknown kind fails.
contract GmpVectorsTest is Test {
    string private constant FOLDER = "../light-clients/vectors/gmp/";

    IGmpLaw private _law;

    function setUp() public {
        _law = IGmpLaw(_create("GmpLaw.sol:GmpLaw", ""));
    }

    function test_t24_accepts_what_wire_accepts() public {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            (bool accepted, bytes memory reason) = _judge(files[i].path);
            vm.assertTrue(accepted, string.concat(files[i].path, ": ", vm.toString(reason)));
        }
    }

    function test_t24_rejects_what_wire_rejects() public {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length != 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            DirEntry[] memory files = vm.readDir(rules[i].path);
            vm.assertTrue(files.length != 0, rules[i].path);
            for (uint256 j = 0; j < files.length; ++j) {
                (bool accepted, bytes memory reason) = _judge(files[j].path);
                vm.assertFalse(accepted, files[j].path);
                // Without data it could not be told from running out of gas.
                vm.assertTrue(reason.length != 0, files[j].path);
            }
        }
    }

    /// @dev An error says at which byte a value stops being a call.
    function test_says_where_a_value_stops_being_a_call() public {
        bytes memory good = _law.encode(GMPPacketData("sender", "r", "", "", "memo"));
        // Offset, five offsets, then length and content of each field.
        _stopsAt(0, _cut(good, 31));
        _stopsAt(0, _with(good, 31, 0x40));
        _stopsAt(32, _cut(good, 32));
        _stopsAt(64, _with(good, 95, 1));
        _stopsAt(192, _cut(good, 192));
        _stopsAt(192, _with(good, 200, 1));
        _stopsAt(230, _with(good, 255, 1));
        _stopsAt(good.length, bytes.concat(good, hex"00"));
        _stopsAt(good.length - 32, _cut(good, good.length - 1));
    }

    function test_says_where_a_value_stops_being_an_answer() public {
        bytes memory good = _law.encodeAnswer("result");
        vm.expectRevert(abi.encodeWithSelector(ICall.MalformedCall.selector, good.length));
        _law.decodeAnswer(bytes.concat(good, bytes32(0)));
    }

    /// @dev Whatever is accepted is what encoding gives, and nothing reverts without data.
    function testFuzz_t24_calls_have_one_encoding(GMPPacketData memory data, uint256 at, uint8 byte_) public view {
        bytes memory encoded = _law.encode(data);
        at %= encoded.length;
        encoded[at] = bytes1(byte_);
        try _law.decode(encoded) returns (GMPPacketData memory read) {
            vm.assertEq(_law.encode(read), encoded);
        } catch (bytes memory reason) {
            vm.assertTrue(reason.length != 0);
        }
    }

    function testFuzz_t23_decoders_survive_random_bytes(bytes calldata value) public view {
        try _law.decode(value) returns (GMPPacketData memory read) {
            vm.assertEq(_law.encode(read), value);
        } catch (bytes memory reason) {
            vm.assertTrue(reason.length != 0);
        }
        try _law.decodeAnswer(value) returns (bytes memory read) {
            vm.assertEq(_law.encodeAnswer(read), value);
        } catch (bytes memory reason) {
            vm.assertTrue(reason.length != 0);
        }
    }

    function judgeCall(string calldata json) external view {
        bytes memory encoded = vm.parseJsonBytes(json, ".abi");
        GMPPacketData memory data = _law.decode(encoded);
        vm.assertEq(data.sender, vm.parseJsonString(json, ".sender"));
        vm.assertEq(data.receiver, vm.parseJsonString(json, ".receiver"));
        vm.assertEq(data.salt, vm.parseJsonBytes(json, ".salt"));
        vm.assertEq(data.payload, vm.parseJsonBytes(json, ".payload"));
        vm.assertEq(data.memo, vm.parseJsonString(json, ".memo"));
        vm.assertEq(_law.encode(data), encoded);
    }

    function judgeAnswer(string calldata json) external view {
        bytes memory encoded = vm.parseJsonBytes(json, ".abi");
        bytes memory result = _law.decodeAnswer(encoded);
        vm.assertEq(result, vm.parseJsonBytes(json, ".result"));
        vm.assertEq(_law.encodeAnswer(result), encoded);
    }

    function _stopsAt(uint256 position, bytes memory value) private {
        vm.expectRevert(abi.encodeWithSelector(ICall.MalformedCall.selector, position));
        _law.decode(value);
    }

    function _with(bytes memory value, uint256 at, uint8 next) private pure returns (bytes memory changed) {
        changed = bytes.concat(value);
        changed[at] = bytes1(next);
    }

    function _cut(bytes memory value, uint256 length) private pure returns (bytes memory start) {
        start = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            start[i] = value[i];
        }
    }

    /// @dev Judges one file in a call of its own, so that a refusal is a revert.
    function _judge(string memory path) private returns (bool accepted, bytes memory reason) {
        string memory json = vm.readFile(path);
        string memory kind = vm.parseJsonString(json, ".kind");
        bool call = keccak256(bytes(kind)) == keccak256("call");
        vm.assertTrue(call || keccak256(bytes(kind)) == keccak256("answer"), string.concat("unknown kind ", kind));
        bytes4 judge = call ? this.judgeCall.selector : this.judgeAnswer.selector;
        return address(this).call(abi.encodeWithSelector(judge, json));
    }
}
