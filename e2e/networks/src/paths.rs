//! What is carried over IBC v2 at the same time: between both chains of ibc-go, and between each of them and an EVM chain.

use std::path::Path;

use anyhow::Result;
use networks::{CosmosChain, clean};
use scenarios::Program;
use scenarios::cosmos::{Carry, Pace};

use crate::RELAYER;
use crate::chains::{INLAND, PATH, passes};
use crate::inland::Across;

/// What both clients of each path trust.
pub(crate) type Trusted = ([u64; 2], [u64; 2], [u64; 2]);

/// The relayers, and what each of them carried.
pub(crate) struct Paths {
    carry: Carry,
    of_east: Across,
    of_west: Across,
}

impl Paths {
    /// Starts a relayer for each, and the EVM chains.
    ///
    /// # Errors
    /// A chain can't be started, or a command of a relayer fails.
    pub(crate) async fn build(dir: &Path, chains: [&CosmosChain; 2]) -> Result<Self> {
        let folder = clean(&dir.join(PATH))?;
        let [east, west] = chains;
        let sites = chains.map(CosmosChain::seen);
        let (carry, of_east, of_west) = tokio::try_join!(
            Carry::build(Program::own(RELAYER)?, sites, Pace::REAL, &folder),
            Across::build(dir, INLAND[0].0, east, INLAND[0].1),
            Across::build(dir, INLAND[1].0, west, INLAND[1].1),
        )?;
        Ok(Self {
            carry,
            of_east,
            of_west,
        })
    }

    /// The ends between both chains.
    pub(crate) fn ends(&self) -> String {
        self.carry.ends()
    }

    /// The first part of each scenario; says in a line each what was found.
    ///
    /// # Errors
    /// As [`Carry::there_and_home`].
    pub(crate) async fn there_and_home(&mut self) -> Result<Vec<String>> {
        let (found, east, west) = tokio::try_join!(
            self.carry.there_and_home(passes),
            self.of_east.there_and_home(),
            self.of_west.there_and_home()
        )?;
        Ok([found, east, west].concat())
    }

    /// What the clients trust.
    ///
    /// # Errors
    /// A command of a relayer fails.
    pub(crate) async fn heights(&self) -> Result<Trusted> {
        tokio::try_join!(
            self.carry.heights(),
            self.of_east.heights(),
            self.of_west.heights()
        )
    }

    /// The second part of each, after nobody sent for a while.
    ///
    /// # Errors
    /// As [`Carry::go_on_after`].
    pub(crate) async fn go_on_after(&mut self, before: Trusted) -> Result<Vec<String>> {
        let (found, east, west) = tokio::try_join!(
            self.carry.go_on_after(before.0, passes),
            self.of_east.go_on_after(before.1),
            self.of_west.go_on_after(before.2)
        )?;
        Ok([found, east, west].concat())
    }

    /// Deceives both clients between the two chains.
    ///
    /// # Errors
    /// As [`Carry::deceive`].
    pub(crate) async fn deceive(&mut self, chains: [&CosmosChain; 2]) -> Result<Vec<String>> {
        let (sites, secrets) = (chains.map(CosmosChain::seen), chains.map(CosmosChain::secrets));
        self.carry
            .deceive(&sites, secrets.each_ref().map(Vec::as_slice))
            .await
    }
}
