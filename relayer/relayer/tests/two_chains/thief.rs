//! Whoever stole the keys of the sync committee in office of an embedded EVM chain, and signs what never was.

use alloy_primitives::{Address, B256, Bytes};
use chain::{BlockNumber, ChainName};
use chain_evm::{Evm, FeePolicy, Limits, Settings, TRANSACTION_GAS_MAX};
use devnet::{Chain, ForgedState, Forgery, Genesis, GenesisAccount, Party};
use ethereum::spec::{LightClientUpdate, SyncCommittee, Versioned, compact_update};
use ethereum::{Blst, Network, Period, Slot, Update};
use serde_json::Value;
use std::sync::Arc;

/// Slots before a finalized one in which another one is finalized and signed for in the same period, most of the time.
const BEFORE: u64 = 8;

pub(crate) struct Thief<'a> {
    chain: &'a Chain,
    network: Arc<Network>,
}

impl<'a> Thief<'a> {
    pub(crate) async fn of(chain: &'a Chain) -> Self {
        let network = reader(chain).network().await.expect("a network");
        Self { chain, network }
    }

    /// An update that teaches a committee of attackers for the period after `period`; none while the chain is in another one.
    pub(crate) async fn next_committee(&self, period: Period) -> Option<Update> {
        let update = self.forged(&Forgery {
            next_committee: Some(Party::Attacker),
            // The host's clock is there already.
            attested_slot: self.chain.slot().checked_sub(2),
            ..Forgery::default()
        })?;
        let slots = [
            update.finalized_header.beacon.slot,
            update.attested_header.beacon.slot,
            update.signature_slot,
        ];
        let is_within = slots.iter().all(|slot| self.network.period_of(*slot) == period);
        Some(self.compact(&update, &[]).await).filter(|_| is_within)
    }

    /// An update that finalizes a state that never was, in an epoch before that of `newest`, with another storage of `router`.
    pub(crate) async fn below(&self, newest: Slot, router: Address) -> Option<Update> {
        let genesis = Genesis {
            accounts: vec![GenesisAccount {
                address: router,
                storage: vec![(B256::with_last_byte(1), B256::with_last_byte(2))],
                ..GenesisAccount::default()
            }],
        };
        let never = ForgedState::new(&genesis, router, &[])?;
        let update = self.forged(&Forgery {
            state_root: Some(never.root),
            attested_slot: newest.0.checked_sub(BEFORE),
            ..Forgery::default()
        })?;
        let is_before = update.finalized_header.beacon.slot < newest;
        Some(self.compact(&update, &never.account_proof).await).filter(|_| is_before)
    }

    fn forged(&self, forgery: &Forgery) -> Option<LightClientUpdate> {
        let forged = self.chain.forge_update(forgery)?;
        let update: Versioned<LightClientUpdate> = serde_json::from_value(forged).expect("an update");
        Some(update.data)
    }

    async fn compact(&self, update: &LightClientUpdate, account: &[Bytes]) -> Update {
        let committee = self
            .committee(self.network.period_of(update.signature_slot))
            .await;
        let compact = compact_update(&Blst, &self.network, update, &committee, account);
        compact.expect("it has the form of an update")
    }

    /// The chain's own committee of a period, which is public.
    async fn committee(&self, period: Period) -> SyncCommittee {
        let before = period.0.checked_sub(1).expect("not the first period");
        let url = self.chain.beacon_url();
        let path = format!("{url}/eth/v1/beacon/light_client/updates?start_period={before}&count=1");
        let answer = reqwest::get(path).await.expect("answered").json::<Value>().await;
        let updates: Vec<Versioned<LightClientUpdate>> =
            serde_json::from_value(answer.expect("JSON")).expect("updates");
        let first = updates.into_iter().next().expect("an update");
        first.data.next_sync_committee
    }
}

fn reader(chain: &Chain) -> Evm {
    let url = |text: String| vec![text.parse().expect("a url")];
    let evm = Evm::new(Settings {
        attestors: Vec::new(),
        name: ChainName("robbed".into()),
        chain_id: chain.chain_id(),
        rpc: url(chain.rpc_url()),
        beacon: url(chain.beacon_url()),
        router: Address::ZERO,
        first_block: BlockNumber(1),
        signer: None,
        fee: FeePolicy::default(),
        gas_max: TRANSACTION_GAS_MAX,
        limits: Limits::default(),
    });
    evm.expect("a chain")
}
