//! Fourth stop, submit: what an update takes of a submission's room, in gas and bytes.
//!
//! An expectation, with a margin: it decides what travels together. What an update really used, only its host says.

use crate::config::BatchPolicy;
use chain::ClientUpdate;
use tendermint_client::TrustLevel;

/// Bytes of an update beside its lists.
const UPDATE_OVERHEAD: usize = 2_000;

/// Bytes that an update takes.
pub(crate) fn update_bytes(update: &ClientUpdate) -> usize {
    let update = match update {
        ClientUpdate::Ethereum(update) => update,
        ClientUpdate::Attestors(update) => return attestor::codec::encode_update(update).len(),
        ClientUpdate::Evidence(evidence) => return attestor::codec::encode_evidence(evidence).len(),
        ClientUpdate::Tendermint(update) => return tendermint_client::codec::encode_update(update).len(),
        ClientUpdate::Misbehaviour(evidence) => {
            return tendermint_client::codec::encode_evidence(evidence).len();
        }
        ClientUpdate::CompleteRotation => return 0,
        ClientUpdate::Leaf { update, .. } => return update_bytes(update).saturating_add(1),
    };
    let keys = update.absentees.keys.len().saturating_mul(96);
    let siblings = update.absentees.siblings.len().saturating_mul(32);
    [keys, siblings, update.account_proof.len()]
        .into_iter()
        .fold(UPDATE_OVERHEAD, usize::saturating_add)
}

/// What an update is expected to use.
pub(crate) fn update_gas(update: &ClientUpdate, batch: &BatchPolicy) -> u64 {
    let signatures = |update: &tendermint_client::Update| {
        // A client that asks for more of a trusted set than this looks at a few more.
        let count = tendermint_client::evm::ed25519_votes(update, TrustLevel::ONE_THIRD);
        u64::try_from(count).unwrap_or(u64::MAX)
    };
    let count = match update {
        ClientUpdate::Tendermint(update) => signatures(update),
        ClientUpdate::Misbehaviour(evidence) => {
            signatures(&evidence.first).saturating_add(signatures(&evidence.second))
        }
        ClientUpdate::Leaf { update, .. } => return update_gas(update, batch),
        ClientUpdate::Ethereum(_)
        | ClientUpdate::Attestors(_)
        | ClientUpdate::CompleteRotation
        | ClientUpdate::Evidence(_) => 0,
    };
    let votes = count.saturating_mul(batch.gas_ed25519.0);
    batch.gas_update.0.saturating_add(votes)
}
