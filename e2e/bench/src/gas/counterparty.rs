//! The fixture: a counterparty chain with a router of 100,000 commitments, and packets among them.
//!
//! Storage and state tries, with their proofs, are made by alloy-trie, not by our `merkle`. Headers, branches and
//! signatures come from `ethereum::testing`: 512 real BLS keys a committee. Everything follows from the seed.

use std::collections::BTreeMap;

use alloy::consensus::EMPTY_ROOT_HASH;
use alloy::primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use anyhow::{Context, Result, ensure};
use ethereum::testing::World;
use ethereum::testing::tries::{self, Account, Proven};
use ethereum::{Network, Slot};
use wire::ics20::{Denom, Transfer};
use wire::{COMMITMENTS_SLOT, ClientId, Packet, Path, Seconds, Sequence};

use super::draw::Draw;

/// Commitments in the router's storage.
pub(super) const COMMITMENTS: u64 = 100_000;
/// Full branch nodes above the router's account.
pub(super) const BRANCHES: usize = 8;
/// Senders, each with a recipient of his own.
pub(super) const PAIRS: usize = 50;
/// Packets of each pair.
const ROUNDS: usize = 3;
/// Packets that the chain on which gas is counted sent over its first client, and that were answered here.
pub(super) const ANSWERED: u64 = PAIRS as u64;
/// Packets that it sent after those, and that never arrived here.
pub(super) const MISSED: u64 = PAIRS as u64;
/// The client, on the counterparty, of the chain on which gas is counted.
pub(super) const SOURCE_CLIENT: &str = "client-0";
/// The client, on the chain on which gas is counted, that follows the full state trie.
pub(super) const FULL_CLIENT: &str = "client-0";

/// What the first sequence may be: a path that has been in use for a while.
const SEQUENCE_FIRST_MAX: u64 = 900_000;
/// The most that a packet carries: ten whole tokens of 18 decimals.
const AMOUNT_MAX: u64 = 10_000_000_000_000_000_000;
/// Children of a full branch node.
const CHILDREN: u8 = 16;

/// A packet with the proof of its commitment.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    /// The packet.
    pub(super) packet: Packet,
    /// Who is to receive the tokens.
    pub(super) recipient: Address,
    /// The storage proof under the router's storage root, as clients take it.
    pub(super) proof: Bytes,
}

/// A chain at two times, with one router.
#[derive(Clone)]
pub(super) struct Chain {
    /// While the packets' commitments are in the router's storage.
    pub(super) now: World,
    /// Earlier: the router's storage had another root.
    pub(super) before: World,
}

/// The chain, twice: the same router in two state tries.
pub(super) struct Counterparty {
    /// The router's account lies under eight full branch nodes.
    pub(super) full: Chain,
    /// The state trie holds the router's account and nothing else.
    pub(super) lean: Chain,
    /// One packet for each pair, to be delivered before anything is measured.
    pub(super) early: Vec<Delivery>,
    /// Another for each pair, in the same order, to be delivered one by one.
    pub(super) late: Vec<Delivery>,
    /// Another for each pair, in the same order, to be delivered all at once.
    pub(super) together: Vec<Delivery>,
    /// Proofs of the acknowledgements of the first packets that came from the other chain, by sequence.
    pub(super) answers: Vec<Bytes>,
    /// Proofs that the packets after those were not received.
    pub(super) absences: Vec<Bytes>,
    /// Root of the router's storage.
    pub(super) storage_root: B256,
    /// The token that the packets carry, as it is called here.
    pub(super) denom: String,
}

