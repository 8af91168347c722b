// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IApplication,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "../../src/interfaces/IApplication.sol";
import {IBatchClient} from "../../src/interfaces/IBatchClient.sol";
import {ILightClient, MsgVerifyMembership, UpdateResult} from "../../src/interfaces/ILightClient.sol";
import {IClients, IRouter} from "../../src/interfaces/IRouter.sol";
import {Height, Packet, Payload} from "../../src/interfaces/Messages.sol";
import {BatchBytes} from "../../src/libraries/BatchBytes.sol";
import {BatchFrame} from "../../src/libraries/BatchFrame.sol";
import {Commitments} from "../../src/libraries/Commitments.sol";
import {LightClientCall} from "../../src/libraries/LightClientCall.sol";
import {PacketBytes} from "../../src/libraries/PacketBytes.sol";
import {PacketFacts} from "./IPacketLaw.sol";

/// @title PacketLaw
/// @notice Opens what the router does with a packet in memory to tests, each beside its plain twin.
contract PacketLaw {
    function facts(Packet calldata packet, address relayer, bytes calldata answer)
        external
        view
        returns (PacketFacts memory seen)
    {
        bytes memory encoded = PacketBytes.encode(packet);
        seen.sequence = PacketBytes.sequence(encoded);
        seen.timeoutTimestamp = PacketBytes.timeoutTimestamp(encoded);
        seen.sourceClient = PacketBytes.sourceClient(encoded);
        seen.destinationClient = PacketBytes.destinationClient(encoded);
        seen.destinationPort = PacketBytes.destinationPort(encoded);
        (seen.payloads, seen.version, seen.encoding, seen.value) = PacketBytes.sizes(encoded);
        seen.commitment = PacketBytes.commitment(encoded);
        seen.receipt = PacketBytes.receipt(encoded);
        seen.receiptKey = PacketBytes.receiptKey(seen.destinationClient, seen.sequence);
        seen.acknowledgementKey = PacketBytes.acknowledgementKey(seen.destinationClient, seen.sequence);
        seen.acknowledgement = PacketBytes.acknowledgement(answer);
        seen.sourcePort = PacketBytes.sourcePort(encoded);
        seen.commitmentKey = PacketBytes.commitmentKey(seen.sourceClient, seen.sequence);
        seen.receiveCall = PacketBytes.receiveCall(encoded, relayer);
        seen.timeoutCall = PacketBytes.timeoutCall(encoded, relayer);
        seen.acknowledgeCall = PacketBytes.acknowledgeCall(encoded, answer, relayer);
    }

    function plainFacts(Packet calldata packet, address relayer, bytes calldata answer)
        external
        pure
        returns (PacketFacts memory seen)
    {
        seen.sequence = packet.sequence;
        seen.timeoutTimestamp = packet.timeoutTimestamp;
        seen.sourceClient = packet.sourceClient;
        seen.destinationClient = packet.destClient;
        seen.destinationPort = packet.payloads[0].destPort;
        seen.payloads = packet.payloads.length;
        seen.version = bytes(packet.payloads[0].version).length;
        seen.encoding = bytes(packet.payloads[0].encoding).length;
        seen.value = packet.payloads[0].value.length;
        seen.commitment = Commitments.packet(packet);
        seen.receipt = Commitments.receipt(packet);
        seen.receiptKey = keccak256(Commitments.receiptPath(packet.destClient, packet.sequence));
        seen.acknowledgementKey = keccak256(Commitments.acknowledgementPath(packet.destClient, packet.sequence));
        seen.acknowledgement = Commitments.acknowledgement(answer);
        OnRecvPacketCallback memory callback = OnRecvPacketCallback({
            sourceClient: packet.sourceClient,
            destinationClient: packet.destClient,
            sequence: packet.sequence,
            payload: packet.payloads[0],
            relayer: relayer
        });
        seen.receiveCall = abi.encodeCall(IApplication.onRecvPacket, (callback));
        _plainCalls(seen, packet, relayer, answer);
    }

    function _plainCalls(PacketFacts memory seen, Packet calldata packet, address relayer, bytes calldata answer)
        private
        pure
    {
        seen.sourcePort = packet.payloads[0].sourcePort;
        seen.commitmentKey = keccak256(Commitments.commitmentPath(packet.sourceClient, packet.sequence));
        OnTimeoutPacketCallback memory timeout = OnTimeoutPacketCallback({
            sourceClient: packet.sourceClient,
            destinationClient: packet.destClient,
            sequence: packet.sequence,
            payload: packet.payloads[0],
            relayer: relayer
        });
        seen.timeoutCall = abi.encodeCall(IApplication.onTimeoutPacket, (timeout));
        OnAcknowledgementPacketCallback memory ack = OnAcknowledgementPacketCallback({
            sourceClient: packet.sourceClient,
            destinationClient: packet.destClient,
            sequence: packet.sequence,
            payload: packet.payloads[0],
            acknowledgement: answer,
            relayer: relayer
        });
        seen.acknowledgeCall = abi.encodeCall(IApplication.onAcknowledgementPacket, (ack));
    }

    function commitment(Packet calldata packet) external view returns (bytes32) {
        return PacketBytes.commitment(PacketBytes.encode(packet));
    }

    /// @notice As a message of a batch makes it.
    function frameCommitment(Packet calldata packet) external view returns (bytes32) {
        Payload calldata payload = packet.payloads[0];
        BatchBytes.Template memory template =
            BatchBytes.Template(payload.sourcePort, payload.destPort, payload.version, payload.encoding, "");
        BatchFrame.Frame memory frame = BatchFrame.build(template, packet.sourceClient, packet.destClient, false);
        bytes memory encoded = BatchFrame.begin(frame, packet.sequence, packet.timeoutTimestamp);
        BatchFrame.putValue(frame, encoded, payload.value);
        return BatchFrame.commitment(frame, encoded);
    }

    function acknowledgement(bytes calldata answer) external view returns (bytes32) {
        return PacketBytes.acknowledgement(answer);
    }

    function log(Packet calldata packet, bytes calldata answer) external {
        bytes memory encoded = PacketBytes.encode(packet);
        bytes memory behind = answer;
        PacketBytes.logAcknowledgement(encoded, behind);
        encoded = PacketBytes.encode(packet);
        bytes memory behindAgain = answer;
        PacketBytes.logAck(encoded, behindAgain);
        PacketBytes.logTimeout(PacketBytes.encode(packet));
        // A log may be put together over its packet, and over nothing else.
        require(keccak256(behind) == keccak256(answer) && keccak256(behindAgain) == keccak256(answer));
    }

    function plainLog(Packet calldata packet, bytes calldata answer) external {
        bytes[] memory answers = new bytes[](1);
        answers[0] = answer;
        emit IRouter.WriteAcknowledgement(packet.destClient, packet.sequence, packet, answers);
        emit IRouter.AckPacket(packet.sourceClient, packet.sequence, packet, answer);
        emit IRouter.TimeoutPacket(packet.sourceClient, packet.sequence, packet);
    }

    function ask(address light, bytes calldata proof, Height calldata height, bytes calldata key, bytes32 value)
        external
        returns (uint256)
    {
        return LightClientCall.verifyMembership(ILightClient(light), proof, height, key, value);
    }

    function plainAsk(address light, bytes calldata proof, Height calldata height, bytes calldata key, bytes32 value)
        external
        returns (uint256)
    {
        bytes[] memory path = new bytes[](1);
        path[0] = key;
        return ILightClient(light).verifyMembership(MsgVerifyMembership(proof, height, path, abi.encodePacked(value)));
    }

    /// @param heads Kind, four bytes, sequence, nine bytes for each message.
    function askBatch(
        address light,
        Height memory height,
        bytes calldata pool,
        string memory counterpartyId,
        bytes calldata heads
    ) external view returns (uint256 provenAt, bytes32[] memory values) {
        uint256 headsAt;
        assembly ("memory-safe") {
            headsAt := heads.offset
        }
        return LightClientCall.verifyBatch(light, height, pool, counterpartyId, headsAt, heads.length / 22);
    }

    function plainAskBatch(
        address light,
        Height memory height,
        bytes calldata pool,
        string memory counterpartyId,
        bytes calldata heads
    ) external view returns (uint256 provenAt, bytes32[] memory values) {
        bytes[] memory paths = new bytes[](heads.length / 22);
        for (uint256 i = 0; i < paths.length; ++i) {
            bytes calldata head = heads[22 * i:22 * i + 22];
            uint64 sequence = uint64(bytes8(head[5:13]));
            if (head[0] == 0x01) paths[i] = Commitments.commitmentPath(counterpartyId, sequence);
            if (head[0] == 0x02) paths[i] = Commitments.acknowledgementPath(counterpartyId, sequence);
            if (head[0] == 0x03) paths[i] = Commitments.receiptPath(counterpartyId, sequence);
        }
        return IBatchClient(light).verifyBatch(height, pool, paths);
    }

    function encoded(Packet calldata packet) external pure returns (bytes memory) {
        return PacketBytes.encode(packet);
    }

    function plainEncoded(Packet calldata packet) external pure returns (bytes memory) {
        return abi.encode(packet);
    }

    function update(address light, string calldata clientId, bytes calldata message)
        external
        returns (UpdateResult result)
    {
        result = LightClientCall.updateClient(ILightClient(light), message);
        LightClientCall.logUpdated(clientId, result);
    }

    function plainUpdate(address light, string calldata clientId, bytes calldata message)
        external
        returns (UpdateResult result)
    {
        result = ILightClient(light).updateClient(message);
        emit IClients.ICS02ClientUpdated(clientId, result);
    }
}
