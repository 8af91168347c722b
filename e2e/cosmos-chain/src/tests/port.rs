//! The relayer's own port, unchanged, over two embedded chains: it makes, verifies and pairs clients, is told of new blocks, and
//! brings packets, acknowledgements and timeouts with their proofs.

use std::pin::pin;
use std::time::Duration;

use chain::{
    Answer, AnyPacket, AsOf, Ask, At, Basis, BlockNumber, ChainName, Depth, Doubt, Event, Expected, Fault,
    Fee, Finding, Gas, Head, Message, MessageKind, Outcome, Place, Submission, SubmissionId, TermsMax,
    TrustedState, TxState, UpdateClient, WeiPerGas,
};
use chain_cosmos::{Cosmos, Created, Pay, Rules, Settings, Terms};
use endpoints::Limits;
use wire::{ClientId, End, Packet, Path, Seconds, path};

use super::net::{Net, RICH, STAKE, key, rules};
use super::relay::{EAST, Pair, WEST, other};
use crate::{Chain, Faults, Lie};

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// How often a block comes while one is waited for.
const BLOCK_EVERY: Duration = Duration::from_millis(20);
/// The account of the relayer; others send.
const RELAYER: u8 = 3;

fn port(chain: &Chain) -> Cosmos {
    Cosmos::new(Settings {
        name: ChainName(chain.chain_id().into()),
        rpc: vec![chain.rpc_url().parse().unwrap()],
        rules: Rules {
            pay: Pay::Fixed {
                denom: STAKE.to_owned(),
                price: "0.01".parse().unwrap(),
            },
            timeout_blocks: 100_000,
            ..rules(chain.chain_id())
        },
        keys: vec![key(RELAYER)],
        first_block: BlockNumber(1),
        limits: Limits::default(),
    })
    .unwrap()
}

/// Two chains and the port on each.
struct Ported {
    pair: Pair,
    ports: [Cosmos; 2],
}

/// What a message is brought with: where the packet is proven, and how.
struct Proven<'a> {
    kind: MessageKind,
    packet: &'a Packet,
    key: Path,
}

impl Ported {
    /// Two chains without clients.
    async fn bare() -> Self {
        let ends = [Net::new("east-1").await, Net::new("west-2").await];
        let ports = [port(&ends[EAST].chain), port(&ends[WEST].chain)];
        let pair = Pair {
            ends,
            clients: Default::default(),
        };
        pair.advance(1);
        Self { pair, ports }
    }

    /// Two chains whose clients the port made and paired.
    async fn new() -> Self {
        let mut ported = Self::bare().await;
        for end in [EAST, WEST] {
            ported.pair.clients[end] = ported
                .create(end, &Terms::default())
                .await
                .unwrap()
                .id
                .to_string();
        }
        for end in [EAST, WEST] {
            ported.register(end).await.unwrap();
        }
        ported
    }

    fn client(&self, end: usize) -> ClientId {
        ClientId::new(self.pair.clients[end].clone()).unwrap()
    }

    /// Does what waits for blocks while they come.
    async fn while_blocks_come<T>(&self, doing: impl Future<Output = T>) -> T {
        let mut doing = pin!(doing);
        loop {
            tokio::select! {
                biased;
                done = &mut doing => return done,
                () = tokio::time::sleep(BLOCK_EVERY) => self.pair.advance(1),
            }
        }
    }

    async fn create(&self, end: usize, terms: &Terms) -> Result<Created, Fault> {
        let made = self.ports[end].create_client(&self.ports[other(end)], terms, PATIENCE);
        self.while_blocks_come(made).await
    }

    async fn register(&self, end: usize) -> Result<(), Fault> {
        let (own, their) = (self.client(end), self.client(other(end)));
        let prefix = Cosmos::merkle_prefix();
        let paired = self.ports[end].register_counterparty(&own, &their, &prefix, PATIENCE);
        self.while_blocks_come(paired).await.map(|_| ())
    }

