// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MptPool} from "../../../src/libraries/MptPool.sol";
import {RouterStorage} from "../../../src/libraries/RouterStorage.sol";
import {IPoolLaw} from "./IPoolLaw.sol";

/// @title PoolLaw
/// @notice Opens the reader of pools to tests, compiled as it is shipped.
contract PoolLaw is IPoolLaw {
    function prove(bytes32 root, bytes32[] calldata keys, bytes calldata pool)
        external
        pure
        returns (bytes32[] memory values)
    {
        return MptPool.prove(root, keys, pool);
    }

    function keysOf(bytes[] calldata paths, bytes32 base) external pure returns (bytes32[] memory keys) {
        return RouterStorage.keysOf(paths, base);
    }
}
