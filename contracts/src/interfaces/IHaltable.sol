// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a halt stops. The numbers are signed and stored: a kind keeps its number for ever.
enum ScopeKind {
    /// Nothing; never valid.
    None,
    /// Everything that one client id proves, refunds included. Key: keccak256(clientId).
    Client,
    /// Everything that one light client's contract proves, under every id and inside every policy. Key: its address as
    /// a word.
    ClientContract,
    /// One token over one client. Key: keccak256(abi.encode(clientKey, token)).
    Asset,
    /// Sends or receives over one client. Key: keccak256(abi.encode(clientKey, direction)), direction 0 = send, 1 =
    /// receive.
    Direction,
    /// One application. Key: keccak256(portId).
    Application,
    /// Every application and client. Key: 0.
    All,
    /// One token over all clients. Key: its address as a word.
    Token
}

/// @title IHaltable
/// @notice A contract with scopes that guardians can halt. The router keeps the kinds Client, ClientContract,
/// Application and All; the transfer application keeps Asset, Direction and Token.
///
/// An ordinary halt stops sends and payouts and never a refund. A halt of a client stops refunds too, because a forged
/// absence is a theft. A halted receive reverts without a receipt, so that it can be delivered later or time out.
///
/// Times are seconds of block time. A halt is on while block.timestamp < until, so it ends without a transaction.
/// Assumptions: the guardians contract counted signatures and budgets before it calls; see docs/guardians.md.
interface IHaltable {
    // Events.

    /// @notice A scope is halted.
    /// @param until When the halt ends by itself; type(uint64).max = not before it is resumed.
    event ScopeHalted(ScopeKind indexed kind, bytes32 indexed key, uint64 until);
    /// @notice The halt of a scope was taken off before it ended.
    event ScopeResumed(ScopeKind indexed kind, bytes32 indexed key);

    // Errors.

    /// @notice The scope is halted. Wait until then, or until the guardians resume it.
    error Halted(ScopeKind kind, bytes32 key, uint64 until);
    /// @notice Only the guardians contract may do this.
    error NotGuardians(address caller, address guardians);
    /// @notice This contract keeps no halts of that kind.
    error ScopeNotKept(ScopeKind kind);

    // Functions.

    /// @notice Halts or resumes a scope. Guardians contract only.
    /// @param until 0 resumes; type(uint64).max = until resumed. An earlier time than the stored one changes nothing: a
    /// halt is shortened by a resume only.
    function setHalt(ScopeKind kind, bytes32 key, uint64 until) external;

    /// @notice When the halt of a scope ends; 0 if it was never halted, or resumed. May lie in the past.
    function haltedUntil(ScopeKind kind, bytes32 key) external view returns (uint64);

    /// @notice The number of the newest halt of the scope, by guardians or by the contract itself; 0 if it was never
    /// halted. A resume is scheduled for one number and refused when a newer halt came in between.
    function haltSerial(ScopeKind kind, bytes32 key) external view returns (uint64);

    /// @notice The contract that counts the guardians' signatures: the only one that may halt and resume.
    function guardians() external view returns (address);
}

/// @title IClientHalts
/// @notice What the router answers about halts to policy clients, applications and the guardians contract.
interface IClientHalts {
    /// @notice Whether a light client's contract is halted: itself, or through a client id behind which it stands.
    function isClientContractHalted(address light) external view returns (bool);

    /// @notice Reverts with `IHaltable.Halted` while a client (by id or by contract) is halted: nothing that it proves
    /// counts.
    function checkClientRunning(bytes32 clientKey) external view;

    /// @notice Reverts with `IHaltable.Halted` while the client, the application or everything is halted: no payout.
    /// @param clientKey keccak256 of the client id.
    /// @param portKey keccak256 of the port.
    function checkRunning(bytes32 clientKey, bytes32 portKey) external view;

    /// @notice The contract behind keccak256 of a client id; zero for an unknown one.
    function clientContract(bytes32 clientKey) external view returns (address);
}
