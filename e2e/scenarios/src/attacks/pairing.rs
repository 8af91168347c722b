//! Attacks on how clients come to stand for a chain.

use super::{
    arena::Arena,
    forging::{account_proof, forged},
    honest::{self, Patience},
    lie::Lie,
    outcome::Outcome,
};
use crate::{contracts, draft::Artifact, site::Role, tracker::Side, wallet::Wallet};
use alloy::{
    primitives::{Address, Bytes},
    sol_types::{SolCall, SolValue},
};
use anyhow::{Context, Result};
use chain_evm::abi::{CounterpartyInfo, Router};
use devnet::{Forgery, Party};
use ethereum::{
    Blst, Update, codec,
    spec::{LightClientBootstrap, Versioned, compact_bootstrap},
};
use wire::Height;

const BEACON_CLIENT: &str = include_str!("../../../../contracts/artifacts/BeaconClient.json");
/// Tries to forge a rotation.
const TRIES: u64 = 16;
/// Slots that pass between two tries.
const SLOTS_ON: u64 = 5;
/// The finding that is meant to give a false start away.
const START: &str = "bootstrap";
/// The other end that an attacker names.
const ELSEWHERE: &str = "client-666";

/// Somebody else's client, not yet paired: the attacker names the other end first.
pub(super) async fn squatted_client(arena: &Arena<'_>) -> Result<Outcome> {
    let south = arena.end(Side::South);
    let victim = south.wallet(Role::Deployer)?;
    let router = contracts::Router::new(south.router, &victim.provider);
    let light = router.getClient(south.client.clone()).call().await?;
    let added = add_client(arena, Side::South, &victim, light).await?;
    let call = Router::registerCounterpartyCall {
        clientId: added.clone(),
        counterpartyInfo: other_end(ELSEWHERE),
    };
    if let Some(rule) = arena
        .refusal(Side::South, south.router, call.abi_encode())
        .await?
    {
        return Ok(Outcome::Refused(rule));
    }
    let other = router.getCounterparty(added.clone()).call().await?.clientId;
    Ok(if other == ELSEWHERE {
        Outcome::Succeeded(format!("the victim's {added} is bound to {other} for good"))
    } else {
        Outcome::Idle(format!("{added} is bound to {other:?}"))
    })
}

/// Genuine client code, started by a committee of the attacker's own. It signs a lie about a time before the start, where
/// nobody looks, and then a rotation into the real committee. From there on the client follows the real chain; four
/// rotations later it has forgotten its first committee, and only its start gives it away.
pub(super) async fn own_committee(arena: &Arena<'_>) -> Result<Outcome> {
    let trap = set_trap(arena).await?;
    pair(arena, Side::South, &trap.client, &arena.end(Side::North).client).await?;
    let patience = Patience::new();
    loop {
        let broken = arena.judge_client(&trap.client).await?;
        if broken.iter().any(|rule| rule == START) {
            return Ok(Outcome::Refused(START.into()));
        }
        if broken.is_empty() {
            return trap.lie.collect(arena, trap.height).await;
        }
        patience
            .wait_for(&format!("{} to be forgotten", broken.join(" and ")))
            .await?;
        // Until its own committee is out of office, the client could only be told what that one signs.
        if arena.reader(Side::North).head().await?.finalized.height >= trap.out_of_office {
            honest::follow_with(arena, Side::South, &trap.client).await?;
        }
    }
}

/// A client that follows the real chain and believes one lie.
struct Trap {
    client: String,
    lie: Lie,
    /// Where it believes the lie.
    height: Height,
    /// Where the real committee has taken over.
    out_of_office: Height,
}

async fn set_trap(arena: &Arena<'_>) -> Result<Trap> {
    for _ in 0..TRIES {
        if let Some(trap) = try_trap(arena).await? {
            return Ok(trap);
        }
        // The chain stands at the edge of a period: a rotation can only be forged within one.
        Side::North.of(arena.chains).advance(SLOTS_ON);
    }
    anyhow::bail!("no rotation could be forged in {TRIES} tries")
}

async fn try_trap(arena: &Arena<'_>) -> Result<Option<Trap>> {
    let north = Side::North.of(arena.chains);
    let (_, forged) = north
        .forge_bootstrap(None)
        .context("the chain has no finality to forge around")?;
    let forged: Versioned<LightClientBootstrap> = serde_json::from_value(forged)?;
    let light = start_under(arena, &forged.data).await?;
    let client = add_client(arena, Side::South, &arena.attacker(Side::South)?, light).await?;

    let committee = &forged.data.current_sync_committee;
    let lie = Lie::over(arena, &client).await?;
    let past = Forgery {
        signed_by: Party::Attacker,
        state_root: Some(lie.state_root()),
        attested_slot: Some(forged.data.header.beacon.slot.0),
        ..Forgery::default()
    };
    let past = self::forged(arena, &past, Some(committee), Some(lie.account_proof())).await?;
    let height = Height::of(past.finalized.slot.0);
    let rotation = Forgery {
        signed_by: Party::Attacker,
        next_committee: Some(Party::Genuine),
        ..Forgery::default()
    };
    let rotation = self::forged(arena, &rotation, Some(committee), None).await?;
    let whole = rotation.next.is_some()
        && is_believed(arena, &client, &past).await?
        && is_believed(arena, &client, &rotation).await?;
    let network = &*arena.reader(Side::North).network().await?;
    let (times, started) = (network.times(), network.period_of(forged.data.header.beacon.slot));
    let per_period = times.slots_per_epoch.saturating_mul(times.epochs_per_period);
    let out_of_office = Height::of(started.0.saturating_add(1).saturating_mul(per_period));
    Ok(whole.then_some(Trap {
        client,
        lie,
        height,
        out_of_office,
    }))
}

async fn is_believed(arena: &Arena<'_>, client: &str, update: &Update) -> Result<bool> {
    let refusal = arena.offer_update(Side::South, client, update).await?;
    Ok(refusal.is_none())
}

/// The genuine contract with the genuine client's configuration, started from `start`.
async fn start_under(arena: &Arena<'_>, start: &LightClientBootstrap) -> Result<Address> {
    let proof = account_proof(arena, start.header.execution.block_number).await?;
    let bootstrap = codec::encode_bootstrap(&compact_bootstrap(&Blst, start, &proof)?);
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
    attacker
        .deploy(Artifact::parse(BEACON_CLIENT)?.code(), &arguments)
        .await
}

/// Adds a client without another end to the router of `host`; its id comes back.
pub(super) async fn add_client(
    arena: &Arena<'_>,
    host: Side,
    owner: &Wallet,
    light: Address,
) -> Result<String> {
    let router = arena.end(host).router;
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

/// Names the other end of a client that the attacker added at `host`.
pub(super) async fn pair(arena: &Arena<'_>, host: Side, client: &str, other: &str) -> Result<()> {
    let call = Router::registerCounterpartyCall {
        clientId: client.into(),
        counterpartyInfo: other_end(other),
    };
    let router = arena.end(host).router;
    arena.attacker(host)?.call(router, call.abi_encode()).await?;
    Ok(())
}

/// Adds `contract` to South's router, paired with North's client; its id comes back.
pub(super) async fn add_paired(arena: &Arena<'_>, contract: Address) -> Result<String> {
    let client = add_client(arena, Side::South, &arena.attacker(Side::South)?, contract).await?;
    pair(arena, Side::South, &client, &arena.end(Side::North).client).await?;
    Ok(client)
}

fn other_end(client: &str) -> CounterpartyInfo {
    CounterpartyInfo {
        clientId: client.into(),
        merklePrefix: vec![Bytes::new()],
    }
}
