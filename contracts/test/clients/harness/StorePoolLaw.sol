// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StorePool} from "../../../src/libraries/StorePool.sol";
import {IStorePoolLaw} from "./IStorePoolLaw.sol";

/// @title StorePoolLaw
/// @notice Opens the reader of pools of Cosmos stores to tests, compiled as it is shipped.
contract StorePoolLaw is IStorePoolLaw {
    function prove(bytes32 appHash, bytes calldata store, bytes[] calldata keys, bytes calldata pool)
        external
        view
        returns (bytes32[] memory values)
    {
        return StorePool.prove(appHash, store, keys, pool);
    }
}
