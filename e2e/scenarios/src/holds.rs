//! What anybody can do about a transfer that waits: look, and release. Guardians cancel it: see `council`.
//!
//! Calls and views only: who does it, and when, is for a scenario.

use crate::{contracts::Transfer, end::End, site::Role};
use alloy::{
    primitives::{Address, U256},
    sol_types::SolValue,
};
use anyhow::Result;
use chain_evm::abi::to_sol;
use wire::Packet;

/// `HoldState.Waiting` by its number.
const WAITING: u8 = 1;
/// The direction in which received value leaves.
pub(crate) const RECEIVE: u8 = 1;

/// Whether `packet` was received at `end` and waits.
pub(crate) async fn waits(end: &End, packet: &Packet) -> Result<bool> {
    let provider = end.wallet(Role::User)?.provider;
    let (client, sequence) = (packet.destination_client.to_string(), packet.sequence.get());
    let transfer = Transfer::new(end.transfer, provider);
    let hold = transfer.getHold(client, sequence).call().await?;
    Ok(hold.state == WAITING)
}

/// What may leave now of `token` over `client`.
pub(crate) async fn available(end: &End, client: &str, token: Address) -> Result<U256> {
    let provider = end.wallet(Role::User)?.provider;
    let transfer = Transfer::new(end.transfer, provider);
    let lane = transfer.getLane(client.into(), token, RECEIVE).call().await?;
    Ok(lane.available)
}

/// The call, of the transfer application, that releases a transfer. Anybody may.
pub(crate) fn release(packet: &Packet) -> Result<Transfer::releaseHoldCall> {
    let packet = Transfer::Packet::abi_decode(&to_sol(packet).abi_encode())?;
    Ok(Transfer::releaseHoldCall { packet })
}
