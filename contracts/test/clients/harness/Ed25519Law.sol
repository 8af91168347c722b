// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ed25519} from "../../../src/libraries/Ed25519.sol";
import {Sha512} from "../../../src/libraries/Sha512.sol";

/// @notice `Ed25519` and `Sha512`, compiled as they are shipped; see `IEd25519Law`.
contract Ed25519Law {
    function verify(Ed25519.Claim[] calldata claims) external pure returns (bool) {
        return Ed25519.verify(claims);
    }

    function hashPair(bytes calldata first, bytes calldata second) external pure returns (bytes memory, bytes memory) {
        uint256 desk = Sha512.newDesk();
        (uint256 one, uint256 blocks) = _place(first);
        (uint256 two, uint256 others) = _place(second);
        require(blocks == others, "as many blocks");
        (uint256 a, uint256 b, uint256 c, uint256 d) = Sha512.pair(desk, one, two, blocks);
        return (bytes.concat(_text(a), _text(b)), bytes.concat(_text(c), _text(d)));
    }

    function _place(bytes calldata message) private pure returns (uint256 ptr, uint256 blocks) {
        assembly ("memory-safe") {
            ptr := mload(0x40)
            mstore(0x40, add(ptr, add(message.length, 0x100)))
            calldatacopy(ptr, message.offset, message.length)
        }
        blocks = Sha512.pad(ptr, message.length);
    }

    function _text(uint256 number) private pure returns (bytes32 text) {
        for (uint256 i = 0; i < 32; ++i) {
            text |= bytes32(bytes1(uint8(number >> (8 * i)))) >> (8 * i);
        }
    }
}
