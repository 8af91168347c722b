//! Attacks from inside a delivery: a message that has the bridge itself called, and one that begins a batch within a batch.

use super::{
    arena::Arena,
    heist::{self, Heist},
    outcome::Outcome,
    packed,
    reentry::{deploy_accomplice, step},
};
use crate::{
    calls,
    contracts::{self, Accomplice},
    govern::Proposal,
    site::Role,
    tracker::Side,
};
use alloy::{
    primitives::Address,
    rpc::types::TransactionReceipt,
    sol_types::{SolCall, SolEvent},
};
use anyhow::{Context, Result, ensure};
use chain_evm::abi::{Authority, Router};
use wire::{Encoding, Height, Payload, PortId, Value, Version, batch::Batch};

/// The port that is to be the attacker's.
const PORT: &str = "stolen-port";
/// A role of the authority that nobody has.
const ROLE: u64 = 1_000;
/// More gas than any message needs here.
const MESSAGE_GAS: u32 = 3_000_000;
/// The one among the packets of a batch that begins another batch. The others are letters.
const NESTING: usize = 0;
const PACKETS: usize = 4;

/// A lying client has the router called by the account of a sender to whom governance, by mistake, gave a right there.
pub(super) async fn call_into_router(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let (south, id) = (heist.south(), heist.client.id.as_str());
    calls::allow(south, id).await?;
    let sender = arena.end(Side::North).wallet(Role::Deployer)?.address;
    trust(arena, calls::account(south, id, sender).await?).await?;
    let own = deploy_accomplice(&arena.attacker(Side::South)?).await?;
    let open = Router::addIBCAppCall {
        portId: PORT.into(),
        app: own,
    };
    let payload = calls::payload(sender, south.router, open.abi_encode())?;
    let loot = heist.forge_payloads(vec![payload]).await?;
    let receipt = heist.deliver(&loot, 0..1).await?;
    if let Some(rule) = refusal(arena, &receipt) {
        return Ok(Outcome::Refused(rule));
    }
    let provider = arena.attacker(Side::South)?.provider;
    let router = contracts::Router::new(south.router, provider);
    let found = router.getIBCApp(PORT.into()).call().await?;
    Ok(if found == own {
        Outcome::Succeeded(format!("a message opened {PORT} at the router, for the attacker"))
    } else {
        Outcome::Idle(format!("behind {PORT} is {found}"))
    })
}

/// Governance's mistake: `account` may open ports.
async fn trust(arena: &Arena<'_>, account: Address) -> Result<()> {
    let south = arena.end(Side::South);
    let provider = south.wallet(Role::User)?.provider;
    let router = contracts::Router::new(south.router, provider);
    let authority = router.authority().call().await?;
    let role = Authority::setTargetFunctionRoleCall {
        target: south.router,
        selectors: vec![Router::addIBCAppCall::SELECTOR.into()],
        roleId: ROLE,
    };
    let grant = Authority::grantRoleCall {
        roleId: ROLE,
        account,
        executionDelay: 0,
    };
    let both = Authority::multicallCall {
        calls: vec![role.abi_encode().into(), grant.abi_encode().into()],
    };
    Proposal::propose(south, authority, both.abi_encode(), "a mistake")
        .await?
        .execute()
        .await
}

/// A message of a batch has a contract called that begins a batch of its own.
pub(super) async fn nested_batch(arena: &Arena<'_>) -> Result<Outcome> {
    let heist = Heist::begin(arena).await?;
    let south = heist.south();
    calls::allow(south, heist.client.id.as_str()).await?;
    let loot = heist.forge_payloads(nest(arena, &heist).await?).await?;
    let order = packed::order(&loot.packets);
    let place = order.iter().position(|at| *at == NESTING);
    let behind = order.get(place.context("no nesting message")?.saturating_add(1)..);
    let behind = behind.unwrap_or_default().len();
    ensure!(
        behind != 0,
        "no letter lies behind the nesting message: this attack tests nothing"
    );

    let call = packed::pack(&loot, &heist.client.id, MESSAGE_GAS)?;
    let attacker = arena.attacker(Side::South)?;
    let receipt = heist::call(&attacker, south.router, call.abi_encode()).await?;
    if let Some(rule) = refusal(arena, &receipt) {
        return Ok(Outcome::Refused(rule));
    }
    let skipped = skipped(&receipt);
    Ok(if skipped == behind {
        Outcome::Succeeded(format!(
            "{skipped} good messages behind the nested batch were skipped"
        ))
    } else {
        Outcome::Idle(format!("{skipped} of {behind} messages behind it were skipped"))
    })
}

/// Letters, and a call among them that begins an empty batch.
async fn nest(arena: &Arena<'_>, heist: &Heist<'_>) -> Result<Vec<Payload>> {
    let south = heist.south();
    let accomplice = deploy_accomplice(&arena.attacker(Side::South)?).await?;
    let inner = Batch {
        client: heist.client.id.clone(),
        updates: Vec::new(),
        height: Height::of(1),
        messages: Vec::new(),
        pool: Vec::new(),
    };
    let inner = Router::batchCall {
        packed: inner.encode()?.into(),
    };
    let run = Accomplice::runCall {
        steps: vec![step(south.router, inner)],
    };
    let sender = arena.attacker(Side::North)?.address;
    let mut payloads = vec![letter(arena)?; PACKETS];
    let place = payloads.get_mut(NESTING).context("too few packets")?;
    *place = calls::payload(sender, accomplice, run.abi_encode())?;
    Ok(payloads)
}

/// A letter from North's courier to South's.
pub(super) fn letter(arena: &Arena<'_>) -> Result<Payload> {
    let port = |side: Side| PortId::new(format!("{:#x}", arena.end(side).courier));
    Ok(Payload {
        source_port: port(Side::North)?,
        destination_port: port(Side::South)?,
        version: Version::new("letter-1")?,
        encoding: Encoding::new("text/plain")?,
        value: Value::new(b"a good letter".as_slice())?,
    })
}

/// What refused the first packet in `receipt` that was answered by an error.
pub(super) fn refusal(arena: &Arena<'_>, receipt: &TransactionReceipt) -> Option<String> {
    let logs = receipt.inner.logs().iter();
    let mut failed =
        logs.filter_map(|log| contracts::Router::IBCAppRecvPacketCallbackError::decode_log(&log.inner).ok());
    failed.next().map(|log| arena.reason(&log.reason))
}

/// How many messages of a batch were skipped.
pub(super) fn skipped(receipt: &TransactionReceipt) -> usize {
    let logs = receipt.inner.logs().iter();
    logs.filter(|log| contracts::Router::MessageSkipped::decode_log(&log.inner).is_ok())
        .count()
}
