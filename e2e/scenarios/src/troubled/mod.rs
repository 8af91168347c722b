//! Chains that halt, restart, prune and reorganise, nodes that are behind, silent or lie, and a relayer that is killed, while packets
//! are under way. Whatever comes after what: once all is well again, every packet ends as it has to, and nobody owns what he should not.
//!
//! Which trouble comes when follows from a seed; what meets which packet, from the machine as well.

mod cosmos;
mod evm;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use dice::Dice;
use tokio::time::sleep;

use crate::haul::Haul;

/// How often both chains are in trouble, after packets were sent each way.
const TURNS: u64 = 15;
/// How long a trouble lasts: some blocks of the chain.
const LEAST: Duration = Duration::from_millis(200);
const MORE_MILLIS: u64 = 1_500;
/// The relayer is killed in one turn of so many.
const KILLED_ONE_IN: u64 = 4;

/// A chain that can be brought into trouble.
pub(crate) trait Shaken {
    fn name(&self) -> String;

    /// How many kinds of trouble it knows.
    fn kinds(&self) -> usize;

    /// Brings it into trouble of the kind at this place; says which that is.
    ///
    /// # Errors
    /// The chain is not as it should be, and it does not come.
    fn shake(&self, kind: usize) -> Result<String>;

    /// All is well again.
    fn calm(&self);
}

/// Sends packets over two chains that are in one trouble after the other, each until it had all of them; returns in a line which came.
///
/// - `chains`: those of `haul`, in its order.
/// - `forget`: lets so much time pass that a transaction is void that a Cosmos node forgot.
///
/// # Errors
/// A packet does not end as it has to, or somebody owns what he should not. The seed and what came after what are named.
pub(crate) async fn outlast(
    haul: &mut impl Haul,
    chains: [&dyn Shaken; 2],
    seed: u64,
    forget: impl AsyncFn(),
) -> Result<String> {
    let mut course = Vec::new();
    let turns = Course {
        chains,
        decks: chains.map(|chain| Deck::of(chain.kinds())),
        dice: Dice::new(seed),
        told: &mut course,
    };
    let ended = async {
        turns.run(haul).await?;
        forget().await;
        haul.settle().await
    };
    let ended = ended.await;
    ended.with_context(|| format!("seed {seed}: {}", course.join("; ")))?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for told in &course {
        *counts.entry(told).or_default() += 1;
    }
    Ok(format!("{} came, and nothing was lost: {counts:?}", course.len()))
}

/// One run.
struct Course<'a> {
    chains: [&'a dyn Shaken; 2],
    decks: [Deck; 2],
    dice: Dice,
    told: &'a mut Vec<String>,
}

impl Course<'_> {
    async fn run(mut self, haul: &mut impl Haul) -> Result<()> {
        for turn in 1..=TURNS {
            haul.send(0, &[turn, 1]).await?;
            haul.send(1, &[turn, 2]).await?;
            // Packets are at any stage when it comes.
            self.rest().await;
            for (chain, deck) in self.chains.iter().zip(&mut self.decks) {
                let trouble = chain.shake(deck.draw(&mut self.dice))?;
                self.told.push(format!("{} {trouble}", chain.name()));
            }
            let is_killed = self.dice.one_in(KILLED_ONE_IN);
            if is_killed {
                self.told.push("the relayer killed".into());
                haul.path().kill().await?;
            }
            self.rest().await;
            for chain in self.chains {
                chain.calm();
            }
            if is_killed {
                haul.path().start().await?;
            }
        }
        Ok(())
    }

    async fn rest(&mut self) {
        sleep(LEAST + Duration::from_millis(self.dice.below(MORE_MILLIS))).await;
    }
}

/// Kinds of trouble without repetition, until all had their turn; then all of them again.
struct Deck {
    kinds: usize,
    left: Vec<usize>,
}

impl Deck {
    const fn of(kinds: usize) -> Self {
        Self {
            kinds,
            left: Vec::new(),
        }
    }

    fn draw(&mut self, dice: &mut Dice) -> usize {
        if self.left.is_empty() {
            self.left = (0..self.kinds).collect();
        }
        let at = dice.index(self.left.len());
        self.left.swap_remove(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_trouble_has_its_turn_before_one_comes_again() {
        let mut dice = Dice::new(7);
        for kinds in [cosmos::Trouble::ALL.len(), evm::Trouble::ALL.len()] {
            assert!(TURNS >= kinds as u64, "a run shows all of them");
            let mut deck = Deck::of(kinds);
            for _ in 0..2 {
                let drawn: BTreeSet<usize> = (0..kinds).map(|_| deck.draw(&mut dice)).collect();
                assert_eq!(drawn.len(), kinds);
            }
        }
    }
}
