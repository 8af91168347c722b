// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Bytes in memory: the address of the first one, and how many there are.
struct Text {
    uint256 ptr;
    uint256 size;
}

/// @notice An inner node on the way from an entry to the root: what stands before its child, and what after it.
struct Step {
    Text prefix;
    Text suffix;
    bool isRight;
}

/// @notice An entry of a tree and the way to its root, from the leaf upwards.
struct Entry {
    Text key;
    Text value;
    Text leaf;
    Step[] path;
}

/// @title PlainIcs23Reader
/// @notice The reading of `Ics23Tree`, field by field in memory: the bytes of a proof become what they say. Nothing is
/// hashed or compared here. @dev Protobuf in its one encoding: fields in ascending order and once, numbers in their
/// shortest form, defaults left
/// out. All numbers of fields are below 16, so that a key has one byte.
/// Spec: docs/formats/ics23.md; `cosmos.ics23.v1`, `ibc.core.commitment.v1`. Twin of `merkle::ics23::read`.
library PlainIcs23Reader {
    /// @notice The bytes are no proof of what is asked.
    error BadProof();

    /// Wire types: a number, and what tells its length.
    uint256 private constant NUMBER = 0;
    uint256 private constant LENGTH = 2;

    /// Most steps between a leaf and the root of its tree.
    uint256 private constant DEPTH_MAX = 128;

    /// How leaves and inner nodes are hashed, as ICS-23 numbers it: SHA-256, of the key as it is, lengths as varints.
    uint256 private constant SHA256 = 1;
    uint256 private constant NO_HASH = 0;
    uint256 private constant VAR_PROTO = 1;

    /// @notice All bytes of a message.
    function all(bytes memory message) internal pure returns (Text memory text) {
        assembly ("memory-safe") {
            mstore(text, add(message, 0x20))
            mstore(add(text, 0x20), mload(message))
        }
    }

    /// @notice The two proofs of a chain, that about the key first.
    function chain(Text memory message) internal pure returns (Text memory ofKey, Text memory ofStore) {
        bool hasKey;
        bool hasStore;
        (hasKey, ofKey) = takeMessage(message, 1);
        (hasStore, ofStore) = takeMessage(message, 1);
        require(hasKey && hasStore, BadProof());
        _finish(message);
    }

    /// @notice A proof about one key: existence, where only the first entry is there, or absence.
    /// @return exists Whether it is one of existence.
    /// @return key The key that an absence names.
    /// @return entries Of an existence the entry; of an absence the neighbours on the left and on the right, without a
    /// path and a key where there is none.
    function commitment(Text memory message)
        internal
        pure
        returns (bool exists, Text memory key, Entry[2] memory entries)
    {
        Text memory found;
        (exists, found) = takeMessage(message, 1);
        if (exists) {
            entries[0] = entry(found);
        } else {
            bool absent;
            (absent, found) = takeMessage(message, 2);
            require(absent, BadProof());
            (key, entries) = _absence(found);
        }
        _finish(message);
    }

    /// @notice Takes the message in a field; none if the next field is another.
    function takeMessage(Text memory message, uint256 field) internal pure returns (bool found, Text memory text) {
        if (!_takeKey(message, field << 3 | LENGTH)) return (false, text);
        uint256 size = takeVarint(message);
        require(size <= message.size, BadProof());
        text = Text(message.ptr, size);
        _skip(message, size);
        return (true, text);
    }

    /// @notice Takes a number of at most 64 bits in its shortest form.
    function takeVarint(Text memory message) internal pure returns (uint256 number) {
        uint256 shift = 0;
        uint256 digit;
        do {
            digit = _takeByte(message);
            number |= (digit & 0x7f) << shift;
            shift += 7;
        } while (digit >= 0x80 && shift < 70);
        bool isShortest = digit != 0 || shift == 7;
        require(digit < 0x80 && isShortest && number <= type(uint64).max, BadProof());
    }

    function _absence(Text memory message) private pure returns (Text memory key, Entry[2] memory entries) {
        key = _takeBytes(message, 1);
        for (uint256 i = 0; i < 2; ++i) {
            (bool found, Text memory text) = takeMessage(message, 2 + i);
            if (found) entries[i] = entry(text);
        }
        _finish(message);
    }

    /// @notice An entry and its way to the root.
    function entry(Text memory message) internal pure returns (Entry memory read) {
        read.key = _takeBytes(message, 1);
        read.value = _takeBytes(message, 2);
        (bool found, Text memory text) = takeMessage(message, 3);
        require(found, BadProof());
        read.leaf = _leaf(text);
        read.path = new Step[](_countMessages(message, 4));
        for (uint256 i = 0; i < read.path.length; ++i) {
            (, text) = takeMessage(message, 4);
            read.path[i] = _step(text);
        }
        _finish(message);
    }

    /// How many messages stand next that are in one field.
    function _countMessages(Text memory message, uint256 field) private pure returns (uint256 count) {
        Text memory rest = Text(message.ptr, message.size);
        for (bool found = true; found; ++count) {
            (found,) = takeMessage(rest, field);
        }
        require(--count <= DEPTH_MAX, BadProof());
    }

    /// The prefix of a leaf whose operation has the one form of both trees.
    function _leaf(Text memory message) private pure returns (Text memory prefix) {
        bool isFormed = _takeNumber(message, 1) == SHA256 && _takeNumber(message, 2) == NO_HASH
            && _takeNumber(message, 3) == SHA256 && _takeNumber(message, 4) == VAR_PROTO;
        require(isFormed, BadProof());
        prefix = _takeBytes(message, 5);
        _finish(message);
    }

    function _step(Text memory message) private pure returns (Step memory step) {
        require(_takeNumber(message, 1) == SHA256, BadProof());
        step.prefix = _takeBytes(message, 2);
        step.suffix = _takeBytes(message, 3);
        _finish(message);
    }

    /// Takes the number in a field; 0 if the next field is another.
    function _takeNumber(Text memory message, uint256 field) private pure returns (uint256 number) {
        if (!_takeKey(message, field << 3 | NUMBER)) return 0;
        number = takeVarint(message);
        require(number != 0, BadProof());
    }

    /// Takes the bytes in a field; none if the next field is another.
    function _takeBytes(Text memory message, uint256 field) private pure returns (Text memory text) {
        bool found;
        (found, text) = takeMessage(message, field);
        require(!found || text.size != 0, BadProof());
    }

    function _takeKey(Text memory message, uint256 key) private pure returns (bool) {
        if (message.size == 0 || _byteAt(message.ptr) != key) return false;
        _skip(message, 1);
        return true;
    }

    function _takeByte(Text memory message) private pure returns (uint256 value) {
        require(message.size != 0, BadProof());
        value = _byteAt(message.ptr);
        _skip(message, 1);
    }

    function _skip(Text memory message, uint256 size) private pure {
        message.ptr += size;
        message.size -= size;
    }

    function _finish(Text memory message) private pure {
        require(message.size == 0, BadProof());
    }

    function _byteAt(uint256 ptr) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, mload(ptr))
        }
    }
}
