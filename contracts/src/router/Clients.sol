// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {IBatches} from "../interfaces/IBatches.sol";
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
import {LightClientCall} from "../libraries/LightClientCall.sol";

/// @title Clients
/// @notice Knows which contract answers for a client id and who its other end is, and puts questions to it. It must
/// never let a packet pass over a client without an other end.
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
        /// Whether batches may pass: the contract proves many paths at once, as it declares by `IBatchClient`, and
        /// looks under the prefix of the other end.
        bool batches;
        /// The other end's client id if it has at most nine bytes, as nearly all have: then it need not be read.
        bytes9 shortEnd;
        /// Who added it, and alone may name the other end.
        address creator;
        /// The sequence of the last packet sent over this client; the first packet has 1.
        uint64 sequenceSent;
        /// The other end. An empty client id means that it is not named yet.
        CounterpartyInfo counterparty;
    }

    /// @dev Keyed by keccak256 of the client id.
    mapping(bytes32 clientKey => Client client) private _clients;

    /// @inheritdoc IClients
    uint256 public getNextClientSeq;

    /// @inheritdoc IClients
    mapping(address client => bool known) public isClientContract;

    /// @inheritdoc IClients
    function updateClient(string calldata clientId, bytes calldata updateMsg) external returns (UpdateResult) {
        return _updateClient(clientId, updateMsg);
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

    /// @dev `updateClient`, however it was called.
    function _updateClient(string calldata clientId, bytes calldata updateMsg)
        internal
        nonReentrant
        returns (UpdateResult result)
    {
        bytes32 clientKey;
        // The plain twin is `keccak256(bytes(clientId))`.
        assembly ("memory-safe") {
            let text := mload(0x40)
            calldatacopy(text, clientId.offset, clientId.length)
            clientKey := keccak256(text, clientId.length)
        }
        ILightClient light = _clientAt(clientKey).light;
        require(address(light) != address(0), UnknownClient(clientId));
        result = LightClientCall.updateClient(light, updateMsg);
        LightClientCall.logUpdated(clientId, result);
    }

    /// @dev The client of a packet, if its other end is named and is the one that the packet names.
    function _pairedClient(string memory clientId, string memory counterpartyClientId)
        internal
        view
        returns (Client storage client)
    {
        client = _pairedClient(clientId);
        if (_isShortEnd(client.shortEnd, counterpartyClientId)) return client;
        string memory expected = client.counterparty.clientId;
        require(
            Strings.equal(expected, counterpartyClientId), IRouter.WrongCounterparty(expected, counterpartyClientId)
        );
    }

    /// @dev A client over which packets may pass.
    function _pairedClient(string memory clientId) internal view returns (Client storage client) {
        client = _knownClient(clientId);
        require(_isPaired(client), CounterpartyMissing(clientId));
    }

    /// @dev Reverts while nothing that a client proved before may count. Asked again for each message of a batch,
    /// because the message before may have had the client frozen.
    function _checkMayProve(Client storage client, string memory clientId) internal view {
        ClientStatus status = _status(client);
        require(status == ClientStatus.Active, IRouter.ClientNotActive(clientId, status));
    }

    function _knownClient(string memory clientId) internal view returns (Client storage client) {
        client = _client(clientId);
        require(address(client.light) != address(0), UnknownClient(clientId));
    }

    function _status(Client storage client) internal view returns (ClientStatus) {
        if (!client.reportsStatus) return ClientStatus.Active;
        return IClientStatus(address(client.light)).status();
    }

    /// @dev What the counterparty stores for each message of a batch, at a time that is never 0; see `IBatchClient`.
    function _proveBatch(
        Client storage client,
        string memory clientId,
        Height memory height,
        bytes calldata pool,
        uint256 headsAt,
        uint256 count
    ) internal view returns (uint256 timestamp, bytes32[] memory values) {
        address light = address(client.light);
        require(client.batches, IBatches.BatchUnsupported(clientId, light));
        // [T-25] As for single proofs: nothing is remembered.
        require(pool.length != 0, IRouter.EmptyProof());
        string memory counterpartyId = _otherEnd(client);
        (timestamp, values) = LightClientCall.verifyBatch(light, height, pool, counterpartyId, headsAt, count);
        require(timestamp != 0, IRouter.ClientGaveNoTime(light));
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

    /// @dev Whether a text is the one that is kept as `shortEnd`. No id has a zero byte, so that a text which ends in
    /// one is none.
    function _isShortEnd(bytes9 shortEnd, string memory text) private pure returns (bool same) {
        assembly ("memory-safe") {
            let length := mload(text)
            let last := and(mload(add(text, length)), 0xff)
            let behind := shr(shl(3, length), not(0))
            same := eq(and(mload(add(text, 0x20)), not(behind)), shortEnd)
            same := and(same, and(lt(sub(length, 1), 9), gt(last, 0)))
        }
    }

    /// @dev The id of the other end; empty if it is not named.
    function _otherEnd(Client storage client) internal view returns (string memory text) {
        bytes9 shortEnd = client.shortEnd;
        if (shortEnd == 0) return client.counterparty.clientId;
        uint256 length = 1;
        while (length < 9 && shortEnd[length] != 0) ++length;
        text = new string(length);
        assembly ("memory-safe") {
            mstore(add(text, 0x20), shortEnd)
        }
    }

    function _isPaired(Client storage client) internal view returns (bool) {
        return client.shortEnd != 0 || bytes(client.counterparty.clientId).length != 0;
    }

    function _client(string memory clientId) internal view returns (Client storage) {
        return _clientAt(keccak256(bytes(clientId)));
    }

    function _clientAt(bytes32 clientKey) internal view returns (Client storage) {
        return _clients[clientKey];
    }
}
