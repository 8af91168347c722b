// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ics23} from "../../../src/libraries/Ics23.sol";
import {Ics23Tree} from "../../../src/libraries/Ics23Tree.sol";
import {IIcs23Law} from "./IIcs23Law.sol";

/// @title Ics23Law
/// @notice Opens the verifier of proofs of Cosmos stores to tests, compiled as it is shipped.
contract Ics23Law is IIcs23Law {
    function prove(bytes32 appHash, bytes calldata store, bytes calldata key, bytes calldata proof)
        external
        view
        returns (bytes memory value)
    {
        return Ics23.prove(appHash, keccak256(store), key, proof);
    }

    function proveIn(bool isIavl, bytes32 root, bytes calldata key, bytes calldata proof)
        external
        view
        returns (bytes memory value)
    {
        return Ics23.proveIn(isIavl, root, key, proof);
    }

    function rootOf(bool isIavl, bytes calldata message) external view returns (bytes32) {
        uint256 at;
        assembly ("memory-safe") {
            at := message.offset
        }
        return Ics23Tree.read(isIavl, at, at + message.length).root;
    }

    function gasOf(bytes32 appHash, bytes calldata store, bytes calldata key, bytes calldata proof)
        external
        view
        returns (uint256)
    {
        bytes32 name = keccak256(store);
        uint256 before = gasleft();
        Ics23.prove(appHash, name, key, proof);
        return before - gasleft();
    }
}
