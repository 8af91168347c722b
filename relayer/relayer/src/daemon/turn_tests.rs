//! A parked packet from the store to the machine and back, through the loop that the daemon turns.

use super::super::chains::{Chains, Link, Queued};
use super::*;
use crate::packets::Packets;
use crate::packets::tests::{end, record};
use api::{Filter, Found, Packets as _};
use chain::{Answer, Ask, BlockNumber, Event, EventAt, Finalized, Head, Latest, TxHash, WeiPerGas};
use ethereum::Blst;
use relayer_core::{
    BatchPolicy, Carrier, ChainConfig, Config, Cursor, EndConfig, FeePolicy, Keep, Law, Leg, Limits,
    PacketRecord, PathConfig, Record, Stage, Standing,
};
use std::collections::BTreeMap;
use std::path::Path;
use wire::{Acknowledgement, Height, Sequence};

const NAMES: [&str; 2] = ["a", "b"];

fn config() -> Config {
    let of_path = |name: &str| EndConfig {
        name: end(name),
        start: BlockNumber(1),
        first: Sequence::FIRST,
    };
    let chain = |name: &str| ChainConfig {
        name: ChainName(name.into()),
        poll: Seconds(1),
        in_flight: 1,
        fee: FeePolicy::default(),
        batch: BatchPolicy::default(),
    };
    Config {
        chains: NAMES.map(chain).to_vec(),
        paths: vec![PathConfig {
            a: of_path(NAMES[0]),
            b: of_path(NAMES[1]),
        }],
        limits: Limits::default(),
    }
}

/// A packet of `a` that `b` has received.
fn received() -> PacketRecord {
    let mut record = record("a", 1);
    record.standing = Standing {
        leg: Leg::Deliver,
        stage: Stage::Included { by: Carrier::Others },
    };
    record
}

/// A store with that packet parked, read up to block 5 on both chains.
fn store(dir: &Path) -> Store {
    let store = Store::open(dir, Keep::default()).unwrap();
    let cursor = |chain: &str, last| {
        Record::Cursor(Cursor {
            end: end(chain),
            next: BlockNumber(6),
            unread: BlockNumber(6),
            last,
            passed: Vec::new(),
            ended: Vec::new(),
            front: None,
        })
    };
    let cursors = [cursor("a", Some(Sequence::FIRST)), cursor("b", None)];
    store.write(&cursors).unwrap();
    store.write(&[Record::Packet(received())]).unwrap();
    store.write(&[Record::Parked(received())]).unwrap();
    store
}

/// A loop and what it asks its chains.
struct Bench {
    turn: Turn,
    asks: BTreeMap<ChainName, mpsc::Receiver<Queued>>,
}

impl Bench {
    fn new(store: Store) -> Self {
        let mut effects = Effects::new();
        let (judge, restored) = (Box::new(Law(Blst)), store.load().unwrap());
        let relayer = Relayer::open(&config(), restored, judge, clock::now(), &mut effects).unwrap();
        let (mut chains, mut asks) = (BTreeMap::new(), BTreeMap::new());
        for name in NAMES {
            let (to, from) = mpsc::channel(64);
            chains.insert(ChainName(name.into()), Link::to(to));
            asks.insert(ChainName(name.into()), from);
        }
        let ((_, replies), (_, asked)) = (mpsc::channel(1), questions(1));
        let (store, board) = (Arc::new(store), Arc::new(Board::default()));
        let turn = Turn::new(relayer, effects, store, Chains::to(chains), replies, asked, board);
        Self { turn, asks }
    }

    fn turn(&mut self, input: Input) {
        self.turn.take(vec![input]);
        self.turn.release(true).unwrap();
    }

    /// The next ask to `chain` of the wanted kind; others are forgotten.
    fn ask(&mut self, chain: &str, wanted: impl Fn(&Ask) -> bool) -> (AskId, Ask) {
        let asks = self.asks.get_mut(&ChainName(chain.into())).unwrap();
        loop {
            let Queued { id, ask, .. } = asks.try_recv().expect("it is not asked");
            if wanted(&ask) {
                return (id, ask);
            }
        }
    }

    fn answer(&mut self, chain: &str, id: AskId, answer: Answer) {
        self.turn(Input::Reply(ChainName(chain.into()), Ok((id, answer))));
    }
}

fn head() -> Head {
    let (block, timestamp) = (BlockNumber(10), Seconds(100));
    Head {
        finalized: Finalized {
            height: Height::of(10),
            block,
            timestamp,
        },
        latest: Latest {
            block,
            timestamp,
            base_fee: WeiPerGas(1),
            tip: WeiPerGas(1),
        },
    }
}

fn acknowledged() -> EventAt {
    EventAt {
        block: BlockNumber(8),
        tx: TxHash(wire::COMMITMENTS_SLOT),
        event: Event::Acknowledged {
            packet: (*received().packet).clone(),
            acknowledgement: Acknowledgement::new(b"at last".as_slice()).unwrap(),
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_packet_wakes_with_its_acknowledgement() {
    let dir = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(store(dir.path()));
    bench.turn(Input::Tick);
    let (id, _) = bench.ask("b", |ask| matches!(ask, Ask::Head { .. }));
    bench.answer("b", id, Answer::Head(head()));
    for is_awake in [false, true] {
        let (id, ask) = bench.ask("b", |ask| matches!(ask, Ask::Events { .. }));
        let Ask::Events { from, to, .. } = ask else {
            unreachable!("it was chosen");
        };
        // The second time reading begins where the event was.
        let begins = if is_awake { BlockNumber(8) } else { BlockNumber(6) };
        assert_eq!((from, to), (begins, BlockNumber(10)));
        let events = vec![acknowledged()];
        bench.answer("b", id, Answer::Events { covered: to, events });
        let next = bench.turn.store.cursor(&end("b")).unwrap().unwrap().next;
        assert_eq!(
            next,
            BlockNumber(if is_awake { 11 } else { 8 }),
            "the cursor waits"
        );
        bench.turn(Input::Tick);
    }
    let restored = bench.turn.store.load().unwrap();
    assert_eq!(restored.parked, []);
    let record = restored.packets.first().unwrap();
    assert_eq!(
        (record.id.clone(), record.standing.leg),
        (received().id, Leg::Acknowledge)
    );
    assert_eq!(record.acknowledgement.as_ref().unwrap().1, BlockNumber(8));
}

#[test]
fn a_parked_packet_is_listed_and_found() {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut effects) = (store(dir.path()), Effects::new());
    let judge = Box::new(Law(Blst));
    let machine = Relayer::open(&config(), store.load().unwrap(), judge, Seconds(9), &mut effects).unwrap();
    let explained = machine.explain(&received().id).unwrap();
    assert!(explained.next.to_string().contains("parked"));
    let packets = Packets::of_store(store, &[(end("a"), end("b"))]);
    let listed = |stage: Option<&str>, all| {
        let filter = Filter {
            all,
            stage: stage.map(ToOwned::to_owned),
            ..Filter::default()
        };
        packets.list(&filter).unwrap().len()
    };
    assert_eq!((listed(None, false), listed(None, true)), (1, 1));
    assert_eq!(
        (listed(Some("parked"), false), listed(Some("parked"), true)),
        (1, 1)
    );
    assert_eq!(
        (listed(Some("included"), false), listed(Some("seen"), false)),
        (1, 0)
    );
    let found = packets.find("a", "client-0", 1).unwrap();
    assert!(matches!(found, Found::Packet(packet) if packet.stage == "included" && !packet.is_final));
}
