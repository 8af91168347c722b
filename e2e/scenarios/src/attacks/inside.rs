//! An attack from inside a delivery: a message that has the bridge itself called.

use super::{arena::Arena, heist::Heist, outcome::Outcome, reentry::deploy_accomplice};
use crate::{calls, contracts, govern::Proposal, site::Role, tracker::Side};
use alloy::{
    primitives::Address,
    rpc::types::TransactionReceipt,
    sol_types::{SolCall, SolEvent},
};
use anyhow::Result;
use chain_evm::abi::{Authority, Router};
use wire::{Encoding, Payload, PortId, Value, Version};

/// The port that is to be the attacker's.
const PORT: &str = "stolen-port";
/// A role of the authority that nobody has.
const ROLE: u64 = 1_000;

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
