//! The law of CometBFT chains, judged by worlds of foreign making, recordings and another verifier: one module a theme.

mod accept;
mod captures;
mod codec;
mod evidence;
mod fixture;
mod fresh;
mod incidents;
mod judge;
mod keys;
mod mutants;
mod proofs;
mod recorded;
mod recordings;
mod rejects;
mod rejects_sets;
mod rejects_start;
mod states;
mod store;
mod vectors;
