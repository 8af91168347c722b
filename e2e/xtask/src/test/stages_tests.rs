//! The graph ends, names what it has, and leaves out what it is told to.

use super::{all, chosen, fresh_seed};
use crate::repo::Repo;
use crate::test::Scope;
use crate::test::graph::{Slot, Stage};

fn repo() -> Repo {
    Repo {
        root: "/".into(),
        cache: "/".into(),
        in_ci: false,
    }
}

fn scope(quick: bool) -> Scope {
    Scope {
        quick,
        ..Scope::default()
    }
}

/// Plays the graph with stages that take no time; true if all come to run.
fn ends(stages: &[Stage<'_>]) -> bool {
    let line = |slot: Slot| stages.iter().filter(move |stage| stage.slot == slot);
    let mut slots =
        [Slot::One, Slot::Two, Slot::Either, Slot::Beside].map(|slot| line(slot).rev().collect::<Vec<_>>());
    let mut done: Vec<&str> = Vec::new();
    loop {
        let before = done.len();
        for slot in &mut slots {
            let ready = |stage: &&&Stage<'_>| {
                let known = |name: &str| stages.iter().any(|other| other.name == name);
                let mut named = stage.needs.iter().chain(stage.after);
                named.all(|name| done.contains(name) || !known(name))
            };
            if slot.last().filter(ready).is_some() {
                done.extend(slot.pop().map(|stage| stage.name));
            }
        }
        if done.len() == before {
            return done.len() == stages.len();
        }
    }
}

#[test]
fn no_stage_waits_for_ever() {
    let repo = repo();
    for quick in [false, true] {
        assert!(ends(&all(&repo, &scope(quick))));
    }
}

#[test]
fn every_need_is_a_stage_and_names_are_unique() {
    let repo = repo();
    let stages = all(&repo, &Scope::default());
    let names: Vec<&str> = stages.iter().map(|stage| stage.name).collect();
    for stage in &stages {
        assert!(
            stage
                .needs
                .iter()
                .chain(stage.after)
                .all(|need| names.contains(need)),
            "{}",
            stage.name
        );
        assert_eq!(names.iter().filter(|name| **name == stage.name).count(), 1);
    }
}

#[test]
fn quick_leaves_the_real_chains_out_and_nothing_else() {
    let repo = repo();
    let names =
        |quick: bool| -> Vec<&str> { all(&repo, &scope(quick)).iter().map(|stage| stage.name).collect() };
    let quick = names(true);
    let left_out: Vec<&str> = names(false)
        .into_iter()
        .filter(|name| !quick.contains(name))
        .collect();
    assert_eq!(
        left_out,
        [
            "install-geth",
            "install-prysm",
            "install-simd",
            "real-cosmos",
            "real-networks"
        ]
    );
}

#[test]
fn the_real_chains_give_way_first_and_only_they() {
    let repo = repo();
    let stages = all(&repo, &Scope::default());
    let giving: Vec<&str> = stages
        .iter()
        .filter(|stage| stage.gives_way)
        .map(|stage| stage.name)
        .collect();
    assert_eq!(
        giving,
        [
            "install-geth",
            "install-prysm",
            "install-simd",
            "real-cosmos",
            "real-networks"
        ]
    );
}

#[test]
fn what_asks_for_quiet_comes_after_all_that_works() {
    let repo = repo();
    let stages = all(&repo, &Scope::default());
    let quiet = ["real-networks", "demo"];
    let asks = stages.iter().filter(|stage| quiet.contains(&stage.name));
    for stage in asks {
        assert_eq!(stage.slot, Slot::Beside);
        for slot in [Slot::One, Slot::Two] {
            let last = stages.iter().rfind(|other| other.slot == slot).unwrap().name;
            assert!(stage.after.contains(&last), "{} and {last}", stage.name);
        }
        let mut shared = stages.iter().filter(|other| other.slot == Slot::Either);
        assert!(shared.all(|other| stage.after.contains(&other.name)));
    }
}

#[test]
fn only_brings_what_a_stage_needs_and_refuses_unknown_names() {
    let repo = repo();
    let only = |name: &str| Scope {
        only: vec![name.to_owned()],
        ..Scope::default()
    };
    let names = |scope: &Scope| -> Vec<&str> {
        chosen(&repo, scope)
            .unwrap()
            .iter()
            .map(|stage| stage.name)
            .collect()
    };
    assert_eq!(
        names(&only("forge-test")),
        ["install-foundry", "forge-build", "forge-test"]
    );
    assert_eq!(names(&only("tidy")), ["tidy"]);
    assert_eq!(
        chosen(&repo, &only("tiny"))
            .err()
            .unwrap()
            .to_string()
            .split(';')
            .next(),
        Some("no stage `tiny`")
    );
}

#[test]
fn a_fresh_seed_is_a_number() {
    assert!(fresh_seed().parse::<u64>().is_ok());
}
