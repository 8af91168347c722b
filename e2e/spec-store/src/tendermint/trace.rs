//! Steps from a model, each with the verdict that it foresees; and mutants of those that are accepted.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use tendermint_client::codec::{decode_update, encode_update};
use tendermint_client::testing::raw;
use tendermint_client::{Purpose, Reject, TrustLevel, Update, verify_header};
use wire::Seconds;

use super::light_block::{LightBlock, Moment, config};

/// How far ahead of the clock the model lets a header be.
const DRIFT: Seconds = Seconds(1);
const NANOS: u64 = 1_000_000_000;

#[derive(Deserialize)]
struct Trace {
    initial: Initial,
    input: Vec<Step>,
}

#[derive(Deserialize)]
struct Initial {
    signed_header: raw::SignedHeader,
    next_validator_set: raw::ValidatorSet,
    /// In nanoseconds.
    trusting_period: String,
}

#[derive(Deserialize)]
struct Step {
    block: LightBlock,
    now: Moment,
    verdict: Foreseen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Foreseen {
    Success,
    NotEnoughTrust,
    Invalid,
}

/// Every step has the verdict that the model foresees; what it accepts is the next one's trusted state.
pub(super) fn run(value: Value) -> Result<()> {
    let trace: Trace = serde_json::from_value(value)?;
    let nanos: u64 = trace
        .initial
        .trusting_period
        .parse()
        .context("the trust period")?;
    ensure!(
        nanos.is_multiple_of(NANOS),
        "a trust period of {nanos} ns is no whole number of seconds"
    );
    let period = Seconds(nanos / NANOS);
    let mut trusted = LightBlock {
        signed_header: trace.initial.signed_header,
        validator_set: None,
        next_validator_set: trace.initial.next_validator_set,
    };
    for (at, step) in trace.input.into_iter().enumerate() {
        let found = judge(&trusted, &step, period);
        let verdict = match &found {
            Ok(()) => Foreseen::Success,
            Err(error) => match error.downcast_ref() {
                Some(Reject::NotEnoughOverlap { .. }) => Foreseen::NotEnoughTrust,
                Some(_) | None => Foreseen::Invalid,
            },
        };
        ensure!(
            verdict == step.verdict,
            "step {at}: foreseen {:?}, found {verdict:?}, {}",
            step.verdict,
            found.map_or_else(|error| format!("{error:#}"), |()| "accepted".to_owned())
        );
        if verdict == Foreseen::Success {
            trusted = step.block;
        }
    }
    Ok(())
}

fn judge(trusted: &LightBlock, step: &Step, period: Seconds) -> Result<()> {
    let chain_id = &trusted.header()?.chain_id;
    let config = config(chain_id, TrustLevel::ONE_THIRD, period, DRIFT);
    let update = step.block.shown_to(trusted)?;
    step.block.check_next_set(&update)?;
    let (anchor, now) = (trusted.state()?, step.now.seconds()?);
    let accept = |update: &Update| verify_header(&config, &anchor, update, now, Purpose::Advance);
    accept(&update)?;
    check_mutants(&update, |mutant| accept(mutant).is_ok())
}

/// Every byte of the message is changed in one bit: each mutant is refused, or says the same about the chain.
pub(super) fn check_mutants(update: &Update, is_accepted: impl Fn(&Update) -> bool) -> Result<()> {
    let bytes = encode_update(update);
    for at in 0..bytes.len() {
        let mut mutant = bytes.clone();
        if let Some(byte) = mutant.get_mut(at) {
            *byte ^= 1 << (at % 8);
        }
        let Ok(mutant) = decode_update(&mutant) else {
            continue;
        };
        let says_the_same =
            mutant.header == update.header && mutant.commit.block_id == update.commit.block_id;
        ensure!(
            says_the_same || !is_accepted(&mutant),
            "with byte {at} changed, another header is accepted"
        );
    }
    Ok(())
}
