// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What the router makes of one message of a batch: the call of `applyProvenMessage`, taken apart.
struct BatchMessage {
    uint256 gasAmount;
    uint256 kind;
    bytes32 commitment;
    bytes32 proven;
    uint256 provenAt;
    bytes encoded;
    bytes acknowledgement;
}

/// @notice What the router reads in a batch.
struct BatchRead {
    string clientId;
    bytes[] updates;
    uint64 revisionNumber;
    uint64 revisionHeight;
    bytes pool;
    BatchMessage[] messages;
}

/// @title IBatchLaw
/// @notice The interface of `test/harness/BatchLaw.sol`, which tests deploy by name.
interface IBatchLaw {
    function read(bytes calldata packed, string calldata counterpartyId) external view returns (BatchRead memory);
}
