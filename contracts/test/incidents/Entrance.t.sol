// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IApplication,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "../../src/interfaces/IApplication.sol";
import {MsgAckPacket, Packet} from "../../src/interfaces/Messages.sol";
import {IRouter} from "../../src/interfaces/IRouter.sol";
import {ITransfer, ITransferDesk} from "../../src/interfaces/ITransfer.sol";
import {StrangeToken} from "../support/world/StrangeToken.sol";
import {World} from "../support/world/World.sol";

interface ILocked {
    error ReentrancyGuardReentrantCall();
}

/// @title EntranceTest
/// @notice Who may enter the transfer application, and when: only the router tells it what became of a packet, and
/// while it handles one, no token can make it do anything else.
contract EntranceTest is World {
    StrangeToken private strange;

    function setUp() public override {
        super.setUp();
        strange = new StrangeToken();
        strange.mint(alice, 1000);
    }

    function test_t42_only_the_router_tells_what_became_of_a_packet() public {
        Packet memory packet = _send(a, alice, address(token), 100, bob);
        IApplication application = IApplication(address(a.transfer));
        bytes memory refused = abi.encodeWithSelector(ITransfer.NotRouter.selector, alice, a.router);

        OnRecvPacketCallback memory received;
        (received.sourceClient, received.destinationClient) = (b.clientId, a.clientId);
        (received.sequence, received.payload) = (1, packet.payloads[0]);
        vm.prank(alice);
        vm.expectRevert(refused);
        application.onRecvPacket(received);

        OnAcknowledgementPacketCallback memory answered;
        (answered.sourceClient, answered.destinationClient) = (a.clientId, b.clientId);
        (answered.sequence, answered.payload) = (packet.sequence, packet.payloads[0]);
        answered.acknowledgement = _universalError();
        vm.prank(alice);
        vm.expectRevert(refused);
        application.onAcknowledgementPacket(answered);

        OnTimeoutPacketCallback memory late;
        (late.sourceClient, late.destinationClient) = (a.clientId, b.clientId);
        (late.sequence, late.payload) = (packet.sequence, packet.payloads[0]);
        vm.prank(alice);
        vm.expectRevert(refused);
        application.onTimeoutPacket(late);
        vm.assertEq(a.transfer.getHomeBook(a.clientId, address(token)).released, 0);
    }

    function test_t46_nothing_is_claimed_during_a_refund_for_a_timeout() public {
        Packet memory packet = _parkAndHook();
        vm.warp(packet.timeoutTimestamp);
        _timeOut(a, packet);
        _checkLocked();
    }

    function test_t46_nothing_is_claimed_during_a_refund_for_a_refusal() public {
        Packet memory packet = _parkAndHook();
        a.client.lieStored(abi.encodePacked(b.clientId, uint8(3), packet.sequence));
        _acknowledge(a, packet, _universalError());
        _checkLocked();
    }

    function test_t46_nothing_is_claimed_during_a_payout() public {
        _carry(a, b, alice, address(strange), 100, bob);
        Packet memory home = _send(b, bob, address(_voucher(b, address(strange))), 50, bob);
        _parkAndHook();
        _deliver(a, home);
        vm.assertEq(strange.balanceOf(bob), 50);
        _checkLocked();
    }

    /// @dev The same bytes in other fields are another packet: none of the two is settled or received for the other.
    function test_t43_fields_of_a_packet_do_not_run_into_each_other() public {
        Packet memory packet = _send(a, alice, address(token), 100, bob);
        Packet memory shifted = abi.decode(abi.encode(packet), (Packet));
        shifted.payloads[0].sourcePort = "transfe";
        shifted.payloads[0].destPort = "rtransfer";
        vm.expectRevert();
        b.router.recvPacket(_recv(shifted));
        vm.assertEq(_deliver(b, packet), bytes('{"result":"AQ=="}'));

        // Even clients that prove everything cannot make one of the other.
        b.client.lieStored(abi.encodePacked(a.clientId, uint8(1), packet.sequence));
        vm.expectPartialRevert(IRouter.ReceiptMismatch.selector);
        b.router.recvPacket(_recv(shifted));
        a.client.lieStored(abi.encodePacked(b.clientId, uint8(3), packet.sequence));
        MsgAckPacket memory refused = _ack(shifted, _universalError());
        vm.expectPartialRevert(IRouter.CommitmentMismatch.selector);
        a.router.ackPacket(refused);
        vm.assertTrue(_voucher(b, address(token)).balanceOf(bob) == 100);
    }

    /// @dev Parks a refund of 10 for alice, and has every transfer of the token claim it.
    /// @return packet Another packet of hers, under way.
    function _parkAndHook() private returns (Packet memory packet) {
        Packet memory first = _send(a, alice, address(strange), 10, bob);
        strange.adopt(StrangeToken.Habit.RefusesVictim, alice);
        a.client.lieStored(abi.encodePacked(b.clientId, uint8(3), first.sequence));
        _acknowledge(a, first, _universalError());
        vm.assertEq(a.transfer.getClaim(a.clientId, address(strange), alice).counted, 10);
        strange.adopt(StrangeToken.Habit.None, address(0));
        packet = _send(a, alice, address(strange), 20, bob);
        strange.setHook(address(a.transfer), abi.encodeCall(ITransferDesk.claim, (a.clientId, address(strange), alice)));
    }

    function _checkLocked() private view {
        vm.assertFalse(strange.hookSucceeded());
        vm.assertEq(bytes32(bytes4(strange.hookOutput())), bytes32(ILocked.ReentrancyGuardReentrantCall.selector));
        vm.assertEq(a.transfer.getClaim(a.clientId, address(strange), alice).counted, 10);
    }
}
