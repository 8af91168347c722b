// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

import {IUpgradeable} from "../interfaces/IGoverned.sol";
import {Governed} from "./Governed.sol";

/// @title Upgradeable
/// @notice Decides what may replace the code behind a proxy: what governance says, if it was built with the constants
/// of the code that it replaces. It must never leave an implementation that somebody could initialize.
/// @dev State lies in the proxy, constants of a deployment in the implementation's code. Storage only grows at its end:
/// snapshots/layout (T-34).
abstract contract Upgradeable is IUpgradeable, Governed, UUPSUpgradeable, Initializable {
    /// @dev This code's own address, which `address(this)` is not behind a proxy.
    address internal immutable _implementation = address(this);

    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IUpgradeable
    function constants() public view virtual returns (bytes32);

    function _authorizeUpgrade(address next) internal view override restricted {
        bytes32 found = IUpgradeable(next).constants();
        require(found == constants(), WrongConstants(constants(), found));
    }
}
