// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatchClient} from "../src/interfaces/IBatchClient.sol";
import {
    ClientStatus,
    IClientStatus,
    ILightClient,
    MsgVerifyMembership,
    MsgVerifyNonMembership,
    UpdateResult
} from "../src/interfaces/ILightClient.sol";
import {IRouter} from "../src/interfaces/IRouter.sol";
import {CounterpartyInfo, Height} from "../src/interfaces/Messages.sol";

/// @title MirrorClient
/// @notice A light client for tests. It looks into the other router of the same EVM, so that what it says is true
/// unless a test makes it lie. A proof is any bytes but "bad".
contract MirrorClient is ILightClient, IClientStatus, IBatchClient {
    error NotStored(bytes32 pathHash, bytes32 stored, bytes32 claimed);
    error Stored(bytes32 pathHash, bytes32 stored);
    error WrongPrefix(uint256 elements);
    error BadProof();
    error NotActive(ClientStatus status);

    IRouter public mirrored;
    ClientStatus public status;
    UpdateResult public nextResult;
    /// @dev What a proof says the time is; the block's own by default.
    uint256 public provenTime;
    bool public saysNoTime;
    bytes public lastUpdate;
    bytes public lastEvidence;

    mapping(bytes32 pathHash => bool lied) private _liesStored;
    mapping(bytes32 pathHash => bool lied) private _liesAbsent;
    mapping(bytes32 pathHash => bytes32 value) private _lies;

    function mirror(IRouter other) external {
        mirrored = other;
    }

    function setStatus(ClientStatus next) external {
        status = next;
    }

    function setNextResult(UpdateResult next) external {
        nextResult = next;
    }

    function setProvenTime(uint256 time) external {
        provenTime = time;
    }

    function sayNoTime() external {
        saysNoTime = true;
    }

    /// @notice From now on anything is "stored" under this path.
    function lieStored(bytes calldata path) external {
        _liesStored[keccak256(path)] = true;
    }

    /// @notice From now on batches see this value under this path.
    function lie(bytes calldata path, bytes32 value) external {
        _lies[keccak256(path)] = value;
    }

    /// @notice From now on nothing is "stored" under this path.
    function lieAbsent(bytes calldata path) external {
        _liesAbsent[keccak256(path)] = true;
    }

    function updateClient(bytes calldata updateMsg) external returns (UpdateResult) {
        lastUpdate = updateMsg;
        return nextResult;
    }

    function misbehaviour(bytes calldata misbehaviourMsg) external {
        lastEvidence = misbehaviourMsg;
        status = ClientStatus.Frozen;
    }

    function verifyMembership(MsgVerifyMembership calldata message) external view returns (uint256) {
        bytes32 pathHash = _checked(message.path, message.proof);
        bytes32 stored = mirrored.getCommitment(pathHash);
        bytes32 claimed = bytes32(message.value);
        bool holds = message.value.length == 32 && stored == claimed && claimed != 0;
        require(holds || _liesStored[pathHash], NotStored(pathHash, stored, claimed));
        return _time();
    }

    function verifyNonMembership(MsgVerifyNonMembership calldata message) external view returns (uint256) {
        bytes32 pathHash = _checked(message.path, message.proof);
        bytes32 stored = mirrored.getCommitment(pathHash);
        require(stored == 0 || _liesAbsent[pathHash], Stored(pathHash, stored));
        return _time();
    }

    function verifyBatch(Height calldata, bytes calldata pool, bytes[] calldata paths)
        external
        view
        returns (uint256 timestamp, bytes32[] memory values)
    {
        values = new bytes32[](paths.length);
        _checkProof(pool);
        for (uint256 i = 0; i < paths.length; ++i) {
            bytes32 pathHash = keccak256(paths[i]);
            values[i] = _liesAbsent[pathHash] ? bytes32(0) : mirrored.getCommitment(pathHash);
            if (_lies[pathHash] != 0) values[i] = _lies[pathHash];
        }
        timestamp = _time();
    }

    function supportsInterface(bytes4 interfaceId) public pure virtual returns (bool) {
        return interfaceId == type(IBatchClient).interfaceId || interfaceId == type(ILightClient).interfaceId
            || interfaceId == 0x01ffc9a7;
    }

    function getClientState() external pure returns (bytes memory) {
        return "";
    }

    function _checked(bytes[] calldata path, bytes calldata proof) private view returns (bytes32) {
        _checkProof(proof);
        require(path.length == 1, WrongPrefix(path.length));
        return keccak256(path[0]);
    }

    function _checkProof(bytes calldata proof) private view {
        require(status == ClientStatus.Active, NotActive(status));
        require(keccak256(proof) != keccak256("bad"), BadProof());
    }

    function _time() private view returns (uint256) {
        if (saysNoTime) return 0;
        return provenTime == 0 ? block.timestamp : provenTime;
    }
}

/// @title Mirrors
/// @notice Adds mirror clients to routers.
library Mirrors {
    /// @notice Adds a client to `host` that looks into `other`; its other end is named later.
    function create(IRouter host, IRouter other) internal returns (MirrorClient client, string memory clientId) {
        client = new MirrorClient();
        client.mirror(other);
        CounterpartyInfo memory later;
        clientId = host.addClient(later, address(client));
    }

    /// @notice The other end of a client: this client of an EVM chain.
    function end(string memory clientId) internal pure returns (CounterpartyInfo memory info) {
        info.clientId = clientId;
        info.merklePrefix = new bytes[](1);
    }
}
