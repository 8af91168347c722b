//! The chain as others see it: over its JSON-RPC, by the relayer's adapter, judged by verifiers of other authors.

mod events;
mod forms;
mod light;
mod net;
mod packets;
mod port;
mod relay;
mod socket;
mod transactions;
mod troubles;
mod v2_refusals;
mod wasm;
