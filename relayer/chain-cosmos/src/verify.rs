//! What `path create`, `path status` and the daemon verify of a client on this chain before anything is sent over it.
//!
//! The code of 07-tendermint is the chain's own, but its constants and its first state are its creator's: who makes a client can
//! start it from validators of his own. So each state that it believes is compared with the chain it should follow, by the
//! verifier's own endpoints.
//!
//! What this module must never do: stop at the first finding, or call a client good of which something could not be checked.

use crate::cosmos::Cosmos;
use crate::create::proof_specs;
use crate::follower::{self, Verdict};
use crate::ibc::RawHeight;
use crate::ibc::tendermint::ClientState;
use crate::look::{Heights, Look, check_counterparty, check_status, not_all};
use crate::views::{Behind, Seen, see};
use chain::{Depth, Doubt, Expected, Fault, Finding, TrustedState};
use tendermint_client::{State, Trusted};
use wire::ClientId;

/// A client that is looked at.
struct End<'a> {
    host: &'a Cosmos,
    tracked: &'a Cosmos,
    id: &'a ClientId,
    seen: &'a Seen,
    state: &'a ClientState,
    trusted: &'a Trusted,
    expected: &'a Expected,
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
        let (TrustedState::Tendermint(trusted), Behind::Tendermint(state)) =
            (&seen.view.trusted, &seen.state)
        else {
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
            state,
            trusted,
            expected,
        };
        Ok(end.verify().await)
    }
}

impl End<'_> {
    /// The counterparty, and the rest.
    async fn verify(&self) -> (Finding, Vec<Finding>) {
        let look = self.look();
        let (terms, states, relayers) =
            tokio::join!(self.check_terms(), self.check_states(), look.check_relayers());
        let newest = self.trusted.newest().height;
        let status = tendermint_client::status(self.trusted, self.seen.view.now);
        let counterparty = check_counterparty(self.seen, self.expected, &Cosmos::merkle_prefix());
        let rest = vec![
            Finding::new(
                "network",
                follower::check_network(self.tracked, &self.trusted.config),
            ),
            Finding::new("terms", terms),
            Finding::new("states", states),
            Finding::new("relayers", relayers),
            Finding::new("status", check_status(status, &format!("height {newest}"))),
        ];
        (Finding::new("counterparty", counterparty), rest)
    }

    async fn check_terms(&self) -> Verdict {
        if self.state.proof_specs != proof_specs() {
            return Err(Doubt::Differs(
                "it reads proofs of another kind than the SDK's stores give".into(),
            ));
        }
        follower::check_terms(self.tracked, &self.trusted.config, self.expected).await
    }

    /// Every state that the client believes is one of the chain that it should follow.
    async fn check_states(&self) -> Verdict {
        let newest = self.trusted.newest().height;
        let Heights { heights, are_all } = match self.expected.depth {
            Depth::Newest => Heights::one(newest),
            Depth::Whole => self.look().heights().await.map_err(Doubt::unchecked)?,
        };
        let mut states = Vec::new();
        for height in heights {
            states.push(self.believed(height).await.map_err(Doubt::unchecked)?);
        }
        let compared = follower::check_states(self.tracked, &states).await;
        if are_all { compared } else { not_all(compared) }
    }

    fn look(&self) -> Look<'_> {
        Look {
            host: self.host,
            id: self.id,
            block: self.seen.block,
        }
    }

    async fn believed(&self, height: u64) -> Result<State, Fault> {
        let newest = self.trusted.newest();
        if newest.height == height {
            return Ok(*newest);
        }
        let (at, look) = (RawHeight::from(self.tracked.at(height)), &self.look());
        self.host
            .on_rpc(|rpc| async move { look.reader(&rpc).consensus_state(at, look.block).await })
            .await
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
