// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Height, Packet, Payload} from "../../../src/interfaces/Messages.sol";
import {IPacketLaw} from "../../harness/IPacketLaw.sol";
import {Test} from "../../support/Test.sol";
import {Log} from "../../support/Vm.sol";

/// @notice Answers every call with a hash of its bytes, so that two calls of the same bytes are told by one number.
contract Listener {
    fallback(bytes calldata input) external returns (bytes memory) {
        return abi.encode(keccak256(input));
    }
}

/// @notice Answers a batch with a hash of the call's bytes as the time, and one more for each path.
contract BatchListener {
    fallback(bytes calldata input) external returns (bytes memory) {
        (,, bytes[] memory paths) = abi.decode(input[4:], (Height, bytes, bytes[]));
        bytes32[] memory values = new bytes32[](paths.length);
        for (uint256 i = 0; i < values.length; ++i) {
            values[i] = keccak256(paths[i]);
        }
        return abi.encode(keccak256(input), values);
    }
}

/// @notice Refuses every call with the reason it was given.
contract Refuser {
    bytes private _reason;

    constructor(bytes memory reason) {
        _reason = reason;
    }

    fallback() external {
        bytes memory reason = _reason;
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }
}

/// @notice Answers every call with the bytes it was given.
contract Parrot {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        return _answer;
    }
}

