//! Attestations of this chain's states: what an attestor says of its own node, and what a relayer collects of several.
//!
//! All attestors are asked at once, and the collector goes on as soon as enough have signed: one who is silent or slow costs
//! nothing while the others suffice. An answer counts only if it says of the block what the relayer's own node says, and if
//! its signature is, by the law crate, that of an attestor who counts and not yet counted. So a liar is like a silent one.
//!
//! What this module must never do: sign (the attestor daemon does, after it has looked into its book).

use crate::evm::Evm;
use crate::proofs;
use alloy_primitives::{Address, B256, Bytes, U256};
use attestor::{Attestation, Claim, Signed, Trusted, Update};
use chain::{BlockNumber, ClientUpdate, Fault, Finalized, NotYet, UpdatePlan};
use endpoints::{Complaint, Defect, Endpoint, Pool, exchange, shortened};
use ethereum::Slot;
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;
use wire::{Height, Seconds};

/// What an attestor answers: docs/formats/attestor.md, "Asking an attestor".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attested {
    /// The block.
    pub height: u64,
    /// Its time (Unix seconds).
    pub timestamp: u64,
    /// The root of the router's storage after it.
    pub storage_root: B256,
    /// The attestor's signature over these.
    pub signature: Bytes,
}

/// The updates that move an attestor client to the newest block that is attested at the finalized slot `to`.
pub(crate) async fn plan(evm: &Evm, trusted: &Trusted, to: Slot) -> Result<UpdatePlan, Fault> {
    let anchor = evm.anchor(to).await?;
    let interval = trusted.config.interval.max(1);
    let height = anchor.block.saturating_sub(anchor.block % interval);
    let newest = trusted.newest().map_or(0, |state| state.height);
    let mut updates = Vec::new();
    if height > newest {
        let claim = claim_of(evm, height).await?;
        let collected = collect(evm, trusted, height, &claim).await;
        // Who contradicted himself is to lose his weight first: nobody should count on him.
        updates.push(match evm.witness.evidence(trusted, Seconds(anchor.timestamp)) {
            Some(evidence) => ClientUpdate::Evidence(evidence),
            None => ClientUpdate::Attestors(Update::State(Attestation {
                height,
                claim,
                signatures: collected?,
            })),
        });
    }
    let block = BlockNumber(height.max(newest));
    let reached = Finalized {
        height: Height::of(block.0),
        block,
        timestamp: Seconds(anchor.timestamp),
    };
    Ok(UpdatePlan { updates, reached })
}

/// What this chain's own node says of a block.
pub(crate) async fn claim_of(evm: &Evm, height: u64) -> Result<Claim, Fault> {
    let anchor = &evm.anchor_of_block(height).await?;
    let router = evm.settings.router;
    let storage_root = evm
        .on_rpc(|rpc| async move { proofs::storage_root(&rpc, router, anchor).await })
        .await?;
    Ok(Claim {
        timestamp: Seconds(anchor.timestamp),
        storage_root,
    })
}

impl Evm {
    /// What may be attested of block `height`: it is final by this chain's own endpoints.
    ///
    /// Fails with [`NotYet`] before it is.
    pub async fn attestable(&self, height: u64) -> Result<Claim, Fault> {
        let finalized = self.head().await?.finalized;
        if height > finalized.block.0 {
            return Err(Fault::NotYet(NotYet::Block {
                wanted: BlockNumber(height),
                newest: finalized.block,
            }));
        }
        claim_of(self, height).await
    }
}

/// Signatures of enough weight over `claim`, in the order in which the client takes them.
pub(crate) async fn collect(
    evm: &Evm,
    trusted: &Trusted,
    height: u64,
    claim: &Claim,
) -> Result<Vec<Signed>, Fault> {
    let Some(pool) = &evm.attestors else {
        let text = format!(
            "chain {} has no [[chains.attestors]] in the configuration, so nobody can be asked to attest its states",
            evm.name()
        );
        return Err(Fault::Signer { text });
    };
    let mut asked = ask_all(pool, attested_path(trusted, height));
    let mut gathered = BTreeMap::new();
    let (mut weight, threshold) = (0_u64, trusted.set.threshold());
    while weight < threshold
        && let Some(joined) = asked.join_next().await
    {
        let Ok((label, answer)) = joined else {
            continue;
        };
        let heard = answer.and_then(|attested| hear(evm, trusted, height, &attested));
        match heard
            .and_then(|(theirs, signed, weight)| agree(height, claim, &theirs).map(|()| (signed, weight)))
        {
            Ok((signed, _)) if gathered.contains_key(&signed.index) => {}
            Ok((signed, more)) => {
                weight = weight.saturating_add(more);
                gathered.insert(signed.index, signed);
            }
            Err(text) => {
                tracing::warn!(attestor = %label, height, text = %shortened(&text), "no attestation");
            }
        }
    }
    if weight < threshold {
        return Err(Fault::NotYet(NotYet::Attestation {
            weight,
            threshold,
            block: BlockNumber(height),
        }));
    }
    Ok(gathered.into_values().collect())
}

