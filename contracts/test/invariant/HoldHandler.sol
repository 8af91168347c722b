// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IHaltable, ScopeKind} from "../../src/interfaces/IHaltable.sol";
import {HoldState, IHolds} from "../../src/interfaces/IHolds.sol";
import {ITransfer} from "../../src/interfaces/ITransfer.sol";
import {Chain} from "../support/world/World.sol";
import {BridgeHandler, Sent} from "./BridgeHandler.sol";

/// @title HoldHandler
/// @notice The moves of `BridgeHandler`, and what ends a transfer that waits: anybody releases and expires, guardians
/// cancel, and resume what a breach halted.
contract HoldHandler is BridgeHandler {
    constructor(Chain memory a, Chain memory b) BridgeHandler(a, b) {}

    /// @notice Somebody hurries: four transfers of one size, each delivered at once. Together they are more than any
    /// window may pay, so that some wait behind each other.
    function rush(uint256 which, uint256 amount, bool back) external {
        amount = bound(amount, 1, amount % 8 == 0 ? 1000 : 180_000);
        for (uint256 i = 0; i < 4; ++i) {
            if (back) this.sendBack(which, amount);
            else this.sendOut(which, amount);
            if (_sent.length != 0) try this.deliver(_sent.length - 1) {} catch {}
        }
    }

    function release(uint256 which) external {
        Sent storage sent = _pickHeld(which);
        uint256 before = _paidOut(!sent.fromA, sent.token);
        _transfer(!sent.fromA).releaseHold(sent.packet);
        _flow(!sent.fromA, sent.token, _paidOut(!sent.fromA, sent.token) - before, 0);
    }

    function expire(uint256 which) external {
        Sent storage sent = _pickHeld(which);
        _transfer(!sent.fromA).expireHold(sent.packet);
    }

    function cancel(uint256 which) external {
        Sent storage sent = _pickHeld(which);
        ITransfer transfer = _transfer(!sent.fromA);
        vm.prank(IHaltable(address(transfer)).guardians());
        transfer.cancelHold(sent.packet);
    }

    /// @notice Release and cancel of one transfer in one block, in either order: what ended it is the last.
    function releaseAndCancel(uint256 which, bool cancelFirst) external {
        Sent storage sent = _pickHeld(which);
        ITransfer transfer = _transfer(!sent.fromA);
        address guardians = IHaltable(address(transfer)).guardians();
        uint256 before = _paidOut(!sent.fromA, sent.token);
        if (cancelFirst) vm.prank(guardians);
        if (cancelFirst) transfer.cancelHold(sent.packet);
        else transfer.releaseHold(sent.packet);
        // A release that finds a breach ends nothing.
        bool ended = _state(sent) != HoldState.Waiting;
        bytes memory second = cancelFirst
            ? abi.encodeCall(IHolds.releaseHold, (sent.packet))
            : abi.encodeCall(IHolds.cancelHold, (sent.packet));
        if (!cancelFirst) vm.prank(guardians);
        (bool done,) = address(transfer).call(second);
        if (ended && done) refundedWrongly = true;
        _flow(!sent.fromA, sent.token, _paidOut(!sent.fromA, sent.token) - before, 0);
    }

    function resume(uint256 which, bool ofA) external {
        ITransfer transfer = _transfer(ofA);
        string memory clientId = ofA ? _a.clientId : _b.clientId;
        address token = ofA ? _token(which) : voucherOf(_token(which));
        bytes32 asset = keccak256(abi.encode(keccak256(bytes(clientId)), token));
        vm.prank(IHaltable(address(transfer)).guardians());
        IHaltable(address(transfer)).setHalt(ScopeKind.Asset, asset, 0);
    }

    /// @dev A transfer that waits, if there is one behind the chosen place; else any.
    function _pickHeld(uint256 which) private view returns (Sent storage) {
        uint256 count = _sent.length;
        for (uint256 i = 0; i < count; ++i) {
            Sent storage sent = _sent[(which % count + i) % count];
            if (_state(sent) == HoldState.Waiting) return sent;
        }
        return _pick(which);
    }

    function _state(Sent storage sent) private view returns (HoldState) {
        string memory clientId = sent.fromA ? _b.clientId : _a.clientId;
        return _transfer(!sent.fromA).getHold(clientId, sent.packet.sequence).state;
    }
}
