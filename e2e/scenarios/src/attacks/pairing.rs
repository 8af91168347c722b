//! Attacks on how clients come to stand for a chain.

use super::{
    arena::{Arena, verdict},
    headers,
};
use crate::{contracts, draft::Artifact, site::Role, tracker::Side};
use alloy::{
    primitives::{Address, Bytes},
    sol_types::{SolCall, SolValue},
};
use anyhow::{Context, Result};
use chain_evm::abi::{CounterpartyInfo, Router};
use devnet::{Forgery, Party};
use ethereum::{
    Blst, codec,
    spec::{LightClientBootstrap, Versioned, compact_bootstrap},
};

const BEACON_CLIENT: &str = include_str!("../../../../contracts/artifacts/BeaconClient.json");
/// Tries to forge a rotation.
const TRIES: u64 = 16;
/// Slots that pass between two tries.
const SLOTS_ON: u64 = 5;

/// Somebody else's client, not yet paired: the attacker names the other end first.
pub(super) async fn squatted_client(arena: &Arena<'_>) -> Result<String> {
    let south = arena.end(Side::South);
    let victim = south.wallet(Role::Deployer)?;
    let router = contracts::Router::new(south.router, &victim.provider);
    let light = router.getClient(south.client.clone()).call().await?;
    let added = add_client(arena, &victim, light).await?;
    let call = Router::registerCounterpartyCall {
        clientId: added,
        counterpartyInfo: other_end("client-666"),
    };
    Ok(verdict(
        arena
            .refusal(Side::South, south.router, call.abi_encode())
            .await?,
    ))
}

/// Genuine client code, started by a committee of the attacker's own, which then signs a rotation into the real one.
/// From there on the client follows the real chain, and only its first state gives it away.
pub(super) async fn own_committee(arena: &Arena<'_>) -> Result<String> {
    let attacker = arena.attacker(Side::South)?;
    let light = start_under_own_committee(arena).await?;
    let client = add_client(arena, &attacker, light).await?;
    let south = arena.end(Side::South);
    let pair = Router::registerCounterpartyCall {
        clientId: client.clone(),
        counterpartyInfo: other_end(&arena.end(Side::North).client),
    };
    attacker.call(south.router, pair.abi_encode()).await?;
    let broken = arena.bridge.judge_client(Side::South, &client).await?;
    let start = broken.iter().find(|rule| **rule == "bootstrap");
    // Its first committee is false too; that alone would not be noticed after four more rotations.
    Ok(start.map_or_else(
        || format!("not by its start, only by: {}", broken.join(", ")),
        |rule| (*rule).into(),
    ))
}

async fn start_under_own_committee(arena: &Arena<'_>) -> Result<Address> {
    for _ in 0..TRIES {
        if let Some(light) = try_own_committee(arena).await? {
            return Ok(light);
        }
        // The chain stands at the edge of a period: a rotation can only be forged within one.
        Side::North.of(arena.chains).advance(SLOTS_ON);
    }
    anyhow::bail!("no rotation could be forged in {TRIES} tries")
}

/// One try: a client that started under the attacker's committee and then learned the real one.
async fn try_own_committee(arena: &Arena<'_>) -> Result<Option<Address>> {
    let north = Side::North.of(arena.chains);
    let (_, forged) = north
        .forge_bootstrap(None)
        .context("the chain has no finality to forge around")?;
    let forged: Versioned<LightClientBootstrap> = serde_json::from_value(forged)?;
    let proof = headers::account_proof(arena, forged.data.header.execution.block_number).await?;
    let bootstrap = codec::encode_bootstrap(&compact_bootstrap(&Blst, &forged.data, &proof)?);

    let attacker = arena.attacker(Side::South)?;
    let router = contracts::Router::new(arena.end(Side::South).router, &attacker.provider);
    let genuine = router
        .getClient(arena.end(Side::South).client.clone())
        .call()
        .await?;
    let config = contracts::BeaconClient::new(genuine, &attacker.provider)
        .config()
        .call()
        .await?;
    let arguments = (config, Bytes::from(bootstrap)).abi_encode_params();
    let light = attacker
        .deploy(Artifact::parse(BEACON_CLIENT)?.code(), &arguments)
        .await?;

    let forgery = Forgery {
        signed_by: Party::Attacker,
        next_committee: Some(Party::Genuine),
        ..Forgery::default()
    };
    let committee = &forged.data.current_sync_committee;
    let update = headers::forged(arena, &forgery, Some(committee)).await?;
    if update.next.is_none() {
        return Ok(None);
    }
    let call = contracts::BeaconClient::updateClientCall {
        updateMsg: codec::encode_update(&update).into(),
    };
    let refusal = arena.refusal(Side::South, light, call.abi_encode()).await?;
    Ok(refusal.is_none().then_some(light))
}

async fn add_client(arena: &Arena<'_>, owner: &crate::wallet::Wallet, light: Address) -> Result<String> {
    let router = arena.end(Side::South).router;
    let unpaired = CounterpartyInfo {
        clientId: String::new(),
        merklePrefix: Vec::new(),
    };
    let call = Router::addClientCall {
        counterpartyInfo: unpaired,
        client: light,
    };
    let receipt = owner.call(router, call.abi_encode()).await?;
    let event = receipt.decoded_log::<contracts::Router::ICS02ClientAdded>();
    Ok(event.context("adding a client emitted no event")?.data.clientId)
}

fn other_end(client: &str) -> CounterpartyInfo {
    CounterpartyInfo {
        clientId: client.into(),
        merklePrefix: vec![Bytes::new()],
    }
}
