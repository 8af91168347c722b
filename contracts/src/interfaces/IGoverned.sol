// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IGoverned
/// @notice A contract with functions that only governance may call.
///
/// Assumptions: the authority is an OpenZeppelin `AccessManager` whose administrator is a timelock and nobody else. A
/// function is governance's own unless the manager gives it to another role; docs/governance.md lists them.
interface IGoverned {
    /// @notice Governance must be a contract: never a key, never nobody.
    error InvalidGovernance(address governance);
    /// @notice Only governance may do this, and only now that its delay is over: the caller is to have, at the
    /// authority, the role of this function without a delay, or to call through the authority's `execute`.
    error NotGovernance(address caller, address governance);

    /// @notice Who decides who may call what: an `AccessManager`.
    function authority() external view returns (address);
}

/// @title IUpgradeable
/// @notice A governed contract behind a proxy of ERC-1967, whose code governance may replace (UUPS).
interface IUpgradeable is IGoverned {
    /// @notice The next implementation was built with other constants. Remedy: build it with those of this one.
    error WrongConstants(bytes32 expected, bytes32 found);

    /// @notice A hash of everything that the implementation keeps in its code and that no upgrade may change.
    function constants() external view returns (bytes32);
}
