// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Domain
/// @notice What attestors and guardians sign: a digest that binds a statement to this chain, this contract and one set
/// of signers.
/// @dev It never says whose signature counts. Nothing in a digest has a variable length, so two statements never have
/// one digest. Spec: docs/formats/signatures.md. Twin of `wire::sign`.
library Domain {
    /// @dev First word of every digest. Byte 0x19 begins no transaction and no RLP list (EIP-191).
    bytes32 internal constant TAG = "\x19Weighbridge statement";
    /// @dev Second word of every digest.
    uint256 internal constant VERSION = 1;

    /// @notice What a statement is about. The numbers are those of `wire::sign::Kind`.
    enum Kind {
        /// No statement.
        None,
        /// Attestors: a state of the counterparty chain.
        AttestedState,
        /// Attestors: the set that follows theirs.
        AttestorRotation,
        /// Guardians: halt a scope.
        GuardianHalt,
        /// Guardians: keep a scope halted for longer.
        GuardianConfirm,
        /// Guardians: start a scope again.
        GuardianResume,
        /// Guardians: cancel a transfer on hold.
        GuardianCancel
    }

    /// @notice What is signed for the contract that calls this.
    /// @param kind What the statement is about.
    /// @param set Number of the set of signers.
    /// @param statement keccak256 over the words of the statement, in the order that the kind prescribes: `abi.encode`
    /// of values that have one word each.
    function digest(Kind kind, uint64 set, bytes32 statement) internal view returns (bytes32) {
        return digestAt(kind, bytes32(block.chainid), bytes32(uint256(uint160(address(this)))), set, statement);
    }

    /// @notice The same for a contract on another chain.
    function digestAt(Kind kind, bytes32 chain, bytes32 verifier, uint64 set, bytes32 statement)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(TAG, VERSION, kind, chain, verifier, set, statement));
    }
}
