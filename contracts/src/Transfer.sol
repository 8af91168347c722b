// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {Upgradeable} from "./guard/Upgradeable.sol";
import {
    IApplication,
    IAsyncApplication,
    ICallbackGas,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "./interfaces/IApplication.sol";
import {IHaltable, ScopeKind} from "./interfaces/IHaltable.sol";
import {IHolds} from "./interfaces/IHolds.sol";
import {Direction, Verdict} from "./interfaces/ILimits.sol";
import {Claim, FungibleTokenPacketData, ITransfer, ITransferMoves, SendTransferMsg} from "./interfaces/ITransfer.sol";
import {MsgSendPacket, Payload} from "./interfaces/Messages.sol";
import {Commitments} from "./libraries/Commitments.sol";
import {Ics20} from "./libraries/Ics20.sol";
import {Limits, Situation} from "./libraries/Limits.sol";
import {Arrival} from "./transfer/Arrivals.sol";
import {Repeats} from "./transfer/Repeats.sol";
import {LaneStore} from "./transfer/Lanes.sol";
import {Parts, TransferState} from "./transfer/TransferState.sol";
import {Voucher} from "./transfer/Voucher.sol";

/// @title Transfer
/// @notice The ICS-20 application: decides what a transfer does to the assets of this chain. It must never pay twice
/// for one packet, pay more over a client than entered over it or than its limit lets leave, or leave a packet
/// unsettled because of what a token does.
/// @dev Spec: PROTOCOL sections 3 and 4. Order on a receive: form, halts, limit, hold, conservation, payment. A breach
/// of conservation halts the asset and keeps the packet held. The router guarantees that each packet of this
/// application is settled once.
contract Transfer is
    IApplication,
    IAsyncApplication,
    ICallbackGas,
    IERC165,
    ITransferMoves,
    TransferState,
    Repeats,
    Upgradeable
{
    /// @inheritdoc ICallbackGas
    /// @dev Covers the largest token gas and a price, or a voucher with the longest path.
    uint64 public constant callbackGas = 1_000_000;

    /// @inheritdoc IAsyncApplication
    bool public constant answersLater = true;

    /// @dev Does what is not on the way of a packet, in this contract's name: a contract has room for 24,576 bytes
    /// only.
    address private immutable _desk;

    /// @param desk A `TransferDesk` with the same parts.
    constructor(Parts memory parts, address desk) TransferState(parts) {
        _checkParts(desk);
        _desk = desk;
    }

    /// @dev Claims, releases, settings and views.
    fallback() external {
        _delegate(_desk);
    }

    /// @notice Called by the constructor of the proxy, once. There is nothing to write: it looks whether the vouchers
    /// and escrows obey the proxy.
    function initialize() external initializer {
        _checkOwner(_original.transfer());
        _checkOwner(_escrows.transfer());
    }

    /// @inheritdoc ITransferMoves
    function sendTransfer(SendTransferMsg calldata message) external nonReentrant returns (uint64 sequence) {
        _checkRequest(message);
        FungibleTokenPacketData memory data = FungibleTokenPacketData({
            denom: _denomOf(message.denom),
            sender: Strings.toHexString(msg.sender),
            receiver: message.receiver,
            amount: message.amount,
            memo: message.memo
        });
        Ics20.check(data);
        data.amount = _take(message);
        Payload memory payload = Payload({
            sourcePort: Ics20.PORT,
            destPort: Ics20.PORT,
            version: Ics20.VERSION,
            encoding: Ics20.ENCODING,
            value: Ics20.encode(data)
        });
        return _router.sendPacket(MsgSendPacket(message.sourceClient, message.timeoutTimestamp, payload));
    }

    /// @inheritdoc IApplication
    /// @dev Inside another call of this contract it reverts without data: a token whose hook delivers other people's
    /// packets must not be able to have them refused (T-46).
    function onRecvPacket(OnRecvPacketCallback calldata message) external onlyRouter returns (bytes memory answer) {
        answer = _receive(message, _beginReceive());
        _endReceive();
    }

    /// @inheritdoc IApplication
    /// @dev The universal error is the only answer that proves that nothing was paid; every other settles the packet.
    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata message)
        external
        onlyRouter
        nonReentrant
    {
        if (_isRefusal(message.acknowledgement)) {
            return _refund(message.sourceClient, message.payload.value);
        }
        FungibleTokenPacketData memory data = Ics20.decode(message.payload.value);
        bytes32 clientKey = keccak256(bytes(message.sourceClient));
        address token = _tokenOf(data.denom);
        if (_cameBy(token, clientKey)) _bookSettled(_assetKey(clientKey, token), data.amount);
    }

    /// @inheritdoc IApplication
    function onTimeoutPacket(OnTimeoutPacketCallback calldata message) external onlyRouter nonReentrant {
        _refund(message.sourceClient, message.payload.value);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IAsyncApplication).interfaceId;
    }

    /// @inheritdoc Upgradeable
    function constants() public view override returns (bytes32) {
        return _constants();
    }

    /// @dev Gives back what a packet of this application took. It never reverts because of a token. What would break
    /// conservation halts the asset: a refund was forged, or a payment before it.
    function _refund(string calldata clientId, bytes calldata value) internal {
        FungibleTokenPacketData memory data = Ics20.decode(value);
        (, address owner) = Ics20.parseAddress(data.sender);
        address token = _tokenOf(data.denom);
        bytes32 clientKey = keccak256(bytes(clientId));
        bytes32 asset = _assetKey(clientKey, token);
        bool minted = _cameBy(token, clientKey);

        uint256 available = _bookRefund(asset, minted, data.amount);
        bool counted = data.amount <= available;
        if (!counted) _breach(asset, token, available, data.amount);
        if (counted && minted) return Voucher(token).mint(owner, data.amount);
        if (counted && _tryPay(clientKey, token, owner, data.amount)) return;

        Claim storage parked = _claimOf(asset, owner);
        if (counted) parked.counted = _plus(parked.counted, data.amount);
        else parked.uncounted = _plus(parked.uncounted, data.amount);
        emit ITransfer.RefundParked(clientId, token, owner, data.amount, counted);
    }

    /// @dev Burns or locks what is to be sent, if it may leave.
    /// @return amount What the packet carries.
    function _take(SendTransferMsg calldata message) private returns (uint256 amount) {
        address token = message.denom;
        bytes32 clientKey = keccak256(bytes(message.sourceClient));
        bytes32 asset = _assetKey(clientKey, token);
        _checkScopes(clientKey, asset, token, Direction.Send);
        if (_cameBy(token, clientKey)) {
            amount = message.amount;
            _leaveNow(clientKey, asset, token, amount);
            _bookBurn(asset, amount);
            Voucher(token).burn(msg.sender, amount);
            return amount;
        }
        amount = _collect(message.sourceClient, token, msg.sender, message.amount);
        _leaveNow(clientKey, asset, token, amount);
        _bookLock(asset, amount);
    }

    /// @dev A transfer that is sent does not wait: there is room, or it is refused.
    function _leaveNow(bytes32 clientKey, bytes32 asset, address token, uint256 amount) private {
        LaneStore storage lane = _lane(asset, Direction.Send);
        Situation memory situation = _situation(lane, clientKey, Direction.Send, token, amount);
        Verdict verdict = Limits.weigh(situation);
        if (verdict != Verdict.Pay) _refuse(verdict, situation, token);
        _leave(lane, situation);
        _creditOther(asset, Direction.Send, amount);
    }

    /// @param again Whether it does not come alone: only then is what it has in common with others worth knowing.
    function _receive(OnRecvPacketCallback calldata message, bool again) private returns (bytes memory) {
        Arrival memory arrival = again
            ? _recallOrLearn(message)
            : _arrival(message.sourceClient, message.destinationClient, message.payload);
        _deliverOnlyIfRunning(arrival);
        LaneStore storage lane = _lane(arrival.asset, Direction.Receive);
        (bool quick, uint256 next) = _leavesQuickly(lane, arrival.amount);
        if (!quick) return _weighAndReceive(lane, arrival, message.sequence);
        Verdict verdict = _bookOrHalt(arrival);
        if (verdict != Verdict.Pay) return _keep(lane, arrival, message.sequence, verdict);
        _storeHot(lane, next);
        return _payOut(arrival);
    }

    /// @dev What most receives do quickly, with everything that there may be to look at.
    function _weighAndReceive(LaneStore storage lane, Arrival memory arrival, uint64 sequence)
        private
        returns (bytes memory)
    {
        Situation memory situation =
            _situation(lane, arrival.clientKey, Direction.Receive, arrival.token, arrival.amount);
        Verdict verdict = Limits.weigh(situation);
        if (verdict == Verdict.Pay) verdict = _bookOrHalt(arrival);
        if (verdict > Verdict.TooManyHeld) return _keep(lane, arrival, sequence, verdict);
        if (verdict != Verdict.Pay) _refuse(verdict, situation, arrival.token);
        _leave(lane, situation);
        _creditOther(arrival.asset, Direction.Receive, arrival.amount);
        return _payOut(arrival);
    }

    /// @dev The answer comes when the hold ends.
    function _keep(LaneStore storage lane, Arrival memory arrival, uint64 sequence, Verdict reason)
        private
        returns (bytes memory)
    {
        uint64 dueAt = _beginHold(lane, arrival.clientKey, sequence, reason);
        emit IHolds.TransferHeld(
            arrival.clientKey, sequence, arrival.token, arrival.receiver, arrival.amount, reason, dueAt
        );
        return "";
    }

    function _payOut(Arrival memory arrival) private returns (bytes memory) {
        require(_tryPayArrival(arrival), ITransfer.PaymentRefused(arrival.token, arrival.receiver, arrival.amount));
        return Ics20.SUCCESS;
    }

    /// @dev Counts a payment. One that would break conservation is kept, and halts the asset: reverting would undo the
    /// halt.
    function _bookOrHalt(Arrival memory arrival) private returns (Verdict) {
        uint256 available = _bookArrival(arrival);
        if (arrival.amount <= available) return Verdict.Pay;
        _breach(arrival.asset, arrival.token, available, arrival.amount);
        return Verdict.HeldBreach;
    }

    /// @dev Reverts the whole delivery while the token may not be paid: it can be delivered later, or time out.
    function _deliverOnlyIfRunning(Arrival memory arrival) private view {
        (ScopeKind kind, bytes32 key) = _haltOf(arrival.clientKey, arrival.asset, arrival.token, Direction.Receive);
        if (kind == ScopeKind.None) return;
        uint64 until = _book().halts[kind][key].until;
        revert DeliverLater(abi.encodeWithSelector(IHaltable.Halted.selector, kind, key, until));
    }

    function _checkRequest(SendTransferMsg calldata message) private view {
        require(message.denom.code.length != 0, ITransfer.NotAToken(message.denom));
        require(Strings.equal(message.destPort, Ics20.PORT), ITransfer.WrongPort(message.destPort));
        // On an EVM chain this receiver could only ever refuse.
        (bool parsed, address account) = Ics20.parseAddress(message.receiver);
        require(!parsed || account != address(0), ITransfer.InvalidReceiver(message.receiver));
    }

    function _checkOwner(address found) private view {
        require(found == address(this), ITransfer.WrongOwner(address(this), found));
    }

    function _isRefusal(bytes calldata acknowledgement) private pure returns (bool) {
        return acknowledgement.length == 32 && bytes32(acknowledgement) == Commitments.UNIVERSAL_ERROR;
    }
}
