// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IHaltable, ScopeKind} from "../interfaces/IHaltable.sol";
import {Halts} from "../libraries/Halts.sol";

/// @title HaltDesk
/// @notice Writes the halts of the router. A halt of a client id is one of the contract behind it as well.
/// @dev A part of the router with an address of its own, because a contract has room for so much code only: it runs in
/// the router's place, by `delegatecall`. Called by anybody else it writes into its own storage, which nobody reads.
contract HaltDesk {
    using Halts for Halts.Book;

    /// @notice `IHaltable.setHalt`, in the router's place, which checked who calls.
    /// @param place The slot of the router's book.
    /// @param lightKey The contract behind a client id, as a word; zero for other kinds.
    function write(uint256 place, ScopeKind kind, bytes32 key, uint64 until, bytes32 lightKey) external {
        Halts.Book storage book = _book(place);
        if (until == 0) _resume(book, kind, key, lightKey);
        else _halt(book, kind, key, until, lightKey);
    }

    function _halt(Halts.Book storage book, ScopeKind kind, bytes32 key, uint64 until, bytes32 lightKey) private {
        if (kind == ScopeKind.Client) book.writeClient(key, lightKey, until);
        else book.write(kind, key, until);
        emit IHaltable.ScopeHalted(kind, key, book.halts[kind][key].until);
        if (kind != ScopeKind.Client) return;
        kind = ScopeKind.ClientContract;
        emit IHaltable.ScopeHalted(kind, lightKey, book.halts[kind][lightKey].until);
    }

    function _resume(Halts.Book storage book, ScopeKind kind, bytes32 key, bytes32 lightKey) private {
        bool lightResumed;
        if (kind == ScopeKind.Client) lightResumed = book.resumeClient(key, lightKey);
        else book.resume(kind, key);
        emit IHaltable.ScopeResumed(kind, key);
        if (lightResumed) emit IHaltable.ScopeResumed(ScopeKind.ClientContract, lightKey);
    }

    function _book(uint256 place) private pure returns (Halts.Book storage book) {
        // Solidity has no other way to name a slot that another contract chose.
        assembly ("memory-safe") {
            book.slot := place
        }
    }
}
