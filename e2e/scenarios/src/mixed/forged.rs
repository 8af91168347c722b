//! Attacks on the light client at one end, by somebody who relays himself: a header that was edited after it was signed, and a packet
//! that was edited after it was sent, each in a message that is genuine in all else.
//!
//! The same message unedited has to go through, or something else would have refused the forged ones: that one is sent, and delivers
//! the packet.

use super::port::Port;
use crate::report::AttackResult;
use alloy::primitives::{B256, U256};
use anyhow::{Context, Result, anyhow, bail, ensure};
use chain::{
    Answer, AnyPacket, Ask, BlockNumber, ClientUpdate, Event, Fault, Gas, Message, MessageKind, Place,
    Submission, SubmissionId, TxState, UpdateClient, UpdatePlan,
};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::{ClientId, Codec, End, Sequence, Value, ics20};

/// The state that the edited header claims.
const MADE_UP: B256 = B256::repeat_byte(0x66);
/// How many times more the edited packet brings.
const TIMES: u64 = 1_000_000;
/// Gas of the router's own work on a message, where it counts.
const GAS: Gas = Gas(500_000);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A chain, and the client there of the other one.
pub(super) struct Post {
    pub(super) port: Port,
    pub(super) client: ClientId,
}

/// A packet that nobody has delivered, and by when it has to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) sequence: u64,
    /// A block of its chain before the one in which it was sent.
    pub(super) since: BlockNumber,
    pub(super) within: Duration,
}

/// What refuses the forgeries at one end, in the words of the chain there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// What the attacks are called.
    pub(super) names: [&'static str; 2],
    /// The same rule as different chains write it.
    pub(super) edited_header: &'static [&'static str],
    pub(super) edited_packet: &'static [&'static str],
}

/// Tries both forgeries at `host` with a packet of `tracked`, then delivers the packet.
///
/// # Errors
/// The honest message does not go through, a forged one would, or a node does not answer.
pub(super) async fn attack(
    host: &Post,
    tracked: &Post,
    target: Target,
    rules: &Rules,
) -> Result<Vec<AttackResult>> {
    let deadline = Instant::now() + target.within;
    let (packet, plan) = loop {
        if let Some(found) = honest(host, tracked, target).await? {
            break found;
        }
        ensure!(
            Instant::now() < deadline,
            "packet {} can't be proven after {} s",
            target.sequence,
            target.within.as_secs()
        );
        sleep(LOOK_EVERY).await;
    };
    let genuine = submission(host, tracked, packet, plan).await?;
    keep_pace(host, tracked, deadline).await?;
    let mut edited = genuine.clone();
    let update = edited.updates.last_mut().context("the client needs no update")?;
    edit_header(&mut update.update)?;
    let header = verdict(host, edited, rules.names[0], rules.edited_header).await?;
    let mut edited = genuine.clone();
    let message = edited.messages.last_mut().context("no message")?;
    edit_packet(&mut message.packet)?;
    let packet = verdict(host, edited, rules.names[1], rules.edited_packet).await?;
    deliver(host, genuine, deadline).await?;
    Ok(vec![header, packet])
}

/// The packet and how the client comes to know of it, once that can be proven.
async fn honest(host: &Post, tracked: &Post, target: Target) -> Result<Option<(AnyPacket, UpdatePlan)>> {
    let finalized = tracked.port.head().await.map_err(failed)?.finalized;
    if finalized.block <= target.since {
        return Ok(None);
    }
    let ask = Ask::Events {
        end: End::Client(tracked.client.clone()),
        from: target.since,
        to: finalized.block,
    };
    let Answer::Events { events, .. } = tracked.port.answer(ask).await.map_err(failed)? else {
        bail!("asked for events, was answered something else");
    };
    let wanted = Sequence::new(target.sequence)?;
    let found = events.into_iter().find_map(|at| match at.event {
        Event::Sent(packet) if packet.sequence() == wanted => Some(packet),
        _ => None,
    });
    let Some(packet) = found else {
        return Ok(None);
    };
    let ask = Ask::Client {
        end: End::Client(host.client.clone()),
    };
    let Answer::Client(view) = host.port.answer(ask).await.map_err(failed)? else {
        bail!("asked for a client, was answered something else");
    };
    let ask = Ask::Update {
        trusted: view.trusted,
        to: finalized.height,
    };
    match tracked.port.answer(ask).await {
        // Somebody was faster, or the way is too long for one message: what is needed here is a header to edit that is enough.
        Ok(Answer::Update(plan)) if plan.updates.is_empty() || plan.reached.height < finalized.height => {
            Ok(None)
        }
        Ok(Answer::Update(plan)) => Ok(Some((packet, plan))),
        Ok(other) => bail!("asked for an update, was answered {other:?}"),
        Err(Fault::NotYet(_)) => Ok(None),
        Err(fault) => Err(failed(fault)),
    }
}

