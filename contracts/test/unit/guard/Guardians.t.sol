// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Approval, IGuardians, Resume, Scope} from "../../../src/interfaces/IGuardians.sol";
import {IGoverned} from "../../../src/interfaces/IGoverned.sol";
import {IHaltable, ScopeKind} from "../../../src/interfaces/IHaltable.sol";
import {IHolds} from "../../../src/interfaces/IHolds.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {Domain} from "../../../src/libraries/Domain.sol";
import {IHaltKeeper} from "../../harness/IHaltKeeper.sol";
import {GuardianKeys} from "../../support/world/GuardianKeys.sol";

/// @notice OpenZeppelin's timelock, as far as a rotation needs it.
interface IWaiting {
    function schedule(address to, uint256 value, bytes calldata data, bytes32 before, bytes32 salt, uint256 delay)
        external;
    function execute(address to, uint256 value, bytes calldata data, bytes32 before, bytes32 salt) external payable;
    function cancel(bytes32 id) external;
    function hashOperation(address to, uint256 value, bytes calldata data, bytes32 before, bytes32 salt)
        external
        pure
        returns (bytes32);
}

/// @notice Guardians under a real timelock: what events tell, who may call what, how a set is replaced.
contract GuardiansTest is GuardianKeys {
    uint256 private constant NOW = 1_800_000_000;
    uint256 private constant DELAY = 2 days;
    string private constant CLIENT = "client-0";

    IGuardians private _guardians;
    IHaltKeeper private _keeper;
    IWaiting private _timelock;
    address private immutable _light = account("light");
    address private immutable _token = account("token");
    address private immutable _council = account("council");
    address private immutable _stranger = account("stranger");

    function setUp() public {
        vm.warp(NOW);
        address[] memory council = new address[](1);
        council[0] = _council;
        bytes memory plan = abi.encode(DELAY, council, council, address(0));
        _timelock = IWaiting(_create("artifacts/TimelockController.json", plan));
        address authority = _create("Permit.sol:Permit", abi.encode(_timelock));
        address place = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        _keeper = IHaltKeeper(_create("HaltKeeper.sol:HaltKeeper", abi.encode(place)));
        bytes memory set = abi.encode(authority, _keeper, _keeper, _addresses(_keys(0)), SMALL, LARGE);
        _guardians = IGuardians(_create("Guardians.sol:Guardians", set));
        _keeper.know(keccak256(bytes(CLIENT)), _light);
    }

    // What is told.

    function test_a_halt_tells_who_what_and_how_long() public {
        Scope memory scope = _assetScope(CLIENT, _token);
        Approval memory approval = _sign(SMALL, Domain.Kind.GuardianHalt, scope, 2 hours);
        vm.expectEmit(address(_guardians));
        emit IGuardians.BudgetCharged(scope.path, 2 hours, 24 hours);
        vm.expectEmit(address(_guardians));
        emit IGuardians.BudgetCharged(_word(_light), 2 hours, 24 hours);
        vm.expectEmit(address(_guardians));
        emit IGuardians.HaltApproved(
            scope.kind, scope.path, scope.item, uint64(NOW + 2 hours), false, _firstSigners(SMALL)
        );
        bytes32 key = keccak256(abi.encode(scope.path, scope.item));
        vm.expectEmit(address(_keeper));
        emit IHaltable.ScopeHalted(ScopeKind.Asset, key, uint64(NOW + 2 hours));
        _guardians.halt(scope, 2 hours, approval);
        vm.assertEq(_guardians.charged(scope.path), 2 hours);
        vm.assertTrue(_guardians.isNonceUsed(1, approval.nonce));
        vm.assertFalse(_guardians.isNonceUsed(1, approval.nonce + 1));
    }

    function test_a_client_halt_tells_of_the_contract_too() public {
        Scope memory scope = _clientScope(CLIENT);
        Approval memory approval = _sign(LARGE, Domain.Kind.GuardianConfirm, scope, 3 days);
        vm.expectEmit(address(_guardians));
        emit IGuardians.HaltApproved(scope.kind, scope.path, 0, uint64(NOW + 3 days), true, _firstSigners(LARGE));
        vm.expectEmit(address(_keeper));
        emit IHaltable.ScopeHalted(ScopeKind.Client, scope.path, uint64(NOW + 3 days));
        vm.expectEmit(address(_keeper));
        emit IHaltable.ScopeHalted(ScopeKind.ClientContract, _word(_light), uint64(NOW + 3 days));
        _guardians.confirm(scope, 3 days, approval);
        vm.assertEq(_guardians.charged(scope.path), 0);
    }

    function test_a_resume_tells_when_it_is_ready_and_when_it_is_done() public {
        Scope memory scope = _clientScope(CLIENT);
        _guardians.confirm(scope, 3 days, _sign(LARGE, Domain.Kind.GuardianConfirm, scope, 3 days));
        Approval memory approval = _sign(LARGE, Domain.Kind.GuardianResume, scope, 1);
        uint64 readyAt = uint64(NOW + 1 hours);
        vm.expectEmit(address(_guardians));
        emit IGuardians.ResumeScheduled(scope.kind, scope.path, 0, 1, readyAt, _firstSigners(LARGE));
        _guardians.scheduleResume(scope, 1, approval);
        Resume memory waiting = _guardians.resumeOf(scope);
        vm.assertEq(waiting.readyAt, readyAt);
        vm.assertEq(waiting.serial, 1);
        vm.assertEq(waiting.set, 1);

        vm.warp(readyAt);
        vm.expectEmit(address(_guardians));
        emit IGuardians.ResumeExecuted(scope.kind, scope.path, 0, 1);
        vm.expectEmit(address(_keeper));
        emit IHaltable.ScopeResumed(ScopeKind.Client, scope.path);
        vm.expectEmit(address(_keeper));
        emit IHaltable.ScopeResumed(ScopeKind.ClientContract, _word(_light));
        vm.prank(_stranger);
        _guardians.executeResume(scope);
        vm.assertEq(_guardians.resumeOf(scope).readyAt, 0);
    }

    function test_a_cancel_names_the_packet() public {
        Packet memory packet;
        (packet.sequence, packet.destClient) = (9, CLIENT);
        bytes32 packetHash = keccak256(abi.encode(packet));
        Scope memory scope = Scope(ScopeKind.None, keccak256(bytes(CLIENT)), packetHash);
        Approval memory approval = _sign(SMALL, Domain.Kind.GuardianCancel, scope, 0);
        vm.expectEmit(address(_guardians));
        emit IGuardians.HoldCancelApproved(scope.path, 9, packetHash, _firstSigners(SMALL));
        _guardians.cancelHold(packet, approval);
        vm.assertEq(_keeper.cancelled(packetHash), 1);
    }

    // [T-35] [T-42] Who may, and who never.

    function test_t35_a_set_without_a_threshold_is_refused() public {
        address[] memory list = _addresses(_keys(0));
        address authority = IGoverned(address(_guardians)).authority();
        _expectRefusedSet(
            authority, new address[](0), 0, 0, abi.encodeWithSelector(IGuardians.SmallQuorum.selector, 0, 2)
        );
        _expectRefusedSet(authority, list, 0, 4, abi.encodeWithSelector(IGuardians.SmallQuorum.selector, 0, 2));
        _expectRefusedSet(authority, list, 1, 4, abi.encodeWithSelector(IGuardians.SmallQuorum.selector, 1, 2));
        _expectRefusedSet(authority, list, 2, 6, abi.encodeWithSelector(IGuardians.LargeQuorum.selector, 6, 2, 5));
        _expectRefusedSet(authority, list, 2, 2, abi.encodeWithSelector(IGuardians.LargeQuorum.selector, 2, 2, 5));
        list[1] = list[0];
        bytes memory order = abi.encodeWithSelector(IGuardians.GuardianOrder.selector, list[0], list[0]);
        _expectRefusedSet(authority, list, 2, 4, order);
    }

    function test_guardians_need_both_contracts() public {
        bytes memory reason = abi.encodeWithSelector(IGuardians.NoTarget.selector, address(0), _keeper);
        address authority = IGoverned(address(_guardians)).authority();
        bytes memory set = abi.encode(authority, address(0), _keeper, _addresses(_keys(0)), SMALL, LARGE);
        _expectRefused(set, reason);
        reason = abi.encodeWithSelector(IGuardians.NoTarget.selector, _keeper, address(0));
        _expectRefused(abi.encode(authority, _keeper, address(0), _addresses(_keys(0)), SMALL, LARGE), reason);
    }

    function test_t42_only_the_guardians_contract_halts_and_cancels() public {
        bytes memory reason = abi.encodeWithSelector(IHaltable.NotGuardians.selector, _stranger, _guardians);
        vm.startPrank(_stranger);
        vm.expectRevert(reason);
        IHaltable(address(_keeper)).setHalt(ScopeKind.All, 0, uint64(NOW + 1));
        vm.expectRevert(reason);
        IHaltable(address(_keeper)).setHalt(ScopeKind.All, 0, 0);
        Packet memory packet;
        vm.expectRevert(reason);
        IHolds(address(_keeper)).cancelHold(packet);
        vm.stopPrank();
    }

    function test_a_contract_refuses_halts_that_it_does_not_keep() public {
        vm.prank(address(_guardians));
        vm.expectRevert(abi.encodeWithSelector(IHaltable.ScopeNotKept.selector, ScopeKind.None));
        IHaltable(address(_keeper)).setHalt(ScopeKind.None, 0, 1);
    }

    function test_a_contract_needs_guardians() public {
        bytes memory code = bytes.concat(vm.getCode("HaltKeeper.sol:HaltKeeper"), abi.encode(address(0)));
        _expectCreationRefused(code, abi.encodeWithSelector(IHaltable.NotGuardians.selector, address(0), address(0)));
    }

    function test_t42_only_governance_rotates() public {
        address[] memory next = _addresses(_keys(1));
        address authority = IGoverned(address(_guardians)).authority();
        address[3] memory callers = [_stranger, _council, vm.addr(_keys(0)[0])];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, callers[i], authority));
            _guardians.rotate(next, SMALL, LARGE);
        }
    }

    // [T-49] A set is replaced slowly, and a signature is never kept.

    function test_t49_a_new_set_waits_in_the_timelock() public {
        bytes memory call = abi.encodeCall(IGuardians.rotate, (_addresses(_keys(1)), SMALL, LARGE));
        Scope memory scope = _assetScope(CLIENT, _token);
        Approval memory old = _sign(SMALL, Domain.Kind.GuardianHalt, scope, 1 hours);
        vm.startPrank(_council);
        _timelock.schedule(address(_guardians), 0, call, 0, 0, DELAY);
        vm.expectRevert();
        _timelock.execute(address(_guardians), 0, call, 0, 0);
        vm.warp(NOW + DELAY - 1);
        vm.expectRevert();
        _timelock.execute(address(_guardians), 0, call, 0, 0);
        vm.warp(NOW + DELAY);
        vm.expectEmit(address(_guardians));
        emit IGuardians.GuardiansRotated(2, _addresses(_keys(1)), SMALL, LARGE);
        _timelock.execute(address(_guardians), 0, call, 0, 0);
        vm.stopPrank();

        (uint64 set, address[] memory list, uint256 small, uint256 large) = _guardians.guardianSet();
        vm.assertEq(set, 2);
        vm.assertEq(
            keccak256(abi.encode(list, small, large)), keccak256(abi.encode(_addresses(_keys(1)), SMALL, LARGE))
        );
        // What the old set signed, and what it signs from now on, counts no longer.
        vm.expectPartialRevert(IGuardians.Expired.selector);
        _guardians.halt(scope, 1 hours, old);
        old = _sign(SMALL, Domain.Kind.GuardianHalt, scope, 1 hours);
        vm.expectPartialRevert(IGuardians.NotAGuardian.selector);
        _guardians.halt(scope, 1 hours, old);
        _guardians.halt(scope, 1 hours, _approve(_guardians, _keys(1), SMALL, Domain.Kind.GuardianHalt, scope, 1 hours));
    }

    function test_t49_a_new_set_can_be_cancelled() public {
        bytes memory call = abi.encodeCall(IGuardians.rotate, (_addresses(_keys(1)), SMALL, LARGE));
        vm.startPrank(_council);
        _timelock.schedule(address(_guardians), 0, call, 0, 0, DELAY);
        _timelock.cancel(_timelock.hashOperation(address(_guardians), 0, call, 0, 0));
        vm.warp(NOW + DELAY);
        vm.expectRevert();
        _timelock.execute(address(_guardians), 0, call, 0, 0);
        vm.stopPrank();
        (uint64 set,,,) = _guardians.guardianSet();
        vm.assertEq(set, 1);
    }

    function test_t49_a_pending_resume_dies_with_its_set() public {
        Scope memory scope = _allScope();
        _guardians.confirm(scope, 20 days, _sign(LARGE, Domain.Kind.GuardianConfirm, scope, 20 days));
        _guardians.scheduleResume(scope, 1, _sign(LARGE, Domain.Kind.GuardianResume, scope, 1));
        vm.prank(address(_timelock));
        _guardians.rotate(_addresses(_keys(1)), SMALL, LARGE);
        vm.warp(NOW + 1 hours);
        vm.expectRevert(abi.encodeWithSelector(IGuardians.ResumeOfOtherSet.selector, 1, 2));
        _guardians.executeResume(scope);
    }

    function _sign(uint256 count, Domain.Kind kind, Scope memory scope, uint64 last) private returns (Approval memory) {
        return _approve(_guardians, count, kind, scope, last);
    }

    function _firstSigners(uint256 count) private pure returns (address[] memory signers) {
        address[] memory all = _addresses(_keys(0));
        signers = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            signers[i] = all[i];
        }
    }

    function _expectRefusedSet(
        address authority,
        address[] memory list,
        uint256 small,
        uint256 large,
        bytes memory reason
    ) private {
        _expectRefused(abi.encode(authority, _keeper, _keeper, list, small, large), reason);
    }

    function _expectRefused(bytes memory arguments, bytes memory reason) private {
        _expectCreationRefused(bytes.concat(vm.getCode("Guardians.sol:Guardians"), arguments), reason);
    }

    function _expectCreationRefused(bytes memory code, bytes memory reason) private {
        address made;
        bytes memory found;
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
            found := mload(0x40)
            mstore(found, returndatasize())
            returndatacopy(add(found, 32), 0, returndatasize())
            mstore(0x40, add(add(found, 32), and(add(returndatasize(), 31), not(31))))
        }
        vm.assertEq(made, address(0));
        vm.assertEq(found, reason);
    }
}
