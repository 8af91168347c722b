// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title MptNode
/// @notice Reads the RLP of trie nodes, of the values in them, and of nothing else.
/// @dev All addresses are memory addresses. A function may read a few bytes behind the limit it was given, and then
/// refuses what it found there. Only the shortest form of anything is valid.
/// Spec: Yellow Paper, appendices B (RLP), C (hex prefix) and D (trie).
library MptNode {
    /// The largest size of a node that stands inside its parent.
    uint256 internal constant INLINE_MAX = 31;
    /// Size of a branch with sixteen hashes: 16 times 33 bytes, an empty value; a prefix of three bytes before them.
    uint256 private constant FULL_BRANCH_BODY = 529;
    /// Size of an account with a nonce of one byte and no balance, as most contracts have them: a prefix of two bytes,
    /// nonce, balance, two hashes. What begins it and is always the same, without the nonce.
    uint256 private constant BARE_ACCOUNT_SIZE = 70;
    uint256 private constant BARE_ACCOUNT = 0xf8440080a0;

    /// What stands in the place of a child: nothing that may stand there, no child, the hash of a node, a node of less
    /// than 32 bytes. Numbers and not an enum, because those are checked at every use.
    uint256 internal constant CHILD_WRONG = 0;
    uint256 internal constant CHILD_NONE = 1;
    uint256 internal constant CHILD_HASH = 2;
    uint256 internal constant CHILD_INLINE = 3;

    /// Flags of a path: bit 0 for an odd number of nibbles, and this one for a leaf.
    uint256 internal constant LEAF = 2;
    /// In the place of flags: the path has not the one form that it may have.
    uint256 internal constant BAD_PATH = type(uint256).max;

    /// @notice The word at `ptr`.
    function word(uint256 ptr) internal pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := mload(ptr)
        }
    }

    /// @notice The byte at `ptr`.
    function byteAt(uint256 ptr) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, mload(ptr))
        }
    }

    /// @notice keccak256 of the bytes from `ptr` to `end`.
    function hash(uint256 ptr, uint256 end) internal pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := keccak256(ptr, sub(end, ptr))
        }
    }

    /// @notice Opens the list at `ptr`, of at most 65,535 bytes.
    /// @return body Address of its first item.
    /// @return stop Address behind its last item; 0 if there is no such list or it does not end before `limit`.
    function openList(uint256 ptr, uint256 limit) internal pure returns (uint256 body, uint256 stop) {
        unchecked {
            if (ptr >= limit) return (0, 0);
            uint256 prefix = byteAt(ptr);
            uint256 size;
            uint256 least;
            if (prefix == 0xf9) {
                (body, size, least) = (ptr + 3, uint256(word(ptr + 1)) >> 240, 256);
            } else if (prefix == 0xf8) {
                (body, size, least) = (ptr + 2, byteAt(ptr + 1), 56);
            } else {
                (body, size, least) = (ptr + 1, prefix - 0xc0, 0);
                // Below 0xc0 is no list; above are sizes that no node has.
                if (size > 55) return (0, 0);
            }
            stop = body + size;
            if (size < least || stop > limit) return (0, 0);
        }
    }

    /// @notice The address of the second item of a node that has two, as leaves and extensions do; 0 for any other
    /// node.
    function secondOfTwo(uint256 body, uint256 stop) internal pure returns (uint256 second) {
        unchecked {
            // A full branch is the common case and cannot be anything else.
            if (stop - body == FULL_BRANCH_BODY) return 0;
            second = _skip(body);
            if (second >= stop || _skip(second) != stop) second = 0;
        }
    }

    /// @notice The address of child number `nibble` of a branch; 0 if the body is not that of a valid branch.
    function branchChild(uint256 body, uint256 end, uint256 nibble) internal pure returns (uint256 child) {
        uint256 ptr = body;
        uint256 strange = 0;
        // Four children a round. Nearly always each is a hash or missing; whether one is not is looked at behind them.
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, 16) { i := add(i, 4) } {
                let prefix := shr(248, mload(ptr))
                let hashed := eq(prefix, 0xa0)
                strange := or(strange, iszero(or(hashed, eq(prefix, 0x80))))
                let second := add(ptr, add(1, shl(5, hashed)))
                prefix := shr(248, mload(second))
                hashed := eq(prefix, 0xa0)
                strange := or(strange, iszero(or(hashed, eq(prefix, 0x80))))
                let third := add(second, add(1, shl(5, hashed)))
                prefix := shr(248, mload(third))
                hashed := eq(prefix, 0xa0)
                strange := or(strange, iszero(or(hashed, eq(prefix, 0x80))))
                let fourth := add(third, add(1, shl(5, hashed)))
                if lt(sub(nibble, i), 4) {
                    switch and(nibble, 3)
                    case 0 { child := ptr }
                    case 1 { child := second }
                    case 2 { child := third }
                    default { child := fourth }
                }
                prefix := shr(248, mload(fourth))
                hashed := eq(prefix, 0xa0)
                strange := or(strange, iszero(or(hashed, eq(prefix, 0x80))))
                ptr := add(fourth, add(1, shl(5, hashed)))
            }
        }
        if (strange != 0) (child, ptr) = _strangeBranchChild(body, nibble);
        assembly ("memory-safe") {
            // The value of a branch is empty, because no key ends in one.
            child := mul(child, and(eq(add(ptr, 1), end), eq(shr(248, mload(ptr)), 0x80)))
        }
    }

    /// @notice The kind of the child at `ptr`.
    function childKind(uint256 ptr) internal pure returns (uint256) {
        uint256 prefix = byteAt(ptr);
        if (prefix == 0xa0) return CHILD_HASH;
        if (prefix == 0x80) return CHILD_NONE;
        // A list of 1 to 30 bytes, hence a node of at most 31.
        return prefix > 0xc0 && prefix < 0xc0 + INLINE_MAX ? CHILD_INLINE : CHILD_WRONG;
    }

    /// @notice Reads the path that begins a leaf or an extension.
    /// @param ptr Address of the path's item.
    /// @param next Address behind it, as its prefix says.
    /// @return flags Its flags, or `BAD_PATH`.
    /// @return count Number of nibbles.
    /// @return nibbles The nibbles, from the top of the word; what follows them has no meaning.
    function readPath(uint256 ptr, uint256 next) internal pure returns (uint256 flags, uint256 count, bytes32 nibbles) {
        unchecked {
            uint256 first = byteAt(ptr);
            if (first >= 0x80) {
                // One byte of a path is below 0x40 and needs no prefix; no path is longer than 33 bytes.
                if (first < 0x82 || first > 0xa1) return (BAD_PATH, 0, 0);
                ptr += 1;
                first = byteAt(ptr);
            }
            flags = first >> 4;
            uint256 odd = flags & 1;
            // An even path begins with a zero nibble of padding.
            if (first >= 0x40 || (odd == 0 && first & 0x0f != 0)) return (BAD_PATH, 0, 0);
            count = 2 * (next - ptr) - 2 + odd;
            nibbles = odd == 0 ? word(ptr + 1) : word(ptr) << 4;
        }
    }

    /// @notice Reads the string that ends a node.
    /// @return ptr Address of its bytes.
    /// @return size Number of its bytes; 0 also if it is not a string that ends at `stop`.
    function readString(uint256 item, uint256 stop) internal pure returns (uint256 ptr, uint256 size) {
        unchecked {
            uint256 prefix = byteAt(item);
            if (prefix < 0x80) return item + 1 == stop ? (item, uint256(1)) : (uint256(0), uint256(0));
            if (prefix < 0xb8) {
                ptr = item + 1;
                size = prefix - 0x80;
                if (size == 1 && byteAt(ptr) < 0x80) return (0, 0);
            } else if (prefix == 0xb8) {
                ptr = item + 2;
                size = byteAt(item + 1);
                if (size < 56) return (0, 0);
            } else {
                return (0, 0);
            }
            if (ptr + size != stop) return (0, 0);
        }
    }

    /// @notice Reads a stored word: the RLP of an integer of 1 to 32 bytes that does not begin with a zero byte.
    /// @return value The word, or zero if this is not one: a trie never stores zero.
    function readStoredWord(uint256 ptr, uint256 size) internal pure returns (uint256 value) {
        unchecked {
            (uint256 digits, uint256 count) = readString(ptr, ptr + size);
            if (count == 0 || count > 32 || byteAt(digits) == 0) return 0;
            return uint256(word(digits)) >> (256 - 8 * count);
        }
    }

    /// @notice Reads the storage root of an account: nonce, balance, storage root, code hash.
    /// @return root The root, or zero if this is not an account.
    function readStorageRoot(uint256 ptr, uint256 size) internal pure returns (bytes32 root) {
        unchecked {
            uint256 head = uint256(word(ptr)) >> 216;
            uint256 nonce = uint8(head >> 16);
            bool bare = size == BARE_ACCOUNT_SIZE && head ^ (nonce << 16) == BARE_ACCOUNT;
            if (bare && nonce - 1 < 0x7f && byteAt(ptr + 37) == 0xa0) return word(ptr + 5);
            (uint256 item, uint256 stop) = openList(ptr, ptr + size);
            if (stop != ptr + size) return 0;
            item = _skipInteger(item, 8);
            if (item == 0) return 0;
            item = _skipInteger(item, 32);
            if (item == 0 || item + 66 != stop) return 0;
            if (byteAt(item) != 0xa0 || byteAt(item + 33) != 0xa0) return 0;
            return word(item + 1);
        }
    }

    /// The address behind the integer at `ptr`, of at most `sizeMax` bytes and without leading zeros; 0 if it is none.
    function _skipInteger(uint256 ptr, uint256 sizeMax) private pure returns (uint256) {
        unchecked {
            uint256 prefix = byteAt(ptr);
            if (prefix < 0x80) return prefix == 0 ? 0 : ptr + 1;
            uint256 size = prefix - 0x80;
            if (size > sizeMax) return 0;
            if (size != 0 && byteAt(ptr + 1) == 0) return 0;
            if (size == 1 && byteAt(ptr + 1) < 0x80) return 0;
            return ptr + 1 + size;
        }
    }

    /// Child number `nibble` of a branch that may hold whole nodes, and the address of its value; 0 if something else
    /// stands in the place of a child.
    function _strangeBranchChild(uint256 body, uint256 nibble) private pure returns (uint256 child, uint256 ptr) {
        ptr = body;
        unchecked {
            for (uint256 i = 0; i < 16; ++i) {
                if (i == nibble) child = ptr;
                uint256 kind = childKind(ptr);
                if (kind == CHILD_WRONG) return (0, body);
                if (kind == CHILD_NONE) ptr += 1;
                else ptr += kind == CHILD_HASH ? 33 : byteAt(ptr) - 0xbf;
            }
        }
    }

    /// The address behind the item at `ptr`; beyond every proof if it is not an item of a leaf or an extension.
    function _skip(uint256 ptr) private pure returns (uint256) {
        unchecked {
            uint256 prefix = byteAt(ptr);
            if (prefix < 0x80) return ptr + 1;
            if (prefix < 0xb8) return ptr + 1 + prefix - 0x80;
            if (prefix == 0xb8) return ptr + 2 + byteAt(ptr + 1);
            if (prefix < 0xc0) return type(uint256).max;
            if (prefix < 0xf8) return ptr + 1 + prefix - 0xc0;
            return type(uint256).max;
        }
    }
}
