// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ScopeKind} from "../src/interfaces/IHaltable.sol";
import {Halts} from "../src/libraries/Halts.sol";
import {Prover} from "./Prover.sol";

/// @title HaltsSpec
/// @notice A halt is never shortened except by a resume, ends by itself, and is never overlooked (I5), of
/// `src/libraries/Halts.sol`. The book may hold anything at all.
contract HaltsSpec is Prover {
    using Halts for Halts.Book;

    Halts.Book private _book;

    /// @notice No halt of any scope shortens the halt of any scope, and each lasts at least as long as was asked.
    function check_a_halt_is_never_shortened(uint8 first, bytes32 key, uint64 until, uint8 second, bytes32 otherKey)
        external
        inAnyState
    {
        (ScopeKind kind, ScopeKind other) = (_kind(first), _kind(second));
        uint64 before = _until(other, otherKey);
        _book.write(kind, key, until);
        assert(_until(other, otherKey) >= before);
        assert(_until(kind, key) >= until);
    }

    /// @notice The same for the halt of a client, which halts its contract too.
    function check_a_client_halt_shortens_none(
        bytes32 client,
        bytes32 light,
        uint64 until,
        uint8 second,
        bytes32 otherKey
    ) external inAnyState {
        ScopeKind other = _kind(second);
        uint64 before = _until(other, otherKey);
        _book.writeClient(client, light, until);
        assert(_until(other, otherKey) >= before);
        assert(_until(ScopeKind.Client, client) >= until && _until(ScopeKind.ClientContract, light) >= until);
    }

    /// @notice A resume takes off its own halt, and no other.
    function check_a_resume_takes_off_its_own_halt_only(uint8 first, bytes32 key, uint8 second, bytes32 otherKey)
        external
        inAnyState
    {
        (ScopeKind kind, ScopeKind other) = (_kind(first), _kind(second));
        uint64 before = _until(other, otherKey);
        _book.resume(kind, key);
        assert(!_book.isOn(kind, key));
        if (kind != other || key != otherKey) assert(_until(other, otherKey) == before);
    }

    /// @notice The resume of a client takes off its halt, and that of its contract only if it says so.
    function check_a_client_resume_takes_off_no_other(bytes32 client, bytes32 light, uint8 second, bytes32 otherKey)
        external
        inAnyState
    {
        ScopeKind other = _kind(second);
        uint64 before = _until(other, otherKey);
        bool both = _book.resumeClient(client, light);
        assert(!_book.isOn(ScopeKind.Client, client));
        bool resumed = (other == ScopeKind.Client && otherKey == client)
            || (both && other == ScopeKind.ClientContract && otherKey == light);
        if (!resumed) assert(_until(other, otherKey) == before);
    }

    /// @notice What somebody else halted stays halted when a client is resumed that was halted before: a halt of the
    /// contract itself, or one through another id of it.
    function check_a_client_resume_leaves_what_others_halted(
        bytes32 client,
        bytes32 otherClient,
        bytes32 light,
        uint64 until,
        bool byId
    ) external inAnyState {
        if (client == otherClient) return;
        _book.writeClient(client, light, until);
        if (byId) _book.writeClient(otherClient, light, until);
        else _book.write(ScopeKind.ClientContract, light, until);
        uint64 before = _until(ScopeKind.ClientContract, light);
        _book.resumeClient(client, light);
        assert(_until(ScopeKind.ClientContract, light) == before);
    }

    /// @notice A halt is on before its end, and from its end on it is not: without a transaction.
    function check_a_halt_ends_by_itself(uint8 first, bytes32 key) external inAnyState {
        ScopeKind kind = _kind(first);
        assert(_book.isOn(kind, key) == (block.timestamp < _until(kind, key)));
    }

    /// @notice The one read that tells that nothing is halted is never wrong: no halt that ends by itself ends after
    /// the latest end, and the endless ones are counted exactly. A step, for every scope; an empty book begins right.
    function check_no_halt_is_overlooked(
        uint8 first,
        bytes32 key,
        uint64 until,
        bool resumed,
        uint8 second,
        bytes32 otherKey
    ) external inAnyState {
        (ScopeKind kind, ScopeKind other) = (_kind(first), _kind(second));
        if (!_isWithin(kind, key) || !_isWithin(other, otherKey)) return;
        uint64 endless = _book.endless;
        uint64 before = _until(kind, key);
        if (resumed) _book.resume(kind, key);
        else _book.write(kind, key, until);
        // No other scope's end moves (see above), so the count stays that of all scopes.
        unchecked {
            assert(_book.endless == endless + _one(_until(kind, key)) - _one(before));
        }
        assert(_isWithin(kind, key) && _isWithin(other, otherKey));
    }

    /// @notice What the summary says is believed: while an endless halt is counted, or the latest end is to come.
    function check_the_summary_is_believed() external inAnyState {
        assert(_book.mayBeOn() == (_book.endless != 0 || block.timestamp < _book.latest));
    }

    /// @dev Of three kinds: those that the code names, and one for all that it does not. The prover must see each as a
    /// constant: it cannot tell that a slot computed from an unknown kind is one computed from a known kind.
    function _kind(uint8 first) private pure returns (ScopeKind) {
        if (first == 0) return ScopeKind.Client;
        if (first == 1) return ScopeKind.ClientContract;
        return ScopeKind.Asset;
    }

    function _isWithin(ScopeKind kind, bytes32 key) private view returns (bool) {
        uint64 until = _until(kind, key);
        return until == Halts.ENDLESS || until <= _book.latest;
    }

    function _one(uint64 until) private pure returns (uint64) {
        return until == Halts.ENDLESS ? 1 : 0;
    }

    function _until(ScopeKind kind, bytes32 key) private view returns (uint64) {
        return _book.halts[kind][key].until;
    }
}
