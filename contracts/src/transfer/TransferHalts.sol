// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HaltBook} from "../guard/HaltBook.sol";
import {ScopeKind} from "../interfaces/IHaltable.sol";
import {IHolds} from "../interfaces/IHolds.sol";
import {Direction} from "../interfaces/ILimits.sol";
import {Halts} from "../libraries/Halts.sol";

/// @title TransferHalts
/// @notice Keeps the halts of assets, directions and tokens. An ordinary halt must never stop a refund.
/// @dev Spec: PROTOCOL section 4.
abstract contract TransferHalts is HaltBook {
    /// @dev Whether a token may leave over a client in a direction. One read when nothing is halted.
    /// @return kind The scope that is halted, or `None`.
    function _haltOf(bytes32 clientKey, bytes32 asset, address token, Direction direction)
        internal
        view
        returns (ScopeKind kind, bytes32 key)
    {
        if (_mayBeHalted()) {
            key = bytes32(uint256(uint160(token)));
            if (_isHalted(ScopeKind.Token, key)) return (ScopeKind.Token, key);
            key = keccak256(abi.encode(clientKey, uint8(direction)));
            if (_isHalted(ScopeKind.Direction, key)) return (ScopeKind.Direction, key);
            if (_isHalted(ScopeKind.Asset, asset)) return (ScopeKind.Asset, asset);
        }
        return (ScopeKind.None, 0);
    }

    /// @dev Reverts while a token may not leave over a client in a direction.
    function _checkScopes(bytes32 clientKey, bytes32 asset, address token, Direction direction) internal view {
        (ScopeKind kind, bytes32 key) = _haltOf(clientKey, asset, token, direction);
        if (kind != ScopeKind.None) _checkOff(kind, key);
    }

    /// @dev More would leave than may: halts the asset until the large quorum resumes it.
    function _breach(bytes32 asset, address token, uint256 available, uint256 asked) internal {
        emit IHolds.ConservationBreached(asset, token, available, asked);
        _halt(ScopeKind.Asset, asset, Halts.ENDLESS);
    }

    function _keeps(ScopeKind kind) internal pure override returns (bool) {
        return kind == ScopeKind.Asset || kind == ScopeKind.Direction || kind == ScopeKind.Token;
    }
}
