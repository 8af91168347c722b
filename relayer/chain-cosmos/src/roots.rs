//! By which app hash a proof is judged before the relayer sees it.
//!
//! The header of a height has the root of the state after the block before it. A header that moved a client was accepted by the
//! law from what that client trusts, which no endpoint can make up alone: who proves something that does not fit it lies. At other
//! heights, because somebody else moved the client or this program was started since, the node that proves is asked for its own header
//! of that height, once. That header may be as false as the proof. But who contradicts his own header lies in any case, and nobody is
//! doubted by another one's word. What a liar says that is at one with himself the machine judges by what the client believes, and has the
//! client moved on, to a header that is judged here.
//!
//! What this module must never do: take an app hash for accepted because a node, or the host of a client, says so.

use crate::cosmos::Cosmos;
use crate::rpc::Rpc;
use crate::updates::bootstrap_of;
use alloy_primitives::B256;
use chain::Recent;
use core::fmt;
use endpoints::Complaint;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tendermint_client::State;
use wire::Height;

/// App hashes of either kind that are remembered. Bound: more heights than clients of a chain stand at.
const KEPT_MAX: usize = 512;

/// The root that proofs at a height are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Root {
    /// Of the header that has it.
    pub(crate) height: Height,
    pub(crate) app_hash: B256,
    pub(crate) source: Source,
}

/// On whose word a root rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The law accepted its header.
    Law,
    /// The node that is to prove something showed it.
    Node,
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = match self.source {
            Source::Law => "the header that the light client accepted",
            Source::Node => "the node's own header",
        };
        let Self { height, app_hash, .. } = self;
        write!(f, "the app hash {app_hash} in {whose} of height {height}")
    }
}

/// What is remembered of app hashes.
#[derive(Debug)]
pub(crate) struct Roots(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    /// By height; none = two headers of that height were accepted, and neither counts.
    accepted: Recent<u64, Option<B256>>,
    /// By height and the name of the node that showed it.
    told: Recent<(u64, Arc<str>), Option<B256>>,
}

impl Default for Roots {
    fn default() -> Self {
        Self(Mutex::new(Kept {
            accepted: Recent::new(KEPT_MAX),
            told: Recent::new(KEPT_MAX),
        }))
    }
}

impl Roots {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The law accepted the header that has `state`.
    pub(crate) fn accept(&self, state: &State) {
        let kept = &mut self.lock().accepted;
        let same = |known: &mut Option<B256>| known.filter(|known| *known == state.app_hash);
        let app_hash = kept.get_mut(&state.height).map_or(Some(state.app_hash), same);
        kept.put(state.height, app_hash);
    }

    fn accepted(&self, height: u64) -> Option<B256> {
        self.lock().accepted.get_mut(&height).copied().flatten()
    }

    fn told(&self, node: &(u64, Arc<str>)) -> Option<B256> {
        self.lock().told.get_mut(node).copied().flatten()
    }

    /// A node that contradicted what it showed is asked again: behind one name there may be several.
    pub(crate) fn forget_told(&self, height: Height, rpc: &Rpc) {
        if let Some(told) = self
            .lock()
            .told
            .get_mut(&(height.revision_height, rpc.0.label.clone()))
        {
            *told = None;
        }
    }
}

impl Cosmos {
    /// By what the proofs are judged that `rpc` shows for the header of `height`.
    pub(crate) async fn root(&self, rpc: &Rpc, height: Height) -> Result<Root, Complaint> {
        let root = |app_hash, source| Root {
            height,
            app_hash,
            source,
        };
        if let Some(accepted) = self.roots.accepted(height.revision_height) {
            return Ok(root(accepted, Source::Law));
        }
        let node = (height.revision_height, rpc.0.label.clone());
        if let Some(told) = self.roots.told(&node) {
            return Ok(root(told, Source::Node));
        }
        let header = self.signed_header(rpc, height.revision_height).await?;
        let told = bootstrap_of(height, &header)?.app_hash;
        self.roots.lock().told.put(node, Some(told));
        Ok(root(told, Source::Node))
    }
}

#[cfg(test)]
#[path = "roots_tests.rs"]
mod tests;
