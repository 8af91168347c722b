//! `Ask::Head`: where the chain stands, by beacon chain and execution client together.
//!
//! Beacon endpoints announce a finalized header; it only counts when an execution endpoint has the block in it, with the same
//! number, hash, time and state root. So neither of the two alone can send the relayer to heights that do not exist (T-22),
//! and nothing is remembered of an announcement that did not hold. All beacon endpoints are asked: one that stands still while
//! another announces a block that exists is behind.

use crate::anchors::Anchor;
use crate::evm::Evm;
use crate::rpc::{At, Rpc, to_u64};
use crate::updates::Finality;
use alloy::rpc::types::FeeHistory;
use chain::{BlockNumber, Fault, Head, Latest, NotYet, WeiPerGas};
use core::cmp::Reverse;
use endpoints::{Complaint, Said, Whom};
use ethereum::Network;
use wire::Seconds;

/// Blocks whose tips are looked at.
const FEE_BLOCKS: u64 = 10;
/// The least tip that is offered, in wei a gas: some nodes refuse none at all.
const TIP_MIN: u128 = 1_000_000;
/// Epochs by which a sound beacon endpoint may be behind another: they learn of an epoch one after the other.
const BEHIND_EPOCHS: u64 = 2;
/// Who announces a block as final that is only new is at most so many epochs ahead of those who tell the truth.
const EAGER_EPOCHS: u64 = 4;

/// What a beacon endpoint announces.
type Announced = Said<(Finality, Anchor)>;

/// What execution endpoints say of what was announced.
#[derive(Default)]
struct Weighed {
    chosen: Option<(Anchor, Head)>,
    refuted: Vec<(Anchor, Fault)>,
}

impl Evm {
    /// Where the chain stands.
    pub async fn head(&self) -> Result<Head, Fault> {
        let network = &*self.network().await?;
        let mut said: Vec<Announced> = self
            .survey_beacons(Whom::Well, |beacon| async move {
                let finality = beacon.finality_update(network).await?;
                let anchor = finality.anchor(network)?;
                Ok((finality, anchor))
            })
            .await?;
        said.sort_by_key(|one| Reverse(one.value.1.slot));
        let weighed = self.weigh(network, &said).await?;
        let Some((anchor, head)) = weighed.chosen else {
            return Err(nothing_holds(&said, &weighed.refuted));
        };
        self.judge_beacons(network, &said, &anchor, &weighed.refuted);
        // Of as many that announce it, the first: who signed it, nobody has looked at yet.
        if let Some(one) = said.into_iter().find(|one| one.value.1 == anchor) {
            self.note(network, one.value.0);
        }
        self.anchors.put(anchor);
        Ok(head)
    }

    /// Finds the newest of the announced blocks, in falling order, that execution endpoints have and call final; or, where
    /// they call none final that is near, the newest that they have.
    async fn weigh(&self, network: &Network, said: &[Announced]) -> Result<Weighed, Fault> {
        let mut anchors: Vec<Anchor> = said.iter().map(|one| one.value.1).collect();
        anchors.dedup();
        let mut weighed = Weighed::default();
        for anchor in &anchors {
            if let Some((newest, _)) = weighed.chosen
                && is_behind(network, anchor, &newest, EAGER_EPOCHS)
            {
                break;
            }
            match self.on_rpc(|rpc| async move { read(&rpc, anchor).await }).await {
                Ok(head) => {
                    let is_final = anchors.len() == 1 || self.is_final(anchor).await;
                    if is_final || weighed.chosen.is_none() {
                        weighed.chosen = Some((*anchor, head));
                    }
                    if is_final {
                        break;
                    }
                }
                Err(fault @ (Fault::NotYet(_) | Fault::Malformed { .. })) => {
                    weighed.refuted.push((*anchor, fault));
                }
                Err(other) => return Err(other),
            }
        }
        Ok(weighed)
    }

