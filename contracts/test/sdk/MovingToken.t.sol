// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITokenReceiver, MovingToken} from "../../examples/MovingToken.sol";
import {Chains} from "./Chains.sol";

/// @notice A shop that takes tokens for an order, and no others.
contract Shop is ITokenReceiver {
    error UnknownOrder(bytes note);

    MovingToken public immutable token;
    address public buyer;
    uint256 public paid;

    constructor(MovingToken token_) {
        token = token_;
    }

    function onTokensArrived(string calldata, address sender, uint256 amount, bytes calldata note) external {
        require(msg.sender == address(token));
        require(keccak256(note) == keccak256("order 7"), UnknownOrder(note));
        (buyer, paid) = (sender, amount);
    }
}

/// @notice The example token, on the harness.
contract MovingTokenTest is Chains {
    uint256 private constant SUPPLY = 1_000_000;

    MovingToken private _here;
    MovingToken private _there;
    Shop private _shop;

    function setUp() public {
        _here = new MovingToken(routerA, SUPPLY);
        _there = new MovingToken(routerB, 0);
        join(_here, _there);
        _shop = new Shop(_there);
    }

    function test_tokens_move_with_their_note() public {
        _here.move(clientA, address(_shop), 40, "order 7");
        vm.assertEq(_here.totalSupply(), SUPPLY - 40);
        deliver();
        ack();
        vm.assertEq(_there.balanceOf(address(_shop)), 40);
        vm.assertEq(_shop.buyer(), address(this));
        vm.assertEq(_shop.paid(), 40);
        vm.assertEq(_here.totalSupply() + _there.totalSupply(), SUPPLY);
    }

    function test_tokens_come_back_from_a_receiver_that_does_not_want_them() public {
        _here.move(clientA, address(_shop), 40, "order 8");
        bytes memory reason = deliverRefused();
        vm.assertEq(reason, abi.encodeWithSelector(Shop.UnknownOrder.selector, bytes("order 8")));
        vm.assertEq(_there.totalSupply(), 0);
        ack();
        vm.assertEq(_here.balanceOf(address(this)), SUPPLY);
    }

    function test_tokens_that_get_lost_come_back() public {
        _here.move(clientA, bob, 40, "");
        timeout();
        vm.assertEq(_here.balanceOf(address(this)), SUPPLY);
    }

    /// @dev Whatever happens to each of some messages, no token is made and none is lost.
    function testFuzz_supply_over_both_chains_stays(uint256[8] calldata amounts, uint8[8] calldata ends) public {
        for (uint256 i = 0; i < amounts.length; ++i) {
            uint256 amount = bound(amounts[i], 1, _here.balanceOf(address(this)) / 2);
            bytes memory note = ends[i] % 3 == 1 ? bytes("order 8") : bytes("order 7");
            _here.move(clientA, address(_shop), amount, note);
            vm.assertEq(_here.totalSupply() + _there.totalSupply() + amount, SUPPLY);
            if (ends[i] % 3 == 0) deliver();
            if (ends[i] % 3 == 1) deliverRefused();
            if (ends[i] % 3 == 2) timeout();
            else ack();
            vm.assertEq(_here.totalSupply() + _there.totalSupply(), SUPPLY);
        }
    }
}
