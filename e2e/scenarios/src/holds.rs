//! What can be done about a transfer that waits: look, release, cancel.
//!
//! Calls and views only: who does it, and when, is for a scenario.

use crate::{
    contracts::{Guardians as Contract, Router, Transfer},
    end::End,
    guardians::{Guardians, SMALL_QUORUM},
    site::Role,
};
use alloy::{
    primitives::{Address, U256, keccak256},
    sol_types::SolValue,
};
use anyhow::Result;
use chain_evm::abi::to_sol;
use guardian_core::digest::{Statement, Ticket};
use wire::{Packet, sign::Domain};

/// How long the guardians' signatures count.
const EXPIRY_SECS: u64 = 12 * 3_600;
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

/// The call, of the guardians' contract at the address that comes along, by which the small quorum cancels a transfer.
pub(crate) async fn cancel(end: &End, packet: &Packet) -> Result<(Address, Contract::cancelHoldCall)> {
    let user = end.wallet(Role::User)?;
    let router = Router::new(end.router, &user.provider);
    let contract = router.guardians().call().await?;
    let now = user.now().await?;
    let receipt = wire::commit::receipt(packet);
    let ticket = Ticket {
        // Any number that nobody used: a part of a hash.
        nonce: receipt
            .0
            .iter()
            .take(8)
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        expiry: now + EXPIRY_SECS,
    };
    let statement = Statement::Cancel {
        path: keccak256(packet.destination_client.as_str()),
        packet: receipt,
    };
    let domain = Domain::evm(end.site.chain_id, contract, 1);
    let signatures = Guardians::new()?.sign(SMALL_QUORUM, statement, &domain, ticket)?;
    let call = Contract::cancelHoldCall {
        packet: Contract::Packet::abi_decode(&to_sol(packet).abi_encode())?,
        approval: Contract::Approval {
            nonce: ticket.nonce,
            expiry: ticket.expiry,
            signatures,
        },
    };
    Ok((contract, call))
}
