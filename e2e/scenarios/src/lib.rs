//! One suite of scenarios, run on embedded and on real chains.
//!
//! A scenario sees each chain as two endpoints and some funded keys ([`Site`]), and the relayer as a program
//! ([`Program`]). It must never reach into either: what passes here passes for an operator. Only the attacks need more,
//! for on a real chain nobody could forge what they forge.

pub mod apart;
pub mod attacks;
mod backlog;
mod books;
mod bridge;
mod calls;
pub mod composed;
mod contracts;
pub mod cosmos;
mod council;
mod crashes;
pub mod crowd;
mod draft;
pub mod embedded;
mod end;
pub mod gas;
mod govern;
pub mod guardians;
mod halts;
mod haul;
mod holds;
mod job;
mod limits;
mod migrate;
pub mod mixed;
pub mod operator;
mod port;
mod post;
mod program;
mod reason;
mod report;
mod seed;
mod site;
mod thief;
mod tracker;
mod troubled;
mod wallet;

pub use bridge::{Bridge, trusted};
pub use calls::Calls;
pub use crashes::Plan;
pub use draft::Artifact;
pub use end::{End, Sent, Settled};
pub use job::{Job, Say, Size};
pub use program::{Daemon, Program};
pub use reason::Reasons;
pub use report::{AttackResult, Latency, Packets, Report};
pub use seed::fresh_seed;
pub use site::{Role, Site};
pub use tracker::{Side, Tracked, Tracker};
pub use wallet::Wallet;
