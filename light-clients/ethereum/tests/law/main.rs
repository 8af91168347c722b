//! The law, judged by its own worlds: one module a theme.

mod batch;
mod captures;
mod evidence;
mod fixture;
mod incidents;
mod mutants;
mod networks;
mod objects;
mod proofs;
mod rejects;
mod rejects_start;
mod shape;
mod spec_assertions;
mod states;
mod vectors;
