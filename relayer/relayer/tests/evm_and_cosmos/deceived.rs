//! A client on the EVM chain that is made to believe a block of the Cosmos chain that never was.

use crate::side::Side;
use alloy::primitives::Address;
use alloy::sol;
use cosmos_chain::Chain;
use cosmos_chain::validators::{Message, World};
use tendermint_client::{TrustLevel, codec, evm};

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

    /// Shows it another block of a height that the chain has, signed by the chain's own validators; that height comes back.
    pub(crate) async fn deceive(&self, hub: &Chain) -> u64 {
        let (trusted, _) = self.stands().await;
        let height = hub.height();
        assert!(
            height > trusted,
            "the client is at {trusted}, the chain at {height}"
        );
        let forged = hub
            .fork(height, |header| header.app_hash = vec![0x66; 32])
            .expect("a block");
        let world = World::new(hub.chain_id(), 1, forged.validators.clone());
        let shown = world.show(&forged, i64::try_from(trusted).expect("a height"));
        let update = codec::decode_update(&shown.encode_to_vec()).expect("a header");
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
