// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HomeBook, ITransfer, VoucherBook} from "../interfaces/ITransfer.sol";

/// @title Books
/// @notice Decides whether an amount may enter or leave: the conservation law of one chain. It moves no token, and must
/// never let released exceed locked, burned exceed minted, or a refund mint more than unsettled packets burned.
/// @dev An asset is the asset of one client: its key is keccak256(client key, token). Spec: PROTOCOL section 3
/// "Conservation on one chain", invariant I2.
abstract contract Books {
    mapping(bytes32 asset => HomeBook book) private _home;
    mapping(bytes32 asset => VoucherBook book) private _vouchers;

    function _assetKey(bytes32 clientKey, address token) internal pure returns (bytes32) {
        return keccak256(abi.encode(clientKey, token));
    }

    function _homeBook(bytes32 asset) internal view returns (HomeBook memory) {
        return _home[asset];
    }

    function _voucherBook(bytes32 asset) internal view returns (VoucherBook memory) {
        return _vouchers[asset];
    }

    /// @dev Tokens entered the escrow.
    function _bookLock(bytes32 asset, uint256 amount) internal {
        HomeBook storage book = _home[asset];
        book.locked = _plus(book.locked, amount);
    }

    /// @dev Tokens are to leave the escrow. Nothing is written when they may not.
    /// @return available What may leave; the amount was booked if it is not more.
    function _bookRelease(bytes32 asset, uint256 amount) internal returns (uint256 available) {
        HomeBook memory book = _home[asset];
        available = book.locked - book.released;
        if (amount <= available) _home[asset].released = _plus(book.released, amount);
    }

    /// @dev Undoes `_bookRelease` in the transaction in which it was done: nothing left after all.
    function _bookUnrelease(bytes32 asset, uint256 amount) internal {
        _home[asset].released = _minus(asset, _home[asset].released, amount);
    }

    /// @dev A packet brought vouchers.
    function _bookMint(bytes32 asset, uint256 amount) internal {
        VoucherBook storage book = _vouchers[asset];
        book.minted = _plus(book.minted, amount);
    }

    /// @dev A packet takes vouchers away.
    function _bookBurn(bytes32 asset, uint256 amount) internal {
        VoucherBook storage book = _vouchers[asset];
        uint256 supply = book.minted - book.burned;
        require(amount <= supply, ITransfer.ConservationBreach(asset, supply, amount));
        book.burned = _plus(book.burned, amount);
        book.unsettled = _plus(book.unsettled, amount);
    }

    /// @dev A packet that took vouchers away arrived: they cannot come back by a refund any more.
    function _bookSettled(bytes32 asset, uint256 amount) internal {
        VoucherBook storage book = _vouchers[asset];
        book.unsettled = _minus(asset, book.unsettled, amount);
    }

    /// @dev A packet that took vouchers away failed. Nothing is written when its refund may not be minted.
    /// @return available What refunds may mint; the amount was booked if it is not more.
    function _bookUnburn(bytes32 asset, uint256 amount) internal returns (uint256 available) {
        VoucherBook storage book = _vouchers[asset];
        available = book.unsettled;
        if (amount > available) return available;
        book.unsettled = _minus(asset, book.unsettled, amount);
        book.burned = _minus(asset, book.burned, amount);
    }

    function _plus(uint128 total, uint256 amount) internal pure returns (uint128) {
        uint256 room = type(uint128).max - total;
        require(amount <= room, ITransfer.AmountTooLarge(amount, room));
        return total + uint128(amount);
    }

    function _minus(bytes32 asset, uint128 total, uint256 amount) private pure returns (uint128) {
        require(amount <= total, ITransfer.ConservationBreach(asset, total, amount));
        return total - uint128(amount);
    }
}