impl Counterparty {
    /// The chain that follows from `seed`, with the constants of mainnet. Its packets time out at `timeout`.
    ///
    /// # Errors
    /// The seed gives something that the wire formats do not allow.
    pub(super) fn new(seed: u64, timeout: Seconds) -> Result<Self> {
        let draw = Draw::new(seed);
        let denom = format!("{:#x}", draw.address("token", 0));
        let packets = packets(draw, &denom, timeout)?;
        let leaves = tries::storage_leaves(&storage(draw, packets.iter().map(|(packet, _)| packet))?);
        let sent = packets.iter().map(|(packet, _)| slot_of(packet));
        let slots = sent.chain(answer_slots()?).chain(absence_slots()?);
        let targets: Vec<B256> = slots.map(keccak256).collect();
        let proven = tries::trie(&leaves, &targets);
        let storage_root = proven.first().context("there are no packets")?.root;
        let mut proofs: Vec<Bytes> = proven.iter().map(|proven| proven.bytes().into()).collect();
        let mut answers = proofs.split_off(packets.len());
        let absences = answers.split_off(PAIRS);
        let deliveries = packets.into_iter().zip(proofs);
        let mut early: Vec<Delivery> = deliveries
            .map(|((packet, recipient), proof)| Delivery {
                packet,
                recipient,
                proof,
            })
            .collect();
        let mut late = early.split_off(PAIRS);
        let together = late.split_off(PAIRS);

        let mut world = World::new(Network::mainnet());
        world.address = draw.address("router", 0);
        world.salt = seed;
        world.committee_salt = seed;
        let router = keccak256(world.address);
        let alone = |storage_root| {
            let account = account(draw, storage_root);
            BTreeMap::from([(router, alloy_rlp::encode(account))])
        };
        let (now, before) = (alone(storage_root), alone(draw.word("earlier storage root", 0)));
        let crowded = |alone| in_state(&world, &crowd(draw, router, alone), router);
        Ok(Self {
            full: Chain {
                now: crowded(&now),
                before: crowded(&before),
            },
            lean: Chain {
                now: in_state(&world, &now, router),
                before: in_state(&world, &before, router),
            },
            early,
            late,
            together,
            answers,
            absences,
            storage_root,
            denom,
        })
    }
}

/// When `slot` of mainnet begins.
pub(super) fn mainnet_time(slot: u64) -> Result<Seconds> {
    Network::mainnet()
        .time_of(Slot(slot))
        .context("a slot beyond all time")
}

/// Three packets for each pair, all on one client, at sequences that are drawn.
fn packets(draw: Draw, denom: &str, timeout: Seconds) -> Result<Vec<(Packet, Address)>> {
    let first = first_sequence(draw);
    let places = draw.distinct("sequence", ROUNDS * PAIRS, COMMITMENTS - ANSWERED);
    let numbered = (0u64..).zip(places);
    let packet = |(number, place): (u64, u64)| {
        let pair = number % PAIRS as u64;
        let recipient = draw.address("recipient", pair);
        let transfer = Transfer {
            denom: Denom::new(denom)?,
            sender: format!("{:#x}", draw.address("sender", pair)),
            receiver: format!("{recipient:#x}"),
            amount: U256::from(1 + draw.below("amount", number, AMOUNT_MAX)),
            memo: String::new(),
        };
        let packet = Packet {
            sequence: Sequence::new(first + place)?,
            source_client: ClientId::new(SOURCE_CLIENT)?,
            destination_client: ClientId::new(FULL_CLIENT)?,
            timeout,
            payload: transfer.to_payload()?,
        };
        Ok((packet, recipient))
    };
    numbered.map(packet).collect()
}

fn first_sequence(draw: Draw) -> u64 {
    1 + draw.below("first sequence", 0, SEQUENCE_FIRST_MAX)
}

/// The router's storage: a random commitment for each sequence, the real one for each packet, and the acknowledgements
/// of packets that came from the other chain.
fn storage<'a>(draw: Draw, packets: impl Iterator<Item = &'a Packet>) -> Result<BTreeMap<B256, B256>> {
    let client = ClientId::new(SOURCE_CLIENT)?;
    let first = first_sequence(draw);
    let mut slots = BTreeMap::new();
    for sequence in first..first + COMMITMENTS - ANSWERED {
        let path = wire::path::commitment(&client, Sequence::new(sequence)?);
        slots.insert(path.evm_slot(COMMITMENTS_SLOT), draw.word("commitment", sequence));
    }
    for packet in packets {
        slots.insert(slot_of(packet), wire::commit::packet(packet));
    }
    let answer = wire::commit::acknowledgement(wire::ics20::SUCCESS_ACK);
    slots.extend(answer_slots()?.map(|slot| (slot, answer)));
    ensure!(
        slots.len() as u64 == COMMITMENTS,
        "the router has {} commitments, not {COMMITMENTS}",
        slots.len()
    );
    Ok(slots)
}

