// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClientStatus} from "../../../src/interfaces/ILightClient.sol";
import {ILimits} from "../../../src/interfaces/ILimits.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {FungibleTokenPacketData, ITransfer, SendTransferMsg} from "../../../src/interfaces/ITransfer.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {StrangeToken} from "../../support/world/StrangeToken.sol";
import {IToken, World} from "../../support/world/World.sol";

/// @notice The rules of `sendTransfer`, one test a rule.
contract TransferSendTest is World {
    function test_packet_carries_the_transfer() public {
        SendTransferMsg memory request = _request(a, address(token), 500);
        request.memo = "thanks";
        vm.recordLogs();
        vm.startPrank(alice);
        token.approve(address(a.transfer), 500);
        vm.assertEq(a.transfer.sendTransfer(request), 1);
        vm.stopPrank();
        Packet memory packet = _sentPacket();
        vm.assertEq(packet.timeoutTimestamp, request.timeoutTimestamp);
        vm.assertEq(packet.payloads[0].sourcePort, "transfer");
        vm.assertEq(packet.payloads[0].destPort, "transfer");
        vm.assertEq(packet.payloads[0].version, "ics20-1");
        vm.assertEq(packet.payloads[0].encoding, "application/x-solidity-abi");
        FungibleTokenPacketData memory expected =
            FungibleTokenPacketData(_hex(address(token)), _hex(alice), _hex(bob), 500, "thanks");
        vm.assertEq(packet.payloads[0].value, abi.encode(expected));
    }

    function test_rejects_ZeroAmount() public {
        _rejected(_request(a, address(token), 0), ITransfer.ZeroAmount.selector);
    }

    function test_rejects_NotAToken() public {
        _rejected(_request(a, alice, 1), ITransfer.NotAToken.selector);
        _rejected(_request(a, address(0), 1), ITransfer.NotAToken.selector);
    }

    function test_rejects_InvalidReceiver() public {
        SendTransferMsg memory request = _request(a, address(token), 1);
        request.receiver = "";
        _rejected(request, ITransfer.InvalidReceiver.selector);
        request.receiver = _hex(address(0));
        _rejected(request, ITransfer.InvalidReceiver.selector);
        request.receiver = string(new bytes(2049));
        _rejected(request, ITransfer.InvalidReceiver.selector);
        request.receiver = string(new bytes(2048));
        _accepted(request);
    }

    function test_rejects_MemoTooLong() public {
        SendTransferMsg memory request = _request(a, address(token), 1);
        request.memo = string(new bytes(32_769));
        _rejected(request, ITransfer.MemoTooLong.selector);
        request.memo = string(new bytes(32_768));
        _accepted(request);
    }

    function test_rejects_WrongPort() public {
        SendTransferMsg memory request = _request(a, address(token), 1);
        request.destPort = "elsewhere";
        _rejected(request, ITransfer.WrongPort.selector);
    }

    function test_rejects_NothingArrived() public {
        StrangeToken strange = _strange(StrangeToken.Habit.MovesNothing);
        _rejected(_request(a, address(strange), 100), ITransfer.NothingArrived.selector);
    }

    function test_rejects_AmountTooLarge() public {
        StrangeToken strange = _strange(StrangeToken.Habit.None);
        strange.mint(alice, type(uint256).max - 1_000_000);
        vm.prank(alice);
        strange.approve(address(a.transfer), type(uint256).max);
        _rejected(_request(a, address(strange), 1 << 128), ITransfer.AmountTooLarge.selector);
        _accepted(_request(a, address(strange), (1 << 128) - 1));
        _rejected(_request(a, address(strange), 1), ITransfer.AmountTooLarge.selector);
    }

    function test_rejects_what_the_router_rejects() public {
        SendTransferMsg memory request = _request(a, address(token), 1);
        request.timeoutTimestamp = uint64(NOW);
        _rejected(request, IRouter.PacketTimedOut.selector);
        request = _request(a, address(token), 1);
        // What nobody set a limit for is refused before the router is asked.
        request.sourceClient = "client-9";
        _rejected(request, ILimits.RefusedByLimit.selector);
        a.client.setStatus(ClientStatus.Expired);
        _rejected(_request(a, address(token), 1), IRouter.ClientNotActive.selector);
        vm.assertEq(token.balanceOf(alice), 1_000_000);
    }

    function test_first_transfer_creates_the_escrow_where_it_was_foretold() public {
        address escrow = a.transfer.getEscrow(a.clientId);
        vm.assertEq(escrow.code.length, 0);
        vm.startPrank(alice);
        token.approve(address(a.transfer), 5);
        vm.expectEmit(address(a.transfer));
        emit ITransfer.EscrowCreated(a.clientId, escrow);
        a.transfer.sendTransfer(_request(a, address(token), 5));
        vm.stopPrank();
        vm.assertEq(token.balanceOf(escrow), 5);
        _accepted(_request(a, address(token), 6));
        vm.assertEq(token.balanceOf(escrow), 11);
    }

    function test_voucher_is_burned_without_approval_and_never_beyond_the_balance() public {
        _carry(a, b, alice, address(token), 100, bob);
        IToken voucher = _voucher(b, address(token));
        SendTransferMsg memory request = _request(b, address(voucher), 101);
        vm.prank(bob);
        vm.expectPartialRevert(ITransfer.ConservationBreach.selector);
        b.transfer.sendTransfer(request);
        request.amount = 100;
        vm.prank(bob);
        b.transfer.sendTransfer(request);
        vm.assertEq(voucher.totalSupply(), 0);
    }

    function _strange(StrangeToken.Habit habit) private returns (StrangeToken strange) {
        strange = new StrangeToken();
        strange.adopt(habit, address(0));
        strange.mint(alice, 1000);
        vm.prank(alice);
        strange.approve(address(a.transfer), 1000);
    }

    function _rejected(SendTransferMsg memory request, bytes4 rule) private {
        vm.startPrank(alice);
        token.approve(address(a.transfer), type(uint256).max);
        vm.expectPartialRevert(rule);
        a.transfer.sendTransfer(request);
        vm.stopPrank();
    }

    function _accepted(SendTransferMsg memory request) private {
        vm.startPrank(alice);
        token.approve(address(a.transfer), type(uint256).max);
        a.transfer.sendTransfer(request);
        vm.stopPrank();
    }
}
