//! One running chain: its state, its servers, its clock.
//!
//! Wires the layers together and decides the order of things within a slot. Must never decide what
//! a layer decides.

use crate::{
    beacon::{self, Beacon, Forgery},
    clock::Member,
    config::ChainConfig,
    control,
    error::DevnetError,
    evm::Ledger,
    faults::Faults,
    genesis::Genesis,
    host::Host,
    rpc,
};
use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::{Address, B256, Bytes, keccak256};
use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::{SystemTime, UNIX_EPOCH},
};

/// Everything that slots change and answers read.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) beacon: Beacon,
    pub(crate) faults: Faults,
    /// Raw transactions on their way, with the slot at which they reach the pool.
    delayed: Vec<(u64, Bytes)>,
}

impl World {
    /// Lets one slot pass.
    fn pass_slot(&mut self) {
        let slot = self.beacon.slot() + 1;
        self.beacon.begin_slot(slot, !self.faults.stop_finality);
        self.deliver(slot);
        if !self.faults.missed_slots.contains(&slot) {
            let block = self.ledger.build(self.beacon.attributes(slot));
            let signers = self.faults.signers(slot, crate::config::COMMITTEE_SIZE);
            self.beacon.propose(&block, signers);
        }
        self.ledger.checkpoints = self.beacon.checkpoint_blocks();
    }

    /// Keeps a transaction back for as long as the faults say.
    pub(crate) fn delay(&mut self, raw: Bytes) {
        let due = self.beacon.slot() + self.faults.delay_transactions;
        self.delayed.push((due, raw));
    }

    /// Hands the pool what is due. What it refuses now is lost, as on a network.
    fn deliver(&mut self, slot: u64) {
        let (due, later) = std::mem::take(&mut self.delayed)
            .into_iter()
            .partition(|(at, _)| *at <= slot);
        self.delayed = later;
        for (_, raw) in due {
            if let Err(refused) = self.ledger.submit(raw) {
                tracing::debug!(%refused, "a delayed transaction is lost");
            }
        }
    }

    pub(crate) fn orphan(&mut self, depth: u64) -> Result<(), DevnetError> {
        let number = self
            .beacon
            .orphan(depth)
            .ok_or(DevnetError::UndoesFinality { depth })?;
        self.ledger.rewind(number);
        self.ledger.checkpoints = self.beacon.checkpoint_blocks();
        Ok(())
    }
}

/// The world behind its lock.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<RwLock<World>>);

impl Shared {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, World> {
        self.0
            .read()
            .expect("a slot or an answer panicked earlier, see above")
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, World> {
        self.0
            .write()
            .expect("a slot or an answer panicked earlier, see above")
    }
}

/// A running chain. Dropping it stops its servers and its clock.
#[derive(Debug)]
pub struct Chain {
    chain_id: u64,
    world: Shared,
    member: Arc<Member>,
    accounts: Vec<PrivateKeySigner>,
    rpc: SocketAddr,
    beacon: SocketAddr,
    _host: Host,
}

impl Chain {
    /// Starts a chain: genesis, warm-up slots, servers, clock.
    ///
    /// Errors when a port cannot be bound.
    pub async fn start(mut config: ChainConfig) -> Result<Self, DevnetError> {
        if config.clock.is_wall() {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let warm_up = config.warm_up_slots * config.beacon.seconds_per_slot;
            config.beacon.genesis_time = now.as_secs().saturating_sub(warm_up);
        }
        let accounts = funded_keys(config.seed, config.evm.funded_accounts);
        let world = Shared(Arc::new(RwLock::new(genesis(&config, &accounts))));
        for _ in 0..config.warm_up_slots {
            world.write().pass_slot();
        }
        let member = Arc::new(config.clock.join(next_time(&world.read().beacon)));
        let host = Host::start()?;
        let up = from_fn_with_state(world.clone(), unless_down);
        let execution = rpc::routes(world.clone()).layer(up.clone());
        let rpc = host.serve(config.rpc_listen, execution).await?;
        let consensus = beacon::routes(world.clone()).layer(up);
        let consensus = consensus.merge(control::routes(world.clone()));
        let beacon = host.serve(config.beacon_listen, consensus).await?;
        if !config.clock.is_manual() {
            let world = world.clone();
            let pass = move || {
                let mut world = world.write();
                world.pass_slot();
                next_time(&world.beacon)
            };
            host.run_clock(
                &config.clock,
                member.clone(),
                config.beacon.seconds_per_slot,
                pass,
            );
        }
        Ok(Self {
            chain_id: config.evm.chain_id,
            world,
            member,
            accounts,
            rpc,
            beacon,
            _host: host,
        })
    }

