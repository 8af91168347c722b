//! Why a transaction is not taken: the texts that clients of geth know.

use alloy_primitives::U256;

/// Why a transaction did not enter the pool. Texts follow geth's, because clients read them.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Refused {
    #[error("rlp: {0}")]
    Encoding(String),
    #[error("transaction type not supported")]
    TypeNotSupported,
    #[error("invalid chain id for signer: have {have} want {want}")]
    ChainId { have: u64, want: u64 },
    #[error("only replay-protected (EIP-155) transactions allowed over RPC")]
    NoReplayProtection,
    #[error("invalid sender")]
    Signature,
    #[error("already known")]
    AlreadyKnown,
    #[error("nonce too low: next nonce {next}, tx nonce {nonce}")]
    NonceTooLow { next: u64, nonce: u64 },
    #[error("replacement transaction underpriced")]
    ReplacementUnderpriced,
    #[error("insufficient funds for gas * price + value: balance {balance}, tx cost {cost}, overshot {}", .cost - .balance)]
    InsufficientFunds { balance: U256, cost: U256 },
    #[error("intrinsic gas too low: gas {gas}, minimum needed {needed}")]
    IntrinsicGas { gas: u64, needed: u64 },
    #[error("insufficient gas for floor data gas cost: gas {gas}, minimum needed {needed}")]
    FloorGas { gas: u64, needed: u64 },
    #[error("transaction gas limit too high (cap: {cap}, tx: {gas})")]
    GasOverCap { cap: u64, gas: u64 },
    #[error("exceeds block gas limit")]
    GasOverBlock,
    #[error(
        "max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: {tip}, maxFeePerGas: {cap}"
    )]
    TipOverCap { tip: u128, cap: u128 },
    #[error("max initcode size exceeded: code size {size}, limit {limit}")]
    InitcodeSize { size: usize, limit: usize },
    #[error("txpool is full")]
    PoolFull,
}
