// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IApplication} from "./IApplication.sol";
import {IGoverned, IUpgradeable} from "./IGoverned.sol";
import {IBatches} from "./IBatches.sol";
import {IClientHalts, IHaltable} from "./IHaltable.sol";
import {ClientStatus, ILightClient, UpdateResult} from "./ILightClient.sol";
import {CounterpartyInfo, MsgAckPacket, MsgRecvPacket, MsgSendPacket, MsgTimeoutPacket, Packet} from "./Messages.sol";

/// @title IClients
/// @notice The part of the router that knows light clients and their other ends. Selectors and events are those of the
/// IBC v2 interface for Solidity; what is ours beside them is marked "Extension".
///
/// Assumptions: a client contract decides alone what is true of its counterparty chain, so whoever sends over a client
/// id trusts the contract behind it. Anybody may add one; nobody is protected from a bad client except by not using it.
interface IClients is IGoverned {
    // Events.

    /// @notice A client was added. `counterpartyInfo` is empty when the other end is registered later.
    event ICS02ClientAdded(string clientId, CounterpartyInfo counterpartyInfo, address client);
    /// @notice Governance replaced the contract behind a client id, or its other end.
    event ICS02ClientMigrated(string clientId, CounterpartyInfo counterpartyInfo, address client);
    /// @notice A client was updated through the router.
    event ICS02ClientUpdated(string clientId, UpdateResult result);
    /// @notice Misbehaviour was submitted through the router and the client accepted it.
    event ICS02MisbehaviourSubmitted(string clientId);
    /// @notice Extension: the creator of a client named its other end.
    event CounterpartyRegistered(string clientId, CounterpartyInfo counterpartyInfo);

    // Errors.

    /// @notice An identifier is too short, too long or has a character that IBC does not allow.
    error InvalidIdentifier(string identifier, uint256 lengthMin, uint256 lengthMax);
    /// @notice Ids starting so are given out by chains themselves.
    error ReservedIdentifier(string identifier);
    /// @notice This id is in use.
    error ClientExists(string clientId);
    /// @notice No client has this id.
    error UnknownClient(string clientId);
    /// @notice A client must be a contract, and not the router.
    error InvalidClient(address client);
    /// @notice A counterparty needs a client id and a prefix of 1 to 32 elements.
    error InvalidCounterparty(uint256 prefixElements);
    /// @notice Only the creator of a client may name its other end.
    error NotClientCreator(address caller, address creator);
    /// @notice The other end was named already; only governance can change it, by `migrateClient`.
    error CounterpartyKnown(string clientId, string counterpartyClientId);
    /// @notice The other end was not named yet: its creator must call `registerCounterparty` first.
    error CounterpartyMissing(string clientId);

    // Functions.

    /// @notice Adds a client under the next free id, `client-{n}`.
    /// @param counterpartyInfo The other end; or an empty id and an empty prefix, to be registered later. Ids are
    /// sequential and public, so an other end that does not exist yet may be taken by somebody else first: register
    /// it only after it is final.
    /// @param client The light client's contract.
    /// @return clientId The id.
    function addClient(CounterpartyInfo calldata counterpartyInfo, address client)
        external
        returns (string memory clientId);

    /// @notice Adds a client under a chosen id of 8 to 64 characters. Governance only.
    function addClient(string calldata clientId, CounterpartyInfo calldata counterpartyInfo, address client)
        external
        returns (string memory);

    /// @notice Extension: names the other end of a client that was added without one. Once, by its creator. No packet
    /// passes before.
    function registerCounterparty(string calldata clientId, CounterpartyInfo calldata counterpartyInfo) external;

    /// @notice Replaces the contract and the other end of a client. Governance only, which waits its timelock.
    function migrateClient(string calldata clientId, CounterpartyInfo calldata counterpartyInfo, address client)
        external;

    /// @notice Hands an update to a client. Anybody may.
    function updateClient(string calldata clientId, bytes calldata updateMsg) external returns (UpdateResult result);

    /// @notice Hands evidence of misbehaviour to a client. Anybody may.
    function submitMisbehaviour(string calldata clientId, bytes calldata misbehaviourMsg) external;

