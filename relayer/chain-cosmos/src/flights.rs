//! `Ask::Send` and `Ask::Find`: a submission as one transaction of a free account.
//!
//! Updates come first, in order, then the messages, each with its own proof: on a Cosmos chain a transaction succeeds or fails as
//! a whole. It dies by itself after some blocks, so nothing is replaced, and a lost one is known to be lost
//! (docs/adr/0007-dead-by-sequence.md).

use crate::answers::Event;
use crate::cosmos::Cosmos;
use crate::fate::{Death, Failure, Fate, Landed};
use crate::faults::complaint;
use crate::ibc::any;
use crate::ibc::client::{MsgUpdateClient, OfClient, UPDATE};
use crate::ibc::tendermint::{HEADER, MISBEHAVIOUR};
use crate::meter::Load;
use crate::packet_messages::packet_message;
use crate::price::Price;
use crate::send::{Flight, Signed};
use crate::sifted::TX;
use crate::wasm;
use alloy_primitives::B256;
use chain::{
    Answer, BlockNumber, ClientUpdate, Fault, Fee, Gas, Outcome, Place, Revert, Seat, Submission, Ticket,
    TxHash, TxState, UpdateClient, WeiPerGas,
};
use cosmrs::Any;
use prost::Message as _;
use tendermint_client::Evidence;
use tendermint_client::codec::{encode_evidence, encode_update};
use wire::ClientId;

/// Signs and hands over.
pub(crate) async fn send(
    chain: &Cosmos,
    submission: &Submission,
    fee: Fee,
    place: Place,
) -> Result<Answer, Fault> {
    if let Place::Replace(nonce) = place {
        return Err(Fault::NonceTaken {
            text: format!(
                "a transaction on {} is not replaced, asked was for nonce {nonce}",
                chain.name
            ),
        });
    }
    let wallet = chain.wallet()?;
    let sent = chain.on_rpc(|rpc| async move {
        let now = chain.newest_by(&rpc).await?;
        let mut turn = wallet.turn_at(now).await;
        let account = turn.address().to_owned();
        let messages = messages(submission, &account)?;
        let load = Load::of(submission, &messages);
        let check = |signed: &Signed| Ok(check(chain, signed, messages.len(), fee)?);
        let sent = turn.send_like(&rpc, &messages, Some(&load), now, check);
        let told = |trouble| complaint(&rpc.0, trouble, submission.updates.len());
        let (signed, unclear) = sent.await?.map_err(told)?;
        if let Some(complaint) = unclear {
            tracing::warn!(chain = %chain.name, ?complaint, "nobody knows whether the node has a transaction: it is looked for");
        }
        Ok((account, signed))
    });
    let (account, signed) = sent.await?;
    Ok(Answer::Send {
        tx: TxHash(B256::from(signed.flight.hash)),
        ticket: Ticket::Seat(Seat {
            account,
            sequence: signed.flight.sequence,
            signed_at: BlockNumber(signed.flight.signed_at),
            last: BlockNumber(signed.flight.timeout_height),
        }),
        gas: Gas(signed.gas),
        fee: Fee {
            max: price(signed.fee, signed.gas),
            tip: WeiPerGas(0),
        },
    })
}

/// What became of a transaction.
pub(crate) async fn find(chain: &Cosmos, tx: TxHash, ticket: Ticket) -> Result<TxState, Fault> {
    // A place on a chain of another kind: the name in the configuration means another chain now.
    let Ticket::Seat(seat) = ticket else {
        return Ok(TxState::Unknown);
    };
    let (wallet, seat) = (chain.wallet()?, &seat);
    let flight = &Flight {
        hash: tx.0.into(),
        sequence: seat.sequence,
        signed_at: seat.signed_at.0,
        timeout_height: seat.last.0,
    };
    if let Some((height, result)) = chain.recent(flight).await {
        let landed = Landed::of(height, result);
        wallet
            .learn(&seat.account, flight, Fate::Landed(landed.clone()))
            .await;
        return Ok(TxState::Final(outcome(landed)));
    }
    let fate = chain.on_rpc(|rpc| async move {
        let found = wallet.find(&rpc, &seat.account, flight).await?;
        found.map_err(|trouble| complaint(&rpc.0, trouble, 0))
    });
    Ok(match fate.await? {
        Fate::Waiting { .. } => TxState::Pending,
        Fate::Landed(landed) => TxState::Final(outcome(landed)),
        Fate::Dead {
            why: Death::Expired, ..
        } => TxState::Expired,
        Fate::Dead {
            why: Death::Replaced, ..
        } => TxState::Replaced,
        Fate::Dead {
            why: Death::Overtaken,
            ..
        } => TxState::Overtaken,
    })
}

