// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Haltable} from "../guard/Haltable.sol";
import {IClientHalts, ScopeKind} from "../interfaces/IHaltable.sol";
import {Halts} from "../libraries/Halts.sol";

/// @title RouterHalts
/// @notice Keeps the halts of clients, of their contracts, of applications and of everything. An ordinary halt must
/// never stop a refund; a halted client must never prove anything.
/// @dev A halt of a client id is one of the contract behind it as well, so that policies made of that contract, and
/// other ids of it, stop too. Spec: PROTOCOL section 4.
abstract contract RouterHalts is Haltable, IClientHalts {
    using Halts for Halts.Book;

    /// @inheritdoc IClientHalts
    function isClientContractHalted(address light) external view returns (bool) {
        return _isHalted(ScopeKind.ClientContract, _lightKey(light));
    }

    /// @inheritdoc IClientHalts
    function checkClientRunning(bytes32 clientKey) external view {
        _checkClientKey(clientKey);
    }

    /// @inheritdoc IClientHalts
    function checkRunning(bytes32 clientKey, bytes32 portKey) external view {
        _checkKeys(clientKey, portKey);
    }

    /// @inheritdoc IClientHalts
    function clientContract(bytes32 clientKey) external view returns (address) {
        return _lightOf(clientKey);
    }

    function _halt(ScopeKind kind, bytes32 key, uint64 until) internal override {
        if (kind != ScopeKind.Client) return super._halt(kind, key, until);
        bytes32 lightKey = _lightKey(_lightOf(key));
        Halts.Book storage book = _book();
        book.writeClient(key, lightKey, until);
        emit ScopeHalted(kind, key, book.halts[kind][key].until);
        kind = ScopeKind.ClientContract;
        emit ScopeHalted(kind, lightKey, book.halts[kind][lightKey].until);
    }

    function _resume(ScopeKind kind, bytes32 key) internal override {
        if (kind != ScopeKind.Client) return super._resume(kind, key);
        bytes32 lightKey = _lightKey(_lightOf(key));
        bool lightResumed = _book().resumeClient(key, lightKey);
        emit ScopeResumed(kind, key);
        if (lightResumed) emit ScopeResumed(ScopeKind.ClientContract, lightKey);
    }

    /// @dev Reverts unless what the client proves counts.
    function _checkClientRunning(string memory clientId) internal view {
        if (_mayBeHalted()) _checkClientKey(keccak256(bytes(clientId)));
    }

    /// @dev Reverts unless the application may send and be paid over the client. Names are hashed only when something
    /// is halted.
    function _checkRunning(string memory clientId, string memory portId) internal view {
        if (_mayBeHalted()) _checkKeys(keccak256(bytes(clientId)), keccak256(bytes(portId)));
    }

    function _keeps(ScopeKind kind) internal pure virtual override returns (bool) {
        return kind == ScopeKind.Client || kind == ScopeKind.ClientContract || kind == ScopeKind.Application
            || kind == ScopeKind.All;
    }

    /// @dev The contract behind a client id; zero for an unknown one.
    function _lightOf(bytes32 clientKey) internal view virtual returns (address);

    function _checkKeys(bytes32 clientKey, bytes32 portKey) private view {
        _checkOff(ScopeKind.All, 0);
        _checkOff(ScopeKind.Application, portKey);
        _checkClientKey(clientKey);
    }

    function _checkClientKey(bytes32 clientKey) private view {
        _checkOff(ScopeKind.Client, clientKey);
        _checkOff(ScopeKind.ClientContract, _lightKey(_lightOf(clientKey)));
    }

    function _lightKey(address light) private pure returns (bytes32) {
        return bytes32(uint256(uint160(light)));
    }
}