/// Where the router keeps a packet's commitment.
fn slot_of(packet: &Packet) -> B256 {
    wire::path::commitment(&packet.source_client, packet.sequence).evm_slot(COMMITMENTS_SLOT)
}

/// Where the router keeps the acknowledgements of the first packets of the other chain.
fn answer_slots() -> Result<impl Iterator<Item = B256>> {
    slots_by_sequence(1, ANSWERED, wire::path::acknowledgement)
}

/// Where it would keep the receipts of the packets after those.
fn absence_slots() -> Result<impl Iterator<Item = B256>> {
    slots_by_sequence(1 + ANSWERED, MISSED, wire::path::receipt)
}

fn slots_by_sequence(
    first: u64,
    count: u64,
    path: fn(&ClientId, Sequence) -> Path,
) -> Result<impl Iterator<Item = B256>> {
    let client = ClientId::new(SOURCE_CLIENT)?;
    let sequences: Vec<Sequence> = (first..first + count)
        .map(Sequence::new)
        .collect::<Result<_, _>>()?;
    let slot = move |sequence| path(&client, sequence).evm_slot(COMMITMENTS_SLOT);
    Ok(sequences.into_iter().map(slot))
}

/// The router's account: a contract that has created none and owns nothing.
fn account(draw: Draw, storage_root: B256) -> Account {
    Account {
        nonce: 1,
        balance: U256::ZERO,
        storage_root,
        code_hash: draw.word("router's code", 0),
    }
}

/// `alone` and so many more accounts that each of the first eight nodes on the way to `key` has all sixteen children.
/// Their hashed keys are chosen: nobody knows addresses for them, and nobody needs to.
fn crowd(draw: Draw, key: B256, alone: &BTreeMap<B256, Vec<u8>>) -> BTreeMap<B256, Vec<u8>> {
    let mut leaves = alone.clone();
    for level in 0..BRANCHES {
        for other in (0..CHILDREN).filter(|other| *other != nibble(key, level)) {
            let number = (level * usize::from(CHILDREN)) as u64 + u64::from(other);
            let neighbour = beside(key, level, other, draw.word("neighbour", number));
            let owner = Account {
                nonce: draw.below("neighbour's nonce", number, 1000),
                balance: U256::from(draw.below("neighbour's balance", number, u64::MAX)),
                storage_root: EMPTY_ROOT_HASH,
                code_hash: KECCAK256_EMPTY,
            };
            leaves.insert(neighbour, alloy_rlp::encode(owner));
        }
    }
    leaves
}

/// `filler` with the first `level` nibbles of `key` and then `other`.
fn beside(key: B256, level: usize, other: u8, filler: B256) -> B256 {
    let mut beside = filler;
    for at in 0..level {
        set_nibble(&mut beside, at, nibble(key, at));
    }
    set_nibble(&mut beside, level, other);
    beside
}

fn nibble(key: B256, at: usize) -> u8 {
    let byte = key[at / 2];
    if at.is_multiple_of(2) {
        byte >> 4
    } else {
        byte & 0x0f
    }
}

fn set_nibble(key: &mut B256, at: usize, value: u8) {
    let byte = key[at / 2];
    key[at / 2] = if at.is_multiple_of(2) {
        (byte & 0x0f) | (value << 4)
    } else {
        (byte & 0xf0) | value
    };
}

/// `world` with its router in the state trie of `leaves`.
fn in_state(world: &World, leaves: &BTreeMap<B256, Vec<u8>>, router: B256) -> World {
    let proven: Option<Proven> = tries::trie(leaves, &[router]).pop();
    world.changed(|world| world.state = proven)
}

#[cfg(test)]
#[path = "counterparty_tests.rs"]
mod tests;
