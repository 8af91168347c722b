//! Merkle proofs: Ethereum tries and SSZ branches.
