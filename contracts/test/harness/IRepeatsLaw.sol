// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OnRecvPacketCallback} from "../../src/interfaces/IApplication.sol";

/// @notice What the transfer application makes of one call.
/// @param known Whether one of its kind was learned before.
/// @param quick What it pays by what was learned, as the ABI encodes it.
/// @param valid Whether its plain twin accepts it.
/// @param plain What it pays by its plain twin.
struct Reading {
    bool known;
    bytes quick;
    bool valid;
    bytes plain;
}

/// @title IRepeatsLaw
/// @notice The interface of `RepeatsLaw`, so that tests need not compile the library once more.
interface IRepeatsLaw {
    function read(OnRecvPacketCallback calldata message) external returns (Reading memory);
    function createVoucher(string calldata clientId, string calldata denom) external;
}
