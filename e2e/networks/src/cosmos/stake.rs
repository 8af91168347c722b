//! Changes of the set of validators, by transactions of those who own the stakes.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use cosmrs::staking::{MsgDelegate, MsgUndelegate};
use cosmrs::tx::Msg;
use cosmrs::{AccountId, Any, Coin};

use super::chain::CosmosChain;
use super::genesis::POWER;
use super::keys::{account, operator};
use super::settings::STAKE;
use scenarios::cosmos::sent::{deliver, rules, wallet};

/// Blocks in which the transaction may be included: more than a busy machine needs.
const PATIENCE_BLOCKS: u64 = 60;
/// A transaction in block `h` changes who signs block `h + 2`.
const EFFECT_AFTER: u64 = 2;
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
        let settings = self.settings();
        let key = settings.operator_key(validator);
        let message = message(account(&key)?, operator(&key)?, change)?;
        let wallet = wallet(rules(settings.chain_id, PATIENCE_BLOCKS)?, &[key])?;
        let landed = deliver(self.rpc()?, &wallet, |_| Ok(vec![message.clone()]))
            .await
            .with_context(|| format!("{change:?} of validator {validator}"))?;
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
