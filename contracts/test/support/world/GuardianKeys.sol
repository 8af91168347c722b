// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Approval, IGuardians, Scope} from "../../../src/interfaces/IGuardians.sol";
import {ScopeKind} from "../../../src/interfaces/IHaltable.sol";
import {Domain} from "../../../src/libraries/Domain.sol";
import {Test} from "../Test.sol";

/// @title GuardianKeys
/// @notice Five guardians with a small quorum of two and a large quorum of four, and their signatures.
abstract contract GuardianKeys is Test {
    uint256 internal constant GUARDIANS = 5;
    uint256 internal constant SMALL = 2;
    uint256 internal constant LARGE = 4;

    uint64 private _nonce;

    /// @dev Keys in ascending order of their addresses; `salt` chooses another set.
    function _keys(uint256 salt) internal pure returns (uint256[] memory keys) {
        keys = new uint256[](GUARDIANS);
        for (uint256 i = 0; i < GUARDIANS; ++i) {
            uint256 key = uint256(keccak256(abi.encode("guardian", salt, i)));
            uint256 place = i;
            while (place > 0 && vm.addr(keys[place - 1]) > vm.addr(key)) {
                keys[place] = keys[place - 1];
                --place;
            }
            keys[place] = key;
        }
    }

    function _addresses(uint256[] memory keys) internal pure returns (address[] memory list) {
        list = new address[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            list[i] = vm.addr(keys[i]);
        }
    }

    /// @dev The first `count` guardians sign, for an hour, with a new nonce.
    function _approve(IGuardians guardians, uint256 count, Domain.Kind kind, Scope memory scope, uint64 last)
        internal
        returns (Approval memory)
    {
        return _approve(guardians, _keys(0), count, kind, scope, last);
    }

    function _approve(
        IGuardians guardians,
        uint256[] memory keys,
        uint256 count,
        Domain.Kind kind,
        Scope memory scope,
        uint64 last
    ) internal returns (Approval memory approval) {
        approval = Approval(++_nonce, uint64(block.timestamp + 1 hours), new bytes[](count));
        bytes32 digest = guardians.digestOf(kind, scope, last, approval.nonce, approval.expiry);
        for (uint256 i = 0; i < count; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[i], digest);
            approval.signatures[i] = abi.encodePacked(r, s, v);
        }
    }

    function _clientScope(string memory clientId) internal pure returns (Scope memory) {
        return Scope(ScopeKind.Client, keccak256(bytes(clientId)), 0);
    }

    function _contractScope(address light) internal pure returns (Scope memory) {
        return Scope(ScopeKind.ClientContract, 0, _word(light));
    }

    function _assetScope(string memory clientId, address token) internal pure returns (Scope memory) {
        return Scope(ScopeKind.Asset, keccak256(bytes(clientId)), _word(token));
    }

    function _directionScope(string memory clientId, uint256 direction) internal pure returns (Scope memory) {
        return Scope(ScopeKind.Direction, keccak256(bytes(clientId)), bytes32(direction));
    }

    function _applicationScope(string memory portId) internal pure returns (Scope memory) {
        return Scope(ScopeKind.Application, 0, keccak256(bytes(portId)));
    }

    function _allScope() internal pure returns (Scope memory) {
        return Scope(ScopeKind.All, 0, 0);
    }

    function _tokenScope(address token) internal pure returns (Scope memory) {
        return Scope(ScopeKind.Token, 0, _word(token));
    }

    function _word(address who) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(who)));
    }
}
