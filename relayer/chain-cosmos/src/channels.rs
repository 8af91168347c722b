//! Ends of paths as the machine knows them: the client of one, which a channel has through its connection, and whether packets
//! can be carried over it.
//!
//! What this module must never do: show the machine the client of a channel that carries nothing.

use crate::channel_view::ChannelView;
use crate::cosmos::Cosmos;
use crate::misfit::HandshakeFault;
use crate::steps::State;
use crate::views::{Seen, see};
use alloy_primitives::hex;
use chain::{BlockNumber, Channel, ClientView, Expected, Fault, Finding};
use sha2::{Digest, Sha256};
use wire::channel::ChannelEnd;
use wire::{ClientId, End};

impl Cosmos {
    /// What the relayer is told of the client of `end`.
    pub(crate) async fn view_of(&self, end: &End) -> Result<ClientView, Fault> {
        self.seen_end(end).await.map(|(seen, _)| seen.view)
    }

    /// The client of `end` of this chain as it stands, and what tells it from another one that might come to stand under the
    /// same id: its constants, and the channel that runs over it.
    pub async fn client_behind(&self, end: &End) -> Result<(String, ClientView), Fault> {
        let (seen, channel) = self.seen_end(end).await?;
        let client = &seen.view.client;
        let mark = Sha256::digest(seen.state.constants());
        let mut name = format!("client {client} of constants {}", hex::encode(&mark[..8]));
        if let Some(channel) = channel {
            name = format!("channel {end} over {} and {name}", channel.connection);
        }
        Ok((name, seen.view))
    }

    /// The client of an end whose other end is on a chain of another family.
    ///
    /// Fails for a channel: those are between Cosmos chains.
    pub fn client_of<'end>(&self, end: &'end End) -> Result<&'end ClientId, Fault> {
        end.client().ok_or_else(|| Fault::NoClient {
            id: end.to_string(),
            text: "channels of IBC v1 are between Cosmos chains; name a client".into(),
        })
    }

    /// Checks the channel `end` of this chain, which should lead to the one that is `expected` on `tracked`, and the client that
    /// it runs over.
    ///
    /// The result has one entry a rule; a rule that could not be checked is an `Err` entry. Fails only when a channel or the
    /// client cannot be read at all.
    pub async fn verify_channel(
        &self,
        tracked: &Self,
        end: &ChannelEnd,
        expected: &Expected,
    ) -> Result<Vec<Finding>, Fault> {
        let Some(End::Channel(other)) = &expected.counterparty else {
            return Err(Fault::NoClient {
                id: end.to_string(),
                text: "the other end of a channel is a channel, too".into(),
            });
        };
        let (own, other) = tokio::try_join!(self.channel_of(end), tracked.channel_of(other))?;
        let mut findings = own.verify(&other);
        findings.extend(self.verify_client(tracked, &own.client, expected).await?);
        Ok(findings)
    }

    pub(crate) async fn seen_end(&self, end: &End) -> Result<(Seen, Option<ChannelView>), Fault> {
        let end = match end {
            End::Client(client) => return Ok((see(self, client).await?, None)),
            End::Channel(end) => end,
        };
        let channel = self.channel_of(end).await?;
        if let Some(text) = why_not(&channel) {
            let id = end.to_string();
            return Err(Fault::Unfit { id, text });
        }
        let mut seen = see(self, &channel.client).await?;
        seen.view.counterparty = channel.counterparty.clone().map(End::Channel);
        seen.view.channel = Some(Channel {
            ordering: channel.ordering,
            closed: (channel.state == State::Closed).then_some(BlockNumber(channel.block)),
        });
        Ok((seen, Some(channel)))
    }

    async fn channel_of(&self, end: &ChannelEnd) -> Result<ChannelView, Fault> {
        self.channel_view(end).await.map_err(|fault| match fault {
            HandshakeFault::Chain(fault) => fault,
            HandshakeFault::Misfit(misfit) => Fault::NoClient {
                id: end.to_string(),
                text: format!("failed to {misfit}"),
            },
        })
    }
}

/// Why no packets can be carried over a channel, if none can. Over a closed one what is under way comes back.
fn why_not(channel: &ChannelView) -> Option<String> {
    let connection = &channel.connection;
    if !channel.is_connected {
        return Some(format!("its connection {connection} is not open"));
    }
    match channel.state {
        State::Open | State::Closed => {}
        State::Init | State::Try | State::Other => {
            return Some(format!(
                "the channel is {}, not OPEN; `relayer channel create` goes on with it",
                channel.state.word()
            ));
        }
    }
    (channel.delay_nanos > 0).then(|| {
        format!(
            "{connection} wants packets to wait {} ns after an update of the client, this relayer does not wait",
            channel.delay_nanos
        )
    })
}

#[cfg(test)]
#[path = "channels_tests.rs"]
mod tests;
