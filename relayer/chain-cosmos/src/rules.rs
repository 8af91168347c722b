//! What a transaction may cost and hold.

use crate::price::Price;
use crate::rpc::{Answered, Rpc};
use cosmrs::Any;

/// Bytes of a transaction beside its messages: signature, key, fee, and what frames them; more than it takes.
const FRAME_BYTES: u64 = 512;
/// Bytes that frame a message in a transaction, at most.
const MESSAGE_FRAME_BYTES: u64 = 32;

/// The rules for all transactions on one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The chain's id, which signatures bind.
    pub chain_id: String,
    /// What is paid for gas.
    pub pay: Pay,
    /// What is added to the gas that a simulation used, in percent.
    pub gas_margin_percent: u64,
    /// Of batches that are alike one in so many is simulated; 1 = all of them.
    pub simulate_every: u64,
    /// The most gas that a transaction is allowed.
    pub gas_max: u64,
    /// The most messages in a transaction.
    pub messages_max: usize,
    /// The largest transaction, in bytes.
    pub bytes_max: u64,
    /// A transaction is void this many blocks after the one that was newest when it was signed; at least 1.
    pub timeout_blocks: u64,
    /// The most transactions of one account under way.
    pub flying_max: usize,
}

/// What is paid for gas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pay {
    /// Always the same.
    Fixed {
        /// The coin.
        denom: String,
        /// For a unit of gas; zero = no fee at all.
        price: Price,
    },
    /// What the chain's feemarket asks.
    Market {
        /// The coin.
        denom: String,
        /// What is added to it, in percent: it moves until the transaction is in a block.
        margin_percent: u64,
        /// The most that may be paid for a unit of gas, margin included.
        max: Price,
    },
}

impl Pay {
    /// What the next transaction pays for a unit of gas, if it may: the margin is added, the most not looked at.
    pub(crate) async fn price(&self, rpc: &Rpc) -> Answered<Price> {
        match self {
            Self::Fixed { price, .. } => Ok(Ok(*price)),
            Self::Market {
                denom,
                margin_percent,
                ..
            } => {
                let asked = rpc.market_price(denom).await?;
                Ok(asked.map(|price| price.raised(*margin_percent).unwrap_or(Price(u128::MAX))))
            }
        }
    }

    /// The coin in which is paid.
    pub(crate) fn denom(&self) -> &str {
        match self {
            Self::Fixed { denom, .. } | Self::Market { denom, .. } => denom,
        }
    }
}

impl Rules {
    /// How many of the first of `messages` a transaction may hold by their number and bytes; none of them when the first
    /// alone is too large, with its bytes.
    pub(crate) fn fit(&self, messages: &[Any]) -> Result<usize, u64> {
        let mut bytes = FRAME_BYTES;
        let mut count = 0;
        for message in messages.iter().take(self.messages_max.max(1)) {
            let length = message.type_url.len().saturating_add(message.value.len()) as u64;
            bytes = bytes.saturating_add(length).saturating_add(MESSAGE_FRAME_BYTES);
            if bytes > self.bytes_max {
                return if count == 0 { Err(bytes) } else { Ok(count) };
            }
            count += 1;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(messages_max: usize, bytes_max: u64) -> Rules {
        Rules {
            chain_id: "east-1".into(),
            pay: Pay::Fixed {
                denom: "stake".into(),
                price: Price(0),
            },
            gas_margin_percent: 30,
            simulate_every: 1,
            gas_max: 1_000_000,
            messages_max,
            bytes_max,
            timeout_blocks: 20,
            flying_max: 4,
        }
    }

    #[test]
    fn messages_fit_by_number_and_by_bytes() {
        let message = Any {
            type_url: "/a".into(),
            value: vec![0; 66],
        };
        let messages = vec![message; 10];
        assert_eq!(rules(3, 10_000).fit(&messages), Ok(3));
        assert_eq!(rules(30, 10_000).fit(&messages), Ok(10));
        assert_eq!(rules(30, 712).fit(&messages), Ok(2));
        assert_eq!(rules(30, 711).fit(&messages), Ok(1));
        assert_eq!(rules(30, 611).fit(&messages), Err(612));
        assert_eq!(rules(0, 10_000).fit(&messages), Ok(1), "none would never end");
        assert_eq!(rules(3, 10_000).fit(&[]), Ok(0));
    }
}
