// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HomeBook, VoucherBook} from "../../../src/interfaces/ITransfer.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {SilentToken} from "../../support/world/StrangeToken.sol";
import {IToken, World} from "../../support/world/World.sol";

/// @notice The main road: a token goes out, its voucher comes back, a late transfer is refunded.
contract WalkTest is World {
    function test_token_goes_out_and_voucher_comes_back() public {
        _carry(a, b, alice, address(token), 1000, bob);
        IToken voucher = _voucher(b, address(token));
        vm.assertEq(voucher.balanceOf(bob), 1000);
        vm.assertEq(token.balanceOf(_escrow(a)), 1000);
        vm.assertEq(voucher.name(), string.concat("transfer/client-0/", _hex(address(token))));
        vm.assertEq(voucher.decimals(), 18);

        _carry(b, a, bob, address(voucher), 400, alice);
        vm.assertEq(voucher.totalSupply(), 600);
        vm.assertEq(token.balanceOf(alice), 1_000_000 - 1000 + 400);
        HomeBook memory home = a.transfer.getHomeBook(a.clientId, address(token));
        vm.assertEq(home.locked, 1000);
        vm.assertEq(home.released, 400);
        VoucherBook memory book = b.transfer.getVoucherBook(b.clientId, address(voucher));
        vm.assertEq(book.minted, 1000);
        vm.assertEq(book.burned, 400);
        vm.assertEq(book.unsettled, 0);
    }

    function test_token_that_answers_nothing_walks_as_well() public {
        SilentToken silent = new SilentToken(alice, 1000);
        _carry(a, b, alice, address(silent), 1000, bob);
        _carry(b, a, bob, address(_voucher(b, address(silent))), 400, alice);
        vm.assertEq(silent.balanceOf(alice), 400);
        vm.assertEq(silent.balanceOf(_escrow(a)), 600);
    }

    function test_late_transfer_is_refunded() public {
        Packet memory packet = _send(a, alice, address(token), 1000, bob);
        vm.warp(packet.timeoutTimestamp);
        _timeOut(a, packet);
        vm.assertEq(token.balanceOf(alice), 1_000_000);
        vm.assertEq(a.transfer.getHomeBook(a.clientId, address(token)).released, 1000);
    }

    function test_late_voucher_is_minted_back() public {
        _carry(a, b, alice, address(token), 1000, bob);
        IToken voucher = _voucher(b, address(token));
        Packet memory packet = _send(b, bob, address(voucher), 1000, alice);
        vm.assertEq(voucher.balanceOf(bob), 0);
        vm.warp(packet.timeoutTimestamp);
        _timeOut(b, packet);
        vm.assertEq(voucher.balanceOf(bob), 1000);
        vm.assertEq(b.transfer.getVoucherBook(b.clientId, address(voucher)).burned, 0);
    }
}
