//! Cases in the official format, written from a world whose keys are known: what agrees, and that what is wrong differs.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use alloy_primitives::{B256, hex};
use ethereum::spec::LightClientUpdate;
use ethereum::ssz::hash_pair;
use ethereum::testing::{Draft, World, any_network, filler};
use ethereum::{Epoch, Fork, ForkSchedule, Layout, Times};
use spec_store::{Tally, is_better_update, run_consensus};
use tempfile::TempDir;
use wire::Seconds;

const ELECTRA: [u8; 4] = [5, 0, 0, 1];

const CONFIG: &str = include_str!("config.yaml");

fn world() -> World {
    let times = Times {
        genesis: Seconds(1_578_009_600),
        seconds_per_slot: 6,
        slots_per_epoch: 8,
        epochs_per_period: 8,
    };
    let electra = Fork {
        epoch: Epoch(0),
        version: ELECTRA,
        layout: Layout::Electra,
    };
    let forks = ForkSchedule::new([electra]).unwrap();
    World::new(any_network(times, filler("validators", &[]), 32, forks).unwrap())
}

/// A folder of cases, removed at the end.
struct Set {
    root: TempDir,
}

impl Set {
    fn new() -> Self {
        Self {
            root: TempDir::new().unwrap(),
        }
    }

    fn case(&self, path: &str) -> PathBuf {
        let path = self.root.path().join(path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn run(&self) -> (Tally, String) {
        let mut out = Vec::new();
        let tally = run_consensus(self.root.path(), &mut out).unwrap();
        (tally, String::from_utf8(out).unwrap())
    }
}

fn write_ssz(folder: &Path, name: &str, bytes: &[u8]) {
    let packed = snap::raw::Encoder::new().compress_vec(bytes).unwrap();
    fs::write(folder.join(format!("{name}.ssz_snappy")), packed).unwrap();
}

/// `slot` and roots of a header, as `checks` has them.
fn expected(world: &World, which: &str, slot: u64, finalized: Option<u64>) -> String {
    let header = match finalized {
        None => world.header(slot),
        Some(finalized) => world.spec_update(&Draft::new(finalized, slot)).attested_header,
    };
    let (root, execution) = (header.beacon.root(), header.execution.root());
    format!("{which}: {{slot: {slot}, beacon_root: '{root}', execution_root: '{execution}'}}")
}

/// A sync case: finality, too few signers, a forced update, an upgrade of the store.
fn write_sync(world: &World, folder: &Path) {
    let digest = hash_pair(
        B256::right_padding_from(&ELECTRA),
        world.network.genesis_validators_root(),
    );
    let digest = hex::encode_prefixed(&digest[..4]);
    let bootstrap = world.spec_bootstrap(8);
    let meta = format!(
        "{{genesis_validators_root: '{}', trusted_block_root: '{}', bootstrap_fork_digest: '{digest}', \
         store_fork_digest: '{digest}'}}",
        world.network.genesis_validators_root(),
        bootstrap.header.beacon.root(),
    );
    let full = world.spec_update(&Draft::new(16, 32).rotating());
    let few = world.spec_update(&Draft::new(24, 41).without(0..12));
    write_ssz(folder, "bootstrap", &bootstrap.to_ssz());
    write_ssz(folder, "update_full", &full.to_ssz());
    write_ssz(folder, "update_few", &few.to_ssz());
    fs::write(folder.join("meta.yaml"), meta).unwrap();
    fs::write(folder.join("config.yaml"), CONFIG).unwrap();
    let first = expected(world, "finalized_header", 16, None);
    let forced = expected(world, "finalized_header", 24, None);
    let mut steps = String::new();
    let mut process = |name: &str, slot: u64, checks: &str| {
        let step = format!("update_fork_digest: '{digest}', update: {name}, current_slot: {slot}");
        writeln!(steps, "- process_update: {{{step}, checks: {{{checks}}}}}").unwrap();
    };
    let optimistic = expected(world, "optimistic_header", 32, Some(16));
    process("update_full", 33, &format!("{first}, {optimistic}"));
    let optimistic = expected(world, "optimistic_header", 41, Some(24));
    process("update_few", 42, &format!("{first}, {optimistic}"));
    let forced = format!("{forced}, {optimistic}");
    writeln!(
        steps,
        "- force_update: {{current_slot: 80, checks: {{{first}, {optimistic}}}}}"
    )
    .unwrap();
    writeln!(
        steps,
        "- force_update: {{current_slot: 81, checks: {{{forced}}}}}"
    )
    .unwrap();
    writeln!(
        steps,
        "- upgrade_store: {{store_fork_version: '0x06000001', checks: {{{forced}}}}}"
    )
    .unwrap();
    fs::write(folder.join("steps.yaml"), steps).unwrap();
}

/// A set with one sync case.
fn sync_set(change: impl FnOnce(&World, &Path)) -> (Tally, String) {
    let (set, world) = (Set::new(), world());
    let folder = set.case("tests/minimal/electra/light_client/sync/pyspec_tests/own");
    write_sync(&world, &folder);
    change(&world, &folder);
    set.run()
}

fn replace(folder: &Path, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    fs::write(folder.join(name), text.replacen(from, to, 1)).unwrap();
}

fn differs(change: impl FnOnce(&World, &Path)) {
    let (tally, out) = sync_set(change);
    assert_eq!(
        tally,
        Tally {
            agreed: 0,
            differed: 1,
            skipped: 0
        },
        "{out}"
    );
    assert!(!tally.is_good());
}

#[test]
fn a_sync_case_agrees() {
    let (tally, out) = sync_set(|_, _| {});
    assert_eq!(
        tally,
        Tally {
            agreed: 1,
            differed: 0,
            skipped: 0
        },
        "{out}"
    );
    assert!(tally.is_good());
    assert!(out.ends_with("1 agreed, 0 differed, 0 skipped\n"));
}

#[test]
fn a_sync_case_with_one_thing_wrong_differs() {
    differs(|_, folder| replace(folder, "steps.yaml", "slot: 16, ", "slot: 17, "));
    differs(|_, folder| replace(folder, "steps.yaml", "beacon_root: '0x", "beacon_root: '0x00"));
    differs(|_, folder| replace(folder, "steps.yaml", "current_slot: 33", "current_slot: 32"));
    differs(|_, folder| replace(folder, "steps.yaml", "current_slot: 81", "current_slot: 80"));
    differs(|_, folder| replace(folder, "steps.yaml", "force_update", "forced_update"));
    differs(|_, folder| {
        replace(
            folder,
            "meta.yaml",
            "trusted_block_root: '0x",
            "trusted_block_root: '0x00",
        )
    });
    differs(|_, folder| fs::remove_file(folder.join("update_few.ssz_snappy")).unwrap());
    differs(|_, folder| fs::write(folder.join("steps.yaml"), "[]").unwrap());
    differs(|world, folder| {
        let mut update = world.spec_update(&Draft::new(16, 32).rotating());
        update.sync_aggregate = world.spec_update(&Draft::new(16, 33)).sync_aggregate;
        write_ssz(folder, "update_full", &update.to_ssz());
    });
    differs(|world, folder| {
        let mut update = world.spec_update(&Draft::new(16, 32).rotating());
        update.finalized_header = world.header(8);
        write_ssz(folder, "update_full", &update.to_ssz());
    });
    differs(|world, folder| {
        let mut update = world.spec_update(&Draft::new(16, 32).rotating());
        update.attested_header.execution.gas_used += 1;
        write_ssz(folder, "update_full", &update.to_ssz());
    });
    differs(|world, folder| {
        let mut update = world.spec_update(&Draft::new(16, 32).rotating());
        update.next_sync_committee.pubkeys.swap(0, 1);
        write_ssz(folder, "update_full", &update.to_ssz());
    });
    differs(|world, folder| {
        let mut bootstrap = world.spec_bootstrap(8);
        bootstrap.current_sync_committee.pubkeys.swap(0, 1);
        write_ssz(folder, "bootstrap", &bootstrap.to_ssz());
    });
}

#[test]
fn other_forks_are_skipped_and_nothing_else() {
    let (tally, out) = sync_set(|_, folder| {
        replace(
            folder,
            "steps.yaml",
            "store_fork_version: '0x06",
            "store_fork_version: '0x07",
        );
    });
    assert_eq!(
        tally,
        Tally {
            agreed: 0,
            differed: 0,
            skipped: 1
        },
        "{out}"
    );
    assert!(!tally.is_good(), "nothing ran");
    assert!(out.contains("Gloas"), "the reason is named: {out}");

    let set = Set::new();
    write_sync(
        &world(),
        &set.case("minimal/capella/light_client/sync/pyspec_tests/own"),
    );
    write_sync(
        &world(),
        &set.case("minimal/electra/light_client/sync/pyspec_tests/own"),
    );
    assert_eq!(
        set.run().0,
        Tally {
            agreed: 1,
            differed: 0,
            skipped: 1
        }
    );

    let set = Set::new();
    write_sync(
        &world(),
        &set.case("minimal/etceteria/light_client/sync/pyspec_tests/own"),
    );
    assert_eq!(
        set.run().0,
        Tally {
            agreed: 0,
            differed: 1,
            skipped: 0
        }
    );
}

#[test]
fn a_folder_without_cases_is_not_good() {
    let set = Set::new();
    set.case("minimal/electra/light_client");
    assert!(!set.run().0.is_good());
    let folder = set.case("minimal/electra/light_client/sync/pyspec_tests/own");
    fs::write(folder.join("meta.yaml"), "{}").unwrap();
    assert_eq!(
        set.run().0,
        Tally {
            agreed: 0,
            differed: 1,
            skipped: 0
        },
        "a case without its files"
    );
}

/// From the best to the worst.
fn ranked(world: &World) -> Vec<LightClientUpdate> {
    let draft = |draft: Draft| world.spec_update(&draft);
    vec![
        draft(Draft::new(16, 32).rotating()),
        draft(Draft::new(16, 33).rotating()),
        draft(
            Draft {
                signature: 36,
                ..Draft::new(16, 33)
            }
            .rotating(),
        ),
        draft(Draft::new(16, 32).rotating().without([1])),
        // A finalized header of the period before.
        draft(Draft::new(56, 80).rotating()),
        draft(Draft::new(16, 32)),
        // Less than two thirds: the number of signers comes first.
        draft(Draft::new(16, 32).without(0..11)),
        draft(Draft::new(16, 32).rotating().without(0..12)),
        draft(Draft::new(16, 32).without(0..12)),
    ]
}

fn write_ranking(folder: &Path, updates: &[LightClientUpdate]) {
    for (number, update) in updates.iter().enumerate() {
        write_ssz(folder, &format!("updates_{number}"), &update.to_ssz());
    }
    fs::write(
        folder.join("meta.yaml"),
        format!("{{updates_count: {}}}", updates.len()),
    )
    .unwrap();
}

#[test]
fn a_ranking_agrees_in_its_order_only() {
    let world = world();
    let updates = ranked(&world);
    let path = "minimal/electra/light_client/update_ranking/pyspec_tests/own";
    let set = Set::new();
    write_ranking(&set.case(path), &updates);
    let (tally, out) = set.run();
    assert_eq!(
        tally,
        Tally {
            agreed: 1,
            differed: 0,
            skipped: 0
        },
        "{out}"
    );
    for at in 1..updates.len() {
        let mut swapped = updates.clone();
        swapped.swap(at - 1, at);
        let set = Set::new();
        write_ranking(&set.case(path), &swapped);
        assert_eq!(
            set.run().0.differed,
            1,
            "{at} is not better than the one before it"
        );
        assert!(
            !is_better_update(&world.network, &updates[at], &updates[at]),
            "nor than itself"
        );
    }
}
