//! `Ask::Client`: what a client on this chain trusts.
//!
//! All of it is read from one state of the chain, so that its parts fit together. What a client's constants say is taken as
//! the law's own, and refused where the law would not have them.

use crate::cosmos::Cosmos;
use crate::head::seconds;
use crate::ibc::RawHeight;
use crate::ibc::client::{
    CONSENSUS_QUERY, COUNTERPARTY_QUERY, ClientStateAnswer, ConsensusStateAnswer, ConsensusStateRequest,
    Counterparty, CounterpartyAnswer, OfClient, STATE_QUERY,
};
use crate::ibc::tendermint::{CLIENT_STATE, CONSENSUS_STATE, ClientState, read};
use crate::lacking::{had, lacking};
use crate::refusal::{Refusal, Said};
use crate::rpc::Rpc;
use crate::wasm;
use chain::{ClientView, Fault, TrustedState};
use cosmrs::Any;
use endpoints::Complaint;
use prost::Message;
use tendermint_client::codec::decode_bootstrap;
use tendermint_client::{Config, STORE_DEFAULT, State, TrustLevel, Trusted};
use tendermint_proto::google::protobuf::Duration;
use wasm_client::Kept;
use wire::{ClientId, End, Height, Seconds};

/// gRPC's code of something that is not there, and the SDK's.
const NOT_FOUND: [u32; 2] = [5, 22];

/// A client with everything that is read of it.
pub(crate) struct Seen {
    /// Of which state: the block after which it was read.
    pub(crate) block: u64,
    /// What the relayer is told.
    pub(crate) view: ClientView,
    /// The client's constants and where it stands.
    pub(crate) state: Behind,
    /// The other end, once it is registered.
    pub(crate) counterparty: Option<Counterparty>,
}

impl Seen {
    /// What a client of a Cosmos chain trusts.
    ///
    /// Fails for any other.
    pub(crate) fn tendermint(&self) -> Result<&Trusted, Fault> {
        match &self.view.trusted {
            TrustedState::Tendermint(trusted) => Ok(trusted),
            TrustedState::Ethereum(_) | TrustedState::Attestors(_) | TrustedState::Policy(_) => {
                Err(Fault::NoClient {
                    id: self.view.client.to_string(),
                    text: "it follows no CometBFT chain".into(),
                })
            }
        }
    }
}

/// What is behind an id, by kind of client.
pub(crate) enum Behind {
    /// 07-tendermint: a client of a Cosmos chain.
    Tendermint(Box<ClientState>),
    /// 08-wasm with our contract: a client of an EVM chain.
    Wasm(Box<Kept>),
}

impl Behind {
    /// What stays the same as long as it is the same client.
    pub(crate) fn constants(&self) -> Vec<u8> {
        match self {
            Self::Tendermint(state) => ClientState {
                frozen_height: None,
                latest_height: None,
                ..(**state).clone()
            }
            .encode_to_vec(),
            Self::Wasm(kept) => wasm::constants(kept),
        }
    }
}

/// The client `id` in the newest state.
pub(crate) async fn see(chain: &Cosmos, id: &ClientId) -> Result<Seen, Fault> {
    chain
        .on_rpc(|rpc| async move { Reader { chain, rpc: &rpc, id }.see().await })
        .await
}

/// Reads one client at one node.
pub(crate) struct Reader<'a> {
    pub(crate) chain: &'a Cosmos,
    pub(crate) rpc: &'a Rpc,
    pub(crate) id: &'a ClientId,
}