    /// What is found of the client on `end` whose counterparty should be that.
    async fn verify(&self, end: usize, counterparty: Option<ClientId>) -> Vec<Finding> {
        let expected = Expected {
            counterparty: counterparty.map(End::Client),
            terms_max: TermsMax {
                trust_period: Seconds(15 * 86_400),
                clock_drift: Seconds(60),
            },
            depth: Depth::Whole,
        };
        let (id, tracked) = (self.client(end), &self.ports[other(end)]);
        let verified = self.ports[end].verify_end(tracked, &id, &expected);
        verified.await.unwrap()
    }

    async fn head(&self, end: usize) -> Head {
        match self.ports[end].answer(Ask::Head { seen: None }).await.unwrap() {
            Answer::Head(head) => head,
            other => panic!("{other:?}"),
        }
    }

    async fn trusted(&self, end: usize) -> TrustedState {
        let id = self.client(end).into();
        match self.ports[end].answer(Ask::Client { end: id }).await.unwrap() {
            Answer::Client(view) => view.trusted,
            other => panic!("{other:?}"),
        }
    }

    /// Everything that happened to packets of the client on `end`. Long ranges are covered bit by bit.
    async fn events(&self, end: usize) -> Vec<Event> {
        let to = self.head(end).await.finalized.block;
        let (mut from, mut all) = (BlockNumber(1), Vec::new());
        while from <= to {
            let ask = Ask::Events {
                end: self.client(end).into(),
                from,
                to,
            };
            let Answer::Events { covered, events } = self.ports[end].answer(ask).await.unwrap() else {
                panic!("events")
            };
            assert!(
                (from..=to).contains(&covered),
                "{covered:?} of {from:?} to {to:?}"
            );
            from = BlockNumber(covered.0 + 1);
            all.extend(events.into_iter().map(|one| one.event));
        }
        all
    }

    /// A transfer of the user on `end`, as the port reads it.
    async fn transfer(&self, end: usize, amount: u128, secs: u64) -> Packet {
        let until = self.pair.after_now(end, secs);
        let out = self.pair.transfer(end, STAKE, amount, until, "");
        self.pair.send_transfer(end, &out).await;
        self.pair.advance(1);
        match self.events(end).await.pop().unwrap() {
            Event::Sent(AnyPacket::Client(packet)) => packet,
            other => panic!("{other:?}"),
        }
    }

    /// Brings a message to `end`, with what the other chain stores now.
    async fn bring(&self, end: usize, what: Proven<'_>) -> Result<Outcome, Fault> {
        self.pair.advance(1);
        let tracked = &self.ports[other(end)];
        let ask = Ask::Update {
            trusted: self.trusted(end).await,
            to: self.head(other(end)).await.finalized.height,
        };
        let Answer::Update(plan) = tracked.answer(ask).await? else {
            panic!("an update")
        };
        let ask = Ask::Prove {
            keys: vec![what.key],
            at: Basis::One(At::Header(plan.reached.height.revision_height)),
        };
        let Answer::Prove(proofs) = tracked.answer(ask).await? else {
            panic!("a proof")
        };
        let updates = plan.updates.into_iter().map(|update| UpdateClient {
            client: self.client(end),
            update,
        });
        let message = Message {
            kind: what.kind,
            packet: what.packet.clone().into(),
            proof: proofs[0].nodes.clone(),
            height: plan.reached.height,
            gas: Gas(0),
        };
        let ask = Ask::Send {
            submission: Submission {
                id: SubmissionId(1),
                updates: updates.collect(),
                messages: vec![message],
                pool: None,
            },
            fee: Fee {
                max: WeiPerGas(u128::MAX),
                tip: WeiPerGas(0),
            },
            place: Place::Next,
        };
        let Answer::Send { tx, ticket, .. } = self.ports[end].answer(ask).await? else {
            panic!("a transaction")
        };
        let ask = || Ask::Find {
            tx,
            ticket: ticket.clone(),
        };
        let before = self.ports[end].answer(ask()).await?;
        assert_eq!(before, Answer::Find(TxState::Pending));
        self.pair.advance(1);
        match self.ports[end].answer(ask()).await? {
            Answer::Find(TxState::Final(outcome)) => Ok(outcome),
            other => panic!("{other:?}"),
        }
    }

    async fn receive(&self, end: usize, packet: &Packet) -> Result<Outcome, Fault> {
        let what = Proven {
            kind: MessageKind::Recv,
            packet,
            key: path::commitment(&packet.source_client, packet.sequence),
        };
        self.bring(end, what).await
    }

