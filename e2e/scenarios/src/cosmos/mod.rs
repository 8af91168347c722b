//! Scenarios of Cosmos chains, embedded ones and those of simd.
//!
//! Decides what is done and what has to hold then; how a chain is started and how its time passes is its owner's affair.

mod account;
pub mod bank;
mod carry;
pub(crate) mod deceived;
pub mod embedded;
pub(crate) mod entry;
mod forged;
mod pace;
pub(crate) mod relayed;
pub mod sent;
pub(crate) mod sent_packets;
pub mod served;
pub(crate) mod side;
mod site;
mod stepped;
pub mod transfer;
mod watched;

pub use account::{account, hashed_account};
pub use carry::Carry;
pub use entry::chain_section;
pub use pace::Pace;
pub use site::CosmosSite;
pub use stepped::stepped;

/// First part of the addresses of accounts.
pub const PREFIX: &str = "cosmos";
/// The coin of fees.
pub const STAKE: &str = "stake";
/// A coin that is only sent.
pub const TOKEN: &str = "token";
/// What every account of a role owns of each coin.
pub const BALANCE: u64 = 1_000_000_000_000;
