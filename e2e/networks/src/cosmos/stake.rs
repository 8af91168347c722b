//! Changes of the set of validators, by transactions of those who own the stakes.

use std::time::Duration;

use alloy_primitives::B256;
use anyhow::{Context, Result, anyhow};
use cosmrs::proto::cosmos::slashing::v1beta1::MsgUnjail;
use cosmrs::staking::{MsgDelegate, MsgUndelegate};
use cosmrs::tx::Msg;
use cosmrs::{AccountId, Any, Coin};
use prost::Message as _;

use super::chain::CosmosChain;
use super::genesis::POWER;
use super::keys::{account, operator};
use super::settings::STAKE;
use scenarios::cosmos::sent::{deliver, rules, wallet};

/// Blocks in which the transaction may be included: more than a busy machine needs.
const PATIENCE_BLOCKS: u64 = 60;
/// A transaction in block `h` changes who signs block `h + 2`.
const EFFECT_AFTER: u64 = 2;
const UNJAIL: &str = "/cosmos.slashing.v1beta1.MsgUnjail";
/// How long the chain may take there.
const EFFECT_WITHIN: Duration = Duration::from_secs(60);

/// A change of what one validator has at stake, in voting power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stake {
    /// More.
    Add(u64),
    /// Less; a validator without any leaves the set.
    Withdraw(u64),
}

impl CosmosChain {
    /// Changes the voting power of a validator and waits until the changed set signs; returns the first height that it
    /// signs.
    ///
    /// # Errors
    /// There is no such validator, the transaction is refused or fails, or the chain makes no blocks.
    pub async fn change_power(&mut self, validator: usize, change: Stake) -> Result<u64> {
        let key = self.settings().operator_key(validator);
        let message = message(account(&key)?, operator(&key)?, change)?;
        let told = format!("{change:?} of validator {validator}");
        self.change(&key, vec![message]).await.context(told)
    }

    /// Brings a validator back that took all that it had away, with voting power `power`; returns as [`Self::change_power`] does. It was
    /// jailed for having less than every validator has to have.
    ///
    /// # Errors
    /// As [`Self::change_power`].
    pub async fn come_back(&mut self, validator: usize, power: u64) -> Result<u64> {
        let key = self.settings().operator_key(validator);
        let owner = operator(&key)?;
        let free = MsgUnjail {
            validator_addr: owner.to_string(),
        };
        let free = Any {
            type_url: UNJAIL.to_owned(),
            value: free.encode_to_vec(),
        };
        let messages = vec![message(account(&key)?, owner, Stake::Add(power))?, free];
        let told = format!("the return of validator {validator}");
        self.change(&key, messages).await.context(told)
    }

    /// Sends messages of an owner that change the set, in one transaction, and waits until the changed set signs.
    async fn change(&mut self, key: &B256, messages: Vec<Any>) -> Result<u64> {
        let wallet = wallet(rules(self.settings().chain_id, PATIENCE_BLOCKS)?, &[*key])?;
        let landed = deliver(self.rpc()?, &wallet, |_| Ok(messages.clone())).await?;
        let effective = landed.height + EFFECT_AFTER;
        // One more: the commit of a block is final in the block after it.
        self.wait_until_at(effective + 1, EFFECT_WITHIN).await?;
        Ok(effective)
    }
}

fn message(owner: AccountId, validator: AccountId, change: Stake) -> Result<Any> {
    let coin = |power: u64| {
        let denom = STAKE.parse().map_err(|error| anyhow!("no coin: {error}"))?;
        Ok::<_, anyhow::Error>(Coin {
            denom,
            amount: u128::from(power) * u128::from(POWER),
        })
    };
    let any = match change {
        Stake::Add(power) => MsgDelegate {
            delegator_address: owner,
            validator_address: validator,
            amount: coin(power)?,
        }
        .to_any(),
        Stake::Withdraw(power) => MsgUndelegate {
            delegator_address: owner,
            validator_address: validator,
            amount: coin(power)?,
        }
        .to_any(),
    };
    any.map_err(|error| anyhow!("a change of stake can't be encoded: {error}"))
}
