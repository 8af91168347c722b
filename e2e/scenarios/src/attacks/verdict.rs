//! What the transfer application said about value that was to leave: the verdict of a limit, or a breach.

use crate::contracts::{Router, Transfer};
use alloy::{
    rpc::types::TransactionReceipt,
    sol_types::{SolError, SolEvent},
};

/// The verdicts in the order of their numbers; `ILimits.Verdict`.
const VERDICTS: [&str; 12] = [
    "Pay",
    "LimitAbsent",
    "AboveCapacity",
    "AboveValueCapacity",
    "TooSmallToHold",
    "TooManyHeld",
    "HeldLarge",
    "HeldQueue",
    "HeldHeadroom",
    "HeldPrice",
    "HeldValueHeadroom",
    "HeldBreach",
];

/// Why the first packet in `receipt` that was not paid was not paid: the verdict, the name of a breach, or the selector of
/// an error that is no verdict.
pub(super) fn first(receipt: &TransactionReceipt) -> Option<String> {
    receipt.inner.logs().iter().find_map(|log| {
        let log = &log.inner;
        if let Ok(breach) = Transfer::ConservationBreached::decode_log(log) {
            return Some(breach_name(&breach));
        }
        if let Ok(held) = Transfer::TransferHeld::decode_log(log) {
            return Some(name(held.reason));
        }
        let failed = Router::IBCAppRecvPacketCallbackError::decode_log(log).ok()?;
        match Transfer::RefusedByLimit::abi_decode(&failed.reason) {
            Ok(refused) => Some(name(refused.verdict)),
            Err(_) => Some(format!("the error {}", failed.reason)),
        }
    })
}

fn breach_name(_: &Transfer::ConservationBreached) -> String {
    "ConservationBreached".into()
}

fn name(verdict: u8) -> String {
    VERDICTS
        .get(usize::from(verdict))
        .map_or_else(|| format!("verdict {verdict}"), |name| (*name).into())
}
