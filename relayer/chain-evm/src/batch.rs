//! A submission as one `Router.batch`, and back: what it declares, what it skipped, why it reverted.
//!
//! A batch skips a message that fails, and pays for it. So its messages are rehearsed before, by the calls that they
//! would have had alone: what fails there is named, and costs nothing.
//!
//! What this module must never do: put a message at another place than the submission has it, because the router tells of
//! messages by their places.

use crate::abi::Router;
use crate::calls::{Calls, messages_of};
use crate::revert::describe;
use crate::rpc::{At, Call, Receipt, Rpc};
use crate::submit::find_culprit;
use crate::told;
use alloy_primitives::{Address, Bytes, U64};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use chain::{Fault, Gas, Message, MessageKind, Revert, Skip, Submission};
use endpoints::Complaint;
use std::collections::BTreeMap;
use wire::batch::{Action, Batch};
use wire::{Packet, PortId};

/// Messages that are rehearsed in one call: nodes bound what one call may use.
const REHEARSED_AT_ONCE: usize = 20;
/// What the router's check of an application's gas needs beside the application: a cold call and what follows it.
const CALL_OVERHEAD_GAS: u64 = 10_000;

/// Runs the messages as calls of their own on the newest block; one that fails is named.
pub(crate) async fn rehearse(
    rpc: &Rpc,
    from: Address,
    router: Address,
    calls: &Calls,
) -> Result<(), Complaint> {
    for (at, messages) in (0u32..).zip(calls.messages.chunks(REHEARSED_AT_ONCE)) {
        let some = Calls {
            updates: calls.updates.clone(),
            messages: messages.to_vec(),
        };
        let whole = run(from, router, some.multicall(), None);
        let Err(refusal) = rpc.call(&whole, At::Latest).await? else {
            continue;
        };
        if !refusal.is_revert() {
            return Err(refusal.into_complaint("eth_call"));
        }
        // If each of them succeeds alone, one call was too small for all of them: then the estimate decides.
        if let Some(mut revert) = find_culprit(rpc, from, router, &some, At::Latest).await? {
            let first = u32::try_from(REHEARSED_AT_ONCE)
                .unwrap_or(u32::MAX)
                .saturating_mul(at);
            revert.message = revert.message.map(|message| message.saturating_add(first));
            return Err(Fault::WouldRevert(revert).into());
        }
    }
    Ok(())
}

/// The input of the transaction that carries out `submission`, of whose updates the client is told `told`.
pub(crate) async fn input(
    rpc: &Rpc,
    router: Address,
    told: &[told::Message],
    submission: &Submission,
) -> Result<Bytes, Complaint> {
    let mut callback_gas = BTreeMap::new();
    for (message, packet) in messages_of(submission) {
        let port = called_port(message, packet);
        if !callback_gas.contains_key(port) {
            callback_gas.insert(port, registered_gas(rpc, router, port).await?);
        }
    }
    let batch = pack(told, submission, |port| {
        callback_gas.get(port).copied().unwrap_or_default()
    });
    let packed = batch.and_then(|batch| batch.encode()).map_err(|reject| {
        Fault::WouldRevert(Revert {
            message: None,
            data: Bytes::new(),
            text: reject.to_string(),
            gas: None,
        })
    })?;
    Ok(Router::batchCall {
        packed: packed.into(),
    }
    .abi_encode()
    .into())
}

/// The batch of a submission; `callback_gas` is what the application of a port registered.
fn pack(
    told: &[told::Message],
    submission: &Submission,
    callback_gas: impl Fn(&PortId) -> Gas,
) -> Result<Batch, wire::Reject> {
    let (first, packet) = messages_of(submission)
        .next()
        .ok_or(wire::Reject::Empty { field: "batch" })?;
    let client = match first.kind {
        MessageKind::Recv => &packet.destination_client,
        MessageKind::Ack(_) | MessageKind::Timeout(_) => &packet.source_client,
    };
    let updates = told.iter().map(|one| one.message.to_vec());
    let messages = messages_of(submission).map(|(message, packet)| wire::batch::Message {
        action: match &message.kind {
            MessageKind::Recv => Action::Receive,
            MessageKind::Ack(ack) => Action::Acknowledge(ack.clone()),
            MessageKind::Timeout(_) => Action::TimeOut,
        },
        gas: declared(message.gas, callback_gas(called_port(message, packet))),
        sequence: packet.sequence,
        timeout: packet.timeout,
        payload: packet.payload.clone(),
    });
    Ok(Batch {
        client: client.clone(),
        updates: updates.collect(),
        height: first.height,
        messages: messages.collect(),
        pool: submission
            .pool
            .as_ref()
            .map(|pool| pool.to_vec())
            .unwrap_or_default(),
    })
}

