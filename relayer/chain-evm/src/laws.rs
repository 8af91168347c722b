//! What client contracts were told, as the law's own types, and back.

use crate::abi::{AttestorSet, BeaconConfig, Fork as SolFork};
use alloy_primitives::U256;
use ethereum::{COMMITTEE_SIZE_MIN, Config, Epoch, Fork, ForkSchedule, Layout, Network, Times};
use wire::Seconds;

/// The law's constants of a client, from its contract's.
pub(crate) fn law_config(config: &BeaconConfig) -> Result<Config, ethereum::Reject> {
    let times = Times {
        genesis: Seconds(config.genesisTime),
        seconds_per_slot: config.secondsPerSlot,
        slots_per_epoch: config.slotsPerEpoch,
        epochs_per_period: config.epochsPerPeriod,
    };
    let forks = ForkSchedule::new(config.forks.iter().map(fork_of))?;
    let trust_period = Seconds(config.trustPeriod);
    Ok(Config {
        network: Network::custom(times, config.genesisValidatorsRoot, COMMITTEE_SIZE_MIN, forks)?,
        router: config.router,
        commitments_slot: config.commitmentsSlot,
        trust_period,
        weak_subjectivity: Seconds(config.weakSubjectivity),
        capacity: config.capacity,
    })
}

fn fork_of(fork: &SolFork) -> Fork {
    Fork {
        epoch: Epoch(fork.epoch),
        version: fork.version.0,
        layout: Layout::from_number(fork.treeLayout),
    }
}

/// The contract's form of a fork.
pub(crate) fn fork_to_sol(fork: &Fork) -> SolFork {
    SolFork {
        epoch: fork.epoch.0,
        version: fork.version.into(),
        treeLayout: fork.layout.number(),
    }
}

/// The law's form of a set that signs.
pub(crate) fn law_set(set: &AttestorSet) -> Result<attestor::Set, String> {
    let threshold = u64::try_from(set.threshold).map_err(|_| "a threshold beyond 64 bits".to_owned())?;
    let mut attestors = Vec::new();
    for one in &set.attestors {
        let weight =
            u64::try_from(U256::from(one.weight)).map_err(|_| "a weight beyond 64 bits".to_owned())?;
        attestors.push(attestor::Attestor {
            signer: one.signer,
            weight,
        });
    }
    Ok(attestor::Set::in_use(threshold, attestors))
}
