//! The truthful answers of a simulated chain.

use crate::chain::{Block, SimChain, Tx, end_of, time_of};
use crate::channel::bytes_of;
use crate::judge::{EPOCHS_PER_PERIOD, SLOTS_PER_EPOCH, beacon, proof, update};
use crate::router::Reverts;
use alloy_primitives::{B256, U256, keccak256};
use chain::{
    Answer, AnyPacket, AsOf, Ask, At, Basis, BlockNumber, Channel, ClientUpdate, ClientView, Event, EventAt,
    Fault, Fee, Finalized, Gas, Head, Latest, Nonce, NotYet, Notices, Outcome, Place, Proof, Submission,
    Ticket, TrustedState, TxHash, TxState, UpdatePlan, WeiPerGas,
};
use wire::{End, Height, Path, Seconds, Sequence, Value};

impl SimChain {
    fn view(&self, end: &End) -> ClientView {
        let router = &self.latest().router;
        let over = router.channel(end).map(|(_, channel)| channel);
        let id = end.client().or(over.map(|channel| &channel.client)).unwrap();
        let client = &router.clients[id];
        let counterparty = match over {
            Some(channel) => Some(channel.counterparty.clone().into()),
            None => client.counterparty.clone().map(End::Client),
        };
        // That a channel is closed is told when it is final.
        let settled = self.final_block().router.channel(end);
        let is_closed = settled.is_some_and(|(_, channel)| channel.is_closed);
        ClientView {
            client: id.clone(),
            trusted: client.trusted.clone(),
            counterparty,
            now: time_of(self.latest().slot),
            takes_batches: self.takes_batches,
            channel: over.map(|channel| Channel {
                ordering: channel.ordering,
                closed: is_closed.then_some(BlockNumber(self.finalized as u64)),
            }),
        }
    }

    pub(crate) fn finalized_at(&self, index: usize) -> Finalized {
        let block = &self.blocks[index];
        Finalized {
            height: Height::of(block.slot),
            block: BlockNumber(index as u64),
            timestamp: time_of(block.slot),
        }
    }

    /// The truthful answer to an ask.
    pub(crate) fn answer(&mut self, ask: &Ask, now: Seconds) -> Result<Answer, Fault> {
        match ask {
            Ask::Head { .. } => Ok(Answer::Head(self.head())),
            Ask::Events { end, from, to } => self.events(end, from.0, to.0),
            Ask::Client { end } => Ok(Answer::Client(self.view(end))),
            Ask::Believed { end } => Ok(Answer::Believed {
                view: self.view(end),
                is_whole: true,
            }),
            Ask::Update { trusted, to } => self.updates(trusted, to.revision_height).map(Answer::Update),
            // The simulated clients are beacon clients.
            Ask::Notices { .. } => Ok(Answer::Notices(Notices::default())),
            Ask::Prove { keys, at } => self.prove(keys, slot_of(at)),
            Ask::Lookup { keys, as_of } => Ok(Answer::Lookup(self.lookup(keys, *as_of))),
            Ask::Send { .. } if self.is_broke => Err(Fault::Funds {
                balance: U256::ZERO,
                needed: U256::from(1),
            }),
            Ask::Send {
                submission,
                fee,
                place,
            } => self.send(submission, *fee, *place, now),
            Ask::Find {
                tx,
                ticket: Ticket::Nonce(nonce),
            } => Ok(Answer::Find(self.find(*tx, nonce.0))),
            Ask::Find { ticket, .. } => panic!("this chain gave no ticket {ticket:?}"),
        }
    }

    fn lookup(&mut self, keys: &[Path], as_of: AsOf) -> Vec<Option<B256>> {
        let router = match as_of {
            AsOf::Latest => &self.latest().router,
            AsOf::Finalized => &self.final_block().router,
        };
        let mut values: Vec<_> = keys.iter().map(|key| router.get(key)).collect();
        for (key, value) in keys.iter().zip(&mut values) {
            if Some(key.to_bytes()) == self.insists {
                *value = Some(B256::repeat_byte(1));
            }
        }
        let invented = keys
            .iter()
            .position(|key| Some((as_of, key.to_bytes())) == self.invents);
        if let Some(at) = invented {
            values[at] = Some(B256::repeat_byte(1));
            self.invents = None;
        }
        values
    }

