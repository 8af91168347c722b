// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Escrow} from "./Escrow.sol";

/// @title Escrows
/// @notice Creates the escrow of a client when the transfer application asks for it. It decides nothing else, and holds
/// nothing.
/// @dev An escrow's address depends on its creator and on its creation code. Both lie here, in a contract that is never
/// replaced, so that an upgrade of the application finds every escrow where it was (T-34).
contract Escrows {
    /// @notice Only the transfer application may create escrows.
    error NotTransfer(address caller, address transfer);

    /// @notice The transfer application.
    address public immutable transfer;

    /// @notice The hash of an escrow's creation code and argument, by which `CREATE2` finds its address.
    bytes32 public immutable codeHash;

    constructor(address transfer_) {
        transfer = transfer_;
        codeHash = keccak256(bytes.concat(type(Escrow).creationCode, abi.encode(transfer_)));
    }

    /// @notice Creates the escrow of a client. Reverts if it exists.
    /// @param clientKey keccak256 of the client id.
    function create(bytes32 clientKey) external {
        require(msg.sender == transfer, NotTransfer(msg.sender, transfer));
        new Escrow{salt: clientKey}(transfer);
    }
}
