// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GMPPacketData} from "../../src/interfaces/ICall.sol";

/// @title IGmpLaw
/// @notice The interface of `GmpLaw.sol`, which tests deploy by name.
interface IGmpLaw {
    function decode(bytes calldata value) external pure returns (GMPPacketData memory);
    function encode(GMPPacketData calldata data) external pure returns (bytes memory);
    function decodeAnswer(bytes calldata acknowledgement) external pure returns (bytes memory);
    function encodeAnswer(bytes calldata result) external pure returns (bytes memory);
}