    /// The head, or a lie about it.
    fn head(&mut self) -> Head {
        let mut head = Head {
            finalized: self.finalized_at(self.finalized),
            latest: Latest {
                block: BlockNumber(self.blocks.len() as u64 - 1),
                timestamp: time_of(self.latest().slot),
                base_fee: WeiPerGas(self.base_fee),
                tip: WeiPerGas(10),
            },
        };
        if self.brags > 0 {
            self.brags -= 1;
            head.finalized.height = Height::of(1 << 62);
            head.finalized.block = BlockNumber(1 << 62);
            head.latest.block = BlockNumber(1 << 62);
        }
        if self.hurries.0 > 0 {
            self.hurries.0 -= 1;
            head.finalized.timestamp.0 += self.hurries.1;
            head.latest.timestamp.0 += self.hurries.1;
        }
        head
    }

    fn events(&mut self, end: &End, from: u64, to: u64) -> Result<Answer, Fault> {
        let newest = BlockNumber(self.finalized as u64);
        if from > newest.0 {
            return Err(Fault::NotYet(NotYet::Block {
                wanted: BlockNumber(from),
                newest,
            }));
        }
        if from < self.events_from {
            let at = Height::of(self.blocks[from as usize].slot);
            return Err(Fault::Pruned { at });
        }
        // While it brags it says that there is nothing in blocks that it has not got.
        let covered = if self.brags > 0 {
            to
        } else {
            to.min(from + 40).min(newest.0)
        };
        let blocks = self.blocks[..=self.finalized].iter().skip(from as usize);
        let events = blocks
            .take((covered + 1 - from) as usize)
            .flat_map(|block| &block.events);
        let mut events: Vec<EventAt> = events.filter(|at| end_of(&at.event) == *end).cloned().collect();
        for EventAt { block, event, .. } in &mut events {
            if let Event::Sent(packet) = event
                && self.spoils.contains(&packet.sequence().get())
            {
                *event = spoilt(packet);
                block.0 = from.max(block.0 - u64::from(self.shifts));
            }
            if let Event::Sent(packet) = event
                && self.falsifies.contains(&packet.sequence().get())
            {
                *packet = forged(packet, b"never sent");
            }
        }
        if let Some(number) = self.phantom.filter(|_| covered == newest.0) {
            events.extend(phantom(&self.blocks, number, newest));
            if self.ends_phantom {
                let ended = events.last().cloned().and_then(crate::lies::settled_at_once);
                events.extend(ended);
            }
        }
        if self.hides_acks {
            events.retain(|at| !matches!(at.event, Event::Acknowledged { .. }));
        }
        let left_out = self.leaves_out;
        let is_left_out = |at: &EventAt| matches!(&at.event, Event::Sent(packet) if Some(packet.sequence().get()) == left_out);
        if events.iter().any(is_left_out) {
            events.retain(|at| !is_left_out(at));
            self.leaves_out = None;
        }
        Ok(Answer::Events {
            covered: BlockNumber(covered),
            events,
        })
    }

    fn updates(&self, trusted: &TrustedState, to: u64) -> Result<UpdatePlan, Fault> {
        let trusted = beacon(trusted);
        let head = self.finalized_at(self.finalized);
        if head.height.revision_height < to {
            let why = NotYet::Finality {
                wanted: Height::of(to),
                finalized: head.height,
            };
            return Err(Fault::NotYet(why));
        }
        if self.is_quiet {
            return Err(Fault::NotYet(NotYet::Participation {
                signers: 100,
                size: 512,
            }));
        }
        let per_period = SLOTS_PER_EPOCH * EPOCHS_PER_PERIOD;
        let (mut at, mut updates) = (trusted.newest.0, Vec::new());
        while at < head.height.revision_height {
            let reach = ((at / per_period + 2) * per_period - 1).min(head.height.revision_height);
            let block = self
                .blocks
                .iter()
                .rev()
                .find(|block| block.slot <= reach)
                .unwrap();
            if block.slot <= at {
                break;
            }
            updates.push(ClientUpdate::Ethereum(update(
                self.address,
                block.slot,
                block.root,
                self.latest().slot,
            )));
            at = block.slot;
        }
        Ok(UpdatePlan {
            updates,
            reached: head,
        })
    }

    fn prove(&self, keys: &[wire::Path], slot: u64) -> Result<Answer, Fault> {
        let Some(index) = self.blocks.iter().position(|block| block.slot == slot) else {
            return Err(Fault::Pruned { at: Height::of(slot) });
        };
        if index.saturating_add(self.keeps) < self.finalized {
            return Err(Fault::Pruned { at: Height::of(slot) });
        }
        let block = &self.blocks[index];
        let root = if self.false_at == Some(slot) {
            B256::repeat_byte(0xee)
        } else {
            block.root
        };
        let one = |key: &wire::Path| {
            let value = block.router.get(key);
            Proof {
                value: value.map(|value| bytes_of(key, value).into()),
                nodes: proof(root, key, value).into(),
            }
        };
        Ok(Answer::Prove(keys.iter().map(one).collect()))
    }

