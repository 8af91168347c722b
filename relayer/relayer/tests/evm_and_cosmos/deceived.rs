//! A client on the EVM chain that is made to believe a block of the Cosmos chain that never was.

use crate::side::Side;
use alloy::primitives::Address;
use alloy::sol;
use cosmos_chain::Chain;
use cosmos_chain::validators::{Block, Message, World};
use tendermint_client::{Evidence, TrustLevel, Update, codec, evm};

sol! {
    #[sol(rpc)]
    interface Clients {
        function getClient(string clientId) view returns (address);
        function updateClient(string clientId, bytes updateMsg) returns (uint8 result);
    }
    struct Head { uint64 height; uint64 time; uint32 nanos; bytes32 appHash; bytes32 nextValidatorsHash; uint64 learnedAt; }
    #[sol(rpc)]
    interface Believer {
        function snapshot() view returns (Head newest, bool frozen);
        function milestones() view returns (Head[]);
    }
}

/// By how much a block is ahead of the chain so that the chain's own headers lie below the client's ring.
const AHEAD: u64 = 1_000_000;

/// A client on the EVM chain.
pub(crate) struct Victim<'a> {
    north: &'a Side,
    router: Address,
    id: String,
    pub(crate) contract: Address,
}

impl<'a> Victim<'a> {
    /// The client behind the EVM chain's end.
    pub(crate) async fn of(north: &'a Side, router: Address) -> Self {
        Self::called(&north.client, north, router).await
    }

    pub(crate) async fn called(id: &str, north: &'a Side, router: Address) -> Self {
        let clients = Clients::new(router, north.provider.clone());
        let contract = clients.getClient(id.to_owned()).call().await;
        Self {
            north,
            router,
            id: id.to_owned(),
            contract: contract.expect("a client"),
        }
    }

    /// Its newest height, and whether it is frozen.
    pub(crate) async fn stands(&self) -> (u64, bool) {
        let believer = Believer::new(self.contract, self.north.provider.clone());
        let seen = believer.snapshot().call().await.expect("a snapshot");
        (seen.newest.height, seen.frozen)
    }

    /// The chain's own header of its newest height and another one, signed by the chain's own validators.
    pub(crate) async fn contradiction(&self, hub: &Chain) -> Evidence {
        let (trusted, _) = self.stands().await;
        let height = hub.height();
        let honest = hub.block(height).expect("a block");
        Evidence {
            first: Box::new(shown(hub, &honest, trusted)),
            second: Box::new(shown(hub, &forged(hub, height, NEVER), trusted)),
        }
    }

    /// Shows it another block of a height that the chain has, signed by the chain's own validators; that height comes back.
    pub(crate) async fn deceive(&self, hub: &Chain) -> u64 {
        self.deceive_with(hub, NEVER).await
    }

    /// The same with a block that claims this state.
    pub(crate) async fn deceive_with(&self, hub: &Chain, app_hash: [u8; 32]) -> u64 {
        let (trusted, _) = self.stands().await;
        let height = hub.height();
        assert!(
            height > trusted,
            "the client is at {trusted}, the chain at {height}"
        );
        self.believe(hub, &forged(hub, height, app_hash), trusted).await;
        height
    }

    /// The same with a block so far ahead that the chain's own headers lie below the ring.
    pub(crate) async fn deceive_far(&self, hub: &Chain) -> u64 {
        let height = hub.height() + AHEAD;
        self.deceive_at(hub, height).await;
        height
    }

    /// The same with a block that stands where the newest state of a client stood that has `capacity` places; the height of that state
    /// and the block's come back.
    pub(crate) async fn put_out(&self, hub: &Chain, capacity: u64) -> [u64; 2] {
        let (trusted, _) = self.stands().await;
        self.deceive_at(hub, trusted + capacity).await;
        [trusted, trusted + capacity]
    }

    /// Heights of what it believes that no other height can put out.
    pub(crate) async fn milestones(&self) -> Vec<u64> {
        let believer = Believer::new(self.contract, self.north.provider.clone());
        let states = believer.milestones().call().await.expect("milestones");
        states.iter().map(|state| state.height).collect()
    }

    async fn deceive_at(&self, hub: &Chain, height: u64) {
        let (trusted, _) = self.stands().await;
        let block = hub.fork(hub.height(), |header| {
            header.app_hash = NEVER.to_vec();
            header.height = i64::try_from(height).expect("a height");
        });
        self.believe(hub, &block.expect("a block"), trusted).await;
    }

    async fn believe(&self, hub: &Chain, block: &Block, trusted: u64) {
        let update = shown(hub, block, trusted);
        let header = evm::encode_update(&update, TrustLevel::ONE_THIRD).expect("a message");
        for message in [evm::encode_set(&update.validators).expect("a set"), header] {
            let clients = Clients::new(self.router, self.north.provider.clone());
            let call = clients.updateClient(self.id.clone(), message.into());
            let sent = call.send().await.expect("sent").get_receipt().await;
            assert!(sent.expect("a receipt").status());
        }
        let height = u64::try_from(block.header.height).expect("a height");
        assert_eq!(self.stands().await, (height, false), "it believes what never was");
    }
}

/// A state that never was.
const NEVER: [u8; 32] = [0x66; 32];

/// A block of `height` that never was.
fn forged(hub: &Chain, height: u64, app_hash: [u8; 32]) -> Block {
    let forged = hub.fork(height, |header| header.app_hash = app_hash.to_vec());
    forged.expect("a block")
}

/// `block` as a client is shown it that trusts `trusted`.
fn shown(hub: &Chain, block: &Block, trusted: u64) -> Update {
    let world = World::new(hub.chain_id(), 1, block.validators.clone());
    let shown = world.show(block, i64::try_from(trusted).expect("a height"));
    codec::decode_update(&shown.encode_to_vec()).expect("a header")
}
