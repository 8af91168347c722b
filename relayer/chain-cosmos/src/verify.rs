//! What `path create`, `path status` and the daemon verify of a client on this chain before anything is sent over it.
//!
//! The code of 07-tendermint is the chain's own, but its constants and its first state are its creator's: who makes a client can
//! start it from validators of his own. So each state that it believes is compared with the chain it should follow, by the
//! verifier's own endpoints.
//!
//! What this module must never do: stop at the first finding, or call a client good of which something could not be checked.

use crate::cosmos::Cosmos;
use crate::create::proof_specs;
use crate::ibc::RawHeight;
use crate::ibc::client::{
    CONFIG_QUERY, ConfigAnswer, HEIGHTS_QUERY, HeightsAnswer, HeightsRequest, PageRequest,
};
use crate::lacking::had;
use crate::refusal::Refusal;
use crate::rpc::Rpc;
use crate::views::{Reader, Seen, decoded, is_not_found, see};
use chain::{Depth, Doubt, Expected, Fault, Finding, TrustedState};
use client::Status;
use prost::Message;
use std::collections::BTreeSet;
use tendermint_client::{State, Trusted};
use wire::{ClientId, Seconds};

/// The furthest that a header may be ahead of the host's clock.
const CLOCK_DRIFT_MAX: Seconds = Seconds(60);
/// Heights that a page of a node's answer holds.
const PAGE: u64 = 500;
/// Pages that are read: of 100,000 states.
const PAGES_MAX: usize = 200;

type Verdict = Result<String, Doubt>;

/// A client that is looked at.
struct End<'a> {
    host: &'a Cosmos,
    tracked: &'a Cosmos,
    id: &'a ClientId,
    seen: &'a Seen,
    trusted: &'a Trusted,
    expected: &'a Expected,
}

/// Heights of states that a client keeps.
struct Kept {
    heights: BTreeSet<u64>,
    /// Whether there are no others.
    are_all: bool,
}

impl Cosmos {
    /// Checks the client `id` of this chain, which should track `tracked`.
    ///
    /// The result has one entry a rule; a rule that could not be checked is an `Err` entry. Fails only when the client cannot
    /// be read at all.
    pub async fn verify_end(
        &self,
        tracked: &Self,
        id: &ClientId,
        expected: &Expected,
    ) -> Result<Vec<Finding>, Fault> {
        let (counterparty, mut findings) = self.verify(tracked, id, expected).await?;
        findings.insert(0, counterparty);
        Ok(findings)
    }

    /// The same without the client's own counterparty, which only packets of IBC v2 have: those of v1 go by connections.
    pub async fn verify_client(
        &self,
        tracked: &Self,
        id: &ClientId,
        expected: &Expected,
    ) -> Result<Vec<Finding>, Fault> {
        let (_, findings) = self.verify(tracked, id, expected).await?;
        Ok(findings)
    }

    async fn verify(
        &self,
        tracked: &Self,
        id: &ClientId,
        expected: &Expected,
    ) -> Result<(Finding, Vec<Finding>), Fault> {
        let seen = &see(self, id).await?;
        let TrustedState::Tendermint(trusted) = &seen.view.trusted else {
            return Err(Fault::NoClient {
                id: id.to_string(),
                text: "it follows no CometBFT chain".into(),
            });
        };
        let end = End {
            host: self,
            tracked,
            id,
            seen,
            trusted,
            expected,
        };
        Ok(end.verify().await)
    }
}

