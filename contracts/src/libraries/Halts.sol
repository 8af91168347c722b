// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ScopeKind} from "../interfaces/IHaltable.sol";

/// @title Halts
/// @notice Decides what is halted now, from what was written before. It must never shorten a halt except by a resume,
/// and never let the resume of one scope take off what somebody else halted.
/// @dev Twin of `guardian/core`, module `halt`: same names, same traces. Plain storage logic, without loops, calls or
/// assembly, so that its properties can be proven. Spec: PROTOCOL section 4.
library Halts {
    /// @notice The halt of one scope; one slot.
    struct Halt {
        /// When it ends by itself, in seconds of block time; 0 = never halted, or resumed.
        uint64 until;
        /// The number of the newest halt of this scope, counted over all scopes of the book; 0 = never halted.
        uint64 serial;
        /// Of a client id: the number that the halt of its contract got by this one, while this one alone is behind
        /// that; 0 when the contract is halted for a reason of its own.
        uint64 partner;
    }

    /// @dev The end of a halt that only a resume ends.
    uint64 internal constant ENDLESS = type(uint64).max;

    /// @notice All halts of one contract.
    struct Book {
        /// How many halts were written.
        uint64 count;
        /// No halt that ends by itself ends later.
        uint64 latest;
        /// How many scopes are halted until they are resumed.
        uint64 endless;
        mapping(ScopeKind kind => mapping(bytes32 key => Halt halt)) halts;
    }

    /// @notice Halts a scope at least until `until`.
    function write(Book storage book, ScopeKind kind, bytes32 key, uint64 until) internal {
        _write(book, book.halts[kind][key], until);
    }

    /// @notice Takes the halt of a scope off.
    function resume(Book storage book, ScopeKind kind, bytes32 key) internal {
        _resume(book, book.halts[kind][key]);
    }

    /// @notice Halts a client id and the contract behind it.
    function writeClient(Book storage book, bytes32 clientKey, bytes32 lightKey, uint64 until) internal {
        Halt storage client = book.halts[ScopeKind.Client][clientKey];
        Halt storage light = book.halts[ScopeKind.ClientContract][lightKey];
        bool alone = !_isOn(light) || _isAlone(client, light);
        _write(book, client, until);
        _write(book, light, until);
        client.partner = alone ? light.serial : 0;
    }

    /// @notice Takes the halt of a client id off, and that of its contract if this id alone was behind it.
    /// @return lightResumed Whether it did the second.
    function resumeClient(Book storage book, bytes32 clientKey, bytes32 lightKey) internal returns (bool lightResumed) {
        Halt storage client = book.halts[ScopeKind.Client][clientKey];
        Halt storage light = book.halts[ScopeKind.ClientContract][lightKey];
        lightResumed = _isAlone(client, light);
        client.partner = 0;
        _resume(book, client);
        if (lightResumed) _resume(book, light);
    }

    /// @notice Whether the halt of a scope is on.
    function isOn(Book storage book, ScopeKind kind, bytes32 key) internal view returns (bool) {
        return _isOn(book.halts[kind][key]);
    }

    /// @notice Whether any scope can be halted: one read, for those who meet no halt.
    function mayBeOn(Book storage book) internal view returns (bool) {
        return book.endless != 0 || block.timestamp < book.latest;
    }

    function _write(Book storage book, Halt storage halt, uint64 until) private {
        halt.serial = ++book.count;
        if (until <= halt.until) return;
        halt.until = until;
        if (until == ENDLESS) ++book.endless;
        else if (until > book.latest) book.latest = until;
    }

    function _resume(Book storage book, Halt storage halt) private {
        if (halt.until == ENDLESS) --book.endless;
        halt.until = 0;
    }

    function _isOn(Halt storage halt) private view returns (bool) {
        return block.timestamp < halt.until;
    }

    /// @dev Serials are unique, so no halt of another contract can look like the partner.
    function _isAlone(Halt storage client, Halt storage light) private view returns (bool) {
        return client.partner != 0 && client.partner == light.serial;
    }
}
