// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";

import {IBatchClient, IBatchPrefix} from "../interfaces/IBatchClient.sol";
import {ClientStatus, IClientStatus, ILightClient} from "../interfaces/ILightClient.sol";
import {IClients} from "../interfaces/IRouter.sol";
import {CounterpartyInfo} from "../interfaces/Messages.sol";
import {Identifiers} from "../libraries/Identifiers.sol";
import {Clients} from "./Clients.sol";

/// @title Registry
/// @notice Decides which contract answers for a client id and who its other end is. It must never let two ids share a
/// name, and never let anybody but its creator name the other end.
/// @dev Spec: PROTOCOL section 1 "Pair registration".
abstract contract Registry is Clients {
    /// @dev ibc-go accepts no more elements either.
    uint256 private constant PREFIX_ELEMENTS_MAX = 32;

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
        _judgeBatches(client);
        emit CounterpartyRegistered(clientId, counterpartyInfo);
    }

    /// @inheritdoc IClients
    /// @dev Not while packets are delivered: what the old contract proved would count for the new one.
    function migrateClient(string calldata clientId, CounterpartyInfo calldata counterpartyInfo, address light)
        external
        restricted
        nonReentrant
    {
        Client storage client = _knownClient(clientId);
        _setCounterparty(client, counterpartyInfo);
        _setLightClient(client, light);
        _judgeBatches(client);
        emit ICS02ClientMigrated(clientId, counterpartyInfo, light);
    }

    /// @inheritdoc IClients
    function submitMisbehaviour(string calldata clientId, bytes calldata misbehaviourMsg) external nonReentrant {
        _knownClient(clientId).light.misbehaviour(misbehaviourMsg);
        emit ICS02MisbehaviourSubmitted(clientId);
    }

    function _addClient(string memory clientId, CounterpartyInfo calldata counterpartyInfo, address light) private {
        Client storage client = _client(clientId);
        _setLightClient(client, light);
        client.creator = msg.sender;
        bool later = bytes(counterpartyInfo.clientId).length == 0 && counterpartyInfo.merklePrefix.length == 0;
        if (!later) {
            _setCounterparty(client, counterpartyInfo);
            _judgeBatches(client);
        }
        emit ICS02ClientAdded(clientId, counterpartyInfo, light);
    }

    /// @dev Looks once for the optional extension, so that sending needs no guess.
    function _setLightClient(Client storage client, address light) private {
        require(light.code.length != 0 && light != address(this), InvalidClient(light));
        (bool answered, bytes memory answer) = light.staticcall(abi.encodeCall(IClientStatus.status, ()));
        client.light = ILightClient(light);
        // Anybody may add any contract, and what counts as a client's is protected from messages for ever: only what
        // says so of itself, or strangers could shut the contracts of others off (T-32).
        if (ERC165Checker.supportsInterface(light, type(ILightClient).interfaceId)) isClientContract[light] = true;
        client.reportsStatus =
            answered && answer.length == 32 && uint256(bytes32(answer)) <= uint256(type(ClientStatus).max);
    }

    /// @dev Looks once whether batches may pass, so that they need no guess: the contract has to prove them, and to
    /// look under the prefix of the other end, or a path would be proven that is not the packet's.
    function _judgeBatches(Client storage client) private {
        address light = address(client.light);
        bool declares = ERC165Checker.supportsInterface(light, type(IBatchClient).interfaceId);
        client.batches = client.reportsStatus && declares && _looksUnderPrefix(client, light);
    }

    function _looksUnderPrefix(Client storage client, address light) private view returns (bool) {
        if (!ERC165Checker.supportsInterface(light, type(IBatchPrefix).interfaceId)) return client.prefixIsEmpty;
        (bool answered, bytes memory answer) = light.staticcall(abi.encodeCall(IBatchPrefix.batchPrefix, ()));
        // As bytes: what is no list of bytes must be refused without being read.
        return answered && keccak256(answer) == keccak256(abi.encode(client.counterparty.merklePrefix));
    }

    function _setCounterparty(Client storage client, CounterpartyInfo calldata info) private {
        Identifiers.checkClientId(info.clientId);
        uint256 elements = info.merklePrefix.length;
        require(elements != 0 && elements <= PREFIX_ELEMENTS_MAX, InvalidCounterparty(elements));
        client.counterparty = info;
        client.shortEnd = bytes(info.clientId).length > 9 ? bytes9(0) : bytes9(bytes(info.clientId));
        client.prefixIsEmpty = elements == 1 && info.merklePrefix[0].length == 0;
    }
}
