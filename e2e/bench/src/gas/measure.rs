//! What is done on the host chain, in order, and which receipts become figures. Spec: PROTOCOL section 8; docs/gas.md.
//!
//! First everything is brought to where it is after weeks of use (`steady`). Only then are transactions counted.

use std::path::Path;

use alloy::primitives::Bytes;
use alloy::rpc::types::TransactionReceipt;
use alloy::sol_types::SolCall;
use anyhow::{Context, Result, ensure};
use chain_evm::abi::{MsgRecvPacket, Router, height_to_sol, to_sol};
use chain_evm::{packed_proof, packed_update};
use ethereum::testing::Draft;
use wire::{Height, Seconds};

use super::anvil::Anvil;
use super::attested;
use super::batches::per_packet;
use super::code::Code;
use super::contracts::{Clients, UPDATED};
use super::cosmos;
use super::counterparty::{Chain, Counterparty, Delivery, FULL_CLIENT, SOURCE_CLIENT, mainnet_time};
use super::draw::Draw;
use super::host::{Followed, Host, events};
use super::limits::Figures;
use super::tendermint;

/// Slots of an epoch, and epochs of a period, of mainnet.
const EPOCH: u64 = 32;
const PERIOD: u64 = 256;
/// The period in which the clients start: under mainnet's newest fork.
pub(super) const PERIOD_FIRST: u64 = 1700;
/// Committees that a client holds.
pub(super) const COMMITTEES: u64 = 4;
/// The first epoch that fills the ring: after the last of the rotations that fill the committees.
const RING_FIRST: u64 = (PERIOD_FIRST + COMMITTEES - 2) * PERIOD + 30;
/// An attested block lies so many slots after the finalized one: on a healthy chain two epochs and a bit.
const ATTESTED_AHEAD: u64 = 2 * EPOCH + 9;
/// Seats of a committee.
const SEATS: u64 = 512;
/// A packet lives at most a day.
const TIMEOUT_SECS: u64 = 24 * 60 * 60;

/// In which state trie the router's account lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trie {
    /// Under eight full branch nodes.
    Full,
    /// Alone.
    Lean,
}

impl Trie {
    pub(super) const BOTH: [Self; 2] = [Self::Full, Self::Lean];
}

/// When an update shows the router's storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    /// With the packets in it.
    Now,
    /// Before that, with another root.
    Before,
}

/// Both sides, and how far the clients are.
pub(super) struct Scene {
    pub(super) draw: Draw,
    pub(super) counterparty: Counterparty,
    pub(super) host: Host,
    pub(super) full: Followed,
    pub(super) lean: Followed,
    /// The epoch whose state is learned next.
    pub(super) epoch: u64,
}

/// Measures every figure with the fixture of `seed`; `without_guards` holds the contracts whose guards are taken out.
///
/// # Errors
/// Anvil is missing, or a transaction does not do what it is for.
pub(super) async fn measure(seed: u64, without_guards: &Path) -> Result<Figures> {
    let (mut scene, mut figures, received) = receive(seed, Code::Shipped).await?;
    figures.extend(scene.settlements().await?);
    let attested = attested::update(&mut scene.host, &scene.draw).await?;
    figures.insert("attestor_update_13_of_19".to_owned(), attested);
    figures.extend(tendermint::updates(&mut scene.host, &scene.draw).await?);
    figures.extend(cosmos::receives(&mut scene.host, &scene.draw).await?);
    ensure!(
        without_guards.is_dir(),
        "{} is not there: `cargo xtask gas` builds the contracts without guards",
        without_guards.display()
    );
    let (_, _, bare) = receive(seed, Code::With(without_guards.into())).await?;
    let guards = received.checked_sub(bare).with_context(|| {
        format!("a batch costs {received} gas with its guards and {bare} without: build them again")
    })?;
    figures.insert("guards_per_packet".to_owned(), per_packet(guards));
    Ok(figures)
}

/// Everything up to the batch of receives, with what that batch cost: the same transactions whatever the contracts.
async fn receive(seed: u64, code: Code) -> Result<(Scene, Figures, u64)> {
    let mut scene = Scene::start(seed, code).await?;
    scene.settle().await?;
    let mut figures = scene.updates().await?;
    let receives = scene.receives().await?;
    figures.insert("recv_single_with_update".to_owned(), average(&receives)?);
    let received = scene.receive_together().await?;
    figures.insert("recv_batch50_per_packet".to_owned(), per_packet(received));
    Ok((scene, figures, received))
}

/// The average, rounded up. How far single ones are from it is printed: their storage proofs differ in length.
fn average(receives: &[u64]) -> Result<u64> {
    let count = receives.len() as u64;
    let (least, most) = (receives.iter().min(), receives.iter().max());
    let (least, most) = least.zip(most).context("nothing was received")?;
    println!("{count} receives: {least} to {most} gas");
    Ok(receives.iter().sum::<u64>().div_ceil(count))
}

/// The update that finalizes the first block of `epoch`, signed by all.
pub(super) fn draft(epoch: u64) -> Draft {
    let finalized = epoch * EPOCH;
    Draft::new(finalized, finalized + ATTESTED_AHEAD)
}

/// The height of the state that `draft` brings.
pub(super) fn height(draft: &Draft) -> Height {
    Height::of(draft.finalized)
}

