// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GMPAcknowledgement, GMPPacketData, ICall} from "../interfaces/ICall.sol";
import {Payload} from "../interfaces/Messages.sol";

/// @title Ics27
/// @notice Decides what is a well-formed call. It calls nothing; the law crate `wire` encodes and decodes the same
/// bytes.
/// @dev Spec: ICS-27 GMP, version 2. Vectors: light-clients/vectors/gmp. Texts are not read as UTF-8.
library Ics27 {
    string internal constant PORT = "gmpport";
    string internal constant VERSION = "ics27-2";
    string internal constant ENCODING = "application/x-solidity-abi";

    uint256 internal constant SALT_LENGTH_MAX = 32;
    /// @dev Of senders and receivers.
    uint256 internal constant NAME_LENGTH_MAX = 2048;
    /// @dev Of payloads and memos.
    uint256 internal constant TEXT_LENGTH_MAX = 32_768;

    uint256 private constant WORD = 32;
    /// @dev Five offsets.
    uint256 private constant HEAD = 5 * WORD;

    /// @notice Reverts unless a payload comes from the other chain's call application and is for this one.
    /// @dev The source port matters most: on the other chain anybody can own any port but "gmpport" (T-38).
    function checkEnvelope(Payload calldata payload) internal pure {
        require(_is(payload.sourcePort, PORT), ICall.WrongPort(payload.sourcePort));
        require(_is(payload.destPort, PORT), ICall.WrongPort(payload.destPort));
        require(_is(payload.version, VERSION), ICall.WrongVersion(payload.version));
        require(_is(payload.encoding, ENCODING), ICall.WrongEncoding(payload.encoding));
    }

    /// @notice Reverts unless a call is one that every chain accepts.
    function check(GMPPacketData memory data) internal pure {
        require(bytes(data.sender).length != 0, ICall.EmptySender());
        _checkLength(0, bytes(data.sender).length, NAME_LENGTH_MAX);
        _checkLength(1, bytes(data.receiver).length, NAME_LENGTH_MAX);
        _checkLength(2, data.salt.length, SALT_LENGTH_MAX);
        _checkLength(3, data.payload.length, TEXT_LENGTH_MAX);
        _checkLength(4, bytes(data.memo).length, TEXT_LENGTH_MAX);
    }

    function encode(GMPPacketData memory data) internal pure returns (bytes memory) {
        return abi.encode(data);
    }

    function encodeAnswer(bytes memory result) internal pure returns (bytes memory) {
        return abi.encode(GMPAcknowledgement(result));
    }

    /// @notice Reads a call that has exactly the bytes `encode` gives it. Compilers read more leniently, and revert
    /// without data, which the router could not tell from running out of gas.
    function decode(bytes calldata value) internal pure returns (GMPPacketData memory data) {
        bytes memory tuple = _tuple(value);
        uint256 cursor = HEAD;
        bytes memory text;
        (text, cursor) = _field(tuple, 0, cursor);
        data.sender = string(text);
        (text, cursor) = _field(tuple, 1, cursor);
        data.receiver = string(text);
        (data.salt, cursor) = _field(tuple, 2, cursor);
        (data.payload, cursor) = _field(tuple, 3, cursor);
        (text, cursor) = _field(tuple, 4, cursor);
        data.memo = string(text);
        require(cursor == tuple.length, ICall.MalformedCall(WORD + cursor));
    }

    /// @notice Reads what a call returned, as strictly.
    function decodeAnswer(bytes calldata acknowledgement) internal pure returns (bytes memory result) {
        bytes memory tuple = _tuple(acknowledgement);
        uint256 cursor;
        (result, cursor) = _field(tuple, 0, WORD);
        require(cursor == tuple.length, ICall.MalformedCall(WORD + cursor));
    }

    /// @dev What the first word, the offset of the tuple, leads to.
    function _tuple(bytes calldata value) private pure returns (bytes memory) {
        require(value.length >= WORD && uint256(bytes32(value[:WORD])) == WORD, ICall.MalformedCall(0));
        return value[WORD:];
    }

    /// @dev One field of bytes: its offset must be `cursor`, its padding zero. It stays where it is in memory.
    function _field(bytes memory tuple, uint256 index, uint256 cursor)
        private
        pure
        returns (bytes memory content, uint256 next)
    {
        require(_word(tuple, index * WORD) == cursor, ICall.MalformedCall(WORD + index * WORD));
        uint256 length = _word(tuple, cursor);
        uint256 start = cursor + WORD;
        require(length <= tuple.length - start, ICall.MalformedCall(WORD + cursor));
        assembly ("memory-safe") {
            content := add(add(tuple, 0x20), cursor)
        }
        uint256 tail = length % WORD;
        if (tail == 0) return (content, start + length);
        next = start + length - tail + WORD;
        require(_word(tuple, next - WORD) << (8 * tail) == 0, ICall.MalformedCall(WORD + start + length));
    }

    /// @dev A word of the tuple.
    function _word(bytes memory tuple, uint256 at) private pure returns (uint256 word) {
        require(at + WORD <= tuple.length, ICall.MalformedCall(WORD + at));
        assembly ("memory-safe") {
            word := mload(add(add(tuple, 0x20), at))
        }
    }

    function _checkLength(uint256 field, uint256 length, uint256 most) private pure {
        require(length <= most, ICall.FieldTooLong(field, length, most));
    }

    function _is(string calldata text, string memory expected) private pure returns (bool) {
        return keccak256(bytes(text)) == keccak256(bytes(expected));
    }
}
