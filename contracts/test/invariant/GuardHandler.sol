// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Approval, IGuardians, Resume, Scope} from "../../src/interfaces/IGuardians.sol";
import {IHaltable} from "../../src/interfaces/IHaltable.sol";
import {IHolds} from "../../src/interfaces/IHolds.sol";
import {Packet} from "../../src/interfaces/Messages.sol";
import {Domain} from "../../src/libraries/Domain.sol";
import {GuardianKeys} from "../support/world/GuardianKeys.sol";

/// @title GuardHandler
/// @notice The moves of the guardians' invariant test. Quorums halt, confirm and resume as they may; a thief with one
/// guardian's key, and everything that was ever signed in his hands, tries all there is.
contract GuardHandler is GuardianKeys {
    uint256 public constant SCOPES = 4;
    string private constant CLIENT = "client-0";

    IGuardians private _guardians;
    IHaltable private _keeper;
    Scope[SCOPES] private _scopes;
    /// @dev What was signed and used. What was not used yet may be submitted by anybody.
    Approval[] private _seen;

    /// @notice Until when a scope must be halted: what quorums asked for, at most, since its last resume.
    uint64[SCOPES] public until;
    /// @notice Whether anything moved that one key cannot move.
    bool public thiefMovedSomething;
    /// @notice Whether a halt ended by a resume that had not waited its hour.
    bool public resumedEarly;
    /// @dev When the large quorum approved the resume that waits.
    uint256[SCOPES] private _resumeAskedAt;

    constructor(IGuardians guardians, IHaltable keeper) {
        (_guardians, _keeper) = (guardians, keeper);
        address token = account("token");
        _scopes[0] = _assetScope(CLIENT, token);
        _scopes[1] = _directionScope(CLIENT, 1);
        _scopes[2] = _tokenScope(token);
        _scopes[3] = _allScope();
    }

    function scopeAt(uint256 which) public view returns (Scope memory scope, bytes32 key) {
        scope = _scopes[which];
        key = which < 2 ? keccak256(abi.encode(scope.path, scope.item)) : scope.item;
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 2 days));
    }

    function halt(uint256 which, uint64 duration, bool large) external {
        which %= SCOPES;
        duration = uint64(bound(duration, 1 hours, 24 hours));
        Approval memory approval =
            _approve(_guardians, large ? LARGE : SMALL, Domain.Kind.GuardianHalt, _scopes[which], duration);
        try _guardians.halt(_scopes[which], duration, approval) {
            _asked(which, duration);
            _seen.push(approval);
        } catch {}
    }

    function confirm(uint256 which, uint64 duration) external {
        which %= SCOPES;
        duration = uint64(bound(duration, 1 hours, 30 days));
        Approval memory approval = _approve(_guardians, LARGE, Domain.Kind.GuardianConfirm, _scopes[which], duration);
        try _guardians.confirm(_scopes[which], duration, approval) {
            _asked(which, duration);
            _seen.push(approval);
        } catch {}
    }

    function scheduleResume(uint256 which) external {
        which %= SCOPES;
        (Scope memory scope, bytes32 key) = scopeAt(which);
        uint64 serial = _keeper.haltSerial(scope.kind, key);
        Approval memory approval = _approve(_guardians, LARGE, Domain.Kind.GuardianResume, scope, serial);
        try _guardians.scheduleResume(scope, serial, approval) {
            _resumeAskedAt[which] = block.timestamp;
            _seen.push(approval);
        } catch {}
    }

    function executeResume(uint256 which) external {
        which %= SCOPES;
        try _guardians.executeResume(_scopes[which]) {
            uint256 askedAt = _resumeAskedAt[which];
            if (askedAt == 0 || block.timestamp < askedAt + 1 hours) resumedEarly = true;
            (until[which], _resumeAskedAt[which]) = (0, 0);
        } catch {}
    }

    /// @notice The thief signs alone, or adds what others signed before.
    function steal(uint256 which, uint64 duration, uint256 old, uint8 move) external {
        which %= SCOPES;
        duration = uint64(bound(duration, 1 hours, 24 hours));
        Scope memory scope = _scopes[which];
        Approval memory approval = _approve(_guardians, 1, _kind(move), scope, duration);
        if (_seen.length != 0 && move >= 128) {
            Approval memory earlier = _seen[old % _seen.length];
            approval.signatures = earlier.signatures;
            if (move >= 192) approval = earlier;
        }
        bytes32 before = _state();
        (bool done,) = address(_guardians).call(_call(move % 4, scope, duration, approval));
        if (done || _state() != before) thiefMovedSomething = true;
    }

    /// @notice The thief calls what only others may.
    function enter(uint256 which, uint64 end, uint8 move) external {
        (Scope memory scope, bytes32 key) = scopeAt(which % SCOPES);
        Packet memory packet;
        bytes[3] memory calls = [
            abi.encodeCall(IHaltable.setHalt, (scope.kind, key, move < 128 ? 0 : end)),
            abi.encodeCall(IHolds.cancelHold, (packet)),
            abi.encodeCall(IGuardians.rotate, (_addresses(_keys(1)), SMALL, LARGE))
        ];
        bytes32 before = _state();
        vm.prank(vm.addr(_keys(0)[0]));
        (bool done,) = (move % 3 == 2 ? address(_guardians) : address(_keeper)).call(calls[move % 3]);
        if (done || _state() != before) thiefMovedSomething = true;
    }

    function _asked(uint256 which, uint64 duration) private {
        uint64 end = uint64(block.timestamp) + duration;
        if (end > until[which]) until[which] = end;
        // A halt in between takes a waiting resume off.
        _resumeAskedAt[which] = 0;
    }

    function _kind(uint8 move) private pure returns (Domain.Kind) {
        Domain.Kind[4] memory kinds = [
            Domain.Kind.GuardianHalt,
            Domain.Kind.GuardianConfirm,
            Domain.Kind.GuardianResume,
            Domain.Kind.GuardianCancel
        ];
        return kinds[move % 4];
    }

    function _call(uint8 move, Scope memory scope, uint64 duration, Approval memory approval)
        private
        pure
        returns (bytes memory)
    {
        Packet memory packet;
        (packet.sequence, packet.destClient) = (1, CLIENT);
        if (move == 0) return abi.encodeCall(IGuardians.halt, (scope, duration, approval));
        if (move == 1) return abi.encodeCall(IGuardians.confirm, (scope, duration, approval));
        if (move == 2) return abi.encodeCall(IGuardians.scheduleResume, (scope, duration, approval));
        return abi.encodeCall(IGuardians.cancelHold, (packet, approval));
    }

    /// @dev All that one key must not move: the set, the halts, the resumes that wait.
    function _state() private view returns (bytes32 digest) {
        (uint64 set, address[] memory list, uint256 small, uint256 large) = _guardians.guardianSet();
        digest = keccak256(abi.encode(set, list, small, large));
        for (uint256 i = 0; i < SCOPES; ++i) {
            (Scope memory scope, bytes32 key) = scopeAt(i);
            Resume memory resume = _guardians.resumeOf(scope);
            digest = keccak256(abi.encode(digest, _keeper.haltedUntil(scope.kind, key), resume));
        }
    }
}
