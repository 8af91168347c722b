//! Beacon REST: the light-client endpoints and the few others that are needed, each with a strict answer.
//!
//! What this module must never do: believe. It checks that an answer has the form of an answer to this request; headers,
//! committees and signatures are checked by the light client.

use crate::anchors::Anchor;
use crate::network::{self, Genesis, SpecValues};
use crate::updates::Finality;
use alloy_primitives::B256;
use chain::{Fault, NotYet};
use endpoints::{Complaint, Defect, Endpoint, exchange};
use ethereum::spec::{
    LightClientBootstrap, LightClientFinalityUpdate, LightClientHeader, LightClientUpdate, Versioned,
};
use ethereum::{Header, Network, Period, Slot};
use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wire::Height;

/// One endpoint's beacon REST.
#[derive(Clone, Debug)]
pub(crate) struct Beacon(pub(crate) Endpoint);

#[derive(Deserialize)]
struct Plain<T> {
    data: T,
}

/// `/eth/v1/beacon/headers/{block}`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct BlockHeader {
    /// The block's root.
    pub(crate) root: B256,
    header: SignedHeader,
}

#[derive(Clone, Debug, Deserialize)]
struct SignedHeader {
    message: Header,
}

#[derive(Deserialize)]
struct SignedBlock {
    message: Block,
}

#[derive(Deserialize)]
struct Block {
    slot: String,
    body: Body,
}

#[derive(Deserialize)]
struct Body {
    execution_payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    block_number: String,
    block_hash: B256,
    state_root: B256,
    timestamp: String,
}

impl Beacon {
    /// When and from which validators the chain started.
    pub(crate) async fn genesis(&self) -> Result<Genesis, Complaint> {
        let answer: Plain<Genesis> = self.expect(&["eth", "v1", "beacon", "genesis"], &[]).await?;
        Ok(answer.data)
    }

    /// The chain's constants.
    pub(crate) async fn network(&self) -> Result<Network, Complaint> {
        let genesis = self.genesis().await?;
        let spec: Plain<SpecValues> = self.expect(&["eth", "v1", "config", "spec"], &[]).await?;
        network::read(&genesis, &spec.data)
    }

    /// The newest finality that a light client can be shown.
    pub(crate) async fn finality_update(&self, network: &Network) -> Result<Finality, Complaint> {
        let path = ["eth", "v1", "beacon", "light_client", "finality_update"];
        let answer: Option<Versioned<LightClientFinalityUpdate>> = self.ask(&path, &[]).await?;
        // Before the first finality some nodes have no update and others one with a zero header.
        let update = answer.map(|answer| answer.data).filter(|update| {
            update.finalized_header.beacon.slot.0 != 0
                && update.finality_branch.iter().any(|node| !node.is_zero())
        });
        let Some(update) = update else {
            let none = Height::of(0);
            return Err(Fault::NotYet(NotYet::Finality {
                wanted: Height::of(1),
                finalized: none,
            })
            .into());
        };
        Finality::read(network, update)
    }

    /// The best update of each of `count` periods from `start` on; fewer where the node has none.
    pub(crate) async fn updates(
        &self,
        network: &Network,
        start: Period,
        count: u64,
    ) -> Result<Vec<LightClientUpdate>, Complaint> {
        let path = ["eth", "v1", "beacon", "light_client", "updates"];
        let query = [
            ("start_period", start.0.to_string()),
            ("count", count.to_string()),
        ];
        let answer: Option<Vec<Versioned<LightClientUpdate>>> = self.ask(&path, &query).await?;
        let answer = answer.unwrap_or_default();
        if u64::try_from(answer.len()).map_or(true, |len| len > count) {
            return Err(Complaint::malformed(format!(
                "asked for {count} updates, got {}",
                answer.len()
            )));
        }
        let mut updates = Vec::with_capacity(answer.len());
        for (position, versioned) in (0u64..).zip(answer) {
            let update = versioned.data;
            let period = network.period_of(update.attested_header.beacon.slot);
            if period.0 != start.0.saturating_add(position) {
                return Err(Complaint::malformed(format!(
                    "asked for the update of period {}, got one of period {period}",
                    start.0.saturating_add(position)
                )));
            }
            check_size(network, update.next_sync_committee.pubkeys.len())?;
            updates.push(update);
        }
        Ok(updates)
    }

    /// Header and committee of the block `root`; none when the node has no bootstrap of it.
    pub(crate) async fn bootstrap(
        &self,
        network: &Network,
        root: B256,
    ) -> Result<Option<LightClientBootstrap>, Complaint> {
        let path = [
            "eth",
            "v1",
            "beacon",
            "light_client",
            "bootstrap",
            &root.to_string(),
        ];
        let answer: Option<Versioned<LightClientBootstrap>> = self.ask(&path, &[]).await?;
        let Some(bootstrap) = answer.map(|answer| answer.data) else {
            return Ok(None);
        };
        let found = bootstrap.header.beacon.root();
        if found != root {
            return Err(Complaint::malformed(format!(
                "asked for the bootstrap of {root}, got that of {found}"
            )));
        }
        check_size(network, bootstrap.current_sync_committee.pubkeys.len())?;
        Ok(Some(bootstrap))
    }

