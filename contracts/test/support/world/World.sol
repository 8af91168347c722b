// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Direction, Limit, LimitKind} from "../../../src/interfaces/ILimits.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {FungibleTokenPacketData, ITransfer, SendTransferMsg} from "../../../src/interfaces/ITransfer.sol";
import {
    CounterpartyInfo,
    Height,
    MsgAckPacket,
    MsgRecvPacket,
    MsgTimeoutPacket,
    Packet,
    Payload
} from "../../../src/interfaces/Messages.sol";
import {MirrorClient, Mirrors} from "../../../sdk/MirrorClient.sol";
import {Contracts, Founder} from "./Founder.sol";
import {Log} from "../Vm.sol";

/// @notice A token of the test world, or a voucher.
interface IToken {
    function mint(address account, uint256 amount) external;
    function approve(address spender, uint256 amount) external returns (bool);
    function transfer(address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
    function totalSupply() external view returns (uint256);
    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    function decimals() external view returns (uint8);
}

/// @notice One chain of the test world.
struct Chain {
    IRouter router;
    ITransfer transfer;
    MirrorClient client;
    string clientId;
}

/// @title World
/// @notice Two chains in one EVM, joined by clients that tell the truth until told otherwise, and the relayer's moves
/// between them.
abstract contract World is Founder {
    uint256 internal constant NOW = 1_700_000_000;
    uint64 internal constant HOUR = 3600;
    /// @dev Holds the administrator's role without a delay: the timelock is played by pranks.
    address internal immutable GOVERNANCE = account("governance");
    /// @dev Whom the contracts ask.
    address internal authority;
    /// @dev What was deployed for each chain, A first.
    Contracts[] internal made;

    Chain internal a;
    Chain internal b;
    IToken internal token;
    address internal alice = account("alice");
    address internal bob = account("bob");
    address internal relayer = account("relayer");

    function setUp() public virtual {
        vm.warp(NOW);
        authority = _authority(GOVERNANCE);
        a = _chain();
        b = _chain();
        _join(a, b);
        token = IToken(_create("TestToken.sol:TestToken", abi.encode("Token", "TKN")));
        token.mint(alice, 1_000_000);
    }

    // Set-up.

    /// @dev A router with its transfer application.
    function _chain() internal returns (Chain memory chain) {
        Contracts memory new_ = _found(authority);
        made.push(new_);
        chain.transfer = ITransfer(new_.transfer);
        chain.router = IRouter(new_.router);
    }

    /// @dev A new pair of clients between two chains.
    function _join(Chain storage left, Chain storage right) internal {
        (left.client, left.clientId) = _newClient(left.router, right.router);
        (right.client, right.clientId) = _newClient(right.router, left.router);
        left.router.registerCounterparty(left.clientId, _end(right.clientId));
        right.router.registerCounterparty(right.clientId, _end(left.clientId));
        _unlimit(left);
        _unlimit(right);
    }

    /// @dev An absent limit means refused: tests that are not about limits say so, for every asset.
    function _unlimit(Chain storage chain) internal {
        Limit memory unlimited = Limit(LimitKind.Unlimited, 0, 0, 0);
        vm.startPrank(GOVERNANCE);
        chain.transfer.setDefaultLimit(chain.clientId, Direction.Send, unlimited);
        chain.transfer.setDefaultLimit(chain.clientId, Direction.Receive, unlimited);
        vm.stopPrank();
    }

    function _newClient(IRouter host, IRouter mirrored) internal returns (MirrorClient client, string memory id) {
        return Mirrors.create(host, mirrored);
    }

    function _end(string memory clientId) internal pure returns (CounterpartyInfo memory) {
        return Mirrors.end(clientId);
    }

    function _noEnd() internal pure returns (CounterpartyInfo memory info) {}

    // Sending.

    function _request(Chain memory from, address what, uint256 amount) internal view returns (SendTransferMsg memory) {
        return SendTransferMsg({
            denom: what,
            amount: amount,
            receiver: _hex(bob),
            sourceClient: from.clientId,
            destPort: "transfer",
            timeoutTimestamp: uint64(block.timestamp) + HOUR,
            memo: ""
        });
    }

    /// @dev `sender` sends `amount` of `what` from a chain.
    function _send(Chain memory from, address sender, address what, uint256 amount, address receiver)
        internal
        returns (Packet memory)
    {
        SendTransferMsg memory request = _request(from, what, amount);
        request.receiver = _hex(receiver);
        vm.recordLogs();
        vm.startPrank(sender);
        IToken(what).approve(address(from.transfer), amount);
        from.transfer.sendTransfer(request);
        vm.stopPrank();
        return _sentPacket();
    }

    /// @dev The packet of the last `SendPacket` since `recordLogs`.
    function _sentPacket() internal returns (Packet memory) {
        Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = logs.length; i > 0; --i) {
            if (logs[i - 1].topics[0] == IRouter.SendPacket.selector) {
                return abi.decode(logs[i - 1].data, (Packet));
            }
        }
        revert("no packet was sent");
    }

