// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Counter} from "../../examples/Counter.sol";
import {Chains} from "./Chains.sol";

/// @notice The example counter, on the harness.
contract CounterTest is Chains {
    Counter private _here;
    Counter private _there;

    function setUp() public {
        _here = new Counter(routerA);
        _there = new Counter(routerB);
        join(_here, _there);
    }

    function test_counts_across_and_hears_how_far() public {
        for (uint256 i = 1; i <= 3; ++i) {
            _here.increment(clientA);
            vm.assertEq(abi.decode(deliver(), (uint256)), i);
            ack();
            vm.assertEq(_there.count(), i);
            vm.assertEq(_here.heard(), i);
        }
        vm.assertEq(_here.waiting(), 0);
        vm.assertEq(_here.count(), 0);
    }

    function test_counts_the_other_way() public {
        _there.increment(clientB);
        deliver();
        ack();
        vm.assertEq(_here.count(), 1);
        vm.assertEq(_there.heard(), 1);
    }

    function test_answers_that_overtake_each_other_take_nothing_back() public {
        _here.increment(clientA);
        _here.increment(clientA);
        vm.assertEq(_here.waiting(), 2);
        deliver();
        deliver();
        ack();
        ack();
        vm.assertEq(_here.heard(), 2);
    }

    function test_lost_count_is_not_waited_for() public {
        _here.increment(clientA);
        timeout();
        vm.assertEq(_here.waiting(), 0);
        vm.assertEq(_here.lost(), 1);
        vm.assertEq(_there.count(), 0);
    }
}
