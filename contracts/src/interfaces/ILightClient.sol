// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Height} from "./Messages.sol";

/// @notice What an update did to a client.
enum UpdateResult {
    /// A new state is trusted.
    Update,
    /// The update proves misbehaviour; the client is frozen.
    Misbehaviour,
    /// Nothing new; never an error.
    NoOp
}

/// @notice Whether a client may be believed. Values are those of `client::Status` in the law crate.
enum ClientStatus {
    /// Proofs are accepted.
    Active,
    /// The newest trusted state is older than the trust period.
    Expired,
    /// Misbehaviour was proven; only governance can replace the client.
    Frozen
}

/// @notice Asks whether `value` is stored under `path`.
/// @param proof The proof, consumed exactly.
/// @param proofHeight The height of a trusted state.
/// @param path The counterparty's prefix with the key appended to its last element.
/// @param value The value to prove.
struct MsgVerifyMembership {
    bytes proof;
    Height proofHeight;
    bytes[] path;
    bytes value;
}

/// @notice Asks whether nothing is stored under `path`.
/// @param proof The proof, consumed exactly.
/// @param proofHeight The height of a trusted state.
/// @param path The counterparty's prefix with the key appended to its last element.
struct MsgVerifyNonMembership {
    bytes proof;
    Height proofHeight;
    bytes[] path;
}

/// @title ILightClient
/// @notice A light client of one counterparty chain: the interface of IBC v2 for Solidity.
/// @dev Every function reverts when the client is frozen or expired, or when what it was given does not hold; it never
/// answers "no" by a return value. The router trusts nothing else about the counterparty chain.
interface ILightClient {
    /// @notice Moves the client forward.
    /// @param updateMsg The client's own encoding of an update.
    /// @return result What the update did. An update that is already known is `NoOp`.
    function updateClient(bytes calldata updateMsg) external returns (UpdateResult result);

    /// @notice Checks that a value is stored on the counterparty chain.
    /// @param message What to check.
    /// @return timestamp The time of the trusted state, in seconds since the Unix epoch; never 0.
    function verifyMembership(MsgVerifyMembership calldata message) external returns (uint256 timestamp);

    /// @notice Checks that nothing is stored on the counterparty chain.
    /// @param message What to check.
    /// @return timestamp The time of the trusted state, in seconds since the Unix epoch; never 0.
    function verifyNonMembership(MsgVerifyNonMembership calldata message) external returns (uint256 timestamp);

    /// @notice Freezes the client if `misbehaviourMsg` proves that the counterparty's validators contradicted
    /// themselves, and reverts otherwise.
    /// @param misbehaviourMsg The client's own encoding of the evidence.
    function misbehaviour(bytes calldata misbehaviourMsg) external;

    /// @notice The client's state in its own encoding, for tools.
    function getClientState() external view returns (bytes memory);
}

/// @title IClientStatus
/// @notice An optional extension of `ILightClient`. A client that has it is asked before anything is sent over it, so
/// that no value leaves over a client that could prove neither its arrival nor its timeout.
/// @dev The router looks for it once, when the client is added or replaced.
interface IClientStatus {
    /// @notice Whether the client may be believed now.
    function status() external view returns (ClientStatus);
}

/// @title ILearnedAt
/// @notice An optional extension of `ILightClient`: since when the client has known a state. A policy that lets proofs
/// wait counts from then.
interface ILearnedAt {
    /// @notice The host chain's time at which the state of this height (revision 0) was stored, in seconds since the
    /// Unix epoch. Reverts when no such state is trusted; learning it again changes nothing.
    function learnedAt(uint64 height) external view returns (uint64);
}
