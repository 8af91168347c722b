//! Pools of many proofs: alloy-trie's proofs, folded, say what the trie holds; nothing else is a pool.

mod support;

use alloy_primitives::B256;
use merkle::{
    Reject,
    mpt::{
        Slot,
        pool::{build, prove, storage},
    },
};
use proptest::{collection::vec, prelude::*, sample::Index};
use support::{Entries, Slots, Tape, cases, pooled, prove_by_alloy, rlp_writer};

/// Tries whose keys share prefixes of any length and whose values are often tiny, so that nodes are embedded.
fn slots() -> impl Strategy<Value = Slots> {
    let key = (any::<[u8; 32]>(), any::<u8>(), 0usize..=32, any::<bool>());
    let value = prop_oneof![vec(1u8.., 1..3), vec(1u8.., 30..=32)];
    let shared = any::<[u8; 32]>();
    (shared, vec((key, value), 1..40)).prop_map(|(shared, entries)| {
        let spread = entries.into_iter().map(|((own, low, prefix, few), value)| {
            let mut key = own;
            key[..prefix].copy_from_slice(&shared[..prefix]);
            // Few different last bytes make forks near the leaves.
            if few {
                key = shared;
                key[31] = low & 0x13;
            }
            (B256::new(key), value)
        });
        spread.collect()
    })
}

/// Keys of the trie, and keys that differ from one in a single byte.
fn near(slots: &Slots, picks: &[(Index, Option<(usize, u8)>)]) -> Vec<B256> {
    let pick = |(choice, change): &(Index, Option<(usize, u8)>)| {
        let mut key = *slots.keys().nth(choice.index(slots.len())).unwrap();
        if let Some((at, bits)) = change {
            key.0[*at] ^= bits;
        }
        key
    };
    let mut keys: Vec<B256> = picks.iter().map(pick).collect();
    keys.sort_unstable();
    keys
}

fn picks() -> impl Strategy<Value = Vec<(Index, Option<(usize, u8)>)>> {
    vec((any::<Index>(), proptest::option::of((0usize..32, 1u8..))), 1..12)
}

fn expected(slots: &Slots, keys: &[B256]) -> Vec<Slot> {
    let holds = |key: &B256| match slots.get(key) {
        Some(value) => Slot::Present(B256::left_padding_from(value)),
        None => Slot::Absent,
    };
    keys.iter().map(holds).collect()
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn says_what_the_trie_holds(slots in slots(), picks in picks()) {
        let keys = near(&slots, &picks);
        let (root, pool) = pooled(&slots, &keys);
        prop_assert_eq!(prove(root, &keys, &pool), Ok(expected(&slots, &keys)));
    }

    /// A pool of some keys shows nothing wrong about others.
    #[test]
    fn t09_a_pool_is_bound_to_its_keys(slots in slots(), some in picks(), other in picks()) {
        let (keys, others) = (near(&slots, &some), near(&slots, &other));
        let (root, pool) = pooled(&slots, &keys);
        if let Ok(found) = prove(root, &others, &pool) {
            prop_assert_eq!(found, expected(&slots, &others));
        }
    }

    /// One key more or less needs another pool, unless it ends where another key does.
    #[test]
    fn t08_a_pool_is_consumed_exactly(slots in slots(), picks in picks(), extra in vec(any::<u8>(), 1..40)) {
        let keys = near(&slots, &picks);
        let (root, pool) = pooled(&slots, &keys);
        for length in 0..pool.len() {
            prop_assert!(prove(root, &keys, &pool[..length]).is_err());
        }
        let longer = [&pool[..], &extra].concat();
        let left = extra.len();
        prop_assert_eq!(prove(root, &keys, &longer), Err(Reject::TrailingBytes { what: "the pool", left }));
    }

    /// There is one pool for a set of keys, in whatever order and how often their proofs come.
    #[test]
    fn t12_a_pool_has_one_encoding(slots in slots(), picks in picks(), at in any::<Index>(), bits in 1u8..) {
        let keys = near(&slots, &picks);
        let (root, pool) = pooled(&slots, &keys);
        let mut mutant = pool;
        let at = at.index(mutant.len());
        mutant[at] ^= bits;
        prop_assert!(prove(root, &keys, &mutant).is_err(), "byte {}", at);
    }

    #[test]
    fn t23_random_bytes_do_not_panic(root in any::<[u8; 32]>(), keys in vec(any::<[u8; 32]>(), 0..5), pool in vec(0u8..7, 0..200)) {
        let mut keys: Vec<B256> = keys.into_iter().map(B256::new).collect();
        prop_assert!(prove(B256::new(root), &keys, &pool).is_err());
        keys.sort_unstable();
        prop_assert!(prove(B256::new(root), &keys, &pool).is_err());
        let _ = build(B256::new(root), &keys, [&pool[..]]);
    }
}

