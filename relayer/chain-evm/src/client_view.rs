//! `Ask::Client`: what a beacon client contract on this chain trusts, as the law's own type.
//!
//! Everything is read at one block. Of the ring only the newest state is read: proofs are planned for it or for what an
//! update adds.
//!
//! What this module must never do: judge whether the contract deserves trust (verify.rs does).

use crate::abi::{BatchClient, BeaconClient, BeaconConfig, Fork as SolFork, Introspection, Router};
use crate::pool::Complaint;
use crate::rpc::{At, Call, Rpc, to_u64};
use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use chain::{ClientView, Fault, TrustedState};
use ethereum::{
    COMMITTEE_SIZE_MIN, Config, Epoch, Fork, ForkSchedule, HeldCommittee, Layout, Network, Period, Slot,
    State, Times, Trusted,
};
use wire::{ClientId, Seconds};

/// A client as it stands at one block.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The contract.
    pub(crate) contract: Address,
    /// What it was told at its creation.
    pub(crate) config: BeaconConfig,
    /// The port's answer.
    pub(crate) view: ClientView,
}

/// Reads the client `id` of `router` at the newest block.
pub(crate) async fn see(rpc: &Rpc, router: Address, id: &ClientId) -> Result<Seen, Complaint> {
    let block = rpc.latest().await?;
    let at = At::Number(to_u64(block.number));
    let contract = contract_of(rpc, router, id, at).await?;
    let counterparty = view(
        rpc,
        router,
        &Router::getCounterpartyCall {
            clientId: id.to_string(),
        },
        at,
        id,
    )
    .await?;
    let config = view(rpc, contract, &BeaconClient::configCall {}, at, id).await?;
    let snapshot = view(rpc, contract, &BeaconClient::snapshotCall {}, at, id).await?;
    let newest = view(
        rpc,
        contract,
        &BeaconClient::stateAtCall {
            slot: snapshot.newestSlot,
        },
        at,
        id,
    )
    .await?;
    let state = State {
        slot: Slot(newest.slot),
        storage_root: newest.storageRoot,
        learned_at: Seconds(newest.learnedAt),
    };
    let committees = snapshot
        .committees
        .iter()
        .filter(|known| !known.commitment.is_zero())
        .map(|known| HeldCommittee {
            period: Period(known.period),
            commitment: known.commitment,
        });
    let law = law_config(&config).map_err(|reject| not_a_client(id, &reject))?;
    let trusted = Trusted::from_parts(
        law,
        Slot(snapshot.newestSlot),
        [state],
        committees,
        snapshot.frozen,
    )
    .map_err(|reject| not_a_client(id, &reject))?;
    let view = ClientView {
        trusted: TrustedState::Ethereum(Box::new(trusted)),
        counterparty: paired(id, &counterparty.clientId)?,
        now: Seconds(to_u64(block.timestamp)),
        takes_batches: proves_batches(rpc, contract, at).await?,
    };
    Ok(Seen {
        contract,
        config,
        view,
    })
}

/// Whether `contract` declares by ERC-165 that it proves many paths at once. One that declares nothing does not.
async fn proves_batches(rpc: &Rpc, contract: Address, at: At) -> Result<bool, Complaint> {
    let call = Introspection::supportsInterfaceCall {
        interfaceId: BatchClient::verifyBatchCall::SELECTOR.into(),
    };
    let request = Call {
        from: None,
        to: Some(contract),
        data: call.abi_encode().into(),
        gas: None,
    };
    match rpc.call(&request, at).await? {
        Ok(output) => Ok(Introspection::supportsInterfaceCall::abi_decode_returns(&output).unwrap_or(false)),
        Err(refusal) if refusal.is_revert() => Ok(false),
        Err(refusal) => Err(refusal.into_complaint("eth_call")),
    }
}

/// The contract behind the client `id` of `router`.
pub(crate) async fn contract_of(
    rpc: &Rpc,
    router: Address,
    id: &ClientId,
    at: At,
) -> Result<Address, Complaint> {
    view(
        rpc,
        router,
        &Router::getClientCall {
            clientId: id.to_string(),
        },
        at,
        id,
    )
    .await
}

/// A view function's answer. A revert means that there is no such client.
pub(crate) async fn view<C: SolCall>(
    rpc: &Rpc,
    contract: Address,
    call: &C,
    at: At,
    id: &ClientId,
) -> Result<C::Return, Complaint> {
    let request = Call {
        from: None,
        to: Some(contract),
        data: call.abi_encode().into(),
        gas: None,
    };
    let output = match rpc.call(&request, at).await? {
        Ok(output) => output,
        Err(refusal) if refusal.is_revert() => {
            return Err(Fault::NoClient {
                id: id.to_string(),
                text: refusal.revert().text,
            }
            .into());
        }
        Err(refusal) => return Err(refusal.into_complaint("eth_call")),
    };
    C::abi_decode_returns(&output).map_err(|error| {
        let text = format!(
            "{contract} answers {} with {} bytes: {error}",
            C::SIGNATURE,
            output.len()
        );
        Fault::NoClient {
            id: id.to_string(),
            text,
        }
        .into()
    })
}

/// The law's constants of a client, from its contract's.
pub(crate) fn law_config(config: &BeaconConfig) -> Result<Config, ethereum::Reject> {
    let times = Times {
        genesis: Seconds(config.genesisTime),
        seconds_per_slot: config.secondsPerSlot,
        slots_per_epoch: config.slotsPerEpoch,
        epochs_per_period: config.epochsPerPeriod,
    };
    let forks = ForkSchedule::new(config.forks.iter().map(fork_of))?;
    let trust_period = Seconds(config.trustPeriod);
    Ok(Config {
        network: Network::custom(times, config.genesisValidatorsRoot, COMMITTEE_SIZE_MIN, forks)?,
        router: config.router,
        commitments_slot: config.commitmentsSlot,
        trust_period,
        weak_subjectivity: Seconds(config.weakSubjectivity),
        capacity: config.capacity,
    })
}

fn fork_of(fork: &SolFork) -> Fork {
    Fork {
        epoch: Epoch(fork.epoch),
        version: fork.version.0,
        layout: Layout::from_number(fork.treeLayout),
    }
}

/// The contract's form of a fork.
pub(crate) fn fork_to_sol(fork: &Fork) -> SolFork {
    SolFork {
        epoch: fork.epoch.0,
        version: fork.version.into(),
        treeLayout: fork.layout.number(),
    }
}

fn paired(id: &ClientId, counterparty: &str) -> Result<Option<ClientId>, Complaint> {
    if counterparty.is_empty() {
        return Ok(None);
    }
    ClientId::new(counterparty).map(Some).map_err(|reject| {
        Fault::NoClient {
            id: id.to_string(),
            text: format!("its counterparty id is no client id: {reject}"),
        }
        .into()
    })
}

fn not_a_client(id: &ClientId, reject: &ethereum::Reject) -> Complaint {
    Fault::NoClient {
        id: id.to_string(),
        text: format!("its contract holds what no client holds: {reject}"),
    }
    .into()
}
