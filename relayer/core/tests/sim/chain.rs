//! A simulated chain: blocks, finality, reorganisations, one mempool, and the answers to asks.

use crate::judge::{GENESIS, SECONDS_PER_SLOT, SLOTS_PER_EPOCH};
use crate::router::{Ran, Reverts, Router};
use alloy_primitives::{Address, B256, Bytes, keccak256};
use chain::{AnyPacket, AsOf, BlockNumber, ChainName, Event, EventAt, Fee, Revert, Skip, Submission, TxHash};
use std::collections::BTreeMap;
use wire::channel::ChannelEnd;
use wire::{End, Height, Seconds};

/// What somebody else does on a chain.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Send {
        end: End,
        lives: u64,
        value: Vec<u8>,
    },
    /// Another relayer delivers.
    Deliver(AnyPacket),
    /// Another relayer brings back the ack, or takes the packet back.
    Settle(AnyPacket, bool),
    /// The application closes a channel.
    Close(ChannelEnd),
}

#[derive(Clone, Debug)]
pub(crate) struct Tx {
    pub(crate) hash: TxHash,
    pub(crate) submission: Submission,
    pub(crate) fee: Fee,
}

/// How a transaction ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ended {
    pub(crate) reverted: Option<Revert>,
    pub(crate) skipped: Vec<Skip>,
}

#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) slot: u64,
    pub(crate) router: Router,
    pub(crate) root: B256,
    pub(crate) events: Vec<EventAt>,
    pub(crate) txs: Vec<(Tx, Ended)>,
    pub(crate) actions: Vec<Action>,
}

#[derive(Debug)]
pub(crate) struct SimChain {
    pub(crate) name: ChainName,
    pub(crate) address: Address,
    pub(crate) blocks: Vec<Block>,
    pub(crate) finalized: usize,
    pub(crate) pool: BTreeMap<u64, Tx>,
    pub(crate) actions: Vec<Action>,
    pub(crate) base_fee: u128,
    /// How far its clock is behind (seconds).
    pub(crate) lag: u64,
    /// Nobody answers any ask about it.
    pub(crate) is_dead: bool,
    /// The relayer's account cannot pay.
    pub(crate) is_broke: bool,
    /// No block is made.
    pub(crate) is_stopped: bool,
    /// Each block is final as soon as there is another one.
    pub(crate) is_quick: bool,
    /// Finality stands still.
    pub(crate) is_stalled: bool,
    /// Too few members sign.
    pub(crate) is_quiet: bool,
    /// A revert is told with the position of its message, and so is a message that a batch would skip.
    pub(crate) tells_culprit: bool,
    /// The router takes batches.
    pub(crate) takes_batches: bool,
    /// In the next block one message of a batch is skipped, and which one this number says.
    pub(crate) skips: Option<u64>,
    /// In the next block a batch has not enough gas.
    pub(crate) starves: bool,
    /// States older than this many blocks below the finalized one are pruned.
    pub(crate) keeps: usize,
    /// The slot of which it shows false proofs only.
    pub(crate) false_at: Option<u64>,
    /// Events of blocks below this one are pruned.
    pub(crate) events_from: u64,
    /// Transactions must offer more than this to be included.
    pub(crate) floor: u128,
    pub(crate) sent: u64,
    /// The send with this sequence is left out of the next answer that should hold it.
    pub(crate) leaves_out: Option<u64>,
    /// Acknowledgements are shown nowhere.
    pub(crate) hides_acks: bool,
    /// The events of sends with these sequences are shown with another payload than was sent, every time.
    pub(crate) falsifies: Vec<u64>,
    /// The events of sends with these sequences are shown as those of packets that nobody can relay, every time.
    pub(crate) spoils: Vec<u64>,
    /// And those in the block before their own.
    pub(crate) shifts: bool,
    /// A packet with this sequence is shown in the newest block, and was never sent.
    pub(crate) phantom: Option<u64>,
    /// And it is said to have ended there.
    pub(crate) ends_phantom: bool,
    /// Seconds that a page of events takes.
    pub(crate) page_secs: u64,
    /// Seconds after which the node's word about a transaction comes.
    pub(crate) send_secs: u64,
    /// The next answer about this state shows this key as present although it is not.
    pub(crate) invents: Option<(AsOf, Vec<u8>)>,
    /// Each answer to a look shows this key as present.
    pub(crate) insists: Option<Vec<u8>>,
    /// So many heads are announced far beyond the truth.
    pub(crate) brags: u32,
    /// So many heads are announced with a time that is this much later (seconds) than the truth.
    pub(crate) hurries: (u32, u64),
    /// So often it is said of a transaction in a block that nobody knows it.
    pub(crate) forgets: u32,
    /// Whether blocks were ever taken away.
    pub(crate) was_reorged: bool,
    /// How many of the relayer's transactions were in the pool at once, at most.
    pub(crate) crowd: usize,
    /// How many may be. Where it is more than one, the next transaction takes the next free place in the row.
    pub(crate) seats: usize,
    /// So many messages of the relayer has a block room for, or one transaction.
    pub(crate) room: usize,
}

