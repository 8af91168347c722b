// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HaltBook} from "../guard/HaltBook.sol";
import {Governed} from "../guard/Governed.sol";
import {IUpgradeable} from "../interfaces/IGoverned.sol";
import {IRouter} from "../interfaces/IRouter.sol";
import {Claim} from "../interfaces/ITransfer.sol";
import {Arrivals} from "./Arrivals.sol";
import {Escrows} from "./Escrows.sol";
import {Holds} from "./Holds.sol";
import {Lanes} from "./Lanes.sol";
import {Payments} from "./Payments.sol";
import {RouterPort} from "./RouterPort.sol";
import {TransferHalts} from "./TransferHalts.sol";
import {Voucher} from "./Voucher.sol";
import {Vouchers} from "./Vouchers.sol";

/// @notice What a deployment of the transfer application is built with.
/// @param authority Who decides who may set limits, choose decimals and replace the code.
/// @param router The router. It may be deployed afterwards at this address.
/// @param voucher What vouchers are clones of. It belongs to the proxy, as the escrows do.
/// @param escrows What creates escrows.
/// @param guardians Who halts assets and cancels holds.
struct Parts {
    address authority;
    IRouter router;
    Voucher voucher;
    Escrows escrows;
    address guardians;
}

/// @title TransferState
/// @notice The whole state of the transfer application, and its constants. `Transfer`, `TransferDesk` and `LimitDesk`
/// inherit it and add no state of their own, so that they mean the same slots.
/// @dev Storage only grows at the end of the last part: snapshots/layout (T-34).
abstract contract TransferState is Arrivals, Lanes, Holds, Governed, TransferHalts, RouterPort {
    /// @dev Keyed by keccak256(asset key, owner).
    mapping(bytes32 claimKey => Claim parked) private _claims;

    constructor(Parts memory parts)
        Governed(parts.authority)
        Vouchers(parts.voucher)
        Payments(parts.escrows)
        RouterPort(parts.router)
        HaltBook(parts.guardians)
    {}

    /// @dev Lets another contract with the same parts answer in this one's name. It never returns.
    function _delegate(address desk) internal {
        assembly ("memory-safe") {
            let input := mload(0x40)
            calldatacopy(input, 0, calldatasize())
            let success := delegatecall(gas(), desk, input, calldatasize(), 0, 0)
            returndatacopy(input, 0, returndatasize())
            if iszero(success) { revert(input, returndatasize()) }
            return(input, returndatasize())
        }
    }

    /// @dev Reverts unless a desk was built with the same parts.
    function _checkParts(address desk) internal view {
        bytes32 found = IUpgradeable(desk).constants();
        require(found == _constants(), IUpgradeable.WrongConstants(_constants(), found));
    }

    function _constants() internal view returns (bytes32) {
        return keccak256(abi.encode(authority, _router, _original, _escrows, _guardians));
    }

    function _claimOf(bytes32 asset, address owner) internal view returns (Claim storage) {
        return _claims[keccak256(abi.encode(asset, owner))];
    }

    /// @dev Counts a refund, if conservation allows it.
    /// @return available What refunds may give back; the amount was booked if it is not more.
    function _bookRefund(bytes32 asset, bool minted, uint256 amount) internal returns (uint256 available) {
        return minted ? _bookUnburn(asset, amount) : _bookRelease(asset, amount);
    }
}
