// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FungibleTokenPacketData} from "../../src/interfaces/ITransfer.sol";
import {MsgSendPacket, Packet, Payload} from "../../src/interfaces/Messages.sol";
import {ILaw} from "../support/world/ILaw.sol";
import {DirEntry} from "../support/Vm.sol";
import {RouterWorld} from "../unit/router/RouterWorld.sol";

/// @notice The shared vectors of the law crate `wire`, judged by the contracts. Every file is judged: an unknown kind
/// fails.
contract WireVectorsTest is RouterWorld {
    string private constant FOLDER = "../light-clients/vectors/wire/";
    bytes32 private constant BASE = 0x1260944489272988d9df285149b5aa1b0f48f2136d6f416159f840a3e0747600;

    ILaw private _law;
    uint64 private _sequence = 1000;

    function setUp() public override {
        super.setUp();
        _law = ILaw(_create("Law.sol:Law", ""));
    }

    function test_accepts_what_wire_accepts() public {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            (bool accepted, bytes memory reason) = _judge(files[i].path);
            vm.assertTrue(accepted, string.concat(files[i].path, ": ", vm.toString(reason)));
        }
    }

    function test_rejects_what_wire_rejects() public {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length != 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            DirEntry[] memory files = vm.readDir(rules[i].path);
            vm.assertTrue(files.length != 0, rules[i].path);
            for (uint256 j = 0; j < files.length; ++j) {
                (bool accepted,) = _judge(files[j].path);
                vm.assertFalse(accepted, files[j].path);
            }
        }
    }

    /// @dev Judges one file in a call of its own, so that a refusal is a revert and leaves nothing behind.
    function _judge(string memory path) private returns (bool accepted, bytes memory reason) {
        string memory json = vm.readFile(path);
        string memory kind = vm.parseJsonString(json, ".kind");
        bytes32 digest = keccak256(bytes(kind));
        bytes4 judge;
        if (digest == keccak256("packet")) judge = this.judgePacket.selector;
        if (digest == keccak256("acknowledgement")) judge = this.judgeAcknowledgement.selector;
        if (digest == keccak256("success")) judge = this.judgeSuccess.selector;
        if (digest == keccak256("transfer")) judge = this.judgeTransfer.selector;
        if (digest == keccak256("arrival")) judge = this.judgeArrival.selector;
        if (digest == keccak256("denom")) judge = this.judgeDenom.selector;
        if (digest == keccak256("path")) judge = this.judgePath.selector;
        if (digest == keccak256("client_id")) judge = this.judgeClientId.selector;
        if (digest == keccak256("port_id")) judge = this.judgePort.selector;
        if (digest == keccak256("send_time")) judge = this.judgeSendTime.selector;
        if (digest == keccak256("receive_time")) judge = this.judgeReceiveTime.selector;
        if (digest == keccak256("expiry_time")) judge = this.judgeExpiryTime.selector;
        vm.assertTrue(judge != 0, string.concat("unknown kind ", kind, " in ", path));
        return address(this).call(abi.encodeWithSelector(judge, json));
    }

    function judgePacket(string calldata json) external {
        Packet memory packet = _law.packetOf(vm.parseJsonBytes(json, ".abi"));
        require(packet.payloads.length == 1);
        Payload memory payload = packet.payloads[0];
        // What two routers check of a packet between them: its sender's, then its receiver's.
        _law.checkClientId(packet.sourceClient);
        _law.checkClientId(packet.destClient);
        _law.checkPort(payload.sourcePort);
        _law.checkPort(payload.destPort);
        _receive(packet);
        if (!vm.keyExistsJson(json, ".commitment")) return;

        vm.assertEq(packet.sourceClient, vm.parseJsonString(json, ".sourceClient"));
        vm.assertEq(packet.destClient, vm.parseJsonString(json, ".destinationClient"));
        vm.assertEq(packet.sequence, vm.parseJsonUint(json, ".sequence"));
        vm.assertEq(packet.timeoutTimestamp, vm.parseJsonUint(json, ".timeout"));
        vm.assertEq(payload.sourcePort, vm.parseJsonString(json, ".sourcePort"));
        vm.assertEq(payload.destPort, vm.parseJsonString(json, ".destinationPort"));
        vm.assertEq(payload.version, vm.parseJsonString(json, ".version"));
        vm.assertEq(payload.encoding, vm.parseJsonString(json, ".encoding"));
        vm.assertEq(payload.value, vm.parseJsonBytes(json, ".value"));
        vm.assertEq(_law.commitment(packet), vm.parseJsonBytes32(json, ".commitment"));
        vm.assertEq(_law.receipt(packet), vm.parseJsonBytes32(json, ".receipt"));
        (bytes memory sent, bytes memory received, bytes memory answered) = _law.paths(packet);
        _checkPath(json, ".commitmentPath", ".commitmentSlot", sent);
        _checkPath(json, ".receiptPath", ".receiptSlot", received);
        _checkPath(json, ".acknowledgementPath", ".acknowledgementSlot", answered);
    }

    function judgeAcknowledgement(string calldata json) external {
        bytes memory answer = vm.parseJsonBytes(json, ".acknowledgement");
        // Whether a router takes such an answer at all, from a client that says that it was given.
        Packet memory packet = _sent();
        a.client.lieStored(_path(b.clientId, 3, packet.sequence));
        a.router.ackPacket(_ack(packet, answer));
        vm.assertEq(_law.acknowledgement(answer), vm.parseJsonBytes32(json, ".commitment"));
    }

    function judgeSuccess(string calldata json) external {
        probeB.setAnswer(vm.parseJsonBytes(json, ".acknowledgement"));
        _deliver(b, _sent());
    }

    function judgeTransfer(string calldata json) external view {
        bytes memory encoded = vm.parseJsonBytes(json, ".abi");
        FungibleTokenPacketData memory data = _law.decode(encoded);
        if (!vm.keyExistsJson(json, ".denom")) return;
        vm.assertEq(data.denom, vm.parseJsonString(json, ".denom"));
        vm.assertEq(data.sender, vm.parseJsonString(json, ".sender"));
        vm.assertEq(data.receiver, vm.parseJsonString(json, ".receiver"));
        vm.assertEq(bytes32(data.amount), vm.parseJsonBytes32(json, ".amount"));
        vm.assertEq(data.memo, vm.parseJsonString(json, ".memo"));
        vm.assertEq(_law.encode(data), encoded);
    }

    /// @dev The contracts move tokens between the ports "transfer" only; a trace by any other port is foreign.
    function judgeArrival(string calldata json) external view {
        string memory denom = vm.parseJsonString(json, ".denom");
        bool overTransfer = _isTransfer(json, ".sourcePort") && _isTransfer(json, ".destinationPort");
        if (!overTransfer) return;
        (bool home, string memory rest) = _law.stripHop(vm.parseJsonString(json, ".sourceClient"), denom);
        vm.assertTrue(home == vm.parseJsonBool(json, ".home"));
        if (!home) rest = _law.arrivedPath(vm.parseJsonString(json, ".destinationClient"), denom);
        vm.assertEq(rest, vm.parseJsonString(json, ".arrived"));
    }

    function judgeDenom(string calldata json) external view {
        _law.checkPath(vm.parseJsonString(json, ".denom"));
    }

    /// @dev Contracts build paths and never read them: a path is refused when no packet could lead to it.
    function judgePath(string calldata json) external view {
        bytes memory path = vm.parseJsonBytes(json, ".path");
        require(path.length >= 9);
        bytes memory id = new bytes(path.length - 9);
        for (uint256 i = 0; i < id.length; ++i) {
            id[i] = path[i];
        }
        uint8 kind = uint8(path[id.length]);
        require(kind >= 1 && kind <= 3);
        bool zero = true;
        for (uint256 i = id.length + 1; i < path.length; ++i) {
            zero = zero && path[i] == 0;
        }
        require(!zero);
        _law.checkClientId(string(id));
    }

    function judgeClientId(string calldata json) external view {
        _law.checkClientId(string(vm.parseJsonBytes(json, ".id")));
    }

    function judgePort(string calldata json) external view {
        _law.checkPort(string(vm.parseJsonBytes(json, ".id")));
    }

    function judgeSendTime(string calldata json) external {
        vm.warp(vm.parseJsonUint(json, ".now"));
        MsgSendPacket memory message = _letter();
        message.timeoutTimestamp = uint64(vm.parseJsonUint(json, ".timeout"));
        probeA.send(message);
    }

    function judgeReceiveTime(string calldata json) external {
        Packet memory packet = _sent();
        packet.timeoutTimestamp = uint64(vm.parseJsonUint(json, ".timeout"));
        vm.warp(vm.parseJsonUint(json, ".now"));
        b.client.lieStored(_path(a.clientId, 1, packet.sequence));
        b.router.recvPacket(_recv(packet));
    }

    function judgeExpiryTime(string calldata json) external {
        Packet memory packet = _sent();
        packet.sequence = ++_sequence;
        packet.timeoutTimestamp = uint64(vm.parseJsonUint(json, ".timeout"));
        uint256 proven = vm.parseJsonUint(json, ".now");
        if (proven == 0) a.client.sayNoTime();
        else a.client.setProvenTime(proven);
        // Nothing was sent under this sequence, so a good timeout is a no-op.
        a.router.timeoutPacket(_timeout(packet));
    }

    /// @dev Has the router of chain B receive a packet whose other end is whatever the packet says.
    function _receive(Packet memory packet) private {
        (string memory port, string memory destination) = (packet.payloads[0].destPort, packet.destClient);
        packet.payloads[0].destPort = "probe";
        packet.destClient = b.router.addClient(_end(packet.sourceClient), address(b.client));
        b.client.lieStored(_path(packet.sourceClient, 1, packet.sequence));
        // The last second in which it may be received; a packet without a timeout has none.
        if (packet.timeoutTimestamp != 0) vm.warp(packet.timeoutTimestamp - 1);
        b.router.recvPacket(_recv(packet));
        (packet.payloads[0].destPort, packet.destClient) = (port, destination);
    }

    function _checkPath(string calldata json, string memory pathKey, string memory slotKey, bytes memory path)
        private
        pure
    {
        vm.assertEq(path, vm.parseJsonBytes(json, pathKey));
        vm.assertEq(keccak256(bytes.concat(keccak256(path), BASE)), vm.parseJsonBytes32(json, slotKey));
    }

    function _isTransfer(string calldata json, string memory key) private pure returns (bool) {
        return keccak256(bytes(vm.parseJsonString(json, key))) == keccak256("transfer");
    }
}
