// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {
    ClientStatus,
    IClientStatus,
    ILightClient,
    MsgVerifyMembership,
    MsgVerifyNonMembership,
    UpdateResult
} from "../interfaces/ILightClient.sol";
import {Governed} from "../guard/Governed.sol";
import {IClients, IRouter} from "../interfaces/IRouter.sol";
import {CounterpartyInfo, Height} from "../interfaces/Messages.sol";
import {Identifiers} from "../libraries/Identifiers.sol";
import {LightClientCall} from "../libraries/LightClientCall.sol";

/// @title Clients
/// @notice Decides which contract answers for a client id and who its other end is, and puts questions to it. It must
/// never let a packet pass over a client without an other end, and never let two ids share a name.
/// @dev Spec: PROTOCOL section 1 "Pair registration"; facts "IBC v2 on the wire", section 5.
abstract contract Clients is IClients, Governed, ReentrancyGuardTransient {
    /// @dev What the router knows of one client.
    struct Client {
        /// The contract that decides; zero for an unknown id.
        ILightClient light;
        /// Whether the contract offers `IClientStatus`.
        bool reportsStatus;
        /// Whether the other end's prefix is one empty element, as that of every EVM chain: then it need not be read.
        bool prefixIsEmpty;
        /// The sequence of the last packet sent over this client; the first packet has 1.
        uint64 sequenceSent;
        /// Who added it, and alone may name the other end.
        address creator;
        /// The other end. An empty client id means that it is not named yet.
        CounterpartyInfo counterparty;
    }

    /// @dev ibc-go accepts no more elements either.
    uint256 private constant PREFIX_ELEMENTS_MAX = 32;

    /// @dev Keyed by keccak256 of the client id.
    mapping(bytes32 clientKey => Client client) private _clients;

    /// @inheritdoc IClients
    uint256 public getNextClientSeq;

    /// @inheritdoc IClients
    mapping(address client => bool known) public isClientContract;

    /// @inheritdoc IClients
    function addClient(CounterpartyInfo calldata counterpartyInfo, address client)
        external
        returns (string memory clientId)
    {
        clientId = Identifiers.numbered(getNextClientSeq++);
        _addClient(clientId, counterpartyInfo, client);
    }

    /// @inheritdoc IClients
    function addClient(string calldata clientId, CounterpartyInfo calldata counterpartyInfo, address client)
        external
        restricted
        returns (string memory)
    {
        Identifiers.checkChosenClientId(clientId);
        require(address(_client(clientId).light) == address(0), ClientExists(clientId));
        _addClient(clientId, counterpartyInfo, client);
        return clientId;
    }

    /// @inheritdoc IClients
    function registerCounterparty(string calldata clientId, CounterpartyInfo calldata counterpartyInfo) external {
        Client storage client = _knownClient(clientId);
        require(msg.sender == client.creator, NotClientCreator(msg.sender, client.creator));
        require(!_isPaired(client), CounterpartyKnown(clientId, client.counterparty.clientId));
        _setCounterparty(client, counterpartyInfo);
        emit CounterpartyRegistered(clientId, counterpartyInfo);
    }

    /// @inheritdoc IClients
    function migrateClient(string calldata clientId, CounterpartyInfo calldata counterpartyInfo, address light)
        external
        restricted
    {
        Client storage client = _knownClient(clientId);
        _setCounterparty(client, counterpartyInfo);
        _setLightClient(client, light);
        emit ICS02ClientMigrated(clientId, counterpartyInfo, light);
    }

    /// @inheritdoc IClients
    function updateClient(string calldata clientId, bytes calldata updateMsg)
        external
        nonReentrant
        returns (UpdateResult result)
    {
        result = _knownClient(clientId).light.updateClient(updateMsg);
        emit ICS02ClientUpdated(clientId, result);
    }

    /// @inheritdoc IClients
    function submitMisbehaviour(string calldata clientId, bytes calldata misbehaviourMsg) external nonReentrant {
        _knownClient(clientId).light.misbehaviour(misbehaviourMsg);
        emit ICS02MisbehaviourSubmitted(clientId);
    }

    /// @inheritdoc IClients
    function getClient(string calldata clientId) external view returns (ILightClient) {
        return _knownClient(clientId).light;
    }

    /// @inheritdoc IClients
    function getCounterparty(string calldata clientId) external view returns (CounterpartyInfo memory) {
        return _knownClient(clientId).counterparty;
    }

    /// @inheritdoc IClients
    function getClientCreator(string calldata clientId) external view returns (address) {
        return _knownClient(clientId).creator;
    }

    /// @inheritdoc IClients
    function getClientStatus(string calldata clientId) external view returns (ClientStatus) {
        return _status(_knownClient(clientId));
    }

    /// @inheritdoc IClients
    function governance() external view returns (address) {
        return authority;
    }

    /// @dev The client of a packet, if its other end is named and is the one that the packet names.
    function _pairedClient(string memory clientId, string memory counterpartyClientId)
        internal
        view
        returns (Client storage client)
    {
        client = _pairedClient(clientId);
        string storage expected = client.counterparty.clientId;
        require(_isStored(expected, counterpartyClientId), IRouter.WrongCounterparty(expected, counterpartyClientId));
    }

    /// @dev A client over which packets may pass.
    function _pairedClient(string memory clientId) internal view returns (Client storage client) {
        client = _knownClient(clientId);
        require(_isPaired(client), CounterpartyMissing(clientId));
    }

    function _knownClient(string memory clientId) internal view returns (Client storage client) {
        client = _client(clientId);
        require(address(client.light) != address(0), UnknownClient(clientId));
    }

    function _status(Client storage client) internal view returns (ClientStatus) {
        if (!client.reportsStatus) return ClientStatus.Active;
        return IClientStatus(address(client.light)).status();
    }

    /// @dev Reverts unless the counterparty stores `value` under `key` at that height.
    function _proveStored(
        Client storage client,
        bytes calldata proof,
        Height calldata height,
        bytes memory key,
        bytes32 value
    ) internal returns (uint256 timestamp) {
        // [T-25] A client may remember what it verified; the router must not let a caller rely on it.
        require(proof.length != 0, IRouter.EmptyProof());
        ILightClient light = client.light;
        if (client.prefixIsEmpty) {
            timestamp = LightClientCall.verifyMembership(light, proof, height, key, value);
        } else {
            timestamp = light.verifyMembership(
                MsgVerifyMembership(proof, height, _fullPath(client, key), abi.encodePacked(value))
            );
        }
        require(timestamp != 0, IRouter.ClientGaveNoTime(address(light)));
    }

    /// @dev Reverts unless the counterparty stores nothing under `key` at that height.
    function _proveAbsent(Client storage client, bytes calldata proof, Height calldata height, bytes memory key)
        internal
        returns (uint256 timestamp)
    {
        require(proof.length != 0, IRouter.EmptyProof());
        timestamp = client.light.verifyNonMembership(MsgVerifyNonMembership(proof, height, _fullPath(client, key)));
        require(timestamp != 0, IRouter.ClientGaveNoTime(address(client.light)));
    }

    function _addClient(string memory clientId, CounterpartyInfo calldata counterpartyInfo, address light) private {
        Client storage client = _client(clientId);
        _setLightClient(client, light);
        client.creator = msg.sender;
        bool later = bytes(counterpartyInfo.clientId).length == 0 && counterpartyInfo.merklePrefix.length == 0;
        if (!later) _setCounterparty(client, counterpartyInfo);
        emit ICS02ClientAdded(clientId, counterpartyInfo, light);
    }

    /// @dev Looks once for the optional extension, so that sending needs no guess.
    function _setLightClient(Client storage client, address light) private {
        require(light.code.length != 0 && light != address(this), InvalidClient(light));
        (bool answered, bytes memory answer) = light.staticcall(abi.encodeCall(IClientStatus.status, ()));
        client.light = ILightClient(light);
        isClientContract[light] = true;
        client.reportsStatus =
            answered && answer.length == 32 && uint256(bytes32(answer)) <= uint256(type(ClientStatus).max);
    }

    function _setCounterparty(Client storage client, CounterpartyInfo calldata info) private {
        Identifiers.checkClientId(info.clientId);
        uint256 elements = info.merklePrefix.length;
        require(elements != 0 && elements <= PREFIX_ELEMENTS_MAX, InvalidCounterparty(elements));
        client.counterparty = info;
        client.prefixIsEmpty = elements == 1 && info.merklePrefix[0].length == 0;
    }

    /// @dev The counterparty's prefix with the key appended to its last element.
    function _fullPath(Client storage client, bytes memory key) private view returns (bytes[] memory path) {
        if (client.prefixIsEmpty) {
            path = new bytes[](1);
            path[0] = key;
            return path;
        }
        path = client.counterparty.merklePrefix;
        uint256 last = path.length - 1;
        path[last] = bytes.concat(path[last], key);
    }

    /// @dev Whether a stored text is `text`. One of at most 31 bytes fills its slot alone, with twice its length in the
    /// last byte.
    function _isStored(string storage stored, string memory text) private view returns (bool same) {
        if (bytes(text).length > 31) return Strings.equal(stored, text);
        assembly ("memory-safe") {
            let length := mload(text)
            let behind := shr(shl(3, length), not(0))
            same := eq(sload(stored.slot), or(and(mload(add(text, 0x20)), not(behind)), shl(1, length)))
        }
    }

    function _isPaired(Client storage client) private view returns (bool) {
        return bytes(client.counterparty.clientId).length != 0;
    }

    function _client(string memory clientId) private view returns (Client storage) {
        return _clients[keccak256(bytes(clientId))];
    }
}