impl End<'_> {
    /// The counterparty, and the rest.
    async fn verify(&self) -> (Finding, Vec<Finding>) {
        let (terms, states, relayers) =
            tokio::join!(self.check_terms(), self.check_states(), self.check_relayers());
        let finding = |rule: &'static str, verdict: Verdict| Finding {
            rule: rule.into(),
            verdict,
        };
        let rest = vec![
            finding("network", self.check_network()),
            finding("terms", terms),
            finding("states", states),
            finding("relayers", relayers),
            finding("status", self.check_status()),
        ];
        (finding("counterparty", self.check_counterparty()), rest)
    }

    fn check_network(&self) -> Verdict {
        let (theirs, ours) = (&self.trusted.config.chain_id, &self.tracked.rules.chain_id);
        if theirs != ours {
            return Err(Doubt::Differs(format!(
                "it follows chain {theirs}, the configuration says {ours}"
            )));
        }
        Ok(format!("it follows {}, {ours}", self.tracked.name))
    }

    fn check_counterparty(&self) -> Verdict {
        let (expected, found) = (&self.expected.counterparty, &self.seen.counterparty);
        match (expected, found) {
            (None, None) => Ok("not registered yet".into()),
            (Some(expected), None) => Err(Doubt::Unusable(format!(
                "it is not paired yet, {expected} is expected; `relayer path create` pairs it"
            ))),
            (None, Some(found)) => Err(Doubt::Differs(format!(
                "it is paired with {} already",
                found.client_id
            ))),
            (Some(expected), Some(found)) if found.client_id != expected.as_str() => Err(Doubt::Differs(
                format!("it is paired with {}, {expected} is expected", found.client_id),
            )),
            (Some(_), Some(found)) if found.merkle_prefix != Cosmos::merkle_prefix() => {
                Err(Doubt::Differs(format!(
                    "it looks for packets under {:?}, they are under {:?}",
                    found.merkle_prefix,
                    Cosmos::merkle_prefix()
                )))
            }
            (Some(_), Some(found)) => Ok(found.client_id.clone()),
        }
    }

    async fn check_terms(&self) -> Verdict {
        let config = &self.trusted.config;
        if self.seen.state.proof_specs != proof_specs() {
            return Err(Doubt::Differs(
                "it reads proofs of another kind than the SDK's stores give".into(),
            ));
        }
        if config.clock_drift > CLOCK_DRIFT_MAX {
            return Err(Doubt::Differs(format!(
                "it believes headers {} ahead of its clock, at most {CLOCK_DRIFT_MAX} is sound",
                config.clock_drift
            )));
        }
        if config.trust_period > self.expected.trust_period_max {
            return Err(Doubt::Differs(format!(
                "it believes a state for {}, the configuration allows {}",
                config.trust_period, self.expected.trust_period_max
            )));
        }
        let unbonding = self.tracked.unbonding_period().await.map_err(unchecked)?;
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

    /// Every state that the client believes is one of the chain that it should follow.
    async fn check_states(&self) -> Verdict {
        let newest = self.trusted.newest().height;
        let Kept { heights, are_all } = match self.expected.depth {
            Depth::Newest => Kept {
                heights: BTreeSet::from([newest]),
                are_all: true,
            },
            Depth::Whole => self.heights().await.map_err(unchecked)?,
        };
        let (mut same, mut gone) = (0_u64, 0_u64);
        for height in heights {
            let believed = self.believed(height).await.map_err(unchecked)?;
            match self.tracked.bootstrap(height).await {
                Ok(real) => {
                    let is_same = (real.time, real.app_hash, real.next_validators_hash)
                        == (believed.time, believed.app_hash, believed.next_validators_hash);
                    if !is_same {
                        return Err(Doubt::Differs(format!(
                            "at height {height} it believes the state {} of {}, the chain has {} of {}",
                            believed.app_hash, believed.time, real.app_hash, real.time
                        )));
                    }
                    same += 1;
                }
                Err(Fault::Pruned { .. }) => gone += 1,
                Err(fault) => return Err(unchecked(fault)),
            }
        }
        if !are_all {
            return Err(Doubt::Unchecked(format!(
                "{same} states are the chain's; the node names no end of them after {PAGES_MAX} pages, and those behind \
                 were not compared; ask another node, or follow the chain with a new client"
            )));
        }
        if gone > 0 {
            return Err(Doubt::Gone(format!(
                "{same} states are the chain's; {gone} are of blocks that the endpoint has pruned, one that keeps them tells"
            )));
        }
        Ok(format!(
            "{same} states are the chain's, the newest of height {newest}"
        ))
    }

    fn reader<'rpc>(&'rpc self, rpc: &'rpc Rpc) -> Reader<'rpc> {
        Reader {
            chain: self.host,
            rpc,
            id: self.id,
        }
    }

    async fn believed(&self, height: u64) -> Result<State, Fault> {
        let newest = self.trusted.newest();
        if newest.height == height {
            return Ok(*newest);
        }
        let at = RawHeight::from(self.tracked.at(height));
        self.host
            .on_rpc(|rpc| async move { self.reader(&rpc).consensus_state(at, self.seen.block).await })
            .await
    }

    /// The heights of the states that the client keeps, as far as they are read.
    async fn heights(&self) -> Result<Kept, Fault> {
        self.host
            .on_rpc(|rpc| async move {
                let (mut heights, mut key) = (BTreeSet::new(), Vec::new());
                for _ in 0..PAGES_MAX {
                    let request = HeightsRequest {
                        client_id: self.id.to_string(),
                        pagination: Some(PageRequest { key, limit: PAGE }),
                    };
                    let block = self.seen.block;
                    let answered = rpc
                        .query(HEIGHTS_QUERY, &request.encode_to_vec(), Some(block))
                        .await;
                    let answer = had(&rpc, answered, HEIGHTS_QUERY, self.host.at(block)).await?;
                    let page = decoded::<HeightsAnswer>(HEIGHTS_QUERY, &answer.value)?;
                    heights.extend(page.heights.iter().map(|height| height.revision_height));
                    key = page.pagination.unwrap_or_default().next_key;
                    if key.is_empty() {
                        return Ok(Kept {
                            heights,
                            are_all: true,
                        });
                    }
                }
                Ok(Kept {
                    heights,
                    are_all: false,
                })
            })
            .await
    }

    /// Whether the relayer's accounts may use the client. Who has none here only looks, and whoever the rule lets relay is
    /// right for him.
    async fn check_relayers(&self) -> Verdict {
        let allowed = self.allowed().await.map_err(unchecked)?;
        if allowed.is_empty() {
            return Ok("anybody may relay".into());
        }
        let Ok(wallet) = self.host.wallet() else {
            return Ok(format!(
                "only {} may relay; no account of ours is configured that would have to be one of them",
                allowed.join(", ")
            ));
        };
        match wallet
            .addresses()
            .find(|ours| !allowed.iter().any(|one| one == ours))
        {
            None => Ok("our accounts are among those that may relay".into()),
            Some(ours) => Err(Doubt::Unusable(format!(
                "{ours} may not relay; allowed are {}; have it added by who governs the client",
                allowed.join(", ")
            ))),
        }
    }

    async fn allowed(&self) -> Result<Vec<String>, Fault> {
        self.host
            .on_rpc(|rpc| async move {
                let request = self.reader(&rpc).request().encode_to_vec();
                let answer = match rpc.query(CONFIG_QUERY, &request, Some(self.seen.block)).await? {
                    Ok(answer) => answer,
                    Err(Refusal::Application(said)) if is_not_found(&said) => return Ok(Vec::new()),
                    Err(refusal) => return Err(refusal.into_complaint(CONFIG_QUERY)),
                };
                let config = decoded::<ConfigAnswer>(CONFIG_QUERY, &answer.value)?.config;
                Ok(config.unwrap_or_default().allowed_relayers)
            })
            .await
    }

    fn check_status(&self) -> Verdict {
        let at = self.trusted.newest().height;
        match tendermint_client::status(self.trusted, self.seen.view.now) {
            Status::Active => Ok(format!("active at height {at}")),
            Status::Expired => Err(Doubt::Unusable(format!(
                "it expired at height {at}; governance can recover it with another client"
            ))),
            Status::Frozen => Err(Doubt::Unusable(format!(
                "it is frozen at height {at}: misbehaviour was shown; governance decides"
            ))),
        }
    }
}

/// A rule that could not be checked does not hold.
fn unchecked(fault: Fault) -> Doubt {
    Doubt::Unchecked(format!("it could not be checked: failed to {fault}"))
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
