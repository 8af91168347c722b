// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IApplication} from "../../../src/interfaces/IApplication.sol";
import {IClientHalts, IHaltable, ScopeKind} from "../../../src/interfaces/IHaltable.sol";
import {HoldState, IHolds} from "../../../src/interfaces/IHolds.sol";
import {Direction, Verdict} from "../../../src/interfaces/ILimits.sol";
import {Claim, ITransfer} from "../../../src/interfaces/ITransfer.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {StrangeToken} from "../../support/world/StrangeToken.sol";
import {HoldsWorld} from "./HoldsWorld.sol";

/// @notice What would break conservation halts its asset until the guardians resume it, and is kept.
contract BreachTest is HoldsWorld {
    function test_breach_on_a_receive_halts_the_asset_and_holds_the_packet() public {
        Packet memory packet = _breach();
        vm.assertEq(IHaltable(address(b.transfer)).haltedUntil(ScopeKind.Asset, _key()), type(uint64).max);
        vm.assertEq(b.transfer.getHomeBook(b.clientId, address(token)).released, 0);

        // Nothing of the asset is paid or sent, however good.
        Packet memory good = _home(address(token), 100);
        vm.expectPartialRevert(IApplication.DeliverLater.selector);
        b.router.recvPacket(_recv(good));
        vm.startPrank(alice);
        vm.expectRevert(_halted());
        b.transfer.sendTransfer(_request(b, address(token), 1));
        vm.stopPrank();
        vm.expectRevert(_halted());
        b.transfer.releaseHold(packet);
        // Other assets go on, and time alone resumes nothing.
        _paid(_atoms(1));
        _wait(11 hours);
        vm.expectPartialRevert(IApplication.DeliverLater.selector);
        b.router.recvPacket(_recv(good));
        _haltThere(ScopeKind.Asset, _key(), 0);
        _paid(good);
    }

    /// @dev An asset with a limit and nothing else to look at is paid by a shorter way.
    function test_breach_under_a_plain_limit_is_held_as_well() public {
        _limit(address(token), Direction.Receive, 1_000_000, 0);
        _breach();
        vm.assertEq(IHaltable(address(b.transfer)).haltedUntil(ScopeKind.Asset, _key()), type(uint64).max);
        vm.assertEq(b.transfer.getHomeBook(b.clientId, address(token)).released, 0);
        vm.assertEq(_lane(address(token)).available, 1_000_000);
    }

    function test_known_breach_halts_nothing_again_and_can_be_cancelled() public {
        Packet memory packet = _breach();
        _haltThere(ScopeKind.Asset, _key(), 0);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.ConservationBreach.selector, _key(), 100, 101));
        b.transfer.releaseHold(packet);
        vm.assertEq(IHaltable(address(b.transfer)).haltedUntil(ScopeKind.Asset, _key()), 0);
        vm.assertEq(_cancel(packet), _universalError());
    }

    function test_known_breach_is_paid_once_the_books_allow_it() public {
        Packet memory packet = _breach();
        _haltThere(ScopeKind.Asset, _key(), 0);
        _send(b, alice, address(token), 1, bob);
        _release(packet);
        vm.assertEq(token.balanceOf(bob), 101);
    }

    function test_breach_that_a_release_finds_halts_the_asset_and_leaves_the_queue() public {
        _send(b, alice, address(token), 100, bob);
        _limit(address(token), Direction.Receive, 100, 86_400);
        _paid(_home(address(token), 100));
        Packet memory packet = _home(address(token), 10);
        _held(packet, Verdict.HeldHeadroom);
        _wait(100);
        vm.expectEmit(address(b.transfer));
        emit IHolds.ConservationBreached(_key(), address(token), 0, 10);
        b.transfer.releaseHold(packet);
        vm.assertEq(uint256(_state(packet)), uint256(HoldState.Waiting));
        vm.assertEq(uint256(_hold(packet).reason), uint256(Verdict.HeldBreach));
        vm.assertEq(uint256(_lane(address(token)).queued), 0);
        vm.assertEq(uint256(_lane(address(token)).held), 1);
        vm.assertEq(IHaltable(address(b.transfer)).haltedUntil(ScopeKind.Asset, _key()), type(uint64).max);
        _cancel(packet);
        vm.assertEq(uint256(_lane(address(token)).held), 0);
    }

    function test_breach_is_told_after_every_reason_to_wait_and_to_refuse() public {
        _limit(address(token), Direction.Receive, 100, 0);
        vm.assertTrue(bytes4(_refused(_home(address(token), 101))) != bytes4(0));
        _policy(address(token), 50, 0);
        _held(_home(address(token), 50), Verdict.HeldLarge);
        vm.assertEq(IHaltable(address(b.transfer)).haltedUntil(ScopeKind.Asset, _key()), 0);
    }

    function test_refund_that_would_breach_halts_the_asset_and_is_parked() public {
        Packet memory packet = _send(b, alice, address(token), 100, bob);
        // The other chain lies: it has them come home first, and then says that they never arrived.
        _paid(_home(address(token), 100));
        b.client.lieStored(_path(a.clientId, 3, packet.sequence));
        vm.expectEmit(address(b.transfer));
        emit IHolds.ConservationBreached(_key(), address(token), 0, 100);
        _acknowledge(b, packet, _universalError());
        vm.assertEq(IHaltable(address(b.transfer)).haltedUntil(ScopeKind.Asset, _key()), type(uint64).max);
        Claim memory parked = b.transfer.getClaim(b.clientId, address(token), alice);
        vm.assertEq(parked.uncounted, 100);
    }

    function test_claim_is_payable_under_ordinary_halts_and_not_while_its_client_is_halted() public {
        StrangeToken strange = new StrangeToken();
        strange.mint(alice, 100);
        Packet memory packet = _send(b, alice, address(strange), 100, bob);
        strange.adopt(StrangeToken.Habit.RefusesVictim, alice);
        b.client.lieStored(_path(a.clientId, 3, packet.sequence));
        _acknowledge(b, packet, _universalError());
        strange.adopt(StrangeToken.Habit.None, address(0));

        bytes32 clientKey = keccak256(bytes(b.clientId));
        _haltThere(ScopeKind.Asset, _asset(address(strange)), type(uint64).max);
        _haltThere(ScopeKind.Token, bytes32(uint256(uint160(address(strange)))), type(uint64).max);
        _haltRouter(ScopeKind.All, 0, type(uint64).max);
        _haltRouter(ScopeKind.Client, clientKey, type(uint64).max);
        vm.expectRevert(
            abi.encodeWithSelector(IHaltable.Halted.selector, ScopeKind.Client, clientKey, type(uint64).max)
        );
        b.transfer.claim(b.clientId, address(strange), alice);
        _haltRouter(ScopeKind.Client, clientKey, 0);
        b.transfer.claim(b.clientId, address(strange), alice);
        vm.assertEq(strange.balanceOf(alice), 100);
    }

    /// @dev 100 went to A, and 101 come home.
    function _breach() private returns (Packet memory packet) {
        _send(b, alice, address(token), 100, bob);
        packet = _home(address(token), 101);
        vm.expectEmit(address(b.transfer));
        emit IHolds.ConservationBreached(_key(), address(token), 100, 101);
        _held(packet, Verdict.HeldBreach);
    }

    function _key() private view returns (bytes32) {
        return _asset(address(token));
    }

    function _halted() private view returns (bytes memory) {
        return abi.encodeWithSelector(IHaltable.Halted.selector, ScopeKind.Asset, _key(), type(uint64).max);
    }
}
