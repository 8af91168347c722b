//! Chains that halt, restart and prune, nodes that are behind, silent or lie, and a relayer that is killed, while packets are under way.
//! Whatever comes after what: once all is well again, every packet ends as it has to, and nobody owns what he should not.
//!
//! Which trouble comes when follows from a seed; what meets which packet, from the machine as well.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use cosmos_chain::{Chain, Faults, Lie};
use devnet::Clock;
use dice::Dice;
use tokio::time::sleep;

use super::carry::Carry;
use super::embedded::{SECONDS_PER_BLOCK, SPEED, pass, sites, start};
use super::pace::Pace;
use crate::job::Say;
use crate::program::Program;
use crate::report::Packets;

/// How often both chains are in trouble, after packets were sent each way.
const TURNS: u64 = 10;
/// How long a trouble lasts: some blocks of the chain.
const LEAST: Duration = Duration::from_millis(200);
const MORE_MILLIS: u64 = 1_500;
/// The relayer is killed in one turn of so many.
const KILLED_ONE_IN: u64 = 4;
/// Blocks by which a node is behind, and blocks that one keeps that prunes: more than the relayer is ever behind itself.
const LAG: u64 = 15;
const KEPT: u64 = 400;

/// What can befall a chain and its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
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
    const ALL: [Self; 15] = [
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

/// Troubles without repetition, until all had their turn; then all of them again.
struct Deck(Vec<Trouble>);

impl Deck {
    fn draw(&mut self, dice: &mut Dice) -> Trouble {
        if self.0.is_empty() {
            self.0 = Trouble::ALL.to_vec();
        }
        let at = dice.index(self.0.len());
        self.0.swap_remove(at)
    }
}

/// Runs it on two chains that are started for it. What the relayer writes lies in `folder`.
///
/// # Errors
/// A packet does not end as it has to, or somebody owns what he should not. The seed and what came after what are named.
pub async fn run(program: Program, folder: &Path, seed: u64, say: Say<'_>) -> Result<Packets> {
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let chains = start(&Clock::simulated(SPEED)).await?;
    let mut carry = Carry::build(program, sites(&chains), Pace::EMBEDDED, folder).await?;
    say(&format!(
        "two Cosmos chains in trouble, seed {seed}: {}",
        carry.ends()
    ));
    let mut course = Vec::new();
    let ended = Course {
        chains: &chains,
        dice: Dice::new(seed),
        deck: Deck(Vec::new()),
        told: &mut course,
    }
    .run(&mut carry)
    .await;
    ended.with_context(|| format!("seed {seed}: {}", course.join("; ")))?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for told in &course {
        *counts.entry(told).or_default() += 1;
    }
    say(&format!(
        "{} came, and nothing was lost: {counts:?}",
        course.len()
    ));
    Ok(carry.packets())
}

/// One run.
struct Course<'a> {
    chains: &'a [Chain; 2],
    dice: Dice,
    deck: Deck,
    told: &'a mut Vec<String>,
}

impl Course<'_> {
    async fn run(mut self, carry: &mut Carry) -> Result<()> {
        for turn in 1..=TURNS {
            carry.send(0, &[turn, 1]).await?;
            carry.send(1, &[turn, 2]).await?;
            // Packets are at any stage when it comes.
            self.rest().await;
            for chain in self.chains {
                let trouble = self.deck.draw(&mut self.dice);
                self.told.push(format!("{} {trouble:?}", chain.chain_id()));
                trouble.begin(chain);
            }
            let is_killed = self.dice.one_in(KILLED_ONE_IN);
            if is_killed {
                self.told.push("the relayer killed".into());
                carry.path().kill().await?;
            }
            self.rest().await;
            for chain in self.chains {
                chain.set_faults(Faults::default());
            }
            if is_killed {
                carry.path().start().await?;
            }
        }
        // Transactions that nodes forgot are given up by now.
        let forgotten = Pace::EMBEDDED.patience_blocks * SECONDS_PER_BLOCK;
        pass(self.chains, forgotten).await;
        carry.settle().await?;
        Ok(())
    }

    async fn rest(&mut self) {
        sleep(LEAST + Duration::from_millis(self.dice.below(MORE_MILLIS))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_has_its_turn_before_one_comes_again() {
        let (mut deck, mut dice) = (Deck(Vec::new()), Dice::new(7));
        for _ in 0..2 {
            let drawn: BTreeSet<Trouble> = Trouble::ALL.iter().map(|_| deck.draw(&mut dice)).collect();
            assert_eq!(drawn.len(), Trouble::ALL.len());
        }
        assert!(2 * TURNS >= Trouble::ALL.len() as u64, "a run shows all of them");
    }
}
