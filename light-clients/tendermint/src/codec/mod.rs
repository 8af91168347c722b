//! Bytes of the messages, both ways: `Header`, `Misbehaviour` and `ConsensusState` of ibc-go's 07-tendermint.
//!
//! Reading is strict: one order, no idle byte, nothing unknown or twice, sizes within bounds. What is left that may differ
//! between two encodings of one meaning decides nothing: priorities, which validator proposes next, and a signature that is
//! not needed. Nothing is ever keyed by these bytes.

mod read;
mod write;

pub use read::{LENGTH_MAX, decode_bootstrap, decode_evidence, decode_update};
pub use write::{encode_bootstrap, encode_evidence, encode_update};
