//! `client create` and `path create`: a light client of one chain on another, and the pairing of two of them.

use crate::abi::{Attestor, AttestorConfig, AttestorSet, BeaconConfig, CounterpartyInfo, Router};
use crate::anchors::Anchor;
use crate::client_view::contract_of;
use crate::evm::Evm;
use crate::laws::{fork_to_sol, law_config};
use crate::proofs;
use crate::rpc::{At, to_u64};
use alloy_primitives::{Address, Bytes, U256, Uint};
use alloy_sol_types::{SolCall, SolEvent, SolValue};
use chain::{Fault, NotYet};
use core::time::Duration;
use endpoints::Complaint;
use ethereum::spec::LightClientBootstrap;
use ethereum::{Blst, Bootstrap, Config, Network};
use policy::Policy;
use wire::{COMMITMENTS_SLOT, ClientId, Height, Seconds};

/// A packet lives at most a day, so states must be kept that long. Spec: PROTOCOL 1.
const KEPT_SECS: u64 = 24 * 60 * 60;
/// The smallest ring that is made.
const CAPACITY_MIN: u64 = 256;

/// What the operator decides about a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientTerms {
    /// How long its newest state may be believed.
    pub trust_period: Seconds,
    /// How old the state may be that it starts from; at least the trust period.
    pub weak_subjectivity: Seconds,
    /// How many states it keeps; none = as many as a packet's longest life needs.
    pub capacity: Option<u32>,
}

/// What the operator decides about an attestor client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestorTerms {
    /// Those who sign, and the weight that is needed.
    pub set: attestor::Set,
    /// How long its newest state may be believed.
    pub trust_period: Seconds,
    /// Attestors sign blocks whose numbers are multiples of this.
    pub interval: u64,
    /// How many states it keeps.
    pub capacity: u32,
    /// How long a new set waits, so that it can be vetoed.
    pub rotation_delay: Seconds,
}

/// A client that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its id on the host.
    pub id: ClientId,
    /// Its contract.
    pub contract: Address,
    /// The finalized height that it started from; 0 for one that has learned nothing itself.
    pub started_at: Height,
    /// The host's block in which it was added.
    pub block: u64,
}

/// The state that a client is to start from.
struct Start {
    bootstrap: LightClientBootstrap,
    anchor: Anchor,
}

/// How many states a client of `network` must keep.
pub fn capacity_for(network: &Network) -> u32 {
    let times = network.times();
    let epoch_secs = times
        .seconds_per_slot
        .saturating_mul(times.slots_per_epoch)
        .max(1);
    let needed = KEPT_SECS.div_ceil(epoch_secs).max(CAPACITY_MIN);
    u32::try_from(needed).unwrap_or(u32::MAX)
}

/// How many states a client of `network` keeps on a host that has room for `most`; what is wrong, and what helps, if none fits.
fn capacity_within(network: &Network, wished: Option<u32>, most: u32) -> Result<u32, String> {
    let (needed, times) = (capacity_for(network), network.times());
    let (slots, secs) = (times.slots_per_epoch, times.seconds_per_slot);
    let why = format!(
        "a packet lives for up to {KEPT_SECS} s, and a state is kept of each epoch of {slots} slots of {secs} s: that takes \
         {needed} states"
    );
    if needed > most {
        let longer = KEPT_SECS.div_ceil(slots.saturating_mul(most.into()).max(1));
        return Err(format!(
            "{why}, and the host's contract keeps at most {most}, whatever --capacity says; it can follow the chain if that has \
             slots of at least {longer} s"
        ));
    }
    match wished {
        None => Ok(needed),
        Some(wished) if (needed..=most).contains(&wished) => Ok(wished),
        Some(wished) => Err(format!(
            "{why}, and the host's contract keeps at most {most}; --capacity says {wished}: leave it out, or say {needed} to {most}"
        )),
    }
}

impl Evm {
    /// Makes a client of `tracked` on this chain, starting from the newest finalized state of `tracked`.
    ///
    /// Fails with [`NotYet`] until `tracked` has finalized its router.
    pub async fn create_client(
        &self,
        tracked: &Self,
        terms: &ClientTerms,
        patience: Duration,
    ) -> Result<Created, Fault> {
        let network = &*tracked.network().await?;
        let config = self.terms_to_config(tracked, network, terms).await?;
        // The contract will ask the same: a refusal here costs nothing.
        let latest = self.on_rpc(|rpc| async move { rpc.latest().await }).await?;
        let now = Seconds(to_u64(latest.timestamp));
        let (bootstrap, started_at) = tracked.bootstrap(network, law_config(&config), now).await?;

        let bytes = Bytes::from(ethereum::codec::encode_bootstrap(&bootstrap));
        let arguments = (config, bytes).abi_encode_params();
        let (contract, _) = self
            .create(
                "BeaconClient",
                &self.artifacts.beacon_client,
                &arguments,
                patience,
            )
            .await?;
        let (id, block) = self.add_client(contract, patience).await?;
        Ok(Created {
            id,
            contract,
            started_at,
            block,
        })
    }

