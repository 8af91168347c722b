//! Cases of starting a client.

use ethereum::Bootstrap;
use ethereum::testing::Router;

use super::format::Vector;
use super::point;
use super::scene::{Case, Scene, Steps};
use crate::fixture::{PERIOD, START, flipped};

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    let mut cases = accepted(scene);
    cases.extend(configurations(scene));
    cases.extend(bootstraps(scene));
    cases.extend(committees_and_accounts(scene));
    cases
}

fn accepted(scene: &Scene) -> Vec<Case> {
    let limit = scene.config().weak_subjectivity.0;
    let oldest = scene.world.time(START).0 + limit - 1;
    vec![
        ("start_deneb", scene.client_at("start", 8).accepted("")),
        ("start_electra", scene.client_at("start", PERIOD + 8).accepted("")),
        ("start_fulu", scene.client("start").accepted("")),
        (
            "start_late_in_an_epoch",
            scene.client_at("start", START - 3).accepted(""),
        ),
        (
            "start_youngest",
            started_at(scene, scene.world.time(START).0).accepted_at(),
        ),
        ("start_oldest", started_at(scene, oldest).accepted_at()),
    ]
}

/// A start at `now`, and what is learned then.
struct StartedAt {
    vector: Vector,
    now: u64,
}

fn started_at(scene: &Scene, now: u64) -> StartedAt {
    StartedAt {
        vector: scene.client("start").accepted(""),
        now,
    }
}

impl StartedAt {
    fn accepted_at(self) -> Vector {
        Vector {
            started_at: self.now,
            now: self.now,
            learned_at: self.now,
            ..self.vector
        }
    }
}

fn configurations(scene: &Scene) -> Vec<Case> {
    let case = |change: fn(&mut Vector)| scene.client("start").with(change).refused("BadConfig");
    vec![
        ("zero_router", case(|vector| vector.router = Default::default())),
        (
            "zero_commitments_slot",
            case(|vector| vector.commitments_slot = Default::default()),
        ),
        ("zero_trust_period", case(|vector| vector.trust_period = 0)),
        (
            "trust_period_above_weak_subjectivity",
            case(|vector| vector.trust_period = vector.weak_subjectivity_period + 1),
        ),
        ("ring_of_one", case(|vector| vector.capacity = 1)),
        (
            "zero_seconds_per_slot",
            case(|vector| vector.seconds_per_slot = 0),
        ),
        ("zero_slots_per_epoch", case(|vector| vector.slots_per_epoch = 0)),
        (
            "zero_epochs_per_period",
            case(|vector| vector.epochs_per_period = 0),
        ),
        (
            "t33_zero_validators_root",
            case(|vector| vector.genesis_validators_root = Default::default()),
        ),
        (
            "no_forks",
            case(|vector| {
                vector.fork_epochs.clear();
                vector.fork_versions.clear();
                vector.fork_layouts.clear();
            }),
        ),
        (
            "forks_descend",
            scene
                .client("start")
                .with(|vector| vector.fork_epochs.swap(1, 2))
                .refused("ForkOrder"),
        ),
        (
            "forks_repeat",
            scene
                .client("start")
                .with(|vector| vector.fork_epochs[1] = vector.fork_epochs[2])
                .refused("ForkOrder"),
        ),
    ]
}

fn bootstraps(scene: &Scene) -> Vec<Case> {
    let world = &scene.world;
    let misread = |change: fn(&mut Vec<u8>)| {
        let change = |vector: &mut Vector| {
            let mut bytes = vector.bootstrap.to_vec();
            change(&mut bytes);
            vector.bootstrap = bytes.into();
        };
        scene.client("start").with(change).refused("Malformed")
    };
    let old = world.time(START).0 + scene.config().weak_subjectivity.0;
    let early = world.time(START).0 - 1;
    let at = |now: u64, error: &str| {
        scene
            .client("start")
            .with(|vector| vector.started_at = now)
            .refused(error)
    };
    vec![
        ("bootstrap_empty", misread(Vec::clear)),
        ("bootstrap_version_2", misread(|bytes| bytes[0] = 2)),
        ("bootstrap_ends_in_branch", misread(|bytes| bytes.truncate(300))),
        ("weak_subjectivity_over", at(old, "BootstrapTooOld")),
        ("bootstrap_one_second_early", at(early, "FromTheFuture")),
        ("bootstrap_before_first_fork", before_first_fork(scene)),
    ]
}

fn committees_and_accounts(scene: &Scene) -> Vec<Case> {
    let world = &scene.world;
    let case = |error: &str, change: fn(&mut Bootstrap)| {
        let mut bootstrap = world.bootstrap(START);
        change(&mut bootstrap);
        scene.client("start").bootstrap(&bootstrap).refused(error)
    };
    let without = |router: Router, error: &str| {
        let world = world.changed(|world| world.router = router);
        Steps::start(&world, scene.config(), "start", START).refused(error)
    };
    vec![
        (
            "node",
            case("CommitteeBranch", |bootstrap| {
                bootstrap.current.branch[1] = flipped(bootstrap.current.branch[1]);
            }),
        ),
        (
            "header_edited",
            case("CommitteeBranch", |bootstrap| {
                bootstrap.header.state_root = flipped(bootstrap.header.state_root);
            }),
        ),
        (
            "bootstrap_aggregate_off_curve",
            case("BadPoint", |bootstrap| {
                let committee = &mut bootstrap.current.committee;
                committee.aggregate = point::off_curve(&committee.aggregate);
            }),
        ),
        (
            "bootstrap_execution_node",
            case("ExecutionBranch", |bootstrap| {
                bootstrap.execution.branch[0] = flipped(bootstrap.execution.branch[0]);
            }),
        ),
        (
            "bootstrap_account",
            case("AccountProof", |bootstrap| bootstrap.account_proof[40] ^= 1),
        ),
        ("bootstrap_no_router", without(Router::Absent, "AccountAbsent")),
        (
            "bootstrap_nothing_stored",
            without(Router::Empty, "EmptyStorageRoot"),
        ),
    ]
}

fn before_first_fork(scene: &Scene) -> Vector {
    scene
        .client_at("start", 8)
        .with(|vector| {
            vector.fork_epochs.remove(0);
            vector.fork_versions.remove(0);
            vector.fork_layouts.remove(0);
        })
        .refused("UnknownFork")
}
