//! What can befall a Cosmos chain and its node.

use std::collections::BTreeSet;

use anyhow::Result;
use cosmos_chain::{Chain, Faults, Lie};

use super::Shaken;

/// Blocks by which a node is behind, and blocks that one keeps that prunes: more than the relayer is ever behind itself.
const LAG: u64 = 15;
const KEPT: u64 = 400;

#[derive(Clone, Copy, Debug)]
pub(super) enum Trouble {
    Halted,
    TooFewVotes,
    Down,
    Mute,
    Behind,
    CatchingUp,
    Pruning,
    Forgetful,
    Full,
    WithoutIndex,
    Restarted,
    Lying(Lie),
}

impl Trouble {
    pub(super) const ALL: [Self; 15] = [
        Self::Halted,
        Self::TooFewVotes,
        Self::Down,
        Self::Mute,
        Self::Behind,
        Self::CatchingUp,
        Self::Pruning,
        Self::Forgetful,
        Self::Full,
        Self::WithoutIndex,
        Self::Restarted,
        Self::Lying(Lie::Header),
        Self::Lying(Lie::Proof),
        Self::Lying(Lie::Value),
        Self::Lying(Lie::Events),
    ];

    fn begin(self, chain: &Chain) {
        let mut faults = Faults::default();
        match self {
            Self::Halted => faults.halted = true,
            // The strongest has more than a third.
            Self::TooFewVotes => faults.absent = BTreeSet::from([0]),
            Self::Down => faults.down = true,
            Self::Mute => faults.mute = true,
            Self::Behind => faults.lag = LAG,
            Self::CatchingUp => faults.catching_up = true,
            Self::Pruning => faults.keep_blocks = Some(KEPT),
            Self::Forgetful => faults.drop_transactions = true,
            Self::Full => faults.full = true,
            Self::WithoutIndex => faults.without_index = true,
            Self::Restarted => chain.restart(),
            Self::Lying(lie) => faults.lies = BTreeSet::from([lie]),
        }
        chain.set_faults(faults);
    }
}

impl Shaken for Chain {
    fn name(&self) -> String {
        self.chain_id().into()
    }

    fn kinds(&self) -> usize {
        Trouble::ALL.len()
    }

    fn shake(&self, kind: usize) -> Result<String> {
        let trouble = Trouble::ALL[kind];
        trouble.begin(self);
        Ok(format!("{trouble:?}"))
    }

    fn calm(&self) {
        self.set_faults(Faults::default());
    }
}
