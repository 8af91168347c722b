// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatches} from "../../src/interfaces/IBatches.sol";
import {FungibleTokenPacketData} from "../../src/interfaces/ITransfer.sol";
import {Packet, Payload} from "../../src/interfaces/Messages.sol";
import {BatchMessage, BatchRead, IBatchLaw} from "../harness/IBatchLaw.sol";
import {IPacketLaw} from "../harness/IPacketLaw.sol";
import {Batch, Message, Packing} from "../support/world/Packing.sol";
import {Test} from "../support/Test.sol";
import {DirEntry} from "../support/Vm.sol";

/// @notice The shared vectors of the law's `wire::batch`, read as the router reads them: the same packets, the same
/// commitments. And any batch, against the plain writer of the tests and the compiler.
contract BatchVectorsTest is Test {
    string private constant FOLDER = "../light-clients/vectors/batch/";

    IBatchLaw private _law;
    IPacketLaw private _packets;

    function setUp() public {
        _law = IBatchLaw(_create("BatchLaw.sol:BatchLaw", ""));
        _packets = IPacketLaw(_create("PacketLaw.sol:PacketLaw", ""));
    }

    function test_accepts_what_wire_accepts() public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            _compare(vm.readFile(files[i].path), files[i].path);
        }
    }

    function test_rejects_what_wire_rejects() public view {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length != 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            DirEntry[] memory files = vm.readDir(rules[i].path);
            vm.assertTrue(files.length != 0, rules[i].path);
            for (uint256 j = 0; j < files.length; ++j) {
                bytes memory packed = vm.parseJsonBytes(vm.readFile(files[j].path), ".packed");
                (bool accepted, bytes memory reason) =
                    address(_law).staticcall(abi.encodeCall(IBatchLaw.read, (packed, "client-0")));
                vm.assertFalse(accepted, files[j].path);
                vm.assertEq(bytes32(bytes4(reason)), bytes32(IBatches.MalformedBatch.selector), files[j].path);
            }
        }
    }

    function testFuzz_packets_are_those_of_the_compiler(
        uint64[3] calldata numbers,
        address[2] calldata parties,
        uint256 amount,
        string[4] calldata texts,
        bytes calldata value,
        uint8 kinds
    ) public view {
        Batch memory batch = Batch("client-7", new bytes[](1), "pool", new Message[](6));
        batch.updates[0] = value;
        for (uint256 i = 0; i < batch.messages.length; ++i) {
            Message memory message = batch.messages[i];
            message.kind = 1 + uint8((uint256(kinds) + i) % 3);
            message.gasAmount = uint32(numbers[2]);
            message.inParts = (uint256(kinds) >> i) & 1 != 0;
            if (message.kind == 2) message.acknowledgement = value;
            message.packet = _packet(message, numbers, texts, i);
            FungibleTokenPacketData memory transfer =
                FungibleTokenPacketData(texts[2], hexOf(parties[0]), hexOf(parties[1]), amount >> (8 * i), texts[3]);
            if (transfer.amount == 0) transfer.amount = 1;
            message.packet.payloads[0].value = message.inParts ? abi.encode(transfer) : value;
        }
        BatchRead memory seen = _law.read(Packing.pack(batch), "client-0");
        vm.assertEq(seen.pool, "pool");
        vm.assertEq(seen.updates[0], value);
        for (uint256 i = 0; i < batch.messages.length; ++i) {
            Message memory message = batch.messages[i];
            BatchMessage memory found = seen.messages[i];
            vm.assertEq(found.encoded, abi.encode(message.packet));
            vm.assertEq(found.commitment, _packets.plainFacts(message.packet, address(0), "").commitment);
            vm.assertEq(found.acknowledgement, message.acknowledgement);
            vm.assertTrue(found.kind == message.kind && found.gasAmount == message.gasAmount);
            vm.assertTrue(found.proven == keccak256(abi.encode(i)) && found.provenAt == 77);
        }
    }

    function _packet(Message memory message, uint64[3] calldata numbers, string[4] calldata texts, uint256 i)
        private
        pure
        returns (Packet memory packet)
    {
        (packet.sourceClient, packet.destClient) = ("client-7", "client-0");
        if (message.kind == 1) (packet.sourceClient, packet.destClient) = ("client-0", "client-7");
        (packet.sequence, packet.timeoutTimestamp) = (numbers[0], numbers[1]);
        packet.payloads = new Payload[](1);
        // Lengths of these have one byte.
        packet.payloads[0] = Payload(_cut(texts[0]), _cut(texts[1]), i < 3 ? "v1" : "version-2", "encoding", "");
    }

    function _cut(string memory text) private pure returns (string memory) {
        assembly ("memory-safe") {
            if gt(mload(text), 255) { mstore(text, 255) }
        }
        return text;
    }

    function _compare(string memory json, string memory about) private view {
        string memory counterparty = vm.parseJsonString(json, ".counterparty");
        BatchRead memory seen = _law.read(vm.parseJsonBytes(json, ".packed"), counterparty);
        vm.assertEq(bytes(seen.clientId), bytes(vm.parseJsonString(json, ".client")), about);
        vm.assertEq(seen.pool, vm.parseJsonBytes(json, ".pool"), about);
        vm.assertEq(seen.revisionNumber, vm.parseJsonUint(json, ".revisionNumber"), about);
        vm.assertEq(seen.revisionHeight, vm.parseJsonUint(json, ".revisionHeight"), about);
        vm.assertEq(seen.updates.length, vm.parseJsonUint(json, ".updateCount"), about);
        for (uint256 i = 0; i < seen.updates.length; ++i) {
            string memory key = string.concat(".updates[", vm.toString(i), "]");
            vm.assertEq(seen.updates[i], vm.parseJsonBytes(json, key), about);
        }
        vm.assertEq(seen.messages.length, vm.parseJsonUint(json, ".messageCount"), about);
        for (uint256 i = 0; i < seen.messages.length; ++i) {
            string memory key = string.concat(".messages[", vm.toString(i), "]");
            BatchMessage memory message = seen.messages[i];
            vm.assertEq(message.kind, vm.parseJsonUint(json, string.concat(key, ".kind")), about);
            vm.assertEq(message.gasAmount, vm.parseJsonUint(json, string.concat(key, ".gas")), about);
            vm.assertEq(message.encoded, vm.parseJsonBytes(json, string.concat(key, ".abi")), about);
            vm.assertEq(message.commitment, vm.parseJsonBytes32(json, string.concat(key, ".commitment")), about);
            vm.assertEq(keccak256(message.encoded), vm.parseJsonBytes32(json, string.concat(key, ".receipt")), about);
            vm.assertEq(message.acknowledgement, vm.parseJsonBytes(json, string.concat(key, ".acknowledgement")), about);
        }
    }
}
