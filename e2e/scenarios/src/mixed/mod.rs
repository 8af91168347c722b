//! An EVM chain and a Cosmos chain with a light client of each on the other. Either is an embedded chain or a real one.
//!
//! Decides what is done and what has to hold then; how a chain is started and how its time passes is its owner's affair.

mod absent;
mod books;
mod crossing;
mod deceived;
pub mod embedded;
mod forged;
pub mod without;

pub use crate::draft::deploy_alone;
pub use crossing::{Crossing, Ground};