    async fn time_out(&self, end: usize, packet: &Packet) -> Result<Outcome, Fault> {
        let what = Proven {
            kind: MessageKind::Timeout(Default::default()),
            packet,
            key: path::receipt(&packet.destination_client, packet.sequence),
        };
        self.bring(end, what).await
    }

    /// What the user of `end` has of the coin of fees.
    async fn owned(&self, end: usize) -> u128 {
        let net = &self.pair.ends[end];
        net.balance(&net.address(), STAKE).await
    }

    /// Whether a commitment of a packet that was sent on `end` is stored.
    async fn is_open(&self, end: usize, packet: &Packet) -> bool {
        let ask = Ask::Lookup {
            keys: vec![path::commitment(&packet.source_client, packet.sequence)],
            as_of: AsOf::Latest,
        };
        match self.ports[end].answer(ask).await.unwrap() {
            Answer::Lookup(values) => values[0].is_some(),
            other => panic!("{other:?}"),
        }
    }
}

fn told<'a>(found: &'a [Finding], rule: &str) -> &'a Result<String, Doubt> {
    let one = found.iter().find(|finding| finding.rule == rule);
    &one.unwrap_or_else(|| panic!("no rule {rule}")).verdict
}

fn expect_good(found: &[Finding]) {
    for Finding { rule, verdict } in found {
        assert!(verdict.is_ok(), "{rule}: {verdict:?}");
    }
}

#[tokio::test]
async fn clients_that_it_made_are_good_by_every_rule_before_and_after_they_are_paired() {
    let mut ported = Ported::bare().await;
    for end in [EAST, WEST] {
        let made = ported.create(end, &Terms::default()).await.unwrap();
        ported.pair.clients[end] = made.id.to_string();
        ported.pair.advance(1);
        assert!(ported.ports[end].is_final(&made.id).await.unwrap());
        expect_good(&ported.verify(end, None).await);
    }
    for end in [EAST, WEST] {
        ported.register(end).await.unwrap();
        let again = ported.register(end).await.unwrap_err();
        assert!(matches!(again, Fault::WouldRevert(_)), "{again}");
        let their = ported.client(other(end));
        expect_good(&ported.verify(end, Some(their)).await);
    }
    // Moved on twice, it keeps more than one state, and each is compared.
    let packet = ported.transfer(EAST, 1, 3_600).await;
    ported.receive(WEST, &packet).await.unwrap();
    let packet = ported.transfer(EAST, 1, 3_600).await;
    ported.receive(WEST, &packet).await.unwrap();
    let found = ported.verify(WEST, Some(ported.client(EAST))).await;
    let states = told(&found, "states").clone().unwrap();
    assert!(states.starts_with("3 states"), "{states}");
    assert_eq!(told(&found, "relayers"), &Ok("anybody may relay".to_owned()));
}

#[tokio::test]
async fn a_client_of_another_chain_or_with_another_counterparty_is_found_out() {
    let mut ported = Ported::new().await;
    let stranger = ClientId::new("07-tendermint-9").unwrap();
    let found = ported.verify(EAST, Some(stranger)).await;
    let verdict = told(&found, "counterparty");
    assert!(matches!(verdict, Err(Doubt::Differs(_))), "{verdict:?}");
    // The same id, and other validators: whoever made the client started it from them.
    let fake = Net::with(crate::ChainConfig {
        validators: crate::validators::Validators::new(crate::validators::Kind::Secp256k1, 9, &[7, 7, 7]),
        ..super::net::config("west-2")
    })
    .await;
    fake.chain.advance(ported.pair.ends[WEST].chain.height());
    ported.ports[WEST] = port(&fake.chain);
    let found = ported.verify(EAST, Some(ported.client(WEST))).await;
    let verdict = told(&found, "states");
    assert!(matches!(verdict, Err(Doubt::Differs(_))), "{verdict:?}");
}

#[tokio::test]
async fn terms_that_no_chain_would_have_make_no_client() {
    let ported = Ported::bare().await;
    let terms = Terms {
        trust_period: Some(Seconds(22 * 86_400)),
        ..Terms::default()
    };
    let refused = ported.create(EAST, &terms).await.unwrap_err();
    assert!(matches!(refused, Fault::NoClient { .. }), "{refused}");
}

