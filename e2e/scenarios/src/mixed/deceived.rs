//! Keys of those who sign for both chains in a thief's hand: the client of each on the other is made to believe what never was, while no
//! relayer runs. The relayer has to find it out by itself and show the client the chain's own update, so that the client freezes.
//!
//! The verdict is the host chain's: its client is frozen, and was not before.

use super::crossing::{Crossing, EVM, HUB};
use crate::cosmos::deceived::{Forgery, forge, never};
use crate::port::Port;
use crate::post::{Post, failed, or_wait, until};
use crate::site::Role;
use crate::thief::Thief;
use anyhow::{Context, Result, bail, ensure};
use chain::{Answer, Ask, ClientUpdate, Fault, Submission, SubmissionId, TrustedState, UpdateClient};
use cosmos_chain::validators::Secret;
use devnet::Chain;
use ethereum::Period;
use prost::Message as _;
use std::ops::ControlFlow;
use tendermint_client::codec::decode_update;
use tokio::time::Instant;

impl Crossing {
    /// Deceives both clients, with the keys of those who may be validators of the Cosmos chain and of the committee of `chain`, the EVM
    /// chain. The last thing that is done with a path whose relayer was stopped. Says in a line each what was found.
    pub(super) async fn deceive(&mut self, chain: &Chain, secrets: &[Secret]) -> Result<Vec<String>> {
        Ok(vec![
            self.deceive_on_evm(secrets).await?,
            self.deceive_on_hub(chain).await?,
        ])
    }

    /// The client on the EVM chain is shown another block of the Cosmos chain beside its newest one.
    async fn deceive_on_evm(&mut self, secrets: &[Secret]) -> Result<String> {
        let victim = Victim(self.post(EVM)?);
        let site = self.site.clone();
        let forged = until(self.deadline(), async || {
            let trusted = victim.tendermint().await?.newest().height;
            let Some((shown, height)) = forge(&site, secrets, trusted, Forgery::Fork).await? else {
                return Ok(ControlFlow::Continue(format!(
                    "there is no block above {trusted}"
                )));
            };
            let update = ClientUpdate::Tendermint(Box::new(decode_update(&shown.encode_to_vec())?));
            victim.show(update, self.deadline()).await?;
            let newest = victim.tendermint().await?.newest().height;
            Ok(or_wait((newest == height).then_some(height), || {
                format!("the client is at {newest}, and was shown {height}")
            }))
        })
        .await?;
        let is_frozen = async || anyhow::Ok(victim.tendermint().await?.frozen);
        let what = (never(forged), forged);
        self.found_out(EVM, what, is_frozen).await
    }

    /// The client on the Cosmos chain is taught a committee of attackers for the next period.
    async fn deceive_on_hub(&mut self, chain: &Chain) -> Result<String> {
        let Port::Evm(reader) = Port::evm(&self.evm, Role::Attacker)? else {
            bail!("the port of an EVM chain is one of another");
        };
        let (thief, victim) = (Thief::of(chain, &reader).await?, Victim(self.post(HUB)?));
        let Period(taught) = until(self.deadline(), async || {
            // It has to know the committee in office, and not yet the next one.
            self.path.update_client(HUB).await?;
            let newest = victim.ethereum().await?.newest_period();
            let newest = newest.context("a client without a committee")?;
            let Some(update) = thief.next_committee(newest).await? else {
                let missing = format!("nothing of period {newest} is final and signed in that period");
                return Ok(ControlFlow::Continue(missing));
            };
            victim
                .show(ClientUpdate::Ethereum(update), self.deadline())
                .await?;
            let (known, next) = (victim.ethereum().await?.newest_period(), Period(newest.0 + 1));
            Ok(or_wait((known == Some(next)).then_some(next), || {
                format!("the client knows committees up to {known:?}, and was taught that of {next}")
            }))
        })
        .await?;
        let is_frozen = async || anyhow::Ok(victim.ethereum().await?.frozen);
        let what = (
            format!("a committee of period {taught} that nobody elected"),
            taught,
        );
        self.found_out(HUB, what, is_frozen).await
    }

    /// Starts the relayer, waits until it has found out what the client at one of the ends believes, and stops it.
    async fn found_out(
        &mut self,
        side: usize,
        (what, number): (String, u64),
        is_frozen: impl AsyncFn() -> Result<bool>,
    ) -> Result<String> {
        ensure!(!is_frozen().await?, "the client froze by itself");
        self.path.start_unready()?;
        let found = self
            .path
            .wait_until_found_out(side, (&what, number), is_frozen)
            .await?;
        self.path.stop().await?;
        Ok(found)
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.pace.settled_within
    }
}

/// A client, and the chain that it is on.
struct Victim(Post);

impl Victim {
    async fn tendermint(&self) -> Result<tendermint_client::Trusted> {
        match self.trusted().await? {
            TrustedState::Tendermint(trusted) => Ok(*trusted),
            other => bail!("a client of a Cosmos chain trusts {other:?}"),
        }
    }

    async fn ethereum(&self) -> Result<ethereum::Trusted> {
        match self.trusted().await? {
            TrustedState::Ethereum(trusted) => Ok(*trusted),
            other => bail!("a client of an EVM chain trusts {other:?}"),
        }
    }

    async fn trusted(&self) -> Result<TrustedState> {
        let end = self.0.end();
        match self.0.port.answer(Ask::Client { end }).await.map_err(failed)? {
            Answer::Client(view) => Ok(view.trusted),
            other => bail!("asked for a client, was answered {other:?}"),
        }
    }

    /// Shows the client an update, as anybody may. That the chain refuses it is no error: its clock may be behind.
    async fn show(&self, update: ClientUpdate, deadline: Instant) -> Result<()> {
        let shown = Submission {
            id: SubmissionId(1),
            updates: vec![UpdateClient {
                client: self.0.client.clone(),
                update,
            }],
            messages: Vec::new(),
            pool: None,
        };
        match self.0.send(shown).await {
            Err(Fault::WouldRevert(_)) => Ok(()),
            sent => self.0.await_included(sent.map_err(failed)?, deadline).await,
        }
    }
}