/// The port whose application a message calls.
fn called_port<'a>(message: &Message, packet: &'a Packet) -> &'a PortId {
    match message.kind {
        MessageKind::Recv => &packet.payload.destination_port,
        MessageKind::Ack(_) | MessageKind::Timeout(_) => &packet.payload.source_port,
    }
}

/// What a message declares: the router's own work, and so much that 63/64 of the rest covers the application.
fn declared(own: Gas, callback: Gas) -> u32 {
    let callback = callback.0.saturating_mul(64).div_ceil(63);
    let whole = own.0.saturating_add(callback).saturating_add(CALL_OVERHEAD_GAS);
    u32::try_from(whole).unwrap_or(u32::MAX)
}

/// What the application of `port` registered; nothing for a port without one, whose messages are skipped.
async fn registered_gas(rpc: &Rpc, router: Address, port: &PortId) -> Result<Gas, Complaint> {
    let call = Router::getCallbackGasCall {
        portId: port.to_string(),
    };
    let request = Call {
        from: None,
        to: Some(router),
        data: call.abi_encode().into(),
        gas: None,
    };
    match rpc.call(&request, At::Latest).await? {
        Ok(output) => Router::getCallbackGasCall::abi_decode_returns(&output)
            .map(Gas)
            .map_err(|error| Complaint::malformed(format!("getCallbackGas answered {error}"))),
        Err(refusal) if refusal.is_revert() => Ok(Gas(0)),
        Err(refusal) => Err(refusal.into_complaint("eth_call")),
    }
}

/// The batch in the input of a router transaction; none when it is something else.
pub(crate) fn read(input: &[u8]) -> Option<Batch> {
    let call = Router::batchCall::abi_decode(input).ok()?;
    Batch::decode(&call.packed).ok()
}

/// Why `batch` reverts at block `at` with so much gas: its updates, a message that starves, or what the router says.
///
/// None when it does not.
pub(crate) async fn find_fault(
    rpc: &Rpc,
    from: Address,
    router: Address,
    batch: &Batch,
    gas: Gas,
    at: At,
) -> Result<Option<Revert>, Complaint> {
    let updates = Batch {
        messages: Vec::new(),
        pool: Vec::new(),
        ..batch.clone()
    };
    for part in [&updates, batch] {
        let Ok(packed) = part.encode() else {
            return Ok(None);
        };
        let data = Router::batchCall {
            packed: packed.into(),
        }
        .abi_encode()
        .into();
        if let Err(refusal) = rpc.call(&run(from, router, data, Some(gas)), at).await?
            && refusal.is_revert()
        {
            return Ok(Some(with_position(refusal.revert())));
        }
    }
    Ok(None)
}

/// The messages that the router says it skipped.
pub(crate) fn skipped(router: Address, receipt: &Receipt) -> Vec<Skip> {
    let ours = receipt.logs.iter().filter(|log| log.address() == router);
    let skipped = ours.filter_map(|log| Router::MessageSkipped::decode_log(&log.inner).ok());
    let skipped = skipped.filter_map(|event| {
        Some(Skip {
            message: event.position.try_into().ok()?,
            text: describe(&event.reason).unwrap_or_else(|| "it gave no reason".into()),
        })
    });
    skipped.collect()
}

/// The same revert with the place of the message that it names.
pub(crate) fn with_position(revert: Revert) -> Revert {
    let starved = Router::MessageStarved::abi_decode(&revert.data).ok();
    Revert {
        message: starved.and_then(|starved| starved.position.try_into().ok()),
        ..revert
    }
}

/// Whether the router takes no batches for this client.
pub(crate) fn is_unsupported(revert: &Revert) -> bool {
    revert.data.starts_with(&Router::BatchUnsupported::SELECTOR)
}

fn run(from: Address, router: Address, data: Bytes, gas: Option<Gas>) -> Call {
    Call {
        from: Some(from),
        to: Some(router),
        data,
        gas: gas.map(|gas| U64::from(gas.0)),
    }
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