    /// Makes an attestor client of `tracked` on this chain. It believes nothing until its attestors sign a state.
    pub async fn create_attestor_client(
        &self,
        tracked: &Self,
        terms: &AttestorTerms,
        patience: Duration,
    ) -> Result<Created, Fault> {
        let authority = self
            .read(self.settings.router, &Router::authorityCall {}, At::Latest)
            .await?;
        let config = AttestorConfig {
            chainId: tracked.settings.chain_id,
            router: tracked.settings.router,
            commitmentsSlot: COMMITMENTS_SLOT,
            trustPeriod: terms.trust_period.0,
            interval: terms.interval,
            capacity: terms.capacity,
            rotationDelay: terms.rotation_delay.0,
        };
        let attestors = terms.set.attestors().iter().map(|one| Attestor {
            signer: one.signer,
            weight: Uint::from(one.weight),
        });
        let set = AttestorSet {
            threshold: U256::from(terms.set.threshold()),
            attestors: attestors.collect(),
        };
        let arguments = (config, set, authority).abi_encode_params();
        let code = &self.artifacts.attestor_client;
        self.create_light("AttestorClient", code, &arguments, patience)
            .await
    }

    /// Makes a client of other clients on this chain.
    pub async fn create_policy_client(&self, policy: &Policy, patience: Duration) -> Result<Created, Fault> {
        let router = self.settings.router;
        let authority = self.read(router, &Router::authorityCall {}, At::Latest).await?;
        let arguments = (Bytes::from(policy.encode()), router, authority).abi_encode_params();
        let code = &self.artifacts.policy_client;
        self.create_light("PolicyClient", code, &arguments, patience)
            .await
    }

    async fn create_light(
        &self,
        name: &'static str,
        code: &str,
        arguments: &[u8],
        patience: Duration,
    ) -> Result<Created, Fault> {
        let (contract, _) = self.create(name, code, arguments, patience).await?;
        let (id, block) = self.add_client(contract, patience).await?;
        Ok(Created {
            id,
            contract,
            started_at: Height::of(0),
            block,
        })
    }

    /// The contract behind the client `id` of this chain.
    pub async fn client_contract(&self, id: &ClientId) -> Result<Address, Fault> {
        let router = self.settings.router;
        self.on_rpc(|rpc| async move { contract_of(&rpc, router, id, At::Latest).await })
            .await
    }

    /// What a counterparty is told to put before the keys of this chain's router: one empty element, for an EVM chain has no
    /// store prefix.
    pub fn merkle_prefix() -> Vec<Vec<u8>> {
        vec![Vec::new()]
    }

    /// Registers the other end of the client `id` of this chain, which must be its creator's wish and can be done once.
    ///
    /// - `prefix`: what the other chain puts before the keys of packets.
    pub async fn register_counterparty(
        &self,
        id: &ClientId,
        counterparty: &ClientId,
        prefix: &[Vec<u8>],
        patience: Duration,
    ) -> Result<(), Fault> {
        let call = Router::registerCounterpartyCall {
            clientId: id.to_string(),
            counterpartyInfo: CounterpartyInfo {
                clientId: counterparty.to_string(),
                merklePrefix: prefix.iter().map(|part| Bytes::copy_from_slice(part)).collect(),
            },
        };
        self.transact(Some(self.settings.router), call.abi_encode().into(), patience)
            .await
            .map(|_| ())
    }

    pub(crate) async fn add_client(
        &self,
        contract: Address,
        patience: Duration,
    ) -> Result<(ClientId, u64), Fault> {
        let call = Router::addClientCall {
            counterpartyInfo: CounterpartyInfo {
                clientId: String::new(),
                merklePrefix: Vec::new(),
            },
            client: contract,
        };
        let router = self.settings.router;
        let receipt = self
            .transact(Some(router), call.abi_encode().into(), patience)
            .await?;
        let added = receipt
            .logs
            .iter()
            .filter(|log| log.address() == router)
            .filter_map(|log| Router::ICS02ClientAdded::decode_log(&log.inner).ok())
            .find(|event| event.client == contract);
        let missing = |text: String| Fault::NoClient {
            id: contract.to_string(),
            text,
        };
        let added = added.ok_or_else(|| missing("addClient left no event".into()))?;
        let id = ClientId::new(added.clientId.clone()).map_err(|reject| missing(reject.to_string()))?;
        Ok((id, to_u64(receipt.block_number)))
    }

