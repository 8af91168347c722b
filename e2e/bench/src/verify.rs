//! `bench verify`: what the light client costs beside the one signature check that nobody can avoid.
//!
//! Both are measured in the same run, in turns, so that whatever else the machine does falls on both alike. What is
//! measured is the law itself, as relayer and contract's twin run it: no check is left out.

use crate::figures::{median, micros};
use anyhow::{Context, Result, ensure};
use blst::min_pk::{AggregatePublicKey, PublicKey, Signature};
use blst::{BLST_ERROR, Pairing, blst_p1_affine, blst_p2_affine};
use client::Advance;
use ethereum::testing::{Draft, World, filler};
use ethereum::{Blst, Epoch, Fork, ForkSchedule, Layout, Network, Slot, Times, Trusted, Update, checks};
use std::hint::black_box;
use std::time::{Duration, Instant};
use wire::Seconds;

/// Rounds; each measures every candidate once, in turn.
const ROUNDS: usize = 301;
/// Rounds before those, of which nothing is kept.
const WARM_UP: usize = 20;
/// Between two measurements.
const REST: Duration = Duration::from_millis(1);
/// `verify_update` may cost this many signature checks.
const BAR: f64 = 2.0;
/// Domain separation tag of Ethereum's signatures.
const TAG: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

const SEATS: u32 = 512;
const EPOCH: u64 = 32;
const PERIOD: u64 = 256 * EPOCH;
/// Where the client starts: early in a period, as deep in the chain as a client that runs for a while.
const START: u64 = 900 * PERIOD + EPOCH;
/// States in the client's ring.
const STATES: u64 = 48;

/// Measures and prints.
pub(crate) fn run() -> Result<()> {
    let world = World::new(network()?);
    let trusted = client(&world)?;
    let next = START + (STATES + 1) * EPOCH;
    let full = Draft::new(next, next + 2 * EPOCH + 1);
    let crowd = world.update(&full);
    let sparse = world.update(&full.clone().without((0..512).step_by(3).take(170)));
    let plain = PlainCheck::of(&world, &full)?;

    println!("verify_update against one fast-aggregate-verify of blst: medians of {ROUNDS} rounds in turns");
    let works: [&dyn Fn() -> Result<()>; 4] = [
        &|| plain.check_pooled(),
        &|| plain.check(),
        &|| advance(&world, &trusted, &crowd),
        &|| advance(&world, &trusted, &sparse),
    ];
    let mut times: [Vec<Duration>; 4] = Default::default();
    for round in 0..WARM_UP + ROUNDS {
        for (work, times) in works.iter().zip(&mut times) {
            // After a rest each starts with a whole slice of time: on a busy machine what comes last would be interrupted.
            std::thread::sleep(REST);
            let taken = timed(work)?;
            if round >= WARM_UP {
                times.push(taken);
            }
        }
    }
    let [pooled, plain, crowd, sparse] = times.map(|times| median(&times));
    // The library hands its work to a pool of threads, which costs more than it saves on a busy machine: the bar is set
    // by the quicker of the two.
    let least = plain.min(pooled);
    let line = |what: &str, time: Duration| {
        println!("  {what:<52} {:>9}  {:.2} x", micros(time), ratio(time, least));
    };
    line("blst fast_aggregate_verify, 512 known keys", pooled);
    line("the same without its pool of threads", plain);
    line("verify_update, 512 signers, known committee", crowd);
    line("verify_update, 342 signers, known committee", sparse);
    let held = if ratio(crowd, least) <= BAR {
        "is held"
    } else {
        "is NOT held"
    };
    println!("  the bar of {BAR} x at 512 signers {held}");
    Ok(())
}

fn timed(work: &dyn Fn() -> Result<()>) -> Result<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

fn advance(world: &World, trusted: &Trusted, update: &Update) -> Result<()> {
    let now = world.time(update.signature_slot.0);
    let advance = ethereum::verify_update(&Blst, black_box(trusted), black_box(update), now)?;
    ensure!(
        matches!(black_box(advance), Advance::Updated(_)),
        "the update moved nothing"
    );
    Ok(())
}

