//! Attestor clients for attacks: five attestors, three of whom are needed, and what they sign.
//!
//! Whoever attacks here is no attestor, save where an attack says that he stole their keys.

use super::{arena::Arena, lie::Lie, pairing};
use crate::{contracts::AttestorClient, draft::Artifact, tracker::Side, wallet::Wallet};
use alloy::{
    primitives::{Address, B256, U256, keccak256},
    signers::{SignerSync, local::PrivateKeySigner},
    sol_types::{SolCall, SolValue},
};
use anyhow::{Context, Result};
use attestor::{Attestation, Claim, Signed, Update};
use chain_evm::abi::Router;
use wire::Seconds;

/// How many attestors there are, and how many are needed.
const COUNT: usize = 5;
const THRESHOLD: u64 = 3;
/// A block that nobody attested. Heights of an attestor client are its attestors' word alone.
pub(super) const HEIGHT: u64 = 1_000_000;

/// The attestors of a network, in the order of their addresses.
pub(super) struct Crowd(Vec<PrivateKeySigner>);

impl Crowd {
    pub(super) fn new() -> Result<Self> {
        let mut keys = Vec::new();
        for number in 0..COUNT {
            let secret = keccak256(format!("weighbridge test attestor {number}"));
            keys.push(PrivateKeySigner::from_bytes(&secret).context("failed to make an attestor's key")?);
        }
        keys.sort_by_key(PrivateKeySigner::address);
        Ok(Self(keys))
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
            trustPeriod: 7 * 86_400,
            interval: 1,
            capacity: 16,
            rotationDelay: 86_400,
        };
        let attestors = self.0.iter().map(|key| AttestorClient::Attestor {
            signer: key.address(),
            weight: alloy::primitives::Uint::from(1),
        });
        let set = AttestorClient::AttestorSet {
            threshold: U256::from(THRESHOLD),
            attestors: attestors.collect(),
        };
        let arguments = (config, set, authority).abi_encode_params();
        let artifact = Artifact::parse(arena.artifacts().attestor_client())?;
        owner.deploy(artifact.code(), &arguments).await
    }

    /// The update in which as many as are needed sign `digest` for `claim`.
    pub(super) fn sign(&self, claim: Claim, digest: B256) -> Result<Update> {
        let mut signatures = Vec::new();
        for (index, key) in (0_u8..).zip(&self.0).take(usize::try_from(THRESHOLD)?) {
            signatures.push(Signed {
                index,
                signature: key.sign_hash_sync(&digest)?.as_bytes().to_vec(),
            });
        }
        Ok(Update::State(Attestation {
            height: HEIGHT,
            claim,
            signatures,
        }))
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

/// Adds `contract` to South's router, paired with North's client; its id comes back.
pub(super) async fn add_paired(arena: &Arena<'_>, contract: Address) -> Result<String> {
    let attacker = arena.attacker(Side::South)?;
    let client = pairing::add_client(arena, &attacker, contract).await?;
    let pair = Router::registerCounterpartyCall {
        clientId: client.clone(),
        counterpartyInfo: pairing::other_end(&arena.end(Side::North).client),
    };
    attacker
        .call(arena.end(Side::South).router, pair.abi_encode())
        .await?;
    Ok(client)
}

/// Offers an update to South's client `id`; the error that refused it comes back.
pub(super) async fn offer(arena: &Arena<'_>, id: &str, update: &Update) -> Result<Option<String>> {
    let call = Router::updateClientCall {
        clientId: id.into(),
        updateMsg: attestor::codec::encode_update(update).into(),
    };
    arena
        .refusal(Side::South, arena.end(Side::South).router, call.abi_encode())
        .await
}
