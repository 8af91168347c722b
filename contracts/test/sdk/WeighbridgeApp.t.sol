// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IApplication,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "../../src/interfaces/IApplication.sol";
import {IClients, IRouter} from "../../src/interfaces/IRouter.sol";
import {IWeighbridgeApp} from "../../src/interfaces/IWeighbridgeApp.sol";
import {MsgSendPacket, Payload} from "../../src/interfaces/Messages.sol";
import {WeighbridgeApp} from "../../src/sdk/WeighbridgeApp.sol";
import {Chains} from "./Chains.sol";

/// @notice An application that remembers what it was told.
contract Diary is WeighbridgeApp {
    error Unwelcome(bytes message);

    bytes public last;
    bytes public lastAnswer;
    uint64 public lastSequence;
    string public lastClient;
    uint256 public refusals;
    uint256 public timeouts;
    bytes public reply;

    constructor(IRouter router_) WeighbridgeApp(router_) {}

    function setReply(bytes calldata next) external {
        reply = next;
    }

    function send(string calldata clientId, bytes calldata message) external returns (uint64) {
        return _send(clientId, message);
    }

    function sendFor(string calldata clientId, bytes calldata message, uint64 lifetimeSecs) external returns (uint64) {
        return _send(clientId, message, lifetimeSecs);
    }

    function _onReceive(string calldata clientId, uint64 sequence, bytes calldata message)
        internal
        virtual
        override
        returns (bytes memory)
    {
        require(keccak256(message) != keccak256("unwelcome"), Unwelcome(message));
        require(keccak256(message) != keccak256("silent"));
        (last, lastSequence, lastClient) = (message, sequence, clientId);
        return reply;
    }

    function _onAcknowledged(string calldata clientId, uint64 sequence, bytes calldata message, bytes calldata answer)
        internal
        override
    {
        (last, lastAnswer, lastSequence, lastClient) = (message, answer, sequence, clientId);
    }

    function _onRefused(string calldata, uint64, bytes calldata message) internal override {
        last = message;
        refusals += 1;
    }

    function _onTimedOut(string calldata, uint64, bytes calldata message) internal override {
        last = message;
        timeouts += 1;
    }
}

/// @notice An application that speaks like a `WeighbridgeApp` but says whatever it is told to.
contract Impostor {
    IRouter private immutable _router;

    constructor(IRouter router) {
        _router = router;
    }

    function send(MsgSendPacket calldata message) external returns (uint64) {
        return _router.sendPacket(message);
    }
}

