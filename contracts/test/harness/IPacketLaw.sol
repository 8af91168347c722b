// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UpdateResult} from "../../src/interfaces/ILightClient.sol";
import {Height, Packet} from "../../src/interfaces/Messages.sol";

/// @notice What there is to know of a packet; every member has a name in `PacketBytes` or `Commitments`.
struct PacketFacts {
    uint64 sequence;
    uint64 timeoutTimestamp;
    string sourceClient;
    string destinationClient;
    string destinationPort;
    uint256 payloads;
    uint256 version;
    uint256 encoding;
    uint256 value;
    bytes32 commitment;
    bytes32 receipt;
    bytes32 receiptKey;
    bytes32 acknowledgementKey;
    bytes32 acknowledgement;
    string sourcePort;
    bytes32 commitmentKey;
    bytes receiveCall;
    bytes timeoutCall;
    bytes acknowledgeCall;
}

/// @title IPacketLaw
/// @notice The interface of `test/harness/PacketLaw.sol`, which tests deploy by name.
interface IPacketLaw {
    function facts(Packet calldata packet, address relayer, bytes calldata answer)
        external
        view
        returns (PacketFacts memory);
    function plainFacts(Packet calldata packet, address relayer, bytes calldata answer)
        external
        view
        returns (PacketFacts memory);
    function log(Packet calldata packet, bytes calldata answer) external;
    function plainLog(Packet calldata packet, bytes calldata answer) external;
    function ask(address light, bytes calldata proof, Height calldata height, bytes calldata key, bytes32 value)
        external
        returns (uint256);
    function plainAsk(address light, bytes calldata proof, Height calldata height, bytes calldata key, bytes32 value)
        external
        returns (uint256);
    function commitment(Packet calldata packet) external view returns (bytes32);
    function frameCommitment(Packet calldata packet) external view returns (bytes32);
    function acknowledgement(bytes calldata answer) external view returns (bytes32);
    function askBatch(
        address light,
        Height memory height,
        bytes calldata pool,
        string memory counterpartyId,
        bytes calldata heads
    ) external view returns (uint256 provenAt, bytes32[] memory values);
    function plainAskBatch(
        address light,
        Height memory height,
        bytes calldata pool,
        string memory counterpartyId,
        bytes calldata heads
    ) external view returns (uint256 provenAt, bytes32[] memory values);
    function encoded(Packet calldata packet) external pure returns (bytes memory);
    function plainEncoded(Packet calldata packet) external pure returns (bytes memory);
    function update(address light, string calldata clientId, bytes calldata message) external returns (UpdateResult);
    function plainUpdate(address light, string calldata clientId, bytes calldata message)
        external
        returns (UpdateResult);
}
