// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IApplication} from "../../../src/interfaces/IApplication.sol";
import {IHaltable, ScopeKind} from "../../../src/interfaces/IHaltable.sol";
import {HoldState, IHolds} from "../../../src/interfaces/IHolds.sol";
import {ClientStatus} from "../../../src/interfaces/ILightClient.sol";
import {Direction, ILimits, Lane, Verdict} from "../../../src/interfaces/ILimits.sol";
import {ITransfer, ITransferDesk} from "../../../src/interfaces/ITransfer.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {StrangeToken} from "../../support/world/StrangeToken.sol";
import {IToken} from "../../support/world/World.sol";
import {Forwarder, HoldsWorld} from "./HoldsWorld.sol";

/// @notice The life of a held transfer: it waits, and ends once.
contract HoldsTest is HoldsWorld {
    bytes private constant SUCCESS = '{"result":"AQ=="}';

    function test_waits_for_headroom_and_is_released_by_anybody() public {
        Packet memory packet = _emptied(500);
        vm.assertEq(uint256(_lane(atom).queued), 1);
        vm.expectRevert(abi.encodeWithSelector(ILimits.RefusedByLimit.selector, Verdict.HeldHeadroom, atom, 500, 0));
        b.transfer.releaseHold(packet);
        _wait(500);
        vm.assertEq(_release(packet), SUCCESS);
        vm.assertEq(IToken(atom).balanceOf(bob), 1500);
        vm.assertTrue(b.router.isPacketReceiveSuccessful(packet));
        vm.assertEq(uint256(_lane(atom).held), 0);
        _ended(packet, HoldState.Paid);
    }

    function test_queue_is_in_order_of_arrival() public {
        Packet memory first = _emptied(500);
        Packet memory second = _atoms(10);
        _held(second, Verdict.HeldQueue);
        _wait(500);
        vm.expectRevert(abi.encodeWithSelector(IHolds.NotFirst.selector, first.sequence, second.sequence));
        b.transfer.releaseHold(second);
        _release(first);
        _wait(10);
        _release(second);
        vm.assertEq(IToken(atom).balanceOf(bob), 1510);
    }

    function test_small_amount_passes_the_queue() public {
        _limit(atom, Direction.Receive, 1_000_000, 86_400);
        _paid(_atoms(1_000_000));
        _held(_atoms(1000), Verdict.HeldHeadroom);
        _wait(900);
        _paid(_atoms(900));
        vm.assertEq(uint256(_lane(atom).queued), 1);
    }

    function test_leaves_the_queue_from_any_place() public {
        Packet[5] memory packets;
        packets[0] = _emptied(10);
        for (uint256 i = 1; i < 5; ++i) {
            packets[i] = _atoms(10);
            _held(packets[i], Verdict.HeldQueue);
        }
        _cancel(packets[2]);
        _cancel(packets[4]);
        _cancel(packets[0]);
        Lane memory lane = _lane(atom);
        vm.assertEq(uint256(lane.head), packets[1].sequence);
        vm.assertEq(uint256(lane.tail), packets[3].sequence);
        vm.assertEq(uint256(lane.queued), 2);
        _wait(20);
        _release(packets[1]);
        _release(packets[3]);
        lane = _lane(atom);
        vm.assertEq(uint256(lane.head) + lane.tail + lane.queued + lane.held, 0);
        _wait(5);
        _paid(_atoms(5));
    }

    function test_large_transfer_waits_in_its_own_lane() public {
        _limit(atom, Direction.Receive, 1000, 86_400);
        _policy(atom, 700, 2 hours);
        Packet memory large = _atoms(700);
        _held(large, Verdict.HeldLarge);
        // Those behind it do not wait.
        _paid(_atoms(300));
        uint256 dueAt = block.timestamp + 2 hours;
        _wait(2 hours - 1);
        vm.expectRevert(abi.encodeWithSelector(IHolds.NotDue.selector, dueAt, dueAt - 1));
        b.transfer.releaseHold(large);
        _wait(1);
        vm.assertEq(_release(large), SUCCESS);
        vm.prank(GOVERNANCE);
        vm.expectRevert(abi.encodeWithSelector(ILimits.DelayTooLong.selector, 48 hours + 1, 48 hours));
        b.transfer.setHoldPolicy(b.clientId, atom, 1, 48 hours + 1);
    }

    function test_guardians_cancel_and_nobody_else() public {
        Packet memory packet = _emptied(500);
        bytes memory refusal = abi.encodeWithSelector(IHaltable.NotGuardians.selector, GOVERNANCE, _guardians());
        vm.prank(GOVERNANCE);
        vm.expectRevert(refusal);
        b.transfer.cancelHold(packet);
        _wait(1000);
        vm.assertEq(_cancel(packet), _universalError());
        vm.assertEq(IToken(atom).balanceOf(bob), 1000);
        _ended(packet, HoldState.Refused);
    }

    function test_cancelled_transfer_is_refunded_at_its_source() public {
        _limit(_voucherOnB(), Direction.Receive, 1000, 0);
        _carry(a, b, alice, address(token), 1000, bob);
        Packet memory packet = _send(a, alice, address(token), 300, bob);
        _held(packet, Verdict.HeldHeadroom);
        bytes memory answer = _cancel(packet);
        _acknowledge(a, packet, answer);
        vm.assertEq(token.balanceOf(alice), 999_000);
    }

    function test_anybody_expires_what_waited_for_three_days() public {
        Packet memory packet = _emptied(500);
        uint256 dueAt = block.timestamp + 72 hours;
        vm.assertEq(uint256(b.transfer.HOLD_SECONDS_MAX()), 72 hours);
        _wait(72 hours - 1);
        vm.expectRevert(abi.encodeWithSelector(IHolds.NotDue.selector, dueAt, dueAt - 1));
        b.transfer.expireHold(packet);
        _wait(1);
        vm.assertEq(_expire(packet), _universalError());
        _ended(packet, HoldState.Refused);
    }

    function test_release_then_cancel_in_one_block_pays_once() public {
        Packet memory packet = _emptied(500);
        _wait(72 hours);
        _release(packet);
        _ended(packet, HoldState.Paid);
        vm.assertEq(IToken(atom).balanceOf(bob), 1500);
    }

    function test_cancel_then_release_in_one_block_pays_nothing() public {
        Packet memory packet = _emptied(500);
        _wait(72 hours);
        _cancel(packet);
        _ended(packet, HoldState.Refused);
        vm.assertEq(IToken(atom).balanceOf(bob), 1000);
    }

    function test_nobody_redirects_a_hold() public {
        Packet memory packet = _emptied(500);
        Packet memory other = _atoms(500);
        other.sequence = packet.sequence;
        other.payloads[0].value = abi.encode("uatom", "whoever", _hex(alice), uint256(500), "");
        _wait(500);
        bytes memory refusal = abi.encodeWithSelector(
            IHolds.NotHeld.selector, keccak256(bytes(b.clientId)), packet.sequence, HoldState.Waiting
        );
        vm.expectRevert(refusal);
        b.transfer.releaseHold(other);
        vm.prank(_guardians());
        vm.expectRevert(refusal);
        b.transfer.cancelHold(other);
    }

    function test_at_most_1024_are_held() public {
        _emptied(10);
        for (uint256 i = 1; i < 1024; ++i) {
            b.router.recvPacket(_recv(_atoms(10)));
        }
        vm.assertEq(uint256(_lane(atom).held), 1024);
        bytes memory expected =
            abi.encodeWithSelector(ILimits.RefusedByLimit.selector, Verdict.TooManyHeld, atom, 10, 1024);
        vm.assertEq(_refused(_atoms(10)), expected);
    }

    function test_release_that_the_token_refuses_is_refused_and_the_queue_moves_on() public {
        StrangeToken strange = _strange(2000, 1000);
        Packet memory first = _home(address(strange), 500);
        _held(first, Verdict.HeldHeadroom);
        Packet memory second = _home(address(strange), 100);
        _held(second, Verdict.HeldQueue);
        _wait(600);
        strange.adopt(StrangeToken.Habit.RefusesVictim, bob);
        vm.assertEq(_release(first), _universalError());
        _ended(first, HoldState.Refused);
        // Nothing left: neither the books nor the limit count it.
        vm.assertEq(b.transfer.getHomeBook(b.clientId, address(strange)).released, 1000);
        vm.assertEq(_lane(address(strange)).available, 600);
        strange.adopt(StrangeToken.Habit.None, address(0));
        _release(second);
        vm.assertEq(strange.balanceOf(bob), 1100);
    }

    function test_lack_of_gas_is_no_refusal() public {
        StrangeToken strange = _strange(2000, 1000);
        Packet memory packet = _home(address(strange), 500);
        _held(packet, Verdict.HeldHeadroom);
        _wait(500);
        strange.adopt(StrangeToken.Habit.BurnsGasForVictim, bob);
        for (uint256 gasAmount = 20_000; gasAmount < 300_000; gasAmount += 10_000) {
            (bool done,) = address(b.transfer).call{gas: gasAmount}(abi.encodeCall(IHolds.releaseHold, (packet)));
            vm.assertFalse(done);
        }
        vm.assertEq(uint256(_state(packet)), uint256(HoldState.Waiting));
        vm.assertEq(_release(packet), _universalError());
    }

    function test_t46_token_that_calls_back_gains_nothing() public {
        StrangeToken strange = _strange(2000, 1000);
        Packet memory packet = _home(address(strange), 500);
        _held(packet, Verdict.HeldHeadroom);
        Packet memory other = _home(address(strange), 100);
        _held(other, Verdict.HeldQueue);
        _wait(72 hours);
        vm.etch(_guardians(), address(new Forwarder()).code);
        bytes[5] memory calls = [
            abi.encodeCall(IHolds.releaseHold, (packet)),
            abi.encodeCall(IHolds.releaseHold, (other)),
            abi.encodeCall(IHolds.expireHold, (other)),
            abi.encodeCall(ITransferDesk.claim, (b.clientId, address(strange), bob)),
            abi.encodeCall(Forwarder.forward, (address(b.transfer), abi.encodeCall(IHolds.cancelHold, (other))))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            strange.setHook(i == 4 ? _guardians() : address(b.transfer), calls[i]);
            vm.assertEq(_release(packet), SUCCESS);
            vm.assertFalse(strange.hookSucceeded());
            vm.assertEq(strange.balanceOf(bob), 1500);
            vm.assertEq(uint256(_state(other)), uint256(HoldState.Waiting));
            vm.revertToState(snapshot);
        }
        // Outside of a release each of them does something.
        vm.prank(_guardians());
        Forwarder(_guardians()).forward(address(b.transfer), abi.encodeCall(IHolds.cancelHold, (other)));
    }

    function test_frozen_client_releases_nothing() public {
        Packet memory packet = _emptied(500);
        _wait(500);
        b.client.setStatus(ClientStatus.Frozen);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.ClientFrozen.selector, b.clientId));
        b.transfer.releaseHold(packet);
        vm.assertEq(_cancel(packet), _universalError());
    }

    function test_code_of_other_parts_is_no_desk() public {
        address one = account("one");
        address escrows = _create("Escrows.sol:Escrows", abi.encode(one));
        address limitDesk = _create("LimitDesk.sol:LimitDesk", abi.encode(authority, one, one, escrows, one));
        bytes memory parts = abi.encode(authority, one, one, escrows, alice);
        vm.expectRevert(bytes("deployment reverted"));
        this.deploy("TransferDesk.sol:TransferDesk", bytes.concat(parts, abi.encode(limitDesk)));
    }

    function deploy(string calldata artifact, bytes calldata arguments) external {
        _create(artifact, arguments);
    }

    function test_halted_receive_leaves_no_receipt_and_can_be_delivered_later() public {
        Packet memory packet = _atoms(5);
        uint64 until = uint64(block.timestamp) + 1 hours;
        _haltThere(ScopeKind.Asset, _asset(atom), until);
        bytes memory reason = abi.encodeWithSelector(IHaltable.Halted.selector, ScopeKind.Asset, _asset(atom), until);
        vm.expectRevert(abi.encodeWithSelector(IApplication.DeliverLater.selector, reason));
        b.router.recvPacket(_recv(packet));
        vm.assertFalse(b.router.isPacketReceived(packet));
        _wait(1 hours);
        _paid(packet);
    }

    function test_release_meets_every_halt_and_cancel_none() public {
        bytes32 clientKey = keccak256(bytes(b.clientId));
        bytes32 light = bytes32(uint256(uint160(address(b.client))));
        _stopsRelease(ScopeKind.Asset, _asset(atom), false);
        _stopsRelease(ScopeKind.Direction, keccak256(abi.encode(clientKey, uint8(1))), false);
        _stopsRelease(ScopeKind.Token, bytes32(uint256(uint160(atom))), false);
        _stopsRelease(ScopeKind.Application, keccak256("transfer"), true);
        _stopsRelease(ScopeKind.All, 0, true);
        _stopsRelease(ScopeKind.Client, clientKey, true);
        _stopsRelease(ScopeKind.ClientContract, light, true);
    }

    function test_halts_of_the_application_are_those_it_keeps() public {
        vm.prank(_guardians());
        vm.expectRevert(abi.encodeWithSelector(IHaltable.ScopeNotKept.selector, ScopeKind.Client));
        IHaltable(address(b.transfer)).setHalt(ScopeKind.Client, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IHaltable.NotGuardians.selector, alice, _guardians()));
        vm.prank(alice);
        IHaltable(address(b.transfer)).setHalt(ScopeKind.Asset, 0, 1);
    }

    function test_halted_direction_stops_sends_and_not_refunds() public {
        Packet memory packet = _send(b, alice, address(token), 100, bob);
        bytes32 key = keccak256(abi.encode(keccak256(bytes(b.clientId)), uint8(0)));
        _haltThere(ScopeKind.Direction, key, type(uint64).max);
        vm.startPrank(alice);
        token.approve(address(b.transfer), 5);
        vm.expectRevert(abi.encodeWithSelector(IHaltable.Halted.selector, ScopeKind.Direction, key, type(uint64).max));
        b.transfer.sendTransfer(_request(b, address(token), 5));
        vm.stopPrank();
        b.client.lieStored(_path(a.clientId, 3, packet.sequence));
        _acknowledge(b, packet, _universalError());
        vm.assertEq(token.balanceOf(alice), 1_000_000);
    }

    /// @dev The bucket of the voucher is empty and one unit comes a second; a transfer of `amount` is the first to
    /// wait.
    function _emptied(uint256 amount) private returns (Packet memory packet) {
        _limit(atom, Direction.Receive, 1000, 86_400);
        _paid(_atoms(1000));
        packet = _atoms(amount);
        _held(packet, Verdict.HeldHeadroom);
    }

    /// @dev A token of B, of which `locked` went to A; a limit of `capacity`, all of which came home.
    function _strange(uint256 locked, uint128 capacity) private returns (StrangeToken strange) {
        strange = new StrangeToken();
        strange.mint(alice, locked);
        _send(b, alice, address(strange), locked, bob);
        _limit(address(strange), Direction.Receive, capacity, 86_400);
        _paid(_home(address(strange), capacity));
    }

    function _stopsRelease(ScopeKind kind, bytes32 key, bool ofRouter) private {
        uint256 snapshot = vm.snapshotState();
        Packet memory packet = _emptied(500);
        _wait(500);
        if (ofRouter) _haltRouter(kind, key, type(uint64).max);
        else _haltThere(kind, key, type(uint64).max);
        vm.expectRevert(abi.encodeWithSelector(IHaltable.Halted.selector, kind, key, type(uint64).max));
        b.transfer.releaseHold(packet);
        vm.assertEq(_cancel(packet), _universalError());
        vm.revertToState(snapshot);
    }

    /// @dev Nothing ends it a second time.
    function _ended(Packet memory packet, HoldState state) private {
        vm.assertEq(uint256(_state(packet)), uint256(state));
        bytes memory refusal =
            abi.encodeWithSelector(IHolds.NotHeld.selector, keccak256(bytes(b.clientId)), packet.sequence, state);
        vm.expectRevert(refusal);
        b.transfer.releaseHold(packet);
        vm.expectRevert(refusal);
        b.transfer.expireHold(packet);
        vm.prank(_guardians());
        vm.expectRevert(refusal);
        b.transfer.cancelHold(packet);
    }

    function _voucherOnB() private view returns (address) {
        return address(_voucher(b, address(token)));
    }
}
