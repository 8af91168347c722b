//! What the graph does with stages that pass, fail, wait and come too late.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::bail;

use super::{Frame, Outcome, Report, Slot, Stage, Verdict, run, tenths};
use crate::job::Limits;

fn stage<'a>(
    name: &'static str,
    slot: Slot,
    needs: &'static [&'static str],
    work: impl Fn() -> anyhow::Result<Verdict> + Send + Sync + 'a,
) -> Stage<'a> {
    Stage {
        name,
        slot,
        needs,
        after: &[],
        minutes: 1,
        gives_way: false,
        alone: false,
        work: Box::new(move |_| work()),
    }
}

fn pass() -> anyhow::Result<Verdict> {
    Ok(Verdict::Passed)
}

fn report(stages: &[Stage<'_>], budget: Option<Duration>, interrupted: bool) -> Report {
    let logs = tempfile::tempdir().unwrap();
    let limits = Limits {
        deadline: None,
        interrupted: Arc::new(AtomicBool::new(interrupted)),
    };
    let frame = Frame {
        started: Instant::now(),
        budget,
        limits: &limits,
        logs: logs.path().into(),
    };
    run(stages, &frame).unwrap()
}

fn ends(report: &Report) -> Vec<Outcome> {
    report
        .rows
        .iter()
        .map(|(_, _, outcome, _)| outcome.clone())
        .collect()
}

#[test]
fn a_failure_skips_what_needs_it_and_nothing_else() {
    let stages = [
        stage("build", Slot::One, &[], || bail!("no compiler")),
        stage("use", Slot::Two, &["build"], pass),
        stage("use-of-use", Slot::Two, &["use"], pass),
        stage("other", Slot::Two, &[], pass),
    ];
    let report = report(&stages, None, false);
    let skipped = |name: &str| Outcome::Skipped(format!("it needs {name}"));
    let failed = Outcome::Failed("no compiler".into());
    assert_eq!(
        ends(&report),
        [failed, skipped("build"), skipped("use"), Outcome::Passed]
    );
    assert!(!report.is_good());
    assert_eq!(report.counts(), "1 passed, 1 failed, 2 skipped");
}

#[test]
fn slots_wait_for_each_other_and_keep_their_order() {
    let order = Mutex::new(Vec::new());
    let note = |name: &'static str| {
        order.lock().unwrap().push(name);
        pass()
    };
    let mut last = stage("d", Slot::One, &[], || note("d"));
    last.after = &["c"];
    let stages = [
        stage("a", Slot::One, &[], || note("a")),
        stage("b", Slot::Two, &["a"], || note("b")),
        stage("c", Slot::Two, &[], || note("c")),
        last,
    ];
    assert!(report(&stages, None, false).is_good());
    assert_eq!(*order.lock().unwrap(), ["a", "b", "c", "d"]);
}

#[test]
fn a_slot_with_nothing_left_of_its_own_takes_what_may_go_into_either() {
    let turns = Mutex::new(Vec::new());
    let note = |name: &'static str| {
        turns.lock().unwrap().push(name);
        pass()
    };
    // Slot one is busy until slot two has done all of it, and slot three takes none of it.
    let busy = || {
        let done = |_| {
            std::thread::sleep(Duration::from_millis(1));
            turns.lock().unwrap().len() == 3
        };
        anyhow::ensure!((0..60_000).any(done), "slot two has taken nothing");
        pass()
    };
    let stages = [
        stage("busy", Slot::One, &[], busy),
        stage("x", Slot::Either, &[], || note("x")),
        stage("y", Slot::Either, &[], || note("y")),
        stage("own", Slot::Two, &[], || note("own")),
        stage("waits", Slot::Beside, &["busy"], pass),
    ];
    assert!(report(&stages, None, false).is_good());
    assert_eq!(*turns.lock().unwrap(), ["own", "x", "y"]);
}

#[test]
fn what_does_not_fit_the_budget_is_left_out_and_is_no_failure() {
    let ran = AtomicBool::new(false);
    let mut long = stage("long", Slot::Two, &[], || {
        ran.store(true, Ordering::Relaxed);
        pass()
    });
    long.minutes = 20;
    let stages = [stage("short", Slot::Two, &[], pass), long];
    let report = report(&stages, Some(Duration::from_secs(600)), false);
    assert!(matches!(
        ends(&report).as_slice(),
        [Outcome::Passed, Outcome::LeftOut(_)]
    ));
    assert!(report.is_good() && !ran.load(Ordering::Relaxed));
    assert_eq!(report.counts(), "1 passed, 0 failed, 1 skipped");
}

