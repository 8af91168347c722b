// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {Haltable} from "../guard/Haltable.sol";
import {IClientHalts, ScopeKind} from "../interfaces/IHaltable.sol";
import {Halts} from "../libraries/Halts.sol";
import {HaltDesk} from "./HaltDesk.sol";

/// @title RouterHalts
/// @notice Keeps the halts of clients, of their contracts, of applications and of everything. An ordinary halt must
/// never stop a refund; a halted client must never prove anything.
/// @dev A halt of a client id is one of the contract behind it as well, so that policies made of that contract, and
/// other ids of it, stop too. Spec: PROTOCOL section 4.
abstract contract RouterHalts is IClientHalts, Haltable {
    HaltDesk private immutable _desk;

    constructor() {
        _desk = new HaltDesk();
    }

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

    function _setHalt(ScopeKind kind, bytes32 key, uint64 until) internal override {
        bytes32 lightKey = kind == ScopeKind.Client ? _lightKey(_lightOf(key)) : bytes32(0);
        Halts.Book storage book = _book();
        uint256 place;
        assembly ("memory-safe") {
            place := book.slot
        }
        Address.functionDelegateCall(
            address(_desk), abi.encodeCall(HaltDesk.write, (place, kind, key, until, lightKey))
        );
    }

    /// @dev Reverts unless what the client proves counts. Its id is hashed only when something is halted.
    function _checkClientRunning(string memory clientId) internal view {
        if (_mayBeHalted()) _checkClientKey(keccak256(bytes(clientId)));
    }

    /// @dev Reverts unless the application may send and be paid over the client. For sends and receives only: refunds
    /// pass.
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
