// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../interfaces/ITendermintClient.sol";
import {Ics23Tree} from "./Ics23Tree.sol";
import {Raw} from "./Raw.sol";
import {Rfc6962} from "./Rfc6962.sol";
import {Varint} from "./Varint.sol";

/// @title TendermintHeader
/// @notice Reads the fourteen fields of a header as they are hashed, and hashes them.
/// @dev A field is a byte that says how long it is, and its protobuf. What the client does not need to understand is
/// only hashed; what it reads has one encoding. Addresses are those of bytes in calldata.
/// Spec: CometBFT data structures, "Header"; docs/formats/tendermint-evm.md. Twin of `tendermint::header` and of the
/// first of `tendermint::checks`.
library TendermintHeader {
    /// @notice What a header says.
    /// @param hash Its hash, which is the block's.
    /// @param chain keccak256 of the second field, which has the chain's id in it.
    /// @param chainAt Where that field stands, its length first.
    /// @param height Height of the block.
    /// @param moment Its time: seconds times 2^32, and nanoseconds.
    /// @param versionWord What the first field begins with, above its length.
    /// @param appHash The root of the application's state, if it has 32 bytes.
    /// @param appHashSize How many bytes that has.
    /// @param validatorsHash Hash of the set that signs this block.
    /// @param nextValidatorsHash Hash of the set that signs the next one.
    struct Header {
        bytes32 hash;
        bytes32 chain;
        uint256 chainAt;
        uint64 height;
        uint256 moment;
        uint256 versionWord;
        bytes32 appHash;
        uint256 appHashSize;
        bytes32 validatorsHash;
        bytes32 nextValidatorsHash;
    }

    uint256 private constant FIELDS = 14;
    /// Where fields stand in the list.
    uint256 private constant CHAIN = 1;
    uint256 private constant HEIGHT = 2;
    uint256 private constant TIME = 3;
    uint256 private constant VALIDATORS = 7;
    uint256 private constant NEXT_VALIDATORS = 8;
    uint256 private constant APP_HASH = 10;

    /// The version of blocks whose headers are hashed as here.
    uint256 private constant BLOCK_VERSION = 11;

    /// Keys of the first and second number in a field.
    uint256 private constant FIRST = 0x08;
    uint256 private constant SECOND = 0x10;
    /// Key and length of a hash that is the only thing in a field, and the bytes of it all.
    uint256 private constant HASH_FORM = 0x0a20;
    uint256 private constant HASH_FIELD = 34;

    /// The last second of the year 9999.
    uint256 private constant SECONDS_MAX = 253_402_300_799;
    uint256 private constant NANOS = 1_000_000_000;

    /// @notice Reads the header that begins at `at`.
    /// @param end Where the message ends.
    /// @return header What it says.
    /// @return next Where it ends.
    function read(uint256 at, uint256 end) internal view returns (Header memory header, uint256 next) {
        uint256 leaves = Raw.reserve(0x20 * FIELDS);
        uint256 places = Raw.reserve(0x20 * FIELDS);
        unchecked {
            for (uint256 i = 0; i < 0x20 * FIELDS; i += 0x20) {
                uint256 size = Raw.byteAt(at);
                require(at + 1 + size <= end, ITendermintClient.Malformed());
                Raw.put(leaves + i, uint256(Rfc6962.leaf(at + 1, size)));
                Raw.put(places + i, at);
                at += 1 + size;
            }
        }
        header.hash = Rfc6962.root(leaves, FIELDS);
        header.versionWord = Raw.wordAt(_placeOf(places, 0));
        header.chainAt = _placeOf(places, CHAIN);
        header.chain = _hashOf(header.chainAt);
        header.height = _height(_placeOf(places, HEIGHT));
        header.moment = _moment(_placeOf(places, TIME));
        header.validatorsHash = _hashIn(_placeOf(places, VALIDATORS));
        header.nextValidatorsHash = _hashIn(_placeOf(places, NEXT_VALIDATORS));
        _readAppHash(header, _placeOf(places, APP_HASH));
        next = at;
    }

    /// @notice The header has the form that is hashed and read here.
    function checkVersion(Header memory header) internal pure {
        uint256 word = header.versionWord;
        uint256 size = word >> 248;
        uint256 found = (word >> 240) & 0xff == FIRST ? (word >> 232) & 0xff : 0;
        // Behind it is nothing, or the application's version.
        bool ends = size == 2 || (word >> 224) & 0xff == SECOND;
        bool known = size >= 2 && found == BLOCK_VERSION && ends;
        require(known, ITendermintClient.BlockVersion(BLOCK_VERSION, found));
    }

    /// @notice The root that packets will be proven against is there: a missing one is never "everything is absent".
    function checkAppHash(Header memory header) internal pure {
        require(header.appHash != 0, ITendermintClient.BadAppHash(header.appHashSize));
    }

    /// @notice The second field of every header of a chain.
    function chainField(bytes memory chainId) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(0x0a), uint8(chainId.length), chainId);
    }

    /// The only number of a field: 1 to 2^63 - 1.
    function _height(uint256 at) private pure returns (uint64) {
        (uint256 from, uint256 end) = _range(at);
        require(Ics23Tree.begins(from, end, FIRST), ITendermintClient.Malformed());
        (uint256 height, uint256 next) = Varint.take(from + 1);
        bool fits = height != 0 && height <= uint64(type(int64).max);
        require(fits && next == end, ITendermintClient.Malformed());
        return uint64(height);
    }

    /// Seconds and nanoseconds, each left out if it is zero.
    function _moment(uint256 at) private pure returns (uint256) {
        (uint256 from, uint256 end) = _range(at);
        uint256 time;
        uint256 nanos;
        (time, from) = _number(from, end, FIRST);
        (nanos, from) = _number(from, end, SECOND);
        require(from == end && time <= SECONDS_MAX && nanos < NANOS, ITendermintClient.Malformed());
        return time << 32 | nanos;
    }

    /// A number under `key`; zero if another field comes next, or none.
    function _number(uint256 at, uint256 end, uint256 key) private pure returns (uint256 number, uint256 next) {
        if (!Ics23Tree.begins(at, end, key)) return (0, at);
        (number, next) = Varint.take(at + 1);
        require(number != 0, ITendermintClient.Malformed());
    }

    /// The hash that is all that a field has.
    function _hashIn(uint256 at) private pure returns (bytes32) {
        uint256 word = Raw.wordAt(at);
        bool formed = word >> 248 == HASH_FIELD && (word >> 232) & 0xffff == HASH_FORM;
        require(formed, ITendermintClient.Malformed());
        return bytes32(Raw.wordAt(at + 3));
    }

    function _readAppHash(Header memory header, uint256 at) private pure {
        uint256 word = Raw.wordAt(at);
        uint256 size = word >> 248;
        header.appHashSize = size < 2 ? 0 : size - 2;
        if (size == HASH_FIELD && (word >> 232) & 0xffff == HASH_FORM) header.appHash = bytes32(Raw.wordAt(at + 3));
    }

    /// Where the bytes of a field begin and end.
    function _range(uint256 at) private pure returns (uint256 from, uint256 end) {
        unchecked {
            from = at + 1;
            end = from + Raw.byteAt(at);
        }
    }

    function _hashOf(uint256 at) private pure returns (bytes32 hash) {
        (uint256 from, uint256 end) = _range(at);
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, from, sub(end, from))
            hash := keccak256(free, sub(end, from))
        }
    }

    function _placeOf(uint256 places, uint256 index) private pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := mload(add(places, shl(5, index)))
        }
    }
}
