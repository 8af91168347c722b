// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a client knows of a packed header when it asks whether enough signed it.
/// @param hash The header's hash.
/// @param height The header's height.
/// @param chainFrom Where in the message the header's field with the chain's id begins, its length first.
/// @param setsFrom Where in the message the sets begin.
/// @param stated Hash of the set that the header names as its own.
/// @param ownCard Card of that set, zero if it was not installed.
/// @param trusted Hash of the set that the trusted state names.
/// @param trustedCard Card of that set, zero if it was not installed.
/// @param isNext Whether the header is the one after the trusted state.
/// @param trustNumerator More than this share of the trusted power has to have signed: above the line.
/// @param trustDenominator Below the line.
struct SignedHeader {
    bytes32 hash;
    uint64 height;
    uint256 chainFrom;
    uint256 setsFrom;
    bytes32 stated;
    bytes32 ownCard;
    bytes32 trusted;
    bytes32 trustedCard;
    bool isNext;
    uint256 trustNumerator;
    uint256 trustDenominator;
}

/// @title ITendermintVerifier
/// @notice The part of a Tendermint client that trusts nothing: sets and signatures. A contract of its own because both
/// together are larger than a contract may be.
/// @dev Its errors are those of `ITendermintClient`.
interface ITendermintVerifier {
    /// @notice Reverts unless the sets of a packed header are the ones asked for, and enough of them signed.
    /// @param message The packed header, of which the caller has read everything before the sets.
    function verify(SignedHeader calldata header, bytes calldata message) external view;

    /// @notice Verifies some votes for a header, and remembers that. Anybody may call it, and with anything: what it
    /// remembers is only what signatures say.
    /// @param message The packed header, in which there are only these votes, and no other set.
    /// @return name What the part is remembered by: docs/formats/tendermint-evm.md, "In parts".
    function verifyPart(SignedHeader calldata header, bytes calldata message) external returns (bytes32 name);

    /// @notice Whether the votes of this part were verified.
    function isVerified(bytes32 name) external view returns (bool);

    /// @notice Checks a set that is to be installed.
    /// @param message The set, docs/formats/tendermint-evm.md.
    /// @return validatorsHash Its hash.
    /// @return card Its card: keccak256 of the set as packed headers carry it.
    function install(bytes calldata message) external view returns (bytes32 validatorsHash, bytes32 card);
}
