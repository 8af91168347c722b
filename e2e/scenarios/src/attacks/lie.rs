//! The lie that attacks with headers and proofs tell: a packet that North never sent, in a state that North never had.

use super::{arena::Arena, honest, outcome::Outcome};
use crate::{site::Role, tracker::Side};
use alloy::primitives::{Address, B256, Bytes, U256};
use anyhow::{Context, Result, ensure};
use chain_evm::abi::height_to_sol;
use devnet::{ForgedState, Genesis, GenesisAccount};
use wire::{ClientId, Height, Packet, Seconds, Sequence, Value, ics20};

/// A sequence that nobody reached.
pub(super) const NEVER_SENT: u64 = 1_000_000;
/// How long the packet is valid: below the router's limit of 24 hours, and never the reason for a refusal.
const LIFE_SECS: u64 = 23 * 3_600;

/// A packet that pays the attacker a fortune, and the state of North in which it was sent.
pub(super) struct Lie {
    packet: Packet,
    router: Address,
    state: ForgedState,
}

impl Lie {
    /// A fortune that arrives over South's client `client`.
    pub(super) async fn over(arena: &Arena<'_>, client: &str) -> Result<Self> {
        let packet = fortune(arena, client).await?;
        let path = wire::path::commitment(&packet.source_client, packet.sequence);
        let slot = path.evm_slot(wire::COMMITMENTS_SLOT);
        let router = arena.end(Side::North).router;
        let account = GenesisAccount {
            address: router,
            storage: vec![(slot, wire::commit::packet(&packet))],
            ..GenesisAccount::default()
        };
        let genesis = Genesis {
            accounts: vec![account],
        };
        let state =
            ForgedState::new(&genesis, router, &[slot]).context("the made-up state lacks the router")?;
        Ok(Self {
            packet,
            router,
            state,
        })
    }

    /// The root of the made-up state.
    pub(super) fn state_root(&self) -> B256 {
        self.state.root
    }

    /// The root of North's router's storage in it.
    pub(super) fn storage_root(&self) -> Result<B256> {
        let nodes = self.state.account_proof.concat();
        let account = merkle::mpt::account(self.state.root, self.router, &nodes)?;
        Ok(account.storage_root)
    }

    /// The proof of the packet under it.
    pub(super) fn storage_proof(&self) -> Bytes {
        self.state.storage_proofs.concat().concat().into()
    }

    /// The proof of North's router in it.
    pub(super) fn account_proof(&self) -> &[Bytes] {
        &self.state.account_proof
    }

    /// Delivers the packet with a proof from the made-up state, under the trust that South has in `height`.
    pub(super) async fn collect(&self, arena: &Arena<'_>, height: Height) -> Result<Outcome> {
        self.collect_with(arena, self.storage_proof(), height).await
    }

    /// The same with a proof of the client's own form.
    pub(super) async fn collect_with(
        &self,
        arena: &Arena<'_>,
        proof: Bytes,
        height: Height,
    ) -> Result<Outcome> {
        let south = arena.end(Side::South);
        let refusal = honest::deliver(arena, &self.packet, proof, height_to_sol(height)).await?;
        if let Some(rule) = refusal {
            return Ok(Outcome::Refused(rule));
        }
        let token = arena.end(Side::North).token;
        let voucher = south
            .voucher_over(self.packet.destination_client.as_str(), token)
            .await?;
        let held = south
            .balance(voucher, south.wallet(Role::Attacker)?.address)
            .await?;
        Ok(if held.is_zero() {
            Outcome::Idle("the packet was taken, but paid nothing".into())
        } else {
            Outcome::Succeeded(format!("the attacker was paid {held} for nothing"))
        })
    }
}

/// A packet that nobody sent: like a genuine transfer, for a fortune, to the attacker.
async fn fortune(arena: &Arena<'_>, client: &str) -> Result<Packet> {
    let genuine = arena.delivered()?;
    let attacker = arena.attacker(Side::South)?;
    let mut transfer = ics20::decode(genuine.payload.value.as_bytes())?;
    transfer.amount = U256::from(1) << 96;
    transfer.receiver = format!("{:#x}", attacker.address);
    let mut packet = Packet {
        sequence: Sequence::new(NEVER_SENT)?,
        destination_client: ClientId::new(client)?,
        timeout: Seconds(attacker.now().await?.saturating_add(LIFE_SECS)),
        ..genuine.clone()
    };
    packet.payload.value = Value::new(ics20::encode(&transfer)?)?;
    ensure!(
        wire::commit::packet(&packet) != B256::ZERO,
        "a commitment is never zero"
    );
    Ok(packet)
}
