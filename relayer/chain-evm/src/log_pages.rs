//! Logs of many blocks, in pages that shrink until the node takes them.
//!
//! What this module must never do: leave out a block before the one that it says comes next.

use crate::rpc::Rpc;
use alloy::rpc::types::{Filter, Log};
use core::ops::{ControlFlow, RangeInclusive};
use endpoints::Complaint;

/// How much is searched.
#[derive(Clone, Copy)]
pub(crate) struct Pages {
    /// Blocks of the first page.
    pub(crate) size: u64,
    /// Requests at most.
    pub(crate) most: usize,
}

impl Pages {
    /// As many as it takes, of a size that most nodes take.
    pub(crate) const ALL: Self = Self {
        size: 8_192,
        most: usize::MAX,
    };
}

/// Hands the logs of `filter` in `blocks` to `take`, page after page, until that has what it looks for or `pages` are read. Returns
/// the first block that was not searched.
pub(crate) async fn read(
    rpc: &Rpc,
    filter: &Filter,
    blocks: RangeInclusive<u64>,
    pages: Pages,
    mut take: impl FnMut(&[Log]) -> Result<ControlFlow<()>, Complaint>,
) -> Result<u64, Complaint> {
    let (mut from, last) = blocks.into_inner();
    let mut size = pages.size.max(1);
    for _ in 0..pages.most {
        if from > last {
            break;
        }
        let to = last.min(from.saturating_add(size - 1));
        let page = filter.clone().from_block(from).to_block(to);
        match rpc.logs(&page).await? {
            Ok(logs) => {
                from = to.saturating_add(1);
                if take(&logs)?.is_break() {
                    break;
                }
            }
            Err(refusal) if refusal.is_range_too_large() && size > 1 => size /= 2,
            Err(refusal) => return Err(refusal.into_complaint("eth_getLogs")),
        }
    }
    Ok(from)
}
