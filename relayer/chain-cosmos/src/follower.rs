//! What a client of this chain has to be, wherever it lives: its terms fit the chain, and what it believes the chain has.
//!
//! The host of a client tells what it is; this chain tells whether that is so, by the verifier's own endpoints. Who makes a client
//! can start it from validators of his own and let them sign a rotation to the real ones: so the state that it started from is
//! compared, and not only what it believes now.
//!
//! What this module must never do: call a client good of which something could not be checked.

use crate::cosmos::Cosmos;
use crate::create::Terms;
use chain::{Doubt, Expected, Fault, Finding};
use tendermint_client::{Bootstrap, Config, STORE_DEFAULT, State, TRUST_PERIOD_DEFAULT};
use wire::Seconds;

pub(crate) type Verdict = Result<String, Doubt>;

/// A client of this chain, by what its host shows.
#[derive(Clone, Copy, Debug)]
pub struct Follower<'a> {
    /// Its constants.
    pub config: &'a Config,
    /// The state that it started from, where its host keeps that, or why it could not be read.
    pub started: &'a Result<Bootstrap, Fault>,
    /// States that it believes, or why they were not read.
    pub states: &'a Result<Vec<State>, Fault>,
    /// Whether it keeps no others that are known of.
    pub are_all: bool,
}

impl Cosmos {
    /// Checks a client of this chain, one finding a rule; a rule that could not be checked is an `Err` entry.
    pub async fn verify_follower(&self, follower: &Follower<'_>, expected: &Expected) -> Vec<Finding> {
        let (terms, started, states) = tokio::join!(
            check_terms(self, follower.config, expected),
            check_start(self, follower.started),
            check_kept(self, follower),
        );
        vec![
            Finding::new("network", check_network(self, follower.config)),
            Finding::new("terms", terms),
            Finding::new("bootstrap", started),
            Finding::new("states", states),
        ]
    }

    /// The constants and the first state of a client that is to follow this chain from its newest header on.
    ///
    /// - `capacity`: how many heights its ring reaches back.
    ///
    /// The trust period is two thirds of the time in which validators can be punished, and at most a week, if `terms` do not
    /// say it.
    pub async fn starting_point(&self, terms: &Terms, capacity: u32) -> Result<(Config, Bootstrap), Fault> {
        let head = self.head().await?;
        let start = self.bootstrap(head.finalized.height.revision_height).await?;
        let unbonding = self.unbonding_period().await?;
        let usual = Seconds(unbonding.0 / 3 * 2).min(TRUST_PERIOD_DEFAULT);
        let config = Config {
            chain_id: self.rules.chain_id.clone(),
            trust_level: terms.trust_level,
            trust_period: terms.trust_period.unwrap_or(usual),
            unbonding_period: unbonding,
            clock_drift: terms.clock_drift,
            capacity,
            store: STORE_DEFAULT.to_vec(),
        };
        config.check().map_err(|reject| Fault::NoClient {
            id: self.rules.chain_id.clone(),
            text: format!("no client with these terms would be sound: failed to {reject}"),
        })?;
        Ok((config, start))
    }
}

/// The client follows the chain that `chain` is.
pub(crate) fn check_network(chain: &Cosmos, config: &Config) -> Verdict {
    let (theirs, ours) = (&config.chain_id, &chain.rules.chain_id);
    if theirs != ours {
        return Err(Doubt::Differs(format!(
            "it follows chain {theirs}, the configuration says {ours}"
        )));
    }
    Ok(format!("it follows {}, {ours}", chain.name))
}

