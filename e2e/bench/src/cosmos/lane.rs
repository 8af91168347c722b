//! What packets of a contestant travel over, and how they are told apart from others in the results of blocks.

use anyhow::{Context, Result};
use chain_cosmos::{Event, Results};
use cosmos_chain::hand::{MsgTransfer, any};
use cosmrs::Any;
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use sha2::{Digest, Sha256};
use std::fmt;

use super::ground::TOKEN;

/// The application's port.
pub(super) const PORT: &str = "transfer";
const TRANSFER: &str = "/ibc.applications.transfer.v1.MsgTransfer";
const NANOS: u64 = 1_000_000_000;

/// Of which generation the packets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Protocol {
    /// IBC v1: by channel. What the bars are about.
    V1,
    /// IBC v2: by client.
    V2,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "IBC v1",
            Self::V2 => "IBC v2",
        })
    }
}

/// A way from the first chain to the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    pub(super) protocol: Protocol,
    /// The channel or client on each chain.
    pub(super) ends: [String; 2],
}

/// What happened to a packet of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Sent,
    Received,
    Acknowledged,
    TimedOut,
}

impl Step {
    /// The name of the event, and on which of the two chains it counts.
    fn event(self) -> (&'static str, usize) {
        match self {
            Self::Sent => ("send_packet", 0),
            Self::Received => ("write_acknowledgement", 1),
            Self::Acknowledged => ("acknowledge_packet", 0),
            Self::TimedOut => ("timeout_packet", 0),
        }
    }
}

impl Lane {
    /// The message that sends one token.
    ///
    /// - `timeout`: seconds since the epoch.
    pub(super) fn transfer(&self, sender: &str, receiver: &str, timeout: u64) -> Any {
        let message = MsgTransfer {
            source_port: PORT.to_owned(),
            source_channel: self.ends[0].clone(),
            token: Some(Coin {
                denom: TOKEN.to_owned(),
                amount: "1".to_owned(),
            }),
            sender: sender.to_owned(),
            receiver: receiver.to_owned(),
            timeout_timestamp: match self.protocol {
                Protocol::V1 => timeout.saturating_mul(NANOS),
                Protocol::V2 => timeout,
            },
            ..MsgTransfer::default()
        };
        any(TRANSFER, &message)
    }

    /// What the token is called where it arrives.
    pub(super) fn voucher(&self) -> String {
        let hash = Sha256::digest(format!("{PORT}/{}/{TOKEN}", self.ends[1]));
        format!("ibc/{}", alloy::hex::encode_upper(hash))
    }

    /// The events of a block that say that `step` happened to packets of this lane. Only transactions that succeeded count.
    pub(super) fn events<'a>(&'a self, results: &'a Results, step: Step) -> impl Iterator<Item = &'a Event> {
        let succeeded = results.txs_results.iter().filter(|result| result.code == 0);
        let (kind, side) = step.event();
        let name = self.attribute(side);
        succeeded
            .flat_map(|result| &result.events)
            .filter(move |event| event.kind == kind && event.attribute(name) == Some(&self.ends[side]))
    }

    /// The sequences of those packets.
    pub(super) fn sequences(&self, results: &Results, step: Step) -> Result<Vec<u64>> {
        self.events(results, step).map(sequence).collect()
    }

    fn attribute(&self, side: usize) -> &'static str {
        match (self.protocol, side) {
            (Protocol::V1, 0) => "packet_src_channel",
            (Protocol::V1, _) => "packet_dst_channel",
            (Protocol::V2, 0) => "packet_source_client",
            (Protocol::V2, _) => "packet_dest_client",
        }
    }
}

/// The attribute `name` of an event that has to have it.
pub(super) fn text<'a>(event: &'a Event, name: &str) -> Result<&'a str> {
    event
        .attribute(name)
        .with_context(|| format!("an event {} without one {name}", event.kind))
}

/// The number of the packet that an event is about.
pub(super) fn sequence(event: &Event) -> Result<u64> {
    let told = text(event, "packet_sequence")?;
    told.parse().with_context(|| format!("{told} is no sequence"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::{Value, json};

    pub(in crate::cosmos) fn lane(protocol: Protocol) -> Lane {
        Lane {
            protocol,
            ends: ["here-0".into(), "there-0".into()],
        }
    }

    /// The results of a block with a transaction for each of `events`, which succeeds if `code` is zero.
    pub(in crate::cosmos) fn results(code: u32, events: &[Value]) -> Results {
        let tx =
            |event: &Value| json!({ "code": code, "gas_wanted": "1", "gas_used": "1", "events": [event] });
        let txs: Vec<Value> = events.iter().map(tx).collect();
        serde_json::from_value(json!({ "height": "7", "txs_results": txs })).unwrap()
    }

    pub(in crate::cosmos) fn event(kind: &str, name: &str, end: &str, sequence: u64) -> Value {
        let attribute = |key: &str, value: &str| json!({ "key": key, "value": value });
        let sequence = sequence.to_string();
        json!({ "type": kind, "attributes": [attribute(name, end), attribute("packet_sequence", &sequence)] })
    }

    #[test]
    fn packets_of_other_lanes_generations_and_failed_transactions_do_not_count() {
        let events = [
            event("acknowledge_packet", "packet_src_channel", "here-0", 1),
            event("acknowledge_packet", "packet_src_channel", "here-1", 2),
            event("acknowledge_packet", "packet_source_client", "here-0", 3),
            event("send_packet", "packet_src_channel", "here-0", 4),
        ];
        let count = |code, protocol, step| {
            let found = lane(protocol).sequences(&results(code, &events), step);
            found.unwrap()
        };
        assert_eq!(count(0, Protocol::V1, Step::Acknowledged), [1]);
        assert_eq!(count(0, Protocol::V1, Step::Sent), [4]);
        assert_eq!(count(0, Protocol::V2, Step::Acknowledged), [3]);
        assert!(count(5, Protocol::V1, Step::Acknowledged).is_empty());
    }

    #[test]
    fn what_arrives_is_known_by_the_end_where_it_arrives() {
        let received = results(
            0,
            &[event("write_acknowledgement", "packet_dst_channel", "there-0", 9)],
        );
        let lane = lane(Protocol::V1);
        assert_eq!(lane.sequences(&received, Step::Received).unwrap(), [9]);
        // The best known voucher there is: ATOM on Osmosis is that of another denomination, ours ends differently.
        let known = Lane {
            ends: ["channel-141".into(), "channel-0".into()],
            ..lane
        };
        let hash = Sha256::digest("transfer/channel-0/token");
        assert_eq!(known.voucher(), format!("ibc/{}", alloy::hex::encode_upper(hash)));
    }

    #[test]
    fn a_timeout_is_in_nanoseconds_over_a_channel_and_in_seconds_over_a_client() {
        use cosmrs::proto::traits::Message;
        for (protocol, expected) in [(Protocol::V1, 7 * NANOS), (Protocol::V2, 7)] {
            let message = lane(protocol).transfer("a", "b", 7);
            let message = MsgTransfer::decode(message.value.as_slice()).unwrap();
            assert_eq!(message.timeout_timestamp, expected);
            assert_eq!(message.source_channel, "here-0");
        }
    }
}
