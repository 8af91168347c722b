//! Channels of IBC v1: two applications that talk over an open connection.

use crate::connection::{Connected, shown};
use crate::cosmos::Cosmos;
use crate::handshake::{Draft, Driver, End, Ends, Kind, Progress};
use crate::ibc::client::{PageRequest, PageResponse};
use crate::ibc::{RawHeight, any};
use crate::ibc_channel::{
    ACK, CONFIRM, Channel, ChannelsAnswer, Counterparty, INIT, IdentifiedChannel, MsgAck, MsgConfirm,
    MsgInit, MsgTry, OF_CONNECTION_QUERY, ORDERED, OfConnection, STATE_CLOSED, STATE_INIT, STATE_OPEN,
    STATE_TRYOPEN, TRY, UNORDERED,
};
use crate::link::{Link, Target};
use crate::misfit::{HandshakeFault, Misfit, Rule};
use crate::pages::{Paged, pages};
use crate::shown::Shown;
use crate::steps::{Next, State};
use chain::Fault;
use core::time::Duration;
use endpoints::Complaint;
use prost::Message;
use wire::PortId;
use wire::channel::{ChannelEnd, ChannelId, Ordering};

/// What channel is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelWish {
    /// The applications, one on each chain.
    pub ports: [PortId; 2],
    /// Whether its packets arrive in order.
    pub ordering: Ordering,
    /// How the applications talk; none = as they choose, and any that is there will do.
    pub version: Option<String>,
}

/// A channel that is open at both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channelled {
    /// Its ends.
    pub ends: [ChannelEnd; 2],
    /// How the applications talk.
    pub version: String,
}

/// The handshake of a channel over an open connection.
pub struct ChannelHandshake<'a> {
    driver: Driver<'a, Channels>,
}

impl<'a> ChannelHandshake<'a> {
    /// Prepares it; nothing is asked yet. It goes on with the channel of this connection that is furthest of those that are as
    /// wanted, and begins one only if there is none.
    pub fn new(chains: [&'a Cosmos; 2], connected: Connected, wish: ChannelWish) -> Self {
        let kind = Channels {
            connections: connected.connections.map(|id| id.as_str().to_owned()),
            wish,
        };
        Self {
            driver: Driver::new(Link::new(chains, connected.clients), kind, None),
        }
    }

    /// Takes the step that is next, or says that both ends are open.
    pub async fn step(&mut self, patience: Duration) -> Result<Progress<Channelled>, HandshakeFault> {
        let pair = match self.driver.step(patience).await? {
            Progress::Took(taken) => return Ok(Progress::Took(taken)),
            Progress::Done(pair) => pair,
        };
        let named = |side: usize| {
            let id = pair[side].as_ref().map_or("", |end| end.id.as_str());
            let chain = self.driver.link.sides[side].chain;
            let channel = ChannelId::new(id)
                .map_err(|reject| chain.malformed(format!("{id} is no channel: {reject}")))?;
            let port = self.driver.kind.wish.ports[side].clone();
            Ok::<_, Fault>(ChannelEnd { port, channel })
        };
        let version = pair[0].as_ref().map(|end| end.raw.version.clone());
        Ok(Progress::Done(Channelled {
            ends: [named(0)?, named(1)?],
            version: version.unwrap_or_default(),
        }))
    }
}

/// What a handshake of channels looks at and says.
struct Channels {
    connections: [String; 2],
    wish: ChannelWish,
}

impl Kind for Channels {
    type End = Channel;
    const NAME: &'static str = "channel";

    async fn ends(
        &self,
        link: &Link<'_>,
        side: usize,
        block: u64,
    ) -> Result<Vec<End<Channel>>, HandshakeFault> {
        let all = of_connection(link.sides[side].chain, &self.connections[side], block).await?;
        let of_ports = all.into_iter().filter(|found| {
            let other = found.counterparty.as_ref().map(|other| other.port_id.as_str());
            found.port_id == self.wish.ports[side].as_str()
                && other == Some(self.wish.ports[1 - side].as_str())
        });
        let end = |found: IdentifiedChannel| End {
            state: state(found.state),
            other: found.counterparty.clone().unwrap_or_default().channel_id,
            misfit: self.misfit(link, side, &found),
            raw: found.end(),
            id: found.channel_id,
        };
        Ok(of_ports.map(end).collect())
    }

    fn begin(&self, _link: &Link<'_>, on: usize) -> Draft {
        let port_id = self.wish.ports[on].to_string();
        let version = self.wish.version.clone().unwrap_or_default();
        let channel = self.channel(on, STATE_INIT, "", version);
        Box::new(move |signer| {
            let message = MsgInit {
                port_id: port_id.clone(),
                channel: Some(channel.clone()),
                signer: signer.to_owned(),
            };
            any(INIT, &message)
        })
    }