    /// EIP-155 chain id.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Where JSON-RPC is served.
    pub fn rpc_url(&self) -> String {
        format!("http://{}", self.rpc)
    }

    /// Where the beacon REST interface and the control endpoint are served.
    pub fn beacon_url(&self) -> String {
        format!("http://{}", self.beacon)
    }

    /// The funded keys.
    pub fn accounts(&self) -> &[PrivateKeySigner] {
        &self.accounts
    }

    /// The newest slot that passed.
    pub fn slot(&self) -> u64 {
        self.world.read().beacon.slot()
    }

    /// Lets `slots` slots pass at once, whatever the clock says. Chains that share the clock catch
    /// up at its pace, and this one waits for them.
    pub fn advance(&self, slots: u64) {
        for _ in 0..slots {
            let next = {
                let mut world = self.world.write();
                world.pass_slot();
                next_time(&world.beacon)
            };
            self.member.moved_to(next);
        }
    }

    /// The faults in force.
    pub fn faults(&self) -> Faults {
        self.world.read().faults.clone()
    }

    /// Puts other faults in force, from the next slot and the next answer on.
    pub fn set_faults(&self, faults: Faults) {
        self.world.write().faults = faults;
    }

    /// Loads accounts and slots into the state when the next block is built.
    pub fn load(&self, genesis: Genesis) {
        self.world.write().ledger.load(genesis);
    }

    /// Orphans the blocks of the last `depth` slots: the next block builds on what came before, and
    /// their transactions wait again.
    ///
    /// Errors when that would undo finality.
    pub fn fork(&self, depth: u64) -> Result<(), DevnetError> {
        self.world.write().orphan(depth)
    }

    /// The `LightClientUpdate` (JSON of the REST interface, `{"version", "data"}`) that `forgery`
    /// describes; `None` before the first finality, or if there is no block to attest.
    pub fn forge_update(&self, forgery: &Forgery) -> Option<Value> {
        self.world.read().beacon.forge_update(forgery)
    }

    /// A bootstrap under the attacker's committee, and its block root; `None` before the first
    /// finality. `state_root` is the EVM state root it claims, the real one by default.
    pub fn forge_bootstrap(&self, state_root: Option<B256>) -> Option<(B256, Value)> {
        self.world.read().beacon.forge_bootstrap(state_root)
    }
}

/// Answers nobody as long as the node is down; whoever controls it is still heard.
async fn unless_down(State(world): State<Shared>, request: Request, next: Next) -> Response {
    if world.read().faults.down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    next.run(request).await
}

fn next_time(beacon: &Beacon) -> u64 {
    beacon.time_at(beacon.slot() + 1)
}

fn genesis(config: &ChainConfig, accounts: &[PrivateKeySigner]) -> World {
    let mut beacon = Beacon::new(config.beacon.clone(), config.evm.chain_id, config.seed);
    let addresses: Vec<Address> = accounts.iter().map(PrivateKeySigner::address).collect();
    let ledger = Ledger::new(&config.evm, &addresses, beacon.attributes(0));
    beacon.propose(ledger.head(), 0);
    World {
        ledger,
        beacon,
        faults: Faults::default(),
        delayed: Vec::new(),
    }
}

/// Keys of the funded accounts: keccak of the seed and a number.
fn funded_keys(seed: u64, count: u32) -> Vec<PrivateKeySigner> {
    let key = |index: u32| {
        let material = [
            b"weighbridge devnet account".as_slice(),
            &seed.to_be_bytes(),
            &index.to_be_bytes(),
        ];
        PrivateKeySigner::from_bytes(&keccak256(material.concat()))
            .expect("a hash is a valid key except once in 2^127 times")
    };
    (0..count).map(key).collect()
}
