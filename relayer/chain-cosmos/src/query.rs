//! Queries of the application that transactions need: an account, what gas a transaction would use, what gas costs.
//!
//! What this module must never do: believe. An answer is about what was asked, or none; that it is true, nothing proves.

use crate::price::Price;
use crate::refusal::{Refusal, Said};
use crate::rpc::{Answered, Rpc};
use alloy_primitives::U256;
use cosmrs::Any;
use cosmrs::proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use cosmrs::proto::cosmos::base::v1beta1::DecCoin;
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use cosmrs::proto::traits::Message;
use endpoints::Complaint;

const ACCOUNT: &str = "/cosmos.auth.v1beta1.Query/Account";
const BALANCE: &str = "/cosmos.bank.v1beta1.Query/Balance";
const SIMULATE: &str = "/cosmos.tx.v1beta1.Service/Simulate";
const GAS_PRICE: &str = "/feemarket.feemarket.v1.Query/GasPrice";
/// The SDK's code of a key that is not found.
const NOT_FOUND: u32 = 22;
/// Accounts that hold a plain one, and how deep it lies in their first fields.
const NESTED: [(&str, usize); 7] = [
    ("/cosmos.auth.v1beta1.ModuleAccount", 1),
    ("/ethermint.types.v1.EthAccount", 1),
    ("/cosmos.vesting.v1beta1.BaseVestingAccount", 1),
    ("/cosmos.vesting.v1beta1.ContinuousVestingAccount", 2),
    ("/cosmos.vesting.v1beta1.DelayedVestingAccount", 2),
    ("/cosmos.vesting.v1beta1.PeriodicVestingAccount", 2),
    ("/cosmos.vesting.v1beta1.PermanentLockedAccount", 2),
];
const BASE: &str = "/cosmos.auth.v1beta1.BaseAccount";

/// What a state says of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OnChain {
    /// The height of the state.
    pub(crate) height: u64,
    pub(crate) number: u64,
    /// Of its next transaction.
    pub(crate) sequence: u64,
}

/// What there is at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Account(OnChain),
    Nothing,
    /// An account of a kind that is not known here.
    Strange(String),
}

/// `feemarket.feemarket.v1.GasPriceRequest`.
#[derive(Clone, PartialEq, prost::Message)]
struct GasPriceRequest {
    #[prost(string, tag = "1")]
    denom: String,
}

/// `feemarket.feemarket.v1.GasPriceResponse`.
#[derive(Clone, PartialEq, prost::Message)]
struct GasPriceResponse {
    #[prost(message, optional, tag = "1")]
    price: Option<DecCoin>,
}

/// Any message whose first field is a message.
#[derive(Clone, PartialEq, prost::Message)]
struct Outer {
    #[prost(bytes = "vec", optional, tag = "1")]
    inner: Option<Vec<u8>>,
}

impl Rpc {
    /// The account `address` in the newest state.
    pub(crate) async fn account(&self, address: &str) -> Answered<Found> {
        let request = QueryAccountRequest {
            address: address.to_owned(),
        };
        let answer = match self.query(ACCOUNT, &request.encode_to_vec(), None).await? {
            Ok(answer) => answer,
            Err(Refusal::Application(Said { code: NOT_FOUND, .. })) => return Ok(Ok(Found::Nothing)),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let any = read::<QueryAccountResponse>(ACCOUNT, &answer.value)?
            .account
            .ok_or_else(|| Complaint::malformed(format!("{ACCOUNT} answered no account")))?;
        let Some(base) = base_account(&any)? else {
            return Ok(Ok(Found::Strange(any.type_url)));
        };
        if base.address != address {
            return Err(Complaint::malformed(format!(
                "asked for account {address}, got {}",
                base.address
            )));
        }
        Ok(Ok(Found::Account(OnChain {
            height: answer.height,
            number: base.account_number,
            sequence: base.sequence,
        })))
    }

    /// The gas that a transaction would use; the application's refusal if it would fail.
    pub(crate) async fn simulate(&self, tx: Vec<u8>) -> Answered<u64> {
        let request = SimulateRequest {
            tx_bytes: tx,
            ..SimulateRequest::default()
        };
        let answer = match self.query(SIMULATE, &request.encode_to_vec(), None).await? {
            Ok(answer) => answer,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let gas = read::<SimulateResponse>(SIMULATE, &answer.value)?.gas_info;
        match gas.map(|gas| gas.gas_used) {
            Some(used) if used > 0 => Ok(Ok(used)),
            other => Err(Complaint::malformed(format!(
                "{SIMULATE} says that a transaction uses gas {other:?}"
            ))),
        }
    }

    /// What `address` holds of `denom`, in its smallest part.
    pub(crate) async fn balance(&self, address: &str, denom: &str) -> Result<U256, Complaint> {
        let request = QueryBalanceRequest {
            address: address.to_owned(),
            denom: denom.to_owned(),
        };
        let answer = self.query(BALANCE, &request.encode_to_vec(), None).await?;
        let answer = answer.map_err(|refusal| refusal.into_complaint(BALANCE))?;
        let coin = read::<QueryBalanceResponse>(BALANCE, &answer.value)?
            .balance
            .unwrap_or_default();
        match coin.amount.parse() {
            Ok(amount) if coin.denom == denom => Ok(amount),
            _ => Err(Complaint::malformed(format!(
                "asked for a balance of {denom}, got {:?} of {:?}",
                coin.amount, coin.denom
            ))),
        }
    }

    /// What the chain's feemarket asks for a unit of gas in `denom`.
    pub(crate) async fn market_price(&self, denom: &str) -> Answered<Price> {
        let request = GasPriceRequest {
            denom: denom.to_owned(),
        };
        let answer = match self.query(GAS_PRICE, &request.encode_to_vec(), None).await? {
            Ok(answer) => answer,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let coin = read::<GasPriceResponse>(GAS_PRICE, &answer.value)?
            .price
            .unwrap_or_default();
        // The SDK writes its decimals in protobuf as a whole number of the smallest part.
        let digits = !coin.amount.is_empty() && coin.amount.bytes().all(|byte| byte.is_ascii_digit());
        match coin.amount.parse() {
            Ok(price) if digits && coin.denom == denom => Ok(Ok(Price(price))),
            _ => Err(Complaint::malformed(format!(
                "asked for the price of gas in {denom}, got {:?} in {:?}",
                coin.amount, coin.denom
            ))),
        }
    }
}

/// The plain account in an account; none if the kind is not known.
fn base_account(any: &Any) -> Result<Option<BaseAccount>, Complaint> {
    let depth = match NESTED.iter().find(|(kind, _)| *kind == any.type_url) {
        Some((_, depth)) => *depth,
        None if any.type_url == BASE => 0,
        None => return Ok(None),
    };
    let mut bytes = any.value.clone();
    for _ in 0..depth {
        bytes = read::<Outer>(ACCOUNT, &bytes)?.inner.unwrap_or_default();
    }
    read(ACCOUNT, &bytes).map(Some)
}

fn read<M: Message + Default>(path: &str, bytes: &[u8]) -> Result<M, Complaint> {
    M::decode(bytes).map_err(|error| Complaint::malformed(format!("{path} answered something else: {error}")))
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
