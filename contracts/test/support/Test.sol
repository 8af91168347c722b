// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @title Test
/// @notice What every test contract has: the cheat codes and bounded fuzz inputs.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev Folds a fuzzed number into `least..=most`.
    function bound(uint256 number, uint256 least, uint256 most) internal pure returns (uint256) {
        if (number >= least && number <= most) return number;
        uint256 size = most - least;
        if (size == type(uint256).max) return number;
        return least + number % (size + 1);
    }

    /// @dev An address that no key or contract of the tests has.
    function account(string memory name) internal pure returns (address) {
        return address(uint160(uint256(keccak256(bytes(name)))));
    }

    /// @dev An address as transfers write it: lower-case hex.
    function hexOf(address who) internal pure returns (string memory) {
        bytes16 digits = "0123456789abcdef";
        bytes memory text = new bytes(42);
        (text[0], text[1]) = ("0", "x");
        for (uint256 i = 0; i < 40; ++i) {
            text[2 + i] = digits[(uint160(who) >> (4 * (39 - i))) & 15];
        }
        return string(text);
    }

    /// @dev Deploys a compiled contract by name. Tests do not import what they deploy: the compiler would have to
    /// generate its code once more for every test contract.
    function _create(string memory artifact, bytes memory arguments) internal returns (address deployed) {
        bytes memory code = bytes.concat(vm.getCode(artifact), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 32), mload(code))
        }
        require(deployed != address(0), "deployment reverted");
    }
}