/// The signature check alone: keys decoded before, the signature's bytes decoded within, as the client has to.
struct PlainCheck {
    keys: Vec<PublicKey>,
    signature: Vec<u8>,
    message: [u8; 32],
}

impl PlainCheck {
    fn of(world: &World, draft: &Draft) -> Result<Self> {
        let update = world.spec_update(draft);
        let slot = Slot(draft.signature);
        let committee = world.keys(world.network.period_of(slot));
        let keys = committee.committee().pubkeys.iter();
        let keys: Result<Vec<PublicKey>, BLST_ERROR> =
            keys.map(|key| PublicKey::key_validate(&key.0)).collect();
        let keys = keys.map_err(|error| anyhow::anyhow!("a key of the committee is none: {error:?}"))?;
        let message = checks::signing_root(&world.network, &update.attested_header.beacon, slot)?;
        let signature = Signature::from_bytes(&update.sync_aggregate.sync_committee_signature.0);
        let signature = signature.map_err(|error| anyhow::anyhow!("the signature is none: {error:?}"))?;
        Ok(Self {
            keys,
            signature: signature.serialize().to_vec(),
            message: message.0,
        })
    }

    fn signature(&self) -> Result<Signature> {
        Signature::deserialize(black_box(&self.signature))
            .map_err(|error| anyhow::anyhow!("the signature is none: {error:?}"))
    }

    /// As the library does it.
    fn check_pooled(&self) -> Result<()> {
        let keys: Vec<&PublicKey> = black_box(&self.keys).iter().collect();
        let verdict = self
            .signature()?
            .fast_aggregate_verify(true, &self.message, TAG, &keys);
        ensure!(
            black_box(verdict) == BLST_ERROR::BLST_SUCCESS,
            "blst refused a genuine signature: {verdict:?}"
        );
        Ok(())
    }

    /// The same steps on one thread.
    fn check(&self) -> Result<()> {
        let failed = |error: BLST_ERROR| anyhow::anyhow!("blst refused a genuine signature: {error:?}");
        let signature = self.signature()?;
        signature.validate(true).map_err(failed)?;
        let keys: Vec<&PublicKey> = black_box(&self.keys).iter().collect();
        let sum = AggregatePublicKey::aggregate(&keys, false).map_err(failed)?;
        let key = sum.to_public_key();
        let (key, signature): (&blst_p1_affine, &blst_p2_affine) = ((&key).into(), (&signature).into());
        let mut pairing = Pairing::new(true, TAG);
        let added = pairing.aggregate(key, false, signature, false, &self.message, &[]);
        pairing.commit();
        ensure!(
            added == BLST_ERROR::BLST_SUCCESS && black_box(pairing.finalverify(None)),
            "blst refused a genuine signature: {added:?}"
        );
        Ok(())
    }
}

/// Mainnet's times and size, one fork.
fn network() -> Result<Network> {
    let times = Times {
        genesis: Seconds(1_606_824_023),
        seconds_per_slot: 12,
        slots_per_epoch: EPOCH,
        epochs_per_period: PERIOD / EPOCH,
    };
    let fork = Fork {
        epoch: Epoch(0),
        version: [5, 0, 0, 0],
        layout: Layout::Electra,
    };
    let forks = ForkSchedule::new([fork])?;
    Network::custom(times, filler("genesis validators", &[]), SEATS, forks).context("no network")
}

/// A client with a full past: its ring has to be copied when it moves.
fn client(world: &World) -> Result<Trusted> {
    let start = world.bootstrap(START);
    let mut trusted = ethereum::start(&Blst, world.config(), &start, world.time(START + 1))?;
    for epoch in 1..=STATES {
        let slot = START + epoch * EPOCH;
        let update = world.update(&Draft::new(slot, slot + 2 * EPOCH + 1));
        trusted =
            match ethereum::verify_update(&Blst, &trusted, &update, world.time(update.signature_slot.0))? {
                Advance::Updated(next) => next,
                other => anyhow::bail!("an honest update moved nothing: {other:?}"),
            };
    }
    Ok(trusted)
}

fn ratio(of: Duration, to: Duration) -> f64 {
    of.as_secs_f64() / to.as_secs_f64().max(f64::MIN_POSITIVE)
}
