//! One of two locks broken: the attacker has the keys of as many attestors as are needed, and no committee's.
//!
//! The path demands the beacon client and the attestors together. The attestors' client believes the lie; what the attacker
//! cannot have is a proof to the beacon client.

use super::{
    arena::Arena,
    attested::{self, Attestors, HEIGHT},
    lie::Lie,
    outcome::Outcome,
    pairing,
};
use crate::{contracts, draft::Artifact, tracker::Side};
use alloy::{primitives::Bytes, sol_types::SolValue};
use anyhow::{Result, ensure};
use policy::{LeafProof, Node, Policy};
use wire::Height;

pub(super) async fn corrupted_leaf(arena: &Arena<'_>) -> Result<Outcome> {
    let attestors = Attestors::new();
    let attacker = arena.attacker(Side::South)?;
    let (north, south) = (arena.end(Side::North), arena.end(Side::South));
    let light = attestors
        .deploy(arena, Side::South, &attacker, (north.site.chain_id, north.router))
        .await?;
    let leaf = pairing::add_paired(arena, light).await?;

    let router = contracts::Router::new(south.router, &attacker.provider);
    let beacon = router.getClient(south.client.clone()).call().await?;
    let authority = router.authority().call().await?;
    let policy = Policy::new(Node::AllOf(vec![Node::Leaf(beacon), Node::Leaf(light)]))?;
    let arguments = (Bytes::from(policy.encode()), south.router, authority).abi_encode_params();
    let artifact = Artifact::parse(arena.artifacts().policy_client())?;
    // A wallet counts its own transactions only.
    let attacker = arena.attacker(Side::South)?;
    let both = attacker.deploy(artifact.code(), &arguments).await?;
    let client = pairing::add_paired(arena, both).await?;

    let lie = Lie::over(arena, &client).await?;
    let claim = attested::claim(arena, &lie).await?;
    let digest = attested::digest_of(arena, Side::South, light, &claim).await?;
    let refusal = attested::offer(arena, &leaf, &attestors.sign(HEIGHT, claim, digest)).await?;
    ensure!(
        refusal.is_none(),
        "the attestors' client refused what its attestors signed ({refusal:?}): this attack tests nothing"
    );
    let height = Height::of(HEIGHT);
    let proofs = [
        LeafProof {
            height: Height::of(0),
            proof: Vec::new(),
        },
        LeafProof {
            height,
            proof: lie.storage_proof().to_vec(),
        },
    ];
    lie.collect_with(arena, policy::encode_proof(&proofs).into(), height)
        .await
}
