//! `Ask::Client`: what a client contract on this chain trusts, as the law's own types.
//!
//! Everything is read at one block. Of a ring only the newest state is read, and for a policy's delay those back to one that
//! it may use: proofs are planned for these or for what an update adds.
//!
//! What this module must never do: judge whether the contract deserves trust (verify.rs does).

use crate::abi::{
    AttestorClient, AttestorConfig, AttestorSet, BatchClient, BeaconClient, BeaconConfig, Introspection,
    PolicyClient, Router, TendermintClient,
};
use crate::laws::{law_config, law_set};
use crate::lights::{Kind, Lights};
use crate::rpc::{At, Call, Rpc, to_u64};
use crate::{ring, tendermint};
use alloy_primitives::{Address, Bytes, FixedBytes};
use alloy_sol_types::SolCall;
use chain::{ClientView, Fault, PolicyState, TrustedState};
use endpoints::Complaint;
use ethereum::{HeldCommittee, Period, Slot, Trusted};
use policy::{Leaf, Policy};
use wire::{ClientId, End, Seconds};

/// A client as it stands at one block.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The contract.
    pub(crate) contract: Address,
    /// What it was told at its creation.
    pub(crate) told: Told,
    /// Under what the counterparty was said to keep its keys.
    pub(crate) prefix: Vec<Bytes>,
    /// The port's answer.
    pub(crate) view: ClientView,
}

/// What a client contract was told.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Beacon(BeaconConfig),
    Attestors(AttestorConfig),
    Tendermint(tendermint_client::Config),
    Policy(Vec<LeafSeen>),
}

/// A leaf of a policy.
#[derive(Clone, Debug)]
pub(crate) struct LeafSeen {
    pub(crate) contract: Address,
    pub(crate) is_halted: bool,
    /// What was read of it, or why nothing was.
    pub(crate) light: Result<(Told, TrustedState), String>,
}

/// Who reads, at which block.
#[derive(Clone, Copy)]
struct Reading<'a> {
    rpc: &'a Rpc,
    lights: &'a Lights,
    router: Address,
    at: At,
    /// The block's time.
    now: Seconds,
}

/// Reads the client `id` of `router` at the newest block.
pub(crate) async fn see(
    rpc: &Rpc,
    lights: &Lights,
    router: Address,
    id: &ClientId,
) -> Result<Seen, Complaint> {
    let block = rpc.latest().await?;
    let reading = Reading {
        rpc,
        lights,
        router,
        at: At::Number(to_u64(block.number)),
        now: Seconds(to_u64(block.timestamp)),
    };
    let at = reading.at;
    let contract = contract_of(rpc, router, id, at).await?;
    let call = Router::getCounterpartyCall {
        clientId: id.to_string(),
    };
    let counterparty = view(rpc, router, &call, at, id.as_str()).await?;
    let (told, trusted) = match reading.kind(contract).await? {
        Kind::Policy => reading.policy(contract, id.as_str()).await?,
        kind => {
            let leaf = Leaf {
                client: contract,
                delay: Seconds(0),
            };
            reading.plain(kind, &leaf, id.as_str()).await?
        }
    };
    let view = ClientView {
        channel: None,
        client: id.clone(),
        trusted,
        counterparty: paired(id, &counterparty.clientId)?.map(End::Client),
        now: reading.now,
        takes_batches: declares(rpc, contract, BatchClient::verifyBatchCall::SELECTOR.into(), at).await?,
    };
    Ok(Seen {
        contract,
        told,
        prefix: counterparty.merklePrefix,
        view,
    })
}

