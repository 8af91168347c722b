//! A chain of either family as somebody asks it who relays with an account of his own: the adapters that the relayer has, without the
//! relayer.

use crate::bridge::settings;
use crate::cosmos::sent::rules;
use crate::cosmos::{CosmosSite, PREFIX, Pace};
use crate::end::End;
use crate::site::Role;
use alloy::signers::local::PrivateKeySigner;
use anyhow::Result;
use chain::{Answer, Ask, At, Basis, BlockNumber, ChainName, Fault, Fee, Head};
use chain_cosmos::{Cosmos, Key};
use chain_evm::{Evm, Limits};
use wire::Height;

/// One chain.
pub(crate) enum Port {
    Evm(Box<Evm>),
    Cosmos(Box<Cosmos>),
}

impl Port {
    /// The chain of `end`, and the account of `role` there.
    pub(crate) fn evm(end: &End, role: Role) -> Result<Self> {
        let signer = PrivateKeySigner::from_bytes(&end.site.key(role))?;
        let evm = Evm::new(settings(end, Some(signer))?).map_err(anyhow::Error::msg)?;
        Ok(Self::Evm(Box::new(evm)))
    }

    /// The chain of `site`, and the account of `role` there.
    pub(crate) fn cosmos(site: &CosmosSite, role: Role, pace: &Pace) -> Result<Self> {
        Ok(Self::Cosmos(Box::new(cosmos(site, role, pace)?)))
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

    pub(crate) async fn usual_fee(&self) -> Result<Fee, Fault> {
        match self {
            Self::Evm(evm) => evm.usual_fee().await,
            Self::Cosmos(cosmos) => cosmos.usual_fee().await,
        }
    }

    /// The state of this chain that a light client of it calls `height`.
    pub(crate) fn state(&self, height: Height) -> Basis {
        match self {
            Self::Evm(_) => Basis::from(height),
            Self::Cosmos(_) => Basis::One(At::Header(height.revision_height)),
        }
    }
}

/// The adapter of the chain of `site`, with the account of `role` there.
pub(crate) fn cosmos(site: &CosmosSite, role: Role, pace: &Pace) -> Result<Cosmos> {
    let rpc = site.rpc_urls.iter().map(|url| url.parse());
    let settings = chain_cosmos::Settings {
        name: ChainName(site.name.clone()),
        rpc: rpc.collect::<Result<_, _>>()?,
        rules: rules(&site.chain_id, pace.patience_blocks)?,
        keys: vec![Key::new(site.key(role)?.as_slice(), PREFIX)?],
        first_block: BlockNumber(0),
        limits: Limits::default(),
    };
    Cosmos::new(settings).map_err(anyhow::Error::msg)
}
