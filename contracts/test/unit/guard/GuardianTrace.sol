// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Approval, IGuardians, Scope} from "../../../src/interfaces/IGuardians.sol";
import {IHaltable, ScopeKind} from "../../../src/interfaces/IHaltable.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {Signatures} from "../../../src/libraries/Signatures.sol";
import {IHaltKeeper} from "../../harness/IHaltKeeper.sol";
import {Test} from "../../support/Test.sol";

/// @title GuardianTrace
/// @notice Replays what the law crate `guardian-core` wrote down: a set, steps, and what holds at the end. The format
/// is that of light-clients/vectors/README.md.
abstract contract GuardianTrace is Test {
    /// @notice One step.
    struct Op {
        uint8 what;
        uint64 time;
        uint8 scope;
        bytes32 path;
        bytes32 item;
        uint64 number;
        uint64 nonce;
        uint64 expiry;
        bytes[] signatures;
        bytes packet;
        address[] guardians;
        uint8 small;
        uint8 large;
    }

    /// @notice Until when a scope is halted at the end.
    struct Probe {
        uint8 scope;
        bytes32 path;
        bytes32 item;
        uint64 until;
    }

    /// @notice The halting time of an account that counts at the end.
    struct Charged {
        bytes32 account;
        uint64 charged;
    }

    IGuardians internal guardians;
    IHaltKeeper internal keeper;
    mapping(bytes4 selector => string rule) private _rules;

    function setUp() public virtual {
        _nameSets();
        _nameSignatures();
        _nameHalts();
    }

    /// @dev Deploys the guardians of a trace at the address that its signatures name: the constructor runs there.
    /// @return refused The rule that the set breaks; empty if it is safe.
    function _start(string memory json) internal returns (string memory refused) {
        vm.chainId(vm.parseJsonUint(json, ".chainId"));
        address place = vm.parseJsonAddress(json, ".contract");
        keeper = IHaltKeeper(_create("HaltKeeper.sol:HaltKeeper", abi.encode(place)));
        bytes32[] memory keys = abi.decode(vm.parseJsonBytes(json, ".paths"), (bytes32[]));
        address[] memory lights = abi.decode(vm.parseJsonBytes(json, ".lights"), (address[]));
        for (uint256 i = 0; i < keys.length; ++i) {
            keeper.know(keys[i], lights[i]);
        }
        bytes memory arguments = abi.encode(
            _create("Permit.sol:Permit", abi.encode(address(this))),
            keeper,
            keeper,
            abi.decode(vm.parseJsonBytes(json, ".guardians"), (address[])),
            vm.parseJsonUint(json, ".small"),
            vm.parseJsonUint(json, ".large")
        );
        vm.etch(place, bytes.concat(vm.getCode("Guardians.sol:Guardians"), arguments));
        (bool created, bytes memory code) = place.call("");
        if (!created) return _ruleOf(code);
        vm.etch(place, code);
        guardians = IGuardians(place);
    }

    /// @dev Takes a step.
    /// @return refused The rule that it breaks; empty if it is accepted.
    function _take(Op memory op) internal returns (string memory refused) {
        vm.warp(op.time);
        (bool accepted, bytes memory reason) = address(this).call(abi.encodeCall(this.take, (op)));
        if (!accepted) return _ruleOf(reason);
    }

    /// @notice One step, in a call of its own that may revert.
    function take(Op calldata op) external {
        Scope memory scope = Scope(ScopeKind(op.scope), op.path, op.item);
        Approval memory approval = Approval(op.nonce, op.expiry, op.signatures);
        if (op.what == 1) return guardians.halt(scope, op.number, approval);
        if (op.what == 2) return guardians.confirm(scope, op.number, approval);
        if (op.what == 3) return guardians.scheduleResume(scope, op.number, approval);
        if (op.what == 4) return guardians.executeResume(scope);
        if (op.what == 5) {
            uint256 before = keeper.cancelled(keccak256(op.packet));
            guardians.cancelHold(abi.decode(op.packet, (Packet)), approval);
            return vm.assertEq(keeper.cancelled(keccak256(op.packet)), before + 1);
        }
        if (op.what == 6) return guardians.rotate(op.guardians, op.small, op.large);
        require(op.what == 7, "an unknown step");
        keeper.breach(scope.kind, _key(scope));
    }

    function _ops(string memory json) internal pure returns (Op[] memory) {
        return abi.decode(vm.parseJsonBytes(json, ".ops"), (Op[]));
    }

    /// @dev What the trace says of its end holds.
    function _checkEnd(string memory json, string memory path) internal {
        vm.warp(vm.parseJsonUint(json, ".end"));
        Probe[] memory probes = abi.decode(vm.parseJsonBytes(json, ".probes"), (Probe[]));
        for (uint256 i = 0; i < probes.length; ++i) {
            Probe memory probe = probes[i];
            string memory about = string.concat(path, ": probe ", vm.toString(i));
            (ScopeKind kind, bytes32 key) =
                (ScopeKind(probe.scope), _key(Scope(ScopeKind(probe.scope), probe.path, probe.item)));
            vm.assertEq(IHaltable(address(keeper)).haltedUntil(kind, key), probe.until, about);
            bool on = block.timestamp < probe.until;
            vm.assertTrue(keeper.isHalted(kind, key) == on, about);
            vm.assertTrue(!on || keeper.mayBeHalted(), about);
        }
        Charged[] memory charged = abi.decode(vm.parseJsonBytes(json, ".charged"), (Charged[]));
        for (uint256 i = 0; i < charged.length; ++i) {
            string memory about = string.concat(path, ": account ", vm.toString(i));
            vm.assertEq(guardians.charged(charged[i].account), charged[i].charged, about);
        }
    }

    /// @dev The key of a scope, written out once more.
    function _key(Scope memory scope) private pure returns (bytes32) {
        if (scope.kind == ScopeKind.Client) return scope.path;
        if (scope.kind == ScopeKind.Asset || scope.kind == ScopeKind.Direction) {
            return keccak256(abi.encode(scope.path, scope.item));
        }
        return scope.item;
    }

    function _ruleOf(bytes memory reason) private view returns (string memory rule) {
        rule = _rules[bytes4(reason)];
        require(bytes(rule).length != 0, string.concat("no rule is named ", vm.toString(reason)));
    }

    function _nameSets() private {
        _rules[IGuardians.TooManyGuardians.selector] = "too_many_guardians";
        _rules[IGuardians.SmallQuorum.selector] = "small_quorum";
        _rules[IGuardians.LargeQuorum.selector] = "large_quorum";
        _rules[IGuardians.GuardianOrder.selector] = "guardian_order";
    }

    function _nameSignatures() private {
        _rules[IGuardians.Expired.selector] = "expired";
        _rules[IGuardians.ExpiryTooFar.selector] = "expiry_too_far";
        _rules[IGuardians.NonceUsed.selector] = "nonce_used";
        _rules[IGuardians.NotEnoughSigners.selector] = "not_enough_signers";
        _rules[IGuardians.TooManySigners.selector] = "too_many_signers";
        _rules[IGuardians.NotAGuardian.selector] = "not_a_guardian";
        _rules[IGuardians.SignerOrder.selector] = "signer_order";
        _rules[Signatures.SignatureLength.selector] = "signature_length";
        _rules[Signatures.RecoveryByte.selector] = "recovery_byte";
        _rules[Signatures.HighS.selector] = "high_s";
        _rules[Signatures.Unrecoverable.selector] = "unrecoverable";
    }

    function _nameHalts() private {
        _rules[IGuardians.InvalidScope.selector] = "invalid_scope";
        _rules[IGuardians.UnknownPath.selector] = "unknown_path";
        _rules[IGuardians.WrongDuration.selector] = "wrong_duration";
        _rules[IGuardians.NothingAdded.selector] = "nothing_added";
        _rules[IGuardians.OverBudget.selector] = "over_budget";
        _rules[IGuardians.NotHalted.selector] = "not_halted";
        _rules[IGuardians.HaltedAgain.selector] = "halted_again";
        _rules[IGuardians.NoResume.selector] = "no_resume";
        _rules[IGuardians.ResumeOfOtherSet.selector] = "resume_of_other_set";
        _rules[IGuardians.ResumeTooEarly.selector] = "resume_too_early";
    }
}
