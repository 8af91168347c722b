//! The law of attestors, judged by its own worlds: one module a theme.

mod accept;
mod collect;
mod fixture;
mod format;
mod fresh;
mod reject;
mod reject_claims;
mod reject_moves;
mod reject_proofs;
mod rejects;
mod replay;
mod shape;
mod vectors;