#[tokio::test]
async fn a_packet_arrives_and_its_acknowledgement_comes_back() {
    let ported = Ported::new().await;
    let packet = ported.transfer(EAST, 700, 3_600).await;
    assert_eq!(ported.owned(EAST).await, RICH - 700);
    let outcome = ported.receive(WEST, &packet).await.unwrap();
    assert!(
        outcome.reverted.is_none() && outcome.gas.0 > 0 && outcome.price.0 > 0,
        "{outcome:?}"
    );
    ported.pair.advance(1);
    let Some(Event::Acknowledged {
        packet: received,
        acknowledgement,
    }) = ported.events(WEST).await.pop()
    else {
        panic!("no acknowledgement")
    };
    assert_eq!(received, packet.clone().into());
    assert_eq!(acknowledgement.as_bytes(), br#"{"result":"AQ=="}"#);
    assert!(ported.is_open(EAST, &packet).await);
    let what = Proven {
        kind: MessageKind::Ack(acknowledgement),
        packet: &packet,
        key: path::acknowledgement(&packet.destination_client, packet.sequence),
    };
    ported.bring(EAST, what).await.unwrap();
    assert!(!ported.is_open(EAST, &packet).await);
    ported.pair.advance(1);
    let last = ported.events(EAST).await.pop().unwrap();
    assert!(matches!(last, Event::AckReturned { sequence, .. } if sequence == packet.sequence));
}

#[tokio::test]
async fn what_is_late_is_paid_back_by_a_proof_of_absence() {
    let ported = Ported::new().await;
    let packet = ported.transfer(EAST, 700, 600).await;
    let early = ported.time_out(EAST, &packet).await.unwrap_err();
    assert!(matches!(early, Fault::WouldRevert(_)), "{early}");
    ported.pair.advance(101);
    let late = ported.receive(WEST, &packet).await.unwrap_err();
    assert!(matches!(late, Fault::WouldRevert(_)), "{late}");
    ported.time_out(EAST, &packet).await.unwrap();
    assert_eq!(ported.owned(EAST).await, RICH);
    ported.pair.advance(1);
    let last = ported.events(EAST).await.pop().unwrap();
    assert!(matches!(last, Event::TimedOut { sequence, .. } if sequence == packet.sequence));
}

#[tokio::test]
async fn a_proof_that_is_bent_moves_nothing() {
    let ported = Ported::new().await;
    let packet = ported.transfer(EAST, 700, 3_600).await;
    ported.pair.ends[EAST].chain.set_faults(Faults {
        lies: [Lie::Proof].into(),
        ..Faults::default()
    });
    let refused = ported.receive(WEST, &packet).await.unwrap_err();
    // The adapter finds it false before anything is sent.
    let text = refused.to_string();
    assert!(
        matches!(refused, Fault::Malformed { .. }) && text.contains("does not fit the app hash"),
        "{text}"
    );
    ported.pair.ends[EAST].chain.set_faults(Faults::default());
    ported.receive(WEST, &packet).await.unwrap();
}

#[tokio::test]
async fn a_new_block_is_announced_and_a_silent_websocket_costs_a_moment() {
    let ported = Ported::bare().await;
    let seen = ported.head(EAST).await.latest.block;
    let wait = ported.ports[EAST].answer(Ask::Head { seen: Some(seen) });
    // Without a block there is nothing to announce: the port asks after its own patience.
    let Answer::Head(head) = wait.await.unwrap() else {
        panic!("a head")
    };
    assert_eq!(head.latest.block, seen);
    for mute in [false, true] {
        let chain = &ported.pair.ends[EAST].chain;
        chain.set_faults(Faults {
            mute,
            ..Faults::default()
        });
        let seen = ported.head(EAST).await.latest.block;
        let wait = ported.ports[EAST].answer(Ask::Head { seen: Some(seen) });
        let (waited, ()) = tokio::join!(wait, async { chain.advance(1) });
        let Answer::Head(head) = waited.unwrap() else {
            panic!("a head")
        };
        assert_eq!(head.latest.block.0, seen.0 + 1);
    }
}
