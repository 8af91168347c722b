// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../support/Test.sol";
import {IStorePoolLaw} from "./harness/IStorePoolLaw.sol";
import {PlainStorePool} from "./plain/PlainStorePool.sol";

/// @notice The reader of pools of Cosmos stores beside its plain twin, and vectors about both.
abstract contract StorePoolWorld is Test {
    /// A question and the pool that answers it.
    struct Asked {
        bytes32 appHash;
        bytes store;
        bytes[] keys;
        bytes pool;
    }

    IStorePoolLaw internal _law;

    function setUp() public {
        _law = IStorePoolLaw(_create("StorePoolLaw.sol:StorePoolLaw", ""));
    }

    /// @dev Reverts where the twin finds no meaning.
    function plain(Asked memory asked) external view returns (bytes32 appHash, bytes32[] memory values) {
        return PlainStorePool.read(asked.store, asked.keys, asked.pool);
    }

    /// @return values What the reader answers; none if it refuses.
    function _judged(Asked memory asked) internal view returns (bytes32[] memory values) {
        try _law.prove(asked.appHash, asked.store, asked.keys, asked.pool) returns (bytes32[] memory found) {
            values = found;
        } catch (bytes memory reason) {
            vm.assertEq(reason, abi.encodePacked(IStorePoolLaw.BadProof.selector), vm.toString(asked.pool));
        }
    }

    /// @return accepted Whether both take the pool for the app hash that it leads to. They show the same then.
    function _compare(Asked memory asked) internal view returns (bool accepted) {
        bytes32[] memory expected;
        try this.plain(asked) returns (bytes32 appHash, bytes32[] memory values) {
            (asked.appHash, expected) = (appHash, values);
            accepted = true;
        } catch {}
        vm.assertEq(abi.encode(_judged(asked)), abi.encode(expected), vm.toString(asked.pool));
    }

    function _read(string memory json) internal pure returns (Asked memory asked) {
        asked.appHash = vm.parseJsonBytes32(json, ".appHash");
        asked.store = vm.parseJsonBytes(json, ".store");
        asked.pool = vm.parseJsonBytes(json, ".pool");
        asked.keys = new bytes[](vm.parseJsonUint(json, ".keyCount"));
        bytes memory listed = vm.parseJsonBytes(json, ".keys");
        uint256 at = 0;
        for (uint256 i = 0; i < asked.keys.length; ++i) {
            uint256 size = uint256(uint8(listed[at])) << 8 | uint8(listed[at + 1]);
            asked.keys[i] = _part(listed, at + 2, at + 2 + size);
            at += 2 + size;
        }
    }

    function _part(bytes memory text, uint256 from, uint256 to) internal pure returns (bytes memory part) {
        part = new bytes(to - from);
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = text[from + i];
        }
    }
}
