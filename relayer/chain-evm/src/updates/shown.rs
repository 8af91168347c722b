//! What this chain shows a client that was made to believe something else: its own update, in the form that the client takes.
//!
//! What this module must never do: show an update that the client's own committee did not sign.

use super::Plan;
use crate::committees::commitment_of;
use crate::evm::Evm;
use chain::{ClientUpdate, Fault, NotYet};
use endpoints::Complaint;
use ethereum::{HeldCommittee, Period, Slot, Trusted, Update};

/// The chain's own update that finalizes `slot`, or another block of the epoch whose checkpoint that would be, if one was seen, as a
/// client takes it that trusts `trusted`.
pub(crate) async fn finality_of(evm: &Evm, trusted: &Trusted, slot: Slot) -> Result<Option<Update>, Fault> {
    let network = &*evm.network().await?;
    let Some(finality) = &evm.seen.of_checkpoint(network, slot) else {
        return Ok(None);
    };
    let shown = evm.on_beacon(|beacon| async move {
        let mut plan = Plan::new(evm, network, trusted);
        if !plan.knows(network.period_of(finality.update.signature_slot)) {
            return Ok(None);
        }
        plan.add_finality(&beacon, finality).await?;
        Ok(last_of(plan))
    });
    shown.await
}

/// The chain's own update that teaches the committee of `held.period`, as a client takes it that trusts `trusted` and holds `held`; none
/// where it teaches `held`. Of an endpoint whose update the law refuses another one is asked.
pub(crate) async fn rotation_of(
    evm: &Evm,
    trusted: &Trusted,
    held: &HeldCommittee,
) -> Result<Option<Update>, Fault> {
    let network = &*evm.network().await?;
    let taught = evm.on_beacon(|beacon| async move {
        let not_yet = || {
            Complaint::from(Fault::NotYet(NotYet::Period {
                period: held.period.0,
            }))
        };
        let before = Period(held.period.0.checked_sub(1).ok_or_else(not_yet)?);
        let updates = beacon.updates(network, before, 1).await?;
        let update = updates.first().ok_or_else(not_yet)?;
        let next = commitment_of(held.period, &update.next_sync_committee);
        let mut plan = Plan::new(evm, network, trusted);
        plan.add_rotation(&beacon, update).await?;
        plan.check(&beacon, trusted)?;
        Ok(last_of(plan).filter(|_| next != Some(held.commitment)))
    });
    taught.await
}

fn last_of(mut plan: Plan<'_>) -> Option<Update> {
    match plan.updates.pop() {
        Some(ClientUpdate::Ethereum(update)) => Some(update),
        _ => None,
    }
}
