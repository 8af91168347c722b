//! Attacks on the light client at one end, by somebody who relays himself: a header that was edited after it was signed, and a packet
//! that was edited after it was sent, each in a message that is genuine in all else.
//!
//! The same message unedited has to go through, or something else would have refused the forged ones: that one is sent, and delivers
//! the packet.

use crate::attacks::mixed_rule;
use crate::post::{Post, Target, or_wait, until};
use crate::report::AttackResult;
use alloy::primitives::{B256, U256};
use anyhow::{Context, Result, bail, ensure};
use chain::{AnyPacket, ClientUpdate, Gas, Message, MessageKind, Submission, SubmissionId, UpdatePlan};
use tokio::time::Instant;
use wire::{Codec, Value, ics20};

/// The state that the edited header claims.
const MADE_UP: B256 = B256::repeat_byte(0x66);
/// How many times more the edited packet brings.
pub(super) const TIMES: u64 = 1_000_000;
/// Gas of the router's own work on a message, where it counts.
pub(super) const GAS: Gas = Gas(500_000);

/// Tries both forgeries at `host` with a packet of `tracked`, then delivers the packet.
///
/// - `names`: what it is called there to edit a header, and a packet.
///
/// # Errors
/// The honest message does not go through, a forged one would, or a node does not answer.
pub(super) async fn attack(
    host: &Post,
    tracked: &Post,
    target: Target,
    names: [&str; 2],
) -> Result<Vec<AttackResult>> {
    let deadline = Instant::now() + target.within;
    let genuine = genuine(host, tracked, target, deadline).await?;
    let mut edited = genuine.clone();
    let update = edited.updates.last_mut().context("the client needs no update")?;
    edit_header(&mut update.update, MADE_UP)?;
    let header = verdict(host, edited, names[0]).await?;
    let mut edited = genuine.clone();
    let message = edited.messages.last_mut().context("no message")?;
    edit_packet(&mut message.packet)?;
    let packet = verdict(host, edited, names[1]).await?;
    host.deliver(genuine, deadline)
        .await
        .context("the same message unedited")?;
    Ok(vec![header, packet])
}

/// What delivers the packet, once `host` takes it.
pub(super) async fn genuine(
    host: &Post,
    tracked: &Post,
    target: Target,
    deadline: Instant,
) -> Result<Submission> {
    let (packet, plan) = until(deadline, async || {
        let found = honest(host, tracked, target).await?;
        Ok(or_wait(found, || {
            let (sequence, secs) = (target.sequence, target.within.as_secs());
            format!("packet {sequence} can't be proven after {secs} s")
        }))
    })
    .await?;
    let genuine = submission(host, tracked, packet, plan).await?;
    host.keep_pace(tracked, deadline).await?;
    Ok(genuine)
}

/// The packet and how the client comes to know of it, once that can be proven.
async fn honest(host: &Post, tracked: &Post, target: Target) -> Result<Option<(AnyPacket, UpdatePlan)>> {
    let Some(packet) = tracked.sent(target).await? else {
        return Ok(None);
    };
    let finalized = tracked.head().await?.finalized.height;
    let plan = host.plan(&tracked.port, finalized).await?;
    Ok(plan.map(|plan| (packet, plan)))
}

/// What delivers the packet.
async fn submission(host: &Post, tracked: &Post, packet: AnyPacket, plan: UpdatePlan) -> Result<Submission> {
    let height = plan.reached.height;
    let keys = vec![tracked.end().commitment(packet.sequence())];
    let proof = tracked.prove(keys, height).await?;
    let proof = proof.into_iter().next().context("no proof for a key")?;
    ensure!(proof.value.is_some(), "the packet has no commitment");
    Ok(Submission {
        id: SubmissionId(1),
        updates: host.updates(&plan),
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

/// The header claims the state `made_up`; all that is said of it follows, but what was signed.
pub(super) fn edit_header(update: &mut ClientUpdate, made_up: B256) -> Result<()> {
    match update {
        ClientUpdate::Ethereum(update) => update.attested.body_root = made_up,
        ClientUpdate::Tendermint(update) => {
            update.header.app_hash = made_up.to_vec();
            update.commit.block_id.hash = Some(update.header.hash());
        }
        other => bail!("no header of a chain of either family: {other:?}"),
    }
    Ok(())
}

/// The packet brings a fortune.
pub(super) fn edit_packet(packet: &mut AnyPacket) -> Result<()> {
    let AnyPacket::Client(packet) = packet else {
        bail!("a packet of a channel");
    };
    let mut transfer = ics20::decode_in(Codec::Abi, packet.payload.value.as_bytes())?;
    transfer.amount *= U256::from(TIMES);
    packet.payload.value = Value::new(ics20::encode_in(Codec::Abi, &transfer)?)?;
    Ok(())
}

/// What the chain says against a forged message; it is never sent.
async fn verdict(host: &Post, forged: Submission, name: &str) -> Result<AttackResult> {
    let rule = mixed_rule(name)?;
    let said = host.refusal(forged).await.with_context(|| name.to_owned())?;
    let refused = names(&said, rule);
    Ok(AttackResult {
        name: name.to_owned(),
        refused,
        rule: if refused { rule.to_owned() } else { said },
    })
}

/// Whether a chain names `rule`: as contracts of an EVM chain are written, or as those of a Cosmos chain are.
fn names(said: &str, rule: &str) -> bool {
    said.contains(rule) || said.contains(&in_snake_case(rule))
}

fn in_snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_named_in_the_words_of_either_chain() {
        assert!(names("ValueMismatch(0x01, 0x02)", "ValueMismatch"));
        assert!(names("refused by value_mismatch: ...", "ValueMismatch"));
        assert!(!names("the value does not match", "ValueMismatch"));
    }
}
