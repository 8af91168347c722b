//! What can befall an EVM chain, its beacon chain and the nodes of both.

use anyhow::{Context, Result};
use devnet::{Chain, Faults, Lie};

use super::Shaken;

/// Slots in a row without a block, slots by which a transaction comes late, and slots whose blocks are orphaned.
const MISSED: u64 = 12;
const LATE: u64 = 10;
const ORPHANED: u64 = 2;
/// Of 512 members of the committee 342 have to sign.
const TOO_FEW: u16 = 300;

#[derive(Clone, Copy, Debug)]
pub(super) enum Trouble {
    Unfinalized,
    TooFewSigners,
    WithoutBlocks,
    Down,
    WithoutLightClients,
    Forgetful,
    Slow,
    Reorganised,
    Lying(Lie),
}

impl Trouble {
    pub(super) const ALL: [Self; 12] = [
        Self::Unfinalized,
        Self::TooFewSigners,
        Self::WithoutBlocks,
        Self::Down,
        Self::WithoutLightClients,
        Self::Forgetful,
        Self::Slow,
        Self::Reorganised,
        Self::Lying(Lie::Proof),
        Self::Lying(Lie::Header),
        Self::Lying(Lie::Logs),
        Self::Lying(Lie::Update),
    ];

    fn begin(self, chain: &Chain) -> Result<()> {
        let mut faults = Faults::default();
        match self {
            Self::Unfinalized => faults.stop_finality = true,
            Self::TooFewSigners => faults.participation = Some(TOO_FEW),
            Self::WithoutBlocks => {
                let slot = chain.slot();
                faults.missed_slots = (slot + 1..=slot + MISSED).collect();
            }
            Self::Down => faults.down = true,
            Self::WithoutLightClients => faults.withhold_light_client = true,
            Self::Forgetful => faults.drop_transactions = true,
            Self::Slow => faults.delay_transactions = LATE,
            Self::Reorganised => chain.fork(ORPHANED).context("what is final is further behind")?,
            Self::Lying(lie) => faults.lies = [lie].into(),
        }
        chain.set_faults(faults);
        Ok(())
    }
}

impl Shaken for Chain {
    fn name(&self) -> String {
        format!("chain {}", self.chain_id())
    }

    fn kinds(&self) -> usize {
        Trouble::ALL.len()
    }

    fn shake(&self, kind: usize) -> Result<String> {
        let trouble = Trouble::ALL[kind];
        trouble.begin(self)?;
        Ok(format!("{trouble:?}"))
    }

    fn calm(&self) {
        self.set_faults(Faults::default());
    }
}
