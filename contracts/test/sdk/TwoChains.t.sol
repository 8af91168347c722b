// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MirrorClient} from "../../sdk/MirrorClient.sol";
import {ClientStatus} from "../../src/interfaces/ILightClient.sol";
import {IRouter} from "../../src/interfaces/IRouter.sol";
import {IWeighbridgeApp} from "../../src/interfaces/IWeighbridgeApp.sol";
import {Chains} from "./Chains.sol";
import {Diary} from "./WeighbridgeApp.t.sol";

/// @notice An application that sends every message back, and refuses some of them after that.
contract Forwarder is Diary {
    constructor(IRouter router_) Diary(router_) {}

    function _onReceive(string calldata clientId, uint64, bytes calldata message)
        internal
        override
        returns (bytes memory)
    {
        _send(clientId, message);
        require(keccak256(message) != keccak256("off"), Unwelcome(message));
        return "";
    }
}

/// @notice The harness says what went wrong and what to do about it.
contract TwoChainsTest is Chains {
    Diary private _a;
    Diary private _b;

    function setUp() public {
        _a = new Diary(routerA);
        _b = new Diary(routerB);
        join(_a, _b);
    }

    function test_takes_messages_of_both_chains_in_order() public {
        _b.send(clientB, "first");
        _a.send(clientA, "second");
        vm.assertEq(underway(), 2);
        deliver();
        vm.assertEq(_a.last(), "first");
        deliver();
        vm.assertEq(_b.last(), "second");
        vm.assertEq(underway(), 0);
        ack();
        vm.assertEq(_b.lastSequence(), 1);
        ack();
    }

    function test_says_that_nothing_was_sent() public {
        string memory sent = " (0 messages were sent so far in this test)";
        vm.expectRevert(bytes(string.concat("deliver(): nothing was sent that was not received", sent)));
        this.deliverNow();
        vm.expectRevert(bytes(string.concat("ack(): no message was received since; deliver() one first", sent)));
        this.ackNow();
        string memory late = "timeout(): every message was received, and can only be ack()ed";
        vm.expectRevert(bytes(string.concat(late, sent)));
        this.timeoutNow();
    }

    function test_received_message_is_neither_delivered_nor_timed_out_again() public {
        _a.send(clientA, "once");
        deliver();
        string memory sent = " (1 messages were sent so far in this test)";
        vm.expectRevert(bytes(string.concat("deliver(): nothing was sent that was not received", sent)));
        this.deliverNow();
        ack();
        vm.expectRevert(bytes(string.concat("ack(): no message was received since; deliver() one first", sent)));
        this.ackNow();
    }

    function test_shows_the_error_of_an_application_that_refuses() public {
        _a.send(clientA, "unwelcome");
        vm.expectRevert(abi.encodeWithSelector(Diary.Unwelcome.selector, bytes("unwelcome")));
        this.deliverNow();
    }

    function test_says_that_an_application_accepted() public {
        _a.send(clientA, "hello");
        vm.expectRevert(bytes("deliverRefused(): the application accepted the message; use deliver()"));
        this.deliverRefusedNow();
    }

    function test_says_that_an_application_failed_without_an_error() public {
        _a.send(clientA, "silent");
        vm.expectRevert(
            bytes(
                "deliver(): the application reverted without data: it used up its callbackGas of 500000, or failed without an error"
            )
        );
        this.deliverNow();
    }

    function test_says_that_nobody_is_registered() public {
        Diary here = new Diary(routerA);
        Diary there = new Diary(routerB);
        register(here);
        here.connect(clientA, address(mirrorA), there.port());
        here.send(clientA, "hello");
        string memory text = string.concat(
            "deliver(): no application is registered on chain B under port ", there.port(), "; register() it"
        );
        vm.expectRevert(bytes(text));
        this.deliverNow();
    }

    function test_says_that_applications_are_on_the_wrong_chain() public {
        vm.expectRevert(bytes("join(): the first application must be created with routerA"));
        this.joinNow(_b, _a);
        vm.expectRevert(bytes("join(): the second application must be created with routerB"));
        this.joinNow(_a, _a);
    }

    function test_frozen_client_delivers_nothing() public {
        _a.send(clientA, "hello");
        mirrorB.setStatus(ClientStatus.Frozen);
        bytes memory failure = abi.encodeWithSelector(MirrorClient.NotActive.selector, ClientStatus.Frozen);
        vm.assertEq(deliverFails(), failure);
        mirrorB.setStatus(ClientStatus.Active);
        deliver();
    }

    function test_says_that_the_router_took_a_message() public {
        _a.send(clientA, "hello");
        vm.expectRevert(bytes("deliverFails(): the router took the message; use deliver() or deliverRefused()"));
        this.deliverFailsNow();
    }

    function test_says_that_a_message_is_late() public {
        _a.send(clientA, "late");
        vm.assertEq(underway(), 1);
        vm.warp(block.timestamp + 1 hours);
        vm.expectRevert(bytes("deliver(): the message has timed out; timeout() it"));
        this.deliverNow();
        timeout();
        vm.assertEq(_a.timeouts(), 1);
    }

    /// @dev A message of an application that then refuses was never sent.
    function test_forgets_what_was_sent_and_undone() public {
        Forwarder forwarder = new Forwarder(routerB);
        register(forwarder);
        Diary here = new Diary(routerA);
        register(here);
        here.connect(clientA, address(mirrorA), forwarder.port());
        forwarder.connect(clientB, address(mirrorB), here.port());
        here.send(clientA, "on");
        deliver();
        vm.assertEq(underway(), 1);
        here.send(clientA, "off");
        deliver();
        deliverRefused();
        vm.assertEq(underway(), 0);
    }

    function test_both_routers_are_the_shipped_one() public view {
        vm.assertEq(address(routerA).codehash, address(routerB).codehash);
        vm.assertTrue(address(routerA) != address(routerB));
    }

    function deliverNow() external {
        deliver();
    }

    function deliverRefusedNow() external {
        deliverRefused();
    }

    function deliverFailsNow() external {
        deliverFails();
    }

    function ackNow() external {
        ack();
    }

    function timeoutNow() external {
        timeout();
    }

    function joinNow(IWeighbridgeApp a, IWeighbridgeApp b) external {
        join(a, b);
    }
}
