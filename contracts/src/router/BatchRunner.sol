// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "../guard/Governed.sol";
import {IBatches} from "../interfaces/IBatches.sol";
import {UpdateResult} from "../interfaces/ILightClient.sol";
import {IRouter} from "../interfaces/IRouter.sol";
import {Height} from "../interfaces/Messages.sol";
import {BatchBytes, Head} from "../libraries/BatchBytes.sol";
import {BatchFrame} from "../libraries/BatchFrame.sol";
import {GasLeft} from "../libraries/GasLeft.sol";
import {Registry} from "./Registry.sol";

/// @title BatchRunner
/// @notice Takes a batch apart, has it proven, and calls the router for each message. It must never take a lack of gas
/// for a bad message, and never believe a word of a message that the one proof does not show.
/// @dev A part of the router with an address of its own, because a contract has room for so much code only: it runs in
/// the router's place, by `delegatecall`, over the same storage, and refuses to take a batch otherwise. What registers
/// clients is needed seldom and lives here, too; by itself it registers them in a storage that nobody looks at.
/// Spec: docs/formats/batch.md.
contract BatchRunner is Registry {
    using BatchBytes for BatchBytes.Reader;

    /// @dev What is the same for all messages.
    struct Run {
        BatchBytes.Reader reader;
        string clientId;
        string counterpartyId;
        BatchBytes.Template[] templates;
        /// Four for each template, made when they are needed: by direction and form.
        BatchFrame.Frame[] frames;
        uint256 headsAt;
        uint256 count;
        uint256 provenAt;
        bytes32[] values;
    }

    address private immutable _self = address(this);

    /// @param authority_ The router's.
    constructor(address authority_) Governed(authority_) {}

    /// @notice `IBatches.batch`, in the router's place.
    function batch(bytes calldata packed) external {
        require(address(this) != _self, IBatches.NotInBatch(msg.sender));
        Run memory run;
        run.reader = BatchBytes.open(packed);
        run.clientId = string(run.reader.text(1));
        Client storage client = _knownClient(run.clientId);
        // To go on would fail and undo the freeze.
        if (_runUpdates(run, client)) return;
        Height memory height = run.reader.height();
        run.templates = run.reader.templates();
        (run.headsAt, run.count) = run.reader.heads(run.templates.length);
        bytes calldata pool = run.reader.proof(run.count);
        if (run.count != 0) {
            _prove(run, client, height, pool);
            _runMessages(run);
        }
        run.reader.close();
    }

    /// @return frozen Whether one of them proved misbehaviour.
    function _runUpdates(Run memory run, Client storage client) private returns (bool frozen) {
        uint256 count = run.reader.integer(1);
        for (uint256 i = 0; i < count; ++i) {
            UpdateResult result = client.light.updateClient(run.reader.text(3));
            emit ICS02ClientUpdated(run.clientId, result);
            if (result == UpdateResult.Misbehaviour) return true;
        }
    }

    /// @dev Has the client say what the other chain stores for each message.
    function _prove(Run memory run, Client storage client, Height memory height, bytes calldata pool) private view {
        run.counterpartyId = _otherEnd(_pairedClient(run.clientId));
        run.frames = new BatchFrame.Frame[](4 * run.templates.length);
        (run.provenAt, run.values) = _proveBatch(client, run.clientId, height, pool, run.headsAt, run.count);
    }

    function _runMessages(Run memory run) private {
        for (uint256 i = 0; i < run.count; ++i) {
            Head head = BatchBytes.head(run.headsAt, i);
            _runOne(i, head, _callOf(run, head, run.values[i]));
        }
    }

    /// @dev Reads the body of a message and makes the call that runs it, in memory that stays free.
    function _callOf(Run memory run, Head head, bytes32 proven) internal view returns (bytes memory) {
        bool isTransfer = run.reader.form();
        uint256 place = _placeOf(head, isTransfer);
        // Made once; a function that returns it would make room for another one each time.
        BatchFrame.Frame memory frame = run.frames[place];
        if (frame.encoded.length == 0) frame = _makeFrame(run, head, isTransfer);
        bytes memory encoded = BatchFrame.begin(frame, head.sequence(), head.timeoutTimestamp());
        if (isTransfer) {
            (uint256 sender, uint256 receiver) = run.reader.parties();
            uint256 amount = run.reader.amount();
            BatchFrame.putTransfer(frame, encoded, sender, receiver, amount, run.reader.text(2));
        } else {
            BatchFrame.putValue(frame, encoded, run.reader.text(3));
        }
        bytes32 commitment = BatchFrame.commitment(frame, encoded);
        bytes calldata acknowledgement = msg.data[:0];
        if (head.kind() == BatchBytes.ACKNOWLEDGE) acknowledgement = run.reader.text(2);
        return BatchFrame.finish(head.kind(), commitment, proven, run.provenAt, encoded, acknowledgement);
    }

    function _runOne(uint256 position, Head head, bytes memory input) private {
        GasLeft.check(head.gasAmount());
        (bool done, bytes memory reason) = address(this).call{gas: head.gasAmount()}(input);
        if (done) return;
        // Running out of gas leaves no data, and must never become a skip.
        bool starved = reason.length == 0 || bytes4(reason) == IRouter.NotEnoughGas.selector;
        require(!starved, IBatches.MessageStarved(position, head.gasAmount()));
        emit IBatches.MessageSkipped(position, uint8(head.kind()), head.sequence(), reason);
    }

    /// @dev Which frame a message has: one of the four of its template.
    function _placeOf(Head head, bool isTransfer) private pure returns (uint256) {
        unchecked {
            return 4 * head.template() + (head.kind() == BatchBytes.RECEIVE ? 2 : 0) + (isTransfer ? 1 : 0);
        }
    }

    /// @dev Makes what the message has in common with others.
    function _makeFrame(Run memory run, Head head, bool isTransfer)
        private
        pure
        returns (BatchFrame.Frame memory frame)
    {
        (string memory source, string memory destination) = head.kind() == BatchBytes.RECEIVE
            ? (run.counterpartyId, run.clientId)
            : (run.clientId, run.counterpartyId);
        frame = BatchFrame.build(run.templates[head.template()], source, destination, isTransfer);
        run.frames[_placeOf(head, isTransfer)] = frame;
    }
}
