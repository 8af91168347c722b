// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IApplication,
    ICallbackGas,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "../../src/interfaces/IApplication.sol";
import {IRouter} from "../../src/interfaces/IRouter.sol";
import {MsgSendPacket, Payload} from "../../src/interfaces/Messages.sol";

/// @title Courier
/// @notice The smallest application: anybody sends text from one courier to another. What the text says decides what
/// the receiving courier does, so that every outcome of a delivery can be shown:
/// "poison" reverts without data, so that the packet can only time out; "refuse" reverts with data, so that it is
/// answered by the universal error; anything else is accepted and answered by "thanks".
/// @dev Register it with `addIBCApp(address)`: its port is then its own address in lower-case hex.
contract Courier is IApplication, ICallbackGas {
    /// @notice How a letter ended.
    enum Outcome {
        Unknown,
        Answered,
        Refused,
        TimedOut
    }

    /// @notice Only the router may call back.
    error NotRouter(address caller, address router);
    /// @notice The letter asked to be refused.
    error RefusedLetter(bytes letter);

    /// @notice A letter arrived.
    event LetterReceived(string sourceClient, uint64 sequence, bytes letter);

    /// @inheritdoc ICallbackGas
    uint64 public constant callbackGas = 100_000;

    /// @notice The router.
    IRouter public immutable router;

    /// @notice How many letters were accepted here.
    uint256 public received;

    /// @notice How the letters from here ended, by client and sequence.
    mapping(string sourceClient => mapping(uint64 sequence => Outcome outcome)) public outcomeOf;

    modifier onlyRouter() {
        require(msg.sender == address(router), NotRouter(msg.sender, address(router)));
        _;
    }

    constructor(IRouter router_) {
        router = router_;
    }

    /// @notice Sends a letter.
    /// @param sourcePort This courier's own port.
    /// @param destPort The port of the receiving courier.
    function send(
        string calldata sourceClient,
        string calldata sourcePort,
        string calldata destPort,
        uint64 timeoutTimestamp,
        bytes calldata letter
    ) external returns (uint64 sequence) {
        Payload memory payload = Payload(sourcePort, destPort, "letter-1", "text/plain", letter);
        return router.sendPacket(MsgSendPacket(sourceClient, timeoutTimestamp, payload));
    }

    /// @inheritdoc IApplication
    function onRecvPacket(OnRecvPacketCallback calldata message) external onlyRouter returns (bytes memory) {
        bytes calldata letter = message.payload.value;
        bytes32 digest = keccak256(letter);
        require(digest != keccak256("poison"));
        require(digest != keccak256("refuse"), RefusedLetter(letter));
        received += 1;
        emit LetterReceived(message.sourceClient, message.sequence, letter);
        return "thanks";
    }

    /// @inheritdoc IApplication
    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata message) external onlyRouter {
        bool thanked = keccak256(message.acknowledgement) == keccak256("thanks");
        outcomeOf[message.sourceClient][message.sequence] = thanked ? Outcome.Answered : Outcome.Refused;
    }

    /// @inheritdoc IApplication
    function onTimeoutPacket(OnTimeoutPacketCallback calldata message) external onlyRouter {
        outcomeOf[message.sourceClient][message.sequence] = Outcome.TimedOut;
    }
}
