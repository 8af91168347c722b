//! Clients that believe what attestors sign, and the attestors' keys.
//!
//! Where one hand has the keys of a quorum, a thief's or a test's, there is no finality to wait for and no sync committee:
//! what is attacked then is what lies behind the clients. Whether the truth is signed or a lie, is for the caller.

use super::{arena::Arena, lie::Lie, pairing};
use crate::{contracts::AttestorClient, draft::Artifact, tracker::Side, wallet::Wallet};
use alloy::{
    primitives::{Address, B256, Bytes, U256, Uint},
    providers::Provider,
    sol_types::{SolCall, SolValue},
};
use anyhow::Result;
use attestor::{Attestation, Claim, Update, codec::encode_update, testing::Keys};
use chain_evm::abi::Router;
use wire::{ClientId, Height, Path, Seconds, sign::Domain};

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
/// A block that nobody attested. Heights of an attestor client are its attestors' word alone.
pub(super) const HEIGHT: u64 = 1_000_000;

/// Attestors, honest or not.
pub(super) struct Attestors(Keys);

impl Attestors {
    pub(super) fn new() -> Self {
        Self(Keys::new(SEED, ATTESTORS))
    }

    /// A client on `host` that believes them about the router `router` of chain `chain_id`.
    pub(super) async fn deploy(
        &self,
        arena: &Arena<'_>,
        host: Side,
        owner: &Wallet,
        (chain_id, router): (u64, Address),
    ) -> Result<Address> {
        let provider = owner.provider.clone();
        let bridge = crate::contracts::Router::new(arena.end(host).router, &provider);
        let authority = bridge.authority().call().await?;
        let config = AttestorClient::AttestorConfig {
            chainId: chain_id,
            router,
            commitmentsSlot: wire::COMMITMENTS_SLOT,
            trustPeriod: TRUST_SECS,
            interval: 1,
            capacity: CAPACITY,
            rotationDelay: ROTATION_DELAY_SECS,
        };
        let attestors = self.0.addresses().into_iter();
        let weighed = attestors.map(|signer| AttestorClient::Attestor {
            signer,
            weight: Uint::from(1),
        });
        let set = AttestorClient::AttestorSet {
            threshold: U256::from(THRESHOLD),
            attestors: weighed.collect(),
        };
        let arguments = (config, set, authority).abi_encode_params();
        let artifact = Artifact::parse(arena.artifacts().attestor_client())?;
        owner.deploy(artifact.code(), &arguments).await
    }

    /// The update in which as many as are needed sign `digest` for `claim`.
    pub(super) fn sign(&self, height: u64, claim: Claim, digest: B256) -> Update {
        Update::State(Attestation {
            height,
            claim,
            signatures: self.0.sign(digest, &SIGNERS),
        })
    }
}

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
    attestors: Attestors,
}

impl Attested {
    /// Adds a client of the other chain at `host`; `other` is the other end's id, if it is known already.
    pub(super) async fn open(arena: &Arena<'_>, host: Side, other: Option<&str>) -> Result<Self> {
        let owner = arena.attacker(host)?;
        let there = arena.end(host.across());
        let attestors = Attestors::new();
        let about = (there.site.chain_id, there.router);
        let light = attestors.deploy(arena, host, &owner, about).await?;
        // A wallet counts its own transactions only.
        let owner = arena.attacker(host)?;
        let id = pairing::add_client(arena, host, &owner, light).await?;
        let client = Self {
            host,
            id: ClientId::new(id)?,
            light,
            attestors,
        };
        if let Some(other) = other {
            client.pair(arena, other).await?;
        }
        Ok(client)
    }

    /// Names the other end of a client that was opened without.
    pub(super) async fn pair(&self, arena: &Arena<'_>, other: &str) -> Result<()> {
        pairing::pair(arena, self.host, self.id.as_str(), other).await
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
        let update = self.attestors.sign(now, claim, claim.digest(&domain, now));
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

/// What `lie` says of North, at a time that South's clock has reached.
pub(super) async fn claim(arena: &Arena<'_>, lie: &Lie) -> Result<Claim> {
    Ok(Claim {
        timestamp: Seconds(arena.attacker(Side::South)?.now().await?),
        storage_root: lie.storage_root()?,
    })
}

/// What attestors sign for the client `contract` at `host`, by the contract's own word.
pub(super) async fn digest_of(
    arena: &Arena<'_>,
    host: Side,
    contract: Address,
    claim: &Claim,
) -> Result<B256> {
    let provider = arena.attacker(host)?.provider;
    let client = AttestorClient::new(contract, &provider);
    let digest = client.stateDigest(HEIGHT, claim.timestamp.0, claim.storage_root);
    Ok(digest.call().await?)
}

/// Offers an update to South's client `id`; the error that refused it comes back.
pub(super) async fn offer(arena: &Arena<'_>, id: &str, update: &Update) -> Result<Option<String>> {
    let call = Router::updateClientCall {
        clientId: id.into(),
        updateMsg: encode_update(update).into(),
    };
    arena
        .refusal(Side::South, arena.end(Side::South).router, call.abi_encode())
        .await
}
