// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {FungibleTokenPacketData, ITransfer} from "../interfaces/ITransfer.sol";
import {Payload} from "../interfaces/Messages.sol";

/// @title Ics20
/// @notice Decides what is a well-formed transfer and how its denomination reads. It moves nothing; the law crate `wire`
/// encodes and decodes the same bytes.
/// @dev Spec: facts "IBC v2 on the wire", section 7.
library Ics20 {
    using Bytes for bytes;

    string internal constant PORT = "transfer";
    string internal constant VERSION = "ics20-1";
    string internal constant ENCODING = "application/x-solidity-abi";

    /// @dev The only answer that means success.
    bytes internal constant SUCCESS = bytes('{"result":"AQ=="}');

    uint256 internal constant RECEIVER_LENGTH_MAX = 2_048;
    uint256 internal constant MEMO_LENGTH_MAX = 32_768;
    /// @dev Bound: a voucher keeps its path in its code, which whoever delivers the first transfer pays for.
    uint256 internal constant DENOM_LENGTH_MAX = 1_024;

    uint256 private constant WORD = 32;
    /// @dev The tuple's five fields: four offsets and the amount.
    uint256 private constant HEAD = 5 * WORD;

    /// @notice Reverts unless a payload comes from the other chain's transfer application and is for this one.
    /// @dev The source port matters most: on the other chain anybody can own any port but "transfer" (T-38).
    function checkEnvelope(Payload calldata payload) internal pure {
        require(Strings.equal(payload.sourcePort, PORT), ITransfer.WrongPort(PORT, payload.sourcePort));
        require(Strings.equal(payload.destPort, PORT), ITransfer.WrongPort(PORT, payload.destPort));
        require(Strings.equal(payload.version, VERSION), ITransfer.WrongVersion(VERSION, payload.version));
        require(Strings.equal(payload.encoding, ENCODING), ITransfer.WrongEncoding(ENCODING, payload.encoding));
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
        bytes calldata tuple = value[WORD:];
        uint256 cursor = HEAD;
        (data.denom, cursor) = _text(tuple, 0 * WORD, cursor);
        (data.sender, cursor) = _text(tuple, 1 * WORD, cursor);
        (data.receiver, cursor) = _text(tuple, 2 * WORD, cursor);
        data.amount = _word(tuple, 3 * WORD);
        (data.memo, cursor) = _text(tuple, 4 * WORD, cursor);
        require(cursor == tuple.length, ITransfer.MalformedTransfer(WORD + cursor));
    }

    /// @notice The path of an asset of the other chain: it came by `clientId` of this chain.
    function arrivedPath(string memory clientId, string memory denom) internal pure returns (string memory) {
        return string.concat(PORT, "/", clientId, "/", denom);
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
    function stripHop(string memory clientId, string memory denom)
        internal
        pure
        returns (bool hadHop, string memory rest)
    {
        bytes memory hop = abi.encodePacked(PORT, "/", clientId, "/");
        bytes memory path = bytes(denom);
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
        if (bytes(text).length != 42) return (false, address(0));
        return Strings.tryParseAddress(text);
    }

    /// @dev One string of the tuple: its offset must be `cursor`, its padding zero.
    function _text(bytes calldata tuple, uint256 field, uint256 cursor)
        private
        pure
        returns (string memory text, uint256 next)
    {
        require(_word(tuple, field) == cursor, ITransfer.MalformedTransfer(WORD + field));
        uint256 length = _word(tuple, cursor);
        uint256 start = cursor + WORD;
        require(length <= tuple.length - start, ITransfer.MalformedTransfer(WORD + cursor));
        text = string(tuple[start:start + length]);

        uint256 tail = length % WORD;
        if (tail == 0) return (text, start + length);
        next = start + length - tail + WORD;
        require(_word(tuple, next - WORD) << (8 * tail) == 0, ITransfer.MalformedTransfer(start + length));
    }

    function _word(bytes calldata data, uint256 at) private pure returns (uint256) {
        require(at + WORD <= data.length, ITransfer.MalformedTransfer(at));
        return uint256(bytes32(data[at:at + WORD]));
    }
}
