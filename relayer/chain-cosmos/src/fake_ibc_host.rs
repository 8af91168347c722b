//! The part of ibc-go that opens and closes connections and channels, as far as a relayer can tell: it believes nothing that is
//! not proven to its own clients.

use crate::ibc::client::{MsgUpdateClient, UPDATE};
use crate::ibc::tendermint::{
    CLIENT_STATE, CONSENSUS_STATE, ClientState, ConsensusState, Fraction, Root, read,
};
use crate::ibc::{RawHeight, any};
use crate::ibc_channel::{self as ch, Channel, IdentifiedChannel};
use crate::ibc_connection::{self as co, ClientPaths, ConnectionEnd, Prefix, Version};
use crate::views::config_of;
use client::Advance;
use cosmos_store::{Stores, iavl::Tree};
use cosmrs::Any;
use merkle::Proven;
use prost::Message;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tendermint_client::codec::{decode_bootstrap, decode_update};
use tendermint_client::testing::{Block, World};
use tendermint_client::{State, Time, Trusted, prove_key, verify_update};
use tendermint_proto::google::protobuf::Duration;
use wire::{Height, Seconds};

/// What a chain does beside its store.
#[derive(Clone, Default)]
pub(crate) struct Host {
    connections: u64,
    channels: u64,
    /// Whether it wants proofs of clients, as ibc-go did up to v8.
    pub(crate) is_old: bool,
    /// What its application makes of the version that a channel is begun with.
    pub(crate) renames: Option<fn(String) -> String>,
    /// Its application lets nobody close.
    pub(crate) stays_open: bool,
}

type Done = Result<Option<Value>, String>;

/// One message.
struct Run<'a> {
    world: &'a World,
    states: &'a BTreeMap<i64, Stores>,
    tree: &'a mut Tree,
    is_old: bool,
}

impl Host {
    /// A client of the chain of `world` that begins with `block`.
    pub(crate) fn client_of(world: &World, block: &Block, height: RawHeight) -> (Any, Any) {
        let seconds = |seconds| Some(Duration { seconds, nanos: 0 });
        let state = ClientState {
            chain_id: world.chain_id.clone(),
            trust_level: Some(Fraction {
                numerator: 1,
                denominator: 3,
            }),
            trusting_period: seconds(1_000_000),
            unbonding_period: seconds(2_000_000),
            max_clock_drift: seconds(10),
            frozen_height: Some(RawHeight::default()),
            latest_height: Some(height),
            proof_specs: crate::create::proof_specs(),
            upgrade_path: vec![],
        };
        (any(CLIENT_STATE, &state), consensus(block))
    }

    pub(crate) fn channels(tree: &Tree) -> Vec<IdentifiedChannel> {
        let entries = tree.entries().into_iter();
        let channels = entries.filter_map(|(key, value)| {
            let key = std::str::from_utf8(key)
                .ok()?
                .strip_prefix("channelEnds/ports/")?;
            let (port_id, channel_id) = key.split_once("/channels/")?;
            let channel = Channel::decode(value).unwrap();
            Some(IdentifiedChannel {
                state: channel.state,
                ordering: channel.ordering,
                counterparty: channel.counterparty,
                connection_hops: channel.connection_hops,
                version: channel.version,
                port_id: port_id.into(),
                channel_id: channel_id.into(),
                upgrade_sequence: 0,
            })
        });
        channels.collect()
    }

