// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Packet, Payload} from "../interfaces/Messages.sol";

/// @title Commitments
/// @notice Computes what is stored for a packet and under which path. It decides nothing and stores nothing; the law
/// crate `wire` computes the same bytes.
/// @dev Spec: facts "IBC v2 on the wire", section 3.
library Commitments {
    /// @dev First byte of every commitment of version 2.
    bytes1 private constant VERSION = 0x02;

    bytes1 private constant KIND_COMMITMENT = 0x01;
    bytes1 private constant KIND_RECEIPT = 0x02;
    bytes1 private constant KIND_ACKNOWLEDGEMENT = 0x03;

    /// @notice sha256 of "UNIVERSAL_ERROR_ACKNOWLEDGEMENT": the answer that means "refused".
    bytes32 internal constant UNIVERSAL_ERROR = 0x4774d4a575993f963b1c06573736617a457abef8589178db8d10c94b4ab511ab;

    /// @notice The commitment of a packet with one payload. It binds neither source client nor sequence: the path does.
    function packet(Packet calldata content) internal pure returns (bytes32) {
        return packet(content.destClient, content.timeoutTimestamp, content.payloads[0]);
    }

    /// @notice The commitment of a packet that is being made.
    function packet(string memory destClient, uint64 timeoutTimestamp, Payload calldata content)
        internal
        pure
        returns (bytes32)
    {
        return sha256(
            abi.encodePacked(
                VERSION,
                sha256(bytes(destClient)),
                sha256(abi.encodePacked(timeoutTimestamp)),
                sha256(abi.encodePacked(payload(content)))
            )
        );
    }

    /// @notice The hash of one payload: every field is hashed first, so that no field can run into the next.
    function payload(Payload calldata content) internal pure returns (bytes32) {
        return sha256(
            abi.encodePacked(
                sha256(bytes(content.sourcePort)),
                sha256(bytes(content.destPort)),
                sha256(bytes(content.version)),
                sha256(bytes(content.encoding)),
                sha256(content.value)
            )
        );
    }

    /// @notice The commitment of the one acknowledgement of a packet.
    function acknowledgement(bytes memory answer) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(VERSION, sha256(answer)));
    }

    /// @notice The receipt of a packet. Only its absence is ever proven, so it may be any hash that is not zero.
    function receipt(Packet calldata received) internal pure returns (bytes32) {
        return keccak256(abi.encode(received));
    }

    /// @notice Where the sending chain keeps a packet's commitment.
    function commitmentPath(string memory sourceClient, uint64 sequence) internal pure returns (bytes memory) {
        return abi.encodePacked(sourceClient, KIND_COMMITMENT, sequence);
    }

    /// @notice Where the receiving chain keeps a packet's receipt.
    function receiptPath(string memory destinationClient, uint64 sequence) internal pure returns (bytes memory) {
        return abi.encodePacked(destinationClient, KIND_RECEIPT, sequence);
    }

    /// @notice Where the receiving chain keeps the commitment of a packet's acknowledgement.
    function acknowledgementPath(string memory destinationClient, uint64 sequence)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(destinationClient, KIND_ACKNOWLEDGEMENT, sequence);
    }
}
