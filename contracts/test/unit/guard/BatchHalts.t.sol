// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Approval, IGuardians, Scope} from "../../../src/interfaces/IGuardians.sol";
import {IHaltable, ScopeKind} from "../../../src/interfaces/IHaltable.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {Domain} from "../../../src/libraries/Domain.sol";
import {Log} from "../../support/Vm.sol";
import {GuardedWorld} from "./GuardedWorld.sol";

/// @notice Halts in a batch: every message asks again, and what is halted is skipped while the others pass.
contract BatchHaltsTest is GuardedWorld {
    function test_a_halted_application_is_skipped_and_says_why() public {
        Packet memory packet = _sent();
        _halt(b, _applicationScope("probe"), HOUR);
        vm.assertEq(_skipped(b, _of(RECEIVE, packet)), _reason(ScopeKind.Application, keccak256("probe")));
        vm.assertFalse(b.router.isPacketReceived(packet));
    }

    function test_a_halted_client_is_skipped_whatever_the_message() public {
        Packet memory packet = _sent();
        _deliver(b, packet);
        Packet memory late = _sent();
        bytes memory reason = abi.encodeWithSelector(
            IHaltable.Halted.selector, ScopeKind.Client, keccak256(bytes(a.clientId)), uint64(NOW + HOUR)
        );
        _halt(a, _clientScope(a.clientId), HOUR);
        vm.assertEq(_skipped(a, _of(ACKNOWLEDGE, packet)), reason);
        a.client.setProvenTime(late.timeoutTimestamp);
        vm.assertEq(_skipped(a, _of(TIME_OUT, late)), reason);
        vm.assertFalse(_isSettled(packet) || _isSettled(late));
    }

    function test_i5_an_ordinary_halt_refunds_in_a_batch() public {
        Packet memory packet = _sent();
        _deliver(b, packet);
        Packet memory late = _sent();
        _halt(a, _allScope(), HOUR);
        _halt(a, _applicationScope("probe"), HOUR);
        _run(a, _packed(a, _of(ACKNOWLEDGE, packet)));
        a.client.setProvenTime(late.timeoutTimestamp);
        _run(a, _packed(a, _of(TIME_OUT, late)));
        vm.assertTrue(_isSettled(packet) && _isSettled(late));
    }

    function test_a_halt_between_two_messages_stops_the_second() public {
        Packet[] memory packets = _sentMany(2);
        IGuardians guardians = _guardiansOf(b);
        Scope memory scope = _allScope();
        Approval memory approval = _approve(guardians, LARGE, Domain.Kind.GuardianHalt, scope, HOUR);
        // The first packet's receiver hands in what the guardians signed.
        Courier courier = new Courier(address(guardians), abi.encodeCall(IGuardians.halt, (scope, HOUR, approval)));
        vm.etch(address(probeB), address(courier).code);
        vm.store(address(probeB), 0, bytes32(uint256(uint160(address(courier)))));
        _run(b, _packed(b, _receives(packets)));
        (uint256 skips, bytes memory reason) = _skips(vm.getRecordedLogs());
        vm.assertEq(skips, 1);
        vm.assertEq(reason, _reason(ScopeKind.All, 0));
        vm.assertTrue(b.router.isPacketReceived(packets[0]));
        vm.assertFalse(b.router.isPacketReceived(packets[1]));
    }

    function _reason(ScopeKind kind, bytes32 key) private view returns (bytes memory) {
        return abi.encodeWithSelector(IHaltable.Halted.selector, kind, key, b.router.haltedUntil(kind, key));
    }
}

/// @notice Answers every call, and makes one itself: the contract in slot 0 knows which.
contract Courier {
    Courier private _first;
    address public target;
    bytes public input;

    constructor(address target_, bytes memory input_) {
        (target, input) = (target_, input_);
    }

    fallback(bytes calldata) external returns (bytes memory) {
        (bool done,) = _first.target().call(_first.input());
        require(done);
        return abi.encode(bytes("fine"));
    }
}
