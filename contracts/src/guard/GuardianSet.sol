// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Approval, IGuardians, Scope} from "../interfaces/IGuardians.sol";
import {Domain} from "../libraries/Domain.sol";
import {Signatures} from "../libraries/Signatures.sol";

/// @title GuardianSet
/// @notice Decides whether signatures make a quorum. It must never count a signature twice, one that was made for
/// another chain, contract, set or purpose, or one that is old.
/// @dev Twin of `guardian/core`, modules `quorum` and `digest`. The nonces are unordered, so that two emergencies never
/// wait for one another.
abstract contract GuardianSet is IGuardians {
    /// @dev Each signature costs gas.
    uint256 private constant GUARDIANS_MAX = 32;
    /// @dev No signature can be kept for later.
    uint256 private constant EXPIRY_AHEAD_SECONDS_MAX = 24 hours;

    /// @dev The number of the set, which every digest binds, and its quorums; one slot.
    uint64 private _set;
    uint64 private _small;
    uint64 private _large;
    address[] private _guardians;
    mapping(uint64 set => mapping(address guardian => bool known)) private _isGuardian;
    mapping(uint64 set => mapping(uint64 nonce => bool used)) private _isUsed;

    /// @inheritdoc IGuardians
    function guardianSet() external view returns (uint64, address[] memory, uint256, uint256) {
        return (_set, _guardians, _small, _large);
    }

    /// @inheritdoc IGuardians
    function isNonceUsed(uint64 set, uint64 nonce) external view returns (bool) {
        return _isUsed[set][nonce];
    }

    /// @inheritdoc IGuardians
    function digestOf(Domain.Kind kind, Scope calldata scope, uint64 last, uint64 nonce, uint64 expiry)
        external
        view
        returns (bytes32)
    {
        return Domain.digest(kind, _set, keccak256(abi.encode(nonce, expiry, scope.kind, scope.path, scope.item, last)));
    }

    /// @dev Begins a new set, if no single guardian could act in it and two large quorums always share one.
    function _form(address[] memory guardians, uint256 small, uint256 large) internal {
        uint256 count = guardians.length;
        require(count <= GUARDIANS_MAX, TooManyGuardians(count, GUARDIANS_MAX));
        require(small >= 2, SmallQuorum(small, 2));
        require(large > small && large <= count && 2 * large > count, LargeQuorum(large, small, count));
        uint64 set = ++_set;
        (_small, _large, _guardians) = (uint64(small), uint64(large), guardians);
        // Ascending from above zero: so none is zero and none is there twice.
        address previous;
        for (uint256 i = 0; i < count; ++i) {
            require(guardians[i] > previous, GuardianOrder(previous, guardians[i]));
            previous = guardians[i];
            _isGuardian[set][previous] = true;
        }
        emit GuardiansRotated(set, guardians, small, large);
    }

    /// @dev Uses up an approval. Reverts unless enough guardians of the present set signed.
    /// @param last See `digestOf`.
    function _approve(bool large, Domain.Kind kind, Scope memory scope, uint64 last, Approval calldata approval)
        internal
        returns (address[] memory signers)
    {
        uint64 set = _set;
        uint64 nonce = approval.nonce;
        uint64 expiry = approval.expiry;
        require(block.timestamp <= expiry, Expired(expiry, block.timestamp));
        uint256 most = block.timestamp + EXPIRY_AHEAD_SECONDS_MAX;
        require(expiry <= most, ExpiryTooFar(expiry, most));
        require(!_isUsed[set][nonce], NonceUsed(nonce));
        _isUsed[set][nonce] = true;
        bytes32 statement = keccak256(abi.encode(nonce, expiry, scope.kind, scope.path, scope.item, last));
        return _countSigners(set, large ? _large : _small, Domain.digest(kind, set, statement), approval.signatures);
    }

    function _currentSet() internal view returns (uint64) {
        return _set;
    }

    function _countSigners(uint64 set, uint256 needed, bytes32 digest, bytes[] calldata signatures)
        private
        view
        returns (address[] memory signers)
    {
        uint256 count = signatures.length;
        require(count >= needed, NotEnoughSigners(count, needed));
        require(count <= _guardians.length, TooManySigners(count, _guardians.length));
        signers = new address[](count);
        address previous;
        for (uint256 i = 0; i < count; ++i) {
            address signer = Signatures.recover(digest, signatures[i]);
            require(_isGuardian[set][signer], NotAGuardian(signer));
            require(signer > previous, SignerOrder(previous, signer));
            (signers[i], previous) = (signer, signer);
        }
    }
}
