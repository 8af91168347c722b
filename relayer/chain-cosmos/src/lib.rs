//! The adapter of chains that run CometBFT and the Cosmos SDK.
//!
//! [`Cosmos`] serves the asks of `relayer/chain` for one chain: `head` and `news` (where it stands), `blocks` (what happened to
//! packets), `views` (clients), `updates` (headers), `proofs`, `leaves` (both of them for policies),
//! `flights` (submissions), `create` and `verify` (pairs).
//!
//! The node's JSON-RPC ([`Rpc`]): signed headers, validators, results of blocks, queries proven and plain. Nothing in an answer
//! is to be believed because a node said it: headers are judged by the light client, proofs against its roots. What a node
//! refuses is sorted by what helps ([`Refusal`]).
//!
//! Transactions ([`Wallet`]): several accounts in parallel; simulated, signed, handed over, and then found, or certainly dead.
//! Pure parts decide (`sign`, `book`, `price`, `rules`, `trouble`); `send` and `fate` ask the node in between.
//!
//! Packets ([`Packets`]): what the results of a block say happened to them, for IBC v1 and v2. Of v1 unordered channels are carried (`channels`).
//!
//! Connections and channels of IBC v1 ([`ConnectionHandshake`], [`ChannelHandshake`], [`ChannelClosing`]): `steps` says which step is
//! next by what both chains have, `handshake` takes it with a fresh proof of `link`, and [`ChannelView`] is one that is there.
//!
//! Clients that were deceived: `believed` reads what a client on this chain was made to believe, `notices` compares what a client
//! of this chain believes with the chain.
//!
//! What this crate must never do: decide what is true (the law crates do), or what to do next (`relayer/core` does).

mod answers;
mod believed;
mod blocks;
mod book;
mod channel;
mod channel_events;
mod channel_view;
mod channels;
mod client_events;
mod close;
mod connection;
mod connection_messages;
mod cosmos;
mod create;
#[cfg(test)]
mod decoders_tests;
mod deliver;
#[cfg(test)]
mod fake_ibc;
#[cfg(test)]
mod fake_ibc_host;
#[cfg(test)]
mod fake_mood;
#[cfg(test)]
mod fake_node;
#[cfg(test)]
mod fake_port;
#[cfg(test)]
mod fake_tx;
mod fate;
mod faults;
mod flights;
mod follower;
mod form;
mod handshake;
mod head;
mod ibc;
mod ibc_channel;
mod ibc_connection;
mod ibc_v1;
mod lacking;
mod large;
mod leaves;
mod link;
mod look;
mod meter;
mod misfit;
mod news;
mod notices;
mod packet_messages;
mod packets;
mod pages;
#[cfg(test)]
mod port_tests;
mod price;
mod proofs;
mod query;
mod refusal;
mod rivals;
mod roots;
mod rpc;
mod rules;
mod send;
mod sequence;
mod shown;
mod sifted;
mod sign;
mod steps;
#[cfg(test)]
mod storm_tests;
mod trouble;
mod updates;
mod verify;
mod verify_wasm;
mod views;
mod wallet;
mod wasm;

pub use answers::{Broadcast, Commit, Event, Included, Proven, Queried, Results, Status, TxResult};
pub use channel::{ChannelHandshake, ChannelWish, Channelled};
pub use channel_events::{ChannelEvent, ChannelHeader};
pub use channel_view::ChannelView;
pub use client_events::ClientEvent;
pub use close::ChannelClosing;
pub use connection::{Connected, ConnectionHandshake, ConnectionId};
pub use cosmos::{Cosmos, Settings};
pub use cosmrs::Any;
pub use create::{Created, Terms};
pub use fate::{Death, Failure, Fate, Landed};
pub use follower::Follower;
pub use handshake::{Progress, Step, StepTaken};
pub use head::BEHIND_BLOCKS;
pub use misfit::{HandshakeFault, Misfit, Rule};
pub use packets::{PacketAt, PacketEvent, Packets, Unread};
pub use price::{BadPrice, Price};
pub use refusal::{Refusal, Said};
pub use rpc::{Answered, Rpc};
pub use rules::{Pay, Rules};
pub use send::{Flight, Handed, Signed, Tried};
pub use sign::{BadKey, Key};
pub use steps::State;
pub use trouble::Trouble;
pub use verify_wasm::WasmEnd;
pub use wallet::{BadWallet, Turn, Wallet};
pub use wasm_client::CAPACITY_MAX as WASM_CAPACITY_MAX;
