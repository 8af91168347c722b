// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITendermintClient} from "../interfaces/ITendermintClient.sol";
import {Raw} from "./Raw.sol";
import {Rfc6962} from "./Rfc6962.sol";
import {Secp256k1} from "./Secp256k1.sol";
import {Varint} from "./Varint.sol";

/// @title TendermintSets
/// @notice Checks a set of validators and packs it, and reads it where it comes packed.
/// @dev A client knows a set by its card: keccak256 of the set as updates carry it, without what only its hash needs.
/// The card of a set follows from its hash, so that it does not matter who installs it.
///
/// The packed set: u8 form ‖ u64 total power ‖ entries. Form 1, all keys are of secp256k1: address of the key on
/// EVM
/// chains (20 bytes) ‖ u64 power. Form 2, not all are: key of ed25519, or such an address behind zeros (32 bytes) ‖
/// u64
/// power, of which the highest bit says that it is an address. A secp256k1 key that is no point of the curve has the
/// last 20 bytes of keccak256 of itself in place of an address: nothing is ever signed by that.
/// Spec: docs/formats/tendermint-evm.md. Twin of `tendermint::validators`.
library TendermintSets {
    /// @notice A packed set in calldata.
    /// @param at Where its first entry stands.
    /// @param form 1 or 2.
    /// @param count How many entries it has.
    /// @param total All power.
    /// @param card keccak256 of the packed set.
    struct Set {
        uint256 at;
        uint256 form;
        uint256 count;
        uint256 total;
        bytes32 card;
    }

    /// @notice What entries are made of while a set is packed, all of it in memory.
    struct Packing {
        uint256 form;
        uint256 count;
        uint256 leaves;
        uint256 packed;
        uint256 total;
        uint256 others;
    }

    uint256 internal constant NARROW = 1;
    uint256 internal constant WIDE = 2;
    uint256 internal constant NARROW_SIZE = 28;
    uint256 internal constant WIDE_SIZE = 40;
    /// Bytes before the first entry of a packed set.
    uint256 private constant HEAD = 9;

    uint256 private constant VALIDATORS_MAX = 1024;
    /// The total power that CometBFT allows: an eighth of the largest signed number of 64 bits.
    uint256 private constant POWER_MAX = uint64(type(int64).max) / 8;
    /// In a power of form 2: the key is of secp256k1.
    uint256 private constant IS_SECP = 1 << 63;

    /// Kinds of keys in a set that is installed.
    uint256 private constant ED25519 = 1;
    uint256 private constant SECP256K1 = 2;

    /// @notice Reads the set that is installed by the message from `at` to `end`: u16 count ‖ u8 form ‖ entries ‖
    /// for
    /// each place in rising order of kinds and packed keys, u16 the entry's.
    /// An entry of form 1 is key (33 bytes) ‖ its y, or zero if there is none ‖ u64 power; of form 2 a kind stands
    /// before it, and an ed25519 key has 32 bytes and no y.
    /// @return root The set's hash.
    /// @return card keccak256 of the packed set.
    function install(uint256 at, uint256 end) internal view returns (bytes32 root, bytes32 card) {
        Packing memory set;
        set.count = Raw.numberAt(at, 16);
        set.form = Raw.numberAt(at + 2, 8);
        require(set.count != 0, ITendermintClient.NoValidators());
        bool fits = set.count <= VALIDATORS_MAX;
        require(fits, ITendermintClient.TooManyValidators(set.count, VALIDATORS_MAX));
        require(set.form == NARROW || set.form == WIDE, ITendermintClient.Malformed());
        set.leaves = Raw.reserve(0x20 * set.count);
        set.packed = Raw.reserve(HEAD + WIDE_SIZE * set.count + 0x20);
        at = _putAll(set, at + 3);
        require(at + 2 * set.count == end, ITendermintClient.Malformed());
        _checkOrder(set, at);
        require(set.total <= POWER_MAX, ITendermintClient.PowerOverflow(set.total, POWER_MAX));
        // One set has one form.
        require(set.form == NARROW || set.others != 0, ITendermintClient.Malformed());
        root = Rfc6962.root(set.leaves, set.count);
        card = _close(set);
    }

    /// @notice Reads a packed set behind u16 its count.
    function read(uint256 at, uint256 end) internal pure returns (Set memory set, uint256 next) {
        uint256 head = Raw.numberAt(at, 88);
        set.count = head >> 72;
        set.form = (head >> 64) & 0xff;
        set.total = head & type(uint64).max;
        require(set.count != 0, ITendermintClient.NoValidators());
        unchecked {
            set.at = at + 2 + HEAD;
            next = set.at + set.count * sizeOf(set.form);
        }
        require(next <= end, ITendermintClient.Malformed());
        set.card = _hash(at + 2, next);
    }

    /// @notice Bytes of an entry.
    function sizeOf(uint256 form) internal pure returns (uint256) {
        return form == NARROW ? NARROW_SIZE : WIDE_SIZE;
    }

    /// @notice The validator whose entry stands at `at`.
    /// @return key Its key or address.
    /// @return power The weight of its vote.
    /// @return isSecp Which of both it is.
    function validatorAt(uint256 form, uint256 at) internal pure returns (uint256 key, uint256 power, bool isSecp) {
        unchecked {
            if (form == NARROW) {
                uint256 entry = Raw.numberAt(at, 224);
                return (entry >> 64, entry & type(uint64).max, true);
            }
            key = Raw.numberAt(at, 256);
            power = Raw.numberAt(at + 32, 64);
            isSecp = power >= IS_SECP;
            power &= IS_SECP - 1;
        }
    }

    /// Packs all entries, and hashes them as leaves.
    function _putAll(Packing memory set, uint256 at) private view returns (uint256) {
        uint256 to = set.packed + HEAD;
        for (uint256 i = 0; i < set.count; ++i) {
            uint256 kind = SECP256K1;
            if (set.form == WIDE) {
                kind = Raw.numberAt(at, 8);
                require(kind == ED25519 || kind == SECP256K1, ITendermintClient.Malformed());
                at += 1;
            }
            uint256 size = kind == ED25519 ? 32 : 33;
            uint256 key = kind == ED25519 ? Raw.numberAt(at, 256) : uint256(uint160(Secp256k1.addressOf(at)));
            uint256 powerAt = kind == ED25519 ? at + 32 : at + 65;
            uint256 power = Raw.numberAt(powerAt, 64);
            Raw.put(set.leaves + 0x20 * i, uint256(_leaf(kind, at, size, power)));
            if (set.form == NARROW) {
                Raw.put(to, key << 96 | power << 32);
                to += NARROW_SIZE;
            } else {
                Raw.put(to, key);
                Raw.put(to + 32, (kind == SECP256K1 ? power | IS_SECP : power) << 192);
                to += WIDE_SIZE;
                if (kind == ED25519) ++set.others;
            }
            set.total += power;
            at = powerAt + 8;
        }
        return at;
    }

    /// The `SimpleValidator` of a key and a power, hashed as a leaf.
    function _leaf(uint256 kind, uint256 at, uint256 size, uint256 power) private view returns (bytes32 hash) {
        uint256 free = Raw.reserve(0);
        // 0 of a leaf; field 1, the key, in which field 1 or 2 is the bytes of it.
        uint256 form = kind == ED25519 ? 0x0a220a20 : 0x0a231221;
        Raw.put(free, form << 216);
        uint256 end = free + 5 + size;
        assembly ("memory-safe") {
            calldatacopy(add(free, 5), at, size)
        }
        if (power != 0) {
            // Field 2.
            Raw.put(end, 0x10 << 248);
            end = Varint.put(end + 1, power);
        }
        assembly ("memory-safe") {
            pop(staticcall(gas(), 2, free, sub(end, free), 0x00, 0x20))
            hash := mload(0x00)
        }
    }

    /// No entry stands twice: each is above the one before it in the order that the message gives.
    function _checkOrder(Packing memory set, uint256 at) private pure {
        uint256 size = sizeOf(set.form);
        uint256 lastKind = 0;
        uint256 last = 0;
        for (uint256 i = 0; i < set.count; ++i) {
            uint256 place = Raw.numberAt(at + 2 * i, 16);
            require(place < set.count, ITendermintClient.Malformed());
            uint256 entry = set.packed + HEAD + size * place;
            uint256 key = Raw.load(entry);
            uint256 kind = 1;
            if (set.form == NARROW) key >>= 96;
            else kind += Raw.load(entry + 32) >> 255;
            bool again = key == last && kind == lastKind;
            require(!again, ITendermintClient.DuplicateValidator(bytes32(key)));
            require(kind > lastKind || (kind == lastKind && key > last), ITendermintClient.Malformed());
            (lastKind, last) = (kind, key);
        }
    }

    /// Writes form and total before the entries, and hashes it all.
    function _close(Packing memory set) private pure returns (bytes32 card) {
        uint256 size = HEAD + set.count * sizeOf(set.form);
        (uint256 packed, uint256 form, uint256 total) = (set.packed, set.form, set.total);
        assembly ("memory-safe") {
            mstore8(packed, form)
            // The entries begin right behind.
            mstore(add(packed, 1), or(shl(192, total), shr(64, mload(add(packed, 9)))))
            card := keccak256(packed, size)
        }
    }

    function _hash(uint256 at, uint256 end) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, at, sub(end, at))
            hash := keccak256(free, sub(end, at))
        }
    }
}
