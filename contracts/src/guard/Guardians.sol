// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Approval, IGuardians, Resume, Scope} from "../interfaces/IGuardians.sol";
import {IClientHalts, IHaltable, ScopeKind} from "../interfaces/IHaltable.sol";
import {IHolds} from "../interfaces/IHolds.sol";
import {Packet} from "../interfaces/Messages.sol";
import {Commitments} from "../libraries/Commitments.sol";
import {Domain} from "../libraries/Domain.sol";
import {HaltBudget} from "../libraries/HaltBudget.sol";
import {Scopes} from "../libraries/Scopes.sol";
import {Governed} from "./Governed.sol";
import {GuardianSet} from "./GuardianSet.sol";

/// @title Guardians
/// @notice Turns signatures of guardians into halts, resumes and cancelled holds. It must never act on fewer than the
/// quorum of what is asked, never let the small quorum halt for ever or resume, and holds no value and no other right.
/// @dev Twin of `guardian/core`, `Guardians`: same order of checks. Not upgradeable; governance only replaces the set.
/// Spec: PROTOCOL section 4, docs/guardians.md.
contract Guardians is IGuardians, GuardianSet, Governed {
    using HaltBudget for HaltBudget.Account;
    using Scopes for Scope;

    /// @dev The longest halt that one confirmation makes.
    uint64 private constant CONFIRM_SECONDS_MAX = 30 days;
    /// @dev How long a resume waits, so that those who see that it is wrong can halt again.
    uint64 private constant RESUME_DELAY_SECONDS = 1 hours;

    address private immutable _router;
    address private immutable _transfer;

    mapping(bytes32 account => HaltBudget.Account) private _accounts;
    mapping(ScopeKind kind => mapping(bytes32 key => Resume resume)) private _resumes;

    /// @param authority_ Who decides who may replace the set: a timelock.
    /// @param router The router. Like the transfer application, it may be deployed afterwards at this address.
    /// @param guardians The first set, in ascending order.
    constructor(
        address authority_,
        address router,
        address transfer,
        address[] memory guardians,
        uint256 small,
        uint256 large
    ) Governed(authority_) {
        require(router != address(0) && transfer != address(0), NoTarget(router, transfer));
        (_router, _transfer) = (router, transfer);
        _form(guardians, small, large);
    }

    /// @inheritdoc IGuardians
    function halt(Scope calldata scope, uint64 duration, Approval calldata approval) external {
        address light = _checkKnown(scope);
        _checkDuration(duration, HaltBudget.SECONDS_MAX);
        uint64 until = _checkAdds(scope, duration);
        bool large = Scopes.isWide(scope.kind);
        address[] memory signers = _approve(large, Domain.Kind.GuardianHalt, scope, duration, approval);
        _charge(scope.payers(light), duration);
        _halt(scope, until, false, signers);
    }

    /// @inheritdoc IGuardians
    function confirm(Scope calldata scope, uint64 duration, Approval calldata approval) external {
        _checkKnown(scope);
        _checkDuration(duration, CONFIRM_SECONDS_MAX);
        uint64 until = _checkAdds(scope, duration);
        _halt(scope, until, true, _approve(true, Domain.Kind.GuardianConfirm, scope, duration, approval));
    }

    /// @inheritdoc IGuardians
    function scheduleResume(Scope calldata scope, uint64 serial, Approval calldata approval) external {
        _checkKnown(scope);
        bytes32 key = scope.key();
        IHaltable target = _targetOf(scope.kind);
        uint64 until = target.haltedUntil(scope.kind, key);
        require(block.timestamp < until, NotHalted(until, block.timestamp));
        uint64 newest = target.haltSerial(scope.kind, key);
        require(serial == newest, HaltedAgain(serial, newest));
        address[] memory signers = _approve(true, Domain.Kind.GuardianResume, scope, serial, approval);

        uint64 readyAt = uint64(block.timestamp) + RESUME_DELAY_SECONDS;
        _resumes[scope.kind][key] = Resume({set: _currentSet(), serial: serial, readyAt: readyAt});
        emit ResumeScheduled(scope.kind, scope.path, scope.item, serial, readyAt, signers);
    }

    /// @inheritdoc IGuardians
    function executeResume(Scope calldata scope) external {
        _checkKnown(scope);
        bytes32 key = scope.key();
        IHaltable target = _targetOf(scope.kind);
        Resume memory resume = _resumes[scope.kind][key];
        require(resume.readyAt != 0, NoResume(key));
        require(resume.set == _currentSet(), ResumeOfOtherSet(resume.set, _currentSet()));
        uint64 newest = target.haltSerial(scope.kind, key);
        require(resume.serial == newest, HaltedAgain(resume.serial, newest));
        require(block.timestamp >= resume.readyAt, ResumeTooEarly(resume.readyAt, block.timestamp));

        delete _resumes[scope.kind][key];
        emit ResumeExecuted(scope.kind, scope.path, scope.item, resume.serial);
        target.setHalt(scope.kind, key, 0);
    }

    /// @inheritdoc IGuardians
    function cancelHold(Packet calldata packet, Approval calldata approval) external {
        Scope memory scope = Scope(ScopeKind.None, keccak256(bytes(packet.destClient)), Commitments.receipt(packet));
        address[] memory signers = _approve(false, Domain.Kind.GuardianCancel, scope, 0, approval);
        emit HoldCancelApproved(scope.path, packet.sequence, scope.item, signers);
        IHolds(_transfer).cancelHold(packet);
    }

    /// @inheritdoc IGuardians
    function rotate(address[] calldata guardians, uint256 small, uint256 large) external restricted {
        _form(guardians, small, large);
    }

    /// @inheritdoc IGuardians
    function targets() external view returns (address router, address transfer) {
        return (_router, _transfer);
    }

    /// @inheritdoc IGuardians
    function charged(bytes32 account) external view returns (uint64) {
        return _accounts[account].charged();
    }

    /// @inheritdoc IGuardians
    function resumeOf(Scope calldata scope) external view returns (Resume memory) {
        return _resumes[scope.kind][scope.key()];
    }

    function _halt(Scope calldata scope, uint64 until, bool confirmed, address[] memory signers) private {
        emit HaltApproved(scope.kind, scope.path, scope.item, until, confirmed, signers);
        _targetOf(scope.kind).setHalt(scope.kind, scope.key(), until);
    }

    /// @dev Accepts a halt for which every account has time left.
    function _charge(Scopes.Payer[] memory payers, uint64 duration) private {
        for (uint256 i = 0; i < payers.length; ++i) {
            (bytes32 key, uint64 most) = (payers[i].account, payers[i].most);
            HaltBudget.Account storage account = _accounts[key];
            uint64 before = account.charged();
            require(before + duration <= most, OverBudget(key, before, duration, most));
            account.charge(duration);
            emit BudgetCharged(key, before + duration, most);
        }
    }

    /// @dev The contract behind the path of a well-formed scope; zero for a scope without a path.
    function _checkKnown(Scope calldata scope) private view returns (address light) {
        scope.check();
        if (scope.path == 0) return light;
        light = IClientHalts(_router).clientContract(scope.path);
        require(light != address(0), UnknownPath(scope.path));
    }

    /// @dev A halt has to lengthen the present one, or to cancel a resume that waits: else it would use up time for
    /// nothing.
    function _checkAdds(Scope calldata scope, uint64 duration) private view returns (uint64 until) {
        until = uint64(block.timestamp) + duration;
        bytes32 key = scope.key();
        IHaltable target = _targetOf(scope.kind);
        uint64 current = target.haltedUntil(scope.kind, key);
        if (until > current) return until;
        Resume storage resume = _resumes[scope.kind][key];
        bool waits = resume.readyAt != 0 && resume.serial == target.haltSerial(scope.kind, key);
        require(waits, NothingAdded(until, current));
    }

    function _targetOf(ScopeKind kind) private view returns (IHaltable) {
        return IHaltable(Scopes.isOfTransfer(kind) ? _transfer : _router);
    }

    function _checkDuration(uint64 duration, uint64 most) private pure {
        bool fits = duration >= HaltBudget.SECONDS_MIN && duration <= most;
        require(fits, WrongDuration(duration, HaltBudget.SECONDS_MIN, most));
    }
}
