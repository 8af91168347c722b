// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IHaltable, ScopeKind} from "../../../src/interfaces/IHaltable.sol";
import {ClientStatus} from "../../../src/interfaces/ILightClient.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {Claim, FungibleTokenPacketData, ITransfer, ITransferDesk} from "../../../src/interfaces/ITransfer.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {StrangeToken} from "../../support/world/StrangeToken.sol";
import {IToken, World} from "../../support/world/World.sol";

/// @notice What happens to a transfer that did not arrive: it is given back once, or parked for its sender.
contract RefundTest is World {
    StrangeToken private _strange;

    function setUp() public override {
        super.setUp();
        _strange = new StrangeToken();
        _strange.mint(alice, 1000);
    }

    function test_error_acknowledgement_gives_back() public {
        Packet memory packet = _send(a, alice, address(token), 1000, bob);
        vm.assertEq(token.balanceOf(alice), 999_000);
        _refuse(packet);
        vm.assertEq(token.balanceOf(alice), 1_000_000);
    }

    function test_error_acknowledgement_mints_back() public {
        _carry(a, b, alice, address(token), 1000, bob);
        IToken voucher = _voucher(b, address(token));
        Packet memory packet = _send(b, bob, address(voucher), 300, alice);
        vm.assertEq(b.transfer.getVoucherBook(b.clientId, address(voucher)).unsettled, 300);
        b.client.lieStored(_path(a.clientId, 3, packet.sequence));
        _acknowledge(b, packet, _universalError());
        vm.assertEq(voucher.balanceOf(bob), 1000);
        vm.assertEq(b.transfer.getVoucherBook(b.clientId, address(voucher)).unsettled, 0);
    }

    function test_any_other_acknowledgement_gives_nothing_back() public {
        Packet memory packet = _send(a, alice, address(token), 1000, bob);
        a.client.lieStored(_path(b.clientId, 3, packet.sequence));
        _acknowledge(a, packet, '{"error":"no"}');
        vm.assertEq(token.balanceOf(alice), 999_000);
        vm.assertEq(a.router.getCommitment(keccak256(_path(a.clientId, 1, packet.sequence))), 0);
    }

    function test_refund_that_the_token_refuses_is_parked_and_the_packet_settles() public {
        StrangeToken.Habit[5] memory habits = [
            StrangeToken.Habit.AnswersFalse,
            StrangeToken.Habit.RefusesVictim,
            StrangeToken.Habit.RefusesVictimSilently,
            StrangeToken.Habit.BurnsGasForVictim,
            StrangeToken.Habit.ShoutsAtVictim
        ];
        for (uint256 i = 0; i < habits.length; ++i) {
            _strange.adopt(StrangeToken.Habit.None, address(0));
            Packet memory packet = _send(a, alice, address(_strange), 100, bob);
            _strange.adopt(habits[i], alice);
            a.client.lieStored(_path(b.clientId, 3, packet.sequence));
            vm.expectEmit(address(a.transfer));
            emit ITransfer.RefundParked(a.clientId, address(_strange), alice, 100, true);
            vm.prank(relayer);
            a.router.ackPacket(_ack(packet, _universalError()));
            vm.assertEq(a.router.getCommitment(keccak256(_path(a.clientId, 1, packet.sequence))), 0);
        }
        Claim memory parked = a.transfer.getClaim(a.clientId, address(_strange), alice);
        vm.assertEq(parked.counted, 500);
        vm.assertEq(parked.uncounted, 0);
        vm.assertEq(a.transfer.getHomeBook(a.clientId, address(_strange)).released, 500);
    }

    /// @dev A token with much gas can revert with 330,000 bytes. Taking them up would cost as much as making them, and
    /// the whole then more than the application may use among other messages.
    function test_what_a_token_shouts_is_not_heard() public {
        vm.prank(GOVERNANCE);
        a.transfer.registerTokenGas(address(_strange), 600_000);
        Packet memory packet = _send(a, alice, address(_strange), 100, bob);
        _strange.adopt(StrangeToken.Habit.ShoutsAtVictim, alice);
        _strange.shoutBytes(330_000);
        a.client.lieStored(_path(b.clientId, 3, packet.sequence));
        vm.expectEmit(address(a.transfer));
        emit ITransfer.RefundParked(a.clientId, address(_strange), alice, 100, true);
        vm.prank(relayer);
        uint256 before = gasleft();
        a.router.ackPacket(_ack(packet, _universalError()));
        uint256 used = before - gasleft();
        vm.assertTrue(used > 500_000 && used < 800_000);
    }

    function test_claim_pays_the_owner_once_whoever_asks() public {
        _park();
        _strange.adopt(StrangeToken.Habit.None, address(0));
        vm.expectEmit(address(a.transfer));
        emit ITransfer.ClaimPaid(a.clientId, address(_strange), alice, 100);
        vm.prank(bob);
        a.transfer.claim(a.clientId, address(_strange), alice);
        vm.assertEq(_strange.balanceOf(alice), 1000);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.NothingToClaim.selector, 0));
        a.transfer.claim(a.clientId, address(_strange), alice);
    }

    function test_claim_that_the_token_still_refuses_stays() public {
        _park();
        vm.expectRevert(abi.encodeWithSelector(ITransfer.PaymentRefused.selector, address(_strange), alice, 100));
        a.transfer.claim(a.clientId, address(_strange), alice);
        vm.assertEq(a.transfer.getClaim(a.clientId, address(_strange), alice).counted, 100);
    }

    function test_rejects_ClientFrozen_but_pays_over_an_expired_client() public {
        _park();
        _strange.adopt(StrangeToken.Habit.None, address(0));
        a.client.setStatus(ClientStatus.Frozen);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.ClientFrozen.selector, a.clientId));
        a.transfer.claim(a.clientId, address(_strange), alice);
        a.client.setStatus(ClientStatus.Expired);
        a.transfer.claim(a.clientId, address(_strange), alice);
        vm.assertEq(_strange.balanceOf(alice), 1000);
    }

    function test_rejects_NotEnoughGas_instead_of_parking() public {
        Packet memory packet = _send(a, alice, address(_strange), 100, bob);
        vm.warp(packet.timeoutTimestamp);
        bytes memory call = abi.encodeCall(IRouter.timeoutPacket, (_timeout(packet)));
        bool settled;
        // Every amount of gas leads to a payment or to a revert, never to a parked claim.
        for (uint256 gasGiven = 50_000; gasGiven <= 600_000; gasGiven += 10_000) {
            (settled,) = address(a.router).call{gas: gasGiven}(call);
            vm.assertEq(a.transfer.getClaim(a.clientId, address(_strange), alice).counted, 0);
            if (settled) break;
        }
        vm.assertTrue(settled);
        vm.assertEq(_strange.balanceOf(alice), 1000);
    }

    /// @dev Nearly all of what the token is given, whatever it would need.
    function test_rejects_NotEnoughGas_for_a_claim() public {
        _park();
        _strange.adopt(StrangeToken.Habit.None, address(0));
        bytes memory call = abi.encodeCall(ITransferDesk.claim, (a.clientId, address(_strange), alice));
        (bool paid, bytes memory reason) = address(a.transfer).call{gas: 200_000}(call);
        vm.assertFalse(paid);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(ITransfer.NotEnoughGas.selector));
        vm.assertEq(a.transfer.getClaim(a.clientId, address(_strange), alice).counted, 100);
    }

    function test_refund_that_would_breach_conservation_is_parked_until_it_does_not() public {
        // Chain B lies: it has 60 of the 100 locked tokens "come home" that are still in a packet.
        Packet memory packet = _send(a, alice, address(_strange), 100, bob);
        _steal(60);
        a.client.lieStored(_path(b.clientId, 3, packet.sequence));
        vm.expectEmit(address(a.transfer));
        emit ITransfer.RefundParked(a.clientId, address(_strange), alice, 100, false);
        vm.prank(relayer);
        a.router.ackPacket(_ack(packet, _universalError()));
        vm.assertEq(a.transfer.getClaim(a.clientId, address(_strange), alice).uncounted, 100);
        vm.assertEq(a.transfer.getHomeBook(a.clientId, address(_strange)).released, 60);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.NothingToClaim.selector, 100));
        a.transfer.claim(a.clientId, address(_strange), alice);

        // The asset is halted. Guardians resume it, somebody else locks enough: the books allow it now.
        bytes32 asset = keccak256(abi.encode(keccak256(bytes(a.clientId)), address(_strange)));
        vm.prank(IHaltable(address(a.transfer)).guardians());
        IHaltable(address(a.transfer)).setHalt(ScopeKind.Asset, asset, 0);
        _send(a, alice, address(_strange), 60, bob);
        a.transfer.claim(a.clientId, address(_strange), alice);
        vm.assertEq(_strange.balanceOf(alice), 1000 - 60);
        vm.assertEq(a.transfer.getHomeBook(a.clientId, address(_strange)).released, 160);
    }

    function test_conservation_holds_for_a_claim_of_both_kinds() public {
        _park();
        _strange.adopt(StrangeToken.Habit.None, address(0));
        Packet memory packet = _send(a, alice, address(_strange), 50, bob);
        _steal(20);
        _refuse(packet);
        Claim memory parked = a.transfer.getClaim(a.clientId, address(_strange), alice);
        vm.assertEq(parked.counted, 100);
        vm.assertEq(parked.uncounted, 50);
        a.transfer.claim(a.clientId, address(_strange), alice);
        vm.assertEq(a.transfer.getClaim(a.clientId, address(_strange), alice).counted, 0);
        vm.assertEq(a.transfer.getClaim(a.clientId, address(_strange), alice).uncounted, 50);
    }

    /// @dev A refund of 100 to alice that the token refused.
    function _park() private {
        Packet memory packet = _send(a, alice, address(_strange), 100, bob);
        _strange.adopt(StrangeToken.Habit.RefusesVictim, alice);
        _refuse(packet);
        vm.assertEq(a.transfer.getClaim(a.clientId, address(_strange), alice).counted, 100);
    }

    /// @dev The other chain is said to have refused a packet.
    function _refuse(Packet memory packet) private {
        a.client.lieStored(_path(b.clientId, 3, packet.sequence));
        _acknowledge(a, packet, _universalError());
    }

    /// @dev The other chain is said to have sent tokens home that it never had.
    function _steal(uint256 amount) private {
        string memory home = string.concat("transfer/", b.clientId, "/", _hex(address(_strange)));
        a.client.lieStored(_path(b.clientId, 1, 900));
        bytes memory answer =
            _deliver(a, _forged(b, a, 900, FungibleTokenPacketData(home, "thief", _hex(bob), amount, "")));
        vm.assertEq(answer, '{"result":"AQ=="}');
    }
}