    async fn terms_to_config(
        &self,
        tracked: &Self,
        network: &Network,
        terms: &ClientTerms,
    ) -> Result<BeaconConfig, Fault> {
        let governance = self
            .read(self.settings.router, &Router::governanceCall {}, At::Latest)
            .await?;
        let times = network.times();
        Ok(BeaconConfig {
            genesisTime: times.genesis.0,
            genesisValidatorsRoot: network.genesis_validators_root(),
            secondsPerSlot: times.seconds_per_slot,
            slotsPerEpoch: times.slots_per_epoch,
            epochsPerPeriod: times.epochs_per_period,
            router: tracked.settings.router,
            commitmentsSlot: COMMITMENTS_SLOT,
            trustPeriod: terms.trust_period.0,
            weakSubjectivity: terms.weak_subjectivity.0,
            capacity: terms.capacity.unwrap_or_else(|| capacity_for(network)),
            governance,
            forks: network.forks().forks().iter().map(fork_to_sol).collect(),
        })
    }

    /// The constants and the first state of a client on another chain that is to follow this one from its newest finalized state
    /// on.
    ///
    /// - `most`: how many states the host has room for.
    /// - `now`: the host's time, in seconds since the Unix epoch.
    ///
    /// Fails with [`NotYet`] until this chain has finalized its router, and where no sound client has such terms.
    pub async fn starting_point_for(
        &self,
        terms: &ClientTerms,
        most: u32,
        now: Seconds,
    ) -> Result<(Config, Bootstrap), Fault> {
        let network = &*self.network().await?;
        let capacity = capacity_within(network, terms.capacity, most).map_err(|text| Fault::NoClient {
            id: format!("a client of {}", self.name()),
            text,
        })?;
        let config = Config {
            network: network.clone(),
            router: self.settings.router,
            commitments_slot: COMMITMENTS_SLOT,
            trust_period: terms.trust_period,
            weak_subjectivity: terms.weak_subjectivity,
            capacity,
        };
        let (bootstrap, _) = self.bootstrap(network, Ok(config.clone()), now).await?;
        Ok((config, bootstrap))
    }

    /// The newest finalized state of this chain as the first one of a client with the constants `config`, and its height. The law has judged
    /// it.
    async fn bootstrap(
        &self,
        network: &Network,
        config: Result<Config, ethereum::Reject>,
        now: Seconds,
    ) -> Result<(Bootstrap, Height), Fault> {
        let start = self.starting_point(network).await?;
        let (router, anchor) = (self.settings.router, &start.anchor);
        let account = self
            .on_rpc(|rpc| async move { proofs::prove_account(&rpc, router, anchor).await })
            .await?;
        let bootstrap = ethereum::spec::compact_bootstrap(&Blst, &start.bootstrap, &[account])
            .map_err(|reject| bad_start(&start, &reject))?;
        config
            .and_then(|law| ethereum::start(&Blst, law, &bootstrap, now))
            .map_err(|reject| bad_start(&start, &reject))?;
        Ok((bootstrap, Height::of(start.anchor.slot)))
    }

    /// The newest finalized state of this chain, once it holds the router.
    async fn starting_point(&self, network: &Network) -> Result<Start, Fault> {
        let start = self.on_beacon(|beacon| async move {
            let finality = beacon.finality_update(network).await?;
            let anchor = finality.anchor(network)?;
            let root = finality.update.finalized_header.beacon.root();
            let not_yet = |wanted: u64| {
                Fault::NotYet(NotYet::Finality {
                    wanted: Height::of(wanted),
                    finalized: anchor.finalized().height,
                })
            };
            let Some(bootstrap) = beacon.bootstrap(network, root).await? else {
                return Err(not_yet(anchor.slot.saturating_add(1)).into());
            };
            if !self.has_router(&anchor).await? {
                return Err(not_yet(anchor.slot.saturating_add(1)).into());
            }
            Ok(Start { bootstrap, anchor })
        });
        start.await
    }

    async fn has_router(&self, anchor: &Anchor) -> Result<bool, Complaint> {
        let router = self.settings.router;
        let exists = self.on_rpc(|rpc| async move { proofs::account_exists(&rpc, router, anchor).await });
        exists.await.map_err(Complaint::together)
    }
}

fn bad_start(start: &Start, reject: &ethereum::Reject) -> Fault {
    let text = format!("no client can start from slot {}: {reject}", start.anchor.slot);
    Fault::NoClient {
        id: "a new client".into(),
        text,
    }
}

#[cfg(test)]
#[path = "create_tests.rs"]
mod tests;
