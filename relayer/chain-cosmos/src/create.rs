//! Making a client of another chain on this one, and pairing it.
//!
//! Who makes a client has to pair it too: ibc-go takes the counterparty from the client's creator only. So both are done by the
//! first account, whichever is free.

use crate::cosmos::Cosmos;
use crate::deliver::Delivered;
use crate::ibc::client::{CREATE, MsgCreateClient, MsgRegisterCounterparty, REGISTER};
use crate::ibc::tendermint::{CLIENT_STATE, CONSENSUS_STATE, ClientState, Fraction};
use crate::ibc::{RawHeight, any};
use crate::views::{Reader, decoded};
use chain::{Fault, TxHash};
use core::time::Duration;
use cosmrs::Any;
use cosmrs::proto::cosmos::staking::v1beta1::{QueryParamsRequest, QueryParamsResponse};
use endpoints::Complaint;
use prost::Message;
use tendermint_client::codec::encode_bootstrap;
use tendermint_client::{Bootstrap, CLOCK_DRIFT_DEFAULT, TrustLevel};
use tendermint_proto::google::protobuf::Duration as RawDuration;
use wire::{ClientId, Seconds};

pub(crate) const STAKING_PARAMS: &str = "/cosmos.staking.v1beta1.Query/Params";
/// Where an upgraded client would lie in the store, as the SDK has it.
const UPGRADE_PATH: [&str; 2] = ["upgrade", "upgradedIBCState"];

/// By what terms a client believes a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long it believes a state; none = two thirds of the time in which validators can be punished.
    pub trust_period: Option<Seconds>,
    /// How far ahead of the host's clock a header may be.
    pub clock_drift: Seconds,
    /// Which share of those whom it trusts vouches for others.
    pub trust_level: TrustLevel,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            trust_period: None,
            clock_drift: CLOCK_DRIFT_DEFAULT,
            trust_level: TrustLevel::ONE_THIRD,
        }
    }
}

/// A client that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its id.
    pub id: ClientId,
    /// The transaction.
    pub tx: TxHash,
}

impl Cosmos {
    /// Makes a client of `of` on this chain that starts from the newest header of `of`.
    pub async fn create_client(
        &self,
        of: &Self,
        terms: &Terms,
        patience: Duration,
    ) -> Result<Created, Fault> {
        let head = of.head().await?;
        let bootstrap = of.bootstrap(head.finalized.height.revision_height).await?;
        let unbonding = of.unbonding_period().await?;
        let state = client_state(of, &bootstrap, terms, unbonding);
        crate::views::config_of(&state).map_err(|text| Fault::NoClient {
            id: of.rules.chain_id.clone(),
            text: format!("no client with these terms would be sound: {text}"),
        })?;
        let consensus = Any {
            type_url: CONSENSUS_STATE.to_owned(),
            value: encode_bootstrap(&bootstrap),
        };
        let make = |signer: &str| {
            let message = MsgCreateClient {
                client_state: Some(any(CLIENT_STATE, &state)),
                consensus_state: Some(consensus.clone()),
                signer: signer.to_owned(),
            };
            any(CREATE, &message)
        };
        self.create(make, patience).await
    }

    /// Sends the message that makes a client, and reads which one it made.
    pub(crate) async fn create(
        &self,
        make: impl Fn(&str) -> Any,
        patience: Duration,
    ) -> Result<Created, Fault> {
        let Delivered { tx, landed, .. } = self.deliver(|signer| vec![make(signer)], patience).await?;
        let made = landed.events.iter().find(|event| event.kind == "create_client");
        let id = made.and_then(|event| ClientId::new(event.attribute("client_id")?).ok());
        let id = id.ok_or_else(|| {
            self.malformed(format!("transaction {tx} made a client, and no event says which"))
        })?;
        Ok(Created { id, tx })
    }

    /// Pairs the client `id` of this chain with `counterparty`, once and for all.
    ///
    /// - `prefix`: what the other chain puts before the keys of packets.
    pub async fn register_counterparty(
        &self,
        id: &ClientId,
        counterparty: &ClientId,
        prefix: &[Vec<u8>],
        patience: Duration,
    ) -> Result<TxHash, Fault> {
        let make = |signer: &str| {
            let message = MsgRegisterCounterparty {
                client_id: id.to_string(),
                counterparty_merkle_prefix: prefix.to_vec(),
                counterparty_client_id: counterparty.to_string(),
                signer: signer.to_owned(),
            };
            any(REGISTER, &message)
        };
        let delivered = self.deliver(|signer| vec![make(signer)], patience).await?;
        Ok(delivered.tx)
    }

    /// Whether the client `id` is in a block whose state can be proven.
    pub async fn is_final(&self, id: &ClientId) -> Result<bool, Fault> {
        let block = self.head().await?.finalized.block.0;
        let found = self.on_rpc(|rpc| async move {
            let reader = Reader {
                chain: self,
                rpc: &rpc,
                id,
            };
            match reader.state(Some(block.max(1))).await {
                Ok(_) => Ok(true),
                Err(Complaint::Lacks(Fault::NoClient { .. })) => Ok(false),
                Err(other) => Err(other),
            }
        });
        found.await
    }

    /// How long validators of this chain can be punished after they left.
    pub(crate) async fn unbonding_period(&self) -> Result<Seconds, Fault> {
        self.on_rpc(|rpc| async move {
            let request = QueryParamsRequest {}.encode_to_vec();
            let answer = rpc.query(STAKING_PARAMS, &request, None).await?;
            let answer = answer.map_err(|refusal| refusal.into_complaint(STAKING_PARAMS))?;
            let params = decoded::<QueryParamsResponse>(STAKING_PARAMS, &answer.value)?.params;
            let period = params.and_then(|params| params.unbonding_time);
            period
                .and_then(|period| u64::try_from(period.seconds).ok())
                .map(Seconds)
                .ok_or_else(|| Complaint::malformed(format!("{STAKING_PARAMS} answered no unbonding time")))
        })
        .await
    }
}

/// The client of `of` that starts from `bootstrap`.
fn client_state(of: &Cosmos, bootstrap: &Bootstrap, terms: &Terms, unbonding: Seconds) -> ClientState {
    let trust_period = terms.trust_period.unwrap_or(Seconds(unbonding.0 / 3 * 2));
    ClientState {
        chain_id: of.rules.chain_id.clone(),
        trust_level: Some(Fraction {
            numerator: terms.trust_level.numerator,
            denominator: terms.trust_level.denominator,
        }),
        trusting_period: Some(duration(trust_period)),
        unbonding_period: Some(duration(unbonding)),
        max_clock_drift: Some(duration(terms.clock_drift)),
        frozen_height: Some(RawHeight::default()),
        latest_height: Some(RawHeight::from(bootstrap.height)),
        proof_specs: proof_specs(),
        upgrade_path: UPGRADE_PATH.map(str::to_owned).to_vec(),
    }
}

/// How proofs of the SDK's stores are built: first a tree of IAVL, above it the tree of stores.
pub(crate) fn proof_specs() -> Vec<ics23::ProofSpec> {
    vec![ics23::iavl_spec(), ics23::tendermint_spec()]
}

fn duration(seconds: Seconds) -> RawDuration {
    RawDuration {
        seconds: i64::try_from(seconds.0).unwrap_or(i64::MAX),
        nanos: 0,
    }
}
