// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRouter} from "../interfaces/IRouter.sol";

/// @title GasLeft
/// @notice Decides whether a call can be given all the gas that it is promised, and gives it.
library GasLeft {
    /// @dev Bound: a cold call, its memory and the checks after the last look at `gasleft()`.
    uint256 private constant CALL_OVERHEAD_GAS = 5000;

    /// @notice Reverts unless a call can forward `needed`: of the gas left, 63 of 64 parts.
    function check(uint256 needed) internal view {
        uint256 left = gasleft();
        uint256 available = 0;
        // Bound: gas has less than 64 bits.
        unchecked {
            if (left > CALL_OVERHEAD_GAS) available = (left - CALL_OVERHEAD_GAS) * 63 / 64;
        }
        require(available >= needed, IRouter.NotEnoughGas(available, needed));
    }

    /// @notice Calls with exactly `needed`, or reverts. What the target answers or reverts with is left where it is:
    /// copying it, as the compiler does even where nobody reads it, would cost gas that nobody set aside.
    /// @dev The plain twin is `(ok,) = target.call{gas: needed}(input)`.
    function call(address target, uint256 needed, bytes memory input) internal returns (bool ok) {
        check(needed);
        assembly ("memory-safe") {
            ok := call(needed, target, 0, add(input, 0x20), mload(input), 0x00, 0x00)
        }
    }
}
