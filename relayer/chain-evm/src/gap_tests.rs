//! What an earlier answer left out, as this adapter finds it and the machine takes it.

use super::tests::{NEWEST, ROUTER, client, node, sent};
use super::*;
use crate::fake::{Fake, rpc};
use chain::{Answer, Ask, Blame, ChainName, Failed, Finalized, Head, Latest, Reply, WeiPerGas};
use ethereum::Blst;
use relayer_core::{
    BatchPolicy, ChainConfig, Config, Effects, EndConfig, EndName, FeePolicy, Input, Law, Limits, Note,
    Outgoing, PathConfig, Record, Relayer, Restored,
};
use serde_json::json;
use std::collections::BTreeMap;
use wire::{Height, Seconds, Sequence};

const PAGE: u64 = 10;

/// The first answer hides the packets from 2 on; asked for them by their topics, the node gives them if it looks so far.
async fn forgetful(hidden: u64, looks: bool) -> Fake {
    node(move |from, _, filter| {
        let by_sequence = filter["topics"].as_array().is_some_and(|topics| topics.len() > 2);
        let is_wanted = |sequence: &u64| {
            filter["topics"][2]
                .to_string()
                .contains(&topic_of(*sequence).to_string())
        };
        if by_sequence && !looks {
            return Err(json!({"code": -32602, "message": "block range too large, max: 10"}));
        }
        Ok(json!(match (by_sequence, from) {
            (true, _) => (2..=hidden)
                .filter(is_wanted)
                .map(|sequence| sent(9, sequence))
                .collect(),
            (false, 1) => vec![sent(5, 1)],
            (false, _) => vec![sent(12, hidden + 1)],
        }))
    })
    .await
}

#[tokio::test]
async fn what_an_earlier_range_left_out_is_looked_up() {
    let fake = forgetful(40, true).await;
    let (reader, rpc) = (EventReader::new(ROUTER, BlockNumber(1)), rpc(&fake).await);
    let client = client();
    let read = |from, to| reader.read(&rpc, &client, BlockNumber(from), BlockNumber(to));
    read(1, PAGE).await.expect("the first range");
    let found = read(11, 20).await.expect("the second range");
    let blocks: Vec<u64> = found.events.iter().map(|event| event.block.0).collect();
    assert_eq!(blocks, [vec![9; 39], vec![12]].concat());
}

#[tokio::test]
async fn where_it_cannot_be_looked_up_nobody_is_blamed_and_the_gap_is_shown() {
    for (hidden, looks) in [(2, false), (300, true)] {
        let fake = forgetful(hidden, looks).await;
        let (reader, rpc) = (EventReader::new(ROUTER, BlockNumber(1)), rpc(&fake).await);
        let client = client();
        let read = |from, to| reader.read(&rpc, &client, BlockNumber(from), BlockNumber(to));
        read(1, PAGE).await.expect("the first range");
        let found = read(11, 20).await.expect("the second range");
        assert_eq!(sent_numbers(&found), [hidden + 1]);
    }
}

fn sent_numbers(found: &Found) -> Vec<u64> {
    let sent = found.events.iter().filter_map(|at| match &at.event {
        Event::Sent(packet) => Some(packet.sequence().get()),
        _ => None,
    });
    sent.collect()
}

fn machine(out: &mut Effects) -> Relayer {
    let chain = |name: &str| ChainConfig {
        name: ChainName(name.into()),
        poll: Seconds(1),
        in_flight: 1,
        fee: FeePolicy {
            max: WeiPerGas(5_000),
            tip_min: WeiPerGas(1),
            tip_max: WeiPerGas(50),
            patience: Seconds(12),
        },
        batch: BatchPolicy::default(),
    };
    let end = |chain: &str, client: &str| EndConfig {
        name: EndName {
            chain: ChainName(chain.into()),
            id: ClientId::new(client).expect("a client id").into(),
        },
        start: BlockNumber(1),
        first: Sequence::FIRST,
    };
    let config = Config {
        chains: vec![chain("a"), chain("b")],
        paths: vec![PathConfig {
            a: end("a", "client-0"),
            b: end("b", "client-7"),
        }],
        limits: Limits {
            page_blocks: PAGE,
            ..Limits::default()
        },
    };
    let judge = Box::new(Law(Blst));
    Relayer::open(&config, Restored::default(), judge, Seconds(1_000), out).expect("a machine")
}

fn head() -> Head {
    Head {
        finalized: Finalized {
            height: Height::of(20),
            block: BlockNumber(20),
            timestamp: Seconds(900),
        },
        latest: Latest {
            block: BlockNumber(NEWEST),
            timestamp: Seconds(990),
            base_fee: WeiPerGas(7),
            tip: WeiPerGas(1),
        },
    }
}

/// The events of chain `a` are what the adapter reads; on `b` there are none, and nothing else is answered.
async fn reply(reader: &EventReader, rpc: &Rpc, outgoing: Outgoing) -> Reply {
    let Outgoing { chain, id, ask } = outgoing;
    let unanswered = Fault::NotYet(NotYet::Period { period: 1 });
    let answer = match ask {
        Ask::Head { .. } => Ok(Answer::Head(head())),
        Ask::Events { end, from, to } if chain.0 == "a" => {
            let found = reader
                .read(rpc, end.client().expect("a client"), from, to)
                .await
                .expect("a page");
            Ok(Answer::Events {
                covered: found.covered,
                events: found.events,
            })
        }
        Ask::Events { to, .. } => Ok(Answer::Events {
            covered: to,
            events: Vec::new(),
        }),
        _ => Err(unanswered),
    };
    answer
        .map(|answer| (id, answer))
        .map_err(|why| Failed { ask: id, why })
}

#[tokio::test]
async fn the_machine_takes_what_was_looked_up() {
    let fake = forgetful(20, true).await;
    let (reader, rpc) = (EventReader::new(ROUTER, BlockNumber(1)), rpc(&fake).await);
    let (mut out, mut packets, mut notes) = (Effects::new(), BTreeMap::new(), Vec::new());
    let mut machine = machine(&mut out);
    for now in 1_001..1_020 {
        machine.handle(Input::Tick, Seconds(now), &mut out);
        loop {
            let released = out.release(|records| {
                for record in records {
                    if let Record::Packet(packet) = record {
                        packets.insert(packet.id.sequence.get(), packet.sent.0);
                    }
                }
                Ok::<(), ()>(())
            });
            let released = released.expect("it is written");
            notes.extend(released.notes);
            if released.asks.is_empty() {
                break;
            }
            for outgoing in released.asks {
                let chain = outgoing.chain.clone();
                let reply = reply(&reader, &rpc, outgoing).await;
                machine.handle(Input::Reply(chain, reply), Seconds(now), &mut out);
            }
        }
    }
    let blocks: Vec<u64> = packets.values().copied().collect();
    assert_eq!(blocks, [vec![5], vec![9; 19], vec![12]].concat());
    let is_blame = |note: &Note| {
        matches!(note, Note::Rewound { .. })
            || matches!(
                note,
                Note::Blamed {
                    blame: Blame::Peer,
                    ..
                }
            )
    };
    assert!(!notes.iter().any(is_blame), "{notes:#?}");
}
