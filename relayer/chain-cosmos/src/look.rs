//! What a client of any kind shows on this chain when it is verified: whom it is paired with, which states it keeps, who may relay
//! over it.
//!
//! What this module must never do: call something good that could not be read.

use crate::cosmos::Cosmos;
use crate::follower::Verdict;
use crate::ibc::RawHeight;
use crate::ibc::client::{
    CONFIG_QUERY, ConfigAnswer, HEIGHTS_QUERY, HeightsAnswer, HeightsRequest, PageRequest, PageResponse,
};
use crate::pages::{Paged, pages};
use crate::refusal::Refusal;
use crate::rpc::Rpc;
use crate::views::{Reader, Seen, decoded, is_not_found};
use chain::{Doubt, Expected, Fault};
use client::Status;
use prost::Message;
use std::collections::BTreeSet;
use wire::ClientId;

/// Pages that are read: of 100,000 states.
pub(crate) const PAGES_MAX: usize = 200;

/// The heights of which a client keeps states.
struct HeightsOf<'a>(&'a ClientId);

impl Paged for HeightsOf<'_> {
    const QUERY: &'static str = HEIGHTS_QUERY;
    const PAGE: u64 = 500;
    const PAGES_MAX: usize = PAGES_MAX;
    type Answer = HeightsAnswer;
    type Item = RawHeight;

    fn request(&self, page: PageRequest) -> Vec<u8> {
        let request = HeightsRequest {
            client_id: self.0.to_string(),
            pagination: Some(page),
        };
        request.encode_to_vec()
    }

    fn items(answer: HeightsAnswer) -> (Vec<RawHeight>, Option<PageResponse>) {
        (answer.heights, answer.pagination)
    }
}

/// A client that is looked at, after a block.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) host: &'a Cosmos,
    pub(crate) id: &'a ClientId,
    pub(crate) block: u64,
}

/// Heights of states that a client keeps.
pub(crate) struct Heights {
    pub(crate) heights: BTreeSet<u64>,
    /// Whether there are no others.
    pub(crate) are_all: bool,
}

impl Heights {
    /// The one that is to be looked at.
    pub(crate) fn one(height: u64) -> Self {
        Self {
            heights: BTreeSet::from([height]),
            are_all: true,
        }
    }
}

impl Look<'_> {
    pub(crate) fn reader<'rpc>(&'rpc self, rpc: &'rpc Rpc) -> Reader<'rpc> {
        Reader {
            chain: self.host,
            rpc,
            id: self.id,
        }
    }

    /// The heights of the states that the client keeps, as far as they are read.
    pub(crate) async fn heights(&self) -> Result<Heights, Fault> {
        let (host, query) = (self.host, &HeightsOf(self.id));
        let read = host
            .on_rpc(|rpc| async move { pages(&rpc, host, query, Some(self.block)).await })
            .await?;
        Ok(Heights {
            heights: read.items.iter().map(|height| height.revision_height).collect(),
            are_all: read.are_all,
        })
    }

    /// Whether the relayer's accounts may use the client. Who has none here only looks, and whoever the rule lets relay is
    /// right for him.
    pub(crate) async fn check_relayers(&self) -> Verdict {
        let allowed = self.allowed().await.map_err(Doubt::unchecked)?;
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
                let answer = match rpc.query(CONFIG_QUERY, &request, Some(self.block)).await? {
                    Ok(answer) => answer,
                    Err(Refusal::Application(said)) if is_not_found(&said) => return Ok(Vec::new()),
                    Err(refusal) => return Err(refusal.into_complaint(CONFIG_QUERY)),
                };
                let config = decoded::<ConfigAnswer>(CONFIG_QUERY, &answer.value)?.config;
                Ok(config.unwrap_or_default().allowed_relayers)
            })
            .await
    }
}

/// The client is paired with whom the path says, whose keys it looks for where they are.
pub(crate) fn check_counterparty(seen: &Seen, expected: &Expected, prefix: &[Vec<u8>]) -> Verdict {
    match (&expected.counterparty, &seen.counterparty) {
        (None, None) => Ok("not registered yet".into()),
        (Some(expected), None) => Err(Doubt::Unusable(format!(
            "it is not paired yet, {expected} is expected; `relayer path create` pairs it"
        ))),
        (None, Some(found)) => Err(Doubt::Differs(format!(
            "it is paired with {} already",
            found.client_id
        ))),
        (Some(expected), Some(found)) if found.client_id != expected.to_string() => Err(Doubt::Differs(
            format!("it is paired with {}, {expected} is expected", found.client_id),
        )),
        (Some(_), Some(found)) if found.merkle_prefix != prefix => Err(Doubt::Differs(format!(
            "it looks for packets under {:?}, they are under {prefix:?}",
            found.merkle_prefix
        ))),
        (Some(_), Some(found)) => Ok(found.client_id.clone()),
    }
}

/// Whether the client works.
///
/// - `at`: where it stands, in words.
pub(crate) fn check_status(status: Status, at: &str) -> Verdict {
    match status {
        Status::Active => Ok(format!("active at {at}")),
        Status::Expired => Err(Doubt::Unusable(format!(
            "it expired at {at}; governance can recover it with another client"
        ))),
        Status::Frozen => Err(Doubt::Unusable(format!(
            "it is frozen at {at}: misbehaviour was shown; governance decides"
        ))),
    }
}

/// What comparing states means when there may be more of them than were read.
pub(crate) fn not_all(compared: Verdict) -> Verdict {
    let same = compared?;
    Err(Doubt::Unchecked(format!(
        "{same}; the node names no end of them after {PAGES_MAX} pages, and those behind were not compared; ask another \
         node, or follow the chain with a new client"
    )))
}
