//! A chain of either family behind one name: daemon and commands ask it, its adapter answers.
//!
//! What two chains do together depends on both of them. Each such thing is one `match` over the pair of families; what a chain tells
//! of a client that it hosts, and the followed chain of whether that is so, comes together in a module for each mixed pair.
//!
//! What this module must never do: decide, or treat a family as if it were the other one.

pub(crate) mod cosmos_on_evm;
pub(crate) mod evm_on_cosmos;

use crate::config::{ChainEntry, Family};
use alloy_primitives::U256;
use chain::{Answer, Ask, AskId, ChainName, ClientView, Expected, Fault, Fee, Finding, Head, Reply};
use chain_cosmos::Cosmos;
use chain_evm::Evm;
use core::fmt;
use std::path::Path;
use std::time::Duration;
use wire::{ClientId, End};

/// One chain.
pub(crate) enum Chain {
    /// With a router of ours, and a beacon chain for finality.
    Evm(Box<Evm>),
    /// Of CometBFT and the Cosmos SDK, with ibc-go.
    Cosmos(Box<Cosmos>),
}

/// What a light client behind an id is: another word for another one, so that a replaced client is not taken for the old.
/// On an EVM chain the address of its contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Incarnation(pub(crate) String);

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Chain {
    /// Prepares its endpoints; nothing is asked yet.
    ///
    /// Fails when one of them cannot be used; the text says which.
    pub(crate) fn open(entry: &ChainEntry) -> Result<Self, String> {
        Ok(match &entry.family {
            Family::Evm { settings, .. } => Self::Evm(Box::new(Evm::new(settings.clone())?)),
            Family::Cosmos(settings) => Self::Cosmos(Box::new(Cosmos::new(settings.keyed()?)?)),
        })
    }

    /// The same, with evidence against attestors kept in the folder `path`. Nobody attests states of a Cosmos chain.
    pub(crate) fn keeping_evidence(self, path: &Path) -> Result<Self, String> {
        Ok(match self {
            Self::Evm(evm) => Self::Evm(Box::new(evm.keeping_evidence(path)?)),
            Self::Cosmos(cosmos) => Self::Cosmos(cosmos),
        })
    }

    pub(crate) fn name(&self) -> &ChainName {
        match self {
            Self::Evm(evm) => evm.name(),
            Self::Cosmos(cosmos) => cosmos.name(),
        }
    }

    pub(crate) async fn serve(&self, id: AskId, ask: Ask) -> Reply {
        match self {
            Self::Evm(evm) => evm.serve(id, ask).await,
            Self::Cosmos(cosmos) => cosmos.serve(id, ask).await,
        }
    }

    pub(crate) async fn answer(&self, ask: Ask) -> Result<Answer, Fault> {
        match self {
            Self::Evm(evm) => evm.answer(ask).await,
            Self::Cosmos(cosmos) => cosmos.answer(ask).await,
        }
    }

    pub(crate) async fn head(&self) -> Result<Head, Fault> {
        match self {
            Self::Evm(evm) => evm.head().await,
            Self::Cosmos(cosmos) => cosmos.head().await,
        }
    }

    /// What the relayer's account holds, in the unit that the configuration names; of several accounts the one with the least.
    pub(crate) async fn balance(&self) -> Result<U256, Fault> {
        match self {
            Self::Evm(evm) => evm.balance().await,
            Self::Cosmos(cosmos) => cosmos.balance().await,
        }
    }

    pub(crate) async fn usual_fee(&self) -> Result<Fee, Fault> {
        match self {
            Self::Evm(evm) => evm.usual_fee().await,
            Self::Cosmos(cosmos) => cosmos.usual_fee().await,
        }
    }

    /// The client of `end` of this chain as it stands, and what stands behind its id.
    pub(crate) async fn client_behind(&self, end: &End) -> Result<(Incarnation, ClientView), Fault> {
        let (behind, view) = match self {
            Self::Evm(evm) => {
                let (contract, view) = evm.client_behind(evm.client_of(end)?).await?;
                (contract.to_string(), view)
            }
            Self::Cosmos(cosmos) => cosmos.client_behind(end).await?,
        };
        Ok((Incarnation(behind), view))
    }

    /// Whether the client `id` is in a finalized block, so that its id cannot change hands any more.
    pub(crate) async fn is_final(&self, id: &ClientId) -> Result<bool, Fault> {
        match self {
            Self::Evm(evm) => chain_evm::is_final(evm, id).await,
            Self::Cosmos(cosmos) => cosmos.is_final(id).await,
        }
    }

    /// Checks the client of `end` on this chain, which should track `tracked`: one finding a rule.
    pub(crate) async fn verify_end(
        &self,
        tracked: &Self,
        end: &End,
        expected: &Expected,
    ) -> Result<Vec<Finding>, Fault> {
        match (self, tracked) {
            (Self::Evm(host), Self::Evm(tracked)) => {
                chain_evm::verify_end(host, tracked, host.client_of(end)?, expected).await
            }
            (Self::Cosmos(host), Self::Cosmos(tracked)) => match end {
                End::Client(id) => host.verify_end(tracked, id, expected).await,
                End::Channel(end) => host.verify_channel(tracked, end, expected).await,
            },
            (Self::Evm(host), Self::Cosmos(tracked)) => {
                cosmos_on_evm::verify_end(host, tracked, host.client_of(end)?, expected).await
            }
            (Self::Cosmos(host), Self::Evm(tracked)) => {
                evm_on_cosmos::verify_end(host, tracked, host.client_of(end)?, expected).await
            }
        }
    }

    /// What counterparties are told to put before the keys of this chain's packets.
    fn merkle_prefix(&self) -> Vec<Vec<u8>> {
        match self {
            Self::Evm(_) => Evm::merkle_prefix(),
            Self::Cosmos(_) => Cosmos::merkle_prefix(),
        }
    }

    /// Registers `counterparty`, a client on `other`, as the other end of the client `id` of this chain.
    pub(crate) async fn register_counterparty(
        &self,
        id: &ClientId,
        (other, counterparty): (&Self, &ClientId),
        patience: Duration,
    ) -> Result<(), Fault> {
        // Where the other chain keeps commitments is a matter of that chain.
        let prefix = other.merkle_prefix();
        match self {
            Self::Evm(own) => {
                own.register_counterparty(id, counterparty, &prefix, patience)
                    .await
            }
            Self::Cosmos(own) => own
                .register_counterparty(id, counterparty, &prefix, patience)
                .await
                .map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const CONFIG: &str = include_str!("../../../../configs/relayer.toml");

    /// The chains of the reference: two EVM chains and a Cosmos chain.
    fn chains() -> Vec<Chain> {
        let config = Config::parse(CONFIG, Path::new(".")).unwrap_or_else(|found| panic!("{found:?}"));
        let opened = config.chains.iter().map(Chain::open);
        opened.collect::<Result<_, _>>().expect("endpoints")
    }

    #[test]
    fn each_family_says_where_its_packets_lie() {
        let chains = chains();
        assert_eq!(chains[0].merkle_prefix(), [Vec::<u8>::new()]);
        assert_eq!(chains[2].merkle_prefix(), [b"ibc".to_vec(), Vec::new()]);
    }
}
