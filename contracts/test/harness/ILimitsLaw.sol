// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Limit, Verdict} from "../../src/interfaces/ILimits.sol";
import {Situation} from "../../src/libraries/Limits.sol";

/// @title ILimitsLaw
/// @notice The interface of `LimitsLaw`, so that tests need not compile the library once more.
interface ILimitsLaw {
    function set(uint256 time, Limit calldata next) external;
    function lower(uint256 time, Limit calldata next) external returns (bool lowered);
    function setDefault(Limit calldata next) external;
    function take(uint256 time, uint256 amount) external returns (Verdict verdict);
    function credit(uint256 time, uint256 inflow) external;
    function available(uint256 time) external view returns (uint256);
    function stored() external view returns (uint256 level, uint256 debt, uint256 updatedAt);
    function weigh(Situation calldata situation) external pure returns (Verdict);
    function takeQuickly(uint256 level, uint256 updatedAt, Limit calldata limit, uint256 time, uint256 amount)
        external
        pure
        returns (bool paid, uint256 left);
    function valueOf(uint256 amount, uint256 price) external pure returns (uint256);
    function usablePrice(uint256 price, uint256 updatedAt, uint256 time, uint256 ageSecondsMax)
        external
        pure
        returns (uint256);
}
