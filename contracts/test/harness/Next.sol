// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Router} from "../../src/Router.sol";
import {InitialPort} from "../../src/router/Ports.sol";
import {Transfer} from "../../src/Transfer.sol";
import {Parts} from "../../src/transfer/TransferState.sol";

/// @title NextRouter
/// @notice A next version: it appends a variable and sets it in the transaction of the upgrade.
contract NextRouter is Router {
    uint256 public added;

    constructor(address authority_, address guardians_, InitialPort memory first)
        Router(authority_, guardians_, first)
    {}

    function initializeNext(uint256 value) external reinitializer(2) {
        added = value;
    }
}

/// @title NextTransfer
/// @notice As `NextRouter`.
contract NextTransfer is Transfer {
    uint256 public added;

    constructor(Parts memory parts, address desk) Transfer(parts, desk) {}

    function initializeNext(uint256 value) external reinitializer(2) {
        added = value;
    }
}
