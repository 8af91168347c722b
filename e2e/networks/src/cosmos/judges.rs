//! The judges of what is shown to a client of another chain: a real chain, the law, and, of headers, the contract for EVM chains.
//!
//! What is judged is not sent: a node tries each message on its newest state and forgets it. Only what is shown for real is. What the
//! law believes, ibc-go has to believe. What ibc-go believes, the law may refuse only where docs/formats/tendermint.md says that it is
//! stricter. The contract believes what the law does, and nothing else.

use std::time::Duration;

use alloy_primitives::B256;
use anyhow::{Context, Result, ensure};
use chain_cosmos::{Any, Rpc};
use client::Advance;
use cosmos_chain::hand::{MsgUpdateClient, Seen, any, said};
use prost::Message;
use scenarios::Role;
use scenarios::cosmos::sent::{deliver, refusal, rules, wallet};
use scenarios::cosmos::served::{height, served, signers};
use tendermint_client::codec::{decode_evidence, decode_update};
use tendermint_client::testing::{Ballot, Block, Validators, ibc, raw};
use tendermint_client::{Bootstrap, Reject, Trusted, check_misbehaviour, start, verify_update};
use tokio::time::{Instant, sleep};
use wire::Seconds;

use super::chain::CosmosChain;
use super::contract::Contract;
use super::judge::config_of;

/// Blocks between the state that the client begins with and the header that it is shown: the law has both sets to look at.
const FURTHER: u64 = 6;
const MOVES_WITHIN: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(200);
const PATIENCE_BLOCKS: u64 = 120;
const HEADER: &str = "/ibc.lightclients.tendermint.v1.Header";
const MISBEHAVIOUR: &str = "/ibc.lightclients.tendermint.v1.Misbehaviour";
const UPDATE: &str = "/ibc.core.client.v1.MsgUpdateClient";

/// The judges, and what they judge.
pub(super) struct Judges<'a> {
    contract: Contract,
    rpc: &'a Rpc,
    chain_id: &'static str,
    key: B256,
    signer: String,
    client: String,
    trusted: Trusted,
    /// An honest header, as the client is shown it, and those who signed it.
    shown: ibc::Header,
    validators: Validators,
}

/// What a client is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// A header that is to move it.
    Header,
    /// Two that are to freeze it.
    Evidence,
}

/// What both say.
#[derive(Debug)]
pub(super) struct Verdicts {
    pub(super) law: Result<(), Reject>,
    pub(super) chain: Option<String>,
}

/// How they have to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Believed,
    Refused,
    /// Only by the law.
    Stricter,
}

impl<'a> Judges<'a> {
    /// Makes a client, and waits for a header to show to it.
    ///
    /// # Errors
    /// The client can't be made, or the chains make no blocks.
    pub(super) async fn build(host: &'a CosmosChain, tracked: &CosmosChain) -> Result<Self> {
        let (rpc, followed) = (host.rpc()?, tracked.rpc()?);
        let seen = Seen {
            rpc: followed,
            chain_id: tracked.settings().chain_id,
        };
        let site = host.seen();
        let (key, signer) = (site.key(Role::Attacker)?, site.address(Role::Attacker)?);
        // Of the newest block the votes may still change.
        let begin = height(followed).await?.saturating_sub(1);
        let message = seen.new_client(begin, &signer).await?;
        let chain_id = host.settings().chain_id;
        let wallet = wallet(rules(chain_id, PATIENCE_BLOCKS)?, &[key])?;
        let made = deliver(rpc, &wallet, |_| Ok(vec![message.clone()])).await?;
        let client = said(&made.events, "create_client", "client_id")?.to_owned();
        let first = decode_update(&seen.header(begin - 1, begin).await?.encode_to_vec())?;
        let config = config_of(tracked.settings().chain_id);
        let bootstrap = Bootstrap::of(&first.header, config.revision())?;
        let contract = Contract::create(&config, &bootstrap, &first.validators).await?;
        let newest = begin + FURTHER;
        let begun = Instant::now();
        while height(followed).await? <= newest || time_of(rpc).await? <= first.header.time.rounded_down() {
            ensure!(begun.elapsed() < MOVES_WITHIN, "block {newest} does not come");
            sleep(LOOK_EVERY).await;
        }
        Ok(Self {
            rpc,
            chain_id,
            key,
            signer,
            client,
            trusted: start(config, &bootstrap, time_of(rpc).await?)?,
            contract,
            shown: seen.header(begin, newest).await?,
            validators: signers(followed, &tracked.secrets(), newest).await?,
        })
    }

    /// What ibc-go and the law say to a message.
    ///
    /// # Errors
    /// The contract says another thing than the law, or a node does not answer.
    pub(super) async fn judge(&self, form: Form, bytes: &[u8]) -> Result<Verdicts> {
        let law = self.law(form, bytes, time_of(self.rpc).await?);
        if let (Form::Header, Ok(update)) = (form, decode_update(bytes)) {
            self.contract.agrees(&update, &law).await?;
        }
        let chain = refusal(self.rpc, self.chain_id, self.key, self.message(form, bytes)).await?;
        Ok(Verdicts { law, chain })
    }