impl Scene {
    async fn start(seed: u64, code: Code) -> Result<Self> {
        let draw = Draw::new(seed);
        let program = Anvil::installed()?;
        let start = draft(PERIOD_FIRST * PERIOD);
        // A period later everything has been counted.
        let end = mainnet_time(draft(RING_FIRST + PERIOD).signature)?;
        let counterparty = Counterparty::new(seed, Seconds(end.0 + TIMEOUT_SECS))?;
        let now = mainnet_time(start.signature)?;
        let mut host = Host::start(&program, code, now.0, draw.word("relayer", 0)).await?;
        let full = host
            .follow(&counterparty.full.before, start.finalized, SOURCE_CLIENT)
            .await?;
        ensure!(
            full.id == FULL_CLIENT,
            "the first client is {}, not {FULL_CLIENT}",
            full.id
        );
        let lean = host
            .follow(&counterparty.lean.before, start.finalized, SOURCE_CLIENT)
            .await?;
        Ok(Self {
            draw,
            counterparty,
            host,
            full,
            lean,
            epoch: RING_FIRST,
        })
    }

    /// Figures of updates alone. Every one of them brings a state that takes the place of an older one.
    async fn updates(&mut self) -> Result<Figures> {
        let none = self.next_draft();
        let lean = self.update(Trie::Lean, &none).await?;
        let full = self.update(Trie::Full, &none).await?;
        let mut figures = Figures::new();
        let mut put = |key: &str, gas: u64| figures.insert(key.to_owned(), gas);
        put("beacon_update_absent_0", lean);
        put("beacon_account_proof", full.saturating_sub(lean));
        for absent in [5, 170] {
            let draft = self.next_draft().without(self.absentees(absent));
            let gas = self.update(Trie::Lean, &draft).await?;
            put(&format!("beacon_update_absent_{absent}"), gas);
        }
        let rotation = self.next_draft().rotating();
        put(
            "beacon_rotation_absent_0",
            self.update(Trie::Lean, &rotation).await?,
        );
        Ok(figures)
    }

    /// What each of the second packets costs, received alone with an update of its own.
    async fn receives(&mut self) -> Result<Vec<u64>> {
        let mut figures = Vec::new();
        for delivery in self.counterparty.late.clone() {
            let draft = self.next_draft();
            let calls = vec![
                self.update_call(Trie::Full, Time::Now, &draft),
                receive_call(&delivery, height(&draft)),
            ];
            self.host.wait_until(self.time_of(&draft));
            let receipt = self
                .host
                .route(Router::multicallCall { calls }.abi_encode())
                .await?;
            check_updates(&receipt, 1)?;
            check_received(&receipt, 1)?;
            figures.push(receipt.gas_used);
        }
        Ok(figures)
    }

    /// Sends one update by itself and says what it cost.
    pub(super) async fn update(&mut self, trie: Trie, draft: &Draft) -> Result<u64> {
        let call = self.update_call(trie, Time::Now, draft);
        self.host.wait_until(self.time_of(draft));
        let receipt = self.host.route(call.to_vec()).await?;
        check_updates(&receipt, 1)?;
        Ok(receipt.gas_used)
    }

    /// The call that brings one update to the router.
    pub(super) fn update_call(&self, trie: Trie, time: Time, draft: &Draft) -> Bytes {
        let (client, chain) = self.side(trie);
        let world = match time {
            Time::Now => &chain.now,
            Time::Before => &chain.before,
        };
        let call = Router::updateClientCall {
            clientId: client.id.clone(),
            updateMsg: packed_update(&world.update(draft)).into(),
        };
        call.abi_encode().into()
    }

    /// When an update can be submitted: one slot after it was signed.
    pub(super) fn time_of(&self, draft: &Draft) -> u64 {
        self.counterparty.full.now.time(draft.signature + 1).0
    }

    pub(super) fn side(&self, trie: Trie) -> (&Followed, &Chain) {
        match trie {
            Trie::Full => (&self.full, &self.counterparty.full),
            Trie::Lean => (&self.lean, &self.counterparty.lean),
        }
    }

    pub(super) fn next_draft(&mut self) -> Draft {
        self.epoch += 1;
        draft(self.epoch - 1)
    }

    /// So many seats, drawn.
    fn absentees(&self, count: usize) -> impl Iterator<Item = usize> + use<> {
        let label = format!("{count} absentees");
        let seats = self.draw.distinct(&label, count, SEATS);
        seats.into_iter().filter_map(|seat| usize::try_from(seat).ok())
    }
}

/// The call that delivers one packet.
pub(super) fn receive_call(delivery: &Delivery, height: Height) -> Bytes {
    let message = MsgRecvPacket {
        packet: to_sol(&delivery.packet),
        proofCommitment: packed_proof(&delivery.proof),
        proofHeight: height_to_sol(height),
    };
    Router::recvPacketCall { message }.abi_encode().into()
}

/// Checks that `count` updates each taught the client something.
pub(super) fn check_updates(receipt: &TransactionReceipt, count: usize) -> Result<()> {
    let results = events::<Clients::ICS02ClientUpdated>(receipt);
    let updated = results.iter().filter(|event| event.result == UPDATED).count();
    ensure!(
        updated == count && results.len() == count,
        "{updated} of {count} updates taught the client something"
    );
    Ok(())
}

/// Checks that `count` packets were received and accepted by the application.
pub(super) fn check_received(receipt: &TransactionReceipt, count: usize) -> Result<()> {
    let written = events::<Router::WriteAcknowledgement>(receipt);
    let success = |event: &&Router::WriteAcknowledgement| matches!(event.acknowledgements.as_slice(), [ack] if ack.as_ref() == wire::ics20::SUCCESS_ACK);
    let accepted = written.iter().filter(success).count();
    ensure!(
        accepted == count && written.len() == count,
        "{accepted} of {count} packets were accepted"
    );
    Ok(())
}
