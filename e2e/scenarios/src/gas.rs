//! What the steps of one packet's walk cost, from receipts.

use crate::{bridge::Bridge, end::Sent, tracker::Side};
use anyhow::{Context, Result};
use std::collections::BTreeMap;

/// Gas of the three transactions that carried `sent` from `from` and back. Each of the last two holds a client update
/// too, and possibly other packets.
///
/// # Errors
/// The packet is not settled, or a node does not answer.
pub async fn of_walk(bridge: &Bridge, from: Side, sent: &Sent) -> Result<BTreeMap<String, u64>> {
    let (source, destination) = (from.of(&bridge.ends), from.across().of(&bridge.ends));
    let sequence = sent.packet.sequence.get();
    let delivered = destination
        .delivery(sequence)
        .await?
        .context("the packet was not delivered")?;
    let settled = source
        .acknowledgement(sequence)
        .await?
        .context("the packet was not acknowledged")?;
    Ok(BTreeMap::from([
        ("send a transfer".into(), sent.receipt.gas_used),
        (
            "first delivery, client update included".into(),
            delivered.gas_used,
        ),
        ("acknowledgement, client update included".into(), settled.gas_used),
    ]))
}
