//! The contract for EVM chains as a judge of headers of a real chain: a `TendermintClient` on an embedded EVM chain, by the wall's clock.
//!
//! Nothing is sent to it but what it begins with. What it says to a header a node tells without a transaction.

use std::cell::RefCell;
use std::collections::BTreeMap;

use alloy::network::TransactionBuilder;
use alloy::primitives::Address;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use anyhow::{Context, Result, bail, ensure};
use chain_evm::{Artifacts, tendermint_arguments};
use devnet::{Chain, ChainConfig, Clock};
use scenarios::{Artifact, Reasons, Role, Site, Wallet};
use tendermint_client::evm::{encode_set, encode_update};
use tendermint_client::{Bootstrap, Config, Reject, TrustLevel, Update, ValidatorSet};

const CHAIN_ID: u64 = 4_304;
const SECONDS_PER_SLOT: u64 = 2;

alloy::sol! {
    function updateClient(bytes calldata updateMsg) external returns (uint8 result);
}

/// How often it said what the law says.
#[derive(Clone, Debug, Default)]
pub(super) struct Agreed {
    pub(super) believed: usize,
    /// By the same rule.
    pub(super) alike: usize,
    /// By another one, which is broken as well and comes first there: that of the law, and that of the contract.
    pub(super) otherwise: BTreeMap<(String, String), usize>,
    /// Refused by what writes messages for it, so that it was not asked.
    pub(super) unwritten: usize,
}

/// The contract, and what asks it.
pub(super) struct Contract {
    /// Dropping it stops it.
    _chain: Chain,
    wallet: Wallet,
    address: Address,
    level: TrustLevel,
    reasons: Reasons,
    agreed: RefCell<Agreed>,
}

impl Contract {
    /// Starts a chain and creates the contract there, which begins with `start` and is told `set`, who sign the next blocks.
    ///
    /// # Errors
    /// A port can't be bound, or the chain refuses it.
    pub(super) async fn create(config: &Config, start: &Bootstrap, set: &ValidatorSet) -> Result<Self> {
        let mut settings = ChainConfig::new(CHAIN_ID);
        settings.clock = Clock::wall();
        settings.beacon.seconds_per_slot = SECONDS_PER_SLOT;
        let chain = Chain::start(settings)
            .await
            .context("failed to start an EVM chain")?;
        let site = Site::of_embedded("judge", &chain)?;
        let wallet = Wallet::of(&site, Role::Deployer)?;
        let artifact = Artifact::parse(Artifacts::default().tendermint_client())?;
        let arguments = tendermint_arguments(config, start);
        let address = wallet.deploy(artifact.code(), &arguments).await?;
        wallet.call(address, told(encode_set(set)?)).await?;
        Ok(Self {
            _chain: chain,
            wallet,
            address,
            level: config.trust_level,
            reasons: Reasons::load()?,
            agreed: RefCell::default(),
        })
    }

    /// Requires that it says of a header what the law says.
    ///
    /// # Errors
    /// It does not, or the node does not answer.
    pub(super) async fn agrees(&self, update: &Update, law: &Result<(), Reject>) -> Result<()> {
        let Ok(message) = encode_update(update, self.level) else {
            ensure!(
                law.is_err(),
                "no message can be written of a header that the law believes"
            );
            self.agreed.borrow_mut().unwritten += 1;
            return Ok(());
        };
        let said = self.refusal(message).await?;
        let mut agreed = self.agreed.borrow_mut();
        match (law, said) {
            (Ok(()), None) => agreed.believed += 1,
            (Err(reject), Some(rule)) if is_same(&name(reject), &rule) => agreed.alike += 1,
            (Err(reject), Some(rule)) => *agreed.otherwise.entry((name(reject), rule)).or_default() += 1,
            (law, said) => bail!("the law says {law:?}, and the contract {said:?}"),
        }
        Ok(())
    }

    /// What was agreed so far.
    pub(super) fn agreed(&self) -> Agreed {
        self.agreed.borrow().clone()
    }

    /// The rule by which it refuses a message; none if it believes it.
    async fn refusal(&self, message: Vec<u8>) -> Result<Option<String>> {
        let request = TransactionRequest::default()
            .with_to(self.address)
            .with_input(told(message));
        let Some(data) = self.wallet.refusal_of(request).await? else {
            return Ok(None);
        };
        let rule = self.reasons.declared(&data);
        let rule = rule.with_context(|| format!("no contract declares the error of {data}"))?;
        Ok(Some(rule.to_owned()))
    }
}

/// How the contract says `BadSignature`: of a secp256k1 signature, of ed25519 signatures judged together, and of a part
/// of one that cannot be a part of any.
const BAD_SIGNATURE: [&str; 4] = ["BadSignature", "BadSignatures", "BadPoint", "BadScalar"];

fn is_same(law: &str, contract: &str) -> bool {
    law == contract || (law == "BadSignature" && BAD_SIGNATURE.contains(&contract))
}

fn told(message: Vec<u8>) -> Vec<u8> {
    let call = updateClientCall {
        updateMsg: message.into(),
    };
    call.abi_encode()
}

/// The name of the rule.
pub(super) fn name(reject: &Reject) -> String {
    let text = format!("{reject:?}");
    text.split([' ', '{', '(']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{BAD_SIGNATURE, is_same};
    use alloy::primitives::keccak256;
    use scenarios::Reasons;

    #[test]
    fn every_way_to_refuse_a_signature_has_the_laws_name() {
        let reasons = Reasons::load().unwrap();
        let errors = [
            "BadSignature(address,address)",
            "BadSignatures(uint256)",
            "BadPoint(bytes32,uint256)",
            "BadScalar(bytes32)",
        ];
        for (error, name) in errors.into_iter().zip(BAD_SIGNATURE) {
            assert_eq!(reasons.declared(keccak256(error).as_slice()), Some(name));
            assert!(is_same("BadSignature", name));
        }
        assert!(!is_same("Expired", "BadPoint"));
    }
}
