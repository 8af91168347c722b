// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuardians, Scope} from "../../../src/interfaces/IGuardians.sol";
import {IHaltable, ScopeKind} from "../../../src/interfaces/IHaltable.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {MsgSendPacket, Packet} from "../../../src/interfaces/Messages.sol";
import {MirrorClient} from "../../../sdk/MirrorClient.sol";
import {Chain} from "../../support/world/World.sol";
import {GuardedWorld} from "./GuardedWorld.sol";

/// @notice What halts do to packets: a halted client proves nothing, any other halt stops sends and receives and never
/// a refund (I5).
contract RouterHaltsTest is GuardedWorld {
    // Ordinary halts.

    function test_i5_a_halted_application_sends_and_receives_nothing() public {
        Scope memory scope = _applicationScope("probe");
        _ordinaryHalt(scope, keccak256("probe"));
    }

    function test_i5_when_all_is_halted_nothing_is_sent_or_received() public {
        _ordinaryHalt(_allScope(), 0);
    }

    /// @dev Whatever the guardians halt beside clients, for however long, and however late the proofs come.
    function test_i5_no_ordinary_halts_together_stop_a_refund(uint256 choice, uint256 delay) public {
        Packet memory answered = _sent();
        Packet memory late = _sent();
        bytes memory answer = _deliver(b, answered);
        Scope[3] memory scopes = [_applicationScope("probe"), _applicationScope("transfer"), _allScope()];
        for (uint256 i = 0; i < 4; ++i) {
            Scope memory scope = scopes[(choice >> (8 * i)) % 3];
            // Each ends later than the one before, so that each adds something.
            _confirm(i % 2 == 0 ? a : b, scope, uint64(1 days * (1 + 7 * i) + (choice >> (32 + 8 * i)) % 1 days));
        }
        vm.warp(late.timeoutTimestamp + bound(delay, 0, 40 days));
        _acknowledge(a, answered, answer);
        _timeOut(a, late);
        vm.assertTrue(_isSettled(answered) && _isSettled(late));
    }

    function test_a_halted_application_leaves_the_others() public {
        _halt(a, _applicationScope("transfer"), 2 hours);
        _deliver(b, _sent());
        vm.assertEq(probeB.received(), 1);
        vm.startPrank(alice);
        token.approve(address(a.transfer), 5);
        vm.expectRevert(_halted(a, ScopeKind.Application, keccak256("transfer")));
        a.transfer.sendTransfer(_request(a, address(token), 5));
        vm.stopPrank();
    }

    function test_a_halted_receive_leaves_no_receipt_and_is_delivered_later() public {
        Packet memory packet = _sent();
        _halt(b, _allScope(), HOUR);
        vm.expectRevert(_halted(b, ScopeKind.All, 0));
        b.router.recvPacket(_recv(packet));
        vm.assertFalse(b.router.isPacketReceived(packet));
        _resume(b, _allScope(), 1);
        // The packet's own hour is over now; another one passes.
        packet = _sent();
        _deliver(b, packet);
        vm.assertTrue(b.router.isPacketReceived(packet));
    }

    function test_a_halted_receive_may_time_out_instead() public {
        Packet memory packet = _sent();
        _halt(b, _allScope(), 2 hours);
        vm.warp(packet.timeoutTimestamp);
        _timeOut(a, packet);
        vm.assertEq(probeA.timedOut(), 1);
    }

    function test_a_halt_ends_by_itself_at_its_very_second() public {
        _halt(a, _allScope(), HOUR);
        vm.warp(NOW + HOUR - 1);
        MsgSendPacket memory letter = _letter();
        vm.expectRevert(_halted(a, ScopeKind.All, 0));
        probeA.send(letter);
        vm.warp(NOW + HOUR);
        probeA.send(_letter());
    }

    // Client halts.

    function test_a_halted_client_sends_nothing() public {
        _halt(a, _clientScope(a.clientId), HOUR);
        MsgSendPacket memory letter = _letter();
        vm.expectRevert(_halted(a, ScopeKind.Client, keccak256(bytes(a.clientId))));
        probeA.send(letter);
    }

    function test_t04_a_halted_client_times_nothing_out_whatever_it_says() public {
        Packet memory packet = _sent();
        bytes memory answer = _deliver(b, packet);
        // A forged absence: the packet was delivered, the client says it was not.
        a.client.lieAbsent(_path(b.clientId, 2, packet.sequence));
        a.client.setProvenTime(packet.timeoutTimestamp);
        _halt(a, _clientScope(a.clientId), HOUR);
        bytes memory reason = _halted(a, ScopeKind.Client, keccak256(bytes(a.clientId)));
        vm.expectRevert(reason);
        a.router.timeoutPacket(_timeout(packet));
        vm.expectRevert(reason);
        a.router.ackPacket(_ack(packet, answer));
        vm.assertEq(probeA.timedOut() + probeA.acknowledged(), 0);
        vm.warp(NOW + HOUR);
        _acknowledge(a, packet, answer);
        vm.assertEq(probeA.acknowledged(), 1);
    }

    function test_a_halted_client_receives_nothing() public {
        Packet memory packet = _sent();
        _halt(b, _clientScope(b.clientId), HOUR);
        vm.expectRevert(_halted(b, ScopeKind.Client, keccak256(bytes(b.clientId))));
        b.router.recvPacket(_recv(packet));
    }

    function test_a_halted_contract_stops_every_id_of_it() public {
        Packet memory packet = _sent();
        string memory second = a.router.addClient(_end("client-9"), address(a.client));
        _halt(a, _contractScope(address(a.client)), HOUR);
        bytes memory reason = _halted(a, ScopeKind.ClientContract, _word(address(a.client)));
        MsgSendPacket memory letter = _letter();
        vm.expectRevert(reason);
        probeA.send(letter);
        letter.sourceClient = second;
        vm.expectRevert(reason);
        probeA.send(letter);
        a.client.setProvenTime(packet.timeoutTimestamp);
        vm.expectRevert(reason);
        a.router.timeoutPacket(_timeout(packet));
    }

    function test_a_halted_id_stops_other_ids_of_its_contract_and_policies_ask_for_it() public {
        string memory second = a.router.addClient(_end("client-9"), address(a.client));
        vm.assertFalse(a.router.isClientContractHalted(address(a.client)));
        _halt(a, _clientScope(second), HOUR);
        vm.assertTrue(a.router.isClientContractHalted(address(a.client)));
        MsgSendPacket memory letter = _letter();
        vm.expectRevert(_halted(a, ScopeKind.ClientContract, _word(address(a.client))));
        probeA.send(letter);
        vm.warp(NOW + HOUR);
        vm.assertFalse(a.router.isClientContractHalted(address(a.client)));
        probeA.send(_letter());
    }

    function test_a_contract_without_an_id_can_be_halted() public {
        address leaf = account("leaf");
        _halt(a, _contractScope(leaf), HOUR);
        vm.assertTrue(a.router.isClientContractHalted(leaf));
        // It stands behind no id: nothing else stops.
        probeA.send(_letter());
    }

    function test_a_halt_outlives_the_migration_of_its_client() public {
        _confirm(a, _clientScope(a.clientId), 10 days);
        (MirrorClient next,) = _newClient(a.router, b.router);
        vm.prank(GOVERNANCE);
        a.router.migrateClient(a.clientId, _end(b.clientId), address(next));
        MsgSendPacket memory letter = _letter();
        vm.expectRevert(_halted(a, ScopeKind.Client, keccak256(bytes(a.clientId))));
        probeA.send(letter);
        // A halt of the new contract is its own: the client's resume leaves it.
        _halt(a, _contractScope(address(next)), 20 hours);
        _resume(a, _clientScope(a.clientId), 1);
        vm.assertTrue(a.router.isClientContractHalted(address(next)));
        vm.assertTrue(a.router.isClientContractHalted(address(a.client)));
    }

    function test_a_resumed_client_proves_again() public {
        Packet memory packet = _sent();
        _confirm(b, _clientScope(b.clientId), 1 days);
        _resume(b, _clientScope(b.clientId), 1);
        packet = _sent();
        _deliver(b, packet);
        vm.assertTrue(b.router.isPacketReceived(packet));
    }

    // What others ask.

    function test_answers_for_applications() public {
        (bytes32 client, bytes32 port) = (keccak256(bytes(a.clientId)), keccak256("probe"));
        a.router.checkClientRunning(client);
        a.router.checkRunning(client, port);
        _halt(a, _applicationScope("probe"), HOUR);
        a.router.checkClientRunning(client);
        vm.expectRevert(_halted(a, ScopeKind.Application, port));
        a.router.checkRunning(client, port);
        a.router.checkRunning(client, keccak256("transfer"));
        _halt(a, _clientScope(a.clientId), HOUR);
        bytes memory reason = _halted(a, ScopeKind.Client, client);
        vm.expectRevert(reason);
        a.router.checkClientRunning(client);
        vm.expectRevert(reason);
        a.router.checkRunning(client, keccak256("transfer"));
        _halt(a, _allScope(), HOUR);
        vm.expectRevert(_halted(a, ScopeKind.All, 0));
        a.router.checkRunning(client, keccak256("transfer"));
        vm.assertEq(a.router.clientContract(client), address(a.client));
        vm.assertEq(a.router.clientContract(keccak256("client-99")), address(0));
    }

    /// @dev A halt of a client id is one of the contract behind it as well; any other is one halt.
    function test_says_which_scopes_are_halted() public {
        Scope[3] memory scopes = [_applicationScope("probe"), _contractScope(account("leaf")), _clientScope(a.clientId)];
        for (uint256 i = 0; i < scopes.length; ++i) {
            vm.recordLogs();
            _halt(a, scopes[i], HOUR);
            vm.assertEq(_count(vm.getRecordedLogs(), IHaltable.ScopeHalted.selector), i == 2 ? 2 : 1);
        }
    }

    // [T-42] Who may.

    function test_t42_only_the_guardians_contract_halts_the_router() public {
        address[4] memory callers = [alice, GOVERNANCE, vm.addr(_keys(0)[0]), address(a.transfer)];
        address here = address(_guardiansOf(a));
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IHaltable.NotGuardians.selector, callers[i], here));
            a.router.setHalt(ScopeKind.All, 0, type(uint64).max);
        }
    }

    function test_the_router_keeps_no_halts_of_tokens() public {
        ScopeKind[4] memory others = [ScopeKind.None, ScopeKind.Asset, ScopeKind.Direction, ScopeKind.Token];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(address(_guardiansOf(a)));
            vm.expectRevert(abi.encodeWithSelector(IHaltable.ScopeNotKept.selector, others[i]));
            a.router.setHalt(others[i], 0, 1);
        }
    }

    function test_guardians_of_another_chain_halt_nothing_here() public {
        (address here, address there) = (address(_guardiansOf(a)), address(_guardiansOf(b)));
        vm.prank(there);
        vm.expectRevert(abi.encodeWithSelector(IHaltable.NotGuardians.selector, there, here));
        a.router.setHalt(ScopeKind.All, 0, uint64(block.timestamp + 1));
    }

    /// @dev A halt stops sends and receives on its chain, while acknowledgements and timeouts pass.
    function _ordinaryHalt(Scope memory scope, bytes32 key) private {
        Packet memory answered = _sent();
        Packet memory late = _sent();
        bytes memory answer = _deliver(b, answered);
        _halt(a, scope, 2 hours);
        _halt(b, scope, 2 hours);
        MsgSendPacket memory letter = _letter();
        vm.expectRevert(_halted(a, scope.kind, key));
        probeA.send(letter);
        vm.expectRevert(_halted(b, scope.kind, key));
        b.router.recvPacket(_recv(late));
        vm.assertEq(probeB.received(), 1);

        _acknowledge(a, answered, answer);
        vm.assertEq(probeA.acknowledged(), 1);
        vm.warp(late.timeoutTimestamp);
        _timeOut(a, late);
        vm.assertEq(probeA.timedOut(), 1);
    }

    function _halted(Chain memory chain, ScopeKind kind, bytes32 key) private view returns (bytes memory) {
        return abi.encodeWithSelector(IHaltable.Halted.selector, kind, key, chain.router.haltedUntil(kind, key));
    }
}
