// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Limit, LimitKind, Verdict} from "../../../src/interfaces/ILimits.sol";
import {Bucket, Situation, ValueSituation} from "../../../src/libraries/Limits.sol";
import {ILimitsLaw} from "../../harness/ILimitsLaw.sol";
import {DirEntry} from "../../support/Vm.sol";
import {LimitsWorld} from "./LimitsWorld.sol";

/// @notice The arithmetic of limits: the shared vectors of the law crate `limits`, what that crate wrote a moment ago
/// (folder `WEIGHBRIDGE_MUTANTS`/limits), and what must hold of every window (I4).
contract LimitsTest is LimitsWorld {
    string private constant FOLDER = "../light-clients/vectors/limits/";
    uint256 private constant START = 1_700_000_000;

    /// @dev One payout or credit, for the windows.
    struct Event {
        uint256 at;
        uint256 paid;
        uint256 credited;
    }

    ILimitsLaw private _law;

    function setUp() public {
        _law = ILimitsLaw(_create("LimitsLaw.sol:LimitsLaw", ""));
    }

    function test_accepts_what_the_law_accepts() public {
        _judgeAll(string.concat(FOLDER, "accept"), false);
    }

    function test_rejects_what_the_law_rejects() public {
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length != 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            _judgeAll(rules[i].path, true);
        }
    }

    /// @dev I4: in every window, payouts <= capacity + rate x length + min(credit of the window, credit cap).
    function testFuzz_i4_no_window_pays_more_than_its_limit(uint128[3] memory amounts, uint256[24] memory dice) public {
        Limit memory limit = _start(_law, amounts);
        Event[24] memory events;
        uint256 time = START;
        for (uint256 i = 0; i < dice.length; ++i) {
            time += (dice[i] >> 8) % [uint256(1), 5, 10_000, 300_000][dice[i] % 4];
            events[i] = _move(dice[i] >> 40, time, limit.capacity);
        }
        for (uint256 first = 0; first < events.length; ++first) {
            (uint256 paid, uint256 credited) = (0, 0);
            for (uint256 last = first; last < events.length; ++last) {
                paid += events[last].paid;
                credited += events[last].credited;
                uint256 cap = uint256(limit.creditCap) * 86_400;
                uint256 most = uint256(limit.capacity) * 86_400 + uint256(limit.perDay)
                    * (events[last].at - events[first].at) + (credited < cap ? credited : cap);
                vm.assertLe(paid * 86_400, most, "I4");
            }
        }
    }

    /// @dev A transfer that is split in any way moves no more and no less.
    function testFuzz_splitting_changes_nothing(uint128[3] memory amounts, uint128 taken, uint256[12] memory parts)
        public
    {
        ILimitsLaw twin = ILimitsLaw(_create("LimitsLaw.sol:LimitsLaw", ""));
        Limit memory limit = _start(twin, amounts);
        _start(_law, amounts);
        twin.take(START, taken);
        _law.take(START, taken);

        uint256 whole;
        bool allPaid = true;
        for (uint256 i = 0; i < parts.length; ++i) {
            uint256 part = bound(parts[i], 0, limit.capacity / 10);
            whole += part;
            if (allPaid) allPaid = _law.take(START + 1000, part) == Verdict.Pay;
        }
        vm.assertTrue((twin.take(START + 1000, whole) == Verdict.Pay) == allPaid);
        if (!allPaid) return;
        (uint256 level, uint256 debt, uint256 updatedAt) = twin.stored();
        (uint256 cutLevel, uint256 cutDebt, uint256 cutUpdatedAt) = _law.stored();
        // Taking nothing stores a time, too.
        vm.assertEq(abi.encode(level, debt, updatedAt), abi.encode(cutLevel, cutDebt, cutUpdatedAt));
    }

    /// @dev A lower limit never has more available than the one before, at no later time.
    function testFuzz_lowering_never_gives(
        uint128[3] memory amounts,
        uint128[3] memory others,
        uint128 taken,
        uint32 wait
    ) public {
        _start(_law, amounts);
        _law.take(START, taken);
        uint256 before = _law.available(START + 50 + wait);
        for (uint256 i = 0; i < 3; ++i) {
            if (others[i] > amounts[i]) others[i] = amounts[i];
        }
        vm.assertTrue(_law.lower(START + 50, _limited(others)));
        vm.assertLe(_law.available(START + 50 + wait), before, "lowering gave");
        vm.assertLe(_law.available(START + 50), others[0], "the level was not cut");
    }

    /// @dev Times a day's seconds such an amount is nothing, or little, in a word.
    function testFuzz_quick_way_pays_no_amount_that_wraps(uint128[3] memory amounts, uint256 factor) public view {
        Limit memory limit = _limited(amounts);
        uint256 amount = (1 << 249) * (1 + factor % 127);
        (bool paid,) = _law.takeQuickly(uint256(amounts[0]) * 86_400, START, limit, START, amount);
        vm.assertFalse(paid);
    }

    /// @dev The quick way does what the law does: for a bucket that was used, one that was never touched, and any
    /// clock.
    function testFuzz_quick_way_is_the_plain_way(uint128[3] memory amounts, uint128 taken, uint256 amount, int32 wait)
        public
    {
        amounts[2] = 0;
        Limit memory limit = _limited(amounts);
        if (taken % 4 == 0) _law.setDefault(limit);
        else _start(_law, amounts);
        if (taken % 4 > 1) _law.take(START, taken);
        uint256 time = uint256(int256(START) + wait % 10_000_000);
        amount = bound(amount, 0, taken % 2 == 0 ? type(uint128).max : _law.available(time));

        (uint256 level,, uint256 updatedAt) = _law.stored();
        (bool paid, uint256 left) = _law.takeQuickly(level, updatedAt, limit, time, amount);
        vm.assertTrue(paid == (_law.take(time, amount) == Verdict.Pay));
        if (!paid) return;
        (level,,) = _law.stored();
        vm.assertEq(left, level);
    }

    /// @dev A token without a limit in value is not asked for its worth, whatever price it has.
    function test_absent_value_limit_stops_no_priced_amount() public view {
        Limit memory none = Limit(LimitKind.Absent, 0, 0, 0);
        Limit memory free = Limit(LimitKind.Unlimited, 0, 0, 0);
        Bucket memory empty = Bucket(0, 0, START);
        Situation memory situation =
            Situation(1e18, free, empty, ValueSituation(none, empty, type(uint128).max), 0, 0, 0);
        vm.assertTrue(_law.weigh(situation) == Verdict.Pay);
    }

    function _start(ILimitsLaw law, uint128[3] memory amounts) private returns (Limit memory limit) {
        limit = _limited(amounts);
        law.set(START, limit);
    }

    function _limited(uint128[3] memory amounts) private pure returns (Limit memory) {
        return Limit(LimitKind.Limited, amounts[0], amounts[1], amounts[2]);
    }

    function _move(uint256 dice, uint256 time, uint256 capacity) private returns (Event memory done) {
        done.at = time;
        uint256 available = _law.available(time);
        uint256 amount = bound(dice >> 8, 0, dice % 2 == 0 ? available : capacity);
        if (dice & 4 == 0) {
            if (_law.take(time, amount) == Verdict.Pay) done.paid = amount;
            return done;
        }
        // Brings the debt up to date, so that what is credited shows in it.
        _law.credit(time, 0);
        (, uint256 before,) = _law.stored();
        _law.credit(time, amount);
        (, uint256 debt,) = _law.stored();
        done.credited = debt - before;
    }

    function _judgeAll(string memory folder, bool refused) private {
        DirEntry[] memory files = vm.readDir(folder);
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            vm.assertTrue(_judge(files[i].path) == refused, files[i].path);
        }
    }
}

/// @notice Traces and situations that the law crate wrote a moment ago. Without the variable there is nothing to judge.
contract FreshLimitsTest is LimitsWorld {
    function test_fresh_traces_leave_the_same() public {
        string memory folder = vm.envOr("WEIGHBRIDGE_MUTANTS", "");
        if (bytes(folder).length == 0) return vm.skip(true);
        DirEntry[] memory files = vm.readDir(string.concat(folder, "/limits"));
        vm.assertTrue(files.length != 0, folder);
        for (uint256 i = 0; i < files.length; ++i) {
            _judge(files[i].path);
        }
    }
}
