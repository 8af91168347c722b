// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IPriceSource
/// @notice Tells what tokens are worth. A limit in value is as good as its source: governance chooses it.
/// @dev It is asked with 100,000 gas. If it reverts, answers 0 or answers an old price, there is no price, and payouts
/// wait.
interface IPriceSource {
    /// @notice The price of a token.
    /// @return price The value of 10^18 of the token's smallest units, below 2^128.
    /// @return updatedAt When it was true, in seconds since the Unix epoch.
    function priceOf(address token) external view returns (uint256 price, uint256 updatedAt);
}
