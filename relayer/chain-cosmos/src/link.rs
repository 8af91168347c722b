//! Two chains with a client of each on the other: what of the one can be proven to the other now, and the proofs.
//!
//! Everything is read of a state that a header proves already. So what a step is decided by is what it is proven with, and an
//! endpoint that is behind answers that it has no such block instead of something old.

use crate::cosmos::Cosmos;
use crate::deliver::LOOK_EVERY;
use crate::flights::update_message;
use crate::lacking::had;
use crate::proofs::IBC;
use crate::roots::{Root, Source};
use crate::shown::Shown;
use crate::updates;
use crate::views::see;
use chain::{ClientUpdate, Fault, UpdateClient};
use client::Advance;
use core::time::Duration;
use cosmrs::Any;
use tendermint_client::{Trusted, verify_update};
use tokio::time::{Instant, sleep};
use wire::{ClientId, Height};

/// One of the two chains.
pub(crate) struct Side<'a> {
    pub(crate) chain: &'a Cosmos,
    /// Its client of the other chain.
    pub(crate) client: ClientId,
    /// Nothing is read of a state before this block: something happened in it.
    pub(crate) not_before: u64,
}

/// Two chains.
pub(crate) struct Link<'a> {
    pub(crate) sides: [Side<'a>; 2],
    patience: Duration,
    begun: Instant,
}

/// What moves a client, and where it stands then.
pub(crate) struct Target {
    pub(crate) updates: Vec<UpdateClient>,
    trusted: Trusted,
    /// The height that proofs are for. The state is that after the block before.
    pub(crate) height: Height,
}

impl Target {
    /// The block after which the state is proven.
    pub(crate) fn block(&self) -> u64 {
        self.height.revision_height.saturating_sub(1)
    }

    /// What the client believes when it is there.
    fn root(&self) -> Root {
        Root {
            height: self.height,
            app_hash: self.trusted.newest().app_hash,
            source: Source::Law,
        }
    }

    /// The messages that move the client, signed for by `signer`.
    pub(crate) fn messages(&self, signer: &str) -> Result<Vec<Any>, Fault> {
        let message = |one| update_message(one, signer);
        self.updates.iter().map(message).collect()
    }
}

impl<'a> Link<'a> {
    pub(crate) fn new(chains: [&'a Cosmos; 2], clients: [ClientId; 2]) -> Self {
        let [a, b] = chains;
        let [client_a, client_b] = clients;
        let side = |chain, client| Side {
            chain,
            client,
            not_before: 0,
        };
        Self {
            sides: [side(a, client_a), side(b, client_b)],
            patience: Duration::ZERO,
            begun: Instant::now(),
        }
    }

    /// Begins to wait, for as long as `patience`.
    pub(crate) fn begin(&mut self, patience: Duration) {
        (self.patience, self.begun) = (patience, Instant::now());
    }

    /// What is left of the patience.
    pub(crate) fn left(&self) -> Duration {
        self.patience.saturating_sub(self.begun.elapsed())
    }

    /// The newest block of each chain whose state can be proven, once it is late enough.
    ///
    /// Fails with what `fault` says when there is no patience left.
    pub(crate) async fn blocks(&self) -> Result<[u64; 2], Fault> {
        Ok([self.block(0).await?, self.block(1).await?])
    }

    async fn block(&self, side: usize) -> Result<u64, Fault> {
        let Side {
            chain, not_before, ..
        } = &self.sides[side];
        loop {
            let fault = match chain.head().await {
                Ok(head) if head.finalized.block.0 >= (*not_before).max(1) => {
                    return Ok(head.finalized.block.0);
                }
                Ok(head) => Fault::NotYet(chain::NotYet::Block {
                    wanted: chain::BlockNumber(*not_before),
                    newest: head.finalized.block,
                }),
                Err(fault) if fault.retry() == chain::Retry::Never => return Err(fault),
                Err(fault) => fault,
            };
            self.wait(fault).await?;
        }
    }

    /// A pause; when there is no patience left, `fault` is what it ended with.
    pub(crate) async fn wait(&self, fault: Fault) -> Result<(), Fault> {
        if self.left().is_zero() {
            return Err(fault);
        }
        sleep(LOOK_EVERY).await;
        Ok(())
    }

    /// From now on only what is later than `blocks` counts.
    pub(crate) fn only_after(&mut self, blocks: [u64; 2]) {
        for (side, block) in self.sides.iter_mut().zip(blocks) {
            side.not_before = side.not_before.max(block.saturating_add(1));
        }
    }

    /// What one chain has under `key` after `block`; empty = nothing. Nothing proves it yet.
    pub(crate) async fn stored(&self, side: usize, key: &[u8], block: u64) -> Result<Vec<u8>, Fault> {
        stored(self.sides[side].chain, key, block).await
    }

    /// How the client on the chain `on` gets to where the state of the other one after `block`, or a later one, can be proven.
    ///
    /// One plan takes only so many headers: the target may then be short of it, and has no proofs.
    pub(crate) async fn target(&self, on: usize, block: u64) -> Result<(Target, bool), Fault> {
        let (host, source) = (&self.sides[on], &self.sides[1 - on]);
        let seen = see(host.chain, &host.client).await?;
        let mut trusted = seen.tendermint()?.clone();
        let wanted = block.saturating_add(1).max(trusted.newest().height);
        let plan = updates::plan(source.chain, &seen.view.trusted, source.chain.at(wanted)).await?;
        for update in &plan.updates {
            if let ClientUpdate::Tendermint(update) = update
                && let Ok(Advance::Updated(next)) =
                    verify_update(&trusted, update, update.header.time.rounded_down())
            {
                trusted = next;
            }
        }
        let update = |update| UpdateClient {
            client: host.client.clone(),
            update,
        };
        let reached = trusted.newest().height;
        let target = Target {
            updates: plan.updates.into_iter().map(update).collect(),
            height: source.chain.at(reached),
            trusted,
        };
        Ok((target, reached == wanted))
    }

    /// Proofs of what the chain `of` has under `keys`, for a client that stands at `target`; each was judged as that client will.
    pub(crate) async fn prove(
        &self,
        of: usize,
        target: &Target,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Shown>, Fault> {
        let chain = self.sides[of].chain;
        let root = target.root();
        chain
            .on_rpc(|rpc| async move {
                let mut all = Vec::with_capacity(keys.len());
                for key in keys {
                    let name = String::from_utf8_lossy(key);
                    all.push(Shown::ask(chain, &rpc, root, key, &name).await?);
                }
                Ok(all)
            })
            .await
    }
}

/// What `chain` has under `key` after `block`, by one node's word.
pub(crate) async fn stored(chain: &Cosmos, key: &[u8], block: u64) -> Result<Vec<u8>, Fault> {
    chain
        .on_rpc(|rpc| async move {
            let answered = rpc.stored(IBC, key, Some(block)).await;
            had(&rpc, answered, "a value", chain.at(block)).await
        })
        .await
}
