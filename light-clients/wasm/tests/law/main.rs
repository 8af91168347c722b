//! The contract's entry points over a store in memory, called as ibc-go calls them.

mod bls;
mod guardians;
mod host;
mod messages;
mod migrations;
mod noise;
mod recovery;
mod scene;
mod stores;
mod vectors;
