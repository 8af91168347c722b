//! What a chain of ibc-go stores about channels, read from its store: by the node's word, which is ours and well.
//!
//! Written from ibc-go's own descriptors and keys, and not with what the relayer has of them.

use super::ground::served;
use super::lane::{Lane, PORT, Protocol};
use super::watch::Look;
use anyhow::{Context, Result, bail, ensure};
use chain_cosmos::Rpc;
use prost::Message;

/// The store of IBC.
const IBC: &str = "ibc";
/// `STATE_OPEN` of a channel.
const OPEN: i32 = 3;

/// `ibc.core.channel.v1.Channel`, as far as it is read.
#[derive(Clone, PartialEq, Message)]
struct Channel {
    #[prost(int32, tag = "1")]
    state: i32,
    #[prost(message, optional, tag = "3")]
    counterparty: Option<Counterparty>,
    #[prost(string, repeated, tag = "4")]
    connection_hops: Vec<String>,
}

/// `ibc.core.channel.v1.Counterparty`.
#[derive(Clone, PartialEq, Eq, Message)]
struct Counterparty {
    #[prost(string, tag = "1")]
    port_id: String,
    #[prost(string, tag = "2")]
    channel_id: String,
}

/// `ibc.core.connection.v1.ConnectionEnd`, as far as it is read.
#[derive(Clone, PartialEq, Eq, Message)]
struct ConnectionEnd {
    #[prost(string, tag = "1")]
    client_id: String,
}

impl Channel {
    /// The channel at its other end, if it is open and of the same application.
    fn open_to(&self) -> Option<&str> {
        let end = self.counterparty.as_ref()?;
        let is_open = self.state == OPEN && end.port_id == PORT && !end.channel_id.is_empty();
        is_open.then_some(end.channel_id.as_str())
    }
}

/// The number of the channel that is opened next.
pub(super) async fn next_channel(rpc: &Rpc) -> Result<u64> {
    let bytes = served(rpc.stored(IBC, b"nextChannelSequence", None).await)?;
    if bytes.is_empty() {
        return Ok(0);
    }
    let bytes: [u8; 8] = bytes
        .as_slice()
        .try_into()
        .context("the number of the next channel has not eight bytes")?;
    Ok(u64::from_be_bytes(bytes))
}

/// The channel that was opened since the next one would have had the number `before`: what it was called, nobody has to read out of
/// what a program prints.
///
/// # Errors
/// None is open.
pub(super) async fn opened(source: &Rpc, before: u64) -> Result<Lane> {
    let after = next_channel(source).await?;
    for number in before..after {
        let id = format!("channel-{number}");
        if let Some(there) = channel(source, &id).await?.open_to() {
            let ends = [id, there.to_owned()];
            let protocol = Protocol::V1;
            return Ok(Lane { protocol, ends });
        }
    }
    bail!("of the channels from number {before} to before {after} none is open")
}

/// The channel `id`.
async fn channel(rpc: &Rpc, id: &str) -> Result<Channel> {
    let key = format!("channelEnds/ports/{PORT}/channels/{id}");
    let bytes = served(rpc.stored(IBC, key.as_bytes(), None).await)?;
    ensure!(!bytes.is_empty(), "there is no {id}");
    Ok(Channel::decode(bytes.as_slice())?)
}

/// The client that the channel `id` rests on.
pub(super) async fn client_under(rpc: &Rpc, id: &str) -> Result<String> {
    let channel = channel(rpc, id).await?;
    let connection = channel.connection_hops.first();
    let connection = connection.with_context(|| format!("{id} has no connection"))?;
    let key = format!("connections/{connection}");
    let bytes = served(rpc.stored(IBC, key.as_bytes(), None).await)?;
    Ok(ConnectionEnd::decode(bytes.as_slice())?.client_id)
}

/// `PageRequest`, as far as it is asked.
#[derive(Clone, PartialEq, Eq, Message)]
struct Page {
    #[prost(uint64, tag = "3")]
    limit: u64,
}

/// `ibc.core.channel.v1.QueryPacketCommitmentsRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
struct OfChannel {
    #[prost(string, tag = "1")]
    port_id: String,
    #[prost(string, tag = "2")]
    channel_id: String,
    #[prost(message, optional, tag = "3")]
    pagination: Option<Page>,
}

/// `ibc.core.channel.v2.QueryPacketCommitmentsRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
struct OfClient {
    #[prost(string, tag = "1")]
    client_id: String,
    #[prost(message, optional, tag = "2")]
    pagination: Option<Page>,
}

/// `QueryPacketCommitmentsResponse` of both, as far as it is read.
#[derive(Clone, PartialEq, Eq, Message)]
struct Commitments {
    #[prost(bytes = "vec", repeated, tag = "1")]
    commitments: Vec<Vec<u8>>,
}

/// Whether more packets of `lane` than `given_up` ones are under way from its source, after the newest block.
pub(super) async fn open_commitments(rpc: &Rpc, lane: &Lane, given_up: usize) -> Result<Look> {
    let limit = u64::try_from(given_up)?.saturating_add(1);
    let pagination = Some(Page { limit });
    let id = lane.ends[0].clone();
    let (path, ask) = match lane.protocol {
        Protocol::V1 => {
            let ask = OfChannel {
                port_id: PORT.to_owned(),
                channel_id: id,
                pagination,
            };
            (
                "/ibc.core.channel.v1.Query/PacketCommitments",
                ask.encode_to_vec(),
            )
        }
        Protocol::V2 => {
            let ask = OfClient {
                client_id: id,
                pagination,
            };
            (
                "/ibc.core.channel.v2.Query/PacketCommitments",
                ask.encode_to_vec(),
            )
        }
    };
    let answer = served(rpc.query(path, &ask, None).await)?;
    Ok(Look {
        height: answer.height,
        may_be_over: Commitments::decode(answer.value.as_slice())?.commitments.len() <= given_up,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_open_channel_of_the_application_leads_anywhere() {
        let channel = |state, port: &str, id: &str| Channel {
            state,
            counterparty: Some(Counterparty {
                port_id: port.into(),
                channel_id: id.into(),
            }),
            connection_hops: Vec::new(),
        };
        assert_eq!(channel(OPEN, PORT, "channel-4").open_to(), Some("channel-4"));
        assert_eq!(channel(2, PORT, "channel-4").open_to(), None);
        assert_eq!(channel(OPEN, "oracle", "channel-4").open_to(), None);
        assert_eq!(channel(OPEN, PORT, "").open_to(), None);
        assert_eq!(Channel::default().open_to(), None);
    }
}
