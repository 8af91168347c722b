//! What may go wrong on purpose.
//!
//! Plain data that slots and answers consult: the same faults over the same seed give the same
//! chain. Must never act by itself.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// All faults of one chain. The default is a chain without any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// How many of the committee's 512 seats sign, in every slot; `None` = all.
    pub participation: Option<u16>,
    /// The same for single slots (of the block that carries the signatures); wins over the former.
    pub participation_at: BTreeMap<u64, u16>,
    /// Validators attest to no checkpoint any more: blocks go on, finality stands still.
    pub stop_finality: bool,
    /// Slots without a block.
    pub missed_slots: BTreeSet<u64>,
    /// Both interfaces answer 503 to everything; only the control endpoint beside them answers still.
    pub down: bool,
    /// The light-client part of the REST interface answers 503.
    pub withhold_light_client: bool,
    /// What the two interfaces lie about.
    pub lies: BTreeSet<Lie>,
    /// Transactions are answered with their hash and forgotten.
    pub drop_transactions: bool,
    /// Transactions are answered with their hash and reach the pool so many slots later.
    pub delay_transactions: u64,
}

/// One lie of an endpoint. Chain and consensus stay honest; only the answers change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lie {
    /// `eth_getProof`: one byte of the last node of every proof is another.
    Proof,
    /// `eth_getBlockBy*`: another state root, under a hash that fits it.
    Header,
    /// `eth_getLogs`: the first data byte of every log is another.
    Logs,
    /// Light-client answers: another state root in the attested header, edited after signing.
    Update,
}

impl Faults {
    /// Seats that sign in the block at `slot`, out of `seats`.
    pub(crate) fn signers(&self, slot: u64, seats: usize) -> usize {
        let wanted = self.participation_at.get(&slot).copied().or(self.participation);
        wanted.map_or(seats, |signers| usize::from(signers).min(seats))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_slots_win_over_the_rule() {
        let faults = Faults {
            participation: Some(300),
            participation_at: [(7, 10), (8, 600)].into(),
            ..Faults::default()
        };
        assert_eq!(faults.signers(6, 512), 300);
        assert_eq!(faults.signers(7, 512), 10);
        assert_eq!(faults.signers(8, 512), 512);
        assert_eq!(Faults::default().signers(1, 512), 512);
    }

    #[test]
    fn unknown_faults_are_errors() {
        assert!(serde_json::from_str::<Faults>(r#"{"lies":["proof"]}"#).is_ok());
        assert!(serde_json::from_str::<Faults>(r#"{"lie":[]}"#).is_err());
    }
}
