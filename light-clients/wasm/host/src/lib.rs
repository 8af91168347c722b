//! The contract: `wasm-client` behind the imports and exports of the CosmWasm virtual machine.
//!
//! Nothing is decided here. Bytes are handed over in regions of memory, as the machine wants it (interface version 8); the host's
//! store and pairings become the traits that `wasm-client` asks for. There is nothing here for any machine but wasm32, so that
//! the workspace builds everywhere.
//!
//! Why not `cosmwasm-std`: docs/adr/0008-own-wasm-shell.md.
#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(target_arch = "wasm32")]
mod imports;
#[cfg(target_arch = "wasm32")]
mod region;
