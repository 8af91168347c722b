//! From a trusted block to a height, in as few headers as trust allows; witnesses are asked at the end.

use std::collections::{BTreeMap, VecDeque};

use alloy_primitives::B256;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use tendermint_client::{Config, Purpose, TrustLevel, check_trusted_hash, verify_header};
use wire::Seconds;

use super::light_block::{LightBlock, Moment, config};
use super::renew;
use super::trace::check_mutants;

/// How far ahead of the clock a header may be; in these recordings none is.
const DRIFT: Seconds = Seconds(1);
const NANOS: u64 = 1_000_000_000;
/// What a case is called whose blocks are as they were recorded.
const PLAIN: &str = "bisection";

#[derive(Deserialize)]
struct Case {
    trust_options: TrustOptions,
    primary: Provider,
    #[serde(default)]
    witnesses: Option<Vec<Witness>>,
    height_to_verify: String,
    now: Moment,
    expected_output: String,
    expected_num_of_bisections: usize,
}

#[derive(Deserialize)]
struct TrustOptions {
    /// In nanoseconds.
    period: String,
    height: String,
    hash: String,
    trust_level: Level,
}

#[derive(Deserialize)]
struct Level {
    numerator: String,
    denominator: String,
}

#[derive(Deserialize)]
struct Provider {
    chain_id: String,
    lite_blocks: Vec<LightBlock>,
}

#[derive(Deserialize)]
struct Witness {
    value: Provider,
}

/// The way is found where it is expected, and only there; it takes as many headers as expected. Says what kind of case it is, too.
pub(super) fn run(value: Value) -> (&'static str, Result<()>) {
    match serde_json::from_value::<Case>(value) {
        Ok(case) => (case.kind(), case.check()),
        Err(error) => (PLAIN, Err(error.into())),
    }
}

impl Case {
    /// Of blocks that are told anew, signed by keys of our own (`renew`), it shows that the way is found, and not that signatures of
    /// others are read.
    fn kind(&self) -> &'static str {
        let mut blocks = self.primary.lite_blocks.iter();
        match blocks.any(|block| renew::is_old(block).unwrap_or(false)) {
            true => "bisection told anew with keys of our own",
            false => PLAIN,
        }
    }

    fn check(&self) -> Result<()> {
        let expected = self.expected_num_of_bisections;
        match (self.expected_output.as_str(), follow(self)) {
            ("no error", Ok(steps)) => ensure!(steps == expected, "expected {expected} steps, took {steps}"),
            ("no error", Err(error)) => bail!("a way is expected: {error:#}"),
            ("error", Err(_)) => {}
            ("error", Ok(_)) => bail!("no way is expected, and one was found"),
            (other, _) => bail!("no known outcome: {other}"),
        }
        Ok(())
    }
}

/// How many headers it takes, if all witnesses show the same block in the end.
fn follow(case: &Case) -> Result<usize> {
    let options = &case.trust_options;
    let period: u64 = options.period.parse().context("the trust period")?;
    let level = TrustLevel {
        numerator: options.trust_level.numerator.parse()?,
        denominator: options.trust_level.denominator.parse()?,
    };
    let config = config(&case.primary.chain_id, level, Seconds(period / NANOS), DRIFT);
    let now = case.now.seconds()?;
    let target: i64 = case.height_to_verify.parse().context("the height")?;
    let blocks = by_height(&case.primary)?;
    let begin = options.height.parse().context("the trusted height")?;
    check_begin(&case.primary, begin, options.hash.parse()?)?;
    let steps = fewest_steps(&config, &blocks, begin, target, now)?;
    let hash = shown(&blocks, target)?;
    for witness in case.witnesses.iter().flatten() {
        let other = shown(&by_height(&witness.value)?, target)?;
        ensure!(other == hash, "a witness shows block {other}, the primary {hash}");
    }
    Ok(steps)
}

/// The hash of the block that is shown at `height`.
fn shown(blocks: &BTreeMap<i64, LightBlock>, height: i64) -> Result<B256> {
    let block = at(blocks, height)?;
    Ok(block.shown_to(block)?.header.hash())
}

/// The block to begin with is the one that is trusted. In a recording that is told anew, that is what it was called there.
fn check_begin(primary: &Provider, height: i64, trusted: B256) -> Result<()> {
    let block = primary
        .lite_blocks
        .iter()
        .find(|block| block.height().is_ok_and(|at| at == height));
    let block = block.with_context(|| format!("no block at height {height}"))?;
    if renew::is_old(block)? {
        let commit = block
            .signed_header
            .commit
            .as_ref()
            .context("a block without votes")?;
        let called = commit.block_id.as_ref().map(|id| id.hash.as_slice());
        ensure!(
            called == Some(trusted.as_slice()),
            "the trusted block is another one"
        );
        return Ok(());
    }
    Ok(check_trusted_hash(&block.shown_to(block)?.header, trusted)?)
}

/// Tries every step upwards, the fewest first; returns how many headers it takes to believe the one at `target`.
fn fewest_steps(
    config: &Config,
    blocks: &BTreeMap<i64, LightBlock>,
    begin: i64,
    target: i64,
    now: Seconds,
) -> Result<usize> {
    let mut reached = BTreeMap::from([(begin, 0)]);
    let mut queue = VecDeque::from([begin]);
    let mut refused = None;
    while let Some(from) = queue.pop_front() {
        let steps = reached.get(&from).map_or(1, |steps| steps + 1);
        let above = blocks
            .keys()
            .copied()
            .filter(|height| (from + 1..=target).contains(height));
        let above: Vec<i64> = above.filter(|height| !reached.contains_key(height)).collect();
        for height in above {
            match step(config, at(blocks, from)?, at(blocks, height)?, now) {
                Ok(()) => {
                    reached.insert(height, steps);
                    queue.push_back(height);
                }
                Err(error) => refused = Some(error),
            }
        }
    }
    match (reached.get(&target), refused) {
        (Some(steps), _) => Ok(*steps),
        (None, Some(error)) => Err(error),
        (None, None) => bail!("no block at height {target}"),
    }
}

fn step(config: &Config, trusted: &LightBlock, block: &LightBlock, now: Seconds) -> Result<()> {
    let update = block.shown_to(trusted)?;
    block.check_next_set(&update)?;
    let anchor = trusted.state()?;
    verify_header(config, &anchor, &update, now, Purpose::Advance)?;
    check_mutants(&update, |mutant| {
        verify_header(config, &anchor, mutant, now, Purpose::Advance).is_ok()
    })
}

fn by_height(provider: &Provider) -> Result<BTreeMap<i64, LightBlock>> {
    let readable = |block: &LightBlock| match renew::is_old(block)? {
        true => renew::renewed(block),
        false => Ok(block.clone()),
    };
    let blocks = provider.lite_blocks.iter();
    blocks
        .map(|block| Ok((block.height()?, readable(block)?)))
        .collect()
}

fn at(blocks: &BTreeMap<i64, LightBlock>, height: i64) -> Result<&LightBlock> {
    blocks
        .get(&height)
        .with_context(|| format!("no block at height {height}"))
}
