//! What a node's refusal of a height means for the pool of endpoints and for the machine.

use crate::refusal::Refusal;
use crate::rpc::Rpc;
use chain::{BlockNumber, Fault, NotYet};
use endpoints::Complaint;
use wire::Height;

/// The complaint about `refusal` of what was asked of block `height`.
///
/// Asked for a state, a node says the same of one that it has no longer and of one that it has not got yet; so it is asked
/// where it stands.
pub(crate) async fn lacking(rpc: &Rpc, refusal: Refusal, method: &str, at: Height) -> Complaint {
    match refusal {
        Refusal::Pruned { .. } | Refusal::NotYet(_) => {}
        other => return other.into_complaint(method),
    }
    let status = match rpc.status().await {
        Ok(status) => status,
        Err(complaint) => return complaint,
    };
    let is_early = at.revision_height >= status.latest || matches!(refusal, Refusal::NotYet(_));
    Complaint::from(if is_early {
        Fault::NotYet(NotYet::Block {
            wanted: BlockNumber(at.revision_height),
            newest: BlockNumber(status.latest),
        })
    } else {
        Fault::Pruned { at }
    })
}

/// The answer, or the complaint about its refusal.
pub(crate) async fn had<T>(
    rpc: &Rpc,
    answered: Result<Result<T, Refusal>, Complaint>,
    method: &str,
    at: Height,
) -> Result<T, Complaint> {
    match answered? {
        Ok(answer) => Ok(answer),
        Err(refusal) => Err(lacking(rpc, refusal, method, at).await),
    }
}
