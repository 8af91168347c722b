// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatches} from "../../src/interfaces/IBatches.sol";
import {FungibleTokenPacketData} from "../../src/interfaces/ITransfer.sol";
import {Packet, Payload} from "../../src/interfaces/Messages.sol";
import {BatchMessage, BatchRead} from "./IBatchLaw.sol";

/// @title PlainBatch
/// @notice The reader of batches without assembly, written after docs/formats/batch.md: byte by byte, with the
/// compiler's encoding of packets.
library PlainBatch {
    struct Reading {
        bytes packed;
        uint256 at;
    }

    struct Template {
        string[4] parts;
        string denom;
    }

    struct Head {
        uint256 kind;
        uint256 gasAmount;
        uint64 sequence;
        uint64 timeoutTimestamp;
        uint256 template;
    }

    /// @notice What `BatchLaw.read` finds, all but the commitments and what it makes up for a proof.
    function read(bytes memory packed, string memory counterpartyId) internal pure returns (BatchRead memory seen) {
        Reading memory reading = Reading(packed, 0);
        _must(_number(reading, 1) == 1, 0);
        seen.clientId = string(_text(reading, 1));
        seen.updates = new bytes[](_number(reading, 1));
        for (uint256 i = 0; i < seen.updates.length; ++i) {
            seen.updates[i] = _text(reading, 3);
        }
        seen.revisionNumber = uint64(_number(reading, 8));
        seen.revisionHeight = uint64(_number(reading, 8));
        Template[] memory templates = _templates(reading);
        Head[] memory heads = _heads(reading, templates.length);
        uint256 poolAt = reading.at;
        seen.pool = _text(reading, 3);
        _must(heads.length != 0 || seen.pool.length == 0, poolAt);
        seen.messages = new BatchMessage[](heads.length);
        for (uint256 i = 0; i < heads.length; ++i) {
            (string memory source, string memory destination) =
                heads[i].kind == 1 ? (counterpartyId, seen.clientId) : (seen.clientId, counterpartyId);
            seen.messages[i] = _message(reading, heads[i], templates[heads[i].template], source, destination);
        }
        _must(reading.at == packed.length, reading.at);
    }

    function _templates(Reading memory reading) private pure returns (Template[] memory templates) {
        templates = new Template[](_number(reading, 1));
        for (uint256 i = 0; i < templates.length; ++i) {
            for (uint256 part = 0; part < 4; ++part) {
                templates[i].parts[part] = string(_text(reading, 1));
            }
            templates[i].denom = string(_text(reading, 2));
        }
    }

    function _heads(Reading memory reading, uint256 templateCount) private pure returns (Head[] memory heads) {
        heads = new Head[](_number(reading, 2));
        // A list that does not fit is faulty where it begins.
        _must(reading.packed.length - reading.at >= 22 * heads.length, reading.at);
        for (uint256 i = 0; i < heads.length; ++i) {
            heads[i].kind = _number(reading, 1);
            _must(heads[i].kind >= 1 && heads[i].kind <= 3, reading.at - 1);
            heads[i].gasAmount = _number(reading, 4);
            heads[i].sequence = uint64(_number(reading, 8));
            heads[i].timeoutTimestamp = uint64(_number(reading, 8));
            heads[i].template = _number(reading, 1);
            _must(heads[i].template < templateCount, reading.at - 1);
        }
    }

    function _message(
        Reading memory reading,
        Head memory head,
        Template memory template,
        string memory source,
        string memory destination
    ) private pure returns (BatchMessage memory message) {
        Packet memory packet = Packet(head.sequence, source, destination, head.timeoutTimestamp, new Payload[](1));
        string[4] memory parts = template.parts;
        packet.payloads[0] = Payload(parts[0], parts[1], parts[2], parts[3], _value(reading, template.denom));
        (message.kind, message.gasAmount) = (head.kind, head.gasAmount);
        message.encoded = abi.encode(packet);
        if (head.kind == 2) message.acknowledgement = _text(reading, 2);
    }

    function _value(Reading memory reading, string memory denom) private pure returns (bytes memory) {
        uint256 form = _number(reading, 1);
        _must(form <= 1, reading.at - 1);
        if (form == 0) return _text(reading, 3);
        string memory sender = _account(_take(reading, 20));
        string memory receiver = _account(_take(reading, 20));
        uint256 size = _number(reading, 1);
        _must(size >= 1 && size <= 32, reading.at - 1);
        bytes memory amount = _take(reading, size);
        _must(amount[0] != 0, reading.at - size);
        uint256 number = uint256(bytes32(amount)) >> (256 - 8 * size);
        return abi.encode(FungibleTokenPacketData(denom, sender, receiver, number, string(_text(reading, 2))));
    }

    /// @dev "0x" and forty digits in lower case.
    function _account(bytes memory account) private pure returns (string memory text) {
        bytes16 digits = "0123456789abcdef";
        text = "0x";
        for (uint256 i = 0; i < 20; ++i) {
            text = string.concat(text, _digit(digits[uint8(account[i]) / 16]), _digit(digits[uint8(account[i]) % 16]));
        }
    }

    function _digit(bytes1 digit) private pure returns (string memory) {
        return string(bytes.concat(digit));
    }

    function _text(Reading memory reading, uint256 sizeOfLength) private pure returns (bytes memory) {
        return _take(reading, _number(reading, sizeOfLength));
    }

    function _number(Reading memory reading, uint256 size) private pure returns (uint256) {
        return uint256(bytes32(_take(reading, size))) >> (256 - 8 * size);
    }

    function _take(Reading memory reading, uint256 size) private pure returns (bytes memory taken) {
        _must(reading.packed.length - reading.at >= size, reading.at);
        taken = new bytes(size);
        for (uint256 i = 0; i < size; ++i) {
            taken[i] = reading.packed[reading.at + i];
        }
        reading.at += size;
    }

    function _must(bool holds, uint256 place) private pure {
        require(holds, IBatches.MalformedBatch(place));
    }
}
