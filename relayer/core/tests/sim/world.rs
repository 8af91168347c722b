//! The simulated world: chains, one relayer, its disk, and everything that goes wrong.

use crate::chain::{Action, SimChain};
use crate::channel::Channel;
use crate::disk::Disk;
use crate::judge::{GENESIS, SimJudge, start};
use crate::rng::Rng;
use crate::router::Client;
use chain::{
    Answer, AsOf, Ask, AskId, BlockNumber, ChainName, Failed, Fault, Reply, TrustedState, WeiPerGas,
};
use relayer_core::{
    BatchPolicy, ChainConfig, Config, Effects, EndConfig, EndName, Fact, FeePolicy, Input, Limits, Note,
    Outgoing, PathConfig, Relayer, Restored,
};
use wire::channel::{ChannelEnd, Ordering};
use wire::{ClientId, End, Seconds, Sequence};

/// How often things go wrong, in percent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) lose: u64,
    pub(crate) fail: u64,
    pub(crate) repeat: u64,
    pub(crate) delay: u64,
    pub(crate) lie: u64,
    pub(crate) crash: u64,
    pub(crate) reorg: u64,
    pub(crate) others: u64,
    pub(crate) miss_slot: u64,
    pub(crate) skip: u64,
    pub(crate) starve: u64,
}

pub(crate) struct World {
    pub(crate) now: Seconds,
    pub(crate) chains: Vec<SimChain>,
    pub(crate) paths: Vec<(EndName, EndName)>,
    pub(crate) disk: Disk,
    pub(crate) relayer: Relayer,
    pub(crate) faults: Faults,
    pub(crate) rng: Rng,
    pub(crate) notes: Vec<Note>,
    config: Config,
    effects: Effects,
    inbox: Vec<(u64, ChainName, Reply)>,
    /// How many times something was made durable, and at which of them to crash, before or after the writing.
    pub(crate) persisted: u64,
    pub(crate) crash_at: Option<(u64, bool)>,
    pub(crate) crashes: u64,
    pub(crate) sends: u64,
    /// How often the fate of a transaction was asked for.
    pub(crate) finds: u64,
    /// How many keys were looked for in newest states.
    pub(crate) looks: usize,
    /// How often a trip began while a submission left to the same chain.
    pub(crate) planned_beside: usize,
    /// Whether an endpoint ever lied: it may call a transaction lost that is in a block.
    pub(crate) is_misled: bool,
    /// The order of the channels, if packets travel over channels.
    ordering: Option<Ordering>,
}

pub(crate) const TRUST_PERIOD: u64 = 4_000;

pub(crate) fn client(number: u64) -> ClientId {
    ClientId::new(format!("client-{number}")).unwrap()
}

pub(crate) fn channel(number: u64) -> ChannelEnd {
    format!("transfer/channel-{number}").parse().unwrap()
}

fn end(number: u64, ordering: Option<Ordering>) -> End {
    match ordering {
        None => client(number).into(),
        Some(_) => channel(number).into(),
    }
}

fn limits() -> Limits {
    Limits {
        live_max: 300,
        page_blocks: 50,
        prove_keys: 4,
        ask_patience: Seconds(8),
        pause_min: Seconds(1),
        pause_max: Seconds(30),
        recv_margin: Seconds(4),
        client_every: Seconds(100),
        recheck_every: Seconds(60),
        lost_after: Seconds(16),
        rewind_every: Seconds(40),
        unfinal_max: 16,
        ..Limits::default()
    }
}

pub(crate) fn chain_config(name: &str) -> ChainConfig {
    ChainConfig {
        name: ChainName(name.into()),
        poll: Seconds(1),
        in_flight: 1,
        fee: FeePolicy {
            max: WeiPerGas(5_000),
            tip_min: WeiPerGas(1),
            tip_max: WeiPerGas(50),
            patience: Seconds(12),
        },
        batch: BatchPolicy {
            messages_max: 8,
            age: Seconds(2),
            ..BatchPolicy::default()
        },
    }
}