    pub(crate) fn execute(
        &mut self,
        world: &World,
        states: &BTreeMap<i64, Stores>,
        stores: &mut Stores,
        message: &Any,
    ) -> Done {
        let mut run = Run {
            world,
            states,
            tree: stores.get_mut("ibc").unwrap(),
            is_old: self.is_old,
        };
        let bytes = message.value.as_slice();
        match message.type_url.as_str() {
            UPDATE => run.update(&MsgUpdateClient::decode(bytes).unwrap()),
            co::INIT => {
                let id = next("connection", &mut self.connections);
                run.connection_init(id, co::MsgInit::decode(bytes).unwrap())
            }
            co::TRY => {
                let id = next("connection", &mut self.connections);
                run.connection_try(id, co::MsgTry::decode(bytes).unwrap())
            }
            co::ACK => run.connection_ack(co::MsgAck::decode(bytes).unwrap()),
            co::CONFIRM => run.connection_confirm(&co::MsgConfirm::decode(bytes).unwrap()),
            ch::INIT => {
                let message = ch::MsgInit::decode(bytes).unwrap();
                let mut channel = message.channel.unwrap();
                if let Some(rename) = self.renames {
                    channel.version = rename(channel.version);
                }
                let id = next("channel", &mut self.channels);
                Ok(run.set_channel("init", &message.port_id, &id, &channel))
            }
            ch::TRY => {
                let id = next("channel", &mut self.channels);
                run.channel_try(&id, ch::MsgTry::decode(bytes).unwrap())
            }
            ch::ACK => run.channel_ack(&ch::MsgAck::decode(bytes).unwrap()),
            ch::CONFIRM => {
                let message = ch::MsgConfirm::decode(bytes).unwrap();
                run.channel_confirm(&message, [ch::STATE_TRYOPEN, ch::STATE_OPEN, ch::STATE_OPEN])
            }
            ch::CLOSE_INIT if self.stays_open => Err("user cannot close channel".into()),
            ch::CLOSE_INIT => run.channel_close(&ch::MsgCloseInit::decode(bytes).unwrap()),
            ch::CLOSE_CONFIRM => {
                let message = ch::MsgConfirm::decode(bytes).unwrap();
                run.channel_confirm(&message, [ch::STATE_OPEN, ch::STATE_CLOSED, ch::STATE_CLOSED])
            }
            other => Err(format!("unknown message {other}")),
        }
    }
}

fn next(kind: &str, counter: &mut u64) -> String {
    *counter += 1;
    format!("{kind}-{}", *counter - 1)
}

fn consensus(block: &Block) -> Any {
    let header = &block.header;
    any(
        CONSENSUS_STATE,
        &ConsensusState {
            timestamp: header.time,
            root: Some(Root {
                hash: header.app_hash.clone(),
            }),
            next_validators_hash: header.next_validators_hash.clone(),
        },
    )
}

