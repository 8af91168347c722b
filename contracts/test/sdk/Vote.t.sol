// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ballot, Booth} from "../../examples/Vote.sol";
import {Chains} from "./Chains.sol";

/// @notice The example vote: the ballot stands on chain B, the booth on chain A.
contract VoteTest is Chains {
    Booth private _booth;
    Ballot private _ballot;

    function setUp() public {
        _booth = new Booth(routerA, clientA);
        _ballot = new Ballot(routerB, 3, block.timestamp + 2 hours);
        join(_booth, _ballot);
    }

    function test_vote_is_counted_on_the_other_chain() public {
        _vote(alice, 2);
        _vote(bob, 2);
        vm.assertEq(abi.decode(deliver(), (uint256)), 1);
        vm.assertEq(abi.decode(deliver(), (uint256)), 2);
        ack();
        ack();
        vm.assertEq(_ballot.votesFor(2), 2);
        vm.assertTrue(_booth.voteOf(alice) == Booth.Vote.Counted);
    }

    function test_counted_vote_is_final() public {
        _vote(alice, 1);
        deliver();
        vm.expectRevert(abi.encodeWithSelector(Booth.VotedAlready.selector, alice, Booth.Vote.Underway));
        _vote(alice, 2);
        ack();
        vm.expectRevert(abi.encodeWithSelector(Booth.VotedAlready.selector, alice, Booth.Vote.Counted));
        _vote(alice, 2);
    }

    function test_refused_vote_may_be_cast_again() public {
        _vote(alice, 3);
        bytes memory reason = deliverRefused();
        vm.assertEq(reason, abi.encodeWithSelector(Ballot.NoSuchChoice.selector, 3, 3));
        ack();
        _vote(alice, 0);
        deliver();
        vm.assertEq(_ballot.votesFor(0), 1);
    }

    function test_lost_vote_may_be_cast_again() public {
        _vote(alice, 1);
        timeout();
        vm.assertTrue(_booth.voteOf(alice) == Booth.Vote.None);
        _vote(alice, 1);
        deliver();
        vm.assertEq(_ballot.votesFor(1), 1);
    }

    function test_vote_after_the_end_is_refused() public {
        vm.warp(block.timestamp + 2 hours - 1);
        _vote(alice, 1);
        vm.warp(block.timestamp + 1);
        vm.assertEq(bytes32(selectorOf(deliverRefused())), bytes32(Ballot.TooLate.selector));
        ack();
        vm.assertTrue(_booth.voteOf(alice) == Booth.Vote.None);
    }

    function _vote(address voter, uint256 choice) private {
        vm.prank(voter);
        _booth.vote(choice);
    }
}
