// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title HaltBudget
/// @notice Decides how long the small quorum may still halt: 24 hours in any 7 days for each account, however the time
/// is cut up.
/// @dev A charge counts in full until 7 days after its end, so that no window of 7 days, wherever it begins, holds
/// more. Twin of `guardian/core`, module `budget`.
library HaltBudget {
    /// @notice One halt that was paid for, in seconds.
    struct Charge {
        uint64 end;
        uint64 duration;
    }

    /// @notice What was charged to one account.
    struct Account {
        /// Charges before this one count no longer.
        uint256 first;
        Charge[] charges;
    }

    /// @dev The most halting time of a path or of a contract in any window.
    uint64 internal constant SECONDS_MAX = 24 hours;
    /// @dev The most of all contracts together: a policy stops with each contract that it needs.
    uint64 internal constant WHOLE_SECONDS_MAX = 72 hours;
    /// @dev The window.
    uint64 internal constant WINDOW_SECONDS = 7 days;
    /// @dev The shortest halt. Bound: so at most 72 charges of one account count at one moment.
    uint64 internal constant SECONDS_MIN = 1 hours;
    /// @dev The account of all contracts together.
    bytes32 internal constant WHOLE = 0;

    /// @notice The halting time of an account that counts now.
    function charged(Account storage account) internal view returns (uint64 sum) {
        uint256 count = account.charges.length;
        for (uint256 i = account.first; i < count; ++i) {
            Charge memory one = account.charges[i];
            if (_counts(one)) sum += one.duration;
        }
    }

    /// @notice Charges a halt that begins now.
    function charge(Account storage account, uint64 duration) internal {
        uint256 first = account.first;
        uint256 count = account.charges.length;
        while (first < count && !_counts(account.charges[first])) {
            delete account.charges[first];
            ++first;
        }
        account.first = first;
        account.charges.push(Charge(uint64(block.timestamp) + duration, duration));
    }

    function _counts(Charge memory one) private view returns (bool) {
        return block.timestamp < uint256(one.end) + WINDOW_SECONDS;
    }
}
