//! What may come back: an answer in the shape of its ask, or a failure.

use crate::{
    AnyPacket, AskId, BlockNumber, ClientUpdate, Fault, Fee, Gas, Revert, Ticket, TrustedState, TxHash,
    WeiPerGas,
};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use alloy_primitives::{B256, Bytes};
use core::pin::Pin;
use wire::channel::Ordering;
use wire::{Acknowledgement, ClientId, End, Height, Seconds, Sequence};

/// The one reply to one ask.
pub type Reply = Result<(AskId, Answer), Failed>;

/// The answer to one ask, on its way.
///
/// Boxed: what an adapter does for it is then compiled with the adapter, once, and not again in every program that waits for it.
pub type Answering<'adapter> = Pin<Box<dyn Future<Output = Result<Answer, Fault>> + Send + 'adapter>>;

/// An ask that was not answered, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Failed {
    /// The ask.
    pub ask: AskId,
    /// What went wrong, what helps and who is responsible.
    pub why: Fault,
}

/// An answer; its variant is that of the ask.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Where the chain stands.
    Head(Head),
    /// Packet events.
    Events {
        /// The last block that was searched: between the ask's `from` and `to`. Everything of the end in
        /// `from..=covered` is in `events`.
        covered: BlockNumber,
        /// In the order of the chain. Sends that an earlier answer left out, of blocks before `from`, may stand first.
        events: Vec<EventAt>,
    },
    /// What a client on this chain trusts.
    Client(ClientView),
    /// The same with older states.
    Believed {
        /// What it trusts.
        view: ClientView,
        /// Whether all its states are there, as far as it keeps any; if not, more can be had soon.
        is_whole: bool,
    },
    /// How a client of this chain moves forward.
    Update(UpdatePlan),
    /// What a client has to be told beside the steps that [`Answer::Update`] has.
    Notices(Notices),
    /// One proof a key, in the order of the ask.
    Prove(Vec<Proof>),
    /// One value a key, in the order of the ask; `None` = absent.
    Lookup(Vec<Option<B256>>),
    /// The transaction is with the node.
    Send {
        /// Its hash.
        tx: TxHash,
        /// By what it is found, or known to be lost.
        ticket: Ticket,
        /// Its gas limit.
        gas: Gas,
        /// The fee it was signed with.
        fee: Fee,
    },
    /// What became of a transaction.
    Find(TxState),
}

/// Where a chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The newest finalized state; events are read up to here and proofs are taken here.
    pub finalized: Finalized,
    /// The newest block, whose time the router will compare timeouts with.
    pub latest: Latest,
}

/// A finalized height and the execution block whose state is proven there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finalized {
    /// The height as the light client counts it; on a beacon chain revision 0 and the slot, on a CometBFT chain that of the
    /// header.
    pub height: Height,
    /// The execution block of that height; on a CometBFT chain the one before the header, of whose state it has the root.
    pub block: BlockNumber,
    /// The time that a light client gives this height (Unix seconds).
    pub timestamp: Seconds,
}

/// The newest block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Its number.
    pub block: BlockNumber,
    /// Its time (Unix seconds).
    pub timestamp: Seconds,
    /// The base fee that the next block will ask.
    pub base_fee: WeiPerGas,
    /// The tip that gets a transaction into one of the next blocks, by the chain's own recent history.
    pub tip: WeiPerGas,
}

/// An event with the place where it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct EventAt {
    /// The finalized block.
    pub block: BlockNumber,
    /// The transaction.
    pub tx: TxHash,
    /// What happened.
    pub event: Event,
}

/// What a chain says happened to a packet.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// `SendPacket`, on the source chain.
    Sent(AnyPacket),
    /// `SendPacket`, on the source chain, of a packet that no [`AnyPacket`] can be, so that nobody can relay it: for example
    /// with a version that is no text. It has its number among the packets of its end and is passed over. A hint like any event: the machine looks at it
    /// again.
    Unreadable {
        /// The source end.
        source: End,
        /// The packet.
        sequence: Sequence,
    },
    /// `WriteAcknowledgement`, on the destination chain. It implies that the packet was received.
    Acknowledged {
        /// The packet as received.
        packet: AnyPacket,
        /// The application's answer, the bytes that are committed.
        acknowledgement: Acknowledgement,
    },
    /// `AckPacket`, on the source chain: the packet is settled.
    AckReturned {
        /// The source end.
        source: End,
        /// The packet.
        sequence: Sequence,
    },
    /// `TimeoutPacket`, on the source chain: the packet is settled.
    TimedOut {
        /// The source end.
        source: End,
        /// The packet.
        sequence: Sequence,
    },
}

/// A light client on this chain as its contract shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientView {
    /// The client: that of the end, or of the connection that the end's channel runs over.
    pub client: ClientId,
    /// What it trusts.
    pub trusted: TrustedState,
    /// The end on the other chain that packets of this end go to, once both are paired.
    pub counterparty: Option<End>,
    /// The time of the block that was read: the `now` of the host chain.
    pub now: Seconds,
    /// Whether its contract proves many paths at once, so that the router takes batches for it.
    pub takes_batches: bool,
    /// The channel of the end; none of an end of IBC v2.
    pub channel: Option<Channel>,
}

/// What counts of a channel when packets are carried over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Whether its packets arrive in order.
    pub ordering: Ordering,
    /// The block by which this end was closed; none = it is open. Nothing opens a closed one again.
    pub closed: Option<BlockNumber>,
}

/// A series of updates and where it ends.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdatePlan {
    /// In the order in which they apply; empty when the client is there already.
    pub updates: Vec<ClientUpdate>,
    /// What the client trusts after the last of them.
    pub reached: Finalized,
}

/// What a client has to be told beside states.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notices {
    /// Steps for it, the most urgent first; each stands for itself. What it is shown must convince its law, not anybody here.
    pub steps: Vec<ClientUpdate>,
    /// What it believes and the chain that it follows does not have, in words, whether or not a step shows it.
    pub doubts: Vec<String>,
    /// Whether states were left that are worth a look soon.
    pub has_more: bool,
}

/// A storage proof as the endpoint gave it: to be judged by the light client.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// The value that the endpoint says is there, as it is stored; `None` = absent.
    pub value: Option<Bytes>,
    /// The proof in the byte format of the light client.
    pub nodes: Bytes,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum TxState {
    /// The node holds it; it is in no block.
    Pending,
    /// It is in a block that can still be reorganised away.
    Included(Outcome),
    /// It is in a finalized block.
    Final(Outcome),
    /// Another transaction with its nonce is in a block, and nobody here knows that one; this one will never be.
    Replaced,
    /// The same, where this relayer signed the other one after a node had lost this one.
    Overtaken,
    /// The last block that might have held it has passed; it will never be in one.
    Expired,
    /// The node does not know it and its nonce is free: it was dropped, or never arrived.
    Unknown,
}

/// How an included transaction ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Its block.
    pub block: BlockNumber,
    /// What it used.
    pub gas: Gas,
    /// What it paid for each unit.
    pub price: WeiPerGas,
    /// Why it reverted; `None` = it succeeded.
    pub reverted: Option<Revert>,
    /// The messages of a batch that did nothing, by their positions; the others succeeded.
    pub skipped: Vec<Skip>,
}

/// A message of a batch that the router skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// Its position among the messages of the submission.
    pub message: u32,
    /// The reason, in words.
    pub text: String,
}