/// Every byte of one pool with all kinds of nodes, changed in three ways.
#[test]
fn t02_no_mutant_of_a_pool_is_a_pool() {
    let (slots, keys) = sample(120, 40);
    let (root, pool) = pooled(&slots, &keys);
    for at in 0..pool.len() {
        for bits in [1, 0x80, 0xff] {
            let mut mutant = pool.clone();
            mutant[at] ^= bits;
            assert!(
                prove(root, &keys, &mutant).is_err(),
                "byte {at} of {}",
                pool.len()
            );
        }
    }
}

/// Reproducible keys, of which the first `asked` and as many absent ones are asked for.
fn sample(count: usize, asked: usize) -> (Slots, Vec<B256>) {
    let mut tape = Tape::new("pool");
    let slots: Slots = (0..count).map(|_| (tape.word(), tape.bytes(32))).collect();
    let mut keys: Vec<B256> = slots.keys().take(asked).copied().collect();
    keys.extend((0..asked).map(|_| tape.word()));
    keys.sort_unstable();
    (slots, keys)
}

/// What the pool is for: far fewer bytes than the single proofs.
#[test]
fn shared_nodes_and_computed_hashes_are_left_out() {
    let (slots, keys) = sample(2_000, 25);
    let (_, pool) = pooled(&slots, &keys);
    let entries: Entries = slots
        .iter()
        .map(|(key, value)| (*key, rlp_writer::string(value)))
        .collect();
    let single: usize = keys
        .iter()
        .map(|key| prove_by_alloy(&entries, *key).1.concat().len())
        .sum();
    assert!(
        pool.len() * 2 < single,
        "{} bytes pooled, {single} single",
        pool.len()
    );
}

#[test]
fn the_same_key_may_come_twice() {
    let (slots, keys) = sample(30, 1);
    let twice: Vec<B256> = keys.iter().flat_map(|key| [*key, *key]).collect();
    let (root, pool) = pooled(&slots, &keys);
    assert_eq!(prove(root, &twice, &pool), Ok(expected(&slots, &twice)));
}

#[test]
fn slots_are_hashed_and_ordered_by_their_hashes() {
    let mut tape = Tape::new("slots");
    let all: Vec<B256> = (0..20).map(|_| tape.word()).collect();
    let slots: Slots = all
        .iter()
        .map(|slot| (alloy_primitives::keccak256(slot), slot.to_vec()))
        .collect();
    let order = merkle::mpt::pool::batch_order(&all);
    let sorted: Vec<B256> = order.iter().map(|at| all[*at]).collect();
    let keys: Vec<B256> = sorted.iter().map(alloy_primitives::keccak256).collect();
    let (root, pool) = pooled(&slots, &keys);
    let found: Vec<Slot> = sorted.iter().map(|slot| Slot::Present(*slot)).collect();
    assert_eq!(storage(root, &sorted, &pool), Ok(found));
    assert!(matches!(storage(root, &all, &pool), Err(Reject::KeyOrder { .. })));
}
