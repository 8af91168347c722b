//! Connections of IBC v1: two clients that prove each other's chain, and agree on it.

use crate::connection_messages::{FEATURES, Proofs, VERSION, confirm, counterparty, version};
use crate::cosmos::Cosmos;
use crate::handshake::{Draft, Driver, End, Ends, Kind, Progress};
use crate::ibc::tendermint::{CLIENT_STATE, ClientState, read};
use crate::ibc::{RawHeight, any};
use crate::ibc_connection::{
    ClientPaths, ConnectionEnd, INIT, MsgInit, STATE_INIT, STATE_OPEN, STATE_TRYOPEN, Version, client_key,
    consensus_key, end_key, paths_key,
};
use crate::link::{Link, Target, stored};
use crate::misfit::{HandshakeFault, Misfit, Rule};
use crate::shown::Shown;
use crate::steps::{Next, State};
use chain::Fault;
use core::fmt;
use core::str::FromStr;
use core::time::Duration;
use cosmrs::Any;
use prost::Message;
use tendermint_client::STORE_DEFAULT;
use wire::ClientId;

/// Shortest and longest id.
const ID_LENGTHS: core::ops::RangeInclusive<usize> = 10..=64;
/// Connections of one client that are looked at.
const CONNECTIONS_MAX: usize = 1_000;

/// Identifier of a connection on one chain, for example `connection-0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(String);

impl ConnectionId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ConnectionId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-#[]<>".contains(&byte);
        if ID_LENGTHS.contains(&text.len()) && text.bytes().all(is_sound) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "{text:?} is no connection id; it is one such as connection-0"
        ))
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A connection that is open at both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Its ends.
    pub connections: [ConnectionId; 2],
    /// The client that each end believes.
    pub clients: [ClientId; 2],
}

/// The handshake of a connection between two chains.
pub struct ConnectionHandshake<'a> {
    driver: Driver<'a, Connections>,
}

impl<'a> ConnectionHandshake<'a> {
    /// Prepares it; nothing is asked yet.
    ///
    /// - `chains`, `clients`: each chain with its client of the other one.
    /// - `known`: which connection of the first chain it is about; none = the one that is furthest, and a new one only if there is
    ///   none.
    pub fn new(chains: [&'a Cosmos; 2], clients: [ClientId; 2], known: Option<&ConnectionId>) -> Self {
        let known = known.map(|id| id.as_str().to_owned());
        Self {
            driver: Driver::new(
                Link::new(chains, clients),
                Connections { known: known.clone() },
                known,
            ),
        }
    }

    /// Takes the step that is next, or says that both ends are open.
    pub async fn step(&mut self, patience: Duration) -> Result<Progress<Connected>, HandshakeFault> {
        let pair = match self.driver.step(patience).await? {
            Progress::Took(taken) => return Ok(Progress::Took(taken)),
            Progress::Done(pair) => pair,
        };
        let ids = pair
            .each_ref()
            .map(|end| end.as_ref().map_or("", |end| end.id.as_str()));
        let chain = self.driver.link.sides[0].chain;
        let named = |id: &str| ConnectionId::from_str(id).map_err(|text| chain.malformed(text));
        Ok(Progress::Done(Connected {
            connections: [named(ids[0])?, named(ids[1])?],
            clients: self.driver.link.sides.each_ref().map(|side| side.client.clone()),
        }))
    }
}

impl Cosmos {
    /// The clients of the connection `id` of this chain: the one here, and the one at the other end.
    pub async fn clients_of(&self, id: &ConnectionId) -> Result<[ClientId; 2], HandshakeFault> {
        let block = self.head().await?.finalized.block.0.max(1);
        let found = stored(self, &end_key(id.as_str()), block).await?;
        if found.is_empty() {
            return Err(HandshakeFault::Misfit(Misfit {
                end: format!("{}/{id}", self.name()),
                rule: Rule::State,
                found: "none: it is not there".into(),
                expected: "a connection".into(),
            }));
        }
        let malformed = |text: String| self.malformed(format!("{id}: {text}"));
        let end = ConnectionEnd::decode(found.as_slice()).map_err(|error| malformed(error.to_string()))?;
        let client = |id: String| ClientId::new(id).map_err(|reject| malformed(reject.to_string()));
        let other = end.counterparty.unwrap_or_default().client_id;
        Ok([client(end.client_id)?, client(other)?])
    }
}

/// What a handshake of connections looks at and says.
struct Connections {
    /// A connection of the first chain that is looked at even if it is another client's.
    known: Option<String>,
}

impl Kind for Connections {
    type End = ConnectionEnd;
    const NAME: &'static str = "connection";

    async fn ends(
        &self,
        link: &Link<'_>,
        side: usize,
        block: u64,
    ) -> Result<Vec<End<ConnectionEnd>>, HandshakeFault> {
        let client = link.sides[side].client.as_str();
        let paths = link.stored(side, &paths_key(client), block).await?;
        let mut ids = decoded::<ClientPaths>(link, side, &paths)?.paths;
        if ids.len() > CONNECTIONS_MAX {
            // One that was not seen must not be taken for one that is not there.
            return Err(HandshakeFault::Chain(Fault::NoClient {
                id: client.to_owned(),
                text: format!(
                    "it has {} connections, at most {CONNECTIONS_MAX} are looked through; use another client",
                    ids.len()
                ),
            }));
        }
        let known = self.known.iter().filter(|_| side == 0);
        let known: Vec<String> = known.filter(|id| !ids.contains(id)).cloned().collect();
        ids.extend(known);
        let mut ends = Vec::new();
        for id in ids {
            let found = link.stored(side, &end_key(&id), block).await?;
            if found.is_empty() {
                continue;
            }
            let raw: ConnectionEnd = decoded(link, side, &found)?;
            let peer = raw.counterparty.clone().unwrap_or_default();
            ends.push(End {
                state: state(raw.state),
                misfit: misfit(link, side, &id, &raw),
                other: peer.connection_id,
                id,
                raw,
            });
        }
        Ok(ends)
    }

