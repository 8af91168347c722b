//! One running chain: its world, its server, its clock.
//!
//! Wires the parts together. Must never decide what a part decides.

use std::net::SocketAddr;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use devnet::{DevnetError, Host, Member};
use tendermint_client::testing::{Ballot, Block, Validators, raw};

use crate::config::ChainConfig;
use crate::faults::Faults;
use crate::rpc;
use crate::world::World;

/// The world behind its lock.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<RwLock<World>>);

impl Shared {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, World> {
        self.0
            .read()
            .expect("a block or an answer panicked earlier, see above")
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, World> {
        self.0
            .write()
            .expect("a block or an answer panicked earlier, see above")
    }

    /// Lets one tick pass; answers the chain time of the next.
    fn tick(&self) -> u64 {
        let mut world = self.write();
        world.tick();
        world.next_time()
    }
}

/// A running chain. Dropping it stops its server and its clock.
#[derive(Debug)]
pub struct Chain {
    chain_id: String,
    world: Shared,
    member: Arc<Member>,
    rpc: SocketAddr,
    _host: Host,
}

impl Chain {
    /// Starts a chain: genesis, warm-up blocks, server, clock.
    ///
    /// Errors when the port cannot be bound.
    pub async fn start(mut config: ChainConfig) -> Result<Self, DevnetError> {
        let warm_up = config.warm_up_blocks.max(1);
        if config.clock.is_wall() {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs();
            config.genesis_time = now.saturating_sub(warm_up * config.seconds_per_block.max(1));
        }
        let world = Shared(Arc::new(RwLock::new(World::new(&config))));
        for _ in 0..warm_up {
            world.tick();
        }
        let member = Arc::new(config.clock.join(world.read().next_time()));
        let host = Host::start()?;
        let rpc = host.serve(config.listen, rpc::routes(world.clone())).await?;
        if !config.clock.is_manual() {
            let ticking = world.clone();
            let pass = move || ticking.tick();
            host.run_clock(
                &config.clock,
                member.clone(),
                config.seconds_per_block.max(1),
                pass,
            );
        }
        Ok(Self {
            chain_id: config.chain_id,
            world,
            member,
            rpc,
            _host: host,
        })
    }

    /// Its id.
    pub fn chain_id(&self) -> &str {
        &self.chain_id
    }

    /// Where JSON-RPC is served.
    pub fn rpc_url(&self) -> String {
        format!("http://{}", self.rpc)
    }

    /// The newest block.
    pub fn height(&self) -> u64 {
        self.world.read().height()
    }

    /// Lets time for `blocks` blocks pass at once, whatever the clock says.
    pub fn advance(&self, blocks: u64) {
        for _ in 0..blocks {
            self.member.moved_to(self.world.tick());
        }
    }

    /// The faults in force.
    pub fn faults(&self) -> Faults {
        self.world.read().faults.clone()
    }

    /// Puts other faults in force, from the next block and the next answer on.
    pub fn set_faults(&self, faults: Faults) {
        self.world.write().faults = faults;
    }

    /// Lets other validators sign, from two blocks after the next one on.
    pub fn set_validators(&self, validators: Validators) {
        self.world.write().change_set(validators);
    }

    /// Forgets all blocks and states below `lowest`, as a node that prunes does.
    pub fn prune(&self, lowest: u64) {
        self.world.write().prune(lowest);
    }

    /// Restarts the node: what waited in its mempool is gone.
    pub fn restart(&self) {
        self.world.write().restart();
    }

    /// The block of `height`, if it is kept.
    pub fn block(&self, height: u64) -> Option<Block> {
        self.world.read().block(height).map(|made| made.block.clone())
    }

    /// Another block of `height`, signed by the same validators: `alter` says in what it differs. It is part of no chain; it is
    /// what validators sign who break their word.
    pub fn fork(&self, height: u64, alter: impl FnOnce(&mut raw::Header)) -> Option<Block> {
        let honest = self.block(height)?;
        let mut header = honest.header;
        alter(&mut header);
        Some(Block::sign(header, honest.validators, 0, |_| Ballot::Block))
    }
}
