// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";
import {ERC721Holder} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Holder.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

/// @title Account
/// @notice Makes calls in the name of one sender of another chain, and holds what is theirs. It decides nothing: it
/// calls when the call application says so, and nobody else can make it do anything.
/// @dev Accounts are clones of one original; the call application finds them by CREATE2. They hold tokens of every kind
/// and no ether, because a call carries none.
contract Account is ERC721Holder, ERC1155Holder {
    /// @dev Bound: with its encoding around it, this fits into an acknowledgement of 32,768 bytes.
    uint256 private constant RESULT_LENGTH_MAX = 32_672;

    /// @dev Bound: a reason is logged by whoever delivers the packet.
    uint256 private constant REASON_LENGTH_MAX = 1024;

    /// @notice Only the call application may order calls.
    error NotCall(address caller, address call);
    /// @notice The contract returned more than fits into an acknowledgement.
    error ResultTooLong(uint256 length, uint256 most);

    /// @notice The call application.
    address public immutable call;

    constructor(address call_) {
        call = call_;
    }

    /// @notice Calls a contract. Reverts if it does, with its reason, or with nothing if that is too long.
    function execute(address target, bytes calldata input) external returns (bytes memory result) {
        require(msg.sender == call, NotCall(msg.sender, call));
        // The size is looked at before anything is copied: a contract may return more than there is gas to copy.
        bool success = LowLevelCall.callNoReturn(target, input);
        uint256 size = LowLevelCall.returnDataSize();
        if (success) {
            require(size <= RESULT_LENGTH_MAX, ResultTooLong(size, RESULT_LENGTH_MAX));
            return LowLevelCall.returnData();
        }
        require(size <= REASON_LENGTH_MAX);
        LowLevelCall.bubbleRevert();
    }
}
