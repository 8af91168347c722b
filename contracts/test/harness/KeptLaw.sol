// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Kept} from "../../src/libraries/Kept.sol";
import {IKeptLaw} from "./IKeptLaw.sol";

/// @title KeptLaw
/// @notice Opens the library that keeps bytes as code to tests, compiled as it is shipped.
contract KeptLaw is IKeptLaw {
    function save(bytes calldata data) external returns (address place) {
        return Kept.save(data);
    }

    function load(address place) external view returns (bytes memory data) {
        return Kept.load(place);
    }
}
