//! What the machine is told of a transaction that is not sent.

use crate::refusal::Said;
use crate::trouble::Trouble;
use alloy_primitives::Bytes;
use chain::{Fault, Revert, WeiPerGas};
use endpoints::{Complaint, Defect, Endpoint};

/// The complaint about `trouble` with a transaction whose first `updates` messages move clients.
pub(crate) fn complaint(endpoint: &Endpoint, trouble: Trouble, updates: usize) -> Complaint {
    let text = trouble.to_string();
    let fault = match trouble {
        Trouble::Node(refusal) => return refusal.into_complaint("the transaction"),
        // Its state is old, or it holds all that it may: another one may do better.
        Trouble::Behind { .. } | Trouble::Full(_) | Trouble::Late { .. } => {
            return Complaint::Endpoint(Defect::Busy(1), text);
        }
        Trouble::NoAccount { .. }
        | Trouble::AccountKind { .. }
        | Trouble::Funds { .. }
        | Trouble::FeeTooLow { .. } => Fault::Account { text },
        Trouble::PriceTooHigh { asked, max, .. } => Fault::TooDear {
            asked: WeiPerGas(asked.0),
            max: WeiPerGas(max.0),
        },
        Trouble::Sequence { .. } => Fault::NonceTaken { text },
        Trouble::Gas { needed, max } => Fault::TooLarge {
            size: needed,
            limit: max,
        },
        Trouble::Size { bytes, max } => Fault::TooLarge {
            size: bytes,
            limit: max,
        },
        Trouble::TooLarge { bytes, .. } => Fault::TooLarge {
            size: bytes as u64,
            limit: (bytes as u64).saturating_sub(1),
        },
        Trouble::Crowded { count, max, .. } => Fault::Busy {
            endpoint: endpoint.label.to_string(),
            text: format!("{count} transactions of the account are under way, at most {max} may be"),
            until: endpoints::now(),
        },
        Trouble::WouldFail { message, said } => Fault::WouldRevert(Revert {
            message: message
                .and_then(|message| message.checked_sub(updates))
                .and_then(|message| u32::try_from(message).ok()),
            ..revert(&said)
        }),
        // For example that all of its packets are delivered already.
        Trouble::Refused(said) => Fault::WouldRevert(revert(&said)),
        Trouble::Empty | Trouble::Key(_) => Fault::Signer { text },
    };
    Complaint::Ask(fault)
}

fn revert(said: &Said) -> Revert {
    Revert {
        message: None,
        data: Bytes::new(),
        text: said.to_string(),
        gas: None,
    }
}
