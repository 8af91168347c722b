// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OnAcknowledgementPacketCallback, OnTimeoutPacketCallback} from "../../../src/interfaces/IApplication.sol";
import {ICall, ICallSender, SendCallMsg} from "../../../src/interfaces/ICall.sol";

/// @title Callee
/// @notice A contract that does what contracts do to those who call them.
contract Callee {
    error Unwilling(string reason);

    address public caller;
    uint256 public calls;
    uint256 public sum;

    function add(uint256 number) external returns (uint256) {
        caller = msg.sender;
        calls += 1;
        sum += number;
        return sum;
    }

    function refuse(string calldata reason) external {
        calls += 1;
        revert Unwilling(reason);
    }

    function refuseSilently() external {
        calls += 1;
        require(false);
    }

    function burn() external {
        calls += 1;
        while (true) {}
    }

    function say(uint256 length) external pure {
        assembly ("memory-safe") {
            return(0x80, length)
        }
    }

    function refuseAtLength(uint256 length) external pure {
        assembly ("memory-safe") {
            revert(0x80, length)
        }
    }

    /// @notice Calls another contract and passes on what it says.
    function forward(address target, bytes calldata input) external returns (bytes memory) {
        calls += 1;
        (bool accepted, bytes memory output) = target.call(input);
        if (accepted) return output;
        assembly ("memory-safe") {
            revert(add(output, 0x20), mload(output))
        }
    }
}

/// @title Caller
/// @notice A contract that asks for calls and hears how they end.
contract Caller is ICallSender {
    ICall public immutable call;

    bool public listens = true;
    bool public unwilling;
    /// What it wants to have left to say anything about itself.
    uint256 public gasWanted;
    bool public succeeded;
    uint256 public answered;
    uint256 public timedOut;
    uint256 public gasSeen;
    bytes public answer;

    constructor(ICall call_) {
        call = call_;
    }

    function setListens(bool next) external {
        listens = next;
    }

    function setGasWanted(uint256 next) external {
        gasWanted = next;
    }

    function setUnwilling(bool next) external {
        unwilling = next;
    }

    function send(SendCallMsg calldata message) external returns (uint64) {
        return call.sendCall(message);
    }

    function onAckPacket(bool success, OnAcknowledgementPacketCallback calldata message) external {
        gasSeen = gasleft();
        require(msg.sender == address(call));
        while (unwilling) {}
        (succeeded, answer) = (success, message.acknowledgement);
        answered += 1;
    }

    function onTimeoutPacket(OnTimeoutPacketCallback calldata) external {
        require(msg.sender == address(call) && !unwilling);
        timedOut += 1;
    }

    function supportsInterface(bytes4 id) external view returns (bool) {
        if (gasleft() < gasWanted) return false;
        return id == 0x01ffc9a7 || (listens && id == type(ICallSender).interfaceId);
    }
}
