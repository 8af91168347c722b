// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IApplication,
    ICallbackGas,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "../../../src/interfaces/IApplication.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {MsgSendPacket, Payload} from "../../../src/interfaces/Messages.sol";

/// @title Probe
/// @notice An application for tests: it does on every callback what a test told it, and counts the calls.
contract Probe is IApplication, ICallbackGas {
    enum Mood {
        Answer,
        RevertWithData,
        RevertSilently,
        BurnGas,
        CallRouter
    }

    error Unwilling(string reason);

    IRouter public immutable router;
    uint64 public immutable callbackGas;

    Mood public mood;
    bytes public answer = "fine";
    /// @dev What it calls the router with, in the mood `CallRouter`, and what came back.
    bytes public call;
    bool public callSucceeded;
    bytes public callOutput;

    uint256 public received;
    uint256 public acknowledged;
    uint256 public timedOut;
    uint256 public gasSeen;
    bytes public lastAcknowledgement;

    constructor(IRouter router_, uint64 callbackGas_) {
        router = router_;
        callbackGas = callbackGas_;
    }

    function setMood(Mood next) external {
        mood = next;
    }

    function setAnswer(bytes calldata next) external {
        answer = next;
    }

    function setCall(bytes calldata next) external {
        call = next;
        mood = Mood.CallRouter;
    }

    function send(MsgSendPacket calldata message) external returns (uint64) {
        return router.sendPacket(message);
    }

    function onRecvPacket(OnRecvPacketCallback calldata) external returns (bytes memory) {
        gasSeen = gasleft();
        received += 1;
        _act();
        return answer;
    }

    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata message) external {
        acknowledged += 1;
        lastAcknowledgement = message.acknowledgement;
        _act();
    }

    function onTimeoutPacket(OnTimeoutPacketCallback calldata) external {
        timedOut += 1;
        _act();
    }

    function _act() private {
        if (mood == Mood.RevertWithData) revert Unwilling("as told");
        require(mood != Mood.RevertSilently);
        while (mood == Mood.BurnGas) {}
        if (mood == Mood.CallRouter) (callSucceeded, callOutput) = address(router).call(call);
    }
}
