//! What the fixture has to be, whatever the seed.

use std::collections::BTreeSet;

use alloy::primitives::{B256, keccak256};
use ethereum::testing::{Draft, tries};
use merkle::mpt::Slot;
use wire::Seconds;

use super::{
    BRANCHES, COMMITMENTS, Counterparty, Draw, PAIRS, ROUNDS, absence_slots, answer_slots, packets, slot_of,
    storage,
};

/// Bytes of a branch with sixteen hashes.
const FULL_BRANCH: usize = 532;

fn counterparty(seed: u64) -> Counterparty {
    Counterparty::new(seed, Seconds(2_000_000_000)).unwrap()
}

#[test]
fn the_router_has_exactly_100_000_commitments_and_the_packets_are_among_them() {
    let draw = Draw::new(1);
    let packets = packets(draw, "0xab", Seconds(1)).unwrap();
    let slots = storage(draw, packets.iter().map(|(packet, _)| packet)).unwrap();
    assert_eq!(tries::storage_leaves(&slots).len() as u64, COMMITMENTS);
    assert_eq!(COMMITMENTS, 100_000);
    assert_eq!(packets.len(), ROUNDS * PAIRS);
    for (packet, _) in &packets {
        assert_eq!(slots[&slot_of(packet)], wire::commit::packet(packet));
    }
}

#[test]
fn proofs_hold_under_the_one_storage_root() {
    let counterparty = counterparty(1);
    let lean = &counterparty.lean.now;
    let account = lean.state.as_ref().unwrap();
    let router = merkle::mpt::account(account.root, lean.address, &account.bytes()).unwrap();
    for delivery in counterparty
        .early
        .iter()
        .chain(&counterparty.late)
        .chain(&counterparty.together)
    {
        let slot = slot_of(&delivery.packet);
        let value = merkle::mpt::storage(router.storage_root, slot, &delivery.proof).unwrap();
        assert_eq!(value, Slot::Present(wire::commit::packet(&delivery.packet)));
    }
    assert_eq!(router.storage_root, counterparty.storage_root);
    let answer = wire::commit::acknowledgement(wire::ics20::SUCCESS_ACK);
    for (slot, proof) in answer_slots().unwrap().zip(&counterparty.answers) {
        let value = merkle::mpt::storage(router.storage_root, slot, proof).unwrap();
        assert_eq!(value, Slot::Present(answer));
    }
    for (slot, proof) in absence_slots().unwrap().zip(&counterparty.absences) {
        let value = merkle::mpt::storage(router.storage_root, slot, proof).unwrap();
        assert_eq!(value, Slot::Absent);
    }
    assert_eq!(
        (counterparty.answers.len(), counterparty.absences.len()),
        (PAIRS, PAIRS)
    );
}

#[test]
fn the_account_lies_under_eight_full_branches_or_alone() {
    let counterparty = counterparty(2);
    for full in [counterparty.full.now, counterparty.full.before] {
        let nodes = full.state.unwrap().nodes;
        let (_, branches) = nodes.split_last().unwrap();
        assert_eq!(branches.len(), BRANCHES);
        assert!(branches.iter().all(|node| node.len() == FULL_BRANCH));
    }
    assert_eq!(BRANCHES, 8);
    assert_eq!(counterparty.lean.now.state.unwrap().nodes.len(), 1);
}

#[test]
fn fifty_senders_and_recipients_are_distinct_and_each_has_three_packets() {
    let counterparty = counterparty(3);
    let of = |deliveries: &[super::Delivery]| -> Vec<(String, String)> {
        let parties = deliveries.iter().map(|delivery| {
            let transfer = wire::ics20::decode(delivery.packet.payload.value.as_bytes()).unwrap();
            assert_eq!(transfer.receiver, format!("{:#x}", delivery.recipient));
            (transfer.sender, transfer.receiver)
        });
        parties.collect()
    };
    let (early, late) = (of(&counterparty.early), of(&counterparty.late));
    assert_eq!(early, late);
    assert_eq!(late, of(&counterparty.together));
    let all: BTreeSet<&String> = late
        .iter()
        .flat_map(|(sender, receiver)| [sender, receiver])
        .collect();
    assert_eq!(all.len(), 2 * PAIRS);
    assert_eq!(PAIRS, 50);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_others() {
    let digest = |seed: u64| -> B256 {
        let counterparty = counterparty(seed);
        let draft = Draft::new(1700 * 8192, 1700 * 8192 + 64).without([3, 4, 500]);
        let update = ethereum::codec::encode_update(&counterparty.full.now.update(&draft));
        let deliveries = counterparty
            .early
            .iter()
            .chain(&counterparty.late)
            .chain(&counterparty.together);
        let packets = deliveries.flat_map(|one| [wire::abi::encode_packet(&one.packet), one.proof.to_vec()]);
        keccak256([packets.collect::<Vec<_>>().concat(), update].concat())
    };
    assert_eq!(digest(4), digest(4));
    assert_ne!(digest(4), digest(5));
}
