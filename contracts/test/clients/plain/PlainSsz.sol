// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PlainSsz
/// @notice `Ssz`, `SszBranches` and `SszAbsentees` without assembly: slow, and easy to read beside the specification.
library PlainSsz {
    uint256 internal constant P_HIGH = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 internal constant P_LOW = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;
    uint256 private constant HALF_HIGH = 0x0d0088f51cbff34d258dd3db21a5d66b;
    uint256 private constant HALF_LOW = 0xb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555;

    function pair(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(bytes.concat(left, right));
    }

    function cut(bytes memory text, uint256 from, uint256 size) internal pure returns (bytes memory part) {
        part = new bytes(size);
        for (uint256 i = 0; i < size; ++i) {
            part[i] = text[from + i];
        }
    }

    function uint64At(bytes memory text) internal pure returns (uint256 value) {
        for (uint256 i = 0; i < 8; ++i) {
            value |= uint256(uint8(text[i])) << (8 * i);
        }
    }

    function headerRoot(bytes memory header) internal pure returns (bytes32) {
        bytes32 slot = bytes32(cut(header, 0, 8));
        bytes32 proposer = bytes32(cut(header, 8, 8));
        bytes32 parentRoot = bytes32(cut(header, 16, 32));
        bytes32 stateRoot = bytes32(cut(header, 48, 32));
        bytes32 bodyRoot = bytes32(cut(header, 80, 32));
        bytes32 left = pair(pair(slot, proposer), pair(parentRoot, stateRoot));
        return pair(left, pair(pair(bodyRoot, 0), pair(0, 0)));
    }

    function branchRoot(bytes32 node, uint256 index, bytes memory branch) internal pure returns (bytes32) {
        for (uint256 i = 0; index > 1; ++i) {
            bytes32 sibling = bytes32(cut(branch, 32 * i, 32));
            node = index % 2 == 0 ? pair(node, sibling) : pair(sibling, node);
            index /= 2;
        }
        return node;
    }

    /// @dev Big-endian comparison of two numbers of 48 bytes, the second in two parts.
    function isAbove(bytes memory number, uint256 high, uint256 low) internal pure returns (bool) {
        uint256 numberHigh = uint256(bytes32(cut(number, 0, 16))) >> 128;
        uint256 numberLow = uint256(bytes32(cut(number, 16, 32)));
        return numberHigh > high || (numberHigh == high && numberLow > low);
    }

    function keyLeaf(bytes memory key) internal pure returns (bytes32) {
        (bytes memory x, bytes memory y) = (cut(key, 0, 48), cut(key, 48, 48));
        if (isAbove(x, P_HIGH, P_LOW - 1) || isAbove(y, P_HIGH, P_LOW - 1)) return 0;
        if (keccak256(key) == keccak256(new bytes(96))) return 0;
        uint8 sign = isAbove(y, HALF_HIGH, HALF_LOW) ? 0x20 : 0;
        x[0] = bytes1(uint8(x[0]) | 0x80 | sign);
        return sha256(bytes.concat(x, bytes16(0)));
    }

    function domain(bytes4 version, bytes32 genesisValidatorsRoot) internal pure returns (bytes32) {
        bytes32 forkData = pair(bytes32(version), genesisValidatorsRoot);
        return bytes32(bytes.concat(bytes4(0x07000000), bytes28(forkData)));
    }

    function absentSeats(bytes memory bits) internal pure returns (uint256[] memory seats) {
        uint256 count = 0;
        for (uint256 seat = 0; seat < 512; ++seat) {
            if (!_signed(bits, seat)) count += 1;
        }
        seats = new uint256[](count);
        count = 0;
        for (uint256 seat = 0; seat < 512; ++seat) {
            if (!_signed(bits, seat)) seats[count++] = seat;
        }
    }

    /// @dev The root of a tree of which `leaves` at `places` are known, one level after the other, and the bytes of
    /// `siblings` that this took.
    function multiproofRoot(uint256 depth, uint256[] memory places, bytes memory leaves, bytes memory siblings)
        internal
        pure
        returns (bytes32 root, uint256 used)
    {
        uint256[] memory known = places;
        bytes32[] memory nodes = new bytes32[](places.length);
        for (uint256 i = 0; i < places.length; ++i) {
            nodes[i] = bytes32(cut(leaves, 32 * i, 32));
        }
        for (uint256 level = 0; level < depth; ++level) {
            (known, nodes, used) = _parents(known, nodes, siblings, used);
        }
        return (nodes[0], used);
    }

    function _parents(uint256[] memory known, bytes32[] memory nodes, bytes memory siblings, uint256 used)
        private
        pure
        returns (uint256[] memory, bytes32[] memory, uint256)
    {
        uint256[] memory above = new uint256[](known.length);
        bytes32[] memory parents = new bytes32[](known.length);
        uint256 count = 0;
        for (uint256 i = 0; i < known.length; ++i) {
            above[count] = known[i] / 2;
            if (known[i] % 2 == 0 && i + 1 < known.length && known[i + 1] == known[i] + 1) {
                parents[count] = pair(nodes[i], nodes[i + 1]);
                i += 1;
            } else {
                // What lies behind the list counts as zero, as long as the caller then refuses the list as too short.
                bytes32 sibling = used + 32 <= siblings.length ? bytes32(cut(siblings, used, 32)) : bytes32(0);
                parents[count] = known[i] % 2 == 0 ? pair(nodes[i], sibling) : pair(sibling, nodes[i]);
                used += 32;
            }
            count += 1;
        }
        uint256[] memory places = new uint256[](count);
        bytes32[] memory hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            (places[i], hashes[i]) = (above[i], parents[i]);
        }
        return (places, hashes, used);
    }

    function _signed(bytes memory bits, uint256 seat) private pure returns (bool) {
        return uint8(bits[seat / 8]) & (1 << (seat % 8)) != 0;
    }
}
