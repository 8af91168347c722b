// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FungibleTokenPacketData} from "../../../src/interfaces/ITransfer.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";

/// @title ILaw
/// @notice The interface of `test/harness/Law.sol`, which tests deploy by name.
interface ILaw {
    function packetOf(bytes calldata encoded) external pure returns (Packet memory);
    function commitment(Packet calldata packet) external pure returns (bytes32);
    function receipt(Packet calldata packet) external pure returns (bytes32);
    function acknowledgement(bytes calldata answer) external pure returns (bytes32);
    function paths(Packet calldata packet) external pure returns (bytes memory, bytes memory, bytes memory);
    function checkClientId(string calldata id) external pure;
    function checkPort(string calldata id) external pure;
    function encode(FungibleTokenPacketData calldata data) external pure returns (bytes memory);
    function decode(bytes calldata value) external pure returns (FungibleTokenPacketData memory);
    function decodeOnly(bytes calldata value) external pure returns (FungibleTokenPacketData memory);
    function checkPath(string calldata denom) external pure;
    function stripHop(string calldata clientId, string calldata denom) external pure returns (bool, string memory);
    function arrivedPath(string calldata clientId, string calldata denom) external pure returns (string memory);
    function parseAddress(string calldata text) external pure returns (bool, address);
    function parseNative(string calldata text) external pure returns (bool, address);
    function parseAddressTwin(string calldata text) external pure returns (bool, address);
    function nativeDenom(address token) external pure returns (string memory);
}
