//! One Cosmos chain: its endpoints, what is remembered of it, and the table from asks to answers.

use crate::believed::{self, Beliefs};
use crate::blocks::Blocks;
use crate::news::News;
use crate::notices::{self, Looked};
use crate::rivals::Rivals;
use crate::roots::Roots;
use crate::rpc::Rpc;
use crate::rules::Rules;
use crate::sign::Key;
use crate::wallet::Wallet;
use crate::{flights, proofs, updates};
use alloy_primitives::U256;
use chain::{Answer, Answering, Ask, AskId, BlockNumber, ChainName, Failed, Fault, Reply};
use core::future::Future;
use endpoints::{Complaint, Endpoint, Limits, Pool, Said, Whom};
use reqwest::Url;
use std::sync::OnceLock;
use tendermint_client::{Config, TrustLevel};
use wire::{Height, Seconds};

/// Where a chain is found and what the relayer has there.
#[derive(Debug)]
pub struct Settings {
    /// The name in the operator's configuration.
    pub name: ChainName,
    /// JSON-RPC endpoints, asked in this order.
    pub rpc: Vec<Url>,
    /// What transactions may cost and hold; the chain's id is in it, and endpoints of another chain are refused.
    pub rules: Rules,
    /// The accounts that pay; without one, [`Ask::Send`] is refused.
    pub keys: Vec<Key>,
    /// Nothing older is searched.
    pub first_block: BlockNumber,
    /// Time and size limits of every request.
    pub limits: Limits,
}

/// One Cosmos chain.
#[derive(Debug)]
pub struct Cosmos {
    pub(crate) name: ChainName,
    pub(crate) rules: Rules,
    pub(crate) first_block: BlockNumber,
    /// The revision in the chain's id, which all its heights have.
    pub(crate) revision: u64,
    /// None without accounts.
    wallet: Option<Wallet>,
    pub(crate) rpc: Pool,
    pub(crate) blocks: Blocks,
    /// States of clients: of those on this chain what they say, of those that follow it which ones are right.
    pub(crate) beliefs: Beliefs,
    pub(crate) looked: Looked,
    /// Headers of this chain that cannot both be true.
    pub(crate) rivals: Rivals,
    /// App hashes that proofs are judged by.
    pub(crate) roots: Roots,
    /// Listened to from the first question on: before, there may be no runtime.
    pub(crate) news: OnceLock<News>,
}

