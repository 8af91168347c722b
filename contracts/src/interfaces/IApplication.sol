// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Payload} from "./Messages.sol";

/// @notice A packet has arrived.
/// @param sourceClient The client on the sending chain.
/// @param destinationClient The client on this chain.
/// @param sequence The packet's sequence on the source client.
/// @param payload The payload.
/// @param relayer Who delivered it.
struct OnRecvPacketCallback {
    string sourceClient;
    string destinationClient;
    uint64 sequence;
    Payload payload;
    address relayer;
}

/// @notice A packet of this chain was received and answered.
/// @param sourceClient The client on this chain.
/// @param destinationClient The client on the receiving chain.
/// @param sequence The packet's sequence on the source client.
/// @param payload The payload.
/// @param acknowledgement The other application's answer, or the universal error acknowledgement.
/// @param relayer Who delivered it.
struct OnAcknowledgementPacketCallback {
    string sourceClient;
    string destinationClient;
    uint64 sequence;
    Payload payload;
    bytes acknowledgement;
    address relayer;
}

/// @notice A packet of this chain was proven not to have been received in time.
/// @param sourceClient The client on this chain.
/// @param destinationClient The client on the chain that did not receive it.
/// @param sequence The packet's sequence on the source client.
/// @param payload The payload.
/// @param relayer Who delivered the proof.
struct OnTimeoutPacketCallback {
    string sourceClient;
    string destinationClient;
    uint64 sequence;
    Payload payload;
    address relayer;
}

/// @title IApplication
/// @notice What a contract must offer to send and receive packets: the application interface of IBC v2 for Solidity.
/// @dev Only the router may be allowed to call these functions, and an application must refuse everybody else.
interface IApplication {
    /// @notice The packet cannot be handled now: the delivery reverts, and it can be tried again or time out.
    /// @param reason What an operator should know, such as an encoded error.
    error DeliverLater(bytes reason);

    /// @notice Handles a packet.
    /// @dev A revert with data undoes the application's work and becomes the universal error acknowledgement; except
    /// `DeliverLater`, and a revert without data (running out of gas is one), which revert the whole delivery.
    /// @return acknowledgement The answer: 1 to 32,768 bytes, and not the universal error acknowledgement; or nothing,
    /// if the application is an `IAsyncApplication`.
    function onRecvPacket(OnRecvPacketCallback calldata message) external returns (bytes memory acknowledgement);

    /// @notice Handles the answer to a packet. A revert reverts the whole message.
    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata message) external;

    /// @notice Handles a timeout. A revert reverts the whole message.
    function onTimeoutPacket(OnTimeoutPacketCallback calldata message) external;
}

/// @title ICallbackGas
/// @notice An optional extension of `IApplication`: the gas that `onRecvPacket` needs in its worst case.
/// @dev The router reads it once, when the application is registered. Exactly this much is forwarded, and a delivery
/// that cannot forward it reverts, so that a relayer can never choose the outcome by choosing the gas.
interface ICallbackGas {
    /// @notice Gas for one `onRecvPacket`, 1 to `IRouter.CALLBACK_GAS_MAX()`.
    function callbackGas() external view returns (uint64 gasAmount);
}

/// @title IAsyncApplication
/// @notice An optional extension of `IApplication`, declared by ERC-165: an application that may answer later.
/// @dev The router asks `supportsInterface` once, when the application is registered. When `onRecvPacket` of such an
/// application returns empty bytes, the packet counts as received, and stays without an answer until the application
/// calls `IRouter.writeAcknowledgement`, once. It must: until then the sender can neither be acknowledged nor time out.
interface IAsyncApplication {
    /// @notice Always true.
    function answersLater() external view returns (bool);
}
