// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HomeBook, ITransfer, VoucherBook} from "../../../src/interfaces/ITransfer.sol";
import {Test} from "../../support/Test.sol";

/// @notice The interface of `test/harness/OpenBooks.sol`.
interface IBooks {
    function lock(bytes32 asset, uint256 amount) external;
    function release(bytes32 asset, uint256 amount) external returns (uint256 available);
    function mint(bytes32 asset, uint256 amount) external;
    function burn(bytes32 asset, uint256 amount) external;
    function settled(bytes32 asset, uint256 amount) external;
    function unburn(bytes32 asset, uint256 amount) external returns (uint256 available);
    function home(bytes32 asset) external view returns (HomeBook memory);
    function voucher(bytes32 asset) external view returns (VoucherBook memory);
    function assetKey(bytes32 clientKey, address token) external pure returns (bytes32);
}

/// @notice The conservation law by itself (I2), also where the rest of the contracts never lead.
contract BooksTest is Test {
    bytes32 private constant ASSET = keccak256("asset");
    IBooks private _books;

    function setUp() public {
        _books = IBooks(_create("OpenBooks.sol:OpenBooks", ""));
    }

    function test_release_beyond_what_was_locked_writes_nothing() public {
        _books.lock(ASSET, 100);
        vm.assertEq(_books.release(ASSET, 60), 100);
        vm.assertEq(_books.release(ASSET, 41), 40);
        vm.assertEq(_books.home(ASSET).released, 60);
        vm.assertEq(_books.release(ASSET, 40), 40);
        vm.assertEq(_books.release(ASSET, 1), 0);
        vm.assertEq(_books.home(ASSET).released, 100);
    }

    function test_refund_beyond_the_unsettled_burns_writes_nothing() public {
        _books.mint(ASSET, 100);
        _books.burn(ASSET, 70);
        _books.settled(ASSET, 50);
        vm.assertEq(_books.unburn(ASSET, 21), 20);
        VoucherBook memory book = _books.voucher(ASSET);
        vm.assertEq(book.burned, 70);
        vm.assertEq(book.unsettled, 20);
        vm.assertEq(_books.unburn(ASSET, 20), 20);
        vm.assertEq(_books.voucher(ASSET).burned, 50);
        vm.assertEq(_books.unburn(ASSET, 1), 0);
    }

    function test_rejects_ConservationBreach() public {
        _books.mint(ASSET, 10);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.ConservationBreach.selector, ASSET, 10, 11));
        _books.burn(ASSET, 11);
        _books.burn(ASSET, 10);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.ConservationBreach.selector, ASSET, 10, 11));
        _books.settled(ASSET, 11);
    }

    function test_rejects_AmountTooLarge() public {
        uint256 most = type(uint128).max;
        _books.lock(ASSET, 1);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.AmountTooLarge.selector, most, most - 1));
        _books.lock(ASSET, most);
        _books.mint(ASSET, most);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.AmountTooLarge.selector, 1, 0));
        _books.mint(ASSET, 1);
    }

    function testFuzz_assets_of_different_clients_are_different(bytes32 client, bytes32 other, address token)
        public
        view
    {
        vm.assume(client != other);
        vm.assertTrue(_books.assetKey(client, token) != _books.assetKey(other, token));
    }

    /// @dev After any calls with any amounts: released <= locked, unsettled <= burned <= minted.
    function testFuzz_i2_any_sequence_conserves(uint256 seed) public {
        for (uint256 i = 0; i < 60; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            bytes4[6] memory moves = [
                IBooks.lock.selector,
                IBooks.release.selector,
                IBooks.mint.selector,
                IBooks.burn.selector,
                IBooks.settled.selector,
                IBooks.unburn.selector
            ];
            // Amounts of every size: small ones pass, large ones must not.
            uint256 amount = seed >> (128 + seed % 128);
            // A refusal is an answer too: what counts is what the books say afterwards.
            (bool done,) = address(_books).call(abi.encodeWithSelector(moves[(seed >> 8) % 6], ASSET, amount));
            done;
            HomeBook memory home = _books.home(ASSET);
            VoucherBook memory voucher = _books.voucher(ASSET);
            vm.assertLe(home.released, home.locked, "released");
            vm.assertLe(voucher.burned, voucher.minted, "burned");
            vm.assertLe(voucher.unsettled, voucher.burned, "unsettled");
        }
    }
}