impl Cosmos {
    /// Prepares the endpoints; nothing is asked yet.
    ///
    /// Fails when there is no endpoint, a key stands there twice, or the chain's id cannot be followed; the text says which.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let rpc = Pool::new(&settings.rpc, settings.limits).map_err(|text| format!("JSON-RPC: {text}"))?;
        let rules = settings.rules;
        let wallet = match settings.keys {
            keys if keys.is_empty() => None,
            keys => Some(Wallet::new(rules.clone(), keys).map_err(|bad| format!("failed to {bad}"))?),
        };
        Ok(Self {
            name: settings.name,
            revision: revision_of(&rules.chain_id)?,
            rules,
            first_block: settings.first_block,
            wallet,
            rpc,
            blocks: Blocks::default(),
            beliefs: Beliefs::default(),
            looked: Looked::default(),
            rivals: Rivals::default(),
            roots: Roots::default(),
            news: OnceLock::new(),
        })
    }

    /// The chain's name.
    pub fn name(&self) -> &ChainName {
        &self.name
    }

    /// The id that its blocks are signed for.
    pub fn chain_id(&self) -> &str {
        &self.rules.chain_id
    }

    /// What a counterparty is told to put before the keys of this chain's store.
    pub fn merkle_prefix() -> Vec<Vec<u8>> {
        vec![tendermint_client::STORE_DEFAULT.to_vec(), Vec::new()]
    }

    /// Serves one ask.
    pub async fn serve(&self, id: AskId, ask: Ask) -> Reply {
        match self.answer(ask).await {
            Ok(answer) => Ok((id, answer)),
            Err(why) => Err(Failed { ask: id, why }),
        }
    }

    /// Answers one ask.
    pub fn answer(&self, ask: Ask) -> Answering<'_> {
        Box::pin(self.answered(ask))
    }

    async fn answered(&self, ask: Ask) -> Result<Answer, Fault> {
        match ask {
            Ask::Head { seen } => self.newer_head(seen).await.map(Answer::Head),
            Ask::Events { end, from, to } => self.events(&end, from, to).await,
            Ask::Client { end } => self.view_of(&end).await.map(Answer::Client),
            Ask::Update { trusted, to } => updates::plan(self, &trusted, to).await.map(Answer::Update),
            Ask::Believed { end } => believed::believed(self, &end).await,
            Ask::Notices { trusted, now } => Ok(Answer::Notices(notices::notices(self, &trusted, now).await)),
            Ask::Prove { keys, at } => proofs::prove(self, &keys, &at).await.map(Answer::Prove),
            Ask::Lookup { keys, as_of } => proofs::look_up(self, &keys, as_of).await.map(Answer::Lookup),
            Ask::Send {
                submission,
                fee,
                place,
            } => flights::send(self, &submission, fee, place).await,
            Ask::Find { tx, ticket } => flights::find(self, tx, ticket).await.map(Answer::Find),
        }
    }

    /// The smallest balance of the accounts, in the smallest part of the coin that pays for gas.
    pub async fn balance(&self) -> Result<U256, Fault> {
        let denom = self.rules.pay.denom();
        let mut least = U256::MAX;
        for address in self.wallet()?.addresses() {
            let held = self.on_rpc(|rpc| async move { rpc.balance(address, denom).await });
            least = least.min(held.await?);
        }
        Ok(least)
    }

    /// The fault that an answer of this chain's cannot be used, for what no single endpoint is to blame.
    pub(crate) fn malformed(&self, text: String) -> Fault {
        Fault::Malformed {
            endpoint: self.name.to_string(),
            text,
            until: endpoints::now(),
        }
    }

    /// A height of this chain.
    pub(crate) fn at(&self, height: u64) -> Height {
        Height {
            revision_number: self.revision,
            revision_height: height,
        }
    }

    /// The accounts.
    pub(crate) fn wallet(&self) -> Result<&Wallet, Fault> {
        self.wallet.as_ref().ok_or_else(|| Fault::Signer {
            text: format!("chain {} has no signer; set one in the configuration", self.name),
        })
    }

    /// Runs `operation` on an endpoint that serves this chain.
    pub(crate) async fn on_rpc<T, Run, Running>(&self, operation: Run) -> Result<T, Fault>
    where
        Run: Fn(Rpc) -> Running,
        Running: Future<Output = Result<T, Complaint>>,
    {
        let operation = &operation;
        self.rpc
            .run(|endpoint| async move { operation(self.vetted(endpoint).await?).await })
            .await
    }

    /// Runs `operation` on all endpoints that serve this chain.
    pub(crate) async fn survey<T, Run, Running>(
        &self,
        whom: Whom,
        operation: Run,
    ) -> Result<Vec<Said<T>>, Fault>
    where
        Run: Fn(Rpc) -> Running,
        Running: Future<Output = Result<T, Complaint>>,
    {
        let operation = &operation;
        self.rpc
            .survey(whom, |endpoint| async move {
                operation(self.vetted(endpoint).await?).await
            })
            .await
    }

    async fn vetted(&self, endpoint: Endpoint) -> Result<Rpc, Complaint> {
        let rpc = Rpc(endpoint);
        if rpc.0.is_unvetted() {
            let found = rpc.status().await?.chain_id;
            rpc.0.vet(&self.rules.chain_id, &found)?;
        }
        Ok(rpc)
    }
}

/// The revision in a chain's id, as the light client reads it.
fn revision_of(chain_id: &str) -> Result<u64, String> {
    let config = Config {
        chain_id: chain_id.to_owned(),
        trust_level: TrustLevel::ONE_THIRD,
        trust_period: Seconds(100),
        unbonding_period: Seconds(200),
        clock_drift: Seconds(1),
        capacity: 2,
        store: tendermint_client::STORE_DEFAULT.to_vec(),
    };
    config
        .check()
        .map_err(|reject| format!("chain_id {chain_id:?}: failed to {reject}"))?;
    Ok(config.revision())
}
