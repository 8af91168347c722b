//! The chain from outside: over its two interfaces and its handle.

mod beacon;
mod common;
mod faults;
mod state;
mod transactions;
