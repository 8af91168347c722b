//! A client of a CometBFT chain that was made to believe a block that never was.

use crate::world::{EVERY, START, World};
use chain::ClientUpdate;
use relayer_core::Note;
use tendermint_client::codec::{decode_bootstrap, decode_update};
use tendermint_client::testing::{Ballot, Block, Kind, Message, Validators, World as Chain};
use tendermint_client::{CLOCK_DRIFT_DEFAULT, Config, STORE_DEFAULT, State, TrustLevel, Trusted, Update};
use wire::{Height, Seconds};

const DOUBT: &str = "at height 50 it believes another state";
const FORGED: [u8; 32] = [7; 32];

/// A chain whose 60th block is as old as the host's clock at the start.
fn chain() -> Chain {
    let mut chain = Chain::new("origin-1", 1, Validators::new(Kind::Ed25519, 1, &[10, 10, 10]));
    chain.began = i64::try_from(START).unwrap() - 60 * chain.rhythm;
    chain
}

fn state(chain: &Chain, height: i64) -> State {
    let at = Height {
        revision_number: 1,
        revision_height: height as u64,
    };
    let state = decode_bootstrap(at, &chain.consensus_state_at(height).encode_to_vec()).unwrap();
    state.state(Seconds(START))
}

/// A client that believes the real block 20, and of height 50 another one.
fn deceived() -> Trusted {
    let chain = chain();
    let config = Config {
        chain_id: "origin-1".into(),
        trust_level: TrustLevel::ONE_THIRD,
        trust_period: Seconds(1_000_000),
        unbonding_period: Seconds(2_000_000),
        clock_drift: CLOCK_DRIFT_DEFAULT,
        capacity: 10_000,
        store: STORE_DEFAULT.to_vec(),
    };
    let forged = State {
        app_hash: FORGED.into(),
        ..state(&chain, 50)
    };
    Trusted::from_parts(config, forged, [state(&chain, 20)], false).unwrap()
}

fn shown(block: &Block) -> Update {
    let chain = chain();
    let header = block.ibc_header(chain.height(20), chain.set_at(21));
    decode_update(&header.encode_to_vec()).unwrap()
}

/// The chain's own header of height 50.
fn truth() -> ClientUpdate {
    ClientUpdate::Tendermint(Box::new(shown(&chain().block_at(50))))
}

/// One of that height which validators signed whom nobody knows.
fn lie() -> ClientUpdate {
    let strangers = Validators::new(Kind::Ed25519, 9, &[10, 10, 10]);
    let block = Block::sign(chain().header_at(50), strangers, 0, |_| Ballot::Block);
    ClientUpdate::Tendermint(Box::new(shown(&block)))
}

fn world(notices: Vec<ClientUpdate>) -> World {
    let mut world = World::new(notices);
    world.follower = Some(deceived());
    world.doubts = vec![DOUBT.to_owned()];
    world
}

fn is_frozen(world: &World) -> bool {
    world.follower.as_ref().unwrap().frozen
}

fn doubts(world: &World) -> usize {
    let is_doubt = |note: &&Note| matches!(note, Note::Doubted { text, .. } if text == DOUBT);
    world.notes.iter().filter(is_doubt).count()
}

#[test]
fn a_client_that_believes_what_never_was_is_shown_the_truth_once_and_stops() {
    let mut world = world(vec![truth()]);
    world.run(4 * EVERY);
    assert_eq!(world.sent(), [&truth()]);
    assert!(is_frozen(&world));
    assert_eq!((doubts(&world), world.refused), (1, 0));
    let is_stopped = |note: &Note| matches!(note, Note::Stopped { text, .. } if text.contains("frozen"));
    assert!(world.notes.iter().any(is_stopped), "{:?}", world.notes);
    let status = &world.relayer.end_statuses()[0];
    assert!(
        status
            .stopped
            .as_ref()
            .is_some_and(|why| why.contains("misbehaviour"))
    );
    assert_eq!(status.doubted.as_deref(), Some(DOUBT));
}

#[test]
fn a_client_that_is_not_relayed_over_because_it_does_not_fit_is_shown_the_truth_as_well() {
    let mut world = world(vec![truth()]);
    world.is_unfit = true;
    world.run(2 * EVERY);
    assert!(is_frozen(&world), "{:?}", world.notes);
    assert_eq!(world.sent(), [&truth()]);
    let stopped = &world.relayer.end_statuses()[0].stopped;
    assert!(
        stopped.as_ref().is_some_and(|why| why.contains("frozen")),
        "{stopped:?}"
    );
}

#[test]
fn what_the_law_does_not_take_is_told_once_and_never_sent() {
    let mut world = world(vec![lie()]);
    world.run(6 * EVERY);
    assert_eq!((world.sent().len(), world.refused), (0, 0));
    assert!(!is_frozen(&world));
    assert_eq!(doubts(&world), 1);
    // Behind a lie the truth is found all the same.
    world.notices = vec![lie(), truth()];
    world.run_until(3 * EVERY, is_frozen);
    assert_eq!(world.sent(), [&truth()]);
}

#[test]
fn a_doubt_that_is_over_is_no_longer_shown_and_told_again_when_it_comes_back() {
    let mut world = world(Vec::new());
    world.run(2 * EVERY);
    assert_eq!(doubts(&world), 1);
    world.doubts.clear();
    world.run(2 * EVERY);
    assert_eq!(world.relayer.end_statuses()[0].doubted, None);
    world.doubts = vec![DOUBT.to_owned()];
    world.run(2 * EVERY);
    assert_eq!(doubts(&world), 2);
    assert_eq!(world.sent().len(), 0);
}

#[test]
fn a_crash_between_finding_and_sending_loses_nothing_and_repeats_nothing() {
    let mut whole = world(vec![truth()]);
    whole.run(4 * EVERY);
    assert!(is_frozen(&whole) && whole.writes >= 3, "{} writes", whole.writes);
    for at in 1..=whole.writes {
        for is_written in [false, true] {
            let mut world = world(vec![truth()]);
            world.crash_at = Some((at, is_written));
            world.run(12 * EVERY);
            let case = format!("a crash at write {at}, written: {is_written}");
            assert!(is_frozen(&world), "{case}");
            assert_eq!(world.sent(), [&truth()], "{case}");
        }
    }
}
