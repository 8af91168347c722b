//! Pools that somebody changed prove nothing, whatever was changed.

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

use super::{Asked, all_keys, by_singles, key, stores};
use crate::support::cases;

fn asked() -> impl Strategy<Value = (u64, Asked)> {
    (1u64..40, subsequence(all_keys(40), 1..8))
        .prop_map(|(count, keys)| (count, Asked::of(&stores(count), &keys)))
}

proptest! {
    #![proptest_config(cases(512))]

    /// Every byte of a pool counts: any other byte in its place, one more or one less, and nothing is proven.
    #[test]
    fn t02_any_other_bytes_prove_nothing((_, asked) in asked(), at in any::<Index>(), bits in 1u8.., more in any::<u8>()) {
        prop_assert!(asked.judge().is_ok());
        let at = at.index(asked.pool.len());
        let mut other = asked.clone();
        other.pool[at] ^= bits;
        prop_assert!(other.judge().is_err(), "byte {}", at);
        let mut other = asked.clone();
        other.pool.insert(at, more);
        prop_assert!(other.pool == asked.pool || other.judge().is_err(), "one more at {}", at);
        let mut other = asked.clone();
        other.pool.push(more);
        prop_assert!(other.judge().is_err(), "one more at the end");
        let mut other = asked;
        other.pool.truncate(at);
        prop_assert!(other.judge().is_err(), "{} bytes", at);
    }

    /// A pool answers one question: what it shows about other keys is true, or it is refused.
    #[test]
    fn t09_a_pool_shows_nothing_false_about_other_keys(
        (count, asked) in asked(),
        at in any::<Index>(),
        number in 0u64..80,
        app in any::<bool>(),
    ) {
        let mut other = asked.clone();
        let at = at.index(other.keys.len());
        other.keys[at] = key(number);
        let stores = stores(count);
        if let Ok(values) = other.judge() {
            prop_assert_eq!(values, by_singles(&stores, &other.keys));
        }
        let mut other = asked;
        other.app_hash[usize::from(app)] ^= 1;
        prop_assert!(other.judge().is_err());
    }

    #[test]
    fn t23_any_bytes_are_read_without_panic((_, mut asked) in asked(), at in any::<Index>(), bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let at = at.index(asked.pool.len());
        let end = asked.pool.len().min(at + bytes.len());
        asked.pool.splice(at..end, bytes.iter().copied());
        let _ = asked.judge();
        asked.pool = bytes;
        let _ = asked.judge();
    }
}
