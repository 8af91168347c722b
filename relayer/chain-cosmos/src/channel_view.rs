//! A channel that is there: what both chains say of it, and whether packets can be carried over it.

use crate::channel::{order_word, state};
use crate::connection::ConnectionId;
use crate::cosmos::Cosmos;
use crate::ibc_channel::{Channel, ORDERED, UNORDERED};
use crate::ibc_connection::{ConnectionEnd, STATE_OPEN, end_key};
use crate::link::stored;
use crate::misfit::{HandshakeFault, Misfit, Rule};
use crate::steps::State;
use crate::views::see;
use chain::{Doubt, Fault, Finding};
use core::str::FromStr;
use prost::Message;
use wire::ClientId;
use wire::channel::{ChannelEnd, Ordering};

/// One end of a channel with what it stands on, all of one state of its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelView {
    /// The end.
    pub end: ChannelEnd,
    /// The block after which it was read.
    pub block: u64,
    /// How far it is.
    pub state: State,
    /// Whether its packets arrive in order.
    pub ordering: Ordering,
    /// How the applications talk.
    pub version: String,
    /// The other end; none while it is not known.
    pub counterparty: Option<ChannelEnd>,
    /// Its connection.
    pub connection: ConnectionId,
    /// Whether the connection is open.
    pub is_connected: bool,
    /// The connection at the other end; empty while it is not known.
    pub counterparty_connection: String,
    /// The client that proves the other chain here.
    pub client: ClientId,
    /// The client at the other end.
    pub counterparty_client: String,
    /// How long packets have to wait after an update of the client, in nanoseconds.
    pub delay_nanos: u64,
}

impl Cosmos {
    /// The channel `end` of this chain with its connection and its client, by one node's word.
    pub async fn channel_view(&self, end: &ChannelEnd) -> Result<ChannelView, HandshakeFault> {
        let block = self.head().await?.finalized.block.0.max(1);
        let malformed = |text: String| self.malformed(format!("channel {end}: {text}"));
        let found = stored(self, &end.end_key(), block).await?;
        if found.is_empty() {
            return Err(self.without(end, "none: it is not there", "a channel").into());
        }
        let channel = Channel::decode(found.as_slice()).map_err(|error| malformed(error.to_string()))?;
        let [hop] = channel.connection_hops.as_slice() else {
            let hops = format!("over {} connections", channel.connection_hops.len());
            return Err(self.without(end, &hops, "over one connection").into());
        };
        let connection = ConnectionId::from_str(hop).map_err(malformed)?;
        let found = stored(self, &end_key(hop), block).await?;
        let under = ConnectionEnd::decode(found.as_slice()).map_err(|error| malformed(error.to_string()))?;
        let peer = under.counterparty.unwrap_or_default();
        let other = channel.counterparty.unwrap_or_default();
        let counterparty = format!("{}/{}", other.port_id, other.channel_id).parse().ok();
        Ok(ChannelView {
            end: end.clone(),
            block,
            state: state(channel.state),
            ordering: match channel.ordering {
                UNORDERED => Ordering::Unordered,
                ORDERED => Ordering::Ordered,
                other => return Err(malformed(format!("its ordering is {other}")).into()),
            },
            version: channel.version,
            counterparty,
            connection,
            is_connected: under.state == STATE_OPEN,
            counterparty_connection: peer.connection_id,
            client: ClientId::new(under.client_id).map_err(|reject| malformed(reject.to_string()))?,
            counterparty_client: peer.client_id,
            delay_nanos: under.delay_period,
        })
    }

    /// The id of the chain that the client `id` of this chain says it follows.
    pub async fn followed(&self, id: &ClientId) -> Result<String, Fault> {
        let seen = see(self, id).await?;
        Ok(seen.tendermint()?.config.chain_id.clone())
    }

    fn without(&self, end: &ChannelEnd, found: &str, expected: &str) -> Misfit {
        Misfit {
            end: format!("{}/{end}", self.name()),
            rule: Rule::State,
            found: found.to_owned(),
            expected: expected.to_owned(),
        }
    }
}

impl ChannelView {
    /// Whether this end and `other`, on the other chain, are one channel that carries packets: one finding a rule.
    pub fn verify(&self, other: &Self) -> Vec<Finding> {
        let order = |ordering| match ordering {
            Ordering::Unordered => order_word(UNORDERED),
            Ordering::Ordered => order_word(ORDERED),
        };
        let same = |found: String, expected: String| {
            if found == expected {
                return Ok(found);
            }
            Err(Doubt::Differs(format!("it is {found}, {expected} is expected")))
        };
        let named = |end: Option<&ChannelEnd>| end.map_or("none".to_owned(), ToString::to_string);
        vec![
            Finding::new("state", self.check_state()),
            Finding::new(
                "other end",
                same(named(self.counterparty.as_ref()), other.end.to_string()),
            ),
            Finding::new("ordering", same(order(self.ordering), order(other.ordering))),
            Finding::new(
                "version",
                same(format!("{:?}", self.version), format!("{:?}", other.version)),
            ),
            Finding::new("connection", self.check_connection(other)),
            Finding::new("delay", self.check_delay()),
        ]
    }

    fn check_state(&self) -> Result<String, Doubt> {
        match self.state {
            State::Open => Ok("OPEN".into()),
            State::Init | State::Try | State::Closed | State::Other => Err(Doubt::Unusable(format!(
                "it is {}, OPEN is expected",
                self.state.word()
            ))),
        }
    }

    fn check_connection(&self, other: &Self) -> Result<String, Doubt> {
        let connection = &self.connection;
        if !self.is_connected {
            return Err(Doubt::Unusable(format!("{connection} is not open")));
        }
        let found = (&*self.counterparty_connection, &*self.counterparty_client);
        let expected = (other.connection.as_str(), other.client.as_str());
        if found != expected {
            return Err(Doubt::Differs(format!(
                "{connection} leads to {} of client {}, {} of client {} is expected",
                found.0, found.1, expected.0, expected.1
            )));
        }
        Ok(format!("{connection} of client {}", self.client))
    }

    fn check_delay(&self) -> Result<String, Doubt> {
        match self.delay_nanos {
            0 => Ok("none".into()),
            nanos => Err(Doubt::Unusable(format!(
                "packets have to wait {nanos} ns after an update of the client, this relayer does not wait"
            ))),
        }
    }
}