impl Reading<'_> {
    /// Of which kind a contract is, by what it answers; its code never changes. It is remembered once the contract was read
    /// whole as one of that kind, because one answer may be odd.
    async fn kind(self, contract: Address) -> Result<Kind, Complaint> {
        if let Some(kind) = self.lights.kind(contract) {
            return Ok(kind);
        }
        let kind = if declares(self.rpc, contract, policy_interface(), self.at).await? {
            Kind::Policy
        } else {
            let set = view(
                self.rpc,
                contract,
                &AttestorClient::attestorSetCall {},
                self.at,
                "",
            )
            .await;
            match set {
                Ok(_) => Kind::Attestors,
                Err(Complaint::Lacks(Fault::NoClient { .. })) => self.kind_of_chain(contract).await?,
                Err(other) => return Err(other),
            }
        };
        Ok(kind)
    }

    /// Whether a contract that no attestors sign for follows a CometBFT chain, or else a beacon chain.
    async fn kind_of_chain(self, contract: Address) -> Result<Kind, Complaint> {
        let call = TendermintClient::verifierCall {};
        match view(self.rpc, contract, &call, self.at, "").await {
            Ok(_) => Ok(Kind::Tendermint),
            Err(Complaint::Lacks(Fault::NoClient { .. })) => Ok(Kind::Beacon),
            Err(other) => Err(other),
        }
    }

    async fn policy(self, contract: Address, name: &str) -> Result<(Told, TrustedState), Complaint> {
        let bytes = view(self.rpc, contract, &PolicyClient::getPolicyCall {}, self.at, name).await?;
        let policy = Policy::decode(&bytes).map_err(|reject| not_a_client(name, &reject))?;
        let mut seen = Vec::new();
        for leaf in policy.leaves() {
            seen.push(self.leaf(leaf).await?);
        }
        let usable = seen.iter().map(|leaf| {
            let read = leaf.light.as_ref().ok().filter(|_| !leaf.is_halted);
            read.map(|(_, trusted)| trusted.clone())
        });
        let leaves = usable.collect();
        let trusted = TrustedState::Policy(Box::new(PolicyState { policy, leaves }));
        self.lights.put_kind(contract, Kind::Policy);
        Ok((Told::Policy(seen), trusted))
    }

    /// A leaf that is no client makes the policy no worse than one that refuses everything.
    async fn leaf(self, leaf: &Leaf) -> Result<LeafSeen, Complaint> {
        let contract = leaf.client;
        let call = Router::isClientContractHaltedCall { light: contract };
        let name = contract.to_string();
        let is_halted = view(self.rpc, self.router, &call, self.at, &name).await?;
        let light = match self.kind(contract).await? {
            Kind::Policy => Err(not_a_client(&name, &"a policy stands in a policy")),
            kind => self.plain(kind, leaf, &name).await,
        };
        let light = match light {
            Ok(light) => Ok(light),
            Err(Complaint::Lacks(fault @ Fault::NoClient { .. })) => Err(fault.to_string()),
            Err(other) => return Err(other),
        };
        Ok(LeafSeen {
            contract,
            is_halted,
            light,
        })
    }

    async fn plain(self, kind: Kind, leaf: &Leaf, name: &str) -> Result<(Told, TrustedState), Complaint> {
        let read = match kind {
            Kind::Beacon => self.beacon(leaf, name).await,
            Kind::Attestors => self.attestors(leaf, name).await,
            Kind::Tendermint => {
                let seen = tendermint::read(self.rpc, leaf.client, self.at, name).await;
                seen.map(|(config, trusted)| {
                    (
                        Told::Tendermint(config),
                        TrustedState::Tendermint(Box::new(trusted)),
                    )
                })
            }
            Kind::Policy => Err(not_a_client(name, &"a policy is no plain client")),
        }?;
        self.lights.put_kind(leaf.client, kind);
        Ok(read)
    }

    async fn beacon(self, leaf: &Leaf, name: &str) -> Result<(Told, TrustedState), Complaint> {
        let (rpc, contract, at) = (self.rpc, leaf.client, self.at);
        let (config, snapshot, start) = (
            BeaconClient::configCall {},
            BeaconClient::snapshotCall {},
            BeaconClient::bootstrapCall {},
        );
        let (config, snapshot, start) = tokio::try_join!(
            view(rpc, contract, &config, at, name),
            view(rpc, contract, &snapshot, at, name),
            view(rpc, contract, &start, at, name),
        )?;
        let law = law_config(&config).map_err(|reject| not_a_client(name, &reject))?;
        let newest = Slot(snapshot.newestSlot);
        let ring = ring::Ring::of_beacon(rpc, self.lights, contract, at, &law.network, config.capacity);
        let found = ring.read(newest.0, leaf.delay, self.now, name).await?;
        let states = found.iter().map(|state| ethereum::State {
            slot: Slot(state.height),
            storage_root: state.storage_root,
            learned_at: Seconds(state.learned_at),
        });
        let committees = snapshot
            .committees
            .iter()
            .filter(|known| !known.commitment.is_zero())
            .map(|known| HeldCommittee {
                period: Period(known.period),
                commitment: known.commitment,
            });
        let mut trusted = Trusted::from_parts(law, newest, states, committees, snapshot.frozen)
            .map_err(|reject| not_a_client(name, &reject))?;
        trusted.bootstrap = Some(Slot(start.slot));
        Ok((Told::Beacon(config), TrustedState::Ethereum(Box::new(trusted))))
    }

    async fn attestors(self, leaf: &Leaf, name: &str) -> Result<(Told, TrustedState), Complaint> {
        let (rpc, contract, at) = (self.rpc, leaf.client, self.at);
        let host = rpc.chain_id().await?;
        let config = view(rpc, contract, &AttestorClient::configCall {}, at, name).await?;
        let snapshot = view(rpc, contract, &AttestorClient::snapshotCall {}, at, name).await?;
        let set = view(rpc, contract, &AttestorClient::attestorSetCall {}, at, name).await?;
        let law = attestor::Config {
            host: wire::sign::word(host),
            contract: contract.into_word(),
            commitments_slot: config.commitmentsSlot,
            trust_period: Seconds(config.trustPeriod),
            interval: config.interval,
            capacity: config.capacity,
            rotation_delay: Seconds(config.rotationDelay),
        };
        let ring = ring::Ring::of_attestors(rpc, self.lights, contract, at, &config);
        let found = match snapshot.newestHeight {
            0 => Vec::new(),
            newest => ring.read(newest, leaf.delay, self.now, name).await?,
        };
        let states = found.iter().map(|state| attestor::State {
            height: state.height,
            timestamp: Seconds(state.timestamp),
            storage_root: state.storage_root,
            learned_at: Seconds(state.learned_at),
        });
        let law_set = law_set_of(&set, name)?;
        let mut trusted =
            attestor::Trusted::from_parts(law, law_set, snapshot.setId, states, snapshot.frozen)
                .map_err(|reject| not_a_client(name, &reject))?;
        trusted.nonce = snapshot.nonce;
        if snapshot.rotationDue != 0 {
            let next = view(rpc, contract, &AttestorClient::pendingSetCall {}, at, name).await?;
            trusted.pending = Some(attestor::PendingRotation {
                set: law_set_of(&next, name)?,
                due: Seconds(snapshot.rotationDue),
            });
        }
        let told = Told::Attestors(config);
        Ok((told, TrustedState::Attestors(Box::new(trusted))))
    }
}

