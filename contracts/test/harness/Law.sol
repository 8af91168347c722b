// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {FungibleTokenPacketData} from "../../src/interfaces/ITransfer.sol";
import {Packet} from "../../src/interfaces/Messages.sol";
import {Commitments} from "../../src/libraries/Commitments.sol";
import {Ics20} from "../../src/libraries/Ics20.sol";
import {Identifiers} from "../../src/libraries/Identifiers.sol";

/// @title Law
/// @notice Opens the internal libraries to tests, compiled as they are shipped.
contract Law {
    /// @notice The bytes are not the one encoding of a packet.
    error NotCanonical(uint256 length, uint256 canonical);

    function packetOf(bytes calldata encoded) external pure returns (Packet memory packet) {
        packet = abi.decode(encoded, (Packet));
        bytes memory canonical = abi.encode(packet);
        require(keccak256(canonical) == keccak256(encoded), NotCanonical(encoded.length, canonical.length));
    }

    function commitment(Packet calldata packet) external pure returns (bytes32) {
        return Commitments.packet(packet);
    }

    function receipt(Packet calldata packet) external pure returns (bytes32) {
        return Commitments.receipt(packet);
    }

    function acknowledgement(bytes calldata answer) external pure returns (bytes32) {
        return Commitments.acknowledgement(answer);
    }

    function paths(Packet calldata packet) external pure returns (bytes memory, bytes memory, bytes memory) {
        return (
            Commitments.commitmentPath(packet.sourceClient, packet.sequence),
            Commitments.receiptPath(packet.destClient, packet.sequence),
            Commitments.acknowledgementPath(packet.destClient, packet.sequence)
        );
    }

    function checkClientId(string calldata id) external pure {
        Identifiers.checkClientId(id);
    }

    function checkPort(string calldata id) external pure {
        Identifiers.checkPort(id);
    }

    function encode(FungibleTokenPacketData calldata data) external pure returns (bytes memory) {
        return Ics20.encode(data);
    }

    /// @notice Reads a transfer and checks all that does not depend on the token, as receiving does.
    function decode(bytes calldata value) external pure returns (FungibleTokenPacketData memory data) {
        data = Ics20.decode(value);
        Ics20.check(data);
        Ics20.checkPath(data.denom);
    }

    function decodeOnly(bytes calldata value) external pure returns (FungibleTokenPacketData memory) {
        return Ics20.decode(value);
    }

    function checkPath(string calldata denom) external pure {
        Ics20.checkPath(denom);
    }

    function stripHop(string calldata clientId, string calldata denom)
        external
        pure
        returns (bool hadHop, string memory rest)
    {
        return Ics20.stripHop(clientId, denom);
    }

    function arrivedPath(string calldata clientId, string calldata denom) external pure returns (string memory) {
        return Ics20.arrivedPath(clientId, denom);
    }

    function parseAddress(string calldata text) external pure returns (bool valid, address account) {
        return Ics20.parseAddress(text);
    }

    function parseNative(string calldata text) external pure returns (bool valid, address account) {
        return Ics20.parseNative(text);
    }

    /// @notice OpenZeppelin's reader, which also takes addresses without "0x".
    function parseAddressTwin(string calldata text) external pure returns (bool valid, address account) {
        return Strings.tryParseAddress(text);
    }

    function nativeDenom(address token) external pure returns (string memory) {
        return Ics20.nativeDenom(token);
    }
}