/// What an attestor who counts says of block `height`, and his weight. It is remembered, true or not.
pub(crate) fn hear(
    evm: &Evm,
    trusted: &Trusted,
    height: u64,
    attested: &Attested,
) -> Result<(Claim, Signed, u64), String> {
    let (claim, signed, weight) = read(trusted, height, attested)?;
    evm.witness.note(trusted, height, &claim, &signed);
    Ok((claim, signed, weight))
}

fn read(trusted: &Trusted, height: u64, attested: &Attested) -> Result<(Claim, Signed, u64), String> {
    if attested.height != height {
        return Err(format!(
            "asked for block {height}, it answered with {}",
            attested.height
        ));
    }
    let claim = Claim {
        timestamp: Seconds(attested.timestamp),
        storage_root: attested.storage_root,
    };
    let signature = compact(&attested.signature);
    let (signed, weight) = attestor::signed_by(trusted, height, &claim, &signature)
        .ok_or_else(|| "its signature is of nobody who counts in the client's set".to_owned())?;
    Ok((claim, signed, weight))
}

/// An answer counts only if it says what our own node says.
fn agree(height: u64, ours: &Claim, theirs: &Claim) -> Result<(), String> {
    if theirs == ours {
        return Ok(());
    }
    Err(format!(
        "it says of block {height} root {} at {}, our node says root {} at {}",
        theirs.storage_root, theirs.timestamp, ours.storage_root, ours.timestamp
    ))
}

/// The 64 bytes of EIP-2098, which all signatures of one message have; of anything else the law says what is wrong.
pub(crate) fn compact(signature: &[u8]) -> Vec<u8> {
    let (Some(first), Some(27 | 28), 65) = (signature.get(..64), signature.last(), signature.len()) else {
        return signature.to_vec();
    };
    let mut bytes = first.to_vec();
    if signature.last() == Some(&28)
        && let Some(byte) = bytes.get_mut(32)
    {
        // A signature whose s is not low has this bit already, and stays refused: its s becomes another one.
        *byte |= 0x80;
    }
    bytes
}

/// Where an attestor is asked for a block, for the client that will judge its signature.
pub(crate) fn attested_path(trusted: &Trusted, height: u64) -> Vec<String> {
    let mut path = path_of("attestations", trusted);
    path.push(height.to_string());
    path
}

/// Where it is asked for the rotation that it agrees to.
pub(crate) fn agreed_path(trusted: &Trusted) -> Vec<String> {
    path_of("rotations", trusted)
}

fn path_of(what: &str, trusted: &Trusted) -> Vec<String> {
    let host = U256::from_be_bytes(trusted.config.host.0);
    let contract = Address::from_word(trusted.config.contract);
    vec![
        "v1".to_owned(),
        what.to_owned(),
        host.to_string(),
        contract.to_string(),
        trusted.set_id.to_string(),
    ]
}

/// Answers on their way, each with the name of its endpoint.
pub(crate) type Asked<T> = JoinSet<(Arc<str>, Result<T, String>)>;

/// Asks all attestors at once.
pub(crate) fn ask_all<T: DeserializeOwned + Send + 'static>(pool: &Pool, path: Vec<String>) -> Asked<T> {
    let mut asked = JoinSet::new();
    for endpoint in pool.endpoints() {
        let (endpoint, path) = (endpoint.clone(), path.clone());
        asked.spawn(async move {
            let answer = ask(&endpoint, &path).await;
            (endpoint.label, answer)
        });
    }
    asked
}

