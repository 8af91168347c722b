//! Two chains without packets; on the first lives a client that believes attestors of the second. Its contract judges by the
//! law crate, as the real one does.

use alloy_primitives::{B256, U256, keccak256};
use attestor::testing::Keys;
use attestor::{Claim, State, Trusted};
use chain::{
    Answer, Ask, BlockNumber, ChainName, ClientUpdate, ClientView, Failed, Fault, Finalized, Gas, Head,
    Latest, Nonce, NotYet, Notices, Outcome, Reply, Revert, Submission, Ticket, TrustedState, TxHash,
    TxState, WeiPerGas,
};
use client::Advance;
use ethereum::Blst;
use relayer_core::{
    BatchPolicy, ChainConfig, Config, Cursor, Effects, EndConfig, EndName, FeePolicy, FlightRecord, Input,
    Judge, Law, Limits, Note, Outgoing, PathConfig, Record, Relayer, Restored,
};
use std::collections::BTreeMap;
use wire::{ClientId, Height, Seconds, Sequence};

pub(crate) const LAW: Law<Blst> = Law(Blst);
pub(crate) const START: u64 = 1_000_000;
pub(crate) const HEIGHT: u64 = 40;
pub(crate) const DELAY: u64 = 3_600;
pub(crate) const EVERY: u64 = 100;
/// The hash of what a node lost.
const LOST: TxHash = TxHash(B256::repeat_byte(0x77));
pub(crate) const NAMES: [&str; 2] = ["host", "origin"];

pub(crate) fn keys() -> Keys {
    Keys::new(7, 4)
}

pub(crate) fn root(byte: u8) -> B256 {
    B256::repeat_byte(byte)
}

pub(crate) fn claim(byte: u8) -> Claim {
    Claim {
        timestamp: Seconds(START - 100),
        storage_root: root(byte),
    }
}

/// A client that believes three of four, and one state.
pub(crate) fn client() -> Trusted {
    let config = attestor::Config {
        host: B256::with_last_byte(1),
        contract: B256::with_last_byte(2),
        commitments_slot: wire::COMMITMENTS_SLOT,
        trust_period: Seconds(1_000_000),
        interval: 1,
        capacity: 64,
        rotation_delay: Seconds(DELAY),
    };
    let state = State {
        height: HEIGHT,
        timestamp: claim(1).timestamp,
        storage_root: root(1),
        learned_at: Seconds(START - 50),
    };
    Trusted::from_parts(config, keys().set(3).unwrap(), 1, [state], false).unwrap()
}

pub(crate) fn domain(set: u64) -> wire::sign::Domain {
    client().config.domain(set)
}

/// What became durable.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    cursors: BTreeMap<EndName, Cursor>,
    flights: BTreeMap<u64, FlightRecord>,
}

impl Disk {
    pub(crate) fn write(&mut self, records: &[Record]) {
        for record in records {
            match record {
                Record::Cursor(cursor) => drop(self.cursors.insert(cursor.end.clone(), cursor.clone())),
                Record::Flight(flight) => drop(self.flights.insert(flight.id.0, flight.clone())),
                Record::Packet(_) | Record::Parked(_) | Record::Unsent(_) => panic!("there are no packets"),
            }
        }
    }

    pub(crate) fn restored(&self) -> Restored {
        let live = self.flights.values().filter(|flight| !flight.state.is_over());
        Restored {
            packets: Vec::new(),
            parked: Vec::new(),
            cursors: self.cursors.values().cloned().collect(),
            flights: live.cloned().collect(),
            last_submission: self.flights.keys().last().map(|id| chain::SubmissionId(*id)),
        }
    }
}

/// Two chains without packets; on the first lives the client that is looked at.
pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) relayer: Relayer,
    pub(crate) effects: Effects,
    pub(crate) disk: Disk,
    pub(crate) writes: u64,
    /// At which write the process ends, and whether what was to be written is.
    pub(crate) crash_at: Option<(u64, bool)>,
    pub(crate) inbox: Vec<(ChainName, Reply)>,
    pub(crate) client: Trusted,
    /// A client of another kind in its place.
    pub(crate) follower: Option<tendermint_client::Trusted>,
    pub(crate) notices: Vec<ClientUpdate>,
    /// What the origin says of what the client believes.
    pub(crate) doubts: Vec<String>,
    /// Whether the pair was found unfit, so that the machine is not told what the client trusts.
    pub(crate) is_unfit: bool,
    pub(crate) asked_notices: u32,
    pub(crate) landed: Vec<(TxHash, Submission)>,
    pub(crate) refused: u32,
    /// Transactions that are found dead with their place taken before one is executed, each with what is said of it.
    pub(crate) lost: Vec<TxState>,
    pub(crate) notes: Vec<Note>,
}