    async fn go_on(
        &self,
        link: &Link<'_>,
        next: Next,
        pair: &Ends<Channel>,
        target: &Target,
    ) -> Result<Option<Draft>, Fault> {
        let on = match next {
            Next::Try(on) | Next::Ack(on) | Next::Confirm(on) => on,
            Next::Init(_) | Next::Done | Next::Unclear => return Ok(None),
        };
        let Some(source) = &pair[1 - on] else {
            return Ok(None);
        };
        let port = &self.wish.ports[1 - on];
        let [end] = shown(
            link.prove(1 - on, target, &[end_key(port.as_str(), &source.id)])
                .await?,
        )?;
        if !is_same(&end, &source.raw) {
            return Ok(None);
        }
        let own = pair[on].as_ref().map_or("", |end| end.id.as_str()).to_owned();
        Ok(Some(self.draft(
            next,
            on,
            (own, source),
            (end.proof, target.height.into()),
        )))
    }
}

impl Channels {
    /// The message of `next`, at the end `own` on the chain `on`.
    fn draft(
        &self,
        next: Next,
        on: usize,
        (own, source): (String, &End<Channel>),
        (proof, height): (Vec<u8>, RawHeight),
    ) -> Draft {
        let port_id = self.wish.ports[on].to_string();
        let (other, version) = (source.id.clone(), source.raw.version.clone());
        let channel = self.channel(on, STATE_TRYOPEN, &other, version.clone());
        Box::new(move |signer| {
            let (port_id, channel_id) = (port_id.clone(), own.clone());
            let (proof, signer) = (proof.clone(), signer.to_owned());
            let proof_height = Some(height);
            match next {
                Next::Try(_) => any(
                    TRY,
                    &MsgTry {
                        port_id,
                        channel: Some(channel.clone()),
                        counterparty_version: version.clone(),
                        proof_init: proof,
                        proof_height,
                        signer,
                    },
                ),
                Next::Ack(_) => any(
                    ACK,
                    &MsgAck {
                        port_id,
                        channel_id,
                        counterparty_channel_id: other.clone(),
                        counterparty_version: version.clone(),
                        proof_try: proof,
                        proof_height,
                        signer,
                    },
                ),
                Next::Confirm(_) | Next::Init(_) | Next::Done | Next::Unclear => any(
                    CONFIRM,
                    &MsgConfirm {
                        port_id,
                        channel_id,
                        proof,
                        proof_height,
                        signer,
                        counterparty_upgrade_sequence: 0,
                    },
                ),
            }
        })
    }

    /// An end on the chain `on`, whose other end is the channel `other`.
    fn channel(&self, on: usize, state: i32, other: &str, version: String) -> Channel {
        Channel {
            state,
            ordering: ordering(self.wish.ordering),
            counterparty: Some(Counterparty {
                port_id: self.wish.ports[1 - on].to_string(),
                channel_id: other.to_owned(),
            }),
            connection_hops: vec![self.connections[on].clone()],
            version,
            upgrade_sequence: 0,
        }
    }

    fn misfit(&self, link: &Link<'_>, side: usize, found: &IdentifiedChannel) -> Option<Misfit> {
        let chain = link.sides[side].chain.name();
        let end = format!("{chain}/{}/{}", found.port_id, found.channel_id);
        let wanted = ordering(self.wish.ordering);
        if found.ordering != wanted {
            return Some(Misfit {
                end,
                rule: Rule::Ordering,
                found: order_word(found.ordering),
                expected: order_word(wanted),
            });
        }
        let version = self
            .wish
            .version
            .as_ref()
            .filter(|wanted| **wanted != found.version)?;
        Some(Misfit {
            end,
            rule: Rule::Version,
            found: format!("{:?}", found.version),
            expected: format!("{version:?}"),
        })
    }
}

/// The channels of a connection.
struct OfConnectionQuery<'a>(&'a str);

impl Paged for OfConnectionQuery<'_> {
    const QUERY: &'static str = OF_CONNECTION_QUERY;
    const PAGE: u64 = 200;
    const PAGES_MAX: usize = 50;
    type Answer = ChannelsAnswer;
    type Item = IdentifiedChannel;

    fn request(&self, page: PageRequest) -> Vec<u8> {
        let request = OfConnection {
            connection: self.0.to_owned(),
            pagination: Some(page),
        };
        request.encode_to_vec()
    }

    fn items(answer: ChannelsAnswer) -> (Vec<IdentifiedChannel>, Option<PageResponse>) {
        (answer.channels, answer.pagination)
    }
}

/// All channels of a connection after `block`.
pub(crate) async fn of_connection(
    chain: &Cosmos,
    connection: &str,
    block: u64,
) -> Result<Vec<IdentifiedChannel>, Fault> {
    let query = &OfConnectionQuery(connection);
    let read = |rpc| async move {
        let read = pages(&rpc, chain, query, Some(block)).await?;
        if read.are_all {
            return Ok(read.items);
        }
        // One that was not seen must not be taken for one that is not there.
        Err(Complaint::malformed(format!(
            "{connection} has more than {} channels, which are not all looked through",
            read.items.len()
        )))
    };
    chain.on_rpc(read).await
}

/// Where a chain stores an end, by [`ChannelEnd::end_key`]; ids that are no ids are under no key.
pub(crate) fn end_key(port: &str, channel: &str) -> Vec<u8> {
    format!("channelEnds/ports/{port}/channels/{channel}").into_bytes()
}

pub(crate) fn is_same(end: &Shown, expected: &Channel) -> bool {
    Channel::decode(end.value.as_slice()).is_ok_and(|end| end == *expected)
}

pub(crate) fn state(raw: i32) -> State {
    match raw {
        STATE_INIT => State::Init,
        STATE_TRYOPEN => State::Try,
        STATE_OPEN => State::Open,
        STATE_CLOSED => State::Closed,
        _ => State::Other,
    }
}

fn ordering(ordering: Ordering) -> i32 {
    match ordering {
        Ordering::Unordered => UNORDERED,
        Ordering::Ordered => ORDERED,
    }
}

pub(crate) fn order_word(raw: i32) -> String {
    match raw {
        UNORDERED => "unordered".to_owned(),
        ORDERED => "ordered".to_owned(),
        other => format!("of kind {other}"),
    }
}
