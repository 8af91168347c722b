//! The law client of this project, fed from a chain's endpoints as a relayer would feed it.

use super::{FINALITY, get};
use alloy::primitives::{Address, B256, Bytes, U256};
use devnet::{Chain, ChainConfig, Genesis, GenesisAccount};
use ethereum::{
    Blst, Config, Epoch, Fork, ForkSchedule, Layout, Network, Period, Reject, Slot, TRUST_PERIOD_DEFAULT,
    Times, Trusted, WEAK_SUBJECTIVITY_DEFAULT,
    spec::{
        LightClientBootstrap, LightClientFinalityUpdate, LightClientUpdate, SyncCommittee, Versioned,
        compact_bootstrap, compact_finality_update, compact_update,
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wire::Seconds;

/// The account that stands for the router: loaded at genesis with one slot.
pub(crate) const ROUTER: Address = Address::repeat_byte(0x77);

/// A genesis with the router, whose one slot holds `value` repeated.
pub(crate) fn router(value: u8) -> Genesis {
    let account = GenesisAccount {
        address: ROUTER,
        nonce: Some(1),
        storage: vec![(B256::repeat_byte(3), B256::repeat_byte(value))],
        ..GenesisAccount::default()
    };
    Genesis {
        accounts: vec![account],
    }
}

/// Puts the router into the genesis state.
pub(crate) fn with_router(config: &mut ChainConfig) {
    config.evm.genesis = router(4);
}

/// A chain with the router, whose slots pass only by [`Chain::advance`].
pub(crate) async fn chain(chain_id: u64) -> Chain {
    super::chain_with(chain_id, with_router).await
}

/// What an update led to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Updated,
    NoOp,
    Misbehaviour,
}

/// A trusted state and the committees behind its commitments.
pub(crate) struct Follower {
    pub(crate) trusted: Trusted,
    committees: BTreeMap<Period, SyncCommittee>,
    rpc: String,
}

fn parse<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value::<Versioned<T>>(value).unwrap().data
}

impl Follower {
    /// Starts at the chain's finalized block.
    pub(crate) async fn start(chain: &Chain) -> Self {
        let header = get(chain, "/eth/v1/beacon/headers/finalized").await;
        let root = header["data"]["root"].as_str().unwrap();
        let bootstrap = get(chain, &format!("/eth/v1/beacon/light_client/bootstrap/{root}")).await;
        Self::start_from(chain, bootstrap).await.unwrap()
    }

    /// Starts from `bootstrap`, whoever made it.
    pub(crate) async fn start_from(chain: &Chain, bootstrap: Value) -> Result<Self, Reject> {
        let network = network(chain).await;
        let bootstrap: LightClientBootstrap = parse(bootstrap);
        let number = bootstrap.header.execution.block_number;
        let proof = account_proof(&chain.rpc_url(), number).await;
        let compact = compact_bootstrap(&Blst, &bootstrap, &proof)?;
        let config = Config {
            network,
            router: ROUTER,
            commitments_slot: B256::repeat_byte(1),
            trust_period: TRUST_PERIOD_DEFAULT,
            weak_subjectivity: WEAK_SUBJECTIVITY_DEFAULT,
            capacity: 64,
        };
        let now = config.network.time_of(bootstrap.header.beacon.slot).unwrap();
        let period = config.network.period_of(bootstrap.header.beacon.slot);
        let trusted = ethereum::start(&Blst, config, &compact, now)?;
        let committees = [(period, bootstrap.current_sync_committee)].into();
        Ok(Self {
            trusted,
            committees,
            rpc: chain.rpc_url(),
        })
    }

    /// Applies the best update of every period from the newest known one on, then the newest
    /// finality update; tells whether any of them brought something new.
    pub(crate) async fn catch_up(&mut self, chain: &Chain) -> Result<Step, Reject> {
        let start = self.newest_period();
        let path = format!("/eth/v1/beacon/light_client/updates?start_period={start}&count=128");
        let mut updates = get(chain, &path).await.as_array().unwrap().clone();
        updates.push(get(chain, FINALITY).await);
        let mut best = Step::NoOp;
        for update in updates {
            match self.apply(update).await? {
                Step::NoOp => {}
                step => best = step,
            }
        }
        Ok(best)
    }

