//! HTTP for operators: health, metrics, and packets, paths and status as JSON.
//!
//! The daemon writes to a [`Board`] and never waits for a reader; the server reads from it and from the store behind
//! [`Packets`]. So a slow or hostile client can take a connection, never time of the daemon.
//!
//! What this crate must never do: decide anything about a packet, change anything, or listen on more than loopback
//! unless the operator said so.

mod board;
mod limits;
mod metrics;
mod server;
mod view;

pub use board::Board;
pub use limits::Limits;
pub use metrics::{Metrics, Paid};
pub use server::{Filter, Packets, Unavailable, serve};
pub use view::{
    AmountView, ChainView, ChangeView, EndView, Found, HealthView, PacketView, PathView, PrunedView,
    StatusView, TroubleView,
};