async fn ask<T: DeserializeOwned>(endpoint: &Endpoint, path: &[String]) -> Result<T, String> {
    let mut url = endpoint.url.clone();
    match url.path_segments_mut() {
        Ok(mut segments) => {
            segments.pop_if_empty().extend(path);
        }
        Err(()) => return Err("the url cannot have a path".to_owned()),
    }
    let response = match exchange(endpoint, endpoint.http.get(url)).await {
        Ok(response) => response,
        Err(Complaint::Endpoint(Defect::Unreachable | Defect::Busy(_), text)) => return Err(text),
        Err(Complaint::Endpoint(_, text)) => return Err(text),
        Err(Complaint::Ask(fault) | Complaint::Lacks(fault)) => return Err(fault.to_string()),
    };
    if response.status != StatusCode::OK {
        let said = String::from_utf8_lossy(&response.body).into_owned();
        return Err(format!("HTTP status {}: {said}", response.status));
    }
    serde_json::from_slice(&response.body).map_err(|error| format!("it answered something else: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::signers::SignerSync;
    use alloy::signers::local::PrivateKeySigner;

    const HEIGHT: u64 = 12;

    fn keys() -> Vec<PrivateKeySigner> {
        let mut keys: Vec<PrivateKeySigner> = (0..3).map(|_| PrivateKeySigner::random()).collect();
        keys.sort_by_key(PrivateKeySigner::address);
        keys
    }

    /// A client that believes two of three.
    fn client(keys: &[PrivateKeySigner]) -> Trusted {
        let config = attestor::Config {
            host: wire::sign::word(7),
            contract: Address::repeat_byte(9).into_word(),
            commitments_slot: wire::COMMITMENTS_SLOT,
            trust_period: Seconds(1_000),
            interval: 4,
            capacity: 8,
            rotation_delay: Seconds(3_600),
        };
        let members = keys.iter().map(|key| attestor::Attestor {
            signer: key.address(),
            weight: 1,
        });
        let set = attestor::Set::new(2, members.collect()).expect("a set");
        Trusted::from_parts(config, set, 1, [], false).expect("a client")
    }

    fn claim(byte: u8) -> Claim {
        Claim {
            timestamp: Seconds(100),
            storage_root: B256::repeat_byte(byte),
        }
    }

    fn attested(trusted: &Trusted, key: &PrivateKeySigner, height: u64, claim: &Claim) -> Attested {
        let digest = claim.digest(&trusted.config.domain(trusted.set_id), height);
        Attested {
            height,
            timestamp: claim.timestamp.0,
            storage_root: claim.storage_root,
            signature: key
                .sign_hash_sync(&digest)
                .expect("signed")
                .as_bytes()
                .to_vec()
                .into(),
        }
    }

    fn judge(trusted: &Trusted, claim: &Claim, answer: &Attested) -> Result<Signed, String> {
        let (theirs, signed, _) = read(trusted, HEIGHT, answer)?;
        agree(HEIGHT, claim, &theirs).map(|()| signed)
    }

    #[test]
    fn what_was_gathered_is_what_the_law_accepts() {
        let keys = keys();
        let trusted = client(&keys);
        let claim = claim(1);
        let gathered = keys.iter().skip(1).map(|key| {
            let answer = attested(&trusted, key, HEIGHT, &claim);
            judge(&trusted, &claim, &answer).expect("it counts")
        });
        let update = Update::State(Attestation {
            height: HEIGHT,
            claim,
            signatures: gathered.collect(),
        });
        let advance = attestor::verify_update(&trusted, &update, Seconds(200));
        assert!(matches!(advance, Ok(client::Advance::Updated(_))), "{advance:?}");
    }

    #[test]
    fn a_lie_a_stranger_and_a_signature_for_another_client_do_not_count() {
        let keys = keys();
        let trusted = client(&keys);
        let (truth, lie) = (claim(1), claim(2));
        let answer = attested(&trusted, &keys[0], HEIGHT, &lie);
        let told = judge(&trusted, &truth, &answer).expect_err("a lie");
        assert!(told.contains("our node says"), "{told}");
        let late = attested(&trusted, &keys[0], HEIGHT + 4, &truth);
        assert!(judge(&trusted, &truth, &late).is_err());
        let stranger = attested(&trusted, &PrivateKeySigner::random(), HEIGHT, &truth);
        assert!(judge(&trusted, &truth, &stranger).is_err());
        let mut elsewhere = trusted.clone();
        elsewhere.config.host = wire::sign::word(8);
        let replayed = attested(&elsewhere, &keys[0], HEIGHT, &truth);
        assert!(judge(&trusted, &truth, &replayed).is_err());
        let mut broken = attested(&trusted, &keys[0], HEIGHT, &truth);
        broken.signature = Bytes::from_static(&[1; 65]);
        assert!(judge(&trusted, &truth, &broken).is_err());
    }
}
