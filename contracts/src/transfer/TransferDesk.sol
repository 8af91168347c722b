// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Haltable} from "../guard/Haltable.sol";
import {IClientHalts} from "../interfaces/IHaltable.sol";
import {ClientStatus} from "../interfaces/ILightClient.sol";
import {Claim, HomeBook, ITransfer, ITransferDesk, VoucherBook} from "../interfaces/ITransfer.sol";
import {Releases} from "./Releases.sol";
import {Parts, TransferState} from "./TransferState.sol";
import {Voucher} from "./Voucher.sol";

/// @title TransferDesk
/// @notice The part of the transfer application that is not on the way of a packet: claims, held transfers and views.
/// It is code only: `Transfer` runs it in its own name by delegatecall. Called by itself it has an empty state, holds
/// nothing, and no router or authority knows it.
/// @dev It adds no state to `TransferState`; a test compares the layouts. What it does not know is for `LimitDesk`.
contract TransferDesk is ITransferDesk, Releases, Haltable {
    /// @dev Knows the limits: they did not fit.
    address private immutable _limitDesk;

    /// @param limitDesk A `LimitDesk` with the same parts.
    constructor(Parts memory parts, address limitDesk) TransferState(parts) {
        _checkParts(limitDesk);
        _limitDesk = limitDesk;
    }

    /// @dev Settings of limits, and what they are.
    fallback() external {
        _delegate(_limitDesk);
    }

    /// @inheritdoc ITransferDesk
    function claim(string calldata clientId, address token, address owner) external nonReentrant {
        bytes32 clientKey = keccak256(bytes(clientId));
        require(_router.getClientStatus(clientId) != ClientStatus.Frozen, ITransfer.ClientFrozen(clientId));
        IClientHalts(address(_router)).checkClientRunning(clientKey);
        bytes32 asset = _assetKey(clientKey, token);
        Claim storage parked = _claimOf(asset, owner);
        bool minted = _cameBy(token, clientKey);
        if (parked.uncounted != 0 && parked.uncounted <= _bookRefund(asset, minted, parked.uncounted)) {
            parked.counted = _plus(parked.counted, parked.uncounted);
            parked.uncounted = 0;
        }
        uint256 amount = parked.counted;
        require(amount != 0, ITransfer.NothingToClaim(parked.uncounted));
        parked.counted = 0;

        emit ITransfer.ClaimPaid(clientId, token, owner, amount);
        if (minted) Voucher(token).mint(owner, amount);
        else _pay(clientKey, token, owner, amount);
    }

    /// @inheritdoc ITransferDesk
    function registerTokenGas(address token, uint64 gasAmount) external restricted {
        _registerTokenGas(token, gasAmount);
    }

    /// @inheritdoc ITransferDesk
    function chooseVoucherDecimals(string calldata clientId, string calldata denom, uint8 decimals)
        external
        restricted
    {
        bytes32 clientKey = keccak256(bytes(clientId));
        (address token, string memory path) = _arrivedVoucher(clientId, denom);
        if (bytes(path).length != 0) _createVoucher(clientKey, token, path);
        Voucher voucher = Voucher(token);
        bool minted = _voucherBook(_assetKey(clientKey, token)).minted != 0;
        require(!minted && !voucher.decimalsChosen(), ITransfer.DecimalsFixed(address(voucher)));
        voucher.chooseDecimals(decimals);
        emit ITransfer.VoucherDecimalsChosen(address(voucher), decimals);
    }

    /// @inheritdoc ITransferDesk
    function getHomeBook(string calldata clientId, address token) external view returns (HomeBook memory) {
        return _homeBook(_assetKey(keccak256(bytes(clientId)), token));
    }

    /// @inheritdoc ITransferDesk
    function getVoucherBook(string calldata clientId, address token) external view returns (VoucherBook memory) {
        return _voucherBook(_assetKey(keccak256(bytes(clientId)), token));
    }

    /// @inheritdoc ITransferDesk
    function ics26() external view returns (address) {
        return address(_router);
    }

    /// @inheritdoc ITransferDesk
    function getClaim(string calldata clientId, address token, address owner) external view returns (Claim memory) {
        return _claimOf(_assetKey(keccak256(bytes(clientId)), token), owner);
    }

    /// @inheritdoc ITransferDesk
    function getEscrow(string calldata clientId) external view returns (address) {
        return _escrowAddress(keccak256(bytes(clientId)));
    }

    /// @inheritdoc ITransferDesk
    function getTokenGas(address token) external view returns (uint64) {
        return _tokenGasOf(token);
    }

    /// @inheritdoc ITransferDesk
    function ibcERC20Contract(string calldata denom) external view returns (address) {
        return _voucherAddress(denom);
    }

    /// @inheritdoc ITransferDesk
    function ibcERC20Denom(address token) external view returns (string memory) {
        return _isVoucher(token) ? Voucher(token).denom() : "";
    }

    /// @notice What is compared before this code is trusted.
    function constants() external view returns (bytes32) {
        return _constants();
    }
}
