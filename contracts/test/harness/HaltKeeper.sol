// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HaltBook} from "../../src/guard/HaltBook.sol";
import {Haltable} from "../../src/guard/Haltable.sol";
import {ScopeKind} from "../../src/interfaces/IHaltable.sol";
import {Packet} from "../../src/interfaces/Messages.sol";
import {Halts} from "../../src/libraries/Halts.sol";
import {RouterHalts} from "../../src/router/RouterHalts.sol";
import {IHaltKeeper} from "./IHaltKeeper.sol";

/// @title HaltKeeper
/// @notice Router and transfer application in one, as far as guardians see them: it keeps halts of every kind by the
/// router's code, knows the paths that a test names, and counts what was cancelled.
contract HaltKeeper is RouterHalts, IHaltKeeper {
    using Halts for Halts.Book;

    /// @inheritdoc IHaltKeeper
    mapping(bytes32 packetHash => uint256 times) public cancelled;
    mapping(bytes32 clientKey => address light) private _lights;

    constructor(address guardians_) HaltBook(guardians_) {}

    /// @inheritdoc IHaltKeeper
    function know(bytes32 clientKey, address light) external {
        _lights[clientKey] = light;
    }

    /// @inheritdoc IHaltKeeper
    function breach(ScopeKind kind, bytes32 key) external {
        _halt(kind, key, type(uint64).max);
    }

    /// @dev As `IHolds` has it.
    function cancelHold(Packet calldata packet) external onlyGuardians {
        cancelled[keccak256(abi.encode(packet))] += 1;
    }

    /// @inheritdoc IHaltKeeper
    function mayBeHalted() external view returns (bool) {
        return _mayBeHalted();
    }

    /// @inheritdoc IHaltKeeper
    function isHalted(ScopeKind kind, bytes32 key) external view returns (bool) {
        return _isHalted(kind, key);
    }

    function _lightOf(bytes32 clientKey) internal view override returns (address) {
        return _lights[clientKey];
    }

    function _keeps(ScopeKind kind) internal pure override returns (bool) {
        return kind != ScopeKind.None;
    }
}