/// @notice What the router does with a packet in memory, against what the compiler makes of the same packet.
contract PacketBytesTest is Test {
    IPacketLaw private _law;
    Listener private _listener;

    function setUp() public {
        _law = IPacketLaw(_create("PacketLaw.sol:PacketLaw", ""));
        _listener = new Listener();
    }

    function testFuzz_facts_are_those_of_the_packet(
        uint64[2] calldata numbers,
        string[2] calldata clients,
        Payload calldata payload,
        address relayer,
        bytes calldata answer
    ) public view {
        Packet memory packet = _packet(numbers, clients, payload);
        bytes memory facts = abi.encode(_law.facts(packet, relayer, answer));
        vm.assertEq(facts, abi.encode(_law.plainFacts(packet, relayer, answer)));
    }

    /// @dev Whatever is changed in the call: what is not in the form of the compiler is read by the compiler.
    function testFuzz_packet_is_copied_as_the_compiler_copies_it(
        uint64[2] calldata numbers,
        string[2] calldata clients,
        Payload calldata payload,
        uint256 at,
        uint8 mask
    ) public view {
        bytes memory call = abi.encodeCall(IPacketLaw.encoded, (_packet(numbers, clients, payload)));
        _copiesAlike(call);
        at = bound(at, 4, call.length - 1);
        call[at] = bytes1(uint8(call[at]) ^ mask);
        _copiesAlike(call);
    }

    /// @dev Every offset, length and padding, a little and very much.
    function test_every_word_of_a_packet_is_looked_at() public view {
        Payload memory payload = Payload("transfer", "transfer", "ics20-1", "application/x-solidity-abi", "value");
        Packet memory packet = _packet([uint64(1), 2], ["client-0", "client-7"], payload);
        bytes memory call = abi.encodeCall(IPacketLaw.encoded, (packet));
        for (uint256 word = 4; word < call.length; word += 32) {
            for (uint256 i = 0; i < 5; ++i) {
                bytes memory changed = bytes.concat(call);
                uint256 at = word + [31, 30, 15, 8, 0][i];
                changed[at] = bytes1(uint8(changed[at]) ^ (i == 0 ? 0x20 : 1));
                _copiesAlike(changed);
            }
        }
        for (uint256 length = 4; length < call.length; length += 16) {
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length; ++i) {
                cut[i] = call[i];
            }
            _copiesAlike(cut);
        }
    }

    function testFuzz_client_hears_the_same_update(
        string calldata clientId,
        bytes calldata message,
        uint8 result,
        uint256 length
    ) public {
        bytes memory answer = abi.encode(result % 5, "more");
        length = bound(length, 0, answer.length);
        assembly ("memory-safe") {
            mstore(answer, length)
        }
        address[3] memory lights = [address(new Parrot(answer)), address(new Refuser(message)), address(_listener)];
        for (uint256 i = 0; i < lights.length; ++i) {
            vm.recordLogs();
            (bool done, bytes memory output) =
                address(_law).call(abi.encodeCall(IPacketLaw.update, (lights[i], clientId, message)));
            (bool plainDone, bytes memory plain) =
                address(_law).call(abi.encodeCall(IPacketLaw.plainUpdate, (lights[i], clientId, message)));
            vm.assertTrue(done == plainDone);
            vm.assertEq(output, plain);
            Log[] memory logs = vm.getRecordedLogs();
            vm.assertEq(logs.length, done ? 2 : 0);
            if (done) vm.assertEq(abi.encode(logs[0]), abi.encode(logs[1]));
        }
    }

    function _copiesAlike(bytes memory call) private view {
        (bool copied, bytes memory output) = address(_law).staticcall(call);
        bytes memory plainCall = bytes.concat(call);
        bytes4 selector = IPacketLaw.plainEncoded.selector;
        for (uint256 i = 0; i < 4; ++i) {
            plainCall[i] = selector[i];
        }
        (bool plainCopied, bytes memory plain) = address(_law).staticcall(plainCall);
        vm.assertTrue(copied == plainCopied);
        vm.assertEq(output, plain);
    }

    /// @dev What a hash leaves behind for which the gas did not last would commit to another packet or answer.
    function test_commits_to_nothing_when_gas_runs_out_within_a_hash() public {
        Payload memory payload = Payload("port", "port", "1", "abi", new bytes(600_000));
        Packet memory packet = _packet([uint64(1), 2], ["client-0", "client-1"], payload);
        vm.assertEq(_law.frameCommitment(packet), _law.commitment(packet));
        _needsAllItsGas(abi.encodeCall(IPacketLaw.commitment, (packet)));
        _needsAllItsGas(abi.encodeCall(IPacketLaw.frameCommitment, (packet)));
        _needsAllItsGas(abi.encodeCall(IPacketLaw.acknowledgement, (payload.value)));
    }

    function testFuzz_logs_are_those_of_the_compiler(
        uint64[2] calldata numbers,
        string[2] calldata clients,
        Payload calldata payload,
        bytes calldata answer
    ) public {
        Packet memory packet = _packet(numbers, clients, payload);
        vm.recordLogs();
        _law.log(packet, answer);
        _law.plainLog(packet, answer);
        Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 6);
        for (uint256 i = 0; i < 3; ++i) {
            vm.assertEq(abi.encode(logs[i].topics), abi.encode(logs[i + 3].topics));
            vm.assertEq(logs[i].data, logs[i + 3].data);
        }
    }

    function testFuzz_client_hears_the_same_call(
        bytes calldata proof,
        Height calldata height,
        bytes calldata key,
        bytes32 value
    ) public {
        uint256 heard = _law.ask(address(_listener), proof, height, key, value);
        vm.assertEq(heard, _law.plainAsk(address(_listener), proof, height, key, value));
        vm.assertTrue(heard != _law.ask(address(_listener), proof, height, key, ~value));
    }

    function testFuzz_client_hears_the_same_batch(
        Height calldata height,
        bytes calldata pool,
        string calldata counterpartyId,
        bytes8[] calldata sequences,
        uint256 kinds
    ) public {
        address light = address(new BatchListener());
        bytes memory heads = _heads(sequences, kinds);
        (, bytes memory heard) =
            address(_law).call(abi.encodeCall(IPacketLaw.askBatch, (light, height, pool, counterpartyId, heads)));
        (bool answered, bytes memory plain) =
            address(_law).call(abi.encodeCall(IPacketLaw.plainAskBatch, (light, height, pool, counterpartyId, heads)));
        vm.assertTrue(answered);
        vm.assertEq(heard, plain);
    }

    /// @dev Heads of messages as they stand in a batch, with anything for what is not asked for.
    function _heads(bytes8[] memory sequences, uint256 kinds) private pure returns (bytes memory heads) {
        for (uint256 i = 0; i < sequences.length; ++i) {
            bytes1 kind = bytes1(uint8(1 + (kinds >> (i % 256)) % 3));
            bytes32 filler = keccak256(heads);
            heads = bytes.concat(heads, kind, bytes4(filler), sequences[i], bytes9(filler << 32));
        }
    }

    function testFuzz_reason_of_a_client_is_passed_on(bytes calldata reason) public {
        Refuser refuser = new Refuser(reason);
        try _law.ask(address(refuser), "proof", Height(0, 1), "key", 0) {
            vm.assertTrue(false, "it was not refused");
        } catch (bytes memory found) {
            vm.assertEq(found, reason);
        }
    }

    function testFuzz_reason_of_a_client_is_passed_on_for_a_batch(bytes calldata reason) public {
        Refuser refuser = new Refuser(reason);
        (bool answered, bytes memory found) = _askForOne(address(refuser));
        vm.assertFalse(answered);
        vm.assertEq(found, reason);
    }

    /// @dev The values must be where the call reads them, one for each message. Anything else is refused without data,
    /// and costs no more than it did up to there.
    function test_refuses_what_is_no_answer_to_a_batch() public {
        (uint256 time, uint256 offset, bytes32 value) = (7, 0x40, keccak256("value"));
        (bool answered, bytes memory found) = _askForOne(address(new Parrot(abi.encode(time, offset, 1, value))));
        vm.assertTrue(answered);
        vm.assertEq(found, abi.encode(time, offset, 1, value));

        bytes[] memory answers = new bytes[](6);
        answers[0] = "";
        answers[1] = abi.encode(time, offset, 1);
        answers[2] = abi.encodePacked(time, offset, uint256(1), bytes31(value));
        answers[3] = abi.encode(time, offset + 0x20, 1, value);
        answers[4] = abi.encode(time, offset, 0, value);
        answers[5] = abi.encode(time, offset, 2, value, value);
        for (uint256 i = 0; i < answers.length; ++i) {
            Parrot parrot = new Parrot(answers[i]);
            uint256 before = gasleft();
            (answered, found) = _askForOne(address(parrot));
            vm.assertFalse(answered, vm.toString(answers[i]));
            vm.assertEq(found, "", vm.toString(answers[i]));
            vm.assertLe(before - gasleft(), 1_000_000, "all gas is gone");
        }
    }

    function test_account_without_code_is_no_client() public {
        vm.expectRevert();
        _law.ask(account("nobody"), "proof", Height(0, 1), "key", 0);
    }

    /// @dev Nearly all gas of these calls goes into one long hash. When it fails, a 64th is left, which would do for
    /// what follows it.
    function _needsAllItsGas(bytes memory input) private {
        uint256 before = gasleft();
        bool answered = _callWith(before, input);
        uint256 used = before - gasleft();
        vm.assertTrue(answered);
        vm.assertFalse(_callWith(used - 30_000, input));
    }

    /// @dev The compiler would copy the bytes first, which costs as much as what is called.
    function _callWith(uint256 limit, bytes memory input) private returns (bool answered) {
        address law = address(_law);
        assembly ("memory-safe") {
            answered := call(limit, law, 0, add(input, 0x20), mload(input), 0, 0)
        }
    }

    /// @dev Asks for the commitment of one packet.
    function _askForOne(address light) private view returns (bool answered, bytes memory output) {
        bytes memory head = bytes.concat(hex"0100000000", bytes8(uint64(1)), bytes9(0));
        bytes memory asked = abi.encodeCall(IPacketLaw.askBatch, (light, Height(0, 1), "pool", "client-0", head));
        return address(_law).staticcall{gas: 10_000_000}(asked);
    }

    function _packet(uint64[2] memory numbers, string[2] memory clients, Payload memory payload)
        private
        pure
        returns (Packet memory packet)
    {
        packet = Packet(numbers[0], clients[0], clients[1], numbers[1], new Payload[](1));
        packet.payloads[0] = payload;
    }
}