impl World {
    /// Chains with these names, and a path between each pair that is named.
    pub(crate) fn new(names: &[&str], pairs: &[(usize, usize)], seed: u64, faults: Faults) -> Self {
        Self::over(names, pairs, seed, faults, None)
    }

    /// Two chains with a channel between them.
    pub(crate) fn over_channel(ordering: Ordering, seed: u64, faults: Faults) -> Self {
        Self::over(&["a", "b"], &[(0, 1)], seed, faults, Some(ordering))
    }

    fn over(
        names: &[&str],
        pairs: &[(usize, usize)],
        seed: u64,
        faults: Faults,
        ordering: Option<Ordering>,
    ) -> Self {
        let now = Seconds(GENESIS + 100);
        let mut chains: Vec<SimChain> = names
            .iter()
            .enumerate()
            .map(|(at, name)| SimChain::new(name, at as u8 + 1))
            .collect();
        for second in GENESIS..now.0 {
            chains.iter_mut().for_each(|chain| chain.produce(Seconds(second)));
        }
        // Where the router takes no batches, every message keeps its own proof: both are tried.
        chains[0].takes_batches = seed.is_multiple_of(2);
        let paths = connect(&mut chains, pairs, now, ordering);
        let end = |name: &EndName| EndConfig {
            name: name.clone(),
            start: BlockNumber(0),
            first: Sequence::FIRST,
        };
        let config = Config {
            chains: names.iter().map(|name| chain_config(name)).collect(),
            paths: paths
                .iter()
                .map(|(a, b)| PathConfig { a: end(a), b: end(b) })
                .collect(),
            limits: limits(),
        };
        let mut effects = Effects::new();
        let judge = Box::new(SimJudge);
        let relayer = Relayer::open(&config, Restored::default(), judge, now, &mut effects).unwrap();
        Self {
            now,
            chains,
            paths,
            disk: Disk::default(),
            relayer,
            faults,
            rng: Rng::new(seed),
            notes: Vec::new(),
            config,
            effects,
            inbox: Vec::new(),
            persisted: 0,
            crash_at: None,
            crashes: 0,
            sends: 0,
            finds: 0,
            looks: 0,
            planned_beside: 0,
            is_misled: false,
            ordering,
        }
    }

    /// Changes the configuration, as an operator does: by a restart.
    pub(crate) fn configure(&mut self, change: impl FnOnce(&mut Config)) {
        change(&mut self.config);
        self.restart();
        self.crashes = 0;
    }

    /// Lets `seats` submissions to each chain fly at once.
    pub(crate) fn seat(&mut self, seats: usize) {
        for chain in &mut self.chains {
            chain.seats = seats;
        }
        self.configure(|config| {
            for chain in &mut config.chains {
                chain.in_flight = seats;
            }
        });
    }

    pub(crate) fn send(&mut self, chain: usize, number: u64, lives: u64, value: &[u8]) {
        let action = Action::Send {
            end: end(number, self.ordering),
            lives,
            value: value.to_vec(),
        };
        self.chains[chain].actions.push(action);
    }

    /// One second of the world.
    pub(crate) fn second(&mut self) {
        for (status, chain) in self.relayer.chain_statuses().iter().zip(&self.chains) {
            let is_misled = chain.was_reorged || self.is_misled;
            assert!(
                status.in_flight <= chain.seats || is_misled,
                "{} in flight",
                status.in_flight
            );
        }
        self.now = Seconds(self.now.0 + 1);
        let (now, faults) = (self.now, self.faults);
        if self.rng.percent(faults.others) {
            self.others_relay();
        }
        for at in 0..self.chains.len() {
            if self.rng.percent(faults.reorg) {
                let (depth, loses) = (1 + self.rng.below(4) as usize, self.rng.percent(50));
                self.chains[at].reorg(depth, loses);
            }
            let skips = self.rng.percent(faults.skip).then(|| self.rng.below(1 << 20));
            (self.chains[at].skips, self.chains[at].starves) = (skips, self.rng.percent(faults.starve));
            if !self.rng.percent(faults.miss_slot) {
                self.chains[at].produce(now);
            }
        }
        self.input(Input::Tick);
        // Replies come until none is due: an exchange takes no time unless it is delayed.
        for _ in 0..10_000 {
            let due: Vec<usize> = (0..self.inbox.len())
                .filter(|at| self.inbox[*at].0 <= self.now.0)
                .collect();
            if due.is_empty() {
                return;
            }
            let at = due[self.rng.below(due.len() as u64) as usize];
            let (_, chain, reply) = self.inbox.remove(at);
            self.input(Input::Reply(chain, reply));
        }
        panic!("the relayer asks without end");
    }

