//! What distinguishes one network from another, and what both share.

use alloy_primitives::{B256, keccak256};
use scenarios::Role;

/// Seconds in a slot: one is too few for Prysm, two strain under load.
pub(crate) const SECONDS_PER_SLOT: u64 = 3;
/// Slots in an epoch.
pub(crate) const SLOTS_PER_EPOCH: u64 = 8;
/// Epochs in a sync-committee period: 64 slots, so that a committee rotates within minutes.
pub(crate) const EPOCHS_PER_PERIOD: u64 = 8;
/// Validators; 512 committee seats are drawn from them, so each sits about eight times.
pub(crate) const VALIDATORS: u64 = 64;
/// The last byte of the genesis fork version; later forks count up from it.
const FORK_SUFFIX: u8 = 0x89;
/// The deposit contract, where Prysm's own test genesis has it.
pub(crate) const DEPOSIT_CONTRACT: &str = "4242424242424242424242424242424242424242";

/// One network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its name in folders, logs and configurations.
    pub name: &'static str,
    /// EIP-155 chain id, also the network id.
    pub chain_id: u64,
    /// The first byte of all its fork versions.
    ///
    /// Networks with the same number of validators share their keys and their genesis validators root, so the fork
    /// version is all that keeps a signature of one from counting on the other.
    pub fork_prefix: u8,
}

/// The two ends of a bridge.
pub fn pair() -> [Settings; 2] {
    [
        Settings {
            name: "north",
            chain_id: 32_501,
            fork_prefix: 0x20,
        },
        Settings {
            name: "south",
            chain_id: 32_502,
            fork_prefix: 0x30,
        },
    ]
}

impl Settings {
    /// The consensus configuration in the format of the specification: Electra from genesis on, Fulu never.
    pub fn consensus_yaml(&self) -> String {
        let never = u64::MAX;
        let mut yaml = String::from("CONFIG_NAME: interop\nPRESET_BASE: interop\n");
        let forks = [
            "GENESIS",
            "ALTAIR",
            "BELLATRIX",
            "CAPELLA",
            "DENEB",
            "ELECTRA",
            "FULU",
        ];
        for (fork, suffix) in forks.into_iter().zip(FORK_SUFFIX..) {
            yaml += &format!(
                "{fork}_FORK_VERSION: 0x{:02x}0000{suffix:02x}\n",
                self.fork_prefix
            );
            match fork {
                "GENESIS" => {}
                "FULU" => yaml += &format!("{fork}_FORK_EPOCH: {never}\n"),
                _ => yaml += &format!("{fork}_FORK_EPOCH: 0\n"),
            }
        }
        let numbers = [
            ("TERMINAL_TOTAL_DIFFICULTY", 0),
            ("SECONDS_PER_SLOT", SECONDS_PER_SLOT),
            ("SECONDS_PER_ETH1_BLOCK", SECONDS_PER_SLOT),
            ("SLOTS_PER_EPOCH", SLOTS_PER_EPOCH),
            ("EPOCHS_PER_SYNC_COMMITTEE_PERIOD", EPOCHS_PER_PERIOD),
            ("ETH1_FOLLOW_DISTANCE", 8),
            ("DEPOSIT_CHAIN_ID", self.chain_id),
            ("DEPOSIT_NETWORK_ID", self.chain_id),
            // Few validators on many seats: without more aggregators whole quarters of the committee go missing.
            ("TARGET_AGGREGATORS_PER_SYNC_SUBCOMMITTEE", 32),
        ];
        for (key, value) in numbers {
            yaml += &format!("{key}: {value}\n");
        }
        yaml + &format!("DEPOSIT_CONTRACT_ADDRESS: 0x{DEPOSIT_CONTRACT}\n")
    }

    /// The version of the fork that holds from genesis on: Electra, the sixth.
    pub(crate) fn fork_version(&self) -> [u8; 4] {
        [self.fork_prefix, 0, 0, FORK_SUFFIX + 5]
    }

    /// Private keys of the accounts that are rich from genesis on, one for each role. They are worth nothing: anyone
    /// can derive them.
    pub fn keys(&self) -> Vec<B256> {
        let key = |role: &Role| keccak256(format!("weighbridge test account {} {role:?}", self.name));
        Role::ALL.iter().map(key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_networks_share_no_fork_version_chain_id_or_key() {
        let [north, south] = pair();
        assert_ne!(north.chain_id, south.chain_id);
        let versions = |settings: &Settings| -> Vec<String> {
            let yaml = settings.consensus_yaml();
            yaml.lines()
                .filter(|line| line.contains("_FORK_VERSION"))
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(versions(&north).len(), 7);
        assert!(
            versions(&north)
                .iter()
                .all(|version| !versions(&south).contains(version))
        );
        assert!(north.keys().iter().all(|key| !south.keys().contains(key)));
    }

    #[test]
    fn every_line_of_the_configuration_is_a_pair_and_no_key_comes_twice() {
        let yaml = pair()[0].consensus_yaml();
        let mut keys: Vec<&str> = yaml
            .lines()
            .map(|line| line.split_once(": ").unwrap().0)
            .collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
        assert!(
            yaml.contains("ELECTRA_FORK_VERSION: 0x2000008e\nELECTRA_FORK_EPOCH: 0\n"),
            "{yaml}"
        );
    }
}
