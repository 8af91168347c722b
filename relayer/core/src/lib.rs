//! The packet machine: inputs in, effects out, no I/O.
//!
//! `event -> plan -> proof -> submit -> ack` is one line of files here: `scan`, `plan` and `choose`, `prove`, `submit`
//! with `fill`, `fee` and `flight`, `settle`. [`step()`] is the only place where a packet's stage changes, [`Relayer::handle`] the
//! only entry, [`Effects::release`] the only exit: asks leave after the records that explain them are durable, so that a
//! crash at any moment is "replay from the store".
//!
//! What this crate must never do: read a clock, wait, log, touch a disk or a network, panic on any input, or believe an
//! endpoint. Time is an input; a retry is a deadline; every update and proof is judged by the light client that runs on
//! the other chain before it costs gas.
//!
//! How a driver uses it: open the store, [`Relayer::open`], then for every reply of a chain and at least once a second a
//! [`Input::Tick`]: `handle`, `release` with one write transaction of the store, send the asks that come out.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

mod absence;
mod asks;
mod audit;
mod beliefs;
mod choose;
mod config;
mod cost;
mod done;
mod effects;
mod errand;
mod explain;
mod fee;
mod fill;
mod flight;
mod front;
mod head;
mod judge;
mod keep;
mod lane;
mod late;
mod look;
mod machine;
mod names;
mod order;
mod packet;
mod page;
mod pages;
mod park;
mod passed;
mod pause;
mod peek;
mod place;
mod plan;
mod prove;
mod recheck;
mod record;
mod refuse;
mod reread;
mod restore;
mod scan;
mod settle;
mod step;
mod submit;
mod trip;
mod update;
mod words;

pub use config::{BadConfig, BatchPolicy, ChainConfig, Config, EndConfig, FeePolicy, Limits, PathConfig};
pub use effects::{Effects, Note, Outgoing, Released};
pub use errand::due_errand;
pub use explain::{ChainStatus, EndStatus, Explanation, Next};
pub use fee::quote;
pub use judge::{Delays, Footing, Judge, Law, PoolPart, Pooled, ProofAt, Refusal, Stand};
pub use keep::{Keep, Pruned, Totals};
pub use machine::{Input, Relayer};
pub use names::{EndName, PacketId};
pub use packet::{Change, HISTORY_MAX, PacketRecord, Trouble};
pub use record::{Cursor, FlightRecord, FlightState, FrontCursor, Record, Restored};
pub use step::{Carrier, Fact, Impossible, Leg, Setback, Stage, Standing, step};
