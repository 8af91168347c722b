//! The law of `merkle::ics23` on the stores of this crate, beside an independent judge: the crate `ics23`.
//!
//! Here because tests of law see law alone. The shared vectors of the law are written here, too, from trees that the
//! law had no hand in.

mod forged;
mod generate;
mod honest;
mod judge;
mod mutants;
mod pool;
mod stricter;
mod support;
