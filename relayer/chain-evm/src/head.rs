//! `Ask::Head`: where the chain stands, by beacon chain and execution client together.
//!
//! The beacon endpoint announces a finalized header; it only counts when the execution endpoint has the block in it, with
//! the same number, hash and time. So neither of the two alone can send the relayer to heights that do not exist (T-22),
//! and nothing is remembered of an announcement that did not hold.

use crate::anchors::Anchor;
use crate::rpc::{Rpc, to_u64};
use alloy::rpc::types::FeeHistory;
use chain::{BlockNumber, Fault, Head, Latest, NotYet, WeiPerGas};
use endpoints::Complaint;
use wire::Seconds;

/// Blocks whose tips are looked at.
const FEE_BLOCKS: u64 = 10;
/// The least tip that is offered, in wei a gas: some nodes refuse none at all.
const TIP_MIN: u128 = 1_000_000;

/// Checks that the execution endpoint has the block of `anchor`, and reads the newest block.
pub(crate) async fn read(rpc: &Rpc, anchor: &Anchor) -> Result<Head, Complaint> {
    let (latest, history) = tokio::try_join!(rpc.latest(), rpc.fee_history(FEE_BLOCKS))?;
    let newest = to_u64(latest.number);
    let Some(block) = rpc.block_by_hash(anchor.block_hash).await? else {
        let (wanted, newest) = (BlockNumber(anchor.block), BlockNumber(newest));
        return Err(Fault::NotYet(NotYet::Block { wanted, newest }).into());
    };
    if to_u64(block.number) != anchor.block || to_u64(block.timestamp) != anchor.timestamp {
        return Err(Complaint::malformed(format!(
            "slot {} holds block {} of time {} by the beacon endpoint, and block {} of time {} by this one",
            anchor.slot,
            anchor.block,
            anchor.timestamp,
            to_u64(block.number),
            to_u64(block.timestamp)
        )));
    }
    let (base_fee, tip) = prices(&history)?;
    Ok(Head {
        finalized: anchor.finalized(),
        latest: Latest {
            block: BlockNumber(newest),
            timestamp: Seconds(to_u64(latest.timestamp)),
            base_fee,
            tip,
        },
    })
}

/// The base fee of the next block and the median of the median tips.
pub(crate) fn prices(history: &FeeHistory) -> Result<(WeiPerGas, WeiPerGas), Complaint> {
    let Some(&next) = history.base_fee_per_gas.last() else {
        return Err(Complaint::malformed("a fee history without a base fee"));
    };
    let mut tips: Vec<u128> = history
        .reward
        .iter()
        .flatten()
        .filter_map(|rewards| rewards.first().copied())
        .collect();
    tips.sort_unstable();
    let median = tips.get(tips.len() / 2).copied().unwrap_or(0);
    Ok((WeiPerGas(next), WeiPerGas(median.max(TIP_MIN))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_base_fee_and_the_median_tip_are_taken() {
        let history = FeeHistory {
            base_fee_per_gas: vec![7, 8, 9],
            reward: Some(vec![vec![5_000_000], vec![1], vec![9_000_000]]),
            ..FeeHistory::default()
        };
        let prices = prices(&history).expect("prices");
        assert_eq!(prices, (WeiPerGas(9), WeiPerGas(5_000_000)));
    }

    #[test]
    fn an_empty_history_is_refused_and_a_tip_is_always_offered() {
        assert!(prices(&FeeHistory::default()).is_err());
        let history = FeeHistory {
            base_fee_per_gas: vec![7],
            ..FeeHistory::default()
        };
        assert_eq!(prices(&history).expect("prices").1, WeiPerGas(TIP_MIN));
    }
}
