//! Steps of a client that are no calls of the router: its next set of attestors takes over by a call of the client itself.

use crate::abi::{AttestorClient, PolicyClient};
use crate::client_view::{contract_of, view};
use crate::rpc::{At, Rpc};
use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use chain::{ClientUpdate, Fault, Submission};
use endpoints::Complaint;

/// The contract in which a set of attestors is to take over, if that is what `submission` is for.
pub(crate) async fn rotating_contract(
    rpc: &Rpc,
    router: Address,
    submission: &Submission,
) -> Result<Option<Address>, Complaint> {
    let ([one], []) = (submission.updates.as_slice(), submission.messages.as_slice()) else {
        return Ok(None);
    };
    match &one.update {
        ClientUpdate::CompleteRotation => contract_of(rpc, router, &one.client, At::Latest).await.map(Some),
        ClientUpdate::Leaf { leaf, update } if **update == ClientUpdate::CompleteRotation => {
            let policy = contract_of(rpc, router, &one.client, At::Latest).await?;
            let name = one.client.as_str();
            let leaves = view(rpc, policy, &PolicyClient::getLeavesCall {}, At::Latest, name).await?;
            let Some(found) = leaves.get(usize::from(*leaf)) else {
                let text = format!("its policy has {} leaves, there is no leaf {leaf}", leaves.len());
                let id = name.to_owned();
                return Err(Fault::NoClient { id, text }.into());
            };
            Ok(Some(found.client))
        }
        ClientUpdate::Ethereum(_)
        | ClientUpdate::Attestors(_)
        | ClientUpdate::Tendermint(_)
        | ClientUpdate::Misbehaviour(_)
        | ClientUpdate::Evidence(_)
        | ClientUpdate::Leaf { .. } => Ok(None),
    }
}

/// The call by which the set that waits takes over.
pub(crate) fn take_over() -> Bytes {
    AttestorClient::completeRotationCall {}.abi_encode().into()
}
