// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PacketBytes} from "../src/libraries/PacketBytes.sol";
import {CommitmentStore} from "../src/router/CommitmentStore.sol";
import {Prover} from "./Prover.sol";

/// @title ReceiptsSpec
/// @notice A packet is received at most once, and what is provable is written only where its path says (I1); it is settled
/// once, and a late answer is written once (I3). Of `src/router/CommitmentStore.sol`. Client ids are tried with the lengths
/// 8 and 9, packets with 64 and 96 bytes, answers with 40: no code depends on their lengths. The prover takes Keccak-256
/// for free of collisions, and SHA-256 for any function.
contract ReceiptsSpec is CommitmentStore, Prover {
    /// @notice After a packet was received, none is received under its client and sequence: not it, and no other.
    function check_nothing_is_received_twice(uint64 sequence, bool long, bool longPacket, bool longOther)
        external
        inAnyState
    {
        string memory client = _client(long);
        bytes memory packet = _packet(longPacket);
        // Spec: the hash of a packet is not zero.
        if (PacketBytes.receipt(packet) == 0) return;
        _writeReceipt(client, sequence, packet);
        assert(_commitment(PacketBytes.receiptKey(client, sequence)) == PacketBytes.receipt(packet));
        bool again = _writeReceipt(client, sequence, _packet(longOther));
        assert(!again);
    }

    /// @notice A receipt is written for what was not received, and then it is the packet's.
    function check_a_receipt_says_what_was_received(uint64 sequence, bool long, bool longPacket) external inAnyState {
        string memory client = _client(long);
        bytes memory packet = _packet(longPacket);
        bytes32 key = PacketBytes.receiptKey(client, sequence);
        bytes32 before = _commitment(key);
        bool written = _writeReceipt(client, sequence, packet);
        assert(written == (before == 0));
        assert(_commitment(key) == PacketBytes.receipt(packet));
    }

    /// @notice Receiving writes under one path and no other.
    function check_a_receipt_is_written_in_its_place_only(uint64 sequence, bool long, bytes32 other)
        external
        inAnyState
    {
        string memory client = _client(long);
        if (other == PacketBytes.receiptKey(client, sequence)) return;
        bytes32 before = _commitment(other);
        _writeReceipt(client, sequence, _packet(false));
        assert(_commitment(other) == before);
    }

    /// @notice Neither sending nor answering touches a receipt, whatever client and sequence they are for.
    function check_nothing_else_touches_a_receipt(
        uint64 sequence,
        bool long,
        uint64 otherSequence,
        bool otherLong,
        bool sends
    ) external inAnyState {
        bytes32 key = PacketBytes.receiptKey(_client(long), sequence);
        bytes32 before = _commitment(key);
        string memory other = _client(otherLong);
        if (sends) _writeCommitment(other, otherSequence, keccak256(_packet(false)));
        else _writeAcknowledgement(other, otherSequence, _anyBytes(40));
        assert(_commitment(key) == before);
    }

    /// @notice An answer is written in its place, and nowhere else.
    function check_an_answer_is_written_in_its_place_only(uint64 sequence, bool long, bytes32 other)
        external
        inAnyState
    {
        string memory client = _client(long);
        bytes32 key = PacketBytes.acknowledgementKey(client, sequence);
        bytes32 before = _commitment(other);
        bytes memory answer = _anyBytes(40);
        _writeAcknowledgement(client, sequence, answer);
        assert(_commitment(key) == PacketBytes.acknowledgement(answer));
        if (other != key) assert(_commitment(other) == before);
    }

    /// @notice A commitment is deleted once: the second acknowledgement or timeout of a packet finds none, and neither finds
    /// one that is another packet's.
    function check_a_commitment_is_deleted_once(
        uint64 sequence,
        bool long,
        bytes32 sent,
        bytes32 acknowledged,
        bytes32 timedOut
    ) external inAnyState {
        string memory client = _client(long);
        bytes32 key = PacketBytes.commitmentKey(client, sequence);
        if (sent == 0 || _commitment(key) != sent) return;
        bool deleted = _deleteCommitment(client, sequence, acknowledged);
        assert(deleted && acknowledged == sent && _commitment(key) == 0);
        assert(!_deleteCommitment(client, sequence, timedOut));
        assert(_commitment(key) == 0);
    }

    /// @notice Settling touches nothing but the packet's commitment.
    function check_settling_touches_nothing_else(uint64 sequence, bool long, bytes32 expected, bytes32 other)
        external
        inAnyState
    {
        string memory client = _client(long);
        if (other == PacketBytes.commitmentKey(client, sequence)) return;
        bytes32 before = _commitment(other);
        _deleteCommitment(client, sequence, expected);
        assert(_commitment(other) == before);
    }

    /// @notice A late answer is written once, for the packet that was received, where there is none.
    function check_a_late_answer_is_written_once(uint64 sequence, bool long, bool longPacket, bool longOther)
        external
        inAnyState
    {
        string memory client = _client(long);
        bytes memory packet = _packet(longPacket);
        bytes memory answer = _anyBytes(40);
        bytes32 key = PacketBytes.acknowledgementKey(client, sequence);
        bytes32 before = _commitment(key);
        _writeLateAcknowledgement(client, sequence, packet, answer);
        assert(before == 0 && _commitment(PacketBytes.receiptKey(client, sequence)) == PacketBytes.receipt(packet));
        assert(_commitment(key) == PacketBytes.acknowledgement(answer));
        // A second one reverts: nothing behind it is reached.
        if (PacketBytes.acknowledgement(answer) == 0) return;
        _writeLateAcknowledgement(client, sequence, _packet(longOther), _anyBytes(40));
        assert(false);
    }

    function _client(bool long) private view returns (string memory) {
        return long ? _anyText(9) : _anyText(8);
    }

    function _packet(bool long) private view returns (bytes memory) {
        return long ? _anyBytes(96) : _anyBytes(64);
    }
}
