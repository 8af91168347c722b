//! One suite of scenarios, run on embedded and on real chains.
//!
//! A scenario sees each chain as two endpoints and some funded keys ([`Site`]), and the relayer as a program
//! ([`Program`]). It must never reach into either: what passes here passes for an operator.

mod program;
mod report;
mod site;

pub use program::{Daemon, Program};
pub use report::{AttackResult, Latency, Packets, Report};
pub use site::{Role, Site};