    /// Whether an execution endpoint calls the block of `anchor` final. Not all of them say what is.
    async fn is_final(&self, anchor: &Anchor) -> bool {
        let said = self
            .survey_rpc(Whom::Well, |rpc| async move {
                Ok(rpc.block(At::Finalized).await.ok().flatten())
            })
            .await;
        let reached = said.unwrap_or_default().into_iter();
        let reached = reached
            .filter_map(|one| one.value)
            .map(|block| to_u64(block.number));
        reached.max().is_some_and(|block| block >= anchor.block)
    }

    /// Lets those beacon endpoints rest that announced what does not exist, or stand still.
    fn judge_beacons(
        &self,
        network: &Network,
        said: &[Announced],
        chosen: &Anchor,
        refuted: &[(Anchor, Fault)],
    ) {
        for one in said {
            let anchor = &one.value.1;
            if let Some((_, fault)) = refuted.iter().find(|(refuted, _)| refuted == anchor) {
                self.beacon.doubt(one, &not_confirmed(anchor, fault));
            } else if is_behind(network, anchor, chosen, BEHIND_EPOCHS) {
                let text = format!("it is at slot {}, another one at {}", anchor.slot, chosen.slot);
                self.beacon.doubt(one, &text);
            } else {
                self.beacon.trust(one);
            }
        }
    }
}

fn is_behind(network: &Network, anchor: &Anchor, other: &Anchor, epochs: u64) -> bool {
    let slack = network.times().slots_per_epoch.saturating_mul(epochs);
    anchor.slot.saturating_add(slack) < other.slot
}

/// No announced block is known to an execution endpoint. Whose fault that is cannot be told.
fn nothing_holds(said: &[Announced], refuted: &[(Anchor, Fault)]) -> Fault {
    match (said.first(), refuted.first()) {
        (Some(one), Some((anchor, fault))) => Fault::Malformed {
            endpoint: one.label.to_string(),
            text: not_confirmed(anchor, fault),
            until: endpoints::now(),
        },
        (_, _) => Fault::NotYet(NotYet::Block {
            wanted: BlockNumber(1),
            newest: BlockNumber(0),
        }),
    }
}

fn not_confirmed(anchor: &Anchor, fault: &Fault) -> String {
    let block = anchor.block;
    match fault {
        // Finality lies two epochs behind: an execution endpoint that is asked for it right away lags far, or there is no
        // such block.
        Fault::NotYet(NotYet::Block { newest, .. }) => {
            format!(
                "it announces block {block} as final, the furthest execution endpoint is at block {newest}"
            )
        }
        other => {
            format!("it announces block {block} as final, and no execution endpoint confirms it: {other}")
        }
    }
}

/// Checks that the execution endpoint has the block of `anchor`.
pub(crate) async fn confirm(rpc: &Rpc, anchor: &Anchor) -> Result<(), Complaint> {
    let Some(block) = rpc.header_by_hash(anchor.block_hash).await? else {
        let newest = to_u64(rpc.latest().await?.number);
        let (wanted, newest) = (BlockNumber(anchor.block), BlockNumber(newest));
        return Err(Fault::NotYet(NotYet::Block { wanted, newest }).into());
    };
    let (number, time) = (to_u64(block.number), to_u64(block.timestamp));
    if (number, time, block.state_root) != (anchor.block, anchor.timestamp, anchor.state_root) {
        return Err(rpc.0.doubted(format!(
            "slot {} holds block {} of time {} and state {} by a beacon endpoint, and block {number} of time {time} and state {} by this one",
            anchor.slot, anchor.block, anchor.timestamp, anchor.state_root, block.state_root
        )));
    }
    Ok(())
}

/// Checks that the execution endpoint has the block of `anchor`, and reads the newest block.
async fn read(rpc: &Rpc, anchor: &Anchor) -> Result<Head, Complaint> {
    confirm(rpc, anchor).await?;
    let (latest, history) = tokio::try_join!(rpc.latest(), rpc.fee_history(FEE_BLOCKS))?;
    let (base_fee, tip) = prices(&history)?;
    Ok(Head {
        finalized: anchor.finalized(),
        latest: Latest {
            block: BlockNumber(to_u64(latest.number)),
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
