// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRouter} from "../interfaces/IRouter.sol";

/// @title GasLeft
/// @notice Decides whether a call can be given all the gas that it is promised.
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
}
