// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Entrance
/// @notice Lets no call of the router into another one.
/// @dev The plain twin is OpenZeppelin's `ReentrancyGuardTransient`. The slot is a constant, because both parts of the
/// router's code have to mean the same one.
abstract contract Entrance {
    /// @notice A call came while another one runs.
    error ReentrancyGuardReentrantCall();

    /// @dev Of transient storage: one while a call runs. keccak256("weighbridge.router.entrance").
    bytes32 private constant RUNNING = 0xa501e6340d897412c8a32e47e50dceb91d1aacfa4163997be0d1cfe4bef2f394;

    modifier nonReentrant() {
        uint256 running;
        assembly ("memory-safe") {
            running := tload(RUNNING)
        }
        require(running == 0, ReentrancyGuardReentrantCall());
        assembly ("memory-safe") {
            tstore(RUNNING, 1)
        }
        _;
        assembly ("memory-safe") {
            tstore(RUNNING, 0)
        }
    }
}