/// @notice The rules of the base contract.
contract WeighbridgeAppTest is Chains {
    Diary private _a;
    Diary private _b;

    function setUp() public {
        _a = new Diary(routerA);
        _b = new Diary(routerB);
        join(_a, _b);
    }

    function test_message_and_answer_arrive() public {
        _b.setReply("and to you");
        vm.assertEq(_a.send(clientA, "hello"), 1);
        vm.assertEq(deliver(), "and to you");
        vm.assertEq(_b.last(), "hello");
        vm.assertEq(_b.lastClient(), clientB);
        ack();
        vm.assertEq(_a.last(), "hello");
        vm.assertEq(_a.lastAnswer(), "and to you");
        vm.assertEq(_a.lastSequence(), 1);
        vm.assertEq(_a.lastClient(), clientA);
    }

    function test_nothing_to_say_is_an_answer() public {
        _a.send(clientA, "hello");
        vm.assertEq(deliver(), hex"01");
        ack();
        vm.assertEq(_a.lastAnswer(), hex"01");
    }

    function test_refusal_and_timeout_are_heard_once_each() public {
        _a.send(clientA, "unwelcome");
        vm.assertEq(deliverRefused(), abi.encodeWithSelector(Diary.Unwelcome.selector, bytes("unwelcome")));
        ack();
        vm.assertEq(_a.refusals(), 1);
        _a.send(clientA, "late");
        timeout();
        vm.assertEq(_a.timeouts(), 1);
        vm.assertEq(_a.refusals(), 1);
        vm.assertEq(_a.last(), "late");
    }

    function test_message_lives_as_long_as_asked() public {
        _a.sendFor(clientA, "short", 1);
        vm.warp(block.timestamp + 1);
        bytes memory late = abi.encodeWithSelector(IRouter.PacketTimedOut.selector, block.timestamp, block.timestamp);
        vm.assertEq(deliverFails(), late);
        timeout();
        _a.sendFor(clientA, "long", 24 hours);
        vm.warp(block.timestamp + 24 hours - 1);
        deliver();
        vm.assertEq(_b.last(), "long");
    }

    function test_rejects_InvalidLifetime() public {
        uint64[2] memory bad = [0, uint64(24 hours + 1)];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IWeighbridgeApp.InvalidLifetime.selector, bad[i], 24 hours));
            _a.sendFor(clientA, "x", bad[i]);
        }
    }

    function test_rejects_InvalidRouter() public {
        vm.expectRevert(abi.encodeWithSelector(IWeighbridgeApp.InvalidRouter.selector, alice));
        new Diary(IRouter(alice));
    }

    /// @dev Every entry point of the router's, called by anybody else.
    function test_t42_rejects_NotRouter() public {
        OnRecvPacketCallback memory received;
        OnAcknowledgementPacketCallback memory acknowledged;
        OnTimeoutPacketCallback memory timedOut;
        bytes[3] memory calls = [
            abi.encodeCall(IApplication.onRecvPacket, (received)),
            abi.encodeCall(IApplication.onAcknowledgementPacket, (acknowledged)),
            abi.encodeCall(IApplication.onTimeoutPacket, (timedOut))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool accepted, bytes memory failure) = address(_a).call(calls[i]);
            vm.assertFalse(accepted);
            bytes memory expected =
                abi.encodeWithSelector(IWeighbridgeApp.NotRouter.selector, address(this), address(routerA));
            vm.assertEq(failure, expected);
        }
    }

    function test_rejects_NotCreator() public {
        vm.expectRevert(abi.encodeWithSelector(IWeighbridgeApp.NotCreator.selector, alice, address(this)));
        vm.prank(alice);
        _a.connect(clientA, address(mirrorA), "port");
    }

    /// @dev Whoever adds a client before the one that was meant takes its id, not its place.
    function test_rejects_WrongClient_behind_an_id_that_somebody_else_took() public {
        bytes4 wrong = IWeighbridgeApp.WrongClient.selector;
        vm.expectRevert(abi.encodeWithSelector(wrong, clientA, address(mirrorB), address(mirrorA)));
        _a.connect(clientA, address(mirrorB), "port");
        for (uint256 i = 0; i < 2; ++i) {
            address light = i == 0 ? address(mirrorA) : address(0);
            vm.expectRevert(abi.encodeWithSelector(IClients.UnknownClient.selector, "client-9"));
            _a.connect("client-9", light, "port");
        }
    }

    function test_rejects_PeerKnown() public {
        vm.expectRevert(abi.encodeWithSelector(IWeighbridgeApp.PeerKnown.selector, clientA, _b.port()));
        _a.connect(clientA, address(mirrorA), "port");
    }

    function test_rejects_EmptyPeer() public {
        Diary alone = new Diary(routerA);
        vm.expectRevert(abi.encodeWithSelector(IWeighbridgeApp.EmptyPeer.selector, clientA));
        alone.connect(clientA, address(mirrorA), "");
    }

    function test_rejects_PeerMissing() public {
        vm.expectRevert(abi.encodeWithSelector(IWeighbridgeApp.PeerMissing.selector, "client-9"));
        _a.send("client-9", "x");
    }

    /// @dev A message over a client that nobody was connected over is refused, whoever sent it.
    function test_rejects_PeerMissing_on_receive() public {
        Diary stranger = new Diary(routerB);
        register(stranger);
        _send(address(new Impostor(routerA)), stranger.port(), "app-1", "application/x-solidity-abi");
        vm.assertEq(deliverRefused(), abi.encodeWithSelector(IWeighbridgeApp.PeerMissing.selector, clientB));
    }

    /// @dev Anybody may send to any port: only the peer is heard.
    function test_t38_rejects_NotPeer() public {
        address impostor = address(new Impostor(routerA));
        _send(impostor, _b.port(), "app-1", "application/x-solidity-abi");
        bytes memory expected =
            abi.encodeWithSelector(IWeighbridgeApp.NotPeer.selector, clientB, _a.port(), hexOf(impostor));
        vm.assertEq(deliverRefused(), expected);
        vm.assertEq(_b.last(), "");
    }

    function test_rejects_WrongAppVersion_and_WrongAppEncoding() public {
        address impostor = address(new Impostor(routerA));
        Diary open = new Diary(routerB);
        open.connect(clientB, address(mirrorB), hexOf(impostor));
        register(open);
        _send(impostor, open.port(), "app-2", "application/x-solidity-abi");
        bytes memory expected = abi.encodeWithSelector(IWeighbridgeApp.WrongAppVersion.selector, "app-1", "app-2");
        vm.assertEq(deliverRefused(), expected);
        bytes memory letter = abi.encodeCall(Impostor.send, (_letter(impostor, open.port(), "app-1", "text/plain")));
        (bool sent,) = impostor.call(letter);
        vm.assertTrue(sent);
        string memory encoding = "application/x-solidity-abi";
        expected = abi.encodeWithSelector(IWeighbridgeApp.WrongAppEncoding.selector, encoding, "text/plain");
        vm.assertEq(deliverRefused(), expected);
    }

    function _send(address impostor, string memory destPort, string memory version, string memory encoding) private {
        routerA.addIBCApp(impostor);
        Impostor(impostor).send(_letter(impostor, destPort, version, encoding));
    }

    function _letter(address from, string memory destPort, string memory version, string memory encoding)
        private
        view
        returns (MsgSendPacket memory message)
    {
        Payload memory payload = Payload(hexOf(from), destPort, version, encoding, "forged");
        return MsgSendPacket(clientA, uint64(block.timestamp) + 60, payload);
    }
}
