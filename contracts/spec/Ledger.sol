// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HomeBook, VoucherBook} from "../src/interfaces/ITransfer.sol";
import {Books} from "../src/transfer/Books.sol";
import {Prover} from "./Prover.sol";

/// @title LedgerSpec
/// @notice Conservation on one chain (I2), of `src/transfer/Books.sol`. Every property is a step: if it holds of a
/// book, it holds after any entry for any asset. Books begin at zero, where all of them hold.
contract LedgerSpec is Books, Prover {
    enum Entry {
        Lock,
        Release,
        Mint,
        Burn,
        Settled,
        Unburn
    }

    /// @notice What was released never exceeds what was locked.
    function check_released_never_exceeds_locked(Entry entry, bytes32 touched, bytes32 asset, uint256 amount)
        external
        inAnyState
    {
        HomeBook memory book = _homeBook(asset);
        if (book.released > book.locked) return;
        _enter(entry, touched, amount);
        book = _homeBook(asset);
        assert(book.released <= book.locked);
    }

    /// @notice What was burned never exceeds what was minted, nor the unsettled burns all burns.
    function check_burned_never_exceeds_minted(Entry entry, bytes32 touched, bytes32 asset, uint256 amount)
        external
        inAnyState
    {
        VoucherBook memory book = _voucherBook(asset);
        if (book.burned > book.minted || book.unsettled > book.burned) return;
        _enter(entry, touched, amount);
        book = _voucherBook(asset);
        assert(book.burned <= book.minted && book.unsettled <= book.burned);
    }

    /// @notice A refund mints no more than the burns of unsettled packets, and uses up what it mints.
    function check_refunds_mint_no_more_than_unsettled(bytes32 asset, uint256 amount) external inAnyState {
        VoucherBook memory before = _voucherBook(asset);
        uint256 available = _bookUnburn(asset, amount);
        VoucherBook memory afterwards = _voucherBook(asset);
        assert(available == before.unsettled);
        if (amount <= available) {
            assert(uint256(afterwards.unsettled) == before.unsettled - amount);
            assert(uint256(afterwards.burned) == before.burned - amount);
        } else {
            assert(afterwards.unsettled == before.unsettled && afterwards.burned == before.burned);
        }
        assert(afterwards.minted == before.minted);
    }

    /// @notice A release counts exactly what it allows, and nothing when it allows nothing.
    function check_a_release_is_counted_exactly(bytes32 asset, uint256 amount) external inAnyState {
        HomeBook memory before = _homeBook(asset);
        if (before.released > before.locked) return;
        uint256 available = _bookRelease(asset, amount);
        HomeBook memory afterwards = _homeBook(asset);
        assert(available == before.locked - before.released && afterwards.locked == before.locked);
        uint256 counted = afterwards.released - before.released;
        assert(counted == (amount <= available ? amount : 0));
    }

    /// @notice What enters is counted to the last unit: no amount is cut to fit its field.
    function check_what_enters_is_counted_exactly(bytes32 asset, uint256 amount, bool minted) external inAnyState {
        if (minted) {
            uint256 before = _voucherBook(asset).minted;
            _bookMint(asset, amount);
            uint256 afterwards = _voucherBook(asset).minted;
            assert(afterwards >= before && afterwards - before == amount);
        } else {
            uint256 before = _homeBook(asset).locked;
            _bookLock(asset, amount);
            uint256 afterwards = _homeBook(asset).locked;
            assert(afterwards >= before && afterwards - before == amount);
        }
    }

    /// @notice No entry touches the books of another asset.
    function check_no_entry_touches_another_asset(Entry entry, bytes32 touched, bytes32 asset, uint256 amount)
        external
        inAnyState
    {
        if (touched == asset) return;
        bytes32 before = _digest(asset);
        _enter(entry, touched, amount);
        assert(_digest(asset) == before);
    }

    /// @notice An asset is the asset of one client: no two clients, and no two tokens, share a book.
    function check_no_two_clients_share_an_asset(bytes32 client, address token, bytes32 otherClient, address otherToken)
        external
        pure
    {
        if (client == otherClient && token == otherToken) return;
        assert(_assetKey(client, token) != _assetKey(otherClient, otherToken));
    }

    function _enter(Entry entry, bytes32 asset, uint256 amount) private {
        if (entry == Entry.Lock) _bookLock(asset, amount);
        else if (entry == Entry.Release) _bookRelease(asset, amount);
        else if (entry == Entry.Mint) _bookMint(asset, amount);
        else if (entry == Entry.Burn) _bookBurn(asset, amount);
        else if (entry == Entry.Settled) _bookSettled(asset, amount);
        else _bookUnburn(asset, amount);
    }

    function _digest(bytes32 asset) private view returns (bytes32) {
        return keccak256(abi.encode(_homeBook(asset), _voucherBook(asset)));
    }
}
