//! Limits and holds at work: what a limit stops is refunded or waits, anybody releases what waits, guardians cancel it.
//!
//! It happens to South's token at North. Nothing but the chains' own answers is believed; that everything is paid or
//! refunded once, the books of the main job see.

use crate::{
    contracts::Transfer,
    council::Council,
    end::{End, Settled},
    govern::Proposal,
    guardians::SMALL_QUORUM,
    holds,
    job::{AMOUNT, AMPLE_SECS, Job, TAKEN},
    site::Role,
    tracker::Side,
    wallet::Wallet,
};
use alloy::{
    primitives::{Address, U256, keccak256},
    providers::Provider,
    rpc::types::TransactionRequest,
    sol_types::{SolCall, SolError},
};
use anyhow::{Context, Result, ensure};
use chain_evm::abi::{Limit, LimitDesk};
use std::time::Instant;
use wire::Packet;

/// `LimitKind.Limited` by its number.
const LIMITED: u8 = 1;
/// The lowered capacity, the size that counts as large, and what is sent, in amounts of the main job.
const CAPACITY: u64 = 10;
const LARGE: u64 = 5;
const ABOVE_CAPACITY: u64 = 11;
const ORDINARY: u64 = 4;
/// Two of these fit into the bucket.
const ORDINARIES: usize = 3;
/// How long a large transfer waits, in seconds of the chain.
const LARGE_DELAY_SECS: u32 = 60;
/// The capacity to which governance raises the limit, and what comes back each second.
const RAISED: u64 = 1_000;
const PER_SECOND: u64 = 1;

/// Transfers of the act, by their numbers in the run.
struct Wave {
    /// In which order they arrive is not for us to say; so any of them may be the one that waits.
    ordinary: Vec<usize>,
    released: usize,
    cancelled: usize,
}

impl Job<'_> {
    /// A limit is lowered at once, and raised only through the timelock. What exceeds the capacity is refunded, what does not
    /// fit into the bucket waits, and so does what is large. One large transfer is released by a stranger, one is cancelled
    /// by guardians.
    ///
    /// # Errors
    /// Something is paid that should wait, or waits that should be paid; a packet gets stuck or the balances are wrong.
    pub async fn limits(&mut self) -> Result<()> {
        let north = Side::North.of(&self.bridge.ends).clone();
        let token = north.voucher_of(Side::South.of(&self.bridge.ends).token).await?;
        (self.say)("a limit, and the size from which transfers wait, are lowered at once by their role");
        lower(&north, token).await?;
        lower_large(&north, token).await?;
        (self.say)("raising the limit again waits in the timelock");
        let raise = propose_raise(&north, token).await?;

        (self.say)("transfers above the limit, beyond what is left of it, and large ones");
        let wave = self.send_wave().await?;
        let beyond = self.wait_until_held(&north, &wave).await?;
        raise.execute().await?;
        (self.say)("three wait: anybody releases two, guardians cancel one");
        self.end_holds(&north, &wave, beyond).await?;
        self.settle().await
    }

    /// Sends all from South. Their ends are known now, although most are decided later.
    async fn send_wave(&mut self) -> Result<Wave> {
        let refused = Settled::Acked { refused: true };
        self.send_amount(ABOVE_CAPACITY, refused).await?;
        let mut ordinary = Vec::new();
        for _ in 0..ORDINARIES {
            ordinary.push(self.send_amount(ORDINARY, TAKEN).await?);
        }
        Ok(Wave {
            ordinary,
            released: self.send_amount(LARGE, TAKEN).await?,
            cancelled: self.send_amount(LARGE, refused).await?,
        })
    }

    async fn send_amount(&mut self, amounts: u64, meant: Settled) -> Result<usize> {
        let [north, south] = &self.bridge.ends;
        let timeout = south.wallet(Role::User)?.now().await? + AMPLE_SECS;
        let receiver = north.wallet(Role::User)?.address;
        let sent = south
            .send_transfer(south.token, units(amounts), receiver, timeout)
            .await?;
        Ok(self.tracker.add(Side::South, sent, meant))
    }

    /// Waits until both large transfers and one of the ordinary ones wait, and the others are paid. The number of that one
    /// comes back.
    async fn wait_until_held(&mut self, north: &End, wave: &Wave) -> Result<usize> {
        let deadline = Instant::now() + self.size.patience;
        loop {
            let mut waiting = Vec::new();
            for number in wave.ordinary.iter().chain([&wave.released, &wave.cancelled]) {
                if holds::waits(north, self.packet(*number)).await? {
                    waiting.push(*number);
                }
            }
            let [beyond, large @ ..] = &waiting[..] else {
                self.pause_before(deadline, "a transfer to wait").await?;
                continue;
            };
            if *large == [wave.released, wave.cancelled] {
                return Ok(*beyond);
            }
            ensure!(
                waiting.len() < ORDINARIES,
                "transfers {waiting:?} wait, where one of {:?} and the large ones should",
                wave.ordinary
            );
            self.pause_before(deadline, "large transfers to wait").await?;
        }
    }

    /// Releases and cancels. Each of the three could be released by anybody at all.
    async fn end_holds(&mut self, north: &End, wave: &Wave, beyond: usize) -> Result<()> {
        let stranger = north.wallet(Role::Attacker)?;
        let released = self.packet(wave.released).clone();
        // In the very block in which it began to wait: later ones may come before the question.
        let at = self.held_in(north, &released).await?;
        let reason = stranger
            .revert_of(release(north, &stranger, &released)?, at)
            .await?;
        ensure!(
            reason.starts_with(&Transfer::NotDue::SELECTOR),
            "a large transfer cannot be released at once, but for another reason: {reason}"
        );
        self.cancel(north, wave.cancelled).await?;
        for number in [beyond, wave.released] {
            self.release(north, &stranger, number).await?;
        }
        Ok(())
    }

    /// The block in which a transfer began to wait.
    async fn held_in(&self, north: &End, packet: &Packet) -> Result<u64> {
        let provider = north.wallet(Role::User)?.provider;
        let transfer = Transfer::new(north.transfer, &provider);
        let events = transfer
            .TransferHeld_filter()
            .topic1(keccak256(packet.destination_client.as_str()))
            .topic2(U256::from(packet.sequence.get()))
            .from_block(north.since);
        let found = events.query().await?;
        let log = found.first().map(|(_, log)| log);
        log.and_then(|log| log.block_number)
            .context("no block holds the transfer")
    }

    /// Releases a transfer as soon as that is possible.
    async fn release(&mut self, north: &End, stranger: &Wallet, number: usize) -> Result<()> {
        let request = release(north, stranger, self.packet(number))?;
        let deadline = Instant::now() + self.size.patience;
        while stranger.provider.call(request.clone()).await.is_err() {
            self.pause_before(deadline, "a transfer to be releasable").await?;
        }
        stranger.send(request).await?;
        ensure!(
            !holds::waits(north, self.packet(number)).await?,
            "a released transfer still waits"
        );
        Ok(())
    }

    async fn cancel(&self, north: &End, number: usize) -> Result<()> {
        let council = Council::at(north).await?;
        let call = council.cancel_hold(SMALL_QUORUM, self.packet(number)).await?;
        // Anybody may bring what they signed.
        north.wallet(Role::User)?.call(council.contract, call).await?;
        Ok(())
    }

    fn packet(&self, number: usize) -> &Packet {
        &self.tracker.packets()[number].sent.packet
    }

    async fn pause_before(&mut self, deadline: Instant, what: &str) -> Result<()> {
        let limit = self.size.patience.as_secs();
        ensure!(Instant::now() < deadline, "waited {limit} s for {what}");
        self.pause().await
    }
}

