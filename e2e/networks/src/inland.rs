//! A chain of simd across from an EVM chain that is started for it here, beside whatever else runs on the former.

use std::path::Path;

use anyhow::{Context, Result};
use cosmos_chain::validators::Secret;
use networks::{CosmosChain, clean};
use scenarios::cosmos::Pace;
use scenarios::mixed::embedded::{Inland, Slots};
use scenarios::mixed::{Crossing, Ground};
use scenarios::{Program, apart};

use crate::RELAYER;

/// Both chains with the relayer between them.
pub(crate) struct Across {
    /// Dropping it stops it.
    inland: Inland,
    crossing: Crossing,
    name: String,
}

impl Across {
    /// Starts the EVM chain, with `chain_id`, and the relayer, whose files lie in `<dir>/<folder>`, and does the scenario's first part.
    ///
    /// # Errors
    /// As [`Crossing::there_and_home`], or the chain can't be started.
    pub(crate) async fn carried(
        dir: &Path,
        (folder, chain_id): (&str, u64),
        chain: &CosmosChain,
        say: impl Fn(&str),
    ) -> Result<Self> {
        let mut across = Self::build(dir, folder, chain, chain_id).await?;
        say(&format!(
            "{}: {} follow each other",
            across.name,
            across.crossing.ends()
        ));
        for finding in across.there_and_home().await? {
            say(&finding);
        }
        Ok(across)
    }

    async fn build(dir: &Path, folder: &str, chain: &CosmosChain, chain_id: u64) -> Result<Self> {
        let folder = clean(&dir.join(folder))?;
        let program = Program::own(RELAYER)?;
        let name = format!("inland-{}", chain.site().name);
        let inland = Inland::start(&program, (&name, chain_id), &Slots::wall(), &folder).await?;
        let ground = Ground {
            evm: inland.end().clone(),
            hub: apart::cosmos(&chain.seen(), &name).await?,
            pace: Pace::REAL,
        };
        let crossing = Crossing::build(program, ground, &folder).await;
        Ok(Self {
            crossing: crossing.with_context(|| format!("{name} and {}", chain.site().name))?,
            inland,
            name,
        })
    }

    /// Says in a line each what was found.
    async fn there_and_home(&mut self) -> Result<Vec<String>> {
        let done = self.crossing.there_and_home(async |_| {}).await;
        let (found, attacks) = done.with_context(|| self.name.clone())?;
        let refused = attacks
            .iter()
            .map(|attack| format!("{} is refused by {}", attack.name, attack.rule));
        let lines: Vec<String> = found.into_iter().chain(refused).collect();
        Ok(self.named(&lines))
    }

    /// What both clients trust.
    ///
    /// # Errors
    /// A command of the relayer fails.
    pub(crate) async fn heights(&self) -> Result<[u64; 2]> {
        self.crossing.heights().await
    }

    /// The second part, after nobody sent for a while and the validators changed.
    ///
    /// # Errors
    /// As [`Crossing::go_on_after`].
    pub(crate) async fn go_on_after(&mut self, before: [u64; 2]) -> Result<Vec<String>> {
        let done = self.crossing.go_on_after(before, async |_| {}).await;
        let found = done.with_context(|| self.name.clone())?;
        Ok(self.named(&found))
    }

    /// Deceives both clients, that on the EVM chain with the keys of the other chain's validators; says in a line each what was found.
    ///
    /// # Errors
    /// As [`Inland::deceive`].
    pub(crate) async fn deceive(&mut self, secrets: &[Secret]) -> Result<Vec<String>> {
        let found = self.inland.deceive(&mut self.crossing, secrets).await;
        Ok(self.named(&found.with_context(|| self.name.clone())?))
    }

    fn named(&self, found: &[String]) -> Vec<String> {
        found
            .iter()
            .map(|line| format!("{}: {line}", self.name))
            .collect()
    }
}
