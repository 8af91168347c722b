// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IApplication, OnRecvPacketCallback} from "../../../src/interfaces/IApplication.sol";
import {IGoverned} from "../../../src/interfaces/IGoverned.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {FungibleTokenPacketData, ITransfer} from "../../../src/interfaces/ITransfer.sol";
import {Packet, Payload} from "../../../src/interfaces/Messages.sol";
import {StrangeToken} from "../../support/world/StrangeToken.sol";
import {IToken, World} from "../../support/world/World.sol";
import {Log} from "../../support/Vm.sol";

/// @notice The rules of receiving a transfer. The counterparty of these tests lies as it likes; what it may not have is
/// answered by the universal error, with the rule as reason.
contract TransferReceiveTest is World {
    uint64 private _sequence = 100;

    function test_mints_a_voucher_at_the_foretold_address() public {
        string memory path = string.concat("transfer/", b.clientId, "/uatom");
        address voucher = b.transfer.ibcERC20Contract(path);
        vm.assertEq(b.transfer.ibcERC20Denom(voucher), "");
        _accepted(_data("uatom", 7));
        vm.assertEq(IToken(voucher).balanceOf(bob), 7);
        vm.assertEq(b.transfer.ibcERC20Denom(voucher), path);
        _accepted(_data("uatom", 5));
        vm.assertEq(IToken(voucher).balanceOf(bob), 12);
    }

    function test_rejects_NotRouter() public {
        bytes memory refusal = abi.encodeWithSelector(ITransfer.NotRouter.selector, alice, address(b.router));
        OnRecvPacketCallback memory message;
        vm.prank(alice);
        vm.expectRevert(refusal);
        IApplication(address(b.transfer)).onRecvPacket(message);
    }

    function test_rejects_WrongPort() public {
        Packet memory packet = _packet(_data("uatom", 1));
        packet.payloads[0].sourcePort = "anybody";
        _rejected(packet, ITransfer.WrongPort.selector);
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("other", address(b.transfer));
        packet = _packet(_data("uatom", 1));
        packet.payloads[0].destPort = "other";
        _rejected(packet, ITransfer.WrongPort.selector);
    }

    function test_rejects_WrongVersion() public {
        Packet memory packet = _packet(_data("uatom", 1));
        packet.payloads[0].version = "ics20-2";
        _rejected(packet, ITransfer.WrongVersion.selector);
    }

    function test_rejects_WrongEncoding() public {
        Packet memory packet = _packet(_data("uatom", 1));
        packet.payloads[0].encoding = "application/json";
        _rejected(packet, ITransfer.WrongEncoding.selector);
    }

    function test_rejects_MalformedTransfer() public {
        Packet memory packet = _packet(_data("uatom", 1));
        packet.payloads[0].value = bytes.concat(packet.payloads[0].value, bytes32(0));
        _rejected(packet, ITransfer.MalformedTransfer.selector);
        packet = _packet(_data("uatom", 1));
        packet.payloads[0].value = "{}";
        _rejected(packet, ITransfer.MalformedTransfer.selector);
    }

    function test_rejects_ZeroAmount() public {
        _rejected(_packet(_data("uatom", 0)), ITransfer.ZeroAmount.selector);
    }

    function test_rejects_EmptySender() public {
        FungibleTokenPacketData memory data = _data("uatom", 1);
        data.sender = "";
        _rejected(_packet(data), ITransfer.EmptySender.selector);
    }

    function test_rejects_InvalidReceiver() public {
        string[5] memory bad = [
            "",
            "cosmos1abc",
            _hex(address(0)),
            "0x00112233445566778899aabbccddeeff0011223",
            "00112233445566778899aabbccddeeff00112233aa"
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            FungibleTokenPacketData memory data = _data("uatom", 1);
            data.receiver = bad[i];
            _rejected(_packet(data), ITransfer.InvalidReceiver.selector);
        }
    }

    function test_rejects_MemoTooLong() public {
        FungibleTokenPacketData memory data = _data("uatom", 1);
        data.memo = string(new bytes(32_769));
        _rejected(_packet(data), ITransfer.MemoTooLong.selector);
    }

    function test_rejects_EmptyDenomSegment() public {
        string[5] memory bad = ["", "/uatom", "uatom/", "transfer//uatom", "/"];
        for (uint256 i = 0; i < bad.length; ++i) {
            _rejected(_packet(_data(bad[i], 1)), ITransfer.EmptyDenomSegment.selector);
        }
    }

    function test_rejects_DenomTooLong() public {
        // With "transfer/client-0/" in front, 1,006 bytes make the longest path.
        _accepted(_data(_long(1006), 1));
        _rejected(_packet(_data(_long(1007), 1)), ITransfer.DenomTooLong.selector);
    }

    function test_rejects_AmountTooLarge() public {
        _rejected(_packet(_data("uatom", 1 << 128)), ITransfer.AmountTooLarge.selector);
        _accepted(_data("uatom", (1 << 128) - 1));
        _rejected(_packet(_data("uatom", 1)), ITransfer.AmountTooLarge.selector);
    }

    function test_rejects_UnknownAsset() public {
        string memory home = string.concat("transfer/", a.clientId, "/");
        _carry(b, a, alice, address(token), 100, bob);
        string memory voucherPath = string.concat("transfer/", b.clientId, "/uatom");
        _accepted(_data("uatom", 1));
        address voucher = b.transfer.ibcERC20Contract(voucherPath);
        // What never left under such a name does not come home under it.
        _rejected(_packet(_data(string.concat(home, "uatom"), 1)), ITransfer.UnknownAsset.selector);
        _rejected(_packet(_data(string.concat(home, _upper(address(token))), 1)), ITransfer.UnknownAsset.selector);
        _accepted(_data(string.concat(home, _hex(address(token))), 1));
        // A voucher by its address is the same asset: nothing of it was locked, and nothing is paid.
        vm.assertEq(_deliver(b, _packet(_data(string.concat(home, _hex(voucher)), 1))), "");
        vm.assertEq(IToken(voucher).balanceOf(bob), 1);
    }

    /// @dev What does not fit is held, and halts the asset: test/unit/holds/Breach.t.sol.
    function test_pays_what_was_locked_and_no_more() public {
        _carry(b, a, alice, address(token), 100, bob);
        string memory home = string.concat("transfer/", a.clientId, "/", _hex(address(token)));
        _accepted(_data(home, 60));
        _accepted(_data(home, 40));
        vm.assertEq(_deliver(b, _packet(_data(home, 1))), "");
        vm.assertEq(token.balanceOf(bob), 100);
        vm.assertEq(token.balanceOf(_escrow(b)), 0);
    }

    function test_rejects_PaymentRefused_however_the_token_refuses() public {
        StrangeToken.Habit[5] memory habits = [
            StrangeToken.Habit.AnswersFalse,
            StrangeToken.Habit.RefusesVictim,
            StrangeToken.Habit.RefusesVictimSilently,
            StrangeToken.Habit.BurnsGasForVictim,
            StrangeToken.Habit.ShoutsAtVictim
        ];
        StrangeToken strange = new StrangeToken();
        strange.mint(alice, 1000);
        _carry(b, a, alice, address(strange), 1000, bob);
        string memory home = string.concat("transfer/", a.clientId, "/", _hex(address(strange)));
        for (uint256 i = 0; i < habits.length; ++i) {
            strange.adopt(habits[i], bob);
            _rejected(_packet(_data(home, 100)), ITransfer.PaymentRefused.selector);
        }
        strange.adopt(StrangeToken.Habit.None, address(0));
        _accepted(_data(home, 1000));
        vm.assertEq(strange.balanceOf(bob), 1000);
    }

    function test_chosen_token_gas_is_what_a_token_gets() public {
        vm.assertEq(b.transfer.getTokenGas(address(token)), 200_000);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, alice, authority));
        vm.prank(alice);
        b.transfer.registerTokenGas(address(token), 100_000);
        vm.startPrank(GOVERNANCE);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.InvalidTokenGas.selector, 0, 600_000));
        b.transfer.registerTokenGas(address(token), 0);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.InvalidTokenGas.selector, 600_001, 600_000));
        b.transfer.registerTokenGas(address(token), 600_001);
        vm.expectEmit(address(b.transfer));
        emit ITransfer.TokenGasRegistered(address(token), 600_000);
        b.transfer.registerTokenGas(address(token), 600_000);
        vm.stopPrank();
        vm.assertEq(b.transfer.getTokenGas(address(token)), 600_000);
        // The most that may be registered still fits into what the router forwards.
        _carry(b, a, alice, address(token), 100, bob);
        _accepted(_data(string.concat("transfer/", a.clientId, "/", _hex(address(token))), 100));
    }

    function _data(string memory denom, uint256 amount) private view returns (FungibleTokenPacketData memory) {
        return FungibleTokenPacketData(denom, "whoever", _hex(bob), amount, "");
    }

    /// @dev A packet to chain B that its client will call proven.
    function _packet(FungibleTokenPacketData memory data) private returns (Packet memory packet) {
        packet = _forged(a, b, ++_sequence, data);
        b.client.lieStored(_path(a.clientId, 1, _sequence));
    }

    function _accepted(FungibleTokenPacketData memory data) private {
        vm.assertEq(_deliver(b, _packet(data)), '{"result":"AQ=="}');
    }

    function _rejected(Packet memory packet, bytes4 rule) private {
        vm.recordLogs();
        b.router.recvPacket(_recv(packet));
        vm.assertEq(bytes32(_reason(vm.getRecordedLogs())), bytes32(rule));
        vm.assertTrue(b.router.isPacketReceived(packet));
        vm.assertFalse(b.router.isPacketReceiveSuccessful(packet));
    }

    /// @dev The error by which the application refused. Foundry also records logs that were undone before it.
    function _reason(Log[] memory logs) private pure returns (bytes4) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IRouter.IBCAppRecvPacketCallbackError.selector) continue;
            return bytes4(abi.decode(logs[i].data, (bytes)));
        }
        return 0;
    }

    function _long(uint256 length) private pure returns (string memory) {
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            text[i] = "x";
        }
        return string(text);
    }

    function _upper(address who) private pure returns (string memory) {
        bytes memory text = bytes(_hex(who));
        for (uint256 i = 2; i < text.length; ++i) {
            if (text[i] >= "a") text[i] = bytes1(uint8(text[i]) - 32);
        }
        return string(text);
    }
}