/// What the client believes for how long is sound for the chain.
pub(crate) async fn check_terms(chain: &Cosmos, config: &Config, expected: &Expected) -> Verdict {
    let most = expected.terms_max;
    if config.clock_drift > most.clock_drift {
        return Err(Doubt::Differs(format!(
            "it believes headers {} ahead of its clock, the configuration allows {}: raise `clock_drift_secs_max` of the path, or \
             let the client be made anew",
            config.clock_drift, most.clock_drift
        )));
    }
    if config.trust_period > most.trust_period {
        return Err(Doubt::Differs(format!(
            "it believes a state for {}, the configuration allows {}: raise `trust_period_secs_max` of the path, or let the client \
             be made anew",
            config.trust_period, most.trust_period
        )));
    }
    let unbonding = chain.unbonding_period().await.map_err(Doubt::unchecked)?;
    if config.trust_period >= unbonding {
        return Err(Doubt::Differs(format!(
            "it believes a state for {}, validators can be punished for {unbonding} only",
            config.trust_period
        )));
    }
    Ok(format!(
        "trust period {}, trust level {}, clock drift {}",
        config.trust_period, config.trust_level, config.clock_drift
    ))
}

/// The client started from a state that the chain has.
async fn check_start(chain: &Cosmos, started: &Result<Bootstrap, Fault>) -> Verdict {
    let started = started
        .as_ref()
        .map_err(|fault| Doubt::unchecked(fault.clone()))?;
    let height = started.height.revision_height;
    match compare(chain, &started.state(Seconds(0))).await? {
        Compared::Same => Ok(format!(
            "it started from the chain's own header of height {height}"
        )),
        Compared::Gone => Err(Doubt::Gone(format!(
            "it started at height {height}, which the endpoint has pruned; ask one that keeps it"
        ))),
    }
}

/// What the client keeps is the chain's, as far as it was read; what was not is told.
async fn check_kept(chain: &Cosmos, follower: &Follower<'_>) -> Verdict {
    let states = follower.states.as_ref();
    let states = states.map_err(|fault| Doubt::unchecked(fault.clone()))?;
    let same = check_states(chain, states).await?;
    if follower.are_all {
        return Ok(same);
    }
    Err(Doubt::Unchecked(format!(
        "{same}; the client keeps others, which were not read and not compared: a relayer that runs compares them in time"
    )))
}

/// All of `states` are the chain's.
pub(crate) async fn check_states(chain: &Cosmos, states: &[State]) -> Verdict {
    let (mut same, mut gone) = (0_u64, 0_u64);
    for believed in states {
        match compare(chain, believed).await? {
            Compared::Same => same += 1,
            Compared::Gone => gone += 1,
        }
    }
    if gone > 0 {
        return Err(Doubt::Gone(format!(
            "{same} states are the chain's; {gone} are of blocks that the endpoint has pruned, one that keeps them tells"
        )));
    }
    let newest = states.iter().map(|state| state.height).max().unwrap_or(0);
    Ok(format!(
        "{same} states are the chain's, the newest of height {newest}"
    ))
}

/// What comparing a state with the chain's can end with, beside a difference.
pub(crate) enum Compared {
    Same,
    Gone,
}

/// Why a state of a height that the chain has not reached cannot be true beside its header `newest`; none if it may become true.
pub(crate) fn why_not_ahead(state: &State, newest: &Bootstrap) -> Option<String> {
    (state.time <= newest.time).then(|| {
        format!(
            "it believes a state of height {} of {}, the chain is at height {} of {}",
            state.height, state.time, newest.height.revision_height, newest.time
        )
    })
}

pub(crate) async fn compare(chain: &Cosmos, believed: &State) -> Result<Compared, Doubt> {
    let height = believed.height;
    let real = match chain.bootstrap(height).await {
        Ok(real) => real,
        Err(Fault::Pruned { .. }) => return Ok(Compared::Gone),
        Err(fault) => return Err(Doubt::unchecked(fault)),
    };
    let is_same = (real.time, real.app_hash, real.next_validators_hash)
        == (believed.time, believed.app_hash, believed.next_validators_hash);
    if is_same {
        return Ok(Compared::Same);
    }
    Err(Doubt::Differs(format!(
        "at height {height} it believes the state {} of {} and the next validators {}, the chain has {} of {} and {}",
        believed.app_hash,
        believed.time,
        believed.next_validators_hash,
        real.app_hash,
        real.time,
        real.next_validators_hash
    )))
}

#[cfg(test)]
#[path = "follower_tests.rs"]
mod tests;