pub(crate) fn end(chain: &str) -> EndName {
    EndName {
        chain: ChainName(chain.into()),
        id: ClientId::new("client-0").unwrap().into(),
    }
}

pub(crate) fn config() -> Config {
    let chain = |name: &str| ChainConfig {
        name: ChainName(name.into()),
        poll: Seconds(1),
        in_flight: 1,
        fee: FeePolicy {
            max: WeiPerGas(5_000),
            tip_min: WeiPerGas(1),
            tip_max: WeiPerGas(50),
            patience: Seconds(30),
        },
        batch: BatchPolicy::default(),
    };
    let of_path = |name: &str| EndConfig {
        name: end(name),
        start: BlockNumber(1),
        first: Sequence::new(1).unwrap(),
    };
    Config {
        chains: NAMES.map(chain).to_vec(),
        paths: vec![PathConfig {
            a: of_path(NAMES[0]),
            b: of_path(NAMES[1]),
        }],
        limits: Limits {
            client_every: Seconds(EVERY),
            pause_min: Seconds(1),
            pause_max: Seconds(20),
            ..Limits::default()
        },
    }
}

impl World {
    pub(crate) fn new(notices: Vec<ClientUpdate>) -> Self {
        let mut effects = Effects::new();
        let judge = Box::new(LAW);
        let relayer = Relayer::open(
            &config(),
            Restored::default(),
            judge,
            Seconds(START),
            &mut effects,
        );
        Self {
            now: START,
            relayer: relayer.unwrap(),
            effects,
            disk: Disk::default(),
            writes: 0,
            crash_at: None,
            inbox: Vec::new(),
            client: client(),
            follower: None,
            notices,
            doubts: Vec::new(),
            is_unfit: false,
            asked_notices: 0,
            landed: Vec::new(),
            refused: 0,
            lost: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Lets time pass until `is_done` or `seconds` have passed.
    pub(crate) fn run_until(&mut self, seconds: u64, is_done: impl Fn(&Self) -> bool) {
        let until = self.now + seconds;
        while self.now < until && !is_done(self) {
            self.now += 1;
            let mut inputs = vec![Input::Tick];
            inputs.extend(
                self.inbox
                    .drain(..)
                    .map(|(chain, reply)| Input::Reply(chain, reply)),
            );
            for input in inputs {
                self.relayer.handle(input, Seconds(self.now), &mut self.effects);
            }
            self.release();
        }
    }

    pub(crate) fn run(&mut self, seconds: u64) {
        self.run_until(seconds, |_| false);
    }

    pub(crate) fn release(&mut self) {
        let (disk, writes, crash_at) = (&mut self.disk, &mut self.writes, self.crash_at);
        let released = self.effects.release(|records| {
            if records.is_empty() {
                return Ok(());
            }
            *writes += 1;
            let (is_end, is_written) =
                crash_at.map_or((false, true), |(at, written)| (at == *writes, written));
            if !is_end || is_written {
                disk.write(records);
            }
            if is_end { Err(()) } else { Ok(()) }
        });
        let Ok(released) = released else {
            self.crash();
            return;
        };
        self.notes.extend(released.notes);
        for Outgoing { chain, id, ask } in released.asks {
            let reply = match self.answer(&chain, ask) {
                Ok(answer) => Ok((id, answer)),
                Err(why) => Err(Failed { ask: id, why }),
            };
            self.inbox.push((chain, reply));
        }
    }

    /// The process ends and starts again from what is on disk; replies on their way are lost.
    pub(crate) fn crash(&mut self) {
        self.crash_at = None;
        self.inbox.clear();
        self.effects = Effects::new();
        let (restored, judge) = (self.disk.restored(), Box::new(LAW));
        let relayer = Relayer::open(&config(), restored, judge, Seconds(self.now), &mut self.effects);
        self.relayer = relayer.unwrap();
        self.release();
    }

    fn trusted(&self) -> TrustedState {
        match &self.follower {
            Some(follower) => TrustedState::Tendermint(Box::new(follower.clone())),
            None => TrustedState::Attestors(Box::new(self.client.clone())),
        }
    }

    fn view(&self, chain: &ChainName) -> ClientView {
        let trusted = if chain.0 == NAMES[0] {
            self.trusted()
        } else {
            TrustedState::Attestors(Box::new(client()))
        };
        ClientView {
            trusted,
            client: ClientId::new("client-0").unwrap(),
            counterparty: Some(end(NAMES[0]).id),
            now: Seconds(self.now),
            takes_batches: true,
            channel: None,
        }
    }

    pub(crate) fn answer(&mut self, chain: &ChainName, ask: Ask) -> Result<Answer, Fault> {
        let finalized = Finalized {
            height: Height::of(HEIGHT),
            block: BlockNumber(HEIGHT),
            timestamp: claim(1).timestamp,
        };
        Ok(match ask {
            Ask::Head { .. } => Answer::Head(Head {
                finalized,
                latest: Latest {
                    block: BlockNumber(HEIGHT + 10),
                    timestamp: Seconds(self.now),
                    base_fee: WeiPerGas(7),
                    tip: WeiPerGas(1),
                },
            }),
            Ask::Events { to, .. } => Answer::Events {
                covered: to,
                events: Vec::new(),
            },
            Ask::Client { .. } if self.is_unfit => {
                return Err(Fault::Unfit {
                    id: "client-0".into(),
                    text: "it believes another state".into(),
                });
            }
            Ask::Client { .. } => Answer::Client(self.view(chain)),
            Ask::Believed { .. } => Answer::Believed {
                view: self.view(chain),
                is_whole: true,
            },
            Ask::Notices { .. } if chain.0 == NAMES[1] => {
                self.asked_notices += 1;
                Answer::Notices(Notices {
                    steps: self.notices.clone(),
                    doubts: self.doubts.clone(),
                    has_more: false,
                })
            }
            Ask::Notices { .. } => Answer::Notices(Notices::default()),
            Ask::Update { .. } => {
                return Err(Fault::NotYet(NotYet::Attestation {
                    weight: 0,
                    threshold: 3,
                    block: BlockNumber(HEIGHT),
                }));
            }
            Ask::Lookup { keys, .. } => Answer::Lookup(keys.iter().map(|_| None).collect()),
            Ask::Prove { .. } => panic!("nothing is to be proven"),
            Ask::Send { submission, fee, .. } => {
                let tx = self.execute(submission)?;
                let ticket = Ticket::Nonce(Nonce((self.landed.len() as u64).saturating_sub(1)));
                let gas = Gas(100_000);
                Answer::Send { tx, ticket, gas, fee }
            }
            Ask::Find { tx, .. } => Answer::Find(self.find(tx)),
        })
    }

    /// The contract judges by the same law.
    pub(crate) fn execute(&mut self, submission: Submission) -> Result<TxHash, Fault> {
        assert!(submission.messages.is_empty() && submission.pool.is_none());
        if !self.lost.is_empty() {
            return Ok(LOST);
        }
        for one in &submission.updates {
            match LAW.advance(&self.trusted(), &one.update, Seconds(self.now)) {
                Ok(
                    Advance::Updated(TrustedState::Attestors(next))
                    | Advance::Misbehaviour(TrustedState::Attestors(next)),
                ) => {
                    self.client = *next;
                }
                Ok(
                    Advance::Updated(TrustedState::Tendermint(next))
                    | Advance::Misbehaviour(TrustedState::Tendermint(next)),
                ) => {
                    self.follower = Some(*next);
                }
                other => {
                    self.refused += 1;
                    return Err(Fault::WouldRevert(Revert {
                        message: None,
                        data: Default::default(),
                        text: format!("{other:?}"),
                        gas: None,
                    }));
                }
            }
        }
        let tx = TxHash(keccak256(U256::from(self.landed.len()).to_be_bytes::<32>()));
        self.landed.push((tx, submission));
        Ok(tx)
    }

    pub(crate) fn find(&mut self, tx: TxHash) -> TxState {
        if tx == LOST && !self.lost.is_empty() {
            return self.lost.remove(0);
        }
        if !self.landed.iter().any(|(landed, _)| *landed == tx) {
            return TxState::Unknown;
        }
        TxState::Final(Outcome {
            block: BlockNumber(HEIGHT),
            gas: Gas(90_000),
            price: WeiPerGas(8),
            reverted: None,
            skipped: Vec::new(),
        })
    }

    pub(crate) fn sent(&self) -> Vec<&ClientUpdate> {
        let updates = self.landed.iter().map(|(_, submission)| {
            assert_eq!(submission.updates.len(), 1, "an errand travels alone");
            &submission.updates[0].update
        });
        updates.collect()
    }
}
