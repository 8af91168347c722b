//! A theft over a client of South that believes whatever the attacker signs: packets that North never sent, in a state
//! that North never had.
//!
//! What is left to stop him lies behind the client: limits, conservation, halts. Nothing here knows what does; what a
//! transaction says about it is read from its events.

use super::{arena::Arena, attested::Attested, honest::Patience, outcome::Outcome, verdict};
use crate::{
    end::End,
    holds::{self, RECEIVE},
    site::Role,
    tracker::Side,
    wallet::Wallet,
};
use alloy::{
    network::TransactionBuilder,
    primitives::{Address, B256, Bytes, U256, keccak256},
    providers::Provider,
    rpc::types::{TransactionReceipt, TransactionRequest},
    sol_types::SolCall,
};
use anyhow::{Context, Result, ensure};
use chain_evm::abi::{Limit, LimitDesk, MsgRecvPacket, Router, height_to_sol, to_sol};
use devnet::{ForgedState, Genesis, GenesisAccount};
use std::cell::Cell;
use wire::{ClientId, Height, Packet, Payload, Seconds, Sequence, Value, ics20};

/// How long a packet is valid: below the router's limit of 24 hours, and never the reason for a refusal.
pub(super) const LIFE_SECS: u64 = 23 * 3_600;
/// Gas for many packets at once: just below what one transaction may use.
const GAS: u64 = 16_700_000;
/// A limit with amounts, as the contract numbers its kinds.
const LIMITED: u8 = 1;

/// A theft in progress.
pub(super) struct Heist<'a> {
    arena: &'a Arena<'a>,
    /// The client that was taken over.
    pub(super) client: Attested,
    other: ClientId,
    sequence: Cell<u64>,
}

/// Forged packets, as they can be delivered.
pub(super) struct Loot {
    /// The packets.
    pub(super) packets: Vec<Packet>,
    /// For each the way to it, from the root that the client believes.
    pub(super) proofs: Vec<Bytes>,
    /// That root.
    pub(super) root: B256,
    /// Where the client believes it.
    pub(super) height: Height,
    calls: Vec<Bytes>,
}

impl Loot {
    /// The call that receives the packet numbered `at`.
    pub(super) fn call(&self, at: usize) -> Result<&Bytes> {
        self.calls.get(at).context("no such packet")
    }
}

impl<'a> Heist<'a> {
    /// Takes over a client of North at South.
    pub(super) async fn begin(arena: &'a Arena<'a>) -> Result<Self> {
        let other = ClientId::new(arena.end(Side::North).client.clone())?;
        let client = Attested::open(arena, Side::South, Some(other.as_str())).await?;
        Ok(Self {
            arena,
            client,
            other,
            sequence: Cell::new(1),
        })
    }

    /// The end at which it happens.
    pub(super) fn south(&self) -> &'a End {
        self.arena.end(Side::South)
    }

    /// The voucher that stands for North's token over the client, and what packets from North call it.
    pub(super) async fn voucher(&self) -> Result<(Address, String)> {
        let token = self.arena.end(Side::North).token;
        let voucher = self.south().voucher_over(self.client.id.as_str(), token).await?;
        Ok((voucher, format!("{token:#x}")))
    }

    /// What packets from North call a token of South that comes home.
    pub(super) fn name_abroad(&self, token: Address) -> String {
        format!("{}/{}/{token:#x}", ics20::PORT, self.other)
    }

    /// The limit of `token` in what is received over the client.
    pub(super) async fn limit(&self, token: Address, capacity: u128, credit_cap: u128) -> Result<()> {
        // What has left does not come back, so that the bound is one number.
        let limit = limited(capacity, 0, credit_cap);
        lower(self.south(), self.client.id.as_str(), token, limit).await
    }

    /// Makes up a packet for each of `amounts`, all for the attacker, and has the client believe that North sent them.
    pub(super) async fn forge(&self, denom: &str, amounts: &[u128]) -> Result<Loot> {
        let attacker = self.arena.attacker(Side::South)?.address;
        self.forge_for(attacker, denom, amounts).await
    }

    /// The same for another receiver.
    pub(super) async fn forge_for(&self, receiver: Address, denom: &str, amounts: &[u128]) -> Result<Loot> {
        let payloads = amounts.iter().map(|amount| {
            let transfer = ics20::Transfer {
                denom: ics20::Denom::new(denom)?,
                sender: format!("{receiver:#x}"),
                receiver: format!("{receiver:#x}"),
                amount: U256::from(*amount),
                memo: String::new(),
            };
            Ok(transfer.to_payload()?)
        });
        self.forge_payloads(payloads.collect::<Result<_>>()?).await
    }

    /// The same for anything.
    pub(super) async fn forge_payloads(&self, payloads: Vec<Payload>) -> Result<Loot> {
        let timeout = Seconds(self.arena.attacker(Side::South)?.now().await? + LIFE_SECS);
        let packets = payloads.into_iter().map(|payload| {
            Ok(Packet {
                sequence: Sequence::new(self.sequence.replace(self.sequence.get() + 1))?,
                source_client: self.other.clone(),
                destination_client: self.client.id.clone(),
                timeout,
                payload,
            })
        });
        let packets = packets.collect::<Result<Vec<_>>>()?;
        let state = forged_state(self.arena.end(Side::North).router, &packets)?;
        let top = state.storage_proofs.first().and_then(|nodes| nodes.first());
        let root = keccak256(top.context("the made-up state is empty")?);
        let height = self.client.attest(self.arena, root).await?;
        let proofs: Vec<Bytes> = state
            .storage_proofs
            .iter()
            .map(|nodes| nodes.concat().into())
            .collect();
        let proven = packets.iter().zip(&proofs);
        let calls = proven
            .map(|(packet, proof)| delivery(packet, proof.clone(), height))
            .collect();
        Ok(Loot {
            packets,
            proofs,
            root,
            height,
            calls,
        })
    }

    /// Delivers the forged packets numbered `which`, in one transaction.
    pub(super) async fn deliver(
        &self,
        loot: &Loot,
        which: std::ops::Range<usize>,
    ) -> Result<TransactionReceipt> {
        let calls = loot.calls.get(which).context("no such packets")?;
        deliver(self.arena, Side::South, calls.to_vec()).await
    }

    /// What the attacker holds of a token, which need not exist yet.
    pub(super) async fn held(&self, token: Address) -> Result<U256> {
        let attacker = self.arena.attacker(Side::South)?;
        if attacker.provider.get_code_at(token).await?.is_empty() {
            return Ok(U256::ZERO);
        }
        self.south().balance(token, attacker.address).await
    }

    /// How it ended: `paid` for nothing, of which `bound` could not be prevented; `said` are the deliveries.
    pub(super) fn judge(&self, paid: U256, bound: u128, said: &[TransactionReceipt]) -> Result<Outcome> {
        if paid > U256::from(bound) {
            let harm = format!("the attacker was paid {paid} for nothing, {bound} was to be the most");
            return Ok(Outcome::Succeeded(harm));
        }
        let first = said.iter().find_map(verdict::first);
        Ok(match first {
            Some(rule) => Outcome::Refused(rule),
            None => Outcome::Idle(format!("{paid} was paid, and nothing refused")),
        })
    }
}