pub(crate) fn slot_at(now: Seconds) -> u64 {
    (now.0 - GENESIS) / SECONDS_PER_SLOT
}

pub(crate) fn time_of(slot: u64) -> Seconds {
    Seconds(GENESIS + slot * SECONDS_PER_SLOT)
}

impl SimChain {
    pub(crate) fn new(name: &str, number: u8) -> Self {
        let router = Router::default();
        let genesis = Block {
            slot: 0,
            root: router.root(),
            router,
            events: Vec::new(),
            txs: Vec::new(),
            actions: Vec::new(),
        };
        Self {
            name: ChainName(name.into()),
            address: Address::repeat_byte(number),
            blocks: vec![genesis],
            finalized: 0,
            pool: BTreeMap::new(),
            actions: Vec::new(),
            base_fee: 100,
            lag: 0,
            is_dead: false,
            is_broke: false,
            is_stopped: false,
            is_quick: false,
            is_stalled: false,
            is_quiet: false,
            tells_culprit: true,
            takes_batches: true,
            skips: None,
            starves: false,
            keeps: usize::MAX,
            false_at: None,
            events_from: 0,
            floor: 0,
            sent: 0,
            leaves_out: None,
            hides_acks: false,
            falsifies: Vec::new(),
            spoils: Vec::new(),
            shifts: false,
            phantom: None,
            ends_phantom: false,
            page_secs: 0,
            send_secs: 0,
            invents: None,
            insists: None,
            brags: 0,
            hurries: (0, 0),
            forgets: 0,
            was_reorged: false,
            crowd: 0,
            seats: 1,
            room: usize::MAX,
        }
    }

    pub(crate) fn latest(&self) -> &Block {
        self.blocks.last().unwrap()
    }

    pub(crate) fn final_block(&self) -> &Block {
        &self.blocks[self.finalized]
    }

    /// Makes the block of a slot, and moves finality to the checkpoint two epochs back.
    pub(crate) fn produce(&mut self, now: Seconds) {
        let now = Seconds(now.0 - self.lag);
        let slot = slot_at(now);
        if slot <= self.latest().slot || self.is_stopped {
            return;
        }
        let number = BlockNumber(self.blocks.len() as u64);
        let mut router = self.latest().router.clone();
        let (mut events, mut txs, mut taken) = (Vec::new(), Vec::new(), 0);
        let actions = std::mem::take(&mut self.actions);
        for action in &actions {
            events.extend(act(&mut router, action, now).map(|event| (other(number), event)));
        }
        let answers = router.late_answers(now).into_iter();
        events.extend(answers.map(|event| (other(number), event)));
        while let Some(tx) = self.next_tx(router.nonce, taken) {
            taken += tx.submission.messages.len();
            router.nonce += 1;
            let ended = match self.run(&mut router, &tx.submission, now) {
                Ok(ran) => {
                    events.extend(ran.events.into_iter().map(|event| (tx.hash, event)));
                    Ended {
                        reverted: None,
                        skipped: ran.skipped,
                    }
                }
                Err(reverts) => Ended {
                    reverted: Some(self.revert(reverts)),
                    skipped: Vec::new(),
                },
            };
            txs.push((tx, ended));
        }
        (self.skips, self.starves) = (None, false);
        let root = router.root();
        let events = events
            .into_iter()
            .map(|(tx, event)| EventAt {
                block: number,
                tx,
                event,
            })
            .collect();
        self.blocks.push(Block {
            slot,
            router,
            root,
            events,
            txs,
            actions,
        });
        if !self.is_stalled {
            self.finalize(slot);
        }
    }

