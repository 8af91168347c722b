//! A client that believes what attestors sign, with the keys of a quorum of them in one hand: a thief's, or a test's.
//!
//! It needs no finality and no sync committee, so what is attacked over it is what lies behind the clients: limits, holds
//! and books. Whether the truth is signed or a lie, is for the caller.

use super::arena::Arena;
use crate::{contracts, draft::Artifact, tracker::Side};
use alloy::{
    primitives::{Address, B256, Bytes, U256, Uint},
    providers::Provider,
    sol_types::{SolCall, SolValue},
};
use anyhow::{Context, Result};
use attestor::{Attestation, Claim, Update, codec::encode_update, testing::Keys};
use chain_evm::abi::{CounterpartyInfo, Router};
use wire::{ClientId, Height, Path, Seconds, sign::Domain};

const ATTESTOR_CLIENT: &str = include_str!("../../../../contracts/artifacts/AttestorClient.json");
/// The keys follow from it.
const SEED: u64 = 2_026;
/// How many attestors there are, and how many signatures a state needs.
const ATTESTORS: u64 = 3;
const THRESHOLD: u64 = 2;
/// The places in the set of those whose keys are in one hand.
const SIGNERS: [u8; 2] = [0, 1];
/// A week, as clients have it by default.
const TRUST_SECS: u64 = 7 * 86_400;
/// States that it keeps; far more than an attack shows it.
const CAPACITY: u32 = 8_192;
const ROTATION_DELAY_SECS: u64 = 86_400;
/// What the contract gets at its creation: an `AttestorConfig`, an `AttestorSet` and the authority.
type Arguments = (
    (u64, Address, B256, u64, u64, u32, u64),
    (U256, Vec<(Address, Uint<96, 2>)>),
    Address,
);

/// What a router stores.
pub(super) struct Truth {
    /// The root of it.
    pub(super) root: B256,
    /// For each path that was asked for, the way from that root to it.
    pub(super) proofs: Vec<Bytes>,
}

/// A client at one side that stands for the other.
pub(super) struct Attested {
    /// Where it is.
    pub(super) host: Side,
    /// Its id there.
    pub(super) id: ClientId,
    light: Address,
    keys: Keys,
}

impl Attested {
    /// Adds a client of the other chain at `host`; `other` is the other end's id, if it is known already.
    pub(super) async fn open(arena: &Arena<'_>, host: Side, other: Option<&str>) -> Result<Self> {
        let (here, owner) = (arena.end(host), arena.attacker(host)?);
        let router = contracts::Router::new(here.router, &owner.provider);
        let authority = router.authority().call().await?;
        let keys = Keys::new(SEED, ATTESTORS);
        let arguments = arguments(arena, host, &keys, authority).abi_encode_params();
        let light = owner
            .deploy(Artifact::parse(ATTESTOR_CLIENT)?.code(), &arguments)
            .await?;
        let call = Router::addClientCall {
            counterpartyInfo: other_end(other),
            client: light,
        };
        let receipt = owner.call(here.router, call.abi_encode()).await?;
        let event = receipt.decoded_log::<contracts::Router::ICS02ClientAdded>();
        let event = event.context("adding a client emitted no event")?;
        Ok(Self {
            host,
            id: ClientId::new(event.data.clientId.clone())?,
            light,
            keys,
        })
    }

    /// Names the other end of a client that was opened without.
    pub(super) async fn pair(&self, arena: &Arena<'_>, other: &str) -> Result<()> {
        let call = Router::registerCounterpartyCall {
            clientId: self.id.to_string(),
            counterpartyInfo: other_end(Some(other)),
        };
        let router = arena.end(self.host).router;
        arena.attacker(self.host)?.call(router, call.abi_encode()).await?;
        Ok(())
    }

    /// Has the client believe that the other chain's router stores `root` now; at which height, comes back.
    ///
    /// Heights are the host's seconds: they only have to rise.
    pub(super) async fn attest(&self, arena: &Arena<'_>, root: B256) -> Result<Height> {
        let (here, owner) = (arena.end(self.host), arena.attacker(self.host)?);
        let now = owner.now().await?;
        let claim = Claim {
            timestamp: Seconds(now),
            storage_root: root,
        };
        let domain = Domain::evm(here.site.chain_id, self.light, 1);
        let update = Update::State(Attestation {
            height: now,
            claim,
            signatures: self.keys.attest(&domain, now, &claim, &SIGNERS),
        });
        let call = Router::updateClientCall {
            clientId: self.id.to_string(),
            updateMsg: encode_update(&update).into(),
        };
        owner.call(here.router, call.abi_encode()).await?;
        Ok(Height::of(now))
    }

    /// What the other chain's router stores now, with proofs of `paths`.
    pub(super) async fn truth(&self, arena: &Arena<'_>, paths: Vec<Path>) -> Result<Truth> {
        let there = self.host.across();
        let slots = paths.iter().map(|path| path.evm_slot(wire::COMMITMENTS_SLOT));
        let provider = arena.attacker(there)?.provider;
        let proof = provider
            .get_proof(arena.end(there).router, slots.collect())
            .await?;
        let proofs = proof.storage_proof.iter().map(|slot| slot.proof.concat().into());
        Ok(Truth {
            root: proof.storage_hash,
            proofs: proofs.collect(),
        })
    }
}

fn arguments(arena: &Arena<'_>, host: Side, keys: &Keys, authority: Address) -> Arguments {
    let there = arena.end(host.across());
    let config = (
        there.site.chain_id,
        there.router,
        wire::COMMITMENTS_SLOT,
        TRUST_SECS,
        1,
        CAPACITY,
        ROTATION_DELAY_SECS,
    );
    let attestors = keys.addresses().into_iter();
    let set = attestors.map(|signer| (signer, Uint::from(1))).collect();
    (config, (U256::from(THRESHOLD), set), authority)
}

fn other_end(client: Option<&str>) -> CounterpartyInfo {
    CounterpartyInfo {
        clientId: client.unwrap_or_default().into(),
        // One empty element: an EVM chain has no store prefix.
        merklePrefix: client.map(|_| Bytes::new()).into_iter().collect(),
    }
}