/// A state of North in which `router` sent `packets`, and nothing else.
fn forged_state(router: Address, packets: &[Packet]) -> Result<ForgedState> {
    let slot = |packet: &Packet| {
        wire::path::commitment(&packet.source_client, packet.sequence).evm_slot(wire::COMMITMENTS_SLOT)
    };
    let slots: Vec<_> = packets.iter().map(slot).collect();
    let values = packets.iter().map(wire::commit::packet);
    let account = GenesisAccount {
        address: router,
        storage: slots.iter().copied().zip(values).collect(),
        ..GenesisAccount::default()
    };
    let genesis = Genesis {
        accounts: vec![account],
    };
    ForgedState::new(&genesis, router, &slots).context("the made-up state lacks the router")
}

/// A transfer's packet after `edit`: another one, that nobody sent.
pub(super) fn edited(packet: &Packet, edit: impl FnOnce(&mut ics20::Transfer)) -> Result<Packet> {
    let mut transfer = ics20::decode(packet.payload.value.as_bytes())?;
    edit(&mut transfer);
    let mut edited = packet.clone();
    edited.payload.value = Value::new(ics20::encode(&transfer)?)?;
    Ok(edited)
}

/// The call that receives `packet`.
pub(super) fn delivery(packet: &Packet, proof: Bytes, height: Height) -> Bytes {
    let message = MsgRecvPacket {
        packet: to_sol(packet),
        proofCommitment: proof,
        proofHeight: height_to_sol(height),
    };
    Router::recvPacketCall { message }.abi_encode().into()
}

/// Those who watch over a client lower its limit of `token` in what is received; lowering does not wait.
pub(super) async fn lower(end: &End, client: &str, token: Address, limit: Limit) -> Result<()> {
    let call = LimitDesk::lowerLimitCall {
        clientId: client.into(),
        token,
        direction: RECEIVE,
        limit,
    };
    let lowerer = end.wallet(Role::Deployer)?;
    lowerer.call(end.transfer, call.abi_encode()).await?;
    Ok(())
}

/// A limit that refills within a minute. What enters brings nothing back.
pub(super) fn refilling(capacity: u128) -> Limit {
    limited(capacity, capacity * 24 * 60, 0)
}

fn limited(capacity: u128, per_day: u128, credit_cap: u128) -> Limit {
    Limit {
        kind: LIMITED,
        capacity,
        perDay: per_day,
        creditCap: credit_cap,
    }
}

/// Waits until so much of `token` may leave over a client again.
pub(super) async fn wait_for_refill(end: &End, client: &str, token: Address, amount: u128) -> Result<()> {
    let patience = Patience::new();
    while holds::available(end, client, token).await? < U256::from(amount) {
        patience.wait_for("a limit to refill").await?;
    }
    Ok(())
}

/// Has `side`'s router do all of `calls` in one transaction, for the attacker.
pub(super) async fn deliver(arena: &Arena<'_>, side: Side, calls: Vec<Bytes>) -> Result<TransactionReceipt> {
    ensure!(!calls.is_empty(), "there is nothing to deliver");
    let all = Router::multicallCall { calls }.abi_encode();
    call(&arena.attacker(side)?, arena.end(side).router, all).await
}

/// Calls with all the gas that one transaction may use: an estimate is not asked for what applications set aside.
pub(super) async fn call(who: &Wallet, to: Address, data: Vec<u8>) -> Result<TransactionReceipt> {
    let request = TransactionRequest::default()
        .with_to(to)
        .with_input(data)
        .with_gas_limit(GAS);
    who.send(request).await
}
