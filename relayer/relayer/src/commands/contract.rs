//! `relayer contract deploy`: data in, addresses out.

use super::{Needs, load, open_evm};
use crate::cli::ContractVerb;
use crate::output::Format;
use alloy_primitives::Address;
use anyhow::{Context, Result, anyhow};
use chain_evm::{DefaultLimit, Deployment};
use serde::Deserialize;
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;

/// The data file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    chain: String,
    /// Whether plain keys may govern: on a test network only.
    #[serde(default)]
    keys_allowed: bool,
    timelock: Timelock,
    roles: Roles,
    guardians: Guardians,
    #[serde(default)]
    limits: Vec<Limit>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Timelock {
    proposers: Vec<Address>,
    executors: Vec<Address>,
    delay_secs: u64,
}

/// Who has the authority's roles, beside the timelock.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Roles {
    limit_lowerers: Vec<Address>,
}

/// Who may halt, and how many of them it takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Guardians {
    members: Vec<Address>,
    small_quorum: usize,
    large_quorum: usize,
}

/// The default of a client in both directions. Amounts are texts: they may be larger than numbers of TOML.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    client: String,
    #[serde(default)]
    unlimited: bool,
    capacity: Option<String>,
    per_day: Option<String>,
}

impl Limit {
    fn read(self) -> Result<DefaultLimit> {
        let client = self.client;
        let amounts = match (self.unlimited, self.capacity, self.per_day) {
            (true, None, None) => None,
            (false, Some(capacity), Some(per_day)) => {
                let amount = |text: String| {
                    text.parse::<u128>().with_context(|| {
                        format!("failed to read the limit of {client}: {text:?} is no amount")
                    })
                };
                Some((amount(capacity)?, amount(per_day)?))
            }
            _ => anyhow::bail!(
                "failed to read the limit of {client}: say either `unlimited = true`, or `capacity` and `per_day`"
            ),
        };
        Ok(DefaultLimit { client, amounts })
    }
}

pub(super) async fn execute(verb: ContractVerb) -> Result<ExitCode> {
    let ContractVerb::Deploy {
        common,
        patience,
        data,
    } = verb;
    let config = load(&common)?;
    let shown = data.display();
    let text = std::fs::read_to_string(&data).with_context(|| format!("failed to read {shown}"))?;
    let data: Data = toml::from_str(&text).with_context(|| format!("failed to understand {shown}"))?;
    let what = "contracts of ours live on EVM chains";
    let evm = open_evm(&config, &data.chain, Needs::Endpoints, what)?;
    let deployment = Deployment {
        proposers: data.timelock.proposers,
        executors: data.timelock.executors,
        limit_lowerers: data.roles.limit_lowerers,
        guardians: data.guardians.members,
        small_quorum: data.guardians.small_quorum,
        large_quorum: data.guardians.large_quorum,
        delay_secs: data.timelock.delay_secs,
        keys_allowed: data.keys_allowed,
        limits: data.limits.into_iter().map(Limit::read).collect::<Result<_>>()?,
    };
    let deployed = evm
        .deploy(&deployment, Duration::from_secs(patience.wait_secs))
        .await
        .map_err(|fault| anyhow!("failed to deploy on {}: failed to {fault}", data.chain))?;
    Format::of(common.json).print(&json!({
        "chain": data.chain,
        "router": deployed.router,
        "router_block": deployed.block.0,
        "transfer": deployed.transfer,
        "call": deployed.call,
        "timelock": deployed.timelock,
        "authority": deployed.authority,
        "guardians": deployed.guardians,
        "router_code": deployed.router_code,
        "transfer_code": deployed.transfer_code,
        "call_code": deployed.call_code,
    }))?;
    Ok(ExitCode::SUCCESS)
}
