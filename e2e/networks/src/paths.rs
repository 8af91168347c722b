//! The paths over IBC v2 that are open at the same time: between both chains of ibc-go, and between each of them and an EVM chain.

use anyhow::Result;
use networks::CosmosChain;
use scenarios::cosmos::Carry;

use crate::chains::passes;
use crate::inland::Across;

/// What both clients of each path trust.
pub(crate) type Trusted = ([u64; 2], [u64; 2], [u64; 2]);

/// The relayers, and what each of them carried.
pub(crate) struct Paths {
    /// Between both chains of ibc-go.
    pub(crate) between: Carry,
    pub(crate) of_east: Across,
    pub(crate) of_west: Across,
}

impl Paths {
    /// What the clients trust.
    ///
    /// # Errors
    /// A command of a relayer fails.
    pub(crate) async fn heights(&self) -> Result<Trusted> {
        tokio::try_join!(
            self.between.heights(),
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
            self.between.go_on_after(before.0, passes),
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
        self.between
            .deceive(&sites, secrets.each_ref().map(Vec::as_slice))
            .await
    }
}