    // Relaying.

    /// @dev Delivers a packet.
    /// @return acknowledgement The answer that the destination wrote; empty when it was a no-op.
    function _deliver(Chain memory to, Packet memory packet) internal returns (bytes memory acknowledgement) {
        vm.recordLogs();
        vm.prank(relayer);
        to.router.recvPacket(_recv(packet));
        Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IRouter.WriteAcknowledgement.selector) continue;
            (, bytes[] memory answers) = abi.decode(logs[i].data, (Packet, bytes[]));
            return answers[0];
        }
    }

    function _acknowledge(Chain memory from, Packet memory packet, bytes memory acknowledgement) internal {
        vm.prank(relayer);
        from.router.ackPacket(_ack(packet, acknowledgement));
    }

    function _timeOut(Chain memory from, Packet memory packet) internal {
        vm.prank(relayer);
        from.router.timeoutPacket(_timeout(packet));
    }

    /// @dev A transfer all the way: sent, delivered, acknowledged.
    function _carry(Chain memory from, Chain memory to, address sender, address what, uint256 amount, address receiver)
        internal
        returns (Packet memory packet)
    {
        packet = _send(from, sender, what, amount, receiver);
        _acknowledge(from, packet, _deliver(to, packet));
    }

    function _recv(Packet memory packet) internal pure returns (MsgRecvPacket memory) {
        return MsgRecvPacket(packet, "proof", Height(0, 1));
    }

    function _ack(Packet memory packet, bytes memory acknowledgement) internal pure returns (MsgAckPacket memory) {
        return MsgAckPacket(packet, acknowledgement, "proof", Height(0, 1));
    }

    function _timeout(Packet memory packet) internal pure returns (MsgTimeoutPacket memory) {
        return MsgTimeoutPacket(packet, "proof", Height(0, 1));
    }

    // Looking.

    /// @dev The voucher on `to` for a token of `from`.
    function _voucher(Chain memory to, address what) internal view returns (IToken) {
        string memory path = string.concat("transfer/", to.clientId, "/", _hex(what));
        return IToken(to.transfer.ibcERC20Contract(path));
    }

    function _escrow(Chain memory chain) internal view returns (address) {
        return chain.transfer.getEscrow(chain.clientId);
    }

    /// @dev A packet that a lying counterparty would have its client prove: from `from` to `to`.
    function _forged(Chain memory from, Chain memory to, uint64 sequence, FungibleTokenPacketData memory data)
        internal
        view
        returns (Packet memory packet)
    {
        packet.sequence = sequence;
        packet.sourceClient = from.clientId;
        packet.destClient = to.clientId;
        packet.timeoutTimestamp = uint64(block.timestamp) + HOUR;
        packet.payloads = new Payload[](1);
        packet.payloads[0] = Payload("transfer", "transfer", "ics20-1", "application/x-solidity-abi", abi.encode(data));
    }

    function _path(string memory clientId, uint8 kind, uint64 sequence) internal pure returns (bytes memory) {
        return abi.encodePacked(clientId, kind, sequence);
    }

    function _hex(address who) internal pure returns (string memory) {
        return hexOf(who);
    }

    function _universalError() internal pure returns (bytes memory) {
        return abi.encodePacked(sha256("UNIVERSAL_ERROR_ACKNOWLEDGEMENT"));
    }
}