fn units(amounts: u64) -> U256 {
    U256::from(amounts) * U256::from(AMOUNT)
}

fn limit(capacity: u64, per_second: u64) -> Limit {
    let amount = u128::from(AMOUNT);
    Limit {
        kind: LIMITED,
        capacity: u128::from(capacity) * amount,
        perDay: u128::from(per_second) * 86_400 * amount,
        creditCap: 0,
    }
}

fn release(north: &End, stranger: &Wallet, packet: &Packet) -> Result<TransactionRequest> {
    let call = holds::release(packet)?.abi_encode();
    Ok(TransactionRequest::default()
        .from(stranger.address)
        .to(north.transfer)
        .input(call.into()))
}

/// The role that may do nothing else lowers the limit, and cannot raise it again.
async fn lower(north: &End, token: Address) -> Result<()> {
    let lowerer = north.wallet(Role::Deployer)?;
    let to = |limit: Limit| LimitDesk::lowerLimitCall {
        clientId: north.client.clone(),
        token,
        direction: holds::RECEIVE,
        limit,
    };
    let lowered = lowerer
        .call(north.transfer, to(limit(CAPACITY, 0)).abi_encode())
        .await?;
    let left = holds::available(north, &north.client, token).await?;
    ensure!(
        left == units(CAPACITY),
        "{left} are left right after the lowering"
    );
    let raise = TransactionRequest::default()
        .from(lowerer.address)
        .to(north.transfer)
        .input(to(limit(RAISED, PER_SECOND)).abi_encode().into());
    let at = lowered.block_number.context("the lowering is in no block")?;
    let reason = lowerer.revert_of(raise, at).await?;
    ensure!(
        reason.starts_with(&Transfer::NotALowering::SELECTOR),
        "the role that lowers limits cannot raise one, but for another reason: {reason}"
    );
    Ok(())
}

async fn propose_raise(north: &End, token: Address) -> Result<Proposal> {
    let call = LimitDesk::setLimitCall {
        clientId: north.client.clone(),
        token,
        direction: holds::RECEIVE,
        limit: limit(RAISED, PER_SECOND),
    };
    Proposal::propose(north, north.transfer, call.abi_encode(), "a higher limit").await
}

/// What waits for its size is lowered by the same role.
async fn lower_large(north: &End, token: Address) -> Result<()> {
    let call = LimitDesk::lowerLargeSizeCall {
        clientId: north.client.clone(),
        token,
        largeSize: u128::from(LARGE) * u128::from(AMOUNT),
        largeDelay: LARGE_DELAY_SECS,
    };
    let lowerer = north.wallet(Role::Deployer)?;
    lowerer.call(north.transfer, call.abi_encode()).await?;
    Ok(())
}
