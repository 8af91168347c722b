//! The checked-in contracts: ABI, creation code, and the code that must lie at a deployed address.
//!
//! What this module must never do: accept code that differs outside the places that a constructor fills in.

use alloy::json_abi::JsonAbi;
use alloy_primitives::{Address, Bytes};
use serde::Deserialize;
use std::borrow::Cow;

/// The router.
pub(crate) const ROUTER: &str = include_str!("../../../contracts/artifacts/Router.json");
/// The light client of a beacon chain.
pub(crate) const BEACON_CLIENT: &str = include_str!("../../../contracts/artifacts/BeaconClient.json");
/// The light client that believes attestors.
pub(crate) const ATTESTOR_CLIENT: &str = include_str!("../../../contracts/artifacts/AttestorClient.json");
/// The light client made of light clients.
pub(crate) const POLICY_CLIENT: &str = include_str!("../../../contracts/artifacts/PolicyClient.json");
/// The light client of a CometBFT chain.
pub(crate) const TENDERMINT_CLIENT: &str = include_str!("../../../contracts/artifacts/TendermintClient.json");
/// The part of it that verifies signatures.
pub(crate) const TENDERMINT_VERIFIER: &str =
    include_str!("../../../contracts/artifacts/TendermintVerifier.json");
/// The token transfer application.
pub(crate) const TRANSFER: &str = include_str!("../../../contracts/artifacts/Transfer.json");
/// The part of it that is not on the way of a packet.
pub(crate) const TRANSFER_DESK: &str = include_str!("../../../contracts/artifacts/TransferDesk.json");
/// The part of that which knows the limits.
pub(crate) const LIMIT_DESK: &str = include_str!("../../../contracts/artifacts/LimitDesk.json");
/// The call application.
pub(crate) const CALL: &str = include_str!("../../../contracts/artifacts/Call.json");
/// What accounts are clones of.
pub(crate) const ACCOUNT: &str = include_str!("../../../contracts/artifacts/Account.json");
/// What vouchers are clones of.
pub(crate) const VOUCHER: &str = include_str!("../../../contracts/artifacts/Voucher.json");
/// What creates escrows.
pub(crate) const ESCROWS: &str = include_str!("../../../contracts/artifacts/Escrows.json");
/// What counts the guardians' signatures.
pub(crate) const GUARDIANS: &str = include_str!("../../../contracts/artifacts/Guardians.json");
/// OpenZeppelin's timelock.
pub(crate) const TIMELOCK: &str = include_str!("../../../contracts/artifacts/TimelockController.json");
/// OpenZeppelin's access manager.
pub(crate) const AUTHORITY: &str = include_str!("../../../contracts/artifacts/AccessManager.json");
/// OpenZeppelin's proxy.
pub(crate) const PROXY: &str = include_str!("../../../contracts/artifacts/ERC1967Proxy.json");

/// What [`crate::Evm`] creates contracts from: by default the checked-in contracts.
///
/// Others are for suites that want to see what a contract does without one of its checks. What a client's code must be,
/// [`crate::verify_end`] decides by the checked-in contract whatever was created from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifacts {
    pub(crate) timelock: Cow<'static, str>,
    pub(crate) authority: Cow<'static, str>,
    pub(crate) guardians: Cow<'static, str>,
    pub(crate) proxy: Cow<'static, str>,
    pub(crate) voucher: Cow<'static, str>,
    pub(crate) escrows: Cow<'static, str>,
    pub(crate) transfer: Cow<'static, str>,
    pub(crate) transfer_desk: Cow<'static, str>,
    pub(crate) limit_desk: Cow<'static, str>,
    pub(crate) call: Cow<'static, str>,
    pub(crate) account: Cow<'static, str>,
    pub(crate) router: Cow<'static, str>,
    pub(crate) beacon_client: Cow<'static, str>,
    pub(crate) attestor_client: Cow<'static, str>,
    pub(crate) policy_client: Cow<'static, str>,
    pub(crate) tendermint_client: Cow<'static, str>,
}

