// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TwoChains} from "../../sdk/TwoChains.sol";
import {Test} from "../support/Test.sol";

/// @title Chains
/// @notice The harness as authors of applications use it, on the router as it is compiled here and now.
abstract contract Chains is TwoChains, Test {
    address internal alice = account("alice");
    address internal bob = account("bob");

    function _routerCode() internal view override returns (bytes memory) {
        return vm.getCode("Router.sol:Router");
    }

    /// @dev A custom error without its arguments.
    function selectorOf(bytes memory failure) internal pure returns (bytes4) {
        return bytes4(failure);
    }
}
