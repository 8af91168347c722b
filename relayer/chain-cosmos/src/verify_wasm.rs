//! What is verified of a client of an EVM chain on this one, as far as this chain can tell: its code, whom it is paired with, whether
//! guardians halted it, who may relay over it.
//!
//! Whether it follows the real chain, began there and believes what is there, the other chain tells: what it needs for that comes
//! back with the findings.
//!
//! What this module must never do: stop at the first finding, or call a client good of which something could not be checked.

use crate::cosmos::Cosmos;
use crate::follower::Verdict;
use crate::lacking::had;
use crate::look::{Heights, Look, check_counterparty, check_status};
use crate::proofs::IBC;
use crate::views::{Behind, see};
use crate::wasm::checksum;
use alloy_primitives::{hex, keccak256};
use chain::{Depth, Doubt, Expected, Fault, Finding, TrustedState};
use ethereum::{Slot, State, Trusted};
use guardian_core::{Guardians, Scope, ScopeKind};
use wasm_client::{Kept, Started};
use wire::{ClientId, Seconds};

/// A client of an EVM chain, by what its host shows.
#[derive(Clone, Debug)]
pub struct WasmEnd {
    /// What was found, one entry a rule.
    pub findings: Vec<Finding>,
    /// What it trusts now, with its constants; of the ring the newest state.
    pub trusted: Trusted,
    /// Where trust began.
    pub started: Started,
    /// States that it believes, or why they were not read.
    pub states: Result<Vec<State>, Fault>,
}

impl Cosmos {
    /// Checks the client `id` of this chain, which should follow an EVM chain whose packets lie under `prefix`.
    ///
    /// The findings have one entry a rule; a rule that could not be checked is an `Err` entry. Fails only when the client cannot
    /// be read at all, or follows no such chain.
    pub async fn verify_wasm_end(
        &self,
        id: &ClientId,
        prefix: &[Vec<u8>],
        expected: &Expected,
    ) -> Result<WasmEnd, Fault> {
        let seen = see(self, id).await?;
        let (TrustedState::Ethereum(trusted), Behind::Wasm(kept)) = (&seen.view.trusted, &seen.state) else {
            return Err(Fault::NoClient {
                id: id.to_string(),
                text: "it follows no EVM chain".into(),
            });
        };
        let look = Look {
            host: self,
            id,
            block: seen.block,
        };
        let (guards, relayers, states) = tokio::join!(
            check_guards(&look, seen.view.now),
            look.check_relayers(),
            states(&look, trusted, expected.depth),
        );
        let status = ethereum::status(trusted, seen.view.now);
        let findings = vec![
            Finding::new("counterparty", check_counterparty(&seen, expected, prefix)),
            Finding::new("code", check_code(kept)),
            Finding::new("guards", guards),
            Finding::new("relayers", relayers),
            Finding::new(
                "status",
                check_status(status, &format!("slot {}", trusted.newest)),
            ),
        ];
        Ok(WasmEnd {
            findings,
            trusted: (**trusted).clone(),
            started: kept.started,
            states,
        })
    }
}

/// The contract that judges is the one of this release.
fn check_code(kept: &Kept) -> Verdict {
    let (theirs, ours) = (hex::encode(&kept.checksum), hex::encode(checksum()));
    if theirs != ours {
        return Err(Doubt::Differs(format!(
            "its code has the checksum {theirs}, that of this release is {ours}"
        )));
    }
    Ok(format!("its code is that of this release, {ours}"))
}

/// Guardians have not halted the client: while they have, it learns on and proves nothing.
async fn check_guards(look: &Look<'_>, now: Seconds) -> Verdict {
    let (host, id) = (look.host, look.id);
    let key = format!("clients/{id}/guardians").into_bytes();
    let (key, block) = (&key, look.block);
    let stored = host
        .on_rpc(|rpc| async move {
            let answered = rpc.stored(IBC, key, Some(block)).await;
            had(&rpc, answered, "what guardians did", host.at(block)).await
        })
        .await
        .map_err(Doubt::unchecked)?;
    if stored.is_empty() {
        return Ok("nobody guards it".into());
    }
    let (chain, client) = (keccak256(&host.rules.chain_id), keccak256(id.as_str()));
    let guardians = Guardians::from_bytes(chain, client, &stored)
        .map_err(|corrupt| Doubt::Differs(format!("what guardians did cannot be read: {}", corrupt.part)))?;
    let scope = Scope {
        kind: ScopeKind::Client,
        path: client,
        item: Default::default(),
    };
    let until = guardians.halts().halt(scope.kind, scope.key()).until;
    if now.0 < until {
        return Err(Doubt::Unusable(format!("guardians halted it until {until}")));
    }
    Ok(format!(
        "{} guardians may halt it",
        guardians.set().guardians().len()
    ))
}

/// The states that the client believes: all of them, or the newest.
async fn states(look: &Look<'_>, trusted: &Trusted, depth: Depth) -> Result<Vec<State>, Fault> {
    // The contract's ring is smaller than what is read of heights.
    let slots = &match depth {
        Depth::Newest => Heights::one(trusted.newest.0),
        Depth::Whole => look.heights().await?,
    }
    .heights;
    look.host
        .on_rpc(|rpc| async move {
            let mut states = Vec::new();
            // The newest first: behind the first one that an endpoint has pruned, all are.
            for slot in slots.iter().rev() {
                states.push(look.reader(&rpc).wasm_state(Slot(*slot), look.block).await?);
            }
            Ok(states)
        })
        .await
}
