// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IClientHalts} from "../interfaces/IHaltable.sol";
import {Hold, HoldEnd, HoldState, IHolds} from "../interfaces/IHolds.sol";
import {ClientStatus} from "../interfaces/ILightClient.sol";
import {Direction, Verdict} from "../interfaces/ILimits.sol";
import {ITransfer} from "../interfaces/ITransfer.sol";
import {Packet} from "../interfaces/Messages.sol";
import {Commitments} from "../libraries/Commitments.sol";
import {Ics20} from "../libraries/Ics20.sol";
import {Limits, Situation} from "../libraries/Limits.sol";
import {Arrival} from "./Arrivals.sol";
import {LaneStore} from "./Lanes.sol";
import {TransferState} from "./TransferState.sol";

/// @title Releases
/// @notice Ends held transfers: pays what may be paid now, refuses what was cancelled or waited too long. It must never
/// end one twice, never pay anybody but the receiver in the packet, and never take a lack of gas for a refusal.
/// @dev The end is written before the token is called and before the router is answered. Spec: PROTOCOL section 4.
abstract contract Releases is IHolds, TransferState {
    /// @inheritdoc IHolds
    uint40 public constant HOLD_SECONDS_MAX = 72 hours;

    bytes32 private constant PORT_KEY = keccak256(bytes(Ics20.PORT));

    /// @inheritdoc IHolds
    function releaseHold(Packet calldata packet) external nonReentrant {
        (Arrival memory arrival, Hold memory hold) = _waiting(packet);
        LaneStore storage lane = _lane(arrival.asset, Direction.Receive);
        _checkRunning(packet, arrival);
        _checkTurn(lane, packet.sequence, hold);
        Situation memory situation =
            _situation(lane, arrival.clientKey, Direction.Receive, arrival.token, arrival.amount);
        // It has waited: for its size, and for those before it.
        (situation.largeSize, situation.queued, situation.held) = (0, 0, 0);
        Verdict verdict = Limits.weigh(situation);
        if (verdict != Verdict.Pay) _refuse(verdict, situation, arrival.token);
        uint256 available = _bookArrival(arrival);
        if (arrival.amount > available) return _keep(lane, arrival, packet.sequence, hold.reason, available);

        _endHold(lane, arrival.clientKey, packet.sequence, HoldState.Paid);
        _leave(lane, situation);
        if (!_tryPayArrival(arrival)) {
            _bookUnrelease(arrival.asset, arrival.amount);
            _stay(lane, situation);
            _hold(arrival.clientKey, packet.sequence).state = HoldState.Refused;
            return _answerError(packet, arrival.clientKey, HoldEnd.TokenRefused);
        }
        _creditOther(arrival.asset, Direction.Receive, arrival.amount);
        emit HoldReleased(arrival.clientKey, packet.sequence);
        _router.writeAcknowledgement(packet, Ics20.SUCCESS);
    }

    /// @inheritdoc IHolds
    function cancelHold(Packet calldata packet) external onlyGuardians nonReentrant {
        (Arrival memory arrival,) = _waiting(packet);
        _refuseHold(packet, arrival, HoldEnd.Cancelled);
    }

    /// @inheritdoc IHolds
    function expireHold(Packet calldata packet) external nonReentrant {
        (Arrival memory arrival, Hold memory hold) = _waiting(packet);
        uint256 dueAt = uint256(hold.heldAt) + HOLD_SECONDS_MAX;
        require(block.timestamp >= dueAt, NotDue(dueAt, block.timestamp));
        _refuseHold(packet, arrival, HoldEnd.Expired);
    }

    /// @inheritdoc IHolds
    function getHold(string calldata clientId, uint64 sequence) external view returns (Hold memory) {
        return _hold(keccak256(bytes(clientId)), sequence);
    }

    function _refuseHold(Packet calldata packet, Arrival memory arrival, HoldEnd why) private {
        LaneStore storage lane = _lane(arrival.asset, Direction.Receive);
        _endHold(lane, arrival.clientKey, packet.sequence, HoldState.Refused);
        _answerError(packet, arrival.clientKey, why);
    }

    function _answerError(Packet calldata packet, bytes32 clientKey, HoldEnd why) private {
        emit HoldRefused(clientKey, packet.sequence, why);
        _router.writeAcknowledgement(packet, abi.encodePacked(Commitments.UNIVERSAL_ERROR));
    }

    /// @dev A payment that would break conservation stays where it is, beside the queue, and halts the asset; unless
    /// that is known of it already, or anybody could halt the asset again after every resume.
    function _keep(LaneStore storage lane, Arrival memory arrival, uint64 sequence, Verdict reason, uint256 available)
        private
    {
        bool known = reason == Verdict.HeldBreach;
        require(!known, ITransfer.ConservationBreach(arrival.asset, available, arrival.amount));
        _setAside(lane, arrival.clientKey, sequence);
        _breach(arrival.asset, arrival.token, available, arrival.amount);
    }

    /// @dev The transfer that a packet carries, if it waits. The router's receipt says that it is this very packet.
    function _waiting(Packet calldata packet) private view returns (Arrival memory arrival, Hold memory hold) {
        bytes32 clientKey = keccak256(bytes(packet.destClient));
        hold = _hold(clientKey, packet.sequence);
        bool waits = hold.state == HoldState.Waiting && _router.isPacketReceived(packet);
        require(waits, NotHeld(clientKey, packet.sequence, hold.state));
        arrival = _arrival(packet.sourceClient, packet.destClient, packet.payloads[0]);
    }

    function _checkRunning(Packet calldata packet, Arrival memory arrival) private view {
        IClientHalts(address(_router)).checkRunning(arrival.clientKey, PORT_KEY);
        bool frozen = _router.getClientStatus(packet.destClient) == ClientStatus.Frozen;
        require(!frozen, ITransfer.ClientFrozen(packet.destClient));
        _checkScopes(arrival.clientKey, arrival.asset, arrival.token, Direction.Receive);
    }

    function _checkTurn(LaneStore storage lane, uint64 sequence, Hold memory hold) private view {
        require(block.timestamp >= hold.dueAt, NotDue(hold.dueAt, block.timestamp));
        bool first = !_inQueue(hold.reason) || lane.head == sequence;
        require(first, NotFirst(lane.head, sequence));
    }
}
