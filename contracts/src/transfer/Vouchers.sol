// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {ITransfer} from "../interfaces/ITransfer.sol";
import {Ics20} from "../libraries/Ics20.sol";
import {Voucher} from "./Voucher.sol";

/// @title Vouchers
/// @notice Decides which contract stands for an asset of another chain. It must never let two paths share a voucher,
/// nor take a contract for a voucher that this application did not create.
abstract contract Vouchers is ITransfer {
    /// @dev What vouchers are clones of.
    Voucher internal immutable _original;

    /// @dev The key of the client a voucher came by; 0 for anything that is not a voucher.
    mapping(address voucher => bytes32 clientKey) private _clientOf;

    constructor(Voucher original) {
        _original = original;
    }

    /// @inheritdoc ITransfer
    function ibcERC20Contract(string calldata denom) external view returns (address) {
        return _voucherAddress(denom);
    }

    /// @inheritdoc ITransfer
    function ibcERC20Denom(address token) external view returns (string memory) {
        return _isVoucher(token) ? Voucher(token).denom() : "";
    }

    /// @dev The voucher of an asset that comes by a client of this chain, created if it is the first time.
    function _arrivedVoucher(string calldata clientId, string memory denom) internal returns (Voucher voucher) {
        string memory path = Ics20.arrivedPath(clientId, denom);
        address created = _voucherAddress(path);
        // Only this contract can create anything there, and what it creates there stays.
        if (created.code.length != 0) return Voucher(created);
        Ics20.checkPath(path);
        _clientOf[created] = keccak256(bytes(clientId));
        Clones.cloneDeterministicWithImmutableArgs(address(_original), bytes(path), keccak256(bytes(path)));
        emit IBCERC20ContractCreated(created, path);
        return Voucher(created);
    }

    function _isVoucher(address token) internal view returns (bool) {
        return _clientOf[token] != 0;
    }

    /// @dev Whether sending a token over a client sends it back where it came from.
    function _cameBy(address token, bytes32 clientKey) internal view returns (bool) {
        return _clientOf[token] == clientKey;
    }

    /// @dev What a token of this chain is called when it leaves.
    function _denomOf(address token) internal view returns (string memory) {
        return _isVoucher(token) ? Voucher(token).denom() : Ics20.nativeDenom(token);
    }

    /// @dev The token that leaves this chain under `denom`. The address of a voucher leads to that voucher, too: that
    /// is the same asset with the same books, so a second name gains nothing.
    function _tokenOf(string memory denom) internal view returns (address token) {
        bool native;
        (native, token) = Ics20.parseNative(denom);
        if (native) return token;
        token = _voucherAddress(denom);
        require(_isVoucher(token), UnknownAsset(denom));
    }

    function _voucherAddress(string memory path) private view returns (address) {
        return
            Clones.predictDeterministicAddressWithImmutableArgs(address(_original), bytes(path), keccak256(bytes(path)));
    }
}
