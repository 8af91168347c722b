//! A list is read in pages, and no page leaves anything out that another one does not have.

use super::{Packets, parse_packet};
use api::{Filter, Packets as _};
use chain::{BlockNumber, ChainName, TxHash};
use relayer_core::{Carrier, EndName, Keep, Leg, PacketId, PacketRecord, Record, Stage, Standing};
use store::Store;
use wire::{ClientId, Encoding, Packet, Payload, PortId, Seconds, Sequence, Value, Version};

pub(crate) fn end(chain: &str) -> EndName {
    EndName {
        chain: ChainName(chain.into()),
        id: ClientId::new("client-0").unwrap().into(),
    }
}

/// A packet that `chain` sent, as it was seen.
pub(crate) fn record(chain: &str, number: u64) -> PacketRecord {
    let sequence = Sequence::new(number).unwrap();
    let packet = Packet {
        sequence,
        source_client: ClientId::new("client-0").unwrap(),
        destination_client: ClientId::new("client-0").unwrap(),
        timeout: Seconds(9),
        payload: Payload {
            source_port: PortId::new("transfer").unwrap(),
            destination_port: PortId::new("transfer").unwrap(),
            version: Version::new("ics20-1").unwrap(),
            encoding: Encoding::new("application/x-solidity-abi").unwrap(),
            value: Value::new([7]).unwrap(),
        },
    };
    let id = PacketId {
        source: end(chain),
        sequence,
    };
    PacketRecord::seen(
        id,
        packet,
        BlockNumber(2),
        TxHash(wire::COMMITMENTS_SLOT),
        Seconds(5),
    )
}

/// Of both chains: 1, 4, 7 and so on are live, 2, 5, 8 parked, and 3, 6, 9 settled, up to 12.
fn packets(dir: &std::path::Path) -> Packets {
    let store = Store::open(dir, Keep::default()).unwrap();
    for chain in ["a", "b"] {
        for number in 1..=12 {
            let mut one = record(chain, number);
            let stage = match number % 3 {
                1 => Stage::Seen,
                2 => Stage::Included { by: Carrier::Others },
                _ => Stage::Acked,
            };
            let leg = Leg::Deliver;
            one.standing = Standing { leg, stage };
            store.write(&[Record::Packet(one.clone())]).unwrap();
            if number % 3 == 2 {
                store.write(&[Record::Parked(one)]).unwrap();
            }
        }
    }
    Packets::of_store(store, &[(end("a"), end("b"))])
}

fn names(packets: &Packets, filter: &Filter) -> Vec<String> {
    let listed = packets.list(filter).unwrap();
    listed.into_iter().map(|view| view.packet).collect()
}

#[test]
fn pages_of_any_length_show_what_one_list_shows() {
    let dir = tempfile::tempdir().unwrap();
    let packets = packets(dir.path());
    for filter in [
        Filter::default(),
        Filter {
            all: true,
            ..Filter::default()
        },
        Filter {
            stage: Some("parked".into()),
            ..Filter::default()
        },
        Filter {
            path: Some("b/client-0".into()),
            all: true,
            ..Filter::default()
        },
    ] {
        let whole = names(&packets, &filter);
        let ends = if filter.path.is_some() { 1 } else { 2 };
        let kinds = if filter.all {
            3
        } else {
            1 + usize::from(filter.stage.is_none())
        };
        assert_eq!(whole.len(), ends * kinds * 4, "{filter:?}");
        for limit in 1..=whole.len() + 1 {
            let mut page = Filter {
                limit: Some(limit),
                ..filter.clone()
            };
            let mut paged = Vec::new();
            loop {
                let next = names(&packets, &page);
                assert!(next.len() <= limit, "{next:?}");
                let Some(last) = next.last() else { break };
                page.after = Some(last.clone());
                paged.extend(next);
            }
            assert_eq!(paged, whole, "{limit} at once of {filter:?}");
        }
    }
}

#[test]
fn a_list_goes_on_behind_a_packet_that_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let packets = packets(dir.path());
    let behind = |after: &str| {
        let after = Some(after.to_owned());
        let filter = Filter {
            after,
            ..Filter::default()
        };
        names(&packets, &filter)
    };
    let tail: Vec<String> = [10, 11].map(|number| format!("b/client-0/{number}")).to_vec();
    assert_eq!(behind("b/client-0/9"), tail, "it is settled and not listed");
    assert_eq!(behind("b/client-0/99"), Vec::<String>::new());
    assert_eq!(behind("a/client-0/99").len(), 8, "all of the other end");
}

#[test]
fn what_is_no_packet_is_refused_with_the_reason() {
    for (text, reason) in [
        ("nothing", "chain/client/sequence"),
        ("a/client-0/x", "no sequence"),
        ("a/client-0/0", "sequence"),
        ("a/7", "chain/client"),
    ] {
        let refused = parse_packet(text).unwrap_err();
        assert!(refused.contains(reason), "{refused}");
    }
    let id = parse_packet("a/client-0/7").unwrap();
    assert_eq!((id.source, id.sequence.get()), (end("a"), 7));
    assert_eq!(
        parse_packet("a/transfer/channel-0/7").unwrap().to_string(),
        "a/transfer/channel-0/7"
    );
}