    /// The header of the canonical block at `slot`, or none when the slot is empty or not known.
    pub(crate) async fn header_at(&self, slot: Slot) -> Result<Option<BlockHeader>, Complaint> {
        let path = ["eth", "v1", "beacon", "headers", &slot.to_string()];
        let answer: Option<Plain<BlockHeader>> = self.ask(&path, &[]).await?;
        let Some(header) = answer.map(|answer| answer.data) else {
            return Ok(None);
        };
        let message = &header.header.message;
        if message.slot != slot || message.root() != header.root {
            return Err(Complaint::malformed(format!(
                "asked for the header of slot {slot}, got one of slot {} with root {} under the name {}",
                message.slot,
                message.root(),
                header.root
            )));
        }
        Ok(Some(header))
    }

    /// The execution block of the canonical block at `slot`.
    pub(crate) async fn anchor(&self, network: &Network, slot: Slot) -> Result<Anchor, Complaint> {
        let path = ["eth", "v2", "beacon", "blocks", &slot.to_string()];
        let answer: Option<Plain<SignedBlock>> = self.ask(&path, &[]).await?;
        let Some(block) = answer.map(|answer| answer.data.message) else {
            return Err(Fault::Pruned {
                at: Height::of(slot.0),
            }
            .into());
        };
        if decimal("slot", &block.slot)? != slot.0 {
            return Err(Complaint::malformed(format!(
                "asked for the block of slot {slot}, got slot {}",
                block.slot
            )));
        }
        let payload = block.body.execution_payload;
        let anchor = Anchor {
            slot: slot.0,
            block: decimal("block_number", &payload.block_number)?,
            block_hash: payload.block_hash,
            state_root: payload.state_root,
            timestamp: decimal("timestamp", &payload.timestamp)?,
        };
        check_time(network, &anchor)?;
        Ok(anchor)
    }

    async fn expect<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, Complaint> {
        let answer = self.ask(path, query).await?;
        let name = path.last().copied().unwrap_or_default();
        answer.ok_or_else(|| Complaint::Endpoint(Defect::Refused, format!("it has no {name}")))
    }

    /// An answer, or none when the node says that there is no such thing.
    async fn ask<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<Option<T>, Complaint> {
        let name = path.join("/");
        let mut url = self.0.url.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => {
                segments.pop_if_empty().extend(path);
            }
            Err(()) => return Err(Complaint::malformed("the url cannot have a path")),
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self
            .0
            .http
            .get(url)
            .header(reqwest::header::ACCEPT, "application/json");
        let response = exchange(&self.0, request).await?;
        if response.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if !response.status.is_success() {
            return Err(Complaint::Endpoint(
                Defect::Refused,
                format!("{name}: HTTP status {}", response.status),
            ));
        }
        serde_json::from_slice(&response.body)
            .map(Some)
            .map_err(|error| Complaint::malformed(format!("{name} answered something else: {error}")))
    }
}

/// The execution block in a header, once its time is the slot's.
pub(crate) fn anchor_of(network: &Network, header: &LightClientHeader) -> Result<Anchor, Complaint> {
    let anchor = Anchor {
        slot: header.beacon.slot.0,
        block: header.execution.block_number,
        block_hash: header.execution.block_hash,
        state_root: header.execution.state_root,
        timestamp: header.execution.timestamp,
    };
    check_time(network, &anchor)?;
    Ok(anchor)
}

/// Consensus ties a block's time to its slot. Spec: `compute_time_at_slot`.
fn check_time(network: &Network, anchor: &Anchor) -> Result<(), Complaint> {
    match network.time_of(Slot(anchor.slot)) {
        Some(time) if time.0 == anchor.timestamp => Ok(()),
        time => Err(Complaint::malformed(format!(
            "slot {} starts at {:?}, its block says {}",
            anchor.slot,
            time.map(|time| time.0),
            anchor.timestamp
        ))),
    }
}

fn check_size(network: &Network, seats: usize) -> Result<(), Complaint> {
    let size = network.committee_size();
    if u32::try_from(seats) == Ok(size) {
        return Ok(());
    }
    Err(Complaint::malformed(format!(
        "a sync committee of {seats} seats, the network's have {size}"
    )))
}

fn decimal(name: &str, text: &str) -> Result<u64, Complaint> {
    text.parse()
        .map_err(|_| Complaint::malformed(format!("{name} is {text}, not a number")))
}
