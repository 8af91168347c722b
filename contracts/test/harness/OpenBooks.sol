// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HomeBook, VoucherBook} from "../../src/interfaces/ITransfer.sol";
import {Books} from "../../src/transfer/Books.sol";

/// @title OpenBooks
/// @notice Opens the books to tests, so that cases can be reached which no sequence of packets reaches.
contract OpenBooks is Books {
    function lock(bytes32 asset, uint256 amount) external {
        _bookLock(asset, amount);
    }

    function release(bytes32 asset, uint256 amount) external returns (uint256 available) {
        return _bookRelease(asset, amount);
    }

    function mint(bytes32 asset, uint256 amount) external {
        _bookMint(asset, amount);
    }

    function burn(bytes32 asset, uint256 amount) external {
        _bookBurn(asset, amount);
    }

    function settled(bytes32 asset, uint256 amount) external {
        _bookSettled(asset, amount);
    }

    function unburn(bytes32 asset, uint256 amount) external returns (uint256 available) {
        return _bookUnburn(asset, amount);
    }

    function home(bytes32 asset) external view returns (HomeBook memory) {
        return _homeBook(asset);
    }

    function voucher(bytes32 asset) external view returns (VoucherBook memory) {
        return _voucherBook(asset);
    }

    function assetKey(bytes32 clientKey, address token) external pure returns (bytes32) {
        return _assetKey(clientKey, token);
    }
}
