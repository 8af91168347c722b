// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthority} from "../../script/Proof.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {IClients, IRouter} from "../../src/interfaces/IRouter.sol";
import {
    Height,
    MsgAckPacket,
    MsgRecvPacket,
    MsgSendPacket,
    MsgTimeoutPacket,
    Packet
} from "../../src/interfaces/Messages.sol";
import {MirrorClient} from "../../sdk/MirrorClient.sol";
import {Probe} from "../support/world/Probe.sol";
import {RouterWorld} from "../unit/router/RouterWorld.sol";

/// @notice Failures of other bridges, tried on the router. Numbers are those of the list of incident tests.
contract RouterIncidentsTest is RouterWorld {
    /// @dev A timeout built on an absence that does not hold leaves the packet committed and refunds nothing.
    function test_t04_forged_absence_leaves_the_packet_committed() public {
        Packet memory packet = _sent();
        _deliver(b, packet);
        vm.warp(packet.timeoutTimestamp);
        bytes32 key = keccak256(_path(a.clientId, 1, packet.sequence));
        bytes32 before = a.router.getCommitment(key);
        vm.expectPartialRevert(MirrorClient.Stored.selector);
        a.router.timeoutPacket(_timeout(packet));
        vm.assertEq(a.router.getCommitment(key), before);
        vm.assertEq(probeA.timedOut(), 0);
    }

    /// @dev A proof of one packet carries no other: each field is bound by the commitment or by its path.
    function test_t09_valid_proof_for_another_packet_is_refused() public {
        Packet memory good = _sent();
        for (uint256 field = 0; field < 8; ++field) {
            Packet memory packet = abi.decode(abi.encode(good), (Packet));
            if (field == 0) packet.sequence += 1;
            if (field == 1) packet.timeoutTimestamp += 1;
            if (field == 2) packet.payloads[0].sourcePort = "transfer";
            if (field == 3) packet.payloads[0].destPort = "transfer";
            if (field == 4) packet.payloads[0].version = "probe-2";
            if (field == 5) packet.payloads[0].encoding = "text/html";
            if (field == 6) packet.payloads[0].value = "goodbye";
            // The same bytes, cut differently between two fields.
            if (field == 7) (packet.payloads[0].version, packet.payloads[0].encoding) = ("probe-1t", "ext/plain");
            vm.expectPartialRevert(MirrorClient.NotStored.selector);
            b.router.recvPacket(_recv(packet));
        }
        b.router.recvPacket(_recv(good));
    }

    /// @dev What was consumed is remembered by client and sequence, not by the bytes of its proof.
    function test_t12_other_proof_of_a_consumed_packet_executes_nothing() public {
        Packet memory packet = _sent();
        bytes memory answer = _deliver(b, packet);
        MsgRecvPacket memory again = _recv(packet);
        (again.proofCommitment, again.proofHeight) = ("another proof", Height(0, 2));
        b.router.recvPacket(again);
        vm.assertEq(probeB.received(), 1);
        _acknowledge(a, packet, answer);
        a.router.ackPacket(MsgAckPacket(packet, answer, "another proof", Height(0, 2)));
        vm.assertEq(probeA.acknowledged(), 1);
    }

    /// @dev No packet can make the router do anything but call the application of its port; governance is not a port.
    function test_t10_t32_packet_cannot_reach_the_routers_own_powers() public {
        vm.expectPartialRevert(IRouter.InvalidApplication.selector);
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("router", address(b.router));
        vm.expectPartialRevert(IClients.InvalidClient.selector);
        b.router.addClient(_noEnd(), address(b.router));
        // An application that calls the router's powers has only its own rights.
        Packet memory packet = _sent();
        probeB.setCall(abi.encodeCall(IClients.migrateClient, (b.clientId, _end("client-5"), address(a.client))));
        _deliver(b, packet);
        vm.assertFalse(probeB.callSucceeded());
        vm.assertEq(bytes32(bytes4(probeB.callOutput())), bytes32(IGoverned.NotGovernance.selector));
    }

    /// @dev Nothing is "verified already": an empty proof is refused even right after a good one of the same packet.
    function test_t25_empty_proof_is_refused_also_beside_a_good_one() public {
        Packet memory packet = _sent();
        MsgRecvPacket memory empty = _recv(packet);
        empty.proofCommitment = "";
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IRouter.recvPacket, (_recv(packet)));
        calls[1] = abi.encodeCall(IRouter.recvPacket, (empty));
        vm.expectRevert(IRouter.EmptyProof.selector);
        b.router.multicall(calls);

        bytes memory answer = _deliver(b, packet);
        vm.expectRevert(IRouter.EmptyProof.selector);
        a.router.ackPacket(MsgAckPacket(packet, answer, "", Height(0, 1)));
        Packet memory late = _sent();
        vm.warp(late.timeoutTimestamp);
        vm.expectRevert(IRouter.EmptyProof.selector);
        a.router.timeoutPacket(MsgTimeoutPacket(late, "", Height(0, 1)));
    }

    /// @dev Default values are trusted nowhere: no client, no packet, no commitment of zero.
    function test_t33_zero_values_are_never_trusted() public {
        Packet memory nothing;
        vm.expectPartialRevert(IRouter.InvalidPayloadCount.selector);
        b.router.recvPacket(_recv(nothing));
        vm.expectPartialRevert(IClients.UnknownClient.selector);
        b.router.getClient("");
        // A commitment of zero is proof of nothing: what was never sent cannot be settled, though nothing is stored.
        Packet memory packet = _sent();
        packet.sequence = 77;
        vm.warp(packet.timeoutTimestamp);
        vm.expectEmit(address(a.router));
        emit IRouter.Noop();
        a.router.timeoutPacket(_timeout(packet));
        vm.assertEq(probeA.timedOut(), 0);
        // A client of the router that never stored anything cannot make absence out of a missing one.
        packet = _sent();
        packet.sequence = 88;
        vm.expectPartialRevert(MirrorClient.NotStored.selector);
        b.router.recvPacket(_recv(packet));
    }

    /// @dev Two client ids over one contract are two clients: packets of one are none of the other.
    function test_t41_new_client_cannot_alias_a_route() public {
        Packet memory packet = _sent();
        vm.startPrank(alice);
        string memory squatted = b.router.addClient(_end(a.clientId), address(b.client));
        vm.stopPrank();
        packet.destClient = squatted;
        // The commitment names the destination client, so the honest chain never committed to this packet.
        vm.expectPartialRevert(MirrorClient.NotStored.selector);
        b.router.recvPacket(_recv(packet));
        // Nor can anybody take the id itself, or change who is at its other end.
        vm.expectPartialRevert(IGoverned.NotGovernance.selector);
        vm.prank(alice);
        b.router.addClient(b.clientId, _end("client-5"), address(b.client));
        vm.expectPartialRevert(IClients.NotClientCreator.selector);
        vm.prank(alice);
        b.router.registerCounterparty(b.clientId, _end("client-5"));
    }

    /// @dev A callback that comes back into the router is refused, whichever way it comes.
    function test_t46_callbacks_cannot_reenter() public {
        Packet memory other = _sent();
        Packet memory packet = _sent();
        bytes[] memory inner = new bytes[](1);
        inner[0] = abi.encodeCall(IRouter.recvPacket, (_recv(other)));
        bytes[5] memory calls = [
            inner[0],
            abi.encodeCall(IRouter.ackPacket, (_ack(packet, "fine"))),
            abi.encodeCall(IRouter.timeoutPacket, (_timeout(packet))),
            abi.encodeCall(IClients.updateClient, (b.clientId, "update")),
            abi.encodeCall(IRouter.multicall, (inner))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            probeB.setCall(calls[i]);
            _deliver(b, packet);
            _refusedAsReentrant(probeB);
            packet = _sent();
        }
        probeB.setMood(Probe.Mood.Answer);

        // The same from the callbacks of acknowledgement and timeout, after the commitment is gone.
        bytes memory answer = _deliver(b, packet);
        probeA.setCall(abi.encodeCall(IRouter.ackPacket, (_ack(packet, answer))));
        _acknowledge(a, packet, answer);
        _refusedAsReentrant(probeA);
        vm.assertEq(probeA.acknowledged(), 1);
        packet = _sent();
        vm.warp(packet.timeoutTimestamp);
        probeA.setCall(abi.encodeCall(IRouter.timeoutPacket, (_timeout(packet))));
        _timeOut(a, packet);
        _refusedAsReentrant(probeA);
        vm.assertEq(probeA.timedOut(), 1);
    }

    /// @dev Not even whom governance lets replace clients replaces one while it is asked about a packet.
    function test_t46_no_client_is_replaced_during_a_delivery() public {
        vm.prank(GOVERNANCE);
        IAuthority(authority).grantRole(0, address(probeB), 0);
        bytes memory call =
            abi.encodeCall(IClients.migrateClient, (b.clientId, _end(a.clientId), address(new MirrorClient())));
        Packet memory packet = _sent();
        probeB.setCall(call);
        _deliver(b, packet);
        _refusedAsReentrant(probeB);
        vm.assertEq(probeB.received(), 1);
        // As soon as nothing is delivered it may.
        vm.prank(address(probeB));
        (bool replaced,) = address(b.router).call(call);
        vm.assertTrue(replaced);
    }

    /// @dev A light client that calls back while it is asked gets no further than anybody else.
    function test_t46_light_client_cannot_reenter() public {
        Packet memory packet = _sent();
        ReentrantClient client = new ReentrantClient(b.router);
        vm.prank(GOVERNANCE);
        b.router.migrateClient(b.clientId, _end(a.clientId), address(client));
        client.set(abi.encodeCall(IRouter.recvPacket, (_recv(packet))));
        b.router.updateClient(b.clientId, "");
        vm.assertFalse(client.succeeded());
        _deliver(b, packet);
        vm.assertFalse(client.succeeded());
        vm.assertEq(probeB.received(), 1);
    }

    /// @dev Sending from a callback is allowed: applications forward what they receive.
    function test_t46_callback_may_send() public {
        Packet memory packet = _sent();
        MsgSendPacket memory onward = _letter();
        onward.sourceClient = b.clientId;
        probeB.setCall(abi.encodeCall(IRouter.sendPacket, (onward)));
        _deliver(b, packet);
        vm.assertTrue(probeB.callSucceeded());
        vm.assertEq(b.router.getNextSequenceSend(b.clientId), 2);
    }

    /// @dev A message that can never be delivered blocks nothing and times out.
    function test_t48_poison_message_blocks_nothing_and_times_out() public {
        Packet memory poison = _sent();
        probeB.setMood(Probe.Mood.BurnGas);
        vm.expectPartialRevert(IRouter.CallbackFailed.selector);
        b.router.recvPacket(_recv(poison));
        probeB.setMood(Probe.Mood.Answer);
        Packet memory later = _sent();
        _acknowledge(a, later, _deliver(b, later));
        vm.assertEq(probeA.acknowledged(), 1);
        vm.warp(poison.timeoutTimestamp);
        _timeOut(a, poison);
        vm.assertEq(probeA.timedOut(), 1);
    }

    function _refusedAsReentrant(Probe probe) private view {
        vm.assertFalse(probe.callSucceeded());
        vm.assertEq(bytes32(bytes4(probe.callOutput())), bytes32(bytes4(keccak256("ReentrancyGuardReentrantCall()"))));
    }
}

/// @notice A light client that believes everything and calls the router whenever it is asked.
contract ReentrantClient {
    IRouter private immutable _router;
    bytes private _call;
    bool public succeeded;

    constructor(IRouter router) {
        _router = router;
    }

    function set(bytes calldata call) external {
        _call = call;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        (bool ok,) = address(_router).call(_call);
        succeeded = succeeded || ok;
        return abi.encode(1);
    }
}
