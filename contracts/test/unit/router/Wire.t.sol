// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
import {MsgSendPacket, Packet, Payload} from "../../../src/interfaces/Messages.sol";
import {RouterWorld} from "./RouterWorld.sol";

/// @notice The ABI and the storage that other implementations rely on. Spec: facts "IBC v2 on the wire", 3, 4 and 6.
contract WireTest is RouterWorld {
    bytes32 private constant BASE = 0x1260944489272988d9df285149b5aa1b0f48f2136d6f416159f840a3e0747600;

    function test_selectors() public pure {
        vm.assertEq(bytes32(IRouter.sendPacket.selector), bytes32(bytes4(0x4d6e7ce3)));
        vm.assertEq(bytes32(IRouter.recvPacket.selector), bytes32(bytes4(0x5ebd10ca)));
        vm.assertEq(bytes32(IRouter.ackPacket.selector), bytes32(bytes4(0x1bca011a)));
        vm.assertEq(bytes32(IRouter.timeoutPacket.selector), bytes32(bytes4(0xb98c330a)));
        vm.assertEq(bytes32(IClients.updateClient.selector), bytes32(bytes4(0x6fbf8079)));
        vm.assertEq(bytes32(IRouter.getCommitment.selector), bytes32(bytes4(0x7795820c)));
        vm.assertEq(bytes32(IRouter.multicall.selector), bytes32(bytes4(keccak256("multicall(bytes[])"))));
    }

    function test_topics() public pure {
        vm.assertEq(IRouter.SendPacket.selector, 0xab3a4458a269be61dfa43faa33aa7b1f5d570716f83ad078bc2ba5dab039abae);
        vm.assertEq(
            IRouter.WriteAcknowledgement.selector, 0x76765590e2b799b0506100f8a6610cfecab2c71e8e1f8aa981b099aff0dfdb74
        );
        vm.assertEq(IRouter.AckPacket.selector, 0xf9bab74bcdb634f4d3dd064cc42a13df056598e1c0336905d2f5750fbfb08b7b);
        vm.assertEq(IRouter.TimeoutPacket.selector, 0x01e5ed58494819ef3f6480dd08e433b7c08ed75c7abdf2c22c6f04b71340a168);
        vm.assertEq(IRouter.Noop.selector, 0xd08bf58b0e4eec5bfc697a4fdbb6839057fbf4dd06f1b1ce07445c0e5a654caf);
        vm.assertEq(IClients.ICS02ClientUpdated.selector, keccak256("ICS02ClientUpdated(string,uint8)"));
    }

    function test_base_slot_is_that_of_the_namespace() public pure {
        uint256 name = uint256(keccak256("ibc.storage.IBCStore"));
        vm.assertEq(BASE, keccak256(abi.encode(name - 1)) & ~bytes32(uint256(0xff)));
    }

    /// @dev client-0 / 1: the published slot of the first packet over the first client.
    function test_commitment_lies_at_the_published_slot() public {
        Packet memory packet = _sent();
        vm.assertEq(packet.sourceClient, "client-0");
        bytes32 slot = 0x79a5307f4993e7eb3894d3aafa592f86bb1b605ca1a506e595f1874343b9a987;
        bytes32 path = 0x3afaf5ccd0f14678af1f261cb9a12a7fd4d3798178b94cb5d9d975d08e1829d8;
        vm.assertEq(keccak256(_path("client-0", 1, 1)), path);
        bytes32 stored = vm.load(address(a.router), slot);
        vm.assertTrue(stored != 0);
        vm.assertEq(stored, a.router.getCommitment(path));
        vm.assertEq(stored, _commitment(packet));
    }

    /// @dev The same formula written out once more, against what the router stores.
    function testFuzz_packet_commitment(bytes calldata value, uint64 ahead, string calldata version) public {
        vm.assume(value.length != 0 && bytes(version).length != 0);
        vm.recordLogs();
        uint64 timeout = uint64(NOW + bound(ahead, 1, 24 hours));
        probeA.send(_message(timeout, version, value));
        Packet memory packet = _sentPacket();
        bytes32 stored = a.router.getCommitment(keccak256(_path(a.clientId, 1, packet.sequence)));
        vm.assertEq(stored, _commitment(packet));
    }

    function test_acknowledgement_commitments_are_the_published_ones() public {
        Packet memory packet = _sent();
        probeB.setAnswer("some bytes");
        _deliver(b, packet);
        bytes32 published = 0xf03b4667413e56aaf086663267913e525c442b56fa1af4fa3f3dab9f37044c5b;
        vm.assertEq(b.router.getCommitment(keccak256(_path(b.clientId, 3, 1))), published);
    }

    function _message(uint64 timeout, string calldata version, bytes calldata value)
        private
        view
        returns (MsgSendPacket memory message)
    {
        message = _letter();
        message.timeoutTimestamp = timeout;
        message.payload.version = version;
        message.payload.value = value;
    }

    function _commitment(Packet memory packet) private pure returns (bytes32) {
        Payload memory payload = packet.payloads[0];
        bytes32 inner = sha256(
            bytes.concat(
                sha256(bytes(payload.sourcePort)),
                sha256(bytes(payload.destPort)),
                sha256(bytes(payload.version)),
                sha256(bytes(payload.encoding)),
                sha256(payload.value)
            )
        );
        bytes32 timeout = sha256(bytes.concat(bytes8(packet.timeoutTimestamp)));
        return
            sha256(bytes.concat(bytes1(0x02), sha256(bytes(packet.destClient)), timeout, sha256(bytes.concat(inner))));
    }
}
