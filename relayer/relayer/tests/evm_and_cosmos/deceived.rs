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
    }
}

/// The client behind the EVM chain's end.
pub(crate) struct Victim<'a> {
    north: &'a Side,
    router: Address,
    contract: Address,
}

impl<'a> Victim<'a> {
    pub(crate) async fn of(north: &'a Side, router: Address) -> Self {
        let clients = Clients::new(router, north.provider.clone());
        let contract = clients.getClient(north.client.clone()).call().await;
        Self {
            north,
            router,
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
            second: Box::new(shown(hub, &forged(hub, height), trusted)),
        }
    }

    /// Shows it another block of a height that the chain has, signed by the chain's own validators; that height comes back.
    pub(crate) async fn deceive(&self, hub: &Chain) -> u64 {
        let (trusted, _) = self.stands().await;
        let height = hub.height();
        assert!(
            height > trusted,
            "the client is at {trusted}, the chain at {height}"
        );
        let update = shown(hub, &forged(hub, height), trusted);
        let header = evm::encode_update(&update, TrustLevel::ONE_THIRD).expect("a message");
        for message in [evm::encode_set(&update.validators).expect("a set"), header] {
            let clients = Clients::new(self.router, self.north.provider.clone());
            let call = clients.updateClient(self.north.client.clone(), message.into());
            let sent = call.send().await.expect("sent").get_receipt().await;
            assert!(sent.expect("a receipt").status());
        }
        assert_eq!(self.stands().await, (height, false), "it believes what never was");
        height
    }
}

/// A block of `height` that never was.
fn forged(hub: &Chain, height: u64) -> Block {
    let forged = hub.fork(height, |header| header.app_hash = vec![0x66; 32]);
    forged.expect("a block")
}

/// `block` as a client is shown it that trusts `trusted`.
fn shown(hub: &Chain, block: &Block, trusted: u64) -> Update {
    let world = World::new(hub.chain_id(), 1, block.validators.clone());
    let shown = world.show(block, i64::try_from(trusted).expect("a height"));
    codec::decode_update(&shown.encode_to_vec()).expect("a header")
}