impl Run<'_> {
    fn load<M: Message + Default>(&self, key: &[u8]) -> Result<M, String> {
        let found = self.tree.get(key);
        let bytes = found.ok_or_else(|| format!("{} not found", String::from_utf8_lossy(key)))?;
        Ok(M::decode(bytes).unwrap())
    }

    /// What a client believes of `height`, or of its newest height.
    fn trusted(&self, client: &str, height: Option<RawHeight>) -> Result<(ClientState, Trusted), String> {
        let state: ClientState = read(&self.load(&co::client_key(client))?, CLIENT_STATE)?;
        let height = height.or(state.latest_height).unwrap();
        let stored: Any = self.load(&co::consensus_key(client, height))?;
        let believed = decode_bootstrap(Height::from(height), &stored.value).unwrap();
        let newest = State {
            height: height.revision_height,
            time: believed.time,
            app_hash: believed.app_hash,
            next_validators_hash: believed.next_validators_hash,
            learned_at: Seconds(0),
        };
        let trusted = Trusted::from_parts(config_of(&state)?, newest, [], false).unwrap();
        Ok((state, trusted))
    }

    fn update(&mut self, message: &MsgUpdateClient) -> Done {
        let client = message.client_id.as_str();
        let (mut state, trusted) = self.trusted(client, None)?;
        let update = decode_update(&message.client_message.as_ref().unwrap().value);
        let update = update.map_err(|reject| reject.to_string())?;
        let now = update.header.time.rounded_down();
        match verify_update(&trusted, &update, now).map_err(|reject| reject.to_string())? {
            Advance::Updated(next) => {
                let newest = next.newest();
                let height = RawHeight {
                    revision_height: newest.height,
                    ..state.latest_height.unwrap()
                };
                state.latest_height = Some(height);
                let Time { seconds, nanos } = newest.time;
                let believed = ConsensusState {
                    timestamp: Some(tendermint_proto::google::protobuf::Timestamp {
                        seconds,
                        nanos: nanos as i32,
                    }),
                    root: Some(Root {
                        hash: newest.app_hash.to_vec(),
                    }),
                    next_validators_hash: newest.next_validators_hash.to_vec(),
                };
                let (key, value) = (co::consensus_key(client, height), any(CONSENSUS_STATE, &believed));
                self.tree.set(&key, &value.encode_to_vec());
                self.tree.set(
                    &co::client_key(client),
                    &any(CLIENT_STATE, &state).encode_to_vec(),
                );
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// The other chain has `value` under `key`, by the client's root of exactly that height.
    fn verify(
        &self,
        client: &str,
        (proof, height): (&[u8], Option<RawHeight>),
        key: &[u8],
        value: &[u8],
    ) -> Result<(), String> {
        let height = height.unwrap();
        let (_, trusted) = self.trusted(client, Some(height))?;
        let now = trusted.newest().time.rounded_down();
        let proven = prove_key(&trusted, Height::from(height), key, proof, now);
        match proven.map_err(|reject| format!("failed to {reject}"))? {
            (_, Proven::Present(found)) if found == value => Ok(()),
            _ => Err(format!("{} is something else", String::from_utf8_lossy(key))),
        }
    }

    fn connection_init(&mut self, id: String, message: co::MsgInit) -> Done {
        self.trusted(&message.client_id, None)?;
        let end = ConnectionEnd {
            client_id: message.client_id,
            versions: message.version.into_iter().collect(),
            state: co::STATE_INIT,
            counterparty: message.counterparty,
            delay_period: message.delay_period,
        };
        Ok(self.add_connection("init", &id, &end))
    }

    fn connection_try(&mut self, id: String, message: co::MsgTry) -> Done {
        let peer = message.counterparty.clone().unwrap();
        let expected = ConnectionEnd {
            client_id: peer.client_id.clone(),
            versions: message.counterparty_versions.clone(),
            state: co::STATE_INIT,
            counterparty: Some(counterparty(&message.client_id, "")),
            delay_period: message.delay_period,
        };
        let (client, height) = (message.client_id.as_str(), message.proof_height);
        let key = co::end_key(&peer.connection_id);
        self.verify(
            client,
            (&message.proof_init, height),
            &key,
            &expected.encode_to_vec(),
        )?;
        let client_state = message.client_state.as_ref();
        let proofs = [message.proof_client.as_slice(), &message.proof_consensus];
        self.verify_self(
            (client, &peer.client_id),
            client_state,
            proofs,
            (height, message.consensus_height),
        )?;
        let end = ConnectionEnd {
            client_id: message.client_id,
            state: co::STATE_TRYOPEN,
            counterparty: message.counterparty,
            ..expected
        };
        Ok(self.add_connection("try", &id, &end))
    }

    fn connection_ack(&mut self, message: co::MsgAck) -> Done {
        let mut end: ConnectionEnd = self.load(&co::end_key(&message.connection_id))?;
        if end.state != co::STATE_INIT {
            return Err(format!("connection state is not INIT (got {})", end.state));
        }
        let mut peer = end.counterparty.clone().unwrap();
        let versions: Vec<Version> = message.version.into_iter().collect();
        let expected = ConnectionEnd {
            client_id: peer.client_id.clone(),
            versions: versions.clone(),
            state: co::STATE_TRYOPEN,
            counterparty: Some(counterparty(&end.client_id, &message.connection_id)),
            delay_period: end.delay_period,
        };
        let key = co::end_key(&message.counterparty_connection_id);
        let height = message.proof_height;
        let proof = (message.proof_try.as_slice(), height);
        self.verify(&end.client_id, proof, &key, &expected.encode_to_vec())?;
        let clients = (end.client_id.as_str(), peer.client_id.as_str());
        let proofs = [message.proof_client.as_slice(), &message.proof_consensus];
        self.verify_self(
            clients,
            message.client_state.as_ref(),
            proofs,
            (height, message.consensus_height),
        )?;
        peer.connection_id = message.counterparty_connection_id;
        (end.state, end.versions, end.counterparty) = (co::STATE_OPEN, versions, Some(peer));
        Ok(self.set_connection("ack", &message.connection_id, &end))
    }

    fn connection_confirm(&mut self, message: &co::MsgConfirm) -> Done {
        let mut end: ConnectionEnd = self.load(&co::end_key(&message.connection_id))?;
        if end.state != co::STATE_TRYOPEN {
            return Err(format!("connection state is not TRYOPEN (got {})", end.state));
        }
        let peer = end.counterparty.clone().unwrap();
        let expected = ConnectionEnd {
            client_id: peer.client_id,
            state: co::STATE_OPEN,
            counterparty: Some(counterparty(&end.client_id, &message.connection_id)),
            ..end.clone()
        };
        let proof = (message.proof_ack.as_slice(), message.proof_height);
        let key = co::end_key(&peer.connection_id);
        self.verify(&end.client_id, proof, &key, &expected.encode_to_vec())?;
        end.state = co::STATE_OPEN;
        Ok(self.set_connection("confirm", &message.connection_id, &end))
    }

    /// What ibc-go wanted up to v8: the other chain's client of this one is sound, and believes a state that was.
    fn verify_self(
        &self,
        (client, other): (&str, &str),
        state: Option<&Any>,
        [proof_client, proof_consensus]: [&[u8]; 2],
        (height, at): (Option<RawHeight>, Option<RawHeight>),
    ) -> Result<(), String> {
        if !self.is_old {
            return Ok(());
        }
        let state = state.ok_or("counterparty client is nil")?;
        let follows: ClientState = read(state, CLIENT_STATE)?;
        if follows.chain_id != self.world.chain_id {
            return Err(format!("invalid chain-id {}", follows.chain_id));
        }
        self.verify(
            client,
            (proof_client, height),
            &co::client_key(other),
            &state.encode_to_vec(),
        )?;
        let at = at.unwrap();
        let mut header = self.world.header_at(at.revision_height as i64);
        let before = self.states.get(&(at.revision_height as i64 - 1));
        header.app_hash = before
            .ok_or("self consensus state not found")?
            .app_hash()
            .to_vec();
        let block = Block::sign(
            header,
            self.world.set_at(at.revision_height as i64).clone(),
            0,
            |_| tendermint_client::testing::Ballot::Block,
        );
        let own = consensus(&block).encode_to_vec();
        self.verify(
            client,
            (proof_consensus, height),
            &co::consensus_key(other, at),
            &own,
        )
    }

    fn add_connection(&mut self, step: &str, id: &str, end: &ConnectionEnd) -> Option<Value> {
        let key = co::paths_key(&end.client_id);
        let mut paths: ClientPaths = self.load(&key).unwrap_or_default();
        paths.paths.push(id.into());
        self.tree.set(&key, &paths.encode_to_vec());
        self.set_connection(step, id, end)
    }

    fn set_connection(&mut self, step: &str, id: &str, end: &ConnectionEnd) -> Option<Value> {
        self.tree.set(&co::end_key(id), &end.encode_to_vec());
        Some(
            json!({"type": format!("connection_open_{step}"), "attributes": [{"key": "connection_id", "value": id}]}),
        )
    }

    fn channel(&self, port: &str, id: &str) -> Result<Channel, String> {
        self.load(&crate::channel::end_key(port, id))
    }

    fn set_channel(&mut self, step: &str, port: &str, id: &str, channel: &Channel) -> Option<Value> {
        self.tree
            .set(&crate::channel::end_key(port, id), &channel.encode_to_vec());
        Some(
            json!({"type": format!("channel_open_{step}"), "attributes": [{"key": "channel_id", "value": id}]}),
        )
    }

    /// The other end of `own` is exactly in `state`, over the connection's own counterparty.
    fn verify_channel(
        &self,
        own: &Channel,
        (port, id): (&str, &str),
        (state, version): (i32, &str),
        proof: (&[u8], Option<RawHeight>),
    ) -> Result<(), String> {
        let connection: ConnectionEnd = self.load(&co::end_key(&own.connection_hops[0]))?;
        if connection.state != co::STATE_OPEN {
            return Err("connection is not OPEN".into());
        }
        let other = own.counterparty.clone().unwrap();
        let expected = Channel {
            state,
            counterparty: Some(ch::Counterparty {
                port_id: port.into(),
                channel_id: id.into(),
            }),
            connection_hops: vec![connection.counterparty.unwrap().connection_id],
            version: version.into(),
            ..own.clone()
        };
        let key = crate::channel::end_key(&other.port_id, &other.channel_id);
        self.verify(&connection.client_id, proof, &key, &expected.encode_to_vec())
    }

    fn channel_try(&mut self, id: &str, message: ch::MsgTry) -> Done {
        let mut channel = message.channel.unwrap();
        let (port, version) = (message.port_id.as_str(), message.counterparty_version.as_str());
        let proof = (message.proof_init.as_slice(), message.proof_height);
        self.verify_channel(&channel, (port, ""), (ch::STATE_INIT, version), proof)?;
        channel.version = message.counterparty_version;
        Ok(self.set_channel("try", &message.port_id, id, &channel))
    }

    fn channel_ack(&mut self, message: &ch::MsgAck) -> Done {
        let (port, id) = (message.port_id.as_str(), message.channel_id.as_str());
        let mut channel = self.channel(port, id)?;
        if channel.state != ch::STATE_INIT {
            return Err(format!("channel state should be INIT (got {})", channel.state));
        }
        let other = channel.counterparty.as_mut().unwrap();
        other.channel_id = message.counterparty_channel_id.clone();
        let (version, proof) = (
            message.counterparty_version.as_str(),
            message.proof_try.as_slice(),
        );
        self.verify_channel(
            &channel,
            (port, id),
            (ch::STATE_TRYOPEN, version),
            (proof, message.proof_height),
        )?;
        channel.state = ch::STATE_OPEN;
        channel.version = version.into();
        Ok(self.set_channel("ack", port, id, &channel))
    }

    fn channel_close(&mut self, message: &ch::MsgCloseInit) -> Done {
        let (port, id) = (message.port_id.as_str(), message.channel_id.as_str());
        let mut channel = self.channel(port, id)?;
        if channel.state != ch::STATE_OPEN {
            return Err("channel is already CLOSED".into());
        }
        channel.state = ch::STATE_CLOSED;
        Ok(self.set_channel("close_init", port, id, &channel))
    }

    /// - `states`: what this end is, what the other one has to be, what this one becomes.
    fn channel_confirm(&mut self, message: &ch::MsgConfirm, [before, other, after]: [i32; 3]) -> Done {
        let (port, id) = (message.port_id.as_str(), message.channel_id.as_str());
        let mut channel = self.channel(port, id)?;
        if channel.state != before {
            return Err(format!("channel state is {}, not {before}", channel.state));
        }
        let version = channel.version.clone();
        let proof = (message.proof.as_slice(), message.proof_height);
        self.verify_channel(&channel, (port, id), (other, &version), proof)?;
        channel.state = after;
        Ok(self.set_channel("confirm", port, id, &channel))
    }
}

fn counterparty(client: &str, connection: &str) -> co::Counterparty {
    co::Counterparty {
        client_id: client.into(),
        connection_id: connection.into(),
        prefix: Some(Prefix {
            key_prefix: b"ibc".to_vec(),
        }),
    }
}