    fn law(&self, form: Form, bytes: &[u8], now: Seconds) -> Result<(), Reject> {
        match form {
            Form::Header => match verify_update(&self.trusted, &decode_update(bytes)?, now)? {
                Advance::Updated(_) | Advance::NoOp | Advance::Misbehaviour(_) => Ok(()),
            },
            Form::Evidence => {
                check_misbehaviour(&self.trusted, &decode_evidence(bytes)?, now).map(|_frozen| ())
            }
        }
    }

    fn message(&self, form: Form, bytes: &[u8]) -> Any {
        // ibc-go wants evidence to name the client a second time.
        let named = ibc::Misbehaviour {
            client_id: self.client.clone(),
            ..ibc::Misbehaviour::default()
        };
        let (kind, value) = match form {
            Form::Header => (HEADER, bytes.to_vec()),
            Form::Evidence => (MISBEHAVIOUR, [&named.encode_to_vec(), bytes].concat()),
        };
        let message = MsgUpdateClient {
            client_id: self.client.clone(),
            client_message: Some(Any {
                type_url: kind.into(),
                value,
            }),
            signer: self.signer.clone(),
        };
        any(UPDATE, &message)
    }

    /// Requires that both judge a message as they have to.
    ///
    /// # Errors
    /// They do not.
    pub(super) async fn hold(
        &self,
        what: &str,
        (form, bytes): (Form, &[u8]),
        expected: Expected,
    ) -> Result<()> {
        let found = self.judge(form, bytes).await?;
        let verdict = match (&found.law, &found.chain) {
            (Ok(()), None) => Some(Expected::Believed),
            (Err(_), Some(_)) => Some(Expected::Refused),
            (Err(_), None) => Some(Expected::Stricter),
            (Ok(()), Some(_)) => None,
        };
        ensure!(
            verdict == Some(expected),
            "{what}: expected {expected:?}, found {found:?}"
        );
        Ok(())
    }

    /// Shows the client something for real; says whether it is frozen then.
    ///
    /// # Errors
    /// The chain refuses it, or does not answer.
    pub(super) async fn show(&self, form: Form, bytes: &[u8]) -> Result<bool> {
        let wallet = wallet(rules(self.chain_id, PATIENCE_BLOCKS)?, &[self.key])?;
        deliver(self.rpc, &wallet, |_| Ok(vec![self.message(form, bytes)])).await?;
        let seen = Seen {
            rpc: self.rpc,
            chain_id: self.chain_id,
        };
        seen.is_frozen(&self.client).await
    }

    /// How the contract judged all those headers.
    ///
    /// # Errors
    /// It believed none, or refused none by the law's own rule: then it was not asked.
    pub(super) fn told_of_contract(&self) -> Result<String> {
        let agreed = self.contract.agreed();
        ensure!(
            agreed.believed > 0 && agreed.alike > 0,
            "the contract and the law: {agreed:?}"
        );
        let pairs = agreed.otherwise.iter();
        let otherwise: Vec<String> = pairs
            .map(|((law, contract), count)| format!("{count} by {contract} and not {law}"))
            .collect();
        Ok(format!(
            "the contract for EVM chains judges the same headers as the law does: it believes {}, refuses {} by the same rule, and by one that \
             comes first there [{}]; {} could not be written for it",
            agreed.believed,
            agreed.alike,
            otherwise.join(", "),
            agreed.unwritten
        ))
    }

    /// The honest header, as the client is shown it.
    pub(super) fn shown(&self) -> &ibc::Header {
        &self.shown
    }

    /// The same without its votes.
    ///
    /// # Errors
    /// None in practice: there is one.
    pub(super) fn header(&self) -> Result<raw::Header> {
        let signed = self.shown.signed_header.as_ref();
        let header = signed.and_then(|signed| signed.header.clone());
        header.context("a header")
    }

    /// What both trust.
    pub(super) fn trusted(&self) -> &Trusted {
        &self.trusted
    }

    /// Those who signed the honest header.
    pub(super) fn validators(&self) -> &Validators {
        &self.validators
    }

    /// `header` with votes of `validators`, in place of the honest one.
    pub(super) fn signed(
        &self,
        header: raw::Header,
        validators: &Validators,
        ballot: impl Fn(usize) -> Ballot,
    ) -> ibc::Header {
        let block = Block::sign(header, validators.clone(), 0, ballot);
        let signed_header = Some(raw::SignedHeader {
            header: Some(block.header),
            commit: Some(block.commit),
        });
        ibc::Header {
            signed_header,
            ..self.shown.clone()
        }
    }
}

/// One voter alone.
pub(super) fn only(votes: bool) -> Ballot {
    if votes { Ballot::Block } else { Ballot::Absent }
}

/// The time of the newest block, in whole seconds.
async fn time_of(rpc: &Rpc) -> Result<Seconds> {
    let status = served(rpc.status().await.map(Ok))?;
    Ok(Seconds(status.latest_time.unix_timestamp().try_into()?))
}
