// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IApplication, IAsyncApplication} from "../../../src/interfaces/IApplication.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {MsgSendPacket, Packet} from "../../../src/interfaces/Messages.sol";
import {Probe} from "../../support/world/Probe.sol";
import {BatchWorld} from "./BatchWorld.sol";

/// @notice An application that may answer later.
contract Sleeper is Probe, IAsyncApplication {
    constructor(IRouter router_) Probe(router_, 300_000) {
        answer = "";
    }

    function answersLater() external pure returns (bool) {
        return true;
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IAsyncApplication).interfaceId || interfaceId == 0x01ffc9a7;
    }

    function wake(Packet calldata packet, bytes calldata acknowledgement) external {
        router.writeAcknowledgement(packet, acknowledgement);
    }
}

/// @notice Acknowledgements that come later, by single calls and in batches.
contract AsyncTest is BatchWorld {
    Sleeper private _sleeper;

    function setUp() public override {
        super.setUp();
        _sleeper = new Sleeper(b.router);
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("sleeper", address(_sleeper));
    }

    function test_answers_later_and_once() public {
        for (uint256 i = 0; i < 2; ++i) {
            Packet memory packet = _sentTo("sleeper");
            if (i == 0) vm.assertEq(_deliver(b, packet), "");
            else _run(b, _packed(b, _of(RECEIVE, packet)));
            vm.assertTrue(b.router.isPacketReceived(packet));
            vm.assertFalse(b.router.isPacketReceiveSuccessful(packet));
            vm.assertEq(_answerTo(packet), 0);
            // Delivered again it changes nothing.
            vm.assertEq(_deliver(b, packet), "");
            vm.assertEq(_sleeper.received(), i + 1);

            bytes[] memory answers = new bytes[](1);
            answers[0] = "fine";
            vm.expectEmit(address(b.router));
            emit IRouter.WriteAcknowledgement(b.clientId, packet.sequence, packet, answers);
            _sleeper.wake(packet, "fine");
            vm.assertTrue(b.router.isPacketReceiveSuccessful(packet));
            bytes32 written = _answerTo(packet);
            vm.assertEq(written, sha256(abi.encodePacked(uint8(2), sha256("fine"))));

            vm.expectRevert(abi.encodeWithSelector(IRouter.AcknowledgementKnown.selector, written));
            _sleeper.wake(packet, "finer");
            _acknowledge(a, packet, "fine");
            vm.assertTrue(_isSettled(packet));
        }
    }

    function test_t32_rejects_NotPortOwner() public {
        Packet memory packet = _sentTo("sleeper");
        _deliver(b, packet);
        address[3] memory others = [relayer, address(probeB), address(b.client)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IRouter.NotPortOwner.selector, "sleeper", address(_sleeper), others[i])
            );
            b.router.writeAcknowledgement(packet, "fine");
        }
    }

    /// @dev [T-43] The whole packet is compared, so no field of it can be another.
    function test_t43_rejects_ReceiptMismatch() public {
        Packet memory packet = _sentTo("sleeper");
        bytes memory call = abi.encodeCall(Sleeper.wake, (packet, "fine"));
        bytes32 received = keccak256(abi.encode(packet));
        (bool done, bytes memory reason) = address(_sleeper).call(call);
        vm.assertFalse(done);
        vm.assertEq(reason, abi.encodeWithSelector(IRouter.ReceiptMismatch.selector, bytes32(0), received));
        _deliver(b, packet);
        packet.payloads[0].value = "another";
        vm.expectPartialRevert(IRouter.ReceiptMismatch.selector);
        _sleeper.wake(packet, "fine");
        packet.payloads[0].value = "hello";
        packet.timeoutTimestamp += 1;
        vm.expectPartialRevert(IRouter.ReceiptMismatch.selector);
        _sleeper.wake(packet, "fine");
    }

    function test_rejects_InvalidAcknowledgement() public {
        Packet memory packet = _sentTo("sleeper");
        _deliver(b, packet);
        bytes[2] memory bad = [bytes(""), new bytes(32_769)];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IRouter.InvalidAcknowledgement.selector, address(_sleeper), bad[i].length)
            );
            _sleeper.wake(packet, bad[i]);
        }
        // What was held may be refused in the end.
        _sleeper.wake(packet, _universalError());
        vm.assertFalse(b.router.isPacketReceiveSuccessful(packet));
        vm.assertTrue(_answerTo(packet) != 0);
    }

    function test_may_answer_at_once() public {
        _sleeper.setAnswer("awake");
        Packet memory packet = _sentTo("sleeper");
        vm.assertEq(_deliver(b, packet), "awake");
        vm.expectPartialRevert(IRouter.AcknowledgementKnown.selector);
        _sleeper.wake(packet, "fine");
    }

    /// @dev [T-44] Not while the packet is being delivered: that would be a second answer.
    function test_t44_cannot_answer_within_a_delivery() public {
        Packet memory packet = _sentTo("sleeper");
        _sleeper.setCall(abi.encodeCall(IRouter.writeAcknowledgement, (packet, "early")));
        _deliver(b, packet);
        vm.assertFalse(_sleeper.callSucceeded());
        vm.assertEq(_answerTo(packet), 0);
    }

    /// @dev Such a delivery leaves nothing behind, so that it can be tried again.
    function test_application_can_ask_to_be_called_later() public {
        Later app = new Later();
        vm.prank(GOVERNANCE);
        b.router.addIBCApp("later", address(app));
        Packet memory packet = _sentTo("later");
        bytes memory expected = abi.encodeWithSelector(IApplication.DeliverLater.selector, bytes("tomorrow"));
        vm.expectRevert(expected);
        b.router.recvPacket(_recv(packet));
        vm.assertEq(_skipped(b, _of(RECEIVE, packet)), expected);
        vm.assertFalse(b.router.isPacketReceived(packet));
    }

    function _answerTo(Packet memory packet) private view returns (bytes32) {
        return b.router.getCommitment(keccak256(_path(b.clientId, 3, packet.sequence)));
    }

    function _sentTo(string memory port) private returns (Packet memory) {
        MsgSendPacket memory message = _letter();
        message.payload.destPort = port;
        vm.recordLogs();
        probeA.send(message);
        return _sentPacket();
    }
}

/// @notice An application that can never handle a packet now.
contract Later {
    fallback() external {
        revert IApplication.DeliverLater("tomorrow");
    }
}
