// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GuardianKeys} from "./GuardianKeys.sol";

/// @notice A port that a router has from the start; see `Ports.InitialPort`.
struct InitialPort {
    string portId;
    address app;
}

/// @notice Everything that a deployment puts on a chain, beside its authority.
/// @param router The proxy.
/// @param transfer The proxy.
/// @param voucher What vouchers are clones of.
struct Contracts {
    address router;
    address transfer;
    address routerCode;
    address transferCode;
    address transferDesk;
    address limitDesk;
    address voucher;
    address escrows;
    address guardians;
}

/// @title Founder
/// @notice Deploys the bridge of one chain, in the order of a real deployment.
abstract contract Founder is GuardianKeys {
    /// @dev How many contracts are created before the proxy of the transfer application, and before the router's.
    uint256 private constant BEFORE_TRANSFER = 6;
    uint256 private constant BEFORE_ROUTER = 8;

    function _authority(address governance) internal returns (address) {
        return _create("artifacts/AccessManager.json", abi.encode(governance));
    }

    /// @dev Every address is known before: the applications name their router and the router its application.
    function _found(address authority) internal returns (Contracts memory made) {
        uint256 nonce = vm.getNonce(address(this));
        address transfer = vm.computeCreateAddress(address(this), nonce + BEFORE_TRANSFER);
        address router = vm.computeCreateAddress(address(this), nonce + BEFORE_ROUTER);
        bytes memory set = abi.encode(authority, router, transfer, _addresses(_keys(0)), SMALL, LARGE);
        made.guardians = _create("Guardians.sol:Guardians", set);
        made.voucher = _create("Voucher.sol:Voucher", abi.encode(transfer));
        made.escrows = _create("Escrows.sol:Escrows", abi.encode(transfer));
        // The parts of `TransferState`.
        bytes memory parts = abi.encode(authority, router, made.voucher, made.escrows, made.guardians);
        made.limitDesk = _create("LimitDesk.sol:LimitDesk", parts);
        made.transferDesk = _create("TransferDesk.sol:TransferDesk", bytes.concat(parts, abi.encode(made.limitDesk)));
        made.transferCode = _create("Transfer.sol:Transfer", bytes.concat(parts, abi.encode(made.transferDesk)));
        made.transfer = _proxy(made.transferCode, abi.encodeWithSignature("initialize()"));
        InitialPort[] memory ports = new InitialPort[](1);
        ports[0] = InitialPort("transfer", made.transfer);
        made.routerCode = _create("Router.sol:Router", abi.encode(authority, made.guardians, ports[0]));
        made.router = _proxy(made.routerCode, abi.encodeWithSignature("initialize((string,address)[])", ports));
    }

    function _proxy(address code, bytes memory start) internal returns (address) {
        return _create("artifacts/ERC1967Proxy.json", abi.encode(code, start));
    }
}
