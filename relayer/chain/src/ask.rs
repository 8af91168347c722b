//! What the relayer may ask of one chain. Every ask can be repeated without harm; [`Ask::Send`] says why it can.

use crate::{Basis, BlockNumber, Nonce, Submission, Ticket, TrustedState, TxHash, WeiPerGas};
use alloc::vec::Vec;
use wire::{End, Height, Path, Seconds};

/// Names one ask, so that its reply finds it. Unique for the life of a process; a reply with an id that nobody waits
/// for is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskId(pub u64);

/// A question to one chain. The variant of [`crate::Answer`] with the same name answers it.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Where the chain stands: its newest finalized height and its newest block.
    Head {
        /// The newest block that is known already. An adapter that is told of new blocks may wait a moment for a newer one.
        seen: Option<BlockNumber>,
    },
    /// Packet events of `end` on this chain in the blocks `from..=to`.
    ///
    /// The relayer never asks beyond the finalized block of the last [`Ask::Head`]. The adapter may cover a shorter
    /// range and say so ([`crate::Answer::Events`]); it may never leave out an event inside the range it says it covered.
    Events {
        /// The end on this chain whose packets are wanted: source of sends, destination of receives.
        end: End,
        /// First block, inclusive.
        from: BlockNumber,
        /// Last block, inclusive; never below `from`.
        to: BlockNumber,
    },
    /// What the light client of `end`, which lives on this chain, trusts now (at the newest block).
    Client {
        /// The end on this chain: the client itself, or a channel that runs over it.
        end: End,
    },
    /// What the light client of `end`, which lives on this chain, trusts now, with those of its older states that can be read.
    ///
    /// A reading is bounded: states that it did not come to are in the answers to later ones.
    Believed {
        /// The end on this chain: the client itself, or a channel that runs over it.
        end: End,
    },
    /// The updates that move a client **of** this chain from `trusted` to a finalized height of at least `to`.
    ///
    /// Asked of the chain whose headers they are, not of the one that hosts the client. More than one when committee
    /// rotations lie between. Fails with [`crate::NotYet`] while finality or participation does not suffice.
    Update {
        /// What the client trusts now.
        trusted: TrustedState,
        /// The height it must reach.
        to: Height,
    },
    /// What a client of this chain has to be told beside new states: that what it believes is not so, and what shows it; and
    /// what attestors have to tell a client that believes them: another set to follow, or that some of them contradicted
    /// themselves.
    ///
    /// Asked of the chain that the client follows. The answer comes within a few seconds, with what is known by then; most of
    /// the time that is nothing.
    Notices {
        /// What the client trusts now; only the states that are in it are compared.
        trusted: TrustedState,
        /// The time of the host chain.
        now: Seconds,
    },
    /// Storage proofs of `keys` in this chain's router at the finalized states `at`, in the same order.
    Prove {
        /// What to prove; presence and absence are proven alike.
        keys: Vec<Path>,
        /// What the other side's client trusts or will trust.
        at: Basis,
    },
    /// The plain, unproven values of `keys` in this chain's router, in the same order. A hint that saves gas, never a
    /// reason to believe.
    Lookup {
        /// What to read.
        keys: Vec<Path>,
        /// Of which block.
        as_of: AsOf,
    },
    /// Sign and broadcast `submission` as one transaction.
    ///
    /// Before it broadcasts, the adapter estimates; a submission that would revert, or a batch of which a message would be
    /// skipped, is refused with [`crate::Fault::WouldRevert`] and costs nothing. To an EVM chain the relayer has at most one submission in
    /// flight, so [`Place::Next`] is always the account's **mined** transaction count: a send that was repeated after a crash
    /// takes the same nonce, and at most one of the two can ever be included. Elsewhere both can, and the second does nothing
    /// with packets that were brought by the first.
    ///
    /// An adapter that has begun is not interrupted: a transaction whose hash nobody hears of is paid for twice. So it answers
    /// in the end, within the limits of its own requests, and the answer is of use however late it comes. A send that waited
    /// so long for its turn that the relayer lost its patience must not be begun.
    Send {
        /// What to send.
        submission: Submission,
        /// What may be paid for it.
        fee: Fee,
        /// Which nonce it takes.
        place: Place,
    },
    /// What became of a transaction that was sent earlier.
    Find {
        /// Its hash.
        tx: TxHash,
        /// By what a replacement is told from a loss.
        ticket: Ticket,
    },
}

/// Which nonce a transaction takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The account's mined transaction count at the newest block.
    Next,
    /// This nonce, to replace a transaction that waits in the pool with a better fee.
    Replace(Nonce),
}

/// Which block an unproven value is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// The newest block.
    Latest,
    /// The newest finalized block.
    Finalized,
}

/// What may be paid per unit of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    /// The most that may be paid in all, base fee included.
    pub max: WeiPerGas,
    /// What the block's proposer gets on top of the base fee; at most `max`.
    pub tip: WeiPerGas,
}