    fn send(
        &mut self,
        submission: &Submission,
        fee: Fee,
        place: Place,
        now: Seconds,
    ) -> Result<Answer, Fault> {
        let mined = self.latest().router.nonce;
        let nonce = match place {
            Place::Next if self.seats > 1 => (mined..).find(|free| !self.pool.contains_key(free)).unwrap(),
            Place::Next => mined,
            Place::Replace(nonce) if nonce.0 < mined => {
                return Err(Fault::NonceTaken {
                    text: format!("{} is used, {mined} is next", nonce.0),
                });
            }
            Place::Replace(nonce) => nonce.0,
        };
        let refused = match self.latest().router.clone().execute(submission, now, None) {
            Err(reverts) => Some(reverts),
            Ok(ran) => ran
                .skipped
                .into_iter()
                .next()
                .filter(|_| self.tells_culprit)
                .map(|skip| Reverts(Some(skip.message), skip.text)),
        };
        if let Some(reverts) = refused {
            return Err(Fault::WouldRevert(self.revert(reverts)));
        }
        if let Some(old) = self.pool.get(&nonce) {
            let wanted = WeiPerGas(old.fee.max.0 + old.fee.max.0 / 10 + 1);
            if fee.max < wanted || fee.tip.0 <= old.fee.tip.0 {
                return Err(Fault::Underpriced {
                    offered: fee.max,
                    wanted,
                });
            }
        }
        self.sent += 1;
        let hash = TxHash(keccak256(
            [self.address.as_slice(), &self.sent.to_be_bytes()].concat(),
        ));
        self.pool.insert(
            nonce,
            Tx {
                hash,
                submission: submission.clone(),
                fee,
            },
        );
        self.crowd = self.crowd.max(self.pool.len());
        Ok(Answer::Send {
            tx: hash,
            ticket: Ticket::Nonce(Nonce(nonce)),
            gas: Gas(1_000_000),
            fee,
        })
    }

    fn find(&mut self, hash: TxHash, nonce: u64) -> TxState {
        let is_in_block = |block: &Block| block.txs.iter().any(|(tx, _)| tx.hash == hash);
        if self.forgets > 0 && self.blocks.iter().any(is_in_block) {
            self.forgets -= 1;
            return TxState::Unknown;
        }
        for (index, block) in self.blocks.iter().enumerate() {
            if let Some((tx, ended)) = block.txs.iter().find(|(tx, _)| tx.hash == hash) {
                let outcome = Outcome {
                    block: BlockNumber(index as u64),
                    gas: Gas(900_000),
                    price: tx.fee.max,
                    reverted: ended.reverted.clone(),
                    skipped: ended.skipped.clone(),
                };
                let is_final = index <= self.finalized;
                return if is_final {
                    TxState::Final(outcome)
                } else {
                    TxState::Included(outcome)
                };
            }
        }
        if self.pool.values().any(|tx| tx.hash == hash) {
            TxState::Pending
        } else if nonce < self.latest().router.nonce {
            TxState::Replaced
        } else {
            TxState::Unknown
        }
    }
}

/// A packet as one that nobody can relay.
pub(crate) fn spoilt(packet: &AnyPacket) -> Event {
    Event::Unreadable {
        source: packet.source(),
        sequence: packet.sequence(),
    }
}

/// The first packet of a chain once more: with another number, in another block.
fn phantom(blocks: &[Block], number: u64, block: BlockNumber) -> Option<EventAt> {
    let mut events = blocks.iter().flat_map(|block| &block.events);
    events.find_map(|at| match &at.event {
        Event::Sent(AnyPacket::Client(packet)) => {
            let mut packet = packet.clone();
            packet.sequence = Sequence::new(number).unwrap();
            let event = Event::Sent(packet.into());
            Some(EventAt {
                block,
                event,
                ..at.clone()
            })
        }
        _ => None,
    })
}

/// The packet with another value.
pub(crate) fn forged(packet: &AnyPacket, value: &[u8]) -> AnyPacket {
    match packet.clone() {
        AnyPacket::Client(mut packet) => {
            packet.payload.value = Value::new(value).unwrap();
            packet.into()
        }
        AnyPacket::Channel(mut packet) => {
            packet.data = value.to_vec();
            packet.into()
        }
    }
}

/// The simulated clients are beacon clients.
fn slot_of(basis: &Basis) -> u64 {
    match basis {
        Basis::One(At::Slot(slot)) => *slot,
        Basis::One(At::Block { .. } | At::Header(_)) | Basis::Leaves { .. } => panic!("not simulated"),
    }
}