    fn begin(&self, link: &Link<'_>, on: usize) -> Draft {
        let client_id = link.sides[on].client.to_string();
        let counterparty = counterparty(link, 1 - on, "");
        Box::new(move |signer| {
            let message = MsgInit {
                client_id: client_id.clone(),
                counterparty: Some(counterparty.clone()),
                version: Some(version()),
                delay_period: 0,
                signer: signer.to_owned(),
            };
            any(INIT, &message)
        })
    }

    async fn go_on(
        &self,
        link: &Link<'_>,
        next: Next,
        pair: &Ends<ConnectionEnd>,
        target: &Target,
    ) -> Result<Option<Draft>, Fault> {
        let on = match next {
            Next::Try(on) | Next::Ack(on) | Next::Confirm(on) => on,
            Next::Init(_) | Next::Done | Next::Unclear => return Ok(None),
        };
        let Some(source) = &pair[1 - on] else {
            return Ok(None);
        };
        let own = pair[on].as_ref().map_or("", |end| end.id.as_str()).to_owned();
        if let Next::Confirm(_) = next {
            let [end] = shown(link.prove(1 - on, target, &[end_key(&source.id)]).await?)?;
            return Ok(is_same(&end, &source.raw).then(|| confirm(own, end, target)));
        }
        let Some((client, height)) = hosted(link, 1 - on, target).await? else {
            return Ok(None);
        };
        let keys = [
            end_key(&source.id),
            client_key(client.as_str()),
            consensus_key(client.as_str(), height),
        ];
        let shown: [Shown; 3] = shown(link.prove(1 - on, target, &keys).await?)?;
        if !is_same(&shown[0], &source.raw) {
            return Ok(None);
        }
        let proofs = Proofs {
            height: target.height.into(),
            shown,
            consensus_height: height,
        };
        Ok(Some(match next {
            Next::Try(_) => proofs.open_try(link, on, source),
            _ => proofs.open_ack(own, source),
        }))
    }
}

/// The client of the chain `side` and the newest height that it believes, in the state that `target` proves.
async fn hosted(
    link: &Link<'_>,
    side: usize,
    target: &Target,
) -> Result<Option<(ClientId, RawHeight)>, Fault> {
    let client = &link.sides[side].client;
    let found = link
        .stored(side, &client_key(client.as_str()), target.block())
        .await?;
    let any: Any = decoded(link, side, &found)?;
    let state: ClientState = read(&any, CLIENT_STATE).map_err(|text| Fault::NoClient {
        id: client.to_string(),
        text,
    })?;
    Ok(state.latest_height.map(|height| (client.clone(), height)))
}

fn is_same(end: &Shown, expected: &ConnectionEnd) -> bool {
    ConnectionEnd::decode(end.value.as_slice()).is_ok_and(|end| end == *expected)
}

/// As many as were asked for.
pub(crate) fn shown<const N: usize>(shown: Vec<Shown>) -> Result<[Shown; N], Fault> {
    let count = shown.len();
    shown.try_into().map_err(|_| Fault::TooLarge {
        size: N as u64,
        limit: count as u64,
    })
}

/// A stored message.
pub(crate) fn decoded<M: Message + Default>(link: &Link<'_>, side: usize, bytes: &[u8]) -> Result<M, Fault> {
    let chain = link.sides[side].chain;
    M::decode(bytes).map_err(|error| chain.malformed(format!("what is stored cannot be read: {error}")))
}

fn state(raw: i32) -> State {
    match raw {
        STATE_INIT => State::Init,
        STATE_TRYOPEN => State::Try,
        STATE_OPEN => State::Open,
        _ => State::Other,
    }
}

/// What of an end on the chain `side` is not as a connection between these clients has it.
fn misfit(link: &Link<'_>, side: usize, id: &str, end: &ConnectionEnd) -> Option<Misfit> {
    let chain = link.sides[side].chain.name();
    let peer = end.counterparty.clone().unwrap_or_default();
    let prefix = peer.prefix.unwrap_or_default().key_prefix;
    let differs = |rule, found: &str, expected: &str| {
        (found != expected).then(|| Misfit {
            end: format!("{chain}/{id}"),
            rule,
            found: found.to_owned(),
            expected: expected.to_owned(),
        })
    };
    let (own, other) = (&link.sides[side].client, &link.sides[1 - side].client);
    differs(Rule::Client, &end.client_id, own.as_str())
        .or_else(|| differs(Rule::CounterpartyClient, &peer.client_id, other.as_str()))
        .or_else(|| {
            let expected = String::from_utf8_lossy(STORE_DEFAULT);
            differs(Rule::Prefix, &String::from_utf8_lossy(&prefix), &expected)
        })
        .or_else(|| {
            let carries = |one: &Version| {
                one.identifier == VERSION
                    && FEATURES
                        .iter()
                        .all(|feature| one.features.iter().any(|found| found == feature))
            };
            let found = if end.versions.iter().any(carries) {
                told(&version())
            } else {
                end.versions.iter().map(told).collect::<Vec<_>>().join(", ")
            };
            differs(Rule::Version, &found, &told(&version()))
        })
        .or_else(|| differs(Rule::Delay, &format!("{} ns", end.delay_period), "0 ns"))
}

fn told(version: &Version) -> String {
    format!("{} with {}", version.identifier, version.features.join(" and "))
}
