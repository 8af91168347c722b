// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Approval, IGuardians, Scope} from "../../src/interfaces/IGuardians.sol";
import {IHaltable, ScopeKind} from "../../src/interfaces/IHaltable.sol";
import {IHolds} from "../../src/interfaces/IHolds.sol";
import {Packet} from "../../src/interfaces/Messages.sol";
import {Domain} from "../../src/libraries/Domain.sol";
import {GuardianKeys} from "../support/world/GuardianKeys.sol";

/// @title GuardianHandler
/// @notice A thief who holds some guardians' keys and tries everything: any scope, any duration, any kind of statement,
/// signatures twice, late, and from before. He keeps a diary of what was halted when.
contract GuardianHandler is GuardianKeys {
    /// @notice A time in which a path could not be used.
    struct Stop {
        uint256 from;
        uint256 until;
    }

    uint256 public constant PATHS = 3;

    IGuardians public immutable guardians;
    IHaltable public immutable keeper;
    uint256 public immutable stolen;

    uint256 public accepted;
    uint256 public wide;
    uint256 public resumed;
    uint256 public cancelled;
    uint64 public longest;
    mapping(uint256 path => Stop[] stops) private _stops;
    Approval private _kept;
    Scope private _keptScope;
    uint64 private _keptLast;

    constructor(IGuardians guardians_, IHaltable keeper_, uint256 stolen_) {
        (guardians, keeper, stolen) = (guardians_, keeper_, stolen_);
    }

    function stops(uint256 path) external view returns (Stop[] memory) {
        return _stops[path];
    }

    function light(uint256 path) public pure returns (address) {
        return address(uint160(0xa000 + path));
    }

    function clientId(uint256 path) public pure returns (string memory) {
        return string(abi.encodePacked("client-", bytes1(uint8(0x30 + path))));
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 3 days));
    }

    function halt(uint256 path, uint256 kind, uint256 item, uint256 duration) external {
        Scope memory scope = _scope(bound(path, 0, PATHS - 1), kind, item);
        uint64 time = uint64(bound(duration, 0, 26 hours));
        Approval memory approval = _approve(guardians, stolen, Domain.Kind.GuardianHalt, scope, time);
        (_kept, _keptScope, _keptLast) = (approval, scope, time);
        _try(abi.encodeCall(IGuardians.halt, (scope, time, approval)), scope);
    }

    function repeat() external {
        if (_kept.signatures.length == 0) return;
        _try(abi.encodeCall(IGuardians.halt, (_keptScope, _keptLast, _kept)), _keptScope);
    }

    function confirm(uint256 path, uint256 kind, uint256 item, uint256 duration) external {
        Scope memory scope = _scope(bound(path, 0, PATHS - 1), kind, item);
        uint64 time = uint64(bound(duration, 1 hours, 30 days));
        Approval memory approval = _approve(guardians, stolen, Domain.Kind.GuardianConfirm, scope, time);
        _try(abi.encodeCall(IGuardians.confirm, (scope, time, approval)), scope);
    }

    function resume(uint256 path, uint256 kind, uint256 item) external {
        Scope memory scope = _scope(bound(path, 0, PATHS - 1), kind, item);
        uint64 serial = keeper.haltSerial(scope.kind, _keyOf(scope));
        Approval memory approval = _approve(guardians, stolen, Domain.Kind.GuardianResume, scope, serial);
        try guardians.scheduleResume(scope, serial, approval) {
            ++resumed;
        } catch {}
        try guardians.executeResume(scope) {
            ++resumed;
        } catch {}
    }

    function cancel(uint64 sequence) external {
        Packet memory packet;
        (packet.sequence, packet.destClient) = (sequence, clientId(0));
        Scope memory scope = Scope(ScopeKind.None, keccak256(bytes(packet.destClient)), keccak256(abi.encode(packet)));
        Approval memory approval = _approve(guardians, stolen, Domain.Kind.GuardianCancel, scope, 0);
        try guardians.cancelHold(packet, approval) {
            ++cancelled;
        } catch {}
    }

    /// @dev What no signature is needed for, if it is let through.
    function intrude(uint256 choice) external {
        address[] memory own = new address[](3);
        (own[0], own[1], own[2]) = (address(1), address(2), address(3));
        Packet memory packet;
        bool done;
        if (choice % 4 == 0) {
            (done,) = address(keeper).call(abi.encodeCall(IHaltable.setHalt, (ScopeKind.All, 0, 1e10)));
        }
        if (choice % 4 == 1) (done,) = address(keeper).call(abi.encodeCall(IHaltable.setHalt, (ScopeKind.All, 0, 0)));
        if (choice % 4 == 2) (done,) = address(guardians).call(abi.encodeCall(IGuardians.rotate, (own, 2, 3)));
        if (choice % 4 == 3) (done,) = address(keeper).call(abi.encodeCall(IHolds.cancelHold, (packet)));
        require(!done, "a stranger was let through");
    }

    function _try(bytes memory call, Scope memory scope) private {
        (bool done,) = address(guardians).call(call);
        if (!done) return;
        ++accepted;
        uint64 until = keeper.haltedUntil(scope.kind, _keyOf(scope));
        if (until > block.timestamp + longest) longest = uint64(until - block.timestamp);
        bool narrow =
            scope.kind != ScopeKind.Application && scope.kind != ScopeKind.All && scope.kind != ScopeKind.Token;
        if (!narrow) ++wide;
        for (uint256 path = 0; path < PATHS; ++path) {
            bool own = scope.path == keccak256(bytes(clientId(path)));
            if (own || scope.item == _word(light(path))) _stops[path].push(Stop(block.timestamp, until));
        }
    }

    /// @dev Of any kind; a contract stands behind one of the paths, or behind none.
    function _scope(uint256 path, uint256 kind, uint256 item) private pure returns (Scope memory) {
        kind = bound(kind, 0, 11);
        if (kind < 3) return _clientScope(clientId(path));
        if (kind < 5) return _contractScope(light(bound(item, 0, PATHS)));
        if (kind < 7) return _assetScope(clientId(path), address(uint160(bound(item, 1, 3))));
        if (kind < 9) return _directionScope(clientId(path), bound(item, 0, 1));
        if (kind == 9) return _applicationScope("transfer");
        return kind == 10 ? _allScope() : _tokenScope(address(uint160(bound(item, 1, 3))));
    }

    function _keyOf(Scope memory scope) private pure returns (bytes32) {
        if (scope.kind == ScopeKind.Client) return scope.path;
        bool pair = scope.kind == ScopeKind.Asset || scope.kind == ScopeKind.Direction;
        return pair ? keccak256(abi.encode(scope.path, scope.item)) : scope.item;
    }
}