    /// Takes the next transaction out of the pool, if it pays enough and a block that holds so many messages has room for it.
    fn next_tx(&mut self, nonce: u64, taken: usize) -> Option<Tx> {
        let tx = self.pool.get(&nonce)?;
        let has_room = taken == 0 || taken + tx.submission.messages.len() <= self.room;
        let pays = tx.fee.max.0 >= self.base_fee + self.floor;
        (has_room && pays).then(|| self.pool.remove(&nonce)).flatten()
    }

    fn finalize(&mut self, slot: u64) {
        if self.is_quick {
            self.finalized = self.finalized.max(self.blocks.len().saturating_sub(2));
            return;
        }
        let checkpoint = (slot / SLOTS_PER_EPOCH).saturating_sub(2) * SLOTS_PER_EPOCH;
        let at = self
            .blocks
            .iter()
            .rposition(|block| block.slot <= checkpoint)
            .unwrap();
        self.finalized = self.finalized.max(at);
    }

    /// Runs a submission, with what goes wrong in this block.
    fn run(&self, router: &mut Router, submission: &Submission, now: Seconds) -> Result<Ran, Reverts> {
        if self.starves && submission.pool.is_some() {
            return Err(Reverts(None, "not enough gas".into()));
        }
        let count = submission.messages.len().max(1) as u64;
        let unlucky = self.skips.map(|number| (number % count) as usize);
        router.execute(submission, now, unlucky)
    }

    /// Takes away up to `depth` blocks that are not final; what was in them is to be done again, except transactions of
    /// the relayer if `loses`.
    pub(crate) fn reorg(&mut self, depth: usize, loses: bool) {
        self.was_reorged = true;
        for _ in 0..depth.min(self.blocks.len() - 1 - self.finalized) {
            let block = self.blocks.pop().unwrap();
            self.actions.splice(0..0, block.actions);
            let nonces = self.latest().router.nonce..;
            for (nonce, (tx, _)) in nonces.zip(block.txs) {
                if !loses {
                    self.pool.insert(nonce, tx);
                }
            }
        }
    }

    pub(crate) fn revert(&self, Reverts(at, text): Reverts) -> Revert {
        Revert {
            message: at.filter(|_| self.tells_culprit),
            data: Bytes::new(),
            text,
            gas: None,
        }
    }
}

fn act(router: &mut Router, action: &Action, now: Seconds) -> Option<Event> {
    match action {
        Action::Send { end, lives, value } => {
            let timeout = Seconds(now.0 + lives);
            match end {
                End::Client(client) => Some(router.send(client, timeout, value)),
                End::Channel(channel) => router.send_over(channel, timeout, value),
            }
        }
        Action::Deliver(packet) if !packet.is_open(Height::of(0), now) => None,
        // What its channel does not take now fails.
        Action::Deliver(packet) => router.receive(packet, now).ok().flatten(),
        Action::Settle(packet, by_ack) => {
            let path = packet.source().commitment(packet.sequence()).to_bytes();
            if !router.store.contains_key(&path) || (*by_ack && router.take_ack(packet).is_err()) {
                return None;
            }
            router.store.remove(&path);
            let (source, sequence) = (packet.source(), packet.sequence());
            Some(if *by_ack {
                Event::AckReturned { source, sequence }
            } else {
                router.after_timeout(packet);
                Event::TimedOut { source, sequence }
            })
        }
        Action::Close(end) => {
            router.close(end);
            None
        }
    }
}

fn other(block: BlockNumber) -> TxHash {
    TxHash(keccak256(block.0.to_be_bytes()))
}

pub(crate) fn end_of(event: &Event) -> End {
    match event {
        Event::Sent(packet) => packet.source(),
        Event::Acknowledged { packet, .. } => packet.destination(),
        Event::Unreadable { source, .. }
        | Event::AckReturned { source, .. }
        | Event::TimedOut { source, .. } => source.clone(),
    }
}