    /// Time passes for the chains and not for the relayer.
    pub(crate) fn sleep(&mut self, seconds: u64) {
        self.sleep_while(seconds, |_, _| ());
    }

    /// The same, and in each of these seconds somebody may do something.
    pub(crate) fn sleep_while(&mut self, seconds: u64, mut each: impl FnMut(&mut Self, u64)) {
        for second in 0..seconds {
            each(self, second);
            self.now = Seconds(self.now.0 + 1);
            let now = self.now;
            self.chains.iter_mut().for_each(|chain| chain.produce(now));
        }
        self.restart();
    }

    pub(crate) fn seconds(&mut self, count: u64) {
        for _ in 0..count {
            self.second();
        }
    }

    /// Lets the relayer handle one input, makes its records durable and lets its asks out; crashes in between if told.
    pub(crate) fn input(&mut self, input: Input) {
        self.relayer.handle(input, self.now, &mut self.effects);
        let persists = self.effects.unsaved() > 0;
        self.persisted += u64::from(persists);
        let planned = self
            .crash_at
            .filter(|(at, _)| persists && *at == self.persisted)
            .map(|(_, before)| before);
        let by_chance = self.rng.percent(self.faults.crash) && self.rng.percent(10);
        let crash = planned.or_else(|| by_chance.then(|| self.rng.percent(50)));
        if crash == Some(true) {
            return self.restart();
        }
        let disk = &mut self.disk;
        let released = self.effects.release(|records| {
            disk.write(records);
            Ok::<(), ()>(())
        });
        let released = released.unwrap();
        if crash == Some(false) {
            return self.restart();
        }
        self.notes.extend(released.notes);
        self.planned_beside += planned_beside(&released.asks);
        for outgoing in released.asks {
            if by_chance && self.rng.percent(30) {
                return self.restart();
            }
            self.carry(outgoing);
        }
        for id in released.wakes {
            let crashes = self.crashes;
            let record = self.disk.packets.get(&id).cloned().map(Box::new);
            assert!(self.disk.parked.contains(&id), "{id} is woken and not parked");
            self.input(Input::Woken(id, record));
            if self.crashes > crashes {
                return;
            }
        }
    }

    /// The process dies: memory and asks are gone, the disk stays. Sends that left may still arrive.
    pub(crate) fn restart(&mut self) {
        self.crashes += 1;
        self.inbox.clear();
        self.effects = Effects::new();
        let (judge, restored) = (Box::new(SimJudge), self.disk.restore());
        self.relayer = Relayer::open(&self.config, restored, judge, self.now, &mut self.effects).unwrap();
    }

