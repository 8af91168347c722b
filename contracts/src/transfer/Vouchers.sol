// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {ITransfer} from "../interfaces/ITransfer.sol";
import {Ics20} from "../libraries/Ics20.sol";
import {Voucher} from "./Voucher.sol";

/// @title Vouchers
/// @notice Decides which contract stands for an asset of another chain. It must never let two paths share a voucher,
/// nor take a contract for a voucher that this application did not create.
abstract contract Vouchers {
    /// @dev What vouchers are clones of.
    Voucher internal immutable _original;

    /// @dev The key of the client a voucher came by; 0 for anything that is not a voucher.
    mapping(address voucher => bytes32 clientKey) private _clientOf;

    constructor(Voucher original) {
        _original = original;
    }

    /// @dev The voucher of an asset that comes by a client of this chain.
    /// @return voucher Its contract.
    /// @return path Its path if it does not exist yet, for `_createVoucher`; else empty.
    function _arrivedVoucher(string calldata clientId, string memory denom)
        internal
        view
        returns (address voucher, string memory path)
    {
        string memory arrived = Ics20.arrivedPath(clientId, denom);
        voucher = _voucherAddress(arrived);
        // Only this contract can create anything there, and what it creates there stays.
        if (voucher.code.length != 0) return (voucher, "");
        Ics20.checkPath(arrived);
        return (voucher, arrived);
    }

    /// @dev Creates what `_arrivedVoucher` found missing.
    function _createVoucher(bytes32 clientKey, address voucher, string memory path) internal {
        _clientOf[voucher] = clientKey;
        Clones.cloneDeterministicWithImmutableArgs(address(_original), bytes(path), keccak256(bytes(path)));
        emit ITransfer.IBCERC20ContractCreated(voucher, path);
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
        require(_isVoucher(token), ITransfer.UnknownAsset(denom));
    }

    function _voucherAddress(string memory path) internal view returns (address) {
        return
            Clones.predictDeterministicAddressWithImmutableArgs(address(_original), bytes(path), keccak256(bytes(path)));
    }
}
