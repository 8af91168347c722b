//! What is accepted: entries and gaps of small stores, and a larger one.

use super::super::{Asked, all_keys, by_singles, key, stores};
use super::{Files, file, put, words};

fn put_accepted(files: &mut Files, name: &str, about: &str, count: u64, keys: &[Vec<u8>]) {
    let stores = stores(count);
    let asked = Asked::of(&stores, keys);
    let mut file = file(about, &asked.app_hash, &asked.keys, &asked.pool);
    file["values"] = words(&by_singles(&stores, &asked.keys)).into();
    put(files, &format!("accept/{name}"), file);
}

fn numbered(numbers: &[u64]) -> Vec<Vec<u8>> {
    numbers.iter().copied().map(key).collect()
}

pub(super) fn put_all(files: &mut Files) {
    let mut with = |name, about, count, keys: &[Vec<u8>]| put_accepted(files, name, about, count, keys);
    with("one_entry_of_one", "the only entry", 1, &numbered(&[0]));
    with(
        "around_one",
        "before and behind the only entry",
        1,
        &[key(1), b"0".to_vec()],
    );
    with(
        "two_of_two",
        "both entries, one of them twice",
        2,
        &numbered(&[0, 2, 2]),
    );
    with("gap_of_two", "between two entries", 2, &numbered(&[1]));
    with("all_of_seven", "all keys that can be asked for", 7, &all_keys(7));
    with("one_of_forty", "one entry", 40, &numbered(&[40]));
    with(
        "run_of_forty",
        "twelve entries side by side",
        40,
        &numbered(&std::array::from_fn::<_, 12, _>(|at| 20 + 2 * at as u64)),
    );
    with("scattered", "entries far apart", 40, &numbered(&[0, 22, 50, 78]));
    absent(files);
}

/// Gaps, and other values than commitments.
fn absent(files: &mut Files) {
    let mut with = |name, about, count, keys: &[Vec<u8>]| put_accepted(files, name, about, count, keys);
    with(
        "gaps",
        "gaps beside entries and beside gaps",
        40,
        &numbered(&[3, 5, 6, 11, 41, 43]),
    );
    with(
        "same_gap",
        "two keys in one gap, one of them twice",
        40,
        &[key(7), key(7), [key(7), vec![1]].concat()],
    );
    with(
        "ends",
        "before all, the ends, behind all",
        40,
        &[b"0".to_vec(), key(0), key(78), key(79), b"1".to_vec()],
    );
    with(
        "only_ends",
        "before and behind all",
        40,
        &[b"0".to_vec(), b"1".to_vec()],
    );
    with(
        "otherwise",
        "values that are no commitments",
        40,
        &numbered(&[6, 20]),
    );
    with(
        "hundreds",
        "every fifth of 600",
        600,
        &(0..120).map(|at| key(10 * at)).collect::<Vec<_>>(),
    );
}
