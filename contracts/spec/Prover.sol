// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What the prover offers to the code that it runs.
interface IProver {
    /// @notice From now on every storage slot of `account` may hold anything.
    function enableSymbolicStorage(address account) external;
    /// @notice Bytes of a known length that may hold anything.
    function createBytes(uint256 length, string calldata name) external view returns (bytes memory);
    /// @notice Yes or no.
    function createBool(string calldata name) external view returns (bool);
}

/// @notice What it offers of what tests have.
interface ITests {
    /// @notice Lets the next call come from somebody.
    function prank(address caller) external;
}

/// @title Prover
/// @notice The ground that all properties stand on. A property is a function `check_..`: it holds if its assertions do,
/// whatever its arguments, the storage and the time of the block are. A path that reverts proves nothing and breaks
/// nothing, so what a property computes for itself must never revert.
abstract contract Prover {
    IProver private constant PROVER = IProver(address(uint160(uint256(keccak256("svm cheat code")))));
    ITests private constant TESTS = ITests(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev Lets the storage of this contract be any at all: what then holds after a step holds after every step.
    modifier inAnyState() {
        PROVER.enableSymbolicStorage(address(this));
        _;
    }

    function _anyBytes(uint256 length) internal view returns (bytes memory) {
        return PROVER.createBytes(length, "bytes");
    }

    function _anyText(uint256 length) internal view returns (string memory) {
        return string(PROVER.createBytes(length, "text"));
    }

    function _anyBool() internal view returns (bool) {
        return PROVER.createBool("bool");
    }

    /// @dev The next call comes from `caller`.
    function _callAs(address caller) internal {
        TESTS.prank(caller);
    }
}
