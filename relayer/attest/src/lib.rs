//! An attestor: it signs what its own node says of final blocks, for the clients that it is told, over HTTP.
//!
//! Whoever collects signatures asks for a block; the answer is signed only when the block is final for this attestor's own
//! endpoints. Every claim is written into a book before it is signed, so that no restart and no lying node makes it sign two
//! claims about one block: that would cost it its weight.
//!
//! It signs a rotation to another set only if its operator wrote down that very set: who follows is for people to decide.
//!
//! What this crate must never do: sign what somebody else says, sign before the book is on disk, or sign for a client that
//! the operator did not name.

mod book;
mod paper;
mod server;

pub use book::{Book, BookError};
pub use server::{Attestor, Consent, Served, serve};
