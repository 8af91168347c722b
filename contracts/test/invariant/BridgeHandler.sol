// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatches} from "../../src/interfaces/IBatches.sol";
import {IRouter} from "../../src/interfaces/IRouter.sol";
import {FungibleTokenPacketData, ITransfer, SendTransferMsg} from "../../src/interfaces/ITransfer.sol";
import {
    Height,
    MsgAckPacket,
    MsgRecvPacket,
    MsgTimeoutPacket,
    Packet,
    Payload
} from "../../src/interfaces/Messages.sol";
import {Batch, Message, Packing} from "../support/world/Packing.sol";
import {StrangeToken} from "../support/world/StrangeToken.sol";
import {Chain, IToken} from "../support/world/World.sol";
import {Test} from "../support/Test.sol";
import {Log} from "../support/Vm.sol";

/// @notice A packet that was sent, or forged, and what the moves did to it.
struct Sent {
    Packet packet;
    address token;
    uint256 amount;
    bool fromA;
    bool forged;
    bool refunded;
}

/// @notice What one move paid out, or brought in, of a token on one side.
struct Flow {
    uint256 time;
    uint256 paid;
    uint256 inflow;
}

/// @title BridgeHandler
/// @notice The moves that the invariant test may make. Users send both ways; anybody relays anything, in any order and
/// twice; tokens misbehave; chain B lies to chain A. What a move may not do, it tries all the same.
contract BridgeHandler is Test {
    uint256 public constant TOKENS = 2;
    address public constant ALICE = address(0xA11CE);
    address public constant BOB = address(0xB0B);

    Chain internal _a;
    Chain internal _b;
    Sent[] internal _sent;
    address[TOKENS] public tokens;
    uint64 private _forgeries = 1_000_000;

    mapping(bool ofA => mapping(address token => Flow[] flows)) private _flows;

    /// @notice How much a shrinking token took from the escrow.
    mapping(address token => uint256 amount) public shrunk;
    /// @notice Whether a packet was refunded that is settled or was delivered, without a lie.
    bool public refundedWrongly;

    constructor(Chain memory a, Chain memory b) {
        (_a, _b) = (a, b);
        for (uint256 i = 0; i < TOKENS; ++i) {
            StrangeToken token = new StrangeToken();
            token.mint(ALICE, 1_000_000);
            tokens[i] = address(token);
        }
    }

    function sentCount() external view returns (uint256) {
        return _sent.length;
    }

    function sentAt(uint256 index) external view returns (Sent memory) {
        return _sent[index];
    }

    function voucherOf(address token) public view returns (address) {
        return _b.transfer.ibcERC20Contract(string.concat("transfer/", _b.clientId, "/", hexOf(token)));
    }

    /// @notice What moved of a token on one side, in order.
    function flowsOf(bool ofA, address token) external view returns (Flow[] memory) {
        return _flows[ofA][token];
    }

    // Users.

    function sendOut(uint256 which, uint256 amount) external {
        address token = _token(which);
        uint256 balance = IToken(token).balanceOf(ALICE);
        if (balance == 0) return;
        uint256 before = _a.transfer.getHomeBook(_a.clientId, token).locked;
        _send(_a, ALICE, token, BOB, bound(amount, 1, balance));
        // What arrived is what the packet carries.
        _record(token, _a.transfer.getHomeBook(_a.clientId, token).locked - before, true);
    }

    function sendBack(uint256 which, uint256 amount) external {
        address token = _token(which);
        address voucher = voucherOf(token);
        uint256 balance = voucher.code.length == 0 ? 0 : IToken(voucher).balanceOf(BOB);
        if (balance == 0) return;
        amount = bound(amount, 1, balance);
        _send(_b, BOB, voucher, ALICE, amount);
        _record(token, amount, false);
    }

    function claim(uint256 which) external {
        _a.transfer.claim(_a.clientId, _token(which), ALICE);
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, time % 16 == 0 ? 80 hours : 1 hours));
    }

    // Relayers.

    function deliver(uint256 which) external {
        Sent storage sent = _pick(which);
        uint256 before = _paidOut(!sent.fromA, sent.token);
        _router(!sent.fromA).recvPacket(MsgRecvPacket(sent.packet, "proof", Height(0, 1)));
        _flow(!sent.fromA, sent.token, _paidOut(!sent.fromA, sent.token) - before, 0);
    }

    function acknowledge(uint256 which) external {
        Sent storage sent = _pick(which);
        bool success = _router(!sent.fromA).isPacketReceiveSuccessful(sent.packet);
        bytes memory answer = success ? bytes('{"result":"AQ=="}') : _refusal();
        _settle(
            sent,
            abi.encodeCall(IRouter.ackPacket, (MsgAckPacket(sent.packet, answer, "proof", Height(0, 1)))),
            !success
        );
    }

    /// @notice Two packets in one batch, or one packet twice.
    function deliverTogether(uint256 which, uint256 other) external {
        Sent storage sent = _pick(which);
        Sent storage second = _pick(other);
        if (second.fromA != sent.fromA) second = sent;
        uint256[2] memory before;
        for (uint256 i = 0; i < TOKENS; ++i) {
            before[i] = _paidOut(!sent.fromA, tokens[i]);
        }
        _router(!sent.fromA).batch(_batch(!sent.fromA, 1, sent.packet, second.packet, ""));
        for (uint256 i = 0; i < TOKENS; ++i) {
            _flow(!sent.fromA, tokens[i], _paidOut(!sent.fromA, tokens[i]) - before[i], 0);
        }
    }

    /// @notice The answer to a packet, twice in one batch.
    function acknowledgeTogether(uint256 which) external {
        Sent storage sent = _pick(which);
        bool success = _router(!sent.fromA).isPacketReceiveSuccessful(sent.packet);
        bytes memory answer = success ? bytes('{"result":"AQ=="}') : _refusal();
        bytes memory packed = _batch(sent.fromA, 2, sent.packet, sent.packet, answer);
        _settle(sent, abi.encodeCall(IBatches.batch, (packed)), !success);
    }

    /// @notice The timeout of a packet, twice in one batch.
    function timeOutTogether(uint256 which) external {
        Sent storage sent = _pick(which);
        if (block.timestamp < sent.packet.timeoutTimestamp) vm.warp(sent.packet.timeoutTimestamp);
        bool received = _router(!sent.fromA).isPacketReceived(sent.packet);
        bytes memory packed = _batch(sent.fromA, 3, sent.packet, sent.packet, "");
        bool refunded = _settle(sent, abi.encodeCall(IBatches.batch, (packed)), true);
        if (refunded && received) refundedWrongly = true;
    }

    function timeOut(uint256 which) external {
        Sent storage sent = _pick(which);
        if (block.timestamp < sent.packet.timeoutTimestamp) vm.warp(sent.packet.timeoutTimestamp);
        bool received = _router(!sent.fromA).isPacketReceived(sent.packet);
        bool refunded = _settle(sent, _timeoutCall(sent), true);
        if (refunded && received) refundedWrongly = true;
    }

    // Adversaries.

    /// @notice Chain B claims that tokens come home which were never there.
    function forge(uint256 which, uint256 amount) external {
        address token = _token(which);
        string memory home = string.concat("transfer/", _b.clientId, "/", hexOf(token));
        amount = bound(amount, 1, 1_000_000);
        Sent storage sent = _sent.push();
        sent.packet.sequence = ++_forgeries;
        sent.packet.sourceClient = _b.clientId;
        sent.packet.destClient = _a.clientId;
        sent.packet.timeoutTimestamp = uint64(block.timestamp) + 1 hours;
        sent.packet.payloads
            .push(
                Payload(
                    "transfer",
                    "transfer",
                    "ics20-1",
                    "application/x-solidity-abi",
                    abi.encode(FungibleTokenPacketData(home, "thief", hexOf(BOB), amount, ""))
                )
            );
        (sent.token, sent.amount, sent.forged) = (token, amount, true);
        _a.client.lieStored(abi.encodePacked(_b.clientId, uint8(1), sent.packet.sequence));
        _a.router.recvPacket(MsgRecvPacket(sent.packet, "proof", Height(0, 1)));
    }

    /// @notice Chain B claims that it refused a packet, whatever it did.
    function lieRefused(uint256 which) external {
        Sent storage sent = _pick(which);
        if (!sent.fromA) return;
        _a.client.lieStored(abi.encodePacked(_b.clientId, uint8(3), sent.packet.sequence));
        MsgAckPacket memory message = MsgAckPacket(sent.packet, _refusal(), "proof", Height(0, 1));
        _settle(sent, abi.encodeCall(IRouter.ackPacket, (message)), true);
    }

    /// @notice Chain B hides the receipt of a packet.
    function lieAbsent(uint256 which) external {
        Sent storage sent = _pick(which);
        if (!sent.fromA) return;
        _a.client.lieAbsent(abi.encodePacked(_b.clientId, uint8(2), sent.packet.sequence));
        if (block.timestamp < sent.packet.timeoutTimestamp) vm.warp(sent.packet.timeoutTimestamp);
        _settle(sent, _timeoutCall(sent), true);
    }

    function misbehave(uint256 which, uint256 habit, bool alices) external {
        StrangeToken.Habit[6] memory habits = [
            StrangeToken.Habit.None,
            StrangeToken.Habit.TakesFee,
            StrangeToken.Habit.AnswersFalse,
            StrangeToken.Habit.RefusesVictim,
            StrangeToken.Habit.RefusesVictimSilently,
            StrangeToken.Habit.BurnsGasForVictim
        ];
        StrangeToken(_token(which)).adopt(habits[habit % habits.length], alices ? ALICE : BOB);
    }

    function shrink(uint256 which, uint256 amount) external {
        address token = _token(which);
        address escrow = _a.transfer.getEscrow(_a.clientId);
        amount = bound(amount, 0, IToken(token).balanceOf(escrow) / 20);
        StrangeToken(token).shrink(escrow, amount);
        shrunk[token] += amount;
    }

    /// @notice From now on every transfer of a token also tries to deliver a packet.
    function hookDelivery(uint256 which, uint256 packet) external {
        Sent storage sent = _pick(packet);
        bytes memory call = abi.encodeCall(IRouter.recvPacket, (MsgRecvPacket(sent.packet, "proof", Height(0, 1))));
        StrangeToken(_token(which)).setHook(address(_router(!sent.fromA)), call);
    }

    /// @notice From now on every transfer of a token also tries to pay a claim.
    function hookClaim(uint256 which) external {
        bytes memory call = abi.encodeCall(_a.transfer.claim, (_a.clientId, _token(which), ALICE));
        StrangeToken(_token(which)).setHook(address(_a.transfer), call);
    }

    /// @dev Tries to settle a packet.
    /// @return settled Whether it was unsettled before and is settled now.
    function _settle(Sent storage sent, bytes memory call, bool refunds) private returns (bool settled) {
        IRouter router = _router(sent.fromA);
        bytes32 key = keccak256(abi.encodePacked(sent.packet.sourceClient, uint8(1), sent.packet.sequence));
        bool open = router.getCommitment(key) != 0;
        (bool done,) = address(router).call(call);
        settled = done && open && router.getCommitment(key) == 0;
        if (!settled || !refunds) return settled;
        if (sent.refunded) refundedWrongly = true;
        sent.refunded = true;
    }

    function _send(Chain storage from, address sender, address what, address receiver, uint256 amount) private {
        vm.startPrank(sender);
        IToken(what).approve(address(from.transfer), amount);
        vm.stopPrank();
        SendTransferMsg memory message = SendTransferMsg({
            denom: what,
            amount: amount,
            receiver: hexOf(receiver),
            sourceClient: from.clientId,
            destPort: "transfer",
            timeoutTimestamp: uint64(block.timestamp) + 2 hours,
            memo: ""
        });
        vm.recordLogs();
        vm.prank(sender);
        from.transfer.sendTransfer(message);
    }

    /// @dev What was paid for packets: refunds come in other moves.
    function _paidOut(bool ofA, address token) internal view returns (uint256) {
        if (ofA) return _a.transfer.getHomeBook(_a.clientId, token).released;
        return _b.transfer.getVoucherBook(_b.clientId, voucherOf(token)).minted;
    }

    function _flow(bool ofA, address token, uint256 paid, uint256 inflow) internal {
        if (paid + inflow != 0) _flows[ofA][token].push(Flow(block.timestamp, paid, inflow));
    }

    /// @dev Remembers the packet of the last `SendPacket` since `recordLogs`.
    function _record(address token, uint256 amount, bool fromA) private {
        Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = logs.length; i > 0; --i) {
            Log memory log = logs[i - 1];
            bool ours = log.topics[0] == IRouter.SendPacket.selector && log.emitter == address(_router(fromA));
            if (!ours) continue;
            Packet memory packet = abi.decode(log.data, (Packet));
            Sent storage sent = _sent.push();
            sent.packet.sequence = packet.sequence;
            sent.packet.sourceClient = packet.sourceClient;
            sent.packet.destClient = packet.destClient;
            sent.packet.timeoutTimestamp = packet.timeoutTimestamp;
            sent.packet.payloads.push(packet.payloads[0]);
            (sent.token, sent.amount, sent.fromA) = (token, amount, fromA);
            _flow(fromA, token, 0, amount);
            return;
        }
    }

    function _batch(bool ofA, uint8 kind, Packet memory first, Packet memory second, bytes memory answer)
        private
        view
        returns (bytes memory)
    {
        Message[] memory messages = new Message[](2);
        messages[0] = Message(kind, 3_000_000, first, false, answer);
        messages[1] = Message(kind, 3_000_000, second, false, answer);
        return Packing.pack(Batch(ofA ? _a.clientId : _b.clientId, new bytes[](0), "pool", messages));
    }

    function _pick(uint256 which) internal view returns (Sent storage) {
        require(_sent.length != 0);
        return _sent[which % _sent.length];
    }

    function _token(uint256 which) internal view returns (address) {
        return tokens[which % TOKENS];
    }

    function _router(bool ofA) private view returns (IRouter) {
        return ofA ? _a.router : _b.router;
    }

    function _transfer(bool ofA) internal view returns (ITransfer) {
        return ofA ? _a.transfer : _b.transfer;
    }

    function _timeoutCall(Sent storage sent) private view returns (bytes memory) {
        return abi.encodeCall(IRouter.timeoutPacket, (MsgTimeoutPacket(sent.packet, "proof", Height(0, 1))));
    }

    function _refusal() private pure returns (bytes memory) {
        return abi.encodePacked(sha256("UNIVERSAL_ERROR_ACKNOWLEDGEMENT"));
    }
}
