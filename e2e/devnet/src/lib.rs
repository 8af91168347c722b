//! Embedded chains: an EVM on revm under a simulated beacon chain.