    /// @notice The contract behind a client id. Reverts for an unknown id.
    function getClient(string calldata clientId) external view returns (ILightClient);

    /// @notice The other end of a client; empty while it is not registered. Reverts for an unknown id.
    function getCounterparty(string calldata clientId) external view returns (CounterpartyInfo memory);

    /// @notice How many `client-{n}` ids were given out.
    function getNextClientSeq() external view returns (uint256);

    /// @notice Extension: who added a client. Reverts for an unknown id.
    function getClientCreator(string calldata clientId) external view returns (address);

    /// @notice Extension: the status of a client; `Active` for one that does not tell.
    function getClientStatus(string calldata clientId) external view returns (ClientStatus);

    /// @notice Extension: whether a contract decides for a client here, or once did, and says of itself (ERC-165) that
    /// it is an `ILightClient`.
    function isClientContract(address client) external view returns (bool);

    /// @notice Extension: who decides who may migrate clients and choose identifiers: the authority.
    function governance() external view returns (address);
}

/// @title IRouter
/// @notice Sends, receives, acknowledges and times out packets of IBC v2. Selectors, events, storage slot and order of
/// checks are those of the IBC v2 interface for Solidity; what is ours beside them is marked "Extension".
///
/// Assumptions: block time is within seconds of real time; the light client behind a client id is honest; an
/// application trusts the router and nobody else. There is no owner: governance can replace clients and choose ids, and
/// cannot touch packets. Proofs are always checked here and now: there is no "verified before" (T-25).
interface IRouter is IClients, IUpgradeable, IBatches, IClientHalts, IHaltable {
    // Events. `clientId` is indexed, so the topic holds the keccak256 of the id.

    /// @notice An application was registered under a port.
    event IBCAppAdded(string portId, address app);
    /// @notice A packet was sent; `clientId` is its source client.
    event SendPacket(string indexed clientId, uint256 indexed sequence, Packet packet);
    /// @notice A packet was received and answered; `clientId` is its destination client.
    event WriteAcknowledgement(
        string indexed clientId, uint256 indexed sequence, Packet packet, bytes[] acknowledgements
    );
    /// @notice A packet of this chain was acknowledged; `clientId` is its source client.
    event AckPacket(string indexed clientId, uint256 indexed sequence, Packet packet, bytes acknowledgement);
    /// @notice A packet of this chain timed out; `clientId` is its source client.
    event TimeoutPacket(string indexed clientId, uint256 indexed sequence, Packet packet);
    /// @notice Somebody else was faster; nothing changed.
    event Noop();
    /// @notice The application refused a packet, which is answered by the universal error acknowledgement.
    /// @param reason What the application reverted with, at most its first 1,024 bytes.
    event IBCAppRecvPacketCallbackError(bytes reason);

    // Errors.