/// All messages fit, for what may be paid.
fn check(chain: &Cosmos, signed: &Signed, count: usize, fee: Fee) -> Result<(), Fault> {
    if signed.count < count {
        return Err(Fault::TooLarge {
            size: count as u64,
            limit: signed.count as u64,
        });
    }
    let asked = price(signed.fee, signed.gas);
    // What is paid is rounded up to whole coins.
    let slack = Price(fee.max.0).fee(signed.gas).unwrap_or(u128::MAX);
    if signed.fee > slack {
        tracing::debug!(chain = %chain.name, fee = signed.fee, gas = signed.gas, "too dear");
        return Err(Fault::TooDear { asked, max: fee.max });
    }
    Ok(())
}

/// The messages of a submission, signed for by `signer`.
fn messages(submission: &Submission, signer: &str) -> Result<Vec<Any>, Fault> {
    let updates = submission.updates.iter().map(|one| update_message(one, signer));
    let packets = submission
        .messages
        .iter()
        .map(|message| Ok(packet_message(message, signer)));
    updates.chain(packets).collect()
}

pub(crate) fn update_message(one: &UpdateClient, signer: &str) -> Result<Any, Fault> {
    let message = match &one.update {
        ClientUpdate::Tendermint(update) => Any {
            type_url: HEADER.to_owned(),
            value: encode_update(update),
        },
        ClientUpdate::Misbehaviour(evidence) => Any {
            type_url: MISBEHAVIOUR.to_owned(),
            value: misbehaviour(&one.client, evidence),
        },
        ClientUpdate::Ethereum(update) => wasm::update_message(update),
        ClientUpdate::Attestors(_)
        | ClientUpdate::CompleteRotation
        | ClientUpdate::Evidence(_)
        | ClientUpdate::Leaf { .. } => {
            return Err(Fault::NoClient {
                id: one.client.to_string(),
                text: "no client on this chain takes such an update".into(),
            });
        }
    };
    let update = MsgUpdateClient {
        client_id: one.client.to_string(),
        client_message: Some(message),
        signer: signer.to_owned(),
    };
    Ok(any(UPDATE, &update))
}

/// `Misbehaviour`: the bytes of the law's evidence, behind the name of the client as its first field. ibc-go refuses one that does not
/// name it a second time, though it acts by the name in the envelope.
fn misbehaviour(client: &ClientId, evidence: &Evidence) -> Vec<u8> {
    let of = OfClient {
        client_id: client.to_string(),
    };
    [of.encode_to_vec(), encode_evidence(evidence)].concat()
}

fn outcome(landed: Landed) -> Outcome {
    Outcome {
        block: BlockNumber(landed.height),
        gas: Gas(landed.gas_used),
        // All of the fee is kept, whatever was used: by what was used it comes out again as their product.
        price: price(paid(&landed.events), landed.gas_used),
        // Which message it was is told by position, updates included, and how many of those there were is not known any
        // more: smaller submissions find it.
        reverted: landed.failure.map(|failure| Revert {
            message: None,
            data: Default::default(),
            text: match failure {
                Failure::OutOfGas => format!("it ran out of its {} gas", landed.gas_wanted),
                Failure::Message { index, said } => format!("message {index}: {said}"),
                Failure::Other(said) => said.to_string(),
            },
            gas: Some(Gas(landed.gas_wanted)),
        }),
        skipped: Vec::new(),
    }
}

/// The fee that a transaction says it paid, such as `1200uatom`; 0 if it says none.
fn paid(events: &[Event]) -> u128 {
    let fees = events.iter().filter(|event| event.kind == TX);
    let texts = fees.filter_map(|event| event.attribute("fee"));
    texts
        .filter_map(|text| {
            let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            text.get(..digits)?.parse().ok()
        })
        .next()
        .unwrap_or(0)
}

/// What a unit of gas costs, rounded down.
fn price(fee: u128, gas: u64) -> WeiPerGas {
    WeiPerGas(Price::of(fee, gas).0)
}

#[cfg(test)]
#[path = "flights_tests.rs"]
pub(crate) mod tests;