/// The interface id that a policy client declares.
fn policy_interface() -> FixedBytes<4> {
    let parts = [
        PolicyClient::setPolicyCall::SELECTOR,
        PolicyClient::getPolicyCall::SELECTOR,
        PolicyClient::getLeavesCall::SELECTOR,
    ];
    parts
        .into_iter()
        .map(FixedBytes::from)
        .fold(FixedBytes::ZERO, |all, one| all ^ one)
}

fn law_set_of(set: &AttestorSet, name: &str) -> Result<attestor::Set, Complaint> {
    law_set(set).map_err(|text| not_a_client(name, &text))
}

/// Whether `contract` declares an interface by ERC-165. One that declares nothing does not.
async fn declares(rpc: &Rpc, contract: Address, interface: FixedBytes<4>, at: At) -> Result<bool, Complaint> {
    let call = Introspection::supportsInterfaceCall {
        interfaceId: interface,
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
        id.as_str(),
    )
    .await
}

/// A view function's answer. A revert means that there is no such client.
pub(crate) async fn view<C: SolCall>(
    rpc: &Rpc,
    contract: Address,
    call: &C,
    at: At,
    name: &str,
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
                id: name.to_owned(),
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
            id: name.to_owned(),
            text,
        }
        .into()
    })
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

pub(crate) fn not_a_client(name: &str, reject: &dyn core::fmt::Display) -> Complaint {
    Fault::NoClient {
        id: name.to_owned(),
        text: format!("its contract holds what no client holds: {reject}"),
    }
    .into()
}
