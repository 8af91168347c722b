// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatches} from "../../src/interfaces/IBatches.sol";
import {Height} from "../../src/interfaces/Messages.sol";
import {BatchBytes, Head} from "../../src/libraries/BatchBytes.sol";
import {BatchFrame} from "../../src/libraries/BatchFrame.sol";
import {BatchRunner} from "../../src/router/BatchRunner.sol";
import {BatchMessage, BatchRead} from "./IBatchLaw.sol";

/// @title BatchLaw
/// @notice Opens what the router reads in a batch, and the calls that it makes of it, to tests. For message `i` it
/// takes `keccak256(abi.encode(i))` as proven, at the time 77.
contract BatchLaw is BatchRunner {
    using BatchBytes for BatchBytes.Reader;

    // Authorities are contracts; whoever deploys this is one.
    constructor() BatchRunner(msg.sender) {}

    function read(bytes calldata packed, string calldata counterpartyId) external view returns (BatchRead memory seen) {
        Run memory run;
        run.reader = BatchBytes.open(packed);
        run.clientId = string(run.reader.text(1));
        run.counterpartyId = counterpartyId;
        run.provenAt = 77;
        seen.clientId = run.clientId;
        seen.updates = new bytes[](run.reader.integer(1));
        for (uint256 i = 0; i < seen.updates.length; ++i) {
            seen.updates[i] = run.reader.text(3);
        }
        Height memory height = run.reader.height();
        (seen.revisionNumber, seen.revisionHeight) = (height.revisionNumber, height.revisionHeight);
        run.templates = run.reader.templates();
        run.frames = new BatchFrame.Frame[](4 * run.templates.length);
        (run.headsAt, run.count) = run.reader.heads(run.templates.length);
        seen.pool = run.reader.proof(run.count);
        seen.messages = new BatchMessage[](run.count);
        for (uint256 i = 0; i < run.count; ++i) {
            Head head = BatchBytes.head(run.headsAt, i);
            bytes32 proven = keccak256(abi.encode(i));
            bytes memory input = _callOf(run, head, proven);
            // It stands in free memory, where the next call would be written.
            assembly ("memory-safe") {
                mstore(0x40, and(add(add(input, mload(input)), 0x3f), not(0x1f)))
            }
            seen.messages[i] = this.takeApart(input);
            seen.messages[i].gasAmount = head.gasAmount();
        }
        run.reader.close();
    }

    function takeApart(bytes calldata call) external pure returns (BatchMessage memory message) {
        require(bytes4(call) == IBatches.applyMessageInBatch.selector);
        uint256 length;
        (message.kind, message.commitment, message.proven, message.provenAt, length) =
            abi.decode(call[4:], (uint256, bytes32, bytes32, uint256, uint256));
        message.encoded = call[0xa4:0xa4 + length];
        message.acknowledgement = call[0xa4 + length:];
    }
}
