// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {FungibleTokenPacketData, ITransfer} from "../interfaces/ITransfer.sol";
import {Payload} from "../interfaces/Messages.sol";

/// @title Ics20
/// @notice Decides what is a well-formed transfer and how its denomination reads. It moves nothing; the law crate
/// `wire` encodes and decodes the same bytes.
/// @dev Spec: facts "IBC v2 on the wire", section 7.
library Ics20 {
    using Bytes for bytes;

    string internal constant PORT = "transfer";
    string internal constant VERSION = "ics20-1";
    string internal constant ENCODING = "application/x-solidity-abi";

    /// @dev The only answer that means success.
    bytes internal constant SUCCESS = bytes('{"result":"AQ=="}');

    uint256 internal constant RECEIVER_LENGTH_MAX = 2048;
    uint256 internal constant MEMO_LENGTH_MAX = 32_768;
    /// @dev Bound: a voucher keeps its path in its code, which whoever delivers the first transfer pays for.
    uint256 internal constant DENOM_LENGTH_MAX = 1024;

    /// @notice How many bytes an address has in text.
    uint256 internal constant ADDRESS_LENGTH = 42;

    uint256 private constant WORD = 32;
    /// @dev The tuple's five fields: four offsets and the amount.
    uint256 private constant HEAD = 5 * WORD;

    /// @dev The first words of the payload of every transfer, as the ABI encodes it strictly: five offsets and the four
    /// strings that `checkEnvelope` expects. How many bytes they are, and their hash.
    uint256 private constant ENVELOPE_SIZE = 416;
    bytes32 private constant ENVELOPE_DIGEST = 0xacfdcc4cb89a12ecb13972d490c28c3bfa3c88471804a34affd29279a86f66e0;

    /// @dev "0x" as the first two characters of an address.
    uint256 private constant HEX_MARK = 0x3078;

    /// @dev Masks for reading 32 hex digits at once.
    uint256 private constant ONES = 0x0101010101010101010101010101010101010101010101010101010101010101;
    uint256 private constant ZEROS = 0x3030303030303030303030303030303030303030303030303030303030303030;
    uint256 private constant LOW_NIBBLES = 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f;
    uint256 private constant EVEN_BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant EVEN_PAIRS = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
    uint256 private constant EVEN_FOURS = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    uint256 private constant EVEN_EIGHTS = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;

    /// @notice Reverts unless a payload comes from the other chain's transfer application and is for this one.
    /// @dev The source port matters most: on the other chain anybody can own any port but "transfer" (T-38).
    function checkEnvelope(Payload calldata payload) internal pure {
        // One comparison answers for all four; only then for which of them.
        if (_envelopeDigest(payload) == ENVELOPE_DIGEST) return;
        require(_is(payload.sourcePort, keccak256(bytes(PORT))), ITransfer.WrongPort(payload.sourcePort));
        require(_is(payload.destPort, keccak256(bytes(PORT))), ITransfer.WrongPort(payload.destPort));
        require(_is(payload.version, keccak256(bytes(VERSION))), ITransfer.WrongVersion(payload.version));
        require(_is(payload.encoding, keccak256(bytes(ENCODING))), ITransfer.WrongEncoding(payload.encoding));
    }

    /// @notice Reverts unless a transfer is one that both sides accept, whatever the token.
    function check(FungibleTokenPacketData memory data) internal pure {
        require(data.amount != 0, ITransfer.ZeroAmount());
        require(bytes(data.sender).length != 0, ITransfer.EmptySender());
        uint256 receiver = bytes(data.receiver).length;
        bool valid = receiver != 0 && receiver <= RECEIVER_LENGTH_MAX;
        require(valid, ITransfer.InvalidReceiver(data.receiver));
        uint256 memo = bytes(data.memo).length;
        require(memo <= MEMO_LENGTH_MAX, ITransfer.MemoTooLong(memo, MEMO_LENGTH_MAX));
    }

    function encode(FungibleTokenPacketData memory data) internal pure returns (bytes memory) {
        return abi.encode(data);
    }

    /// @notice Reads a transfer that has exactly the bytes `encode` gives it. Compilers read more leniently, and revert
    /// without data, which the router could not tell from running out of gas.
    function decode(bytes calldata value) internal pure returns (FungibleTokenPacketData memory data) {
        require(_word(value, 0) == WORD, ITransfer.MalformedTransfer(0));
        // One copy: a string in memory looks like one in the tuple.
        bytes memory tuple = value[WORD:];
        uint256 cursor = HEAD;
        (data.denom, cursor) = _text(tuple, 0 * WORD, cursor);
        (data.sender, cursor) = _text(tuple, 1 * WORD, cursor);
        (data.receiver, cursor) = _text(tuple, 2 * WORD, cursor);
        data.amount = _wordOf(tuple, 3 * WORD);
        (data.memo, cursor) = _text(tuple, 4 * WORD, cursor);
        require(cursor == tuple.length, ITransfer.MalformedTransfer(WORD + cursor));
    }

    /// @notice The path of an asset of the other chain: it came by `clientId` of this chain.
    function arrivedPath(string calldata clientId, string memory denom) internal pure returns (string memory) {
        return string.concat("transfer/", clientId, "/", denom);
    }

    /// @notice Reverts unless a path may name a voucher: not too long, and without an empty segment.
    function checkPath(string memory path) internal pure {
        bytes memory characters = bytes(path);
        uint256 length = characters.length;
        require(length <= DENOM_LENGTH_MAX, ITransfer.DenomTooLong(length, DENOM_LENGTH_MAX));
        bool empty = true;
        for (uint256 i = 0; i < length; ++i) {
            bool slash = characters[i] == "/";
            require(!(slash && empty), ITransfer.EmptyDenomSegment(i));
            empty = slash;
        }
        require(!empty, ITransfer.EmptyDenomSegment(length));
    }

    /// @notice Takes the last hop off a path.
    /// @param clientId The client by whose name the hop would go.
    /// @return hadHop Whether the last hop was by that client.
    /// @return rest The path without it; the whole path if it was not.
    function stripHop(string calldata clientId, string memory denom)
        internal
        pure
        returns (bool hadHop, string memory rest)
    {
        bytes memory path = bytes(denom);
        // Most assets are at home where they come from, and have no hop at all.
        if (bytes9(path) != "transfer/") return (false, denom);
        bytes memory hop = abi.encodePacked(PORT, "/", clientId, "/");
        if (path.length <= hop.length || keccak256(path.slice(0, hop.length)) != keccak256(hop)) {
            return (false, denom);
        }
        return (true, string(path.slice(hop.length)));
    }

    /// @notice A token's denomination on the chain it belongs to.
    function nativeDenom(address token) internal pure returns (string memory) {
        return Strings.toHexString(token);
    }

    /// @notice Reads an address: "0x" and 40 hex digits of either case.
    function parseAddress(string memory text) internal pure returns (bool valid, address account) {
        (valid, account,) = _parseHex(text);
    }

    /// @notice `parseAddress` of a text of 42 bytes: one word, and ten bytes in front of another.
    function readAddress(uint256 first, uint256 second) internal pure returns (bool valid, address account) {
        (valid, account,) = _readHex(first, second);
    }

    /// @notice Reads a native denomination: the inverse of `nativeDenom`, so in lower case only.
    function parseNative(string memory denom) internal pure returns (bool valid, address token) {
        bool upper;
        (valid, token, upper) = _parseHex(denom);
        valid = valid && !upper;
    }

    /// @dev Every transfer reads two addresses, so 32 digits are read at once; tests compare it with OpenZeppelin's.
    function _parseHex(string memory text) private pure returns (bool valid, address account, bool upper) {
        if (bytes(text).length != ADDRESS_LENGTH) return (false, address(0), false);
        uint256 first;
        uint256 second;
        assembly ("memory-safe") {
            first := mload(add(text, 0x20))
            second := mload(add(text, 0x40))
        }
        return _readHex(first, second);
    }

    /// @dev The text is the first word and the first ten bytes of the second.
    function _readHex(uint256 first, uint256 second) private pure returns (bool valid, address account, bool upper) {
        if (first >> 240 != HEX_MARK) return (false, address(0), false);
        (uint256 high, bool highValid, bool highUpper) = _parseDigits(first << 16 | second >> 240);
        // The last eight digits, with zeros in front.
        (uint256 low, bool lowValid, bool lowUpper) = _parseDigits(ZEROS << 64 | (second << 16) >> 192);
        if (!highValid || !lowValid) return (false, address(0), false);
        return (true, address(uint160(high << 32 | low)), highUpper || lowUpper);
    }

    /// @dev Reads 32 hex digits, one a byte. All arithmetic stays within its byte: no sum exceeds 0x67.
    function _parseDigits(uint256 digits) private pure returns (uint256 value, bool valid, bool upper) {
        unchecked {
            // Letters have bit 6, digits do not; capitals lack bit 5.
            uint256 letters = (digits >> 6) & ONES;
            uint256 lower = digits | (letters << 5);
            uint256 nibbles = (digits & LOW_NIBBLES) + letters * 9;
            // A digit is valid if writing its value down again gives the digit: 0x30 + value, and 0x27 more from ten
            // on.
            uint256 tens = ((nibbles + ONES * 6) >> 4) & ONES;
            valid = nibbles & ~LOW_NIBBLES == 0 && ZEROS + nibbles + tens * 0x27 == lower;
            upper = digits != lower;
            // Close the gaps: pairs of nibbles to bytes, pairs of bytes to words, and so on.
            value = (nibbles | nibbles >> 4) & EVEN_BYTES;
            value = (value | value >> 8) & EVEN_PAIRS;
            value = (value | value >> 16) & EVEN_FOURS;
            value = (value | value >> 32) & EVEN_EIGHTS;
            value = (value | value >> 64) & type(uint128).max;
        }
    }

    /// @dev One string of the tuple: its offset must be `cursor`, its padding zero.
    function _text(bytes memory tuple, uint256 field, uint256 cursor)
        private
        pure
        returns (string memory text, uint256 next)
    {
        // The place of the first word that is not what it has to be, plus one.
        uint256 fault = 0;
        assembly ("memory-safe") {
            let start := add(tuple, 0x20)
            text := add(start, cursor)
            let length := mload(text)
            next := add(add(cursor, 0x20), and(add(length, 0x1f), not(0x1f)))
            let size := mload(tuple)
            // From the last question to the first: what is told is the first one that is answered with no. The length
            // of a text that is no part of the tuple does not matter then; memory behind the tuple is not touched.
            switch gt(next, size)
            case 1 { fault := sub(next, 0x1f) }
            default {
                let padding := sub(shl(shl(3, and(sub(0, length), 0x1f)), 1), 1)
                if and(mload(add(start, sub(next, 0x20))), padding) { fault := add(add(cursor, length), 0x21) }
            }
            if gt(length, sub(size, add(cursor, 0x20))) { fault := add(cursor, 0x21) }
            if gt(add(cursor, 0x20), size) { fault := add(cursor, 1) }
            if xor(mload(add(start, field)), cursor) { fault := add(field, 0x21) }
            if gt(add(field, 0x20), size) { fault := add(field, 1) }
        }
        if (fault != 0) revert ITransfer.MalformedTransfer(fault - 1);
    }

    /// @dev Hash of as many bytes of a payload as the envelope of a transfer has.
    function _envelopeDigest(Payload calldata payload) private pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            calldatacopy(buffer, payload, ENVELOPE_SIZE)
            digest := keccak256(buffer, ENVELOPE_SIZE)
        }
    }

    /// @dev A word of the tuple. Bound: `at` is at most a word behind it.
    function _wordOf(bytes memory tuple, uint256 at) private pure returns (uint256 word) {
        unchecked {
            require(at + WORD <= tuple.length, ITransfer.MalformedTransfer(at));
        }
        assembly ("memory-safe") {
            word := mload(add(add(tuple, 0x20), at))
        }
    }

    function _is(string calldata text, bytes32 digest) private pure returns (bool) {
        return keccak256(bytes(text)) == digest;
    }

    function _word(bytes calldata data, uint256 at) private pure returns (uint256) {
        require(at + WORD <= data.length, ITransfer.MalformedTransfer(at));
        return uint256(bytes32(data[at:at + WORD]));
    }
}