impl Default for Artifacts {
    fn default() -> Self {
        Self {
            timelock: TIMELOCK.into(),
            authority: AUTHORITY.into(),
            guardians: GUARDIANS.into(),
            proxy: PROXY.into(),
            voucher: VOUCHER.into(),
            escrows: ESCROWS.into(),
            transfer: TRANSFER.into(),
            transfer_desk: TRANSFER_DESK.into(),
            limit_desk: LIMIT_DESK.into(),
            call: CALL.into(),
            account: ACCOUNT.into(),
            router: ROUTER.into(),
            beacon_client: BEACON_CLIENT.into(),
            attestor_client: ATTESTOR_CLIENT.into(),
            policy_client: POLICY_CLIENT.into(),
            tendermint_client: TENDERMINT_CLIENT.into(),
        }
    }
}

impl Artifacts {
    /// The artifact file of the attestor client.
    pub fn attestor_client(&self) -> &str {
        &self.attestor_client
    }

    /// The artifact file of the policy client.
    pub fn policy_client(&self) -> &str {
        &self.policy_client
    }

    /// The artifact file of the client of a CometBFT chain.
    pub fn tendermint_client(&self) -> &str {
        &self.tendermint_client
    }

    /// The same with the artifact file `json` in the place of `contract`'s; `None` if nothing of that name is created.
    #[must_use]
    pub fn with(mut self, contract: &str, json: String) -> Option<Self> {
        let place = match contract {
            "TimelockController" => &mut self.timelock,
            "AccessManager" => &mut self.authority,
            "Guardians" => &mut self.guardians,
            "ERC1967Proxy" => &mut self.proxy,
            "Voucher" => &mut self.voucher,
            "Escrows" => &mut self.escrows,
            "Transfer" => &mut self.transfer,
            "TransferDesk" => &mut self.transfer_desk,
            "LimitDesk" => &mut self.limit_desk,
            "Call" => &mut self.call,
            "Account" => &mut self.account,
            "Router" => &mut self.router,
            "BeaconClient" => &mut self.beacon_client,
            "AttestorClient" => &mut self.attestor_client,
            "PolicyClient" => &mut self.policy_client,
            "TendermintClient" => &mut self.tendermint_client,
            _ => return None,
        };
        *place = json.into();
        Some(self)
    }
}

/// A compiled contract.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Artifact {
    pub(crate) abi: JsonAbi,
    pub(crate) bytecode: Object,
    pub(crate) deployed_bytecode: Object,
    pub(crate) immutable_references: Vec<Range>,
}

/// Bytes as the compiler writes them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Object {
    pub(crate) object: Bytes,
}

/// A place in the deployed code that the constructor fills in.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Range {
    start: usize,
    length: usize,
}

/// Where code differs from what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// Nothing is there.
    #[error("there is no code at {address}")]
    Missing {
        /// The address.
        address: Address,
    },
    /// It has another length.
    #[error("the code is {found} bytes long, that of {contract} {expected}")]
    Length {
        /// The contract expected.
        contract: &'static str,
        /// Its length in bytes.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// It differs outside the immutable values.
    #[error("the code differs from that of {contract} at byte {position}")]
    Differs {
        /// The contract expected.
        contract: &'static str,
        /// The first byte that differs.
        position: usize,
    },
}

impl Artifact {
    /// Reads an artifact file.
    pub(crate) fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// Creation code with the constructor's arguments.
    pub(crate) fn creation(&self, arguments: &[u8]) -> Bytes {
        [self.bytecode.object.as_ref(), arguments].concat().into()
    }

    /// Whether `input` is creation code of this contract, with whatever arguments.
    pub(crate) fn made(&self, input: &[u8]) -> bool {
        let creation = self.bytecode.object.as_ref();
        !creation.is_empty() && input.starts_with(creation)
    }

    /// Checks that `code` is this contract, whatever its immutable values are.
    pub(crate) fn check_code(
        &self,
        contract: &'static str,
        address: Address,
        code: &[u8],
    ) -> Result<(), CodeFault> {
        let expected = self.deployed_bytecode.object.as_ref();
        if code.is_empty() {
            return Err(CodeFault::Missing { address });
        }
        if code.len() != expected.len() {
            return Err(CodeFault::Length {
                contract,
                expected: expected.len(),
                found: code.len(),
            });
        }
        let masked = |position: usize| {
            self.immutable_references
                .iter()
                .any(|range| position >= range.start && position < range.start.saturating_add(range.length))
        };
        match code
            .iter()
            .zip(expected)
            .enumerate()
            .find(|(at, (found, right))| found != right && !masked(*at))
        {
            Some((position, _)) => Err(CodeFault::Differs { contract, position }),
            None => Ok(()),
        }
    }
}
