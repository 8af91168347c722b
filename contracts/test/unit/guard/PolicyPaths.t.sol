// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClientStatus} from "../../../src/interfaces/ILightClient.sol";
import {IPolicyClient} from "../../../src/interfaces/IPolicyClient.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {
    Height,
    MsgAckPacket,
    MsgRecvPacket,
    MsgSendPacket,
    MsgTimeoutPacket,
    Packet
} from "../../../src/interfaces/Messages.sol";
import {MirrorClient, Mirrors} from "../../../sdk/MirrorClient.sol";
import {GuardedWorld} from "./GuardedWorld.sol";

/// @notice A mirror that tells since when it has known a state.
contract LearnedMirror is MirrorClient {
    mapping(uint64 height => uint64) public learnedAt;

    function learn(uint64 height) external {
        learnedAt[height] = uint64(block.timestamp);
    }
}

/// @notice Packets over a policy client, whose halts are those of the real router: what its leaves say, what guardians
/// halt, and what a delay demands decides about whole packets.
contract PolicyPathsTest is GuardedWorld {
    uint64 private constant HEIGHT = 7;
    uint32 private constant DELAY = 600;

    /// @dev Leaves that follow chain A on chain B: the first has an id of its own there.
    LearnedMirror private _beacon;
    MirrorClient private _attestors;
    MirrorClient private _third;
    string private _beaconId;

    /// @dev The ends of the path: a plain client on A, the policy on B.
    string private _onA;
    string private _onB;

    function setUp() public override {
        super.setUp();
        _beacon = new LearnedMirror();
        _beacon.mirror(a.router);
        _beacon.learn(HEIGHT);
        _beaconId = b.router.addClient(_noEnd(), address(_beacon));
        _attestors = new MirrorClient();
        _attestors.mirror(a.router);
        _third = new MirrorClient();
        _third.mirror(a.router);
    }

    // What leaves prove.

    function test_all_of_carries_a_packet_and_its_answer() public {
        _open(_allOf());
        Packet memory packet = _sentOver(_onA);
        _receive(packet, _proof(true, true));
        vm.assertEq(probeB.received(), 1);
        // The other way, the policy believes the answer that A wrote.
        Packet memory back = _sentFromB();
        bytes memory answer = _deliver(a, back);
        b.router.ackPacket(_ackBy(back, answer, _proof(true, true)));
        vm.assertEq(probeB.acknowledged(), 1);
    }

    function test_all_of_needs_every_leaf() public {
        _open(_allOf());
        Packet memory packet = _sentOver(_onA);
        _refuses(packet, _proof(true, false), 1);
        _refuses(packet, _proof(false, true), 2);
    }

    /// @dev Attestors who sign whatever is wanted are not enough, and cannot take back a packet that arrived either.
    function test_all_of_survives_a_corrupted_leaf() public {
        _open(_allOf());
        Packet memory forged = _sentOver(_onA);
        forged.sequence += 1;
        _attestors.lieStored(_path(_onA, 1, forged.sequence));
        _refuses(forged, _proof(true, true), 2);

        Packet memory delivered = _sentFromB();
        _deliver(a, delivered);
        _attestors.lieAbsent(_path(_onA, 2, delivered.sequence));
        vm.warp(delivered.timeoutTimestamp);
        vm.expectRevert(_notSatisfied(2));
        b.router.timeoutPacket(_timeoutBy(delivered, _proof(true, true)));
    }

    function test_at_least_two_of_three_bear_the_loss_of_one() public {
        _open(_atLeastTwo());
        bytes memory firstTwo = abi.encodePacked(_proof(true, true), _part(""));
        bytes memory lastTwo = abi.encodePacked(_proof(false, true), _part("x"));
        bytes memory one = abi.encodePacked(_proof(false, false), _part("x"));
        _beacon.setStatus(ClientStatus.Frozen);
        Packet memory packet = _sentOver(_onA);
        _refuses(packet, firstTwo, 2);
        _refuses(packet, one, 4);
        _receive(packet, lastTwo);
        _attestors.setStatus(ClientStatus.Expired);
        packet = _sentOver(_onA);
        _refuses(packet, abi.encodePacked(_proof(true, true), _part("x")), 4);
    }

    // The time that counts is the earliest.

    function test_a_refund_waits_for_the_earliest_leaf() public {
        _open(_allOf());
        Packet memory packet = _sentFromB();
        uint64 timeout = packet.timeoutTimestamp;
        vm.warp(timeout + HOUR);
        _beacon.setProvenTime(timeout - 1);
        vm.expectRevert(abi.encodeWithSelector(IRouter.TimeoutNotReached.selector, timeout, timeout - 1));
        b.router.timeoutPacket(_timeoutBy(packet, _proof(true, true)));
        _beacon.setProvenTime(timeout);
        b.router.timeoutPacket(_timeoutBy(packet, _proof(true, true)));
        vm.assertEq(probeB.timedOut(), 1);
    }

    // Guardians.

    /// @dev A halt of a leaf's id at the real router stops the policy, and its end lets it go on by itself.
    function test_a_halted_leaf_is_absent_while_its_halt_is_on() public {
        _open(_allOf());
        Packet memory packet = _sentOver(_onA);
        _halt(b, _clientScope(_beaconId), HOUR);
        _refuses(packet, _proof(true, true), 2);
        vm.warp(NOW + HOUR - 1);
        _refuses(packet, _proof(true, true), 2);
        vm.warp(NOW + HOUR);
        _receive(packet, _proof(true, true));
    }

    /// @dev A leaf without an id is halted by its address, and stops sends as well: no answer could come back.
    function test_a_leaf_without_an_id_is_halted_by_address() public {
        _open(_allOf());
        Packet memory packet = _sentOver(_onA);
        _halt(b, _contractScope(address(_attestors)), HOUR);
        _refuses(packet, _proof(true, true), 1);
        MsgSendPacket memory letter = _letterFromB();
        vm.expectRevert(abi.encodeWithSelector(IRouter.ClientNotActive.selector, _onB, ClientStatus.Expired));
        probeB.send(letter);
    }

    function test_a_halt_of_one_of_three_leaves_the_others() public {
        _open(_atLeastTwo());
        _halt(b, _clientScope(_beaconId), HOUR);
        Packet memory packet = _sentOver(_onA);
        _receive(packet, abi.encodePacked(_proof(true, true), _part("x")));
        vm.assertEq(probeB.received(), 1);
        probeB.send(_letterFromB());
    }

    function test_a_frozen_leaf_stops_what_needs_it() public {
        _open(_allOf());
        Packet memory packet = _sentOver(_onA);
        _attestors.setStatus(ClientStatus.Frozen);
        _refuses(packet, _proof(true, true), 1);
        MsgSendPacket memory letter = _letterFromB();
        vm.expectRevert(abi.encodeWithSelector(IRouter.ClientNotActive.selector, _onB, ClientStatus.Frozen));
        probeB.send(letter);
    }

    // Delay.

    /// @dev Nobody delivers from a state that the leaf has not known for long enough, to the very second; guardians
    /// have that long to halt it.
    function test_after_waits_to_the_very_second() public {
        _open(abi.encodePacked(uint8(1), uint8(5), DELAY, address(_beacon)));
        Packet memory packet = _sentOver(_onA);
        _refuses(packet, _part("x"), 0);
        vm.warp(NOW + DELAY - 1);
        _refuses(packet, _part("x"), 0);
        vm.warp(NOW + DELAY);
        // A state that is newer has to wait again.
        _beacon.learn(HEIGHT);
        _refuses(packet, _part("x"), 0);
        vm.warp(NOW + 2 * DELAY);
        _receive(packet, _part("x"));
        vm.assertEq(probeB.received(), 1);
    }

    function test_a_halt_within_the_delay_stops_what_waits() public {
        _open(abi.encodePacked(uint8(1), uint8(5), DELAY, address(_beacon)));
        Packet memory packet = _sentOver(_onA);
        _halt(b, _clientScope(_beaconId), HOUR);
        vm.warp(NOW + DELAY);
        _refuses(packet, _part("x"), 0);
    }

    // The path.

    /// @dev A pair of clients: chain B believes chain A by this policy.
    function _open(bytes memory policy) private {
        address client = _create("PolicyClient.sol:PolicyClient", abi.encode(policy, address(b.router), authority));
        _onB = b.router.addClient(_noEnd(), client);
        (, _onA) = _newClient(a.router, b.router);
        a.router.registerCounterparty(_onA, Mirrors.end(_onB));
        b.router.registerCounterparty(_onB, Mirrors.end(_onA));
    }

    function _allOf() private view returns (bytes memory) {
        bytes memory leaves = abi.encodePacked(uint8(4), address(_beacon), uint8(4), address(_attestors));
        return abi.encodePacked(uint8(1), uint8(1), uint8(2), leaves);
    }

    function _atLeastTwo() private view returns (bytes memory) {
        bytes memory leaves = abi.encodePacked(uint8(4), address(_beacon), uint8(4), address(_attestors));
        leaves = abi.encodePacked(leaves, uint8(4), address(_third));
        return abi.encodePacked(uint8(1), uint8(3), uint8(2), uint8(3), leaves);
    }

    function _sentOver(string memory client) private returns (Packet memory) {
        MsgSendPacket memory letter = _letter();
        letter.sourceClient = client;
        letter.timeoutTimestamp = uint64(block.timestamp) + 12 * HOUR;
        vm.recordLogs();
        probeA.send(letter);
        return _sentPacket();
    }

    function _letterFromB() private view returns (MsgSendPacket memory letter) {
        letter = _letter();
        letter.sourceClient = _onB;
        letter.timeoutTimestamp = uint64(block.timestamp) + 12 * HOUR;
    }

    function _sentFromB() private returns (Packet memory) {
        vm.recordLogs();
        probeB.send(_letterFromB());
        return _sentPacket();
    }

    function _receive(Packet memory packet, bytes memory proof) private {
        b.router.recvPacket(_recvBy(packet, proof));
        vm.assertTrue(b.router.isPacketReceived(packet), "received");
    }

    function _refuses(Packet memory packet, bytes memory proof, uint256 counted) private {
        vm.expectRevert(_notSatisfied(counted));
        b.router.recvPacket(_recvBy(packet, proof));
        vm.assertFalse(b.router.isPacketReceived(packet), "not received");
    }

    function _recvBy(Packet memory packet, bytes memory proof) private pure returns (MsgRecvPacket memory) {
        return MsgRecvPacket(packet, proof, Height(0, HEIGHT));
    }

    function _ackBy(Packet memory packet, bytes memory answer, bytes memory proof)
        private
        pure
        returns (MsgAckPacket memory)
    {
        return MsgAckPacket(packet, answer, proof, Height(0, HEIGHT));
    }

    function _timeoutBy(Packet memory packet, bytes memory proof) private pure returns (MsgTimeoutPacket memory) {
        return MsgTimeoutPacket(packet, proof, Height(0, HEIGHT));
    }

    function _notSatisfied(uint256 counted) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPolicyClient.NotSatisfied.selector, counted);
    }

    /// @dev What the first two leaves are shown.
    function _proof(bool first, bool second) private pure returns (bytes memory) {
        return abi.encodePacked(_part(first ? bytes("x") : bytes("")), _part(second ? bytes("x") : bytes("")));
    }

    function _part(bytes memory proof) private pure returns (bytes memory) {
        return abi.encodePacked(uint64(0), HEIGHT, uint32(proof.length), proof);
    }
}
