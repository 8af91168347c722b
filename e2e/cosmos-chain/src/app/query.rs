//! Queries of the application, by the names of their gRPC methods, over the state of one height.

use cosmrs::Any;
use cosmrs::proto::cosmos::auth::v1beta1::{QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::cosmos::bank::v1beta1::{
    QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest, QueryBalanceResponse,
    QuerySupplyOfRequest, QuerySupplyOfResponse,
};
use cosmrs::proto::cosmos::base::abci::v1beta1::{GasInfo, Result as SdkResult};
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use cosmrs::proto::cosmos::staking::v1beta1::{Params, QueryParamsResponse};
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use prost::Message;
use tendermint_proto::google::protobuf::Duration;

use super::context::{Context, Moment};
use super::refused::{Answer, Refused, sdk};
use super::{Rules, address, auth, bank, execute};
use crate::ibc::queries;
use cosmos_store::Stores;

/// The query that runs a transaction.
pub(crate) const SIMULATE: &str = "/cosmos.tx.v1beta1.Service/Simulate";

/// Answers a query over the state of the height `at`.
pub(crate) fn answer(
    rules: &Rules,
    stores: &Stores,
    at: (u64, Moment),
    path: &str,
    request: &[u8],
) -> Answer<Vec<u8>> {
    let mut context = Context::new(rules, stores.clone(), at.0, at.1);
    match path {
        "/cosmos.auth.v1beta1.Query/Account" => account(&mut context, &read(request)?),
        "/cosmos.bank.v1beta1.Query/Balance" => balance(&mut context, &read(request)?),
        "/cosmos.bank.v1beta1.Query/AllBalances" => balances(&context, &read(request)?),
        "/cosmos.bank.v1beta1.Query/SupplyOf" => supply(&mut context, &read(request)?),
        "/cosmos.staking.v1beta1.Query/Params" => Ok(staking(rules)),
        _ => queries::answer(&mut context, path, request)
            .map_err(over_grpc)?
            .ok_or_else(|| sdk::UNKNOWN_REQUEST.because("unknown query path")),
    }
}

/// What a module does not find comes through gRPC, which has one code for that.
fn over_grpc(refused: Refused) -> Refused {
    if refused.codespace == "sdk" {
        return refused;
    }
    sdk::KEY_NOT_FOUND.because(format_args!("rpc error: code = NotFound desc = {}", refused.log))
}

/// A request, as the SDK reads it.
pub(crate) fn read<M: Message + Default>(request: &[u8]) -> Answer<M> {
    M::decode(request).map_err(|error| sdk::INVALID_REQUEST.because(error))
}

fn account(context: &mut Context<'_>, request: &QueryAccountRequest) -> Answer<Vec<u8>> {
    let address = address::parse(&context.rules.prefix, &request.address)?;
    let found = auth::find(context, &address)?.ok_or_else(|| {
        sdk::KEY_NOT_FOUND.because(format_args!(
            "rpc error: code = NotFound desc = account {} not found",
            request.address
        ))
    })?;
    let account = Some(Any {
        type_url: auth::BASE_ACCOUNT.into(),
        value: found.encode_to_vec(),
    });
    Ok(QueryAccountResponse { account }.encode_to_vec())
}

fn balance(context: &mut Context<'_>, request: &QueryBalanceRequest) -> Answer<Vec<u8>> {
    let address = address::parse(&context.rules.prefix, &request.address)?;
    let amount = bank::balance(context, &address, &request.denom)?;
    let balance = Some(Coin {
        denom: request.denom.clone(),
        amount: amount.to_string(),
    });
    Ok(QueryBalanceResponse { balance }.encode_to_vec())
}

fn balances(context: &Context<'_>, request: &QueryAllBalancesRequest) -> Answer<Vec<u8>> {
    let address = address::parse(&context.rules.prefix, &request.address)?;
    Ok(QueryAllBalancesResponse {
        balances: bank::balances(context, &address),
        pagination: None,
    }
    .encode_to_vec())
}

fn supply(context: &mut Context<'_>, request: &QuerySupplyOfRequest) -> Answer<Vec<u8>> {
    let amount = bank::supply(context, &request.denom)?;
    let amount = Some(Coin {
        denom: request.denom.clone(),
        amount: amount.to_string(),
    });
    Ok(QuerySupplyOfResponse { amount }.encode_to_vec())
}

fn staking(rules: &Rules) -> Vec<u8> {
    let seconds = i64::try_from(rules.unbonding_secs).unwrap_or(i64::MAX);
    let params = Params {
        unbonding_time: Some(Duration { seconds, nanos: 0 }),
        max_validators: 100,
        max_entries: 7,
        historical_entries: 10_000,
        bond_denom: rules.denom.clone(),
        min_commission_rate: "0".to_owned(),
    };
    QueryParamsResponse { params: Some(params) }.encode_to_vec()
}

/// Runs a transaction on `stores` and tells what gas it used.
pub(crate) fn simulate(rules: &Rules, stores: &Stores, at: (u64, Moment), request: &[u8]) -> Answer<Vec<u8>> {
    let request: SimulateRequest = read(request)?;
    let done = execute::simulate(rules, stores.clone(), at, &request.tx_bytes)?;
    let response = SimulateResponse {
        gas_info: Some(GasInfo {
            gas_wanted: 0,
            gas_used: done.gas_used,
        }),
        result: Some(SdkResult {
            log: done.log,
            ..SdkResult::default()
        }),
    };
    Ok(response.encode_to_vec())
}
