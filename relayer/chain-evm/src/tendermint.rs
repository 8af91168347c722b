//! A client of a CometBFT chain on this one: what its contract holds as the law's own types, and its creation.
//!
//! What this module must never do: judge whether it deserves trust (verify_tendermint.rs does).

use crate::abi::{SolHeight, TendermintClient, TendermintConfig, TendermintStart, TendermintState};
use crate::client_view::{not_a_client, view};
use crate::create::Created;
use crate::evm::Evm;
use crate::rpc::{At, Rpc, to_u64};
use alloy_primitives::Address;
use alloy_sol_types::SolValue;
use chain::Fault;
use core::time::Duration;
use endpoints::Complaint;
use tendermint_client::{Bootstrap, Config, Reject, State, Time, TrustLevel, Trusted};
use wire::{Height, Seconds};

/// What the contract was told and what it trusts; of its ring the newest state.
pub(crate) async fn read(
    rpc: &Rpc,
    contract: Address,
    at: At,
    name: &str,
) -> Result<(Config, Trusted), Complaint> {
    let config = config_of(rpc, contract, at, name).await?;
    let snapshot = view(rpc, contract, &TendermintClient::snapshotCall {}, at, name).await?;
    let newest = state_of(&snapshot.newest).map_err(|text| not_a_client(name, &text))?;
    let trusted = Trusted::from_parts(config.clone(), newest, [], snapshot.frozen)
        .map_err(|reject| not_a_client(name, &reject))?;
    Ok((config, trusted))
}

/// What the contract was told at its creation.
pub(crate) async fn config_of(rpc: &Rpc, contract: Address, at: At, name: &str) -> Result<Config, Complaint> {
    let config = view(rpc, contract, &TendermintClient::configCall {}, at, name).await?;
    let law = law_config(config);
    law.check().map_err(|reject| not_a_client(name, &reject))?;
    Ok(law)
}

/// The state that the client started from.
pub(crate) fn law_start(start: &TendermintStart) -> Result<Bootstrap, String> {
    Ok(Bootstrap {
        height: Height {
            revision_number: start.height.revisionNumber,
            revision_height: start.height.revisionHeight,
        },
        time: time_of(start.time, start.nanos)?,
        app_hash: start.appHash,
        next_validators_hash: start.nextValidatorsHash,
    })
}

fn law_config(config: TendermintConfig) -> Config {
    Config {
        chain_id: config.chainId,
        trust_level: TrustLevel {
            numerator: config.trustNumerator,
            denominator: config.trustDenominator,
        },
        trust_period: Seconds(config.trustPeriod),
        unbonding_period: Seconds(config.unbondingPeriod),
        clock_drift: Seconds(config.clockDrift),
        capacity: config.capacity,
        store: config.store.into(),
    }
}

fn sol_config(config: &Config) -> TendermintConfig {
    TendermintConfig {
        chainId: config.chain_id.clone(),
        trustNumerator: config.trust_level.numerator,
        trustDenominator: config.trust_level.denominator,
        trustPeriod: config.trust_period.0,
        unbondingPeriod: config.unbonding_period.0,
        clockDrift: config.clock_drift.0,
        capacity: config.capacity,
        store: config.store.clone().into(),
    }
}

fn sol_start(start: &Bootstrap) -> TendermintStart {
    TendermintStart {
        height: SolHeight {
            revisionNumber: start.height.revision_number,
            revisionHeight: start.height.revision_height,
        },
        time: start.time.rounded_down().0,
        nanos: start.time.nanos,
        appHash: start.app_hash,
        nextValidatorsHash: start.next_validators_hash,
    }
}

pub(crate) fn state_of(state: &TendermintState) -> Result<State, String> {
    Ok(State {
        height: state.height,
        time: time_of(state.time, state.nanos)?,
        app_hash: state.appHash,
        next_validators_hash: state.nextValidatorsHash,
        learned_at: Seconds(state.learnedAt),
    })
}

fn time_of(seconds: u64, nanos: u32) -> Result<Time, String> {
    let seconds = i64::try_from(seconds).map_err(|_| format!("a time {seconds} s after 1970"))?;
    Ok(Time { seconds, nanos })
}

/// What the constructor of a `TendermintClient` is told, ABI-encoded: `(Config, Start)`.
pub fn tendermint_arguments(config: &Config, start: &Bootstrap) -> Vec<u8> {
    (sol_config(config), sol_start(start)).abi_encode_params()
}

impl Evm {
    /// Makes a client of the CometBFT chain that `config` names on this chain, starting from `start`, which the caller has
    /// verified on that chain.
    ///
    /// Fails with [`Fault::NoClient`] where no sound client has such terms or can start there; that costs nothing.
    pub async fn create_tendermint_client(
        &self,
        config: &Config,
        start: &Bootstrap,
        patience: Duration,
    ) -> Result<Created, Fault> {
        // The contract will ask the same: a refusal here costs nothing.
        let latest = self.on_rpc(|rpc| async move { rpc.latest().await }).await?;
        let now = Seconds(to_u64(latest.timestamp));
        tendermint_client::start(config.clone(), start, now).map_err(|reject| bad_start(start, &reject))?;
        let arguments = tendermint_arguments(config, start);
        let code = &self.artifacts.tendermint_client;
        let (contract, _) = self
            .create("TendermintClient", code, &arguments, patience)
            .await?;
        let (id, block) = self.add_client(contract, patience).await?;
        Ok(Created {
            id,
            contract,
            started_at: start.height,
            block,
        })
    }
}

fn bad_start(start: &Bootstrap, reject: &Reject) -> Fault {
    Fault::NoClient {
        id: "a new client".into(),
        text: format!(
            "no client can start from height {}: failed to {reject}",
            start.height
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::B256;

    #[test]
    fn what_a_contract_is_told_is_what_it_is_read_as() {
        let config = Config {
            chain_id: "hub-4".into(),
            trust_level: TrustLevel {
                numerator: 2,
                denominator: 3,
            },
            trust_period: Seconds(3),
            unbonding_period: Seconds(4),
            clock_drift: Seconds(2),
            capacity: 5,
            store: b"ibc".to_vec(),
        };
        assert_eq!(law_config(sol_config(&config)), config);
        let start = Bootstrap {
            height: Height {
                revision_number: 4,
                revision_height: 9,
            },
            time: Time { seconds: 7, nanos: 8 },
            app_hash: B256::repeat_byte(1),
            next_validators_hash: B256::repeat_byte(2),
        };
        assert_eq!(law_start(&sol_start(&start)), Ok(start));
        let late = TendermintStart {
            time: u64::MAX,
            ..sol_start(&start)
        };
        assert!(law_start(&late).is_err());
    }
}
