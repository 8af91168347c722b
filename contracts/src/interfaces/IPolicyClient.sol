// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A client that a policy asks.
/// @param client Its contract.
/// @param delay Seconds that it must have known the state for; 0 unless the policy says so.
struct PolicyLeaf {
    address client;
    uint32 delay;
}

/// @title IPolicyClient
/// @notice A light client made of light clients: what it believes, enough of its leaves have proven, each by its own
/// proof of the same path and value.
/// @dev The twin of the law crate `light-clients/policy`: same bytes (docs/formats/policy.md), same names of errors.
///
/// What it rests on: the leaves that the policy needs, and governance, which may change the policy behind its timelock.
/// All leaves are clients of one counterparty chain; nobody can check that here. Times are seconds.
interface IPolicyClient {
    /// Bytes do not have the form that docs/formats/policy.md gives them.
    error Malformed();
    /// A tree that is no policy: 1 a node with children at the fourth level or below, 2 zero of the children are needed
    /// or more than there are, 3 a client that is zero or stands there twice, 4 a delay that is zero or above 12 hours,
    /// 5 more than eight leaves.
    error BadPolicy(uint8 fault);
    /// A leaf has no code, is this client or another policy client, or does not tell its status. Policies do not stand
    /// in policies: write one tree.
    error BadLeaf(address client);
    /// The leaves that count (bit n for the n-th from the left) are not enough. Remedy: prove it to more, or wait.
    error NotSatisfied(uint256 counted);
    /// The height of the proof is not that of the earliest state that counts.
    error WrongHeight(uint64 expectedRevision, uint64 expectedHeight, uint64 givenRevision, uint64 givenHeight);

    /// @notice Another policy holds from now on.
    event PolicyChanged(bytes policy);

    /// @notice Puts another policy in the place of this one. Governance only, behind its timelock.
    /// @param policy See docs/formats/policy.md.
    function setPolicy(bytes calldata policy) external;

    /// @notice The policy, as docs/formats/policy.md writes it.
    function getPolicy() external view returns (bytes memory);

    /// @notice The leaves from left to right: proofs come in this order.
    function getLeaves() external view returns (PolicyLeaf[] memory);
}
