// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IApplication, ICallbackGas} from "./IApplication.sol";
import {IRouter} from "./IRouter.sol";

/// @title IWeighbridgeApp
/// @notice An application that talks to one peer on each chain it is connected to. It is an `IApplication`, so any
/// router of IBC v2 can call it; `WeighbridgeApp` implements it and leaves three questions to its author.
///
/// What an author may rely on:
/// - A message is received at most once, and only from the peer that was named for the client it came by.
/// - A sent message ends in exactly one of three ways: the peer answered it, the peer refused it, or it timed out
///   unreceived. After the last two the peer's chain is as if the message had never been sent.
/// - Messages have no order. Each may overtake every other.
/// - Whatever the relayer does, it cannot choose how a message ends: the gas of a receive is fixed by `callbackGas`.
///
/// What an author must decide: which clients to trust (a client decides alone what is true of its chain), and what to
/// undo when a message is refused or times out.
interface IWeighbridgeApp is IApplication, ICallbackGas {
    // Events.

    /// @notice From now on this application talks to `peerPort` over a client.
    event PeerConnected(string clientId, string peerPort);

    // Errors.

    /// @notice The router must be a contract.
    error InvalidRouter(address router);
    /// @notice Only the router may call back.
    error NotRouter(address caller, address router);
    /// @notice Only the creator may connect peers.
    error NotCreator(address caller, address creator);
    /// @notice A peer was connected over this client already, and stays.
    error PeerKnown(string clientId, string peerPort);
    /// @notice No peer is connected over this client: call `connect` first.
    error PeerMissing(string clientId);
    /// @notice A peer's port is not empty.
    error EmptyPeer(string clientId);
    /// @notice Another application than the peer sent this message.
    error NotPeer(string clientId, string expected, string actual);
    /// @notice The peer speaks another version of this application's protocol.
    error WrongAppVersion(string expected, string actual);
    /// @notice The peer writes messages in another encoding.
    error WrongAppEncoding(string expected, string actual);
    /// @notice A message lives for 1 second to 24 hours.
    error InvalidLifetime(uint64 lifetimeSecs, uint64 most);

    /// @notice The router has another contract for this client, or none: look at `IRouter.getClient`.
    error WrongClient(string clientId, address expected, address actual);

    // Functions.

    /// @notice Names the application on the other chain. Once for a client, by the creator.
    /// @param clientId The client on this chain.
    /// @param light The contract of that client, whose word will be taken for the other chain. Ids are given out in a
    /// row to whoever comes: without it, somebody who was quicker could have taken the one that was meant.
    /// @param peerPort The peer's port on the other chain: its address in lower-case hex.
    function connect(string calldata clientId, address light, string calldata peerPort) external;

    /// @notice The router.
    function router() external view returns (IRouter);

    /// @notice This application's port: register it with `IRouter.addIBCApp(address)`.
    function port() external view returns (string memory);

    /// @notice The peer over a client; empty while there is none.
    function peerOf(string calldata clientId) external view returns (string memory);
}
