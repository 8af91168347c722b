//! The paths that are open at the same time: between both chains of ibc-go, over both versions of IBC, and between each of them and an EVM chain.

use anyhow::Result;
use networks::CosmosChain;
use scenarios::cosmos::Carry;

use crate::chains::passes;
use crate::inland::Across;

/// What both clients of each path trust.
pub(crate) type Trusted = ([u64; 2], [u64; 2], [u64; 2], [u64; 2]);

/// The relayers, and what each of them carried.
pub(crate) struct Paths {
    /// Between both chains of ibc-go, over a channel of IBC v1.
    pub(crate) over_channel: Carry,
    /// And over IBC v2.
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
            self.over_channel.heights(),
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
        let (channel, found, east, west) = tokio::try_join!(
            self.over_channel.go_on_after(before.0, passes),
            self.between.go_on_after(before.1, passes),
            self.of_east.go_on_after(before.2),
            self.of_west.go_on_after(before.3)
        )?;
        let channel = channel.iter().map(|line| format!("under the channel {line}"));
        Ok([channel.collect(), found, east, west].concat())
    }

    /// Deceives both clients between the two chains over IBC v2, and all between each of them and an EVM chain.
    ///
    /// # Errors
    /// As [`Carry::deceive`] and [`Across::deceive`].
    pub(crate) async fn deceive(&mut self, chains: [&CosmosChain; 2]) -> Result<Vec<String>> {
        let (sites, secrets) = (chains.map(CosmosChain::seen), chains.map(CosmosChain::secrets));
        let [eastern, western] = secrets.each_ref().map(Vec::as_slice);
        let (found, east, west) = tokio::try_join!(
            self.between.deceive(&sites, [eastern, western]),
            self.of_east.deceive(eastern),
            self.of_west.deceive(western)
        )?;
        Ok([found, east, west].concat())
    }
}
