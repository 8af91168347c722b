// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

import {IRouter} from "../src/interfaces/IRouter.sol";
import {IWeighbridgeApp} from "../src/interfaces/IWeighbridgeApp.sol";
import {
    Height,
    MsgAckPacket,
    MsgRecvPacket,
    MsgTimeoutPacket,
    Packet
} from "../src/interfaces/Messages.sol";
import {MirrorClient, Mirrors} from "./MirrorClient.sol";

/// @notice A log as Foundry records it.
struct RecordedLog {
    bytes32[] topics;
    bytes data;
    address emitter;
}

/// @notice A port that a router has from the start; see `Ports.InitialPort`.
struct HarnessPort {
    string portId;
    address app;
}

/// @notice Foundry's cheat codes that the harness uses. It brings its own so that it fits beside forge-std or without.
interface HarnessVm {
    function warp(uint256 timestamp) external;
    function prank(address sender) external;
    function etch(address target, bytes calldata code) external;
    function getCode(string calldata artifact) external view returns (bytes memory);
    function recordLogs() external;
    function getRecordedLogs() external returns (RecordedLog[] memory);
    function toString(uint256 value) external pure returns (string memory);
    function toString(bytes calldata value) external pure returns (string memory);
}

/// @title TwoChains
/// @notice Two chains in one EVM, for tests of applications: two routers as they are shipped, joined by clients that
/// look into each other's router instead of verifying proofs. No node, no relayer, no network.
///
///     contract CounterTest is TwoChains {
///         function test_counts() public {
///             Counter a = new Counter(routerA);
///             Counter b = new Counter(routerB);
///             join(a, b);
///             a.increment(clientA); // a message leaves chain A
///             deliver();            // chain B receives it
///             ack();                // chain A hears the answer
///         }
///     }
///
/// Messages are taken in the order in which they were sent, whichever chain sent them. Both chains share one clock.
/// @dev It finds what was sent in Foundry's recorded logs: a test that calls `vm.getRecordedLogs()` itself takes them
/// away from the harness. A step that fails in a call under `vm.expectRevert` loses what it took from them: use
/// `deliverRefused()` and `deliverFails()` instead.
abstract contract TwoChains {
    HarnessVm private constant _vm = HarnessVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant START = 1_700_000_000;
    address private constant RELAYER = address(uint160(uint256(keccak256("relayer"))));

    string private constant NOTHING_SENT = "nothing was sent that was not received";

    enum Stage {
        Sent,
        Received,
        Settled
    }

    /// @dev A message on its way; the packet is kept in its ABI encoding.
    struct Message {
        bytes packet;
        bytes answer;
        bool fromA;
        Stage stage;
    }

    /// @notice The router of each chain.
    IRouter internal routerA;
    IRouter internal routerB;
    /// @notice On each chain, the client that follows the other: what an application on chain A sends over is `clientA`.
    string internal clientA;
    string internal clientB;
    /// @notice The contracts behind the clients, for tests in which a client is to freeze or to lie.
    MirrorClient internal mirrorA;
    MirrorClient internal mirrorB;

    Message[] private _messages;

    constructor() {
        _vm.warp(START);
        routerA = _newRouter();
        routerB = _newRouter();
        (mirrorA, clientA) = Mirrors.create(routerA, routerB);
        (mirrorB, clientB) = Mirrors.create(routerB, routerA);
        routerA.registerCounterparty(clientA, Mirrors.end(clientB));
        routerB.registerCounterparty(clientB, Mirrors.end(clientA));
        _vm.recordLogs();
    }

    // Setting up.

    /// @notice Registers an application with its router.
    function register(IWeighbridgeApp app) internal {
        app.router().addIBCApp(address(app));
    }

    /// @notice Registers two applications, one on each chain, and connects them to each other. The test created them.
    function join(IWeighbridgeApp a, IWeighbridgeApp b) internal {
        require(address(a.router()) == address(routerA), "join(): the first application must be created with routerA");
        require(address(b.router()) == address(routerB), "join(): the second application must be created with routerB");
        register(a);
        register(b);
        a.connect(clientA, address(mirrorA), b.port());
        b.connect(clientB, address(mirrorB), a.port());
    }

    // The relayer's moves.

    /// @notice Delivers the oldest message that was not received yet. It fails when the application refuses it, with the
    /// application's own error.
    /// @return answer What the application answered.
    function deliver() internal returns (bytes memory answer) {
        bytes memory reason;
        (answer, reason) = _deliver("deliver()");
        if (reason.length != 0) _revertWith(reason);
    }

    /// @notice Delivers the oldest message that was not received yet, and fails unless the application refuses it.
    /// @return reason The error with which the application refused.
    function deliverRefused() internal returns (bytes memory reason) {
        (, reason) = _deliver("deliverRefused()");
        require(reason.length != 0, "deliverRefused(): the application accepted the message; use deliver()");
    }

    /// @notice Tries to deliver the oldest message that was not received yet, and fails if the router takes it. The
    /// message stays on its way.
    /// @return failure The error with which the router, or the client behind it, turned the delivery down.
    function deliverFails() internal returns (bytes memory failure) {
        string memory step = "deliverFails()";
        bool delivered;
        (delivered, failure) = _receive(_oldest(step, Stage.Sent, NOTHING_SENT));
        require(!delivered, "deliverFails(): the router took the message; use deliver() or deliverRefused()");
    }

    /// @notice Brings the answer of the oldest received message back to its sender: acceptance or refusal.
    function ack() internal {
        Message storage message = _oldest("ack()", Stage.Received, "no message was received since; deliver() one first");
        message.stage = Stage.Settled;
        Packet memory packet = abi.decode(message.packet, (Packet));
        MsgAckPacket memory proof = MsgAckPacket(packet, message.answer, "proof", Height(0, 1));
        _vm.prank(RELAYER);
        (message.fromA ? routerA : routerB).ackPacket(proof);
    }

    /// @notice Lets the oldest message that was not received yet time out: the clock moves on to its timeout, and its
    /// sender hears that it was not received.
    function timeout() internal {
        Message storage message = _oldest("timeout()", Stage.Sent, "every message was received, and can only be ack()ed");
        message.stage = Stage.Settled;
        Packet memory packet = abi.decode(message.packet, (Packet));
        if (block.timestamp < packet.timeoutTimestamp) _vm.warp(packet.timeoutTimestamp);
        MsgTimeoutPacket memory proof = MsgTimeoutPacket(packet, "proof", Height(0, 1));
        _vm.prank(RELAYER);
        (message.fromA ? routerA : routerB).timeoutPacket(proof);
    }

    /// @notice How many messages were sent and neither received nor timed out.
    function underway() internal returns (uint256 count) {
        _collect();
        for (uint256 i = 0; i < _messages.length; ++i) {
            if (_messages[i].stage == Stage.Sent) ++count;
        }
    }

    // Inside.

    /// @dev The compiled router. Override it if the checkout is not under lib/weighbridge.
    function _routerCode() internal view virtual returns (bytes memory) {
        return _vm.getCode("lib/weighbridge/contracts/artifacts/Router.json");
    }

    function _newRouter() private returns (IRouter router) {
        // Governance must have code; in these tests it does nothing, nor do guardians.
        address governance = address(uint160(uint256(keccak256("governance"))));
        _vm.etch(governance, hex"00");
        address guardians = address(uint160(uint256(keccak256("guardians"))));
        bytes memory creation =
            bytes.concat(_routerCode(), abi.encode(governance, guardians, HarnessPort("", address(0))));
        address code;
        assembly ("memory-safe") {
            code := create(0, add(creation, 32), mload(creation))
        }
        require(code != address(0), "TwoChains: the router could not be created");
        bytes memory noPorts = abi.encodeWithSignature("initialize((string,address)[])", new HarnessPort[](0));
        return IRouter(address(new ERC1967Proxy(code, noPorts)));
    }

    /// @dev Delivers the oldest message.
    /// @return answer The acknowledgement.
    /// @return reason Why the application refused; empty when it accepted.
    function _deliver(string memory step) private returns (bytes memory answer, bytes memory reason) {
        Message storage message = _oldest(step, Stage.Sent, NOTHING_SENT);
        (bool delivered, bytes memory failure) = _receive(message);
        if (!delivered) _explain(step, message, failure);
        message.stage = Stage.Received;
        (answer, reason) = _collect();
        message.answer = answer;
    }

    /// @dev Hands a message to the router of the other chain.
    function _receive(Message storage message) private returns (bool delivered, bytes memory failure) {
        Packet memory packet = abi.decode(message.packet, (Packet));
        MsgRecvPacket memory proof = MsgRecvPacket(packet, "proof", Height(0, 1));
        _vm.prank(RELAYER);
        try _destination(message).recvPacket(proof) {
            return (true, "");
        } catch (bytes memory failed) {
            return (false, failed);
        }
    }

    function _destination(Message storage message) private view returns (IRouter) {
        return message.fromA ? routerB : routerA;
    }

    /// @dev The oldest message at a stage.
    function _oldest(string memory step, Stage stage, string memory remedy) private returns (Message storage) {
        _collect();
        for (uint256 i = 0; i < _messages.length; ++i) {
            if (_messages[i].stage == stage) return _messages[i];
        }
        string memory sent = _vm.toString(_messages.length);
        revert(string.concat(step, ": ", remedy, " (", sent, " messages were sent so far in this test)"));
    }

    /// @dev Takes the recorded logs: notes what was sent, and finds the answer and the refusal of a delivery.
    function _collect() private returns (bytes memory answer, bytes memory reason) {
        RecordedLog[] memory logs = _vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            RecordedLog memory log = logs[i];
            bool fromA = log.emitter == address(routerA);
            if (!fromA && log.emitter != address(routerB)) continue;
            if (log.topics[0] == IRouter.SendPacket.selector) {
                _note(abi.decode(log.data, (Packet)), fromA);
            }
            if (log.topics[0] == IRouter.WriteAcknowledgement.selector) {
                (, bytes[] memory answers) = abi.decode(log.data, (Packet, bytes[]));
                answer = answers[0];
            }
            if (log.topics[0] == IRouter.IBCAppRecvPacketCallbackError.selector) reason = abi.decode(log.data, (bytes));
        }
    }

    /// @dev Notes a message; not one whose sending was undone, as that of an application which then refused.
    function _note(Packet memory packet, bool fromA) private {
        bytes32 path = keccak256(abi.encodePacked(packet.sourceClient, uint8(1), packet.sequence));
        if ((fromA ? routerA : routerB).getCommitment(path) == 0) return;
        _messages.push(Message({packet: abi.encode(packet), answer: "", fromA: fromA, stage: Stage.Sent}));
    }

    /// @dev Fails with a text where the router's error alone would not help; else with the error itself.
    function _explain(string memory step, Message storage message, bytes memory failure) private view {
        IRouter to = _destination(message);
        Packet memory packet = abi.decode(message.packet, (Packet));
        string memory name = packet.payloads[0].destPort;
        if (bytes4(failure) == IRouter.UnknownPort.selector) {
            string memory chain = message.fromA ? "B" : "A";
            string memory where = string.concat(": no application is registered on chain ", chain, " under port ", name);
            revert(string.concat(step, where, "; register() it"));
        }
        if (bytes4(failure) == IRouter.CallbackFailed.selector) {
            string memory gasAmount = _vm.toString(to.getCallbackGas(name));
            string memory cause = string.concat("it used up its callbackGas of ", gasAmount, ", or failed without an error");
            revert(string.concat(step, ": the application reverted without data: ", cause));
        }
        if (bytes4(failure) == IRouter.PacketTimedOut.selector) {
            revert(string.concat(step, ": the message has timed out; timeout() it"));
        }
        _revertWith(failure);
    }

    function _revertWith(bytes memory failure) private pure {
        assembly ("memory-safe") {
            revert(add(failure, 32), mload(failure))
        }
    }
}
