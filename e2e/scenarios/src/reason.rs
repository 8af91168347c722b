//! Why a call was refused: the name of the custom error in its revert data.

use crate::contracts::{Call, Transfer};
use alloy::{
    json_abi::JsonAbi,
    primitives::{Bytes, Selector},
    sol_types::SolError,
};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Every contract whose errors can come back from a call to the bridge.
const ARTIFACTS: [&str; 10] = [
    include_str!("../../../contracts/artifacts/Router.json"),
    include_str!("../../../contracts/artifacts/BeaconClient.json"),
    include_str!("../../../contracts/artifacts/AttestorClient.json"),
    include_str!("../../../contracts/artifacts/PolicyClient.json"),
    include_str!("../../../contracts/artifacts/TendermintClient.json"),
    include_str!("../../../contracts/artifacts/TendermintVerifier.json"),
    include_str!("../../../contracts/artifacts/Transfer.json"),
    include_str!("../../../contracts/artifacts/LimitDesk.json"),
    include_str!("../../../contracts/artifacts/Call.json"),
    include_str!("../../../contracts/artifacts/Guardians.json"),
];

#[derive(Deserialize)]
struct Artifact {
    abi: JsonAbi,
}

/// Names of custom errors by selector.
#[derive(Debug)]
pub struct Reasons(BTreeMap<Selector, String>);

impl Reasons {
    /// The errors of all contracts.
    ///
    /// # Errors
    /// A checked-in artifact is not readable.
    pub fn load() -> Result<Self> {
        let mut names = BTreeMap::new();
        for artifact in ARTIFACTS {
            let artifact: Artifact = serde_json::from_str(artifact).context("an artifact is not readable")?;
            names.extend(
                artifact
                    .abi
                    .errors()
                    .map(|error| (error.selector(), error.name.clone())),
            );
        }
        Ok(Self(names))
    }

    /// The name of the error in `data`; the data itself if no contract here declares it. Where an error only hands on
    /// another one, that one's.
    pub(crate) fn name(&self, data: &Bytes) -> String {
        match handed_on(data) {
            Some(inner) => self.name(&inner),
            None => self
                .declared(data)
                .map_or_else(|| format!("unknown revert data {data}"), str::to_owned),
        }
    }

    /// The name of the error in `data`; none if no contract here declares it.
    pub fn declared(&self, data: &[u8]) -> Option<&str> {
        let selector = Selector::try_from(data.get(..4)?).ok()?;
        self.0.get(&selector).map(String::as_str)
    }
}

/// The error that the error in `data` hands on, if it is of those that do.
fn handed_on(data: &Bytes) -> Option<Bytes> {
    let inner = if let Ok(later) = Transfer::DeliverLater::abi_decode(data) {
        later.reason
    } else {
        Call::CallFailed::abi_decode(data).ok()?.reason
    };
    (!inner.is_empty()).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::{Address, keccak256};

    #[test]
    fn names_an_error_by_its_selector_and_nothing_else() {
        let reasons = Reasons::load().unwrap();
        let data = Bytes::copy_from_slice(&keccak256("EmptyProof()")[..4]);
        assert_eq!(reasons.name(&data), "EmptyProof");
        assert!(reasons.name(&Bytes::from_static(&[1, 2, 3])).contains("0x010203"));
    }

    #[test]
    fn names_the_error_that_another_hands_on() {
        let reasons = Reasons::load().unwrap();
        let inner = Bytes::copy_from_slice(&keccak256("EmptyProof()")[..4]);
        let failed = Call::CallFailed {
            target: Address::ZERO,
            reason: inner,
        };
        let later = Transfer::DeliverLater {
            reason: failed.abi_encode().into(),
        };
        assert_eq!(reasons.name(&later.abi_encode().into()), "EmptyProof");
        let silent = Call::CallFailed {
            target: Address::ZERO,
            reason: Bytes::new(),
        };
        assert_eq!(reasons.name(&silent.abi_encode().into()), "CallFailed");
    }
}