#[test]
fn what_gives_way_is_left_out_before_what_comes_after_it() {
    let ran = Mutex::new(Vec::new());
    let note = |name: &'static str| {
        ran.lock().unwrap().push(name);
        pass()
    };
    let mut first = stage("first", Slot::One, &[], || note("first"));
    (first.minutes, first.gives_way) = (5, true);
    let mut second = stage("second", Slot::One, &[], || note("second"));
    second.minutes = 6;
    let user = stage("user", Slot::Two, &["first"], || note("user"));
    let mut other = stage("other", Slot::Two, &[], || note("other"));
    other.minutes = 9;
    let stages = [first, second, other, user];
    let short = report(&stages, Some(Duration::from_secs(600)), false);
    assert!(matches!(
        ends(&short).as_slice(),
        [
            Outcome::LeftOut(_),
            Outcome::Passed,
            Outcome::Passed,
            Outcome::LeftOut(_)
        ]
    ));
    assert!(!ran.lock().unwrap().contains(&"first"));
    let long = report(&stages, Some(Duration::from_secs(720)), false);
    assert!(ends(&long).iter().all(|end| *end == Outcome::Passed));
}

// With an empty cache all that may be left out would not fit together; as much of it as fits is run.
#[test]
fn what_gives_way_does_not_make_way_for_the_same() {
    let giving_way = |name, minutes| Stage {
        minutes,
        gives_way: true,
        ..stage(name, Slot::One, &[], pass)
    };
    let mut must = stage("must", Slot::One, &[], pass);
    must.minutes = 5;
    let stages = [giving_way("first", 4), giving_way("second", 6), must];
    let ends = ends(&report(&stages, Some(Duration::from_secs(600)), false));
    assert!(matches!(
        ends.as_slice(),
        [Outcome::Passed, Outcome::LeftOut(_), Outcome::Passed]
    ));
}

/// Runs until `others` is not zero, or long enough that it would be if anything ran.
fn sees(others: &AtomicUsize) -> bool {
    (0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(1));
        others.load(Ordering::SeqCst) > 0
    })
}

#[test]
fn nothing_runs_beside_a_stage_that_runs_alone() {
    let running = AtomicUsize::new(0);
    let busy = || {
        running.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(5));
        running.fetch_sub(1, Ordering::SeqCst);
        pass()
    };
    let disturbed = AtomicBool::new(false);
    let mut alone = stage("alone", Slot::One, &["a"], || {
        disturbed.store(sees(&running), Ordering::SeqCst);
        pass()
    });
    alone.alone = true;
    let stages = [
        stage("a", Slot::Two, &[], busy),
        alone,
        stage("b", Slot::Two, &[], busy),
        stage("c", Slot::Two, &["alone"], busy),
        stage("d", Slot::One, &[], busy),
    ];
    assert!(report(&stages, None, false).is_good());
    assert!(!disturbed.load(Ordering::SeqCst));
}

#[test]
fn what_runs_alone_and_gives_way_leaves_time_for_both_slots() {
    let mut alone = stage("alone", Slot::One, &[], pass);
    (alone.minutes, alone.gives_way, alone.alone) = (5, true, true);
    let mut other = stage("other", Slot::Two, &["alone"], pass);
    other.minutes = 6;
    let stages = [alone, other];
    let left_out = |seconds| {
        let report = report(&stages, Some(Duration::from_secs(seconds)), false);
        matches!(ends(&report).first(), Some(Outcome::LeftOut(_)))
    };
    assert!(left_out(600));
    assert!(!left_out(720));
}

#[test]
fn a_stage_with_nothing_to_check_says_so() {
    let stages = [stage("vectors", Slot::Two, &[], || {
        Ok(Verdict::Skipped("none here".into()))
    })];
    assert_eq!(
        ends(&report(&stages, None, false)),
        [Outcome::Skipped("none here".into())]
    );
}

#[test]
fn after_an_interrupt_nothing_starts_and_the_run_fails() {
    let stages = [stage("a", Slot::One, &[], || unreachable!("it must not start"))];
    assert!(!report(&stages, None, true).is_good());
}

#[test]
fn time_is_printed_in_tenths_of_minutes() {
    assert_eq!(tenths(Duration::from_secs(0)), "0.0");
    assert_eq!(tenths(Duration::from_secs(93)), "1.6");
    assert_eq!(tenths(Duration::from_secs(600)), "10.0");
}