    /// Brings an ask to its chain and its reply back, or not.
    fn carry(&mut self, outgoing: Outgoing) {
        let Outgoing { chain: name, id, ask } = outgoing;
        self.check_explained(&ask);
        let at = self.chains.iter().position(|chain| chain.name == name).unwrap();
        let faults = self.faults;
        if self.rng.percent(faults.fail) || self.chains[at].is_dead {
            let why = Fault::Unreachable {
                endpoint: "sim".into(),
                text: "fault".into(),
                until: self.now,
            };
            self.inbox.push((self.now.0, name, Err(Failed { ask: id, why })));
            return;
        }
        let mut reply = self.chains[at].answer(&ask, self.now);
        if self.rng.percent(faults.lie) {
            self.is_misled = true;
            reply = reply.map(|answer| crate::lies::lie(answer, &mut self.rng));
        }
        if self.rng.percent(faults.lose) {
            return;
        }
        let takes = match ask {
            Ask::Events { .. } => self.chains[at].page_secs,
            Ask::Send { .. } => self.chains[at].send_secs,
            _ => 0,
        };
        let late = if self.rng.percent(faults.delay) {
            1 + self.rng.below(20)
        } else {
            takes
        };
        let reply = wrap(id, reply);
        if self.rng.percent(faults.repeat) {
            self.inbox
                .push((self.now.0 + self.rng.below(5), name.clone(), reply.clone()));
        }
        self.inbox.push((self.now.0 + late, name, reply));
    }

    /// A send leaves only after the record that explains it is on disk.
    fn check_explained(&mut self, ask: &Ask) {
        self.finds += u64::from(matches!(ask, Ask::Find { .. }));
        if let Ask::Lookup {
            keys,
            as_of: AsOf::Latest,
        } = &ask
        {
            self.looks += keys.len();
        }
        let Ask::Send { submission, .. } = ask else {
            return;
        };
        self.sends += 1;
        let flight = self
            .disk
            .flights
            .get(&submission.id.0)
            .expect("a submission is sent before it is on disk");
        assert_eq!(flight.packets.len(), submission.messages.len());
        for id in &flight.packets {
            // It may have moved on since, when somebody else was faster; that it was handed over is written down.
            let handed = Fact::Handed {
                submission: submission.id,
            };
            let is_explained = self.disk.packets[id]
                .history
                .iter()
                .any(|change| change.fact == handed);
            assert!(is_explained, "{id} is sent and its record does not say so");
        }
    }
}

/// How many of these begin a trip to a chain that something is sent to at the same time.
fn planned_beside(asks: &[Outgoing]) -> usize {
    let is_sent_to = |name: &ChainName| {
        let mut sends = asks.iter().filter(|asked| matches!(asked.ask, Ask::Send { .. }));
        sends.any(|asked| asked.chain == *name)
    };
    let begins = |asked: &&Outgoing| matches!(asked.ask, Ask::Client { .. });
    asks.iter()
        .filter(begins)
        .filter(|asked| is_sent_to(&asked.chain))
        .count()
}

fn wrap(id: AskId, reply: Result<Answer, Fault>) -> Reply {
    reply
        .map(|answer| (id, answer))
        .map_err(|why| Failed { ask: id, why })
}

/// Makes a path between each pair of chains: two clients that trust what is final now.
fn connect(
    chains: &mut [SimChain],
    pairs: &[(usize, usize)],
    now: Seconds,
    ordering: Option<Ordering>,
) -> Vec<(EndName, EndName)> {
    let mut paths = Vec::new();
    for (number, (a, b)) in pairs.iter().enumerate() {
        let names = [*a, *b].map(|at| EndName {
            chain: chains[at].name.clone(),
            id: end(number as u64, ordering),
        });
        for (here, there) in [(*a, *b), (*b, *a)] {
            let origin = &chains[there];
            let block = origin.final_block();
            let trusted = start(origin.address, block.slot, block.root, TRUST_PERIOD, now);
            let new = Client {
                trusted: TrustedState::Ethereum(Box::new(trusted)),
                counterparty: Some(client(number as u64)),
                sent: 0,
            };
            for block in &mut chains[here].blocks {
                block.router.clients.insert(client(number as u64), new.clone());
                if let Some(ordering) = ordering {
                    let (end, own) = (channel(number as u64), client(number as u64));
                    let opened = Channel {
                        client: own,
                        counterparty: end.clone(),
                        ordering,
                        is_closed: false,
                        sent: 0,
                        next_ack: 1,
                    };
                    block.router.open(&end, opened);
                }
            }
        }
        let [a, b] = names;
        paths.push((a, b));
    }
    paths
}