impl Reader<'_> {
    async fn see(&self) -> Result<Seen, Complaint> {
        let (block, any) = self.state(None).await?;
        let refused = |text| Complaint::from(self.no_client(text));
        let state = match any.type_url.as_str() {
            wasm::CLIENT_STATE => Behind::Wasm(Box::new(wasm::kept(&any).map_err(refused)?)),
            _ => Behind::Tendermint(Box::new(read(&any, CLIENT_STATE).map_err(refused)?)),
        };
        let (counterparty, header) = tokio::try_join!(
            self.counterparty(block),
            self.chain.signed_header(self.rpc, block)
        )?;
        let now = seconds(&header.header)?;
        let trusted = match &state {
            Behind::Tendermint(state) => {
                let latest = state.latest_height.unwrap_or_default();
                let newest = self.consensus_state(latest, block).await?;
                let newest = State {
                    learned_at: now,
                    ..newest
                };
                TrustedState::Tendermint(Box::new(self.trusted(state, newest)?))
            }
            Behind::Wasm(kept) => {
                let newest = self.wasm_state(kept.newest, block).await?;
                wasm::trusted_of(kept, newest).map_err(refused)?
            }
        };
        Ok(Seen {
            block,
            view: ClientView {
                client: self.id.clone(),
                trusted,
                counterparty: self.peer(counterparty.as_ref())?.map(End::Client),
                now,
                takes_batches: false,
                channel: None,
            },
            state,
            counterparty,
        })
    }

    /// The client's constants, and the block after which they were read.
    pub(crate) async fn state(&self, block: Option<u64>) -> Result<(u64, Any), Complaint> {
        let request = self.request();
        let answer = match self
            .rpc
            .query(STATE_QUERY, &request.encode_to_vec(), block)
            .await?
        {
            Ok(answer) => answer,
            Err(Refusal::Application(said)) => return Err(self.no_client(said.to_string()).into()),
            Err(refusal) => {
                let at = self.chain.at(block.unwrap_or(0));
                return Err(lacking(self.rpc, refusal, STATE_QUERY, at).await);
            }
        };
        let any = decoded::<ClientStateAnswer>(STATE_QUERY, &answer.value)?.client_state;
        let any = any.ok_or_else(|| Complaint::malformed(format!("{STATE_QUERY} answered no client")))?;
        Ok((answer.height, any))
    }

    /// What the client believes of `height`; `learned_at` is not known.
    pub(crate) async fn consensus_state(&self, height: RawHeight, block: u64) -> Result<State, Complaint> {
        let any = self.consensus(height, block).await?;
        if any.type_url != CONSENSUS_STATE {
            return Err(Complaint::malformed(format!(
                "{CONSENSUS_QUERY} answered no {CONSENSUS_STATE}"
            )));
        }
        let believed = decode_bootstrap(Height::from(height), &any.value)
            .map_err(|reject| Complaint::malformed(format!("{CONSENSUS_QUERY}: failed to {reject}")))?;
        Ok(believed.state(Seconds(0)))
    }

    /// What the client keeps of `height`, whatever its kind.
    pub(crate) async fn consensus(&self, height: RawHeight, block: u64) -> Result<Any, Complaint> {
        let request = ConsensusStateRequest {
            client_id: self.id.to_string(),
            revision_number: height.revision_number,
            revision_height: height.revision_height,
        };
        let answered = self
            .rpc
            .query(CONSENSUS_QUERY, &request.encode_to_vec(), Some(block))
            .await;
        let answer = had(self.rpc, answered, CONSENSUS_QUERY, self.chain.at(block)).await?;
        let any = decoded::<ConsensusStateAnswer>(CONSENSUS_QUERY, &answer.value)?.consensus_state;
        any.ok_or_else(|| Complaint::malformed(format!("{CONSENSUS_QUERY} answered no state")))
    }

    async fn counterparty(&self, block: u64) -> Result<Option<Counterparty>, Complaint> {
        let request = self.request().encode_to_vec();
        match self.rpc.query(COUNTERPARTY_QUERY, &request, Some(block)).await? {
            Ok(answer) => {
                Ok(decoded::<CounterpartyAnswer>(COUNTERPARTY_QUERY, &answer.value)?.counterparty_info)
            }
            Err(Refusal::Application(said)) if is_not_found(&said) => Ok(None),
            Err(refusal) => Err(lacking(self.rpc, refusal, COUNTERPARTY_QUERY, self.chain.at(block)).await),
        }
    }

    pub(crate) fn request(&self) -> OfClient {
        OfClient {
            client_id: self.id.to_string(),
        }
    }

    fn peer(&self, counterparty: Option<&Counterparty>) -> Result<Option<ClientId>, Complaint> {
        let Some(found) = counterparty else {
            return Ok(None);
        };
        ClientId::new(found.client_id.clone())
            .map(Some)
            .map_err(|reject| {
                Complaint::malformed(format!("the counterparty of {} is no client: {reject}", self.id))
            })
    }

    fn trusted(&self, state: &ClientState, newest: State) -> Result<Trusted, Complaint> {
        let config = config_of(state).map_err(|text| Complaint::from(self.no_client(text)))?;
        let is_frozen = state
            .frozen_height
            .is_some_and(|height| height != RawHeight::default());
        Trusted::from_parts(config, newest, [], is_frozen)
            .map_err(|reject| Complaint::from(self.no_client(format!("failed to {reject}"))))
    }

    fn no_client(&self, text: String) -> Fault {
        Fault::NoClient {
            id: self.id.to_string(),
            text,
        }
    }
}

/// A client's constants as the law has them.
pub(crate) fn config_of(state: &ClientState) -> Result<Config, String> {
    let seconds = |duration: &Option<Duration>, what: &str| match duration {
        // A part of a second less is safe everywhere.
        Some(duration) if duration.nanos >= 0 => u64::try_from(duration.seconds)
            .map(Seconds)
            .map_err(|_| format!("its {what} is {} s", duration.seconds)),
        _ => Err(format!("its {what} is not there")),
    };
    let level = state.trust_level.ok_or("it has no trust level")?;
    let latest = state.latest_height.unwrap_or_default();
    let config = Config {
        chain_id: state.chain_id.clone(),
        trust_level: TrustLevel {
            numerator: level.numerator,
            denominator: level.denominator,
        },
        trust_period: seconds(&state.trusting_period, "trusting period")?,
        unbonding_period: seconds(&state.unbonding_period, "unbonding period")?,
        clock_drift: seconds(&state.max_clock_drift, "clock drift")?,
        // It keeps them all, until they expire.
        capacity: u32::MAX,
        store: STORE_DEFAULT.to_vec(),
    };
    config.check().map_err(|reject| format!("failed to {reject}"))?;
    if config.revision() != latest.revision_number {
        return Err(format!(
            "it is at revision {}, and follows chain {}",
            latest.revision_number, config.chain_id
        ));
    }
    Ok(config)
}

/// Whether there is nothing by that name. Queries hide the code behind another one, so that the text decides there.
pub(crate) fn is_not_found(said: &Said) -> bool {
    NOT_FOUND.contains(&said.code) || said.log.contains("not found")
}

pub(crate) fn decoded<M: Message + Default>(path: &str, bytes: &[u8]) -> Result<M, Complaint> {
    M::decode(bytes).map_err(|error| Complaint::malformed(format!("{path} answered something else: {error}")))
}
