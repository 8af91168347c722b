// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Height} from "./Messages.sol";

/// @title IBatchClient
/// @notice An optional extension of `ILightClient`: what is stored under many paths, by one proof.
/// @dev A client that has it says so by ERC-165, and has `IClientStatus` as well: the router looks for both once, when
/// the client is added or replaced, and uses it in `batch` only. Twin of `ethereum::verify_batch`.
interface IBatchClient {
    /// @notice What the counterparty chain stores under each of `paths`.
    /// @dev Reverts when the client is frozen or expired, when no state is trusted at `height`, and when one byte of
    /// the proof is wrong or left over: it never answers for some of the paths only.
    /// @param height The height of a trusted state.
    /// @param pool The proof for all paths in the client's own encoding, consumed exactly.
    /// @param paths The keys, without the prefix under which the chain stores them (see `IBatchPrefix`). They stand in
    /// the order in which the proof takes them; the same one may come several times.
    /// @return timestamp The time of the trusted state, in seconds since the Unix epoch; never 0.
    /// @return values For each path the stored word, or 0 if it is proven that nothing is stored. A value that is zero
    /// or no word of 32 bytes is never reported as 0: the client reverts, or answers with the word of ones, which no
    /// commitment is.
    function verifyBatch(Height calldata height, bytes calldata pool, bytes[] calldata paths)
        external
        view
        returns (uint256 timestamp, bytes32[] memory values);
}

/// @title IBatchPrefix
/// @notice An optional extension of `IBatchClient`, for chains that store packets under a prefix.
/// @dev The router lets batches pass only if the other end was registered with this very prefix; of a client without
/// this extension it must be one empty element. It looks once, when client or other end are named.
interface IBatchPrefix {
    /// @notice The prefix under which `verifyBatch` looks, as the other end of a client is registered with; its last
    /// element is empty, so that a path is the whole of it.
    function batchPrefix() external view returns (bytes[] memory);
}
