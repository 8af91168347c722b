// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRouter} from "../../src/interfaces/IRouter.sol";
import {FungibleTokenPacketData, ITransfer, ITransferMoves, SendTransferMsg} from "../../src/interfaces/ITransfer.sol";
import {MsgSendPacket, Packet} from "../../src/interfaces/Messages.sol";
import {Probe} from "../support/world/Probe.sol";
import {StrangeToken} from "../support/world/StrangeToken.sol";
import {Chain, IToken, World} from "../support/world/World.sol";

/// @notice Failures of other bridges, tried on transfers. Numbers are those of the list of incident tests.
contract TransferIncidentsTest is World {
    bytes private constant SUCCESS = '{"result":"AQ=="}';

    /// @dev A second pair of clients between the same two chains, with the same contracts behind it.
    Chain private _a2;
    Chain private _b2;

    function setUp() public override {
        super.setUp();
        (_a2, _b2) = (a, b);
        _join(_a2, _b2);
    }

    function test_t36_token_without_code_cannot_be_sent() public {
        SendTransferMsg memory request = _request(a, address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.NotAToken.selector, address(0)));
        a.transfer.sendTransfer(request);
        request.denom = account("no code here");
        vm.expectRevert(abi.encodeWithSelector(ITransfer.NotAToken.selector, request.denom));
        a.transfer.sendTransfer(request);
    }

    function test_t36_fee_on_transfer_counts_what_arrived() public {
        StrangeToken strange = _strange(StrangeToken.Habit.TakesFee);
        Packet memory packet = _send(a, alice, address(strange), 1000, bob);
        FungibleTokenPacketData memory data = abi.decode(packet.payloads[0].value, (FungibleTokenPacketData));
        vm.assertEq(data.amount, 900);
        vm.assertEq(a.transfer.getHomeBook(a.clientId, address(strange)).locked, 900);
        _deliver(b, packet);
        vm.assertEq(_voucher(b, address(strange)).totalSupply(), 900);
    }

    /// @dev The shortfall of a shrinking token stays with the client it was locked over, and blocks nothing else.
    function test_t36_rebase_hits_only_the_escrow_it_happened_to() public {
        StrangeToken strange = _strange(StrangeToken.Habit.None);
        _carry(a, b, alice, address(strange), 400, bob);
        _carry(_a2, _b2, alice, address(strange), 400, bob);
        strange.shrink(_escrow(a), 100);
        Packet memory back = _send(b, bob, address(_voucher(b, address(strange))), 400, alice);
        vm.assertEq(_deliver(a, back), _universalError());
        _acknowledge(b, back, _universalError());
        vm.assertEq(_voucher(b, address(strange)).balanceOf(bob), 400);
        _carry(b, a, bob, address(_voucher(b, address(strange))), 300, alice);
        _carry(_b2, _a2, bob, address(_voucher(_b2, address(strange))), 400, alice);
        vm.assertEq(strange.balanceOf(alice), 1000 - 800 + 700);
    }

    /// @dev The payout is the amount of the very payload whose hash was proven.
    function test_t37_amount_on_the_source_is_the_amount_paid() public {
        Packet memory packet = _send(a, alice, address(token), 1000, bob);
        FungibleTokenPacketData memory data = abi.decode(packet.payloads[0].value, (FungibleTokenPacketData));
        data.amount = 1001;
        packet.payloads[0].value = abi.encode(data);
        vm.expectRevert();
        b.router.recvPacket(_recv(packet));
        data.amount = 1000;
        packet.payloads[0].value = abi.encode(data);
        vm.assertEq(_deliver(b, packet), SUCCESS);
        vm.assertEq(_voucher(b, address(token)).totalSupply(), token.balanceOf(_escrow(a)));
    }

    /// @dev A payload that looks like a transfer but comes from another application of the other chain is none.
    function test_t38_payload_of_another_application_is_refused() public {
        Probe impostor = new Probe(a.router, 100_000);
        a.router.addIBCApp(address(impostor));
        Packet memory packet = _send(a, alice, address(token), 1, bob);
        FungibleTokenPacketData memory data = FungibleTokenPacketData("uatom", "me", _hex(bob), 1_000_000, "");
        Packet memory forged = _forged(a, b, 1, data);
        forged.payloads[0].sourcePort = _hex(address(impostor));
        vm.recordLogs();
        impostor.send(MsgSendPacket(a.clientId, forged.timeoutTimestamp, forged.payloads[0]));
        vm.assertEq(_deliver(b, _sentPacket()), _universalError());
        vm.assertEq(b.transfer.ibcERC20Contract("transfer/client-0/uatom").code.length, 0);
        vm.assertEq(_deliver(b, packet), SUCCESS);
    }

    /// @dev The same token over another client is another asset, even when the same contract is behind both.
    function test_t39_same_denom_over_another_client_is_another_asset() public {
        _carry(a, b, alice, address(token), 1000, bob);
        _carry(_a2, _b2, alice, address(token), 10, bob);
        IToken first = _voucher(b, address(token));
        IToken second = _voucher(_b2, address(token));
        vm.assertTrue(address(first) != address(second));
        vm.assertEq(second.totalSupply(), 10);
        // A voucher of the first client sent over the second is locked, not burned: it is foreign there.
        _carry(_b2, _a2, bob, address(first), 700, alice);
        vm.assertEq(first.balanceOf(_escrow(_b2)), 700);
        vm.assertEq(token.balanceOf(_escrow(a)), 1000);
        string memory twice =
            string.concat("transfer/", _a2.clientId, "/transfer/", b.clientId, "/", _hex(address(token)));
        vm.assertEq(IToken(a.transfer.ibcERC20Contract(twice)).balanceOf(alice), 700);
        // And the way back gives the first voucher back.
        _carry(_a2, _b2, alice, a.transfer.ibcERC20Contract(twice), 700, bob);
        vm.assertEq(first.balanceOf(bob), 1000);
        vm.assertEq(first.balanceOf(_escrow(_b2)), 0);
    }

    /// @dev A client that lies can take what was locked over itself and nothing more.
    function test_t40_redeeming_more_than_was_locked_is_refused() public {
        _carry(a, b, alice, address(token), 1000, bob);
        _carry(_a2, _b2, alice, address(token), 10, bob);
        string memory home = string.concat("transfer/", _b2.clientId, "/", _hex(address(token)));
        FungibleTokenPacketData memory data = FungibleTokenPacketData(home, "thief", _hex(bob), 10, "");
        _a2.client.lieStored(_path(_b2.clientId, 1, 501));
        vm.assertEq(_deliver(_a2, _forged(_b2, _a2, 501, data)), SUCCESS);
        // One more is held, and halts the asset of that client.
        data.amount = 1;
        _a2.client.lieStored(_path(_b2.clientId, 1, 500));
        vm.assertEq(_deliver(_a2, _forged(_b2, _a2, 500, data)), "");
        vm.assertEq(token.balanceOf(bob), 10);
        vm.assertEq(token.balanceOf(_escrow(a)), 1000);
    }

    /// @dev A denomination that spells the prefix of another client does not come home through this one.
    function test_t41_prefix_of_another_client_is_foreign() public {
        _carry(a, b, alice, address(token), 1000, bob);
        string memory other = string.concat("transfer/", b.clientId, "/", _hex(address(token)));
        FungibleTokenPacketData memory data = FungibleTokenPacketData(other, "thief", _hex(bob), 1000, "");
        // Over the second client, whose other end has another id, the prefix of the first is just part of a name.
        _a2.client.lieStored(_path(_b2.clientId, 1, 500));
        vm.assertEq(_deliver(_a2, _forged(_b2, _a2, 500, data)), SUCCESS);
        vm.assertEq(token.balanceOf(_escrow(a)), 1000);
        vm.assertEq(token.balanceOf(bob), 0);
    }

    /// @dev Every byte of the packet is covered: whatever is flipped, nothing is paid.
    function testFuzz_t45_every_byte_counts(uint256 position, uint8 flip) public {
        Packet memory packet = _send(a, alice, address(token), 1000, bob);
        bytes memory message = abi.encodeCall(IRouter.recvPacket, (_recv(packet)));
        // From the packet's first word to the end of the payload; behind it lie proof and height.
        position = bound(position, 4 + 5 * 32, message.length - 65);
        message[position] ^= bytes1(uint8(bound(flip, 1, 255)));
        (bool accepted,) = address(b.router).call(message);
        // A byte of padding means nothing: then it is the very same packet that arrived.
        if (accepted) vm.assertTrue(b.router.isPacketReceiveSuccessful(packet));
        else vm.assertEq(address(_voucher(b, address(token))).code.length, 0);
    }

    /// @dev A token whose hook comes back in gains nothing, on the way out and on the way in.
    function test_t46_token_hook_cannot_reenter() public {
        StrangeToken strange = _strange(StrangeToken.Habit.None);
        Packet memory packet = _send(a, alice, address(strange), 100, bob);
        _send(a, alice, address(strange), 100, bob);
        vm.warp(packet.timeoutTimestamp);
        strange.setHook(address(a.router), abi.encodeCall(IRouter.timeoutPacket, (_timeout(packet))));
        _timeOut(a, packet);
        vm.assertFalse(strange.hookSucceeded());
        vm.assertEq(strange.balanceOf(alice), 900);
        vm.assertEq(a.transfer.getHomeBook(a.clientId, address(strange)).released, 100);

        bytes memory again = abi.encodeCall(ITransferMoves.sendTransfer, (_request(a, address(strange), 1)));
        strange.setHook(address(a.transfer), again);
        _send(a, alice, address(strange), 100, bob);
        vm.assertFalse(strange.hookSucceeded());
        vm.assertEq(a.transfer.getHomeBook(a.clientId, address(strange)).locked, 300);
    }

    /// @dev A token whose hook delivers somebody else's packet during a send cannot have that packet refused.
    function test_t46_hook_cannot_force_a_refusal_on_others() public {
        Packet memory victims = _send(b, alice, address(token), 50, bob);
        StrangeToken strange = _strange(StrangeToken.Habit.None);
        strange.setHook(address(a.router), abi.encodeCall(IRouter.recvPacket, (_recv(victims))));
        _send(a, alice, address(strange), 100, bob);
        vm.assertFalse(strange.hookSucceeded());
        vm.assertEq(bytes32(bytes4(strange.hookOutput())), bytes32(IRouter.CallbackFailed.selector));
        vm.assertFalse(a.router.isPacketReceived(victims));
        vm.assertEq(_deliver(a, victims), SUCCESS);
    }

    /// @dev A receiver whom a token refuses blocks neither the lane nor the sender's refund.
    function test_t48_refused_receiver_blocks_nothing() public {
        StrangeToken strange = _strange(StrangeToken.Habit.None);
        _carry(a, b, alice, address(strange), 500, bob);
        address voucher = address(_voucher(b, address(strange)));
        strange.adopt(StrangeToken.Habit.BurnsGasForVictim, bob);
        Packet memory poisoned = _send(b, bob, voucher, 100, bob);
        Packet memory next = _send(b, bob, voucher, 100, alice);
        vm.assertEq(_deliver(a, poisoned), _universalError());
        vm.assertEq(_deliver(a, next), SUCCESS);
        _acknowledge(b, poisoned, _universalError());
        _acknowledge(b, next, SUCCESS);
        vm.assertEq(IToken(voucher).balanceOf(bob), 400);
        vm.assertEq(strange.balanceOf(alice), 600);
    }

    function _strange(StrangeToken.Habit habit) private returns (StrangeToken strange) {
        strange = new StrangeToken();
        strange.mint(alice, 1000);
        strange.adopt(habit, address(0));
    }
}