    /// Applies one update, with or without a next committee, as REST or [`Chain::forge_update`]
    /// gives it.
    pub(crate) async fn apply(&mut self, update: Value) -> Result<Step, Reject> {
        let number = &update["data"]["finalized_header"]["execution"]["block_number"];
        let number = number.as_str().unwrap().parse().unwrap();
        let proof = account_proof(&self.rpc, number).await;
        self.apply_with(update, &proof)
    }

    /// Applies one update with an account proof of the caller's choice.
    pub(crate) fn apply_with(&mut self, update: Value, proof: &[Bytes]) -> Result<Step, Reject> {
        let committed = update["data"].get("next_sync_committee").is_some();
        let network = self.trusted.config.network.clone();
        let (compact, next) = if committed {
            let update: LightClientUpdate = parse(update);
            let committee = self.committee(&network, update.signature_slot)?;
            let compact = compact_update(&Blst, &network, &update, committee, proof)?;
            let period = Period(network.period_of(update.attested_header.beacon.slot).0 + 1);
            let next = update.has_next_committee().then_some(update.next_sync_committee);
            (compact, next.map(|committee| (period, committee)))
        } else {
            let update: LightClientFinalityUpdate = parse(update);
            let committee = self.committee(&network, update.signature_slot)?;
            (
                compact_finality_update(&Blst, &network, &update, committee, proof)?,
                None,
            )
        };
        let now = network.time_of(compact.signature_slot).unwrap();
        let advance = ethereum::verify_update(&Blst, &self.trusted, &compact, now)?;
        let (step, trusted) = match advance {
            client::Advance::Updated(trusted) => (Step::Updated, trusted),
            client::Advance::NoOp => return Ok(Step::NoOp),
            client::Advance::Misbehaviour(trusted) => (Step::Misbehaviour, trusted),
        };
        self.trusted = trusted;
        if let Some((period, committee)) = next
            && self.trusted.committee(period).is_some()
        {
            self.committees.insert(period, committee);
        }
        Ok(step)
    }

    fn committee(&self, network: &Network, slot: Slot) -> Result<&SyncCommittee, Reject> {
        let period = network.period_of(slot);
        let newest = self.committees.last_key_value().map(|(_, committee)| committee);
        Ok(self.committees.get(&period).or(newest).unwrap())
    }

    /// Period of the newest committee that is known.
    pub(crate) fn newest_period(&self) -> u64 {
        self.committees.last_key_value().unwrap().0.0
    }
}

/// The network as the chain's own REST interface describes it.
async fn network(chain: &Chain) -> Network {
    let genesis = get(chain, "/eth/v1/beacon/genesis").await["data"].clone();
    let spec = get(chain, "/eth/v1/config/spec").await["data"].clone();
    let number = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
    let times = Times {
        genesis: Seconds(number(&genesis["genesis_time"])),
        seconds_per_slot: number(&spec["SECONDS_PER_SLOT"]),
        slots_per_epoch: number(&spec["SLOTS_PER_EPOCH"]),
        epochs_per_period: number(&spec["EPOCHS_PER_SYNC_COMMITTEE_PERIOD"]),
    };
    let layouts = [
        ("DENEB", Layout::Deneb),
        ("ELECTRA", Layout::Electra),
        ("FULU", Layout::Electra),
    ];
    let mut forks = BTreeMap::new();
    for (name, layout) in layouts {
        let epoch = number(&spec[format!("{name}_FORK_EPOCH")]);
        let version: Bytes = spec[format!("{name}_FORK_VERSION")]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        if epoch != u64::MAX {
            let version = version.as_ref().try_into().unwrap();
            forks.insert(
                epoch,
                Fork {
                    epoch: Epoch(epoch),
                    version,
                    layout,
                },
            );
        }
    }
    let root = genesis["genesis_validators_root"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let size = number(&spec["SYNC_COMMITTEE_SIZE"]).try_into().unwrap();
    Network::custom(times, root, size, ForkSchedule::new(forks.into_values()).unwrap()).unwrap()
}

/// `eth_getProof` of the router at a block.
async fn account_proof(rpc: &str, number: u64) -> Vec<Bytes> {
    let request = json!({
        "jsonrpc": "2.0", "id": 1, "method": "eth_getProof",
        "params": [ROUTER, [], format!("{:#x}", U256::from(number))],
    });
    let client = reqwest::Client::new();
    let answer = client.post(rpc).json(&request).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    serde_json::from_value(answer["result"]["accountProof"].clone()).unwrap()
}
