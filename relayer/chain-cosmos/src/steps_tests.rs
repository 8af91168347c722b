use super::*;

type Found = Vec<End<(), &'static str>>;

fn end(id: &str, state: State, other: &str) -> End<(), &'static str> {
    End {
        id: id.into(),
        state,
        other: other.into(),
        misfit: None,
        raw: (),
    }
}

fn ids<'a>(pair: &'a Pair<(), &'static str>) -> [Option<&'a str>; 2] {
    pair.each_ref().map(|end| end.as_ref().map(|end| end.id.as_str()))
}

fn furthest_of(a: Found, b: Found) -> (Next, [Option<String>; 2]) {
    let pair = furthest(&[a, b]);
    (next(&pair), ids(&pair).map(|id| id.map(str::to_owned)))
}

#[test]
fn each_pair_of_states_has_one_step() {
    use State::{Closed, Init, Open, Other, Try};
    let at = |state: Option<State>| state.map(|state| end("x", state, ""));
    for (a, b, expected) in [
        (None, None, Next::Init(0)),
        (Some(Init), None, Next::Try(1)),
        (None, Some(Init), Next::Try(0)),
        (Some(Init), Some(Try), Next::Ack(0)),
        (Some(Try), Some(Init), Next::Ack(1)),
        (Some(Open), Some(Try), Next::Confirm(1)),
        (Some(Try), Some(Open), Next::Confirm(0)),
        (Some(Open), Some(Open), Next::Done),
    ] {
        assert_eq!(next(&[at(a), at(b)]), expected, "{a:?} {b:?}");
    }
    for (a, b) in [
        (Some(Open), None),
        (Some(Try), None),
        (Some(Try), Some(Try)),
        (Some(Open), Some(Init)),
        (Some(Init), Some(Init)),
        (Some(Closed), Some(Open)),
        (Some(Other), Some(Open)),
    ] {
        assert_eq!(next(&[at(a), at(b)]), Next::Unclear, "{a:?} {b:?}");
        assert_eq!(next(&[at(b), at(a)]), Next::Unclear, "{b:?} {a:?}");
    }
}

#[test]
fn what_is_furthest_is_gone_on_with() {
    let begun = end("a-0", State::Init, "");
    let tried = [end("a-1", State::Init, ""), end("b-1", State::Try, "a-1")];
    let acked = [end("a-2", State::Open, "b-2"), end("b-2", State::Try, "a-2")];
    let open = [end("a-3", State::Open, "b-3"), end("b-3", State::Open, "a-3")];
    let mut a = vec![begun];
    let mut b = Vec::new();
    let mut expected = vec![(Next::Try(1), [Some("a-0".to_owned()), None])];
    for ([one, other], next) in [
        (tried, Next::Ack(0)),
        (acked, Next::Confirm(1)),
        (open, Next::Done),
    ] {
        expected.push((next, [Some(one.id.clone()), Some(other.id.clone())]));
        a.push(one);
        b.push(other);
    }
    for (length, expected) in (1..).zip(expected) {
        let b: Found = b.iter().take(length - 1).cloned().collect();
        assert_eq!(furthest_of(a[..length].to_vec(), b), expected);
    }
    assert_eq!(furthest_of(Vec::new(), Vec::new()), (Next::Init(0), [None, None]));
    let from_there = furthest_of(Vec::new(), vec![end("b-0", State::Init, "")]);
    assert_eq!(from_there, (Next::Try(0), [None, Some("b-0".to_owned())]));
}

#[test]
fn an_open_end_whose_other_one_was_read_too_early_begins_nothing() {
    let a = vec![end("a-0", State::Open, "b-0"), end("a-1", State::Init, "")];
    assert_eq!(furthest_of(a, Vec::new()).0, Next::Unclear);
}

#[test]
fn of_two_that_were_tried_the_one_that_was_taken_counts() {
    let a = vec![end("a-0", State::Open, "b-1")];
    let b = vec![end("b-0", State::Try, "a-0"), end("b-1", State::Try, "a-0")];
    let (step, ids) = furthest_of(a, b.clone());
    assert_eq!((step, ids[1].as_deref()), (Next::Confirm(1), Some("b-1")));
    // The one that was left behind is no reason to look again for ever.
    let open = [
        vec![end("a-0", State::Open, "b-1")],
        vec![b[0].clone(), end("b-1", State::Open, "a-0")],
    ];
    assert_eq!(next(&furthest(&open)), Next::Done);
}

#[test]
fn two_that_were_begun_on_both_sides_are_two() {
    let a = vec![end("x-0", State::Init, "")];
    let b = vec![end("x-0", State::Init, "")];
    assert_eq!(furthest_of(a, b), (Next::Try(1), [Some("x-0".to_owned()), None]));
}

#[test]
fn what_does_not_fit_or_is_closed_is_left_alone() {
    let strange = End {
        misfit: Some("a delay"),
        ..end("a-0", State::Open, "b-0")
    };
    let other = end("b-0", State::Open, "a-0");
    assert_eq!(
        furthest_of(vec![strange.clone()], vec![other.clone()]).0,
        Next::Init(0)
    );
    let closed = vec![end("a-0", State::Closed, "b-0")];
    assert_eq!(furthest_of(closed, vec![other.clone()]).0, Next::Init(0));
    // Whoever names it is told.
    let pair = of(&[vec![strange], vec![other]], 0, "a-0").unwrap();
    assert_eq!(pair[0].as_ref().unwrap().misfit, Some("a delay"));
}

#[test]
fn an_end_that_is_named_is_found_from_both_sides() {
    let found = [
        vec![end("a-0", State::Init, ""), end("a-1", State::Init, "")],
        vec![end("b-7", State::Try, "a-1")],
    ];
    for (side, id, expected) in [
        (0, "a-0", [Some("a-0"), None]),
        (0, "a-1", [Some("a-1"), Some("b-7")]),
        (1, "b-7", [Some("a-1"), Some("b-7")]),
    ] {
        assert_eq!(ids(&of(&found, side, id).unwrap()), expected, "{side} {id}");
    }
    assert!(of(&found, 0, "b-7").is_none() && of(&found, 1, "b-8").is_none());
}
