//! One test for each way a proof of absence is refused: good neighbours with one flaw.

mod support;

use merkle::ics23::Fault;
use support::ics23::Good;

#[test]
fn t03_rejects_no_neighbours() {
    let mut bad = Good::iavl_gap();
    (bad.absence().left, bad.absence().right) = (None, None);
    assert_eq!(bad.verdict(), Err(Fault::NoNeighbours));
}

#[test]
fn t03_rejects_left_not_before() {
    let mut bad = Good::iavl_gap();
    let left = bad.absence().left.clone().unwrap().key;
    // The left neighbour itself, and what lies before it.
    for asked in [left.clone(), left[..left.len() - 1].to_vec()] {
        bad.key.clone_from(&asked);
        bad.absence().key.clone_from(&asked);
        let (left, key) = (left.clone().into(), asked.into());
        assert_eq!(bad.verdict(), Err(Fault::LeftNotBefore { left, key }));
    }
}

#[test]
fn t03_rejects_right_not_after() {
    let mut bad = Good::iavl_gap();
    let right = bad.absence().right.clone().unwrap().key;
    // The right neighbour itself, and what lies behind it.
    for asked in [right.clone(), [right.as_slice(), &[0]].concat()] {
        bad.key.clone_from(&asked);
        bad.absence().key.clone_from(&asked);
        let (right, key) = (right.clone().into(), asked.into());
        assert_eq!(bad.verdict(), Err(Fault::RightNotAfter { right, key }));
    }
}

#[test]
fn t03_rejects_not_first() {
    let mut bad = Good::iavl_gap();
    bad.absence().left = None;
    assert!(matches!(bad.verdict(), Err(Fault::NotFirst { level: 1.. })));
}

#[test]
fn t03_rejects_not_last() {
    let mut bad = Good::iavl_gap();
    bad.absence().right = None;
    assert!(matches!(bad.verdict(), Err(Fault::NotLast { level: 1.. })));
}

/// The right neighbour of the gap with the first entry of the tree: entries lie between.
#[test]
fn t03_rejects_not_neighbours() {
    let mut bad = Good::iavl_gap();
    bad.absence().left = Some(Good::first_of_iavl().existence().clone());
    let steps = bad.absence().left.as_ref().unwrap().path.len();
    let verdict = bad.verdict();
    assert!(
        matches!(verdict, Err(Fault::NotNeighbours { left, .. }) if left < steps),
        "{verdict:?}"
    );
}
