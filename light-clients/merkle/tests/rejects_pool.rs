//! One test for each rule of a pool, from one good pool.

mod support;

use alloy_primitives::B256;
use merkle::{
    Reject,
    mpt::{Slot, pool::prove},
};
use support::{Slots, pooled};

/// Two keys that part at their first nibble, and a third that parts from the second at its last.
fn small() -> (Slots, Vec<B256>) {
    let key = |first: u8, last: u8| {
        let mut key = B256::ZERO;
        (key.0[0], key.0[31]) = (first, last);
        key
    };
    let keys = vec![key(0x10, 0), key(0x20, 0), key(0x20, 1)];
    (keys.iter().map(|key| (*key, vec![7])).collect(), keys)
}

fn refused(keys: &[B256], change: impl FnOnce(&mut Vec<u8>)) -> Reject {
    let (slots, all) = small();
    let (root, _) = pooled(&slots, &all);
    let (_, mut pool) = pooled(&slots, keys);
    change(&mut pool);
    prove(root, keys, &pool).unwrap_err()
}

#[test]
fn rejects_no_keys_and_an_empty_trie() {
    assert_eq!(prove(B256::repeat_byte(1), &[], &[]), Err(Reject::NoLeaves));
    let root = merkle::mpt::EMPTY_ROOT;
    assert_eq!(prove(root, &[B256::ZERO], &[]), Err(Reject::EmptyTrie { root }));
    let root = B256::ZERO;
    assert_eq!(prove(root, &[B256::ZERO], &[]), Err(Reject::EmptyTrie { root }));
}

#[test]
fn rejects_key_order() {
    let (slots, mut keys) = small();
    let (root, pool) = pooled(&slots, &keys);
    keys.swap(0, 1);
    assert_eq!(prove(root, &keys, &pool), Err(Reject::KeyOrder { at: 1 }));
}

#[test]
fn rejects_pool_truncated() {
    let (_, keys) = small();
    let refused = refused(&keys, |pool| pool.truncate(pool.len() - 1));
    assert!(
        matches!(refused, Reject::PoolTruncated { needed: 1, left: 0 }),
        "{refused}"
    );
}

#[test]
fn rejects_pool_kind() {
    let (_, keys) = small();
    assert_eq!(
        refused(&keys, |pool| pool[0] = 6),
        Reject::PoolKind { node: 1, kind: 6 }
    );
}

#[test]
fn rejects_pool_mask() {
    let (_, keys) = small();
    // One child only.
    assert!(matches!(
        refused(&keys, |pool| pool[2] = 0b10),
        Reject::PoolMask { .. }
    ));
    // Embedded children that do not exist.
    let none = refused(&keys, |pool| {
        pool[0] = 1;
        pool.splice(3..3, [0, 0]);
    });
    assert!(matches!(none, Reject::PoolMask { embedded: 0, .. }));
    // An embedded child that a key leads to.
    let led = refused(&keys, |pool| {
        pool[0] = 1;
        pool.splice(3..3, [0, 0b10]);
    });
    assert!(matches!(led, Reject::PoolMask { embedded: 2, .. }));
}

#[test]
fn rejects_pool_path() {
    let (_, keys) = small();
    // Root: kind, mask; leaf: kind, length, value; then the extension.
    let at = 6;
    assert!(matches!(
        refused(&keys, |pool| pool[at + 1] = 0),
        Reject::PoolPath { nibbles: 0, .. }
    ));
    assert!(matches!(
        refused(&keys, |pool| pool[at + 1] = 63),
        Reject::PathLength { .. }
    ));
    // The path is 62 nibbles; with one less its last half byte is padding.
    let padded = refused(&keys, |pool| {
        pool[at + 1] = 61;
        pool[at + 2 + 30] = 1;
    });
    assert!(matches!(padded, Reject::PoolPath { nibbles: 61, .. }), "{padded}");
}

#[test]
fn rejects_pool_leaf() {
    let (slots, keys) = small();
    // In the long form although it is that of the only key.
    let long = refused(&keys, |pool| {
        pool[3] = 5;
        pool.splice(4..4, keys[0].0);
    });
    assert!(matches!(long, Reject::PoolLeaf { node: 2 }));
    // In the short form although two keys lead there.
    let asked = [keys[0], B256::with_last_byte(1) | keys[0]];
    let (root, mut pool) = pooled(&slots, &asked);
    assert_eq!(pool[3], 5);
    pool[3] = 4;
    pool.drain(4..36);
    assert!(matches!(
        prove(root, &asked, &pool),
        Err(Reject::PoolLeaf { node: 2 })
    ));
    // Somewhere else than where it stands.
    let (root, mut pool) = pooled(&slots, &asked);
    pool[4] = 0x30;
    assert!(matches!(
        prove(root, &asked, &pool),
        Err(Reject::PoolLeaf { node: 2 })
    ));
}

#[test]
fn rejects_extension_child() {
    let (_, keys) = small();
    let at = 6 + 2 + 31;
    let refused = refused(&keys, |pool| pool[at] = 4);
    assert!(matches!(refused, Reject::ExtensionChild { .. }), "{refused}");
}

#[test]
fn rejects_integer_and_zero_slot() {
    let (_, keys) = small();
    assert!(matches!(
        refused(&keys, |pool| pool[5] = 0),
        Reject::Integer { .. }
    ));
    assert!(matches!(
        refused(&keys, |pool| pool[4] = 33),
        Reject::Integer { .. } | Reject::PoolTruncated { .. }
    ));
    let empty = refused(&keys, |pool| {
        pool[4] = 0;
        pool.remove(5);
    });
    assert_eq!(empty, Reject::ZeroSlot);
}

#[test]
fn rejects_pool_root() {
    let (_, keys) = small();
    assert!(matches!(
        refused(&keys, |pool| pool[5] = 8),
        Reject::PoolRoot { .. }
    ));
}

/// The lowest branch holds two embedded leaves, and no key leads to them: their bytes are in the pool.
#[test]
fn rejects_an_embedded_child_that_is_a_string_or_too_long() {
    let (slots, keys) = small();
    let mut asked = keys[1];
    asked.0[31] = 2;
    let (root, pool) = pooled(&slots, &[asked]);
    assert_eq!(prove(root, &[asked], &pool), Ok(vec![Slot::Absent]));
    // Each leaf is a list of its path and its value, three bytes.
    let at = pool.len() - 3;
    let mut string = pool.clone();
    string[at] = 0x82;
    assert!(matches!(
        prove(root, &[asked], &string),
        Err(Reject::ChildReference { length: 3 })
    ));
    let long = [&pool[..at], &[0xc0 + 32], &[7; 32]].concat();
    assert!(matches!(
        prove(root, &[asked], &long),
        Err(Reject::ChildReference { length: 33 })
    ));
}

#[test]
fn rejects_an_embedded_child_below_an_extension_that_a_key_follows() {
    let (_, keys) = small();
    let refused = refused(&keys, |pool| pool[6] = 3);
    assert!(
        matches!(refused, Reject::PoolPath { nibbles: 62, .. }),
        "{refused}"
    );
}
