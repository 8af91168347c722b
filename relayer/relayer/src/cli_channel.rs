//! The command line of channels: their verbs, and how their ends are written.

use crate::cli::{Common, Patience};
use chain_cosmos::ConnectionId;
use clap::{Subcommand, ValueEnum};
use std::fmt;
use wire::channel::{ChannelEnd, Ordering};
use wire::{ClientId, PortId};

#[derive(Debug, Subcommand)]
pub(crate) enum ChannelVerb {
    /// Open a channel, and the clients and the connection under it if they are not there. Where no clients are named it makes new
    /// ones on every run, and says with which words it goes on with them. What was interrupted is gone on with, and what is open
    /// already is told.
    Create {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        patience: Patience,
        /// One chain, as chain or, with its client of the other one, as chain/client.
        #[arg(long, value_parser = parse_place)]
        a: Place,
        /// The other chain, in the same way.
        #[arg(long, value_parser = parse_place)]
        b: Place,
        /// The application.
        #[arg(long, default_value = "transfer", value_parser = port)]
        port: PortId,
        /// The application on the other chain, if it is called otherwise there.
        #[arg(long, value_parser = port)]
        b_port: Option<PortId>,
        /// Whether packets have to arrive in order.
        #[arg(long, default_value = "unordered")]
        order: Order,
        /// How the applications talk, such as ics20-1; by default as they choose.
        #[arg(long)]
        version: Option<String>,
        /// The connection of the first chain that it goes over; by default the one between the two clients.
        #[arg(long)]
        connection: Option<ConnectionId>,
        /// How long a client that is made may believe a state: by default two thirds of the unbonding period of the chain that it
        /// follows.
        #[arg(long)]
        trust_period_secs: Option<u64>,
    },
    /// Close a channel at both ends, if its application allows it. Nothing opens it again.
    Close {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        patience: Patience,
        /// The end that closes itself, as chain/port/channel.
        #[arg(long, value_parser = parse_channel)]
        channel: ChannelName,
    },
}

/// Whether packets arrive in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    Ordered,
    Unordered,
}

impl From<Order> for Ordering {
    fn from(order: Order) -> Self {
        match order {
            Order::Ordered => Self::Ordered,
            Order::Unordered => Self::Unordered,
        }
    }
}

/// A chain, and its client of the other one if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) chain: String,
    pub(crate) client: Option<ClientId>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.chain)?;
        match &self.client {
            Some(client) => write!(f, "/{client}"),
            None => Ok(()),
        }
    }
}

/// An end of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChannelName {
    pub(crate) chain: String,
    pub(crate) end: ChannelEnd,
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.chain, self.end)
    }
}

fn parse_place(text: &str) -> Result<Place, String> {
    let Some((chain, client)) = text.split_once('/') else {
        return Ok(Place {
            chain: text.to_owned(),
            client: None,
        });
    };
    let client = ClientId::new(client).map_err(|reject| format!("{client} is no client id: {reject}"))?;
    Ok(Place {
        chain: chain.to_owned(),
        client: Some(client),
    })
}

pub(crate) fn parse_channel(text: &str) -> Result<ChannelName, String> {
    let bad = |why: String| {
        format!(
            "{text} is no end of a channel; write it as chain/port/channel, such as hub/transfer/channel-0{why}"
        )
    };
    let (chain, end) = text.split_once('/').ok_or_else(|| bad(String::new()))?;
    Ok(ChannelName {
        chain: chain.to_owned(),
        end: end
            .parse()
            .map_err(|reject: wire::Reject| bad(format!(" ({reject})")))?,
    })
}

fn port(text: &str) -> Result<PortId, String> {
    PortId::new(text).map_err(|reject| reject.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_ends_are_read_as_they_are_written() {
        let place = parse_place("hub/07-tendermint-3").expect("a place");
        assert_eq!(place.client.expect("a client").as_str(), "07-tendermint-3");
        assert_eq!(parse_place("hub").expect("a chain").client, None);
        for text in ["hub", "hub/07-tendermint-3"] {
            assert_eq!(parse_place(text).expect("a place").to_string(), text);
        }
        assert!(
            parse_place("hub/x")
                .expect_err("short")
                .contains("x is no client id")
        );
        let end = parse_channel("hub/transfer/channel-0").expect("an end");
        assert_eq!(
            (end.chain.as_str(), end.to_string().as_str()),
            ("hub", "hub/transfer/channel-0")
        );
        for text in [
            "hub",
            "hub/channel-0",
            "hub/transfer/",
            "hub/transfer/channel-0/1",
        ] {
            let told = parse_channel(text).expect_err("refused");
            assert!(told.contains("chain/port/channel"), "{told}");
        }
    }
}
