//! One EVM chain: its endpoints, what is remembered of it, and the table from asks to answers.

use crate::anchors::{Anchor, Anchors};
use crate::artifact::Artifacts;
use crate::beacon::Beacon;
use crate::committees::Committees;
use crate::events::EventReader;
use crate::evidence::Folder;
use crate::lights::Lights;
use crate::network::Constants;
use crate::rpc::Rpc;
use crate::submit::Sender;
use crate::witness::Witness;
use crate::{beliefs, believed, client_view, head, proofs, prove, steps, submit, updates};
use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::{Address, B256, U256};
use chain::{
    Answer, Answering, Ask, AskId, BlockNumber, ChainName, ClientView, Failed, Fault, Finalized, Gas, NotYet,
    Reply, Ticket, TxState,
};
use core::future::Future;
use endpoints::{Complaint, Endpoint, Limits, Pool, Said, Whom};
use ethereum::Slot;
use relayer_core::FeePolicy;
use reqwest::Url;
use std::path::Path;
use std::sync::Mutex;
use wire::{ClientId, End, Height};

/// Where a chain is found and what the relayer has there.
#[derive(Clone)]
pub struct Settings {
    /// The name in the operator's configuration.
    pub name: ChainName,
    /// The chain id of EIP-155; endpoints of another chain are refused.
    pub chain_id: u64,
    /// JSON-RPC endpoints, asked in this order.
    pub rpc: Vec<Url>,
    /// Beacon REST endpoints, asked in this order.
    pub beacon: Vec<Url>,
    /// Attestors of this chain's states.
    pub attestors: Vec<AttestorPeer>,
    /// The router.
    pub router: Address,
    /// The block in which the router was created; nothing older is searched.
    pub first_block: BlockNumber,
    /// The account that pays; without one, [`Ask::Send`] is refused.
    pub signer: Option<PrivateKeySigner>,
    /// What the operator's commands may pay for gas; of the daemon's submissions the machine decides by the same.
    pub fee: FeePolicy,
    /// What one transaction may use. A header that takes more is brought in parts.
    pub gas_max: Gas,
    /// Time and size limits of every request.
    pub limits: Limits,
}

/// An attestor as the operator knows him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestorPeer {
    /// Where he answers.
    pub url: Url,
    /// The address of his key.
    pub address: Address,
}

/// One EVM chain.
pub struct Evm {
    pub(crate) settings: Settings,
    pub(crate) artifacts: Artifacts,
    rpc: Pool,
    pub(crate) beacon: Pool,
    pub(crate) network: Constants,
    pub(crate) anchors: Anchors,
    /// What is remembered of client contracts on this chain.
    pub(crate) lights: Lights,
    /// None when no attestor is configured.
    pub(crate) attestors: Option<Pool>,
    /// What they have signed before us.
    pub(crate) witness: Witness,
    pub(crate) committees: Committees,
    /// The best signed update for finality that was seen.
    pub(crate) best: Mutex<Option<updates::Finality>>,
    /// What contradicts a client that was deceived, and which states of clients are the chain's.
    pub(crate) seen: updates::Seen,
    pub(crate) looked: beliefs::Looked,
    /// What clients on this chain say that they believe.
    pub(crate) beliefs: believed::Beliefs,
    events: EventReader,
}

