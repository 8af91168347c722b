//! Endpoints of chains, whatever the chain: where to ask, how long to wait, how much to read, whom to ask next.
//!
//! An adapter says what is asked and judges the form of what comes back ([`Complaint`]); here is decided which endpoint is
//! asked, how long one at fault rests, and which [`chain::Fault`] the relayer sees.
//!
//! What this crate must never do: judge content, follow a redirect, or print a url, which may hold credentials.

mod clock;
mod complaint;
mod http;
mod json_rpc;
mod lacks;
mod pool;
#[cfg(feature = "testing")]
pub mod testing;

pub use clock::now;
pub use complaint::{Complaint, Defect};
pub use http::{Response, exchange};
pub use json_rpc::{ErrorObject, ask};
pub use pool::{Endpoint, Limits, Pool, Said, Whom, all_of, label, shortened};
