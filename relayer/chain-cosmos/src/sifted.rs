//! Events as a block is read for its packets: those that say nothing of packets, nor who paid, are left out while they are read.
//!
//! A block of a thousand receives tells twenty thousand events, most of them of coins that moved. Kept until they were
//! sorted out, they would be the most memory that the relayer ever needs.

use crate::answers::{Attribute, Event, Results, TxResult};
use crate::packets::Step;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The events in which a transaction says who signed it and what it paid.
pub(crate) const TX: &str = "tx";

/// An event, if it is one that is read of a block.
pub(crate) struct Sifted(Option<Event>);

/// Whether it tells of a transaction, or a step of a packet that is followed by events.
fn is_read(kind: &str) -> bool {
    kind == TX || Step::of(kind).is_some_and(|step| step != Step::Received)
}

impl Results<Sifted> {
    /// The results without what was left out.
    pub(crate) fn sift(self) -> Results {
        Results {
            height: self.height,
            txs_results: self.txs_results.into_iter().map(TxResult::sift).collect(),
            finalize_block_events: sift(self.finalize_block_events),
            begin_block_events: sift(self.begin_block_events),
            end_block_events: sift(self.end_block_events),
        }
    }
}

impl TxResult<Sifted> {
    fn sift(self) -> TxResult {
        TxResult {
            code: self.code,
            codespace: self.codespace,
            log: self.log,
            gas_wanted: self.gas_wanted,
            gas_used: self.gas_used,
            events: sift(self.events),
        }
    }
}

fn sift(events: Vec<Sifted>) -> Vec<Event> {
    let mut read: Vec<Event> = events.into_iter().filter_map(|event| event.0).collect();
    read.shrink_to_fit();
    read
}

impl<'de> Deserialize<'de> for Sifted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

/// Nodes name the kind before the attributes; where one does not, they are read and then left out.
struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Sifted;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an event with its type and attributes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sifted, A::Error> {
        let (mut kind, mut attributes) = (None::<String>, Vec::new());
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "type" => kind = Some(map.next_value()?),
                "attributes" if kind.as_deref().is_none_or(is_read) => {
                    attributes = map.next_value::<Option<Vec<Attribute>>>()?.unwrap_or_default();
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let kind = kind.ok_or_else(|| serde::de::Error::missing_field("type"))?;
        Ok(Sifted(is_read(&kind).then_some(Event { kind, attributes })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(events: Value) -> Result<Vec<String>, serde_json::Error> {
        let results: Results<Sifted> = serde_json::from_value(json!({
            "height": "7",
            "txs_results": [{ "code": 0, "gas_wanted": "1", "gas_used": "1", "events": events }],
            "finalize_block_events": events,
            "begin_block_events": events,
            "end_block_events": events,
        }))?;
        let results = results.sift();
        let all = [
            &results.txs_results[0].events,
            &results.begin_block_events,
            &results.end_block_events,
        ];
        assert!(all.iter().all(|events| **events == results.finalize_block_events));
        let of = |event: &Event| format!("{} {:?}", event.kind, event.attribute("a"));
        Ok(results.finalize_block_events.iter().map(of).collect())
    }

    #[test]
    fn what_tells_of_packets_and_of_who_paid_is_kept_in_any_order_of_fields() {
        let attributes = json!([{ "key": "a", "value": "1", "index": true }]);
        let event = |kind: &str| json!({ "type": kind, "attributes": attributes });
        let kinds = [
            "send_packet",
            "write_acknowledgement",
            "acknowledge_packet",
            "timeout_packet",
            TX,
        ];
        for kind in kinds {
            assert_eq!(
                read(json!([event(kind)])).unwrap(),
                [format!("{kind} Some(\"1\")")]
            );
        }
        for kind in ["recv_packet", "message", "transfer", "coin_spent", ""] {
            assert!(read(json!([event(kind)])).unwrap().is_empty(), "{kind}");
        }
        let turned = r#"{"attributes":[{"key":"a","value":"2"}],"type":"tx"}"#;
        let event: Sifted = serde_json::from_str(turned).unwrap();
        assert_eq!(event.0.unwrap().attribute("a"), Some("2"));
        assert!(read(json!(null)).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for bad in [
            json!([{ "attributes": [] }]),
            json!([{ "type": 7, "attributes": [] }]),
            json!([{ "type": "tx", "attributes": 7 }]),
            json!([7]),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