impl Evm {
    /// Prepares the endpoints; nothing is asked yet.
    ///
    /// Fails when an endpoint list is empty or the HTTP client cannot be built; the text says which.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let rpc = Pool::new(&settings.rpc, settings.limits).map_err(|text| format!("JSON-RPC: {text}"))?;
        let beacon =
            Pool::new(&settings.beacon, settings.limits).map_err(|text| format!("beacon REST: {text}"))?;
        let urls: Vec<Url> = settings.attestors.iter().map(|peer| peer.url.clone()).collect();
        let attestors = match urls.as_slice() {
            [] => None,
            urls => Some(Pool::new(urls, settings.limits).map_err(|text| format!("attestors: {text}"))?),
        };
        let events = EventReader::new(settings.router, settings.first_block);
        Ok(Self {
            settings,
            artifacts: Artifacts::default(),
            rpc,
            beacon,
            network: Constants::default(),
            anchors: Anchors::default(),
            lights: Lights::default(),
            attestors,
            witness: Witness::default(),
            committees: Committees::default(),
            best: Mutex::new(None),
            seen: updates::Seen::default(),
            looked: beliefs::Looked::default(),
            beliefs: believed::Beliefs::default(),
            events,
        })
    }

    /// The same, creating contracts from `artifacts`.
    #[must_use]
    pub fn with_artifacts(self, artifacts: Artifacts) -> Self {
        Self { artifacts, ..self }
    }

    /// The same, keeping evidence against attestors in the folder `path`, so that a restart does not lose it.
    ///
    /// Fails when there is no such folder and none can be made.
    pub fn keeping_evidence(self, path: &Path) -> Result<Self, String> {
        let witness = Witness::keeping(Folder::open(path)?);
        Ok(Self { witness, ..self })
    }

    /// The chain's name.
    pub fn name(&self) -> &ChainName {
        &self.settings.name
    }

    /// Serves one ask.
    pub async fn serve(&self, id: AskId, ask: Ask) -> Reply {
        match self.answer(ask).await {
            Ok(answer) => Ok((id, answer)),
            Err(why) => Err(Failed { ask: id, why }),
        }
    }

    /// The client of an end of this chain.
    ///
    /// Fails for a channel: an EVM chain has none.
    pub fn client_of<'end>(&self, end: &'end End) -> Result<&'end ClientId, Fault> {
        end.client().ok_or_else(|| Fault::NoClient {
            id: end.to_string(),
            text: format!(
                "{} is an EVM chain, and channels of IBC v1 are between Cosmos chains; name a client",
                self.settings.name
            ),
        })
    }

    async fn read_events(
        &self,
        client: &ClientId,
        from: BlockNumber,
        to: BlockNumber,
    ) -> Result<Answer, Fault> {
        let events = &self.events;
        let found = self
            .on_rpc(|rpc| async move { events.read(&rpc, client, from, to).await })
            .await?;
        Ok(Answer::Events {
            covered: found.covered,
            events: found.events,
        })
    }

    async fn view_of(&self, end: &End) -> Result<ClientView, Fault> {
        let (id, router, lights) = (self.client_of(end)?, self.settings.router, &self.lights);
        let seen = self
            .on_rpc(|rpc| async move { client_view::see(&rpc, lights, router, id).await })
            .await?;
        Ok(seen.view)
    }

    /// Answers one ask.
    pub fn answer(&self, ask: Ask) -> Answering<'_> {
        Box::pin(self.answered(ask))
    }

    async fn answered(&self, ask: Ask) -> Result<Answer, Fault> {
        match ask {
            Ask::Head { .. } => self.head().await.map(Answer::Head),
            Ask::Events { end, from, to } => self.read_events(self.client_of(&end)?, from, to).await,
            Ask::Client { end } => self.view_of(&end).await.map(Answer::Client),
            Ask::Believed { end } => believed::believed(self, &end).await,
            Ask::Update { trusted, to } => steps::plan(self, &trusted, beacon_slot(to)?)
                .await
                .map(Answer::Update),
            Ask::Notices { trusted, now } => Ok(Answer::Notices(steps::notices(self, &trusted, now).await)),
            Ask::Prove { keys, at } => prove::prove(self, &keys, at).await.map(Answer::Prove),
            Ask::Lookup { keys, as_of } => {
                let (keys, router) = (&keys, self.settings.router);
                let values =
                    self.on_rpc(|rpc| async move { proofs::look_up(&rpc, router, keys, as_of).await });
                values.await.map(Answer::Lookup)
            }
            Ask::Send {
                submission,
                fee,
                place,
            } => {
                for message in &submission.messages {
                    self.client_of(&message.packet.source())?;
                }
                let (sender, router, submission) = (&self.sender()?, self.settings.router, &submission);
                let sent = self
                    .on_rpc(|rpc| async move { sender.submit(&rpc, router, submission, fee, place).await });
                let sent = sent.await?;
                Ok(Answer::Send {
                    tx: sent.tx,
                    ticket: Ticket::Nonce(sent.nonce),
                    gas: sent.gas,
                    fee: sent.fee,
                })
            }
            Ask::Find { tx, ticket } => {
                // A place on a chain of another kind: the name in the configuration means another chain now.
                let Ticket::Nonce(nonce) = ticket else {
                    return Ok(Answer::Find(TxState::Unknown));
                };
                let (owner, router) = (self.sender()?.signer.address(), self.settings.router);
                let state =
                    self.on_rpc(|rpc| async move { submit::find(&rpc, owner, router, tx, nonce).await });
                state.await.map(Answer::Find)
            }
        }
    }

    /// The balance of the relayer's account, in wei.
    pub async fn balance(&self) -> Result<U256, Fault> {
        let owner = self.sender()?.signer.address();
        self.on_rpc(|rpc| async move { rpc.balance(owner).await }).await
    }

    /// Runs `operation` on an execution endpoint that serves this chain.
    pub(crate) async fn on_rpc<T, Run, Running>(&self, operation: Run) -> Result<T, Fault>
    where
        Run: Fn(Rpc) -> Running,
        Running: Future<Output = Result<T, Complaint>>,
    {
        let operation = &operation;
        self.rpc
            .run(|endpoint| async move { operation(self.vetted_rpc(endpoint).await?).await })
            .await
    }

    /// Runs `operation` on all execution endpoints that serve this chain.
    pub(crate) async fn survey_rpc<T, Run, Running>(
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
                operation(self.vetted_rpc(endpoint).await?).await
            })
            .await
    }

    async fn vetted_rpc(&self, endpoint: Endpoint) -> Result<Rpc, Complaint> {
        let rpc = Rpc(endpoint);
        if rpc.0.is_unvetted() {
            let found = rpc.chain_id().await?;
            rpc.0.vet(&self.settings.chain_id, &found)?;
        }
        Ok(rpc)
    }

    /// Runs `operation` on a beacon endpoint that serves this chain.
    pub(crate) async fn on_beacon<T, Run, Running>(&self, operation: Run) -> Result<T, Fault>
    where
        Run: Fn(Beacon) -> Running,
        Running: Future<Output = Result<T, Complaint>>,
    {
        let ours = self.network().await?.genesis_validators_root();
        let operation = &operation;
        self.beacon
            .run(|endpoint| async move { operation(self.vetted_beacon(endpoint, ours).await?).await })
            .await
    }

    /// Runs `operation` on all beacon endpoints that serve this chain.
    pub(crate) async fn survey_beacons<T, Run, Running>(
        &self,
        whom: Whom,
        operation: Run,
    ) -> Result<Vec<Said<T>>, Fault>
    where
        Run: Fn(Beacon) -> Running,
        Running: Future<Output = Result<T, Complaint>>,
    {
        let ours = self.network().await?.genesis_validators_root();
        let operation = &operation;
        self.beacon
            .survey(whom, |endpoint| async move {
                operation(self.vetted_beacon(endpoint, ours).await?).await
            })
            .await
    }

    async fn vetted_beacon(&self, endpoint: Endpoint, ours: B256) -> Result<Beacon, Complaint> {
        let beacon = Beacon(endpoint);
        if beacon.0.is_unvetted() {
            let found = beacon.genesis().await?.genesis_validators_root;
            // Which of them is of another chain, all of them decide.
            beacon
                .0
                .vet(&ours, &found)
                .inspect_err(|_| self.doubt_network())?;
        }
        Ok(beacon)
    }

    /// The execution block of a finalized slot.
    pub(crate) async fn anchor(&self, slot: Slot) -> Result<Anchor, Fault> {
        if let Some(anchor) = self.anchors.get(slot.0) {
            return Ok(anchor);
        }
        let network = &*self.network().await?;
        let anchor = self
            .on_beacon(|beacon| async move {
                let anchor = beacon.anchor(network, slot).await?;
                let confirmed = self.on_rpc(|rpc| async move { head::confirm(&rpc, &anchor).await });
                confirmed.await.map_err(Complaint::together)?;
                Ok(anchor)
            })
            .await?;
        self.anchors.put(anchor);
        Ok(anchor)
    }

    /// The account that pays.
    pub(crate) fn sender(&self) -> Result<Sender<'_>, Fault> {
        let signer = self.settings.signer.as_ref().ok_or_else(|| Fault::Signer {
            text: format!(
                "chain {} has no signer; set it in the configuration",
                self.settings.name
            ),
        })?;
        Ok(Sender {
            signer,
            chain_id: self.settings.chain_id,
            gas_max: self.settings.gas_max,
        })
    }
}

/// The slot of a height of a beacon client.
fn beacon_slot(height: Height) -> Result<Slot, Fault> {
    if height.revision_number == 0 {
        return Ok(Slot(height.revision_height));
    }
    Err(Fault::NoClient {
        id: height.to_string(),
        text: format!("a beacon chain has revision 0, not {}", height.revision_number),
    })
}

/// As the port says where finality is.
pub(crate) fn not_final(wanted: Slot, finalized: Finalized) -> Fault {
    Fault::NotYet(NotYet::Finality {
        wanted: Height::of(wanted.0),
        finalized: finalized.height,
    })
}
