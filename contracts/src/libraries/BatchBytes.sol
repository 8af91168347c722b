// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatches} from "../interfaces/IBatches.sol";
import {Height} from "../interfaces/Messages.sol";

/// @notice One message of a batch without its body, as it stands there: kind, gas, sequence, timeout, template, and
/// what follows.
type Head is uint256;

using BatchHead for Head global;

/// @title BatchHead
/// @notice Reads the fields of a head.
library BatchHead {
    /// @notice 1 receive, 2 acknowledge, 3 time out.
    function kind(Head head) internal pure returns (uint256) {
        return Head.unwrap(head) >> 248;
    }

    /// @notice Exactly what the message gets.
    function gasAmount(Head head) internal pure returns (uint256) {
        return (Head.unwrap(head) >> 216) & 0xffffffff;
    }

    /// @notice The packet's number.
    function sequence(Head head) internal pure returns (uint64) {
        return uint64(Head.unwrap(head) >> 152);
    }

    /// @notice When the packet may no longer be received, in seconds.
    function timeoutTimestamp(Head head) internal pure returns (uint64) {
        return uint64(Head.unwrap(head) >> 88);
    }

    /// @notice Which template it has.
    function template(Head head) internal pure returns (uint256) {
        return (Head.unwrap(head) >> 80) & 0xff;
    }
}

/// @title BatchBytes
/// @notice Reads the packed bytes of a batch from front to back. It decides what is a well-formed batch, and nothing
/// else: what the messages say is judged by the router's rules.
/// @dev Spec: docs/formats/batch.md. Twin of `wire::batch`, on the same vectors: light-clients/vectors/batch.
library BatchBytes {
    /// @dev How far the bytes are read: addresses in calldata.
    struct Reader {
        uint256 start;
        uint256 end;
        uint256 at;
    }

    /// @dev What many messages have in common.
    struct Template {
        string sourcePort;
        string destinationPort;
        string version;
        string encoding;
        string denom;
    }

    uint256 internal constant RECEIVE = 1;
    uint256 internal constant ACKNOWLEDGE = 2;
    uint256 internal constant TIME_OUT = 3;

    uint256 private constant VERSION = 1;
    uint256 private constant HEAD_SIZE = 22;

    /// @notice Begins to read.
    function open(bytes calldata packed) internal pure returns (Reader memory reader) {
        uint256 start;
        assembly ("memory-safe") {
            start := packed.offset
        }
        reader = Reader(start, start + packed.length, start);
        require(integer(reader, 1) == VERSION, IBatches.MalformedBatch(0));
    }

    /// @notice An integer of `size` bytes, 1 to 32.
    function integer(Reader memory reader, uint256 size) internal pure returns (uint256) {
        unchecked {
            return _word(_skip(reader, size)) >> (256 - 8 * size);
        }
    }

    /// @notice As many bytes as the integer of `size` bytes before them says.
    function text(Reader memory reader, uint256 size) internal pure returns (bytes calldata content) {
        uint256 length = integer(reader, size);
        uint256 at = _skip(reader, length);
        assembly ("memory-safe") {
            content.offset := at
            content.length := length
        }
    }

    /// @notice Whose proof it is.
    function height(Reader memory reader) internal pure returns (Height memory) {
        uint256 revisionNumber = integer(reader, 8);
        return Height(uint64(revisionNumber), uint64(integer(reader, 8)));
    }

    function templates(Reader memory reader) internal pure returns (Template[] memory list) {
        list = new Template[](integer(reader, 1));
        for (uint256 i = 0; i < list.length; ++i) {
            list[i].sourcePort = string(text(reader, 1));
            list[i].destinationPort = string(text(reader, 1));
            list[i].version = string(text(reader, 1));
            list[i].encoding = string(text(reader, 1));
            list[i].denom = string(text(reader, 2));
        }
    }

    /// @notice The messages without their bodies.
    /// @return at Where the first one stands; see `head`.
    function heads(Reader memory reader, uint256 templateCount) internal pure returns (uint256 at, uint256 count) {
        count = integer(reader, 2);
        at = _skip(reader, count * HEAD_SIZE);
        // Bound: counts and addresses are small.
        unchecked {
            for (uint256 i = 0; i < count; ++i) {
                uint256 place = at + i * HEAD_SIZE;
                Head one = head(at, i);
                if (one.kind() == 0 || one.kind() > TIME_OUT) _fail(reader, place);
                if (one.template() >= templateCount) _fail(reader, place + HEAD_SIZE - 1);
            }
        }
    }

    /// @notice The proof for so many messages; empty if there are none.
    function proof(Reader memory reader, uint256 count) internal pure returns (bytes calldata pool) {
        uint256 place = reader.at;
        pool = text(reader, 3);
        if (count == 0 && pool.length != 0) _fail(reader, place);
    }

    /// @notice Message number `i`, without its body.
    function head(uint256 at, uint256 i) internal pure returns (Head) {
        unchecked {
            return Head.wrap(_word(at + i * HEAD_SIZE));
        }
    }

    /// @notice Whether the body of a message stands for a transfer, and is not its value as it is.
    function form(Reader memory reader) internal pure returns (bool isTransfer) {
        uint256 place = reader.at;
        uint256 number = integer(reader, 1);
        if (number > 1) _fail(reader, place);
        return number == 1;
    }

    /// @notice Who sends a transfer and who receives it: twenty bytes each.
    function parties(Reader memory reader) internal pure returns (uint256 sender, uint256 receiver) {
        unchecked {
            uint256 start = reader.at;
            uint256 next = start + 40;
            // The place of an error is that of the one that is missing.
            if (next > reader.end) _fail(reader, start + 20 > reader.end ? start : start + 20);
            reader.at = next;
            (sender, receiver) = (_word(start) >> 96, _word(start + 20) >> 96);
        }
    }

    /// @notice The amount of a transfer: an integer without leading zeros.
    function amount(Reader memory reader) internal pure returns (uint256 number) {
        uint256 place = reader.at;
        uint256 size = integer(reader, 1);
        if (size == 0 || size > 32) _fail(reader, place);
        number = integer(reader, size);
        // Bound: there are 32 bytes at most.
        unchecked {
            if (number >> (8 * size - 8) == 0) _fail(reader, place + 1);
        }
    }

    /// @notice Reverts unless everything was read.
    function close(Reader memory reader) internal pure {
        if (reader.at != reader.end) _fail(reader, reader.at);
    }

    /// Goes behind the next `size` bytes.
    function _skip(Reader memory reader, uint256 size) private pure returns (uint256 at) {
        at = reader.at;
        // Bound: sizes have at most 24 bits.
        unchecked {
            if (at + size > reader.end) _fail(reader, at);
            reader.at = at + size;
        }
    }

    function _fail(Reader memory reader, uint256 at) private pure {
        revert IBatches.MalformedBatch(at - reader.start);
    }

    function _word(uint256 at) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(at)
        }
    }
}
