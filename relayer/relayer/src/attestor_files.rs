//! Data files about attestors: whom a client believes, and the rotation that an attestor's operator agrees to.

use alloy_primitives::Address;
use anyhow::{Context, Result, anyhow};
use attest::{Consent, Served};
use attestor::{Attestor, Rotation, Set};
use chain_evm::AttestorTerms;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use wire::Seconds;

/// States that an attestor client keeps by default.
const CAPACITY: u32 = 1_024;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Believed {
    threshold: u64,
    interval: u64,
    rotation_delay_secs: u64,
    members: Vec<Member>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Agreement {
    client: String,
    set: u64,
    nonce: u64,
    expiry_unix_secs: u64,
    threshold: u64,
    members: Vec<Member>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    address: Address,
    weight: u64,
}

/// The terms of an attestor client: configs/attestors.toml.
pub(crate) fn read_terms(file: &Path, trust_period: Seconds, capacity: Option<u32>) -> Result<AttestorTerms> {
    let data: Believed = read(file)?;
    Ok(AttestorTerms {
        set: set_of(file, data.threshold, &data.members)?,
        trust_period,
        interval: data.interval,
        capacity: capacity.unwrap_or(CAPACITY),
        rotation_delay: Seconds(data.rotation_delay_secs),
    })
}

/// A rotation that an attestor agrees to: configs/rotation.toml.
pub(crate) fn read_consent(file: &Path) -> Result<Consent> {
    let data: Agreement = read(file)?;
    let client = served(&data.client);
    let client = client.map_err(|text| anyhow!("failed to use {}: {text}", file.display()))?;
    Ok(Consent {
        client,
        set: data.set,
        rotation: Rotation {
            nonce: data.nonce,
            expiry: Seconds(data.expiry_unix_secs),
            set: set_of(file, data.threshold, &data.members)?,
            signatures: Vec::new(),
        },
    })
}

/// A client, written as `chain-id/contract`.
pub(crate) fn served(text: &str) -> Result<Served, String> {
    let bad = || format!("{text} is no client; write it as chain id and contract, such as 7002/0x…");
    let (host, contract) = text.split_once('/').ok_or_else(bad)?;
    Ok(Served {
        host: host.parse().map_err(|_| bad())?,
        contract: contract.parse().map_err(|_| bad())?,
    })
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("failed to read {shown}"))?;
    toml::from_str(&text).with_context(|| format!("failed to understand {shown}"))
}

fn set_of(file: &Path, threshold: u64, members: &[Member]) -> Result<Set> {
    let members = members.iter().map(|member| Attestor {
        signer: member.address,
        weight: member.weight,
    });
    let mut members: Vec<Attestor> = members.collect();
    // A set has one form; the order in the file is the operator's.
    members.sort_by_key(|member| member.signer);
    Set::new(threshold, members)
        .map_err(|reject| anyhow!("failed to use {}: failed to {reject}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(name: &str) -> std::path::PathBuf {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../configs")).join(name)
    }

    #[test]
    fn the_examples_are_read() {
        let terms = read_terms(&example("attestors.toml"), Seconds(1), None).expect("terms");
        let consent = read_consent(&example("rotation.toml")).expect("a consent");
        assert_eq!((terms.set.threshold(), consent.rotation.set.threshold()), (3, 3));
        assert_ne!(terms.set, consent.rotation.set, "the example replaces somebody");
        assert_eq!(
            (consent.client.host, consent.set, consent.rotation.nonce),
            (7_002, 1, 0)
        );
    }

    #[test]
    fn a_client_is_named_by_chain_and_contract() {
        let named = served("7002/0x00000000000000000000000000000000000000a1").expect("a client");
        assert_eq!(named.host, 7_002);
        for bad in ["north/client-0", "7002", "7002/0x12"] {
            assert!(served(bad).expect_err("refused").contains("write it as"), "{bad}");
        }
    }

    #[test]
    fn a_rotation_to_a_set_that_is_never_safe_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("rotation.toml");
        let text = std::fs::read_to_string(example("rotation.toml")).expect("read");
        std::fs::write(&file, text.replace("threshold = 3", "threshold = 1")).expect("written");
        let refused = format!("{:#}", read_consent(&file).expect_err("refused"));
        assert!(refused.contains("alone reaches the threshold"), "{refused}");
    }
}
