//! The disk: redb tables, versions and the event log.
//!
//! The store keeps what the packet machine wants kept: packets by (path end, sequence), cursors, submissions, and a
//! bounded log of what happened. One call of [`Store::write`] is one transaction, durable when it returns; it is what
//! `Effects::release` is given. It must never decide anything, and never lose or overwrite what it cannot read. What is
//! over is kept as long as [`relayer_core::Keep`] says; [`Store::prune`] deletes the rest, a little at a time.
//!
//! One process at a time can open the file for writing, and nobody can read beside it. A command that finds it locked
//! ([`StoreError::is_locked`]) asks the daemon over HTTP; [`daemon_address`] says where. While no daemon runs,
//! [`Store::open_read_only`] reads the file itself.

mod bytes;
mod codec;
mod codec_flight;
mod codec_packet;
mod codec_steps;
#[cfg(test)]
mod codec_tests;
#[cfg(test)]
mod codec_versions_tests;
mod error;
mod log;
mod migrate;
mod owner;
mod prune;
mod read;
mod store;
#[cfg(test)]
mod store_tests;

pub use bytes::Unreadable;
pub use error::StoreError;
pub use log::LogEntry;
pub use owner::daemon_address;
pub use prune::Forgotten;
pub use store::{SCHEMA, Store};
