// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ScopeKind} from "../../src/interfaces/IHaltable.sol";

/// @title IHaltKeeper
/// @notice What tests tell and ask the harness `HaltKeeper` beside what guardians do.
interface IHaltKeeper {
    function know(bytes32 clientKey, address light) external;
    function breach(ScopeKind kind, bytes32 key) external;
    function cancelled(bytes32 packetHash) external view returns (uint256 times);
    function mayBeHalted() external view returns (bool);
    function isHalted(ScopeKind kind, bytes32 key) external view returns (bool);
}
