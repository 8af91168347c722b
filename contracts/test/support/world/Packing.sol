// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FungibleTokenPacketData} from "../../../src/interfaces/ITransfer.sol";
import {Packet, Payload} from "../../../src/interfaces/Messages.sol";

/// @notice A message of a batch, unpacked.
struct Message {
    uint8 kind;
    uint32 gasAmount;
    Packet packet;
    /// Whether the value goes in parts, as a transfer.
    bool inParts;
    bytes acknowledgement;
}

/// @notice A batch, unpacked.
struct Batch {
    string clientId;
    bytes[] updates;
    bytes pool;
    Message[] messages;
}

/// @title Packing
/// @notice Writes batches as docs/formats/batch.md says, for tests.
library Packing {
    function pack(Batch memory batch) internal pure returns (bytes memory) {
        (bytes memory templates, uint256[] memory indices) = _templates(batch.messages);
        bytes memory head = abi.encodePacked(uint8(1), _short(bytes(batch.clientId)), _updates(batch.updates));
        head = abi.encodePacked(head, uint64(0), uint64(1), templates, uint16(batch.messages.length));
        bytes memory bodies;
        for (uint256 i = 0; i < batch.messages.length; ++i) {
            Message memory message = batch.messages[i];
            head = bytes.concat(head, _head(message, indices[i]));
            bodies = bytes.concat(bodies, _body(message));
        }
        return bytes.concat(head, _middle(batch.pool), bodies);
    }

    /// @dev One template for all messages that can share it.
    function _templates(Message[] memory messages)
        private
        pure
        returns (bytes memory templates, uint256[] memory indices)
    {
        bytes32[] memory known = new bytes32[](messages.length);
        indices = new uint256[](messages.length);
        uint256 count = 0;
        for (uint256 i = 0; i < messages.length; ++i) {
            bytes memory template = _template(messages[i]);
            uint256 index = 0;
            while (index < count && known[index] != keccak256(template)) ++index;
            if (index == count) {
                known[count++] = keccak256(template);
                templates = bytes.concat(templates, template);
            }
            indices[i] = index;
        }
        templates = bytes.concat(bytes1(uint8(count)), templates);
    }

    function _template(Message memory message) private pure returns (bytes memory) {
        Payload memory payload = message.packet.payloads[0];
        bytes memory denom = message.inParts ? bytes(_transfer(message).denom) : bytes("");
        return bytes.concat(
            _short(bytes(payload.sourcePort)),
            _short(bytes(payload.destPort)),
            _short(bytes(payload.version)),
            _short(bytes(payload.encoding)),
            _long(denom)
        );
    }

    function _head(Message memory message, uint256 template) private pure returns (bytes memory) {
        Packet memory packet = message.packet;
        return
            abi.encodePacked(message.kind, message.gasAmount, packet.sequence, packet.timeoutTimestamp, uint8(template));
    }

    function _body(Message memory message) private pure returns (bytes memory body) {
        if (message.inParts) {
            FungibleTokenPacketData memory transfer = _transfer(message);
            bytes memory parties = abi.encodePacked(_account(transfer.sender), _account(transfer.receiver));
            body = abi.encodePacked(uint8(1), parties, _short(_integer(transfer.amount)), _long(bytes(transfer.memo)));
        } else {
            body = abi.encodePacked(uint8(0), _middle(message.packet.payloads[0].value));
        }
        if (message.kind == 2) body = bytes.concat(body, _long(message.acknowledgement));
    }

    function _updates(bytes[] memory updates) private pure returns (bytes memory packed) {
        packed = abi.encodePacked(uint8(updates.length));
        for (uint256 i = 0; i < updates.length; ++i) {
            packed = bytes.concat(packed, _middle(updates[i]));
        }
    }

    function _transfer(Message memory message) private pure returns (FungibleTokenPacketData memory) {
        return abi.decode(message.packet.payloads[0].value, (FungibleTokenPacketData));
    }

    /// @dev Reads "0x" and forty digits in lower case.
    function _account(string memory text) private pure returns (bytes20) {
        bytes memory digits = bytes(text);
        require(digits.length == 42, "no address");
        uint160 account;
        for (uint256 i = 2; i < 42; ++i) {
            uint8 digit = uint8(digits[i]);
            account = account * 16 + (digit < 0x3a ? digit - 0x30 : digit - 0x57);
        }
        return bytes20(account);
    }

    /// @dev Without leading zeros.
    function _integer(uint256 number) private pure returns (bytes memory digits) {
        for (; number != 0; number >>= 8) {
            digits = bytes.concat(bytes1(uint8(number)), digits);
        }
    }

    function _short(bytes memory text) private pure returns (bytes memory) {
        return abi.encodePacked(uint8(text.length), text);
    }

    function _long(bytes memory text) private pure returns (bytes memory) {
        return abi.encodePacked(uint16(text.length), text);
    }

    function _middle(bytes memory text) private pure returns (bytes memory) {
        return abi.encodePacked(uint24(text.length), text);
    }
}
