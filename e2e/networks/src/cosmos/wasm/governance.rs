//! Proposals: submitted, voted on, and waited for.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use chain_cosmos::Any;
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use cosmrs::proto::cosmos::gov::v1::{
    MsgSubmitProposal, MsgVote, ProposalStatus, QueryProposalRequest, QueryProposalResponse, VoteOption,
};
use prost::Message;
use tokio::time::{Instant, sleep};

use super::Stage;
use crate::cosmos::settings::{STAKE, VOTING};
use scenarios::cosmos::sent::deliver;

/// How long a vote may take beyond its time on a busy machine.
const BEYOND: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(500);

impl Stage<'_> {
    /// Has governance carry out `messages`; returns the gas that submitting them took.
    ///
    /// # Errors
    /// The proposal is refused, does not pass, or fails when it is carried out.
    pub(super) async fn pass(&self, title: &str, messages: Vec<Any>) -> Result<u64> {
        let submitted = self
            .send(|proposer| submit(title, messages.clone(), proposer))
            .await
            .with_context(|| format!("submit `{title}`"))?;
        let proposal_id: u64 = submitted
            .events
            .iter()
            .filter(|event| event.kind == "submit_proposal")
            .find_map(|event| event.attribute("proposal_id"))
            .context("no event names the proposal")?
            .parse()?;
        deliver(self.rpc, &self.voter, |voter| Ok(vec![vote(proposal_id, voter)]))
            .await
            .with_context(|| format!("vote on `{title}`"))?;
        self.wait_for(proposal_id)
            .await
            .with_context(|| format!("pass `{title}`"))?;
        Ok(submitted.gas_used)
    }

    async fn wait_for(&self, proposal_id: u64) -> Result<()> {
        let begun = Instant::now();
        loop {
            let said: QueryProposalResponse = self
                .ask(
                    "/cosmos.gov.v1.Query/Proposal",
                    &QueryProposalRequest { proposal_id },
                )
                .await?;
            let proposal = said.proposal.context("there is no such proposal")?;
            match ProposalStatus::try_from(proposal.status) {
                Ok(ProposalStatus::Passed) => return Ok(()),
                Ok(ProposalStatus::VotingPeriod) => {}
                other => bail!("the proposal is {other:?}"),
            }
            ensure!(
                begun.elapsed() < VOTING + BEYOND,
                "the vote is not over after {} s",
                begun.elapsed().as_secs()
            );
            sleep(LOOK_EVERY).await;
        }
    }
}

fn submit(title: &str, messages: Vec<Any>, proposer: &str) -> Any {
    let message = MsgSubmitProposal {
        messages,
        initial_deposit: vec![Coin {
            denom: STAKE.to_owned(),
            amount: "10".to_owned(),
        }],
        proposer: proposer.to_owned(),
        metadata: String::new(),
        title: title.to_owned(),
        summary: title.to_owned(),
        expedited: false,
    };
    Any {
        type_url: "/cosmos.gov.v1.MsgSubmitProposal".to_owned(),
        value: message.encode_to_vec(),
    }
}

fn vote(proposal_id: u64, voter: &str) -> Any {
    let message = MsgVote {
        proposal_id,
        voter: voter.to_owned(),
        option: VoteOption::Yes.into(),
        metadata: String::new(),
    };
    Any {
        type_url: "/cosmos.gov.v1.MsgVote".to_owned(),
        value: message.encode_to_vec(),
    }
}