/// Waits until the clock of `host` is past the newest block of `tracked`, in the eyes of a node that is a block behind, too. The clock
/// of a chain is its last block: that of the chain that signed the header may be ahead of it, and then a client says so before it looks
/// at anything else.
async fn keep_pace(host: &Post, tracked: &Post, deadline: Instant) -> Result<()> {
    let signed_by = tracked.port.head().await.map_err(failed)?.latest.timestamp;
    loop {
        let clock = host.port.head().await.map_err(failed)?.latest.timestamp;
        if clock > signed_by {
            return Ok(());
        }
        ensure!(
            Instant::now() < deadline,
            "the clock is at {clock} s, the other chain's was at {signed_by} s"
        );
        sleep(LOOK_EVERY).await;
    }
}

/// What delivers the packet.
async fn submission(host: &Post, tracked: &Post, packet: AnyPacket, plan: UpdatePlan) -> Result<Submission> {
    let height = plan.reached.height;
    let ask = Ask::Prove {
        keys: vec![End::Client(tracked.client.clone()).commitment(packet.sequence())],
        at: tracked.port.state(height),
    };
    let Answer::Prove(proofs) = tracked.port.answer(ask).await.map_err(failed)? else {
        bail!("asked for a proof, was answered something else");
    };
    let proof = proofs.into_iter().next().context("no proof for a key")?;
    ensure!(proof.value.is_some(), "the packet has no commitment");
    let updates = plan.updates.into_iter().map(|update| UpdateClient {
        client: host.client.clone(),
        update,
    });
    Ok(Submission {
        id: SubmissionId(1),
        updates: updates.collect(),
        messages: vec![Message {
            kind: MessageKind::Recv,
            packet,
            proof: proof.nodes,
            height,
            gas: GAS,
        }],
        pool: None,
    })
}

/// The header claims another state; all that is said of it follows, but what was signed.
fn edit_header(update: &mut ClientUpdate) -> Result<()> {
    match update {
        ClientUpdate::Ethereum(update) => update.attested.body_root = MADE_UP,
        ClientUpdate::Tendermint(update) => {
            update.header.app_hash = MADE_UP.to_vec();
            update.commit.block_id.hash = Some(update.header.hash());
        }
        other => bail!("no header of a chain of either family: {other:?}"),
    }
    Ok(())
}

/// The packet brings a fortune.
fn edit_packet(packet: &mut AnyPacket) -> Result<()> {
    let AnyPacket::Client(packet) = packet else {
        bail!("a packet of a channel");
    };
    let mut transfer = ics20::decode_in(Codec::Abi, packet.payload.value.as_bytes())?;
    transfer.amount *= U256::from(TIMES);
    packet.payload.value = Value::new(ics20::encode_in(Codec::Abi, &transfer)?)?;
    Ok(())
}

/// What the chain says against a forged message; it is never sent.
async fn verdict(host: &Post, forged: Submission, name: &str, rules: &[&str]) -> Result<AttackResult> {
    let said = match send(host, forged).await {
        Err(Fault::WouldRevert(revert)) => revert.text,
        Ok(_) => bail!("{name}: the forged message went through"),
        Err(fault) => return Err(failed(fault)).with_context(|| format!("{name}: trying it")),
    };
    let rule = rules.iter().find(|rule| said.contains(**rule));
    Ok(AttackResult {
        name: name.to_owned(),
        refused: rule.is_some(),
        rule: rule.map_or(said.clone(), |rule| (*rule).to_owned()),
    })
}

/// Sends the honest message, and waits until it is in a block.
async fn deliver(host: &Post, genuine: Submission, deadline: Instant) -> Result<()> {
    let sent = send(host, genuine)
        .await
        .map_err(failed)
        .context("the same message unedited")?;
    let Answer::Send { tx, ticket, .. } = sent else {
        bail!("sent something, was answered {sent:?}");
    };
    loop {
        let ask = Ask::Find {
            tx,
            ticket: ticket.clone(),
        };
        match host.port.answer(ask).await.map_err(failed)? {
            Answer::Find(TxState::Included(outcome) | TxState::Final(outcome)) => {
                ensure!(
                    outcome.reverted.is_none() && outcome.skipped.is_empty(),
                    "the same message unedited fails: {outcome:?}"
                );
                return Ok(());
            }
            Answer::Find(TxState::Pending | TxState::Unknown) => {}
            other => bail!("the same message unedited is lost: {other:?}"),
        }
        ensure!(
            Instant::now() < deadline,
            "the same message unedited is in no block"
        );
        sleep(LOOK_EVERY).await;
    }
}

async fn send(host: &Post, submission: Submission) -> Result<Answer, Fault> {
    let fee = host.port.usual_fee().await?;
    let ask = Ask::Send {
        submission,
        fee,
        place: Place::Next,
    };
    host.port.answer(ask).await
}

fn failed(fault: Fault) -> anyhow::Error {
    anyhow!("failed to {fault}")
}