    /// @notice A packet must carry exactly one payload.
    error InvalidPayloadCount(uint256 count, uint256 expected);
    /// @notice A payload must have a version, an encoding and a value of 1 to 262,144 bytes.
    error InvalidPayload(uint256 versionLength, uint256 encodingLength, uint256 valueLength);
    /// @notice Sequences start at 1.
    error InvalidSequence(uint64 sequence);
    /// @notice Every packet has a timeout.
    error ZeroTimeout();
    /// @notice No application answers with nothing.
    error EmptyAcknowledgement();
    /// @notice The packet names another counterparty than the client has.
    error WrongCounterparty(string expected, string actual);
    /// @notice The packet's timeout is not in the future, so it can no longer be sent or received.
    error PacketTimedOut(uint256 timeoutTimestamp, uint256 blockTimestamp);
    /// @notice The timeout is more than 24 hours ahead.
    error TimeoutTooFar(uint256 timeoutTimestamp, uint256 timeoutTimestampMax);
    /// @notice At the proven height the timeout had not been reached.
    error TimeoutNotReached(uint256 timeoutTimestamp, uint256 provenTimestamp);
    /// @notice A proof is empty. Nothing is remembered from earlier proofs.
    error EmptyProof();
    /// @notice The client answered with a time of 0, which no trusted state has.
    error ClientGaveNoTime(address client);
    /// @notice The client is frozen or expired: nothing could settle what is sent over it.
    error ClientNotActive(string clientId, ClientStatus status);
    /// @notice Another packet was received under this sequence.
    error ReceiptMismatch(bytes32 stored, bytes32 received);
    /// @notice Another packet was sent under this sequence.
    error CommitmentMismatch(bytes32 stored, bytes32 received);
    /// @notice Only the application registered under a port may send from it.
    error NotPortOwner(string portId, address owner, address caller);
    /// @notice No application is registered under this port.
    error UnknownPort(string portId);
    /// @notice An application is registered under this port already.
    error PortTaken(string portId, address app);
    /// @notice The first port of a deployment must be the one that is in the router's code.
    error WrongFirstPort(address expected, address found);
    /// @notice Ports that look like an address belong to the contract at that address.
    error ReservedPort(string portId);
    /// @notice An application must be a contract, and not the router.
    error InvalidApplication(address app);
    /// @notice The application asks for no gas, or for more than the router forwards.
    error InvalidCallbackGas(uint256 asked, uint256 most);
    /// @notice The transaction has too little gas left for the application: send it again with more.
    error NotEnoughGas(uint256 available, uint256 needed);
    /// @notice The application reverted without data, which running out of gas does as well.
    error CallbackFailed(address app);
    /// @notice The packet was answered already.
    error AcknowledgementKnown(bytes32 stored);
    /// @notice The application gave an answer it may not give: empty, too long, or the universal error.
    error InvalidAcknowledgement(address app, uint256 length);

    // Functions.

    /// @notice Registers an application under its own address, as lower-case hex. Anybody may, and what the application
    /// declares then (`ICallbackGas`, `IAsyncApplication`) is what counts; the application itself may call this again
    /// to have it read anew, for instance because somebody was quicker than its initialization.
    function addIBCApp(address app) external;

    /// @notice Registers an application under a chosen port of 2 to 128 characters. Governance only.
    function addIBCApp(string calldata portId, address app) external;

    /// @notice Sends a packet. Only the application of the payload's source port may.
    /// @param message What to send. The timeout is at most 24 hours ahead.
    /// @return sequence The packet's sequence.
    function sendPacket(MsgSendPacket calldata message) external returns (uint64 sequence);

    /// @notice Delivers a packet to its application.
    function recvPacket(MsgRecvPacket calldata message) external;

    /// @notice Delivers the answer to a packet that this chain sent.
    function ackPacket(MsgAckPacket calldata message) external;

    /// @notice Proves that a packet of this chain was not received in time.
    function timeoutPacket(MsgTimeoutPacket calldata message) external;

    /// @notice Extension: answers a packet that was received and not answered. Once, by the application of the packet's
    /// destination port, if it declared `IAsyncApplication`.
    /// @param packet The packet, as it was received.
    /// @param acknowledgement 1 to 32,768 bytes. The universal error acknowledgement means that it is refused.
    function writeAcknowledgement(Packet calldata packet, bytes calldata acknowledgement) external;

    /// @notice Runs several calls of this contract in one transaction: all of them or none.
    function multicall(bytes[] calldata calls) external returns (bytes[] memory results);

    /// @notice The commitment stored under keccak256 of a path, or 0.
    function getCommitment(bytes32 hashedPath) external view returns (bytes32);

    /// @notice The application of a port. Reverts for an unknown port.
    function getIBCApp(string calldata portId) external view returns (IApplication);

    /// @notice Whether this very packet was received here.
    function isPacketReceived(Packet calldata packet) external view returns (bool);

    /// @notice Whether this very packet was received here and its application accepted it. False while it has no
    /// answer.
    function isPacketReceiveSuccessful(Packet calldata packet) external view returns (bool);

    /// @notice Extension: the sequence that the next packet over a client gets.
    function getNextSequenceSend(string calldata clientId) external view returns (uint64);

    /// @notice Extension: the gas that is forwarded to a port's application on receive.
    function getCallbackGas(string calldata portId) external view returns (uint64);

    /// @notice Extension: the most gas an application may ask for.
    function CALLBACK_GAS_MAX() external view returns (uint64);
}
