//! The judge that daemons use, over real signatures: what the law crate accepts passes, and what it refuses is blamed on
//! the right party.

use chain::{Blame, ClientUpdate, TrustedState};
use client::{Advance, Status};
use ethereum::testing::{Draft, World, any_network, filler};
use ethereum::{Blst, Epoch, Fork, ForkSchedule, Layout, Network, Times, Update};
use relayer_core::{Judge, Law, PoolPart, ProofAt};
use wire::{ClientId, Height, Seconds, Sequence};

const JUDGE: Law<Blst> = Law(Blst);
const START: u64 = 64;

fn network() -> Network {
    let times = Times {
        genesis: Seconds(1_700_000_000),
        seconds_per_slot: 6,
        slots_per_epoch: 8,
        epochs_per_period: 8,
    };
    let fork = Fork {
        epoch: Epoch(0),
        version: [6, 0, 0, 1],
        layout: Layout::Electra,
    };
    any_network(
        times,
        filler("genesis validators", &[]),
        32,
        ForkSchedule::new([fork]).unwrap(),
    )
    .unwrap()
}

fn started(world: &World) -> TrustedState {
    let (config, bootstrap) = (world.config(), world.bootstrap(START));
    let trusted = ethereum::start(&Blst, config, &bootstrap, world.time(START + 1)).unwrap();
    TrustedState::Ethereum(Box::new(trusted))
}

fn advance(world: &World, update: Update, now: Seconds) -> Result<Advance<TrustedState>, Blame> {
    JUDGE
        .advance(&started(world), &ClientUpdate::Ethereum(update), now)
        .map_err(|refusal| refusal.blame)
}

#[test]
fn a_signed_update_moves_the_client() {
    let world = World::new(network());
    let now = world.time(100);
    let advanced = advance(&world, world.update(&Draft::new(72, 88)), now).unwrap();
    let Advance::Updated(trusted) = advanced else {
        panic!("{advanced:?}");
    };
    let stand = JUDGE.stand(&trusted, now).unwrap();
    assert_eq!((stand.newest, stand.timestamp), (Height::of(72), world.time(72)));
    assert_eq!(
        (stand.status, stand.trust_period),
        (Status::Active, world.config().trust_period)
    );
    assert_eq!(
        advance(&world, world.update(&Draft::new(START, 80)), now),
        Ok(Advance::NoOp)
    );
}

#[test]
fn what_waiting_cures_is_the_chains_and_what_is_false_is_the_endpoints() {
    let world = World::new(network());
    let now = world.time(100);
    let few = world.update(&Draft::new(72, 88).without(0..11));
    assert_eq!(advance(&world, few, now), Err(Blame::Chain));
    let honest = world.update(&Draft::new(72, 88));
    assert_eq!(
        advance(&world, honest.clone(), world.time(80)),
        Err(Blame::Chain),
        "from the future"
    );
    let mut edited = honest.clone();
    edited.execution.state_root = filler("edited", &[]);
    assert_eq!(advance(&world, edited, now), Err(Blame::Peer));
    let forever = Seconds(now.0 + 100 * world.config().trust_period.0);
    assert_eq!(advance(&world, honest, forever), Err(Blame::Operator), "expired");
}

#[test]
fn storage_proofs_are_judged_by_the_law() {
    let mut world = World::new(network());
    let client = ClientId::new("client-0").unwrap();
    let (here, nowhere) = (
        wire::path::commitment(&client, Sequence::FIRST),
        wire::path::receipt(&client, Sequence::FIRST),
    );
    let slot = |path: &wire::Path| path.evm_slot(world.config().commitments_slot);
    let (slot_here, slot_nowhere) = (slot(&here), slot(&nowhere));
    let value = filler("commitment", &[]);
    world.storage.insert(slot_here, value);
    let (trusted, now) = (started(&world), world.time(START + 2));
    let (held, absent) = (
        world.storage_proof(slot_here).bytes(),
        world.storage_proof(slot_nowhere).bytes(),
    );
    let at = |path, bytes| ProofAt {
        height: Height::of(START),
        path,
        bytes,
    };
    assert_eq!(
        JUDGE.member(&trusted, at(&here, &held), value.as_slice(), now),
        Ok(world.time(START))
    );
    assert_eq!(
        JUDGE.absent(&trusted, at(&nowhere, &absent), now),
        Ok(world.time(START))
    );
    let blame = |judged: Result<Seconds, relayer_core::Refusal>| judged.unwrap_err().blame;
    assert_eq!(blame(JUDGE.absent(&trusted, at(&here, &held), now)), Blame::Peer);
    let other = filler("another commitment", &[]);
    assert_eq!(
        blame(JUDGE.member(&trusted, at(&here, &held), other.as_slice(), now)),
        Blame::Peer
    );
    assert_eq!(
        blame(JUDGE.member(&trusted, at(&nowhere, &held), value.as_slice(), now)),
        Blame::Peer
    );
}

#[test]
fn single_proofs_become_one_pool_that_the_law_accepts() {
    let mut world = World::new(network());
    let client = ClientId::new("client-0").unwrap();
    let mut values = Vec::new();
    for n in 1..=20u64 {
        let path = wire::path::commitment(&client, Sequence::new(n).unwrap());
        let value = (n % 3 != 0).then(|| filler("commitment", &[n]));
        if let Some(value) = value {
            world
                .storage
                .insert(path.evm_slot(world.config().commitments_slot), value);
        }
        values.push((path, value));
    }
    let (trusted, now) = (started(&world), world.time(START + 2));
    let slot = |path: &wire::Path| path.evm_slot(world.config().commitments_slot);
    let proofs: Vec<Vec<u8>> = values
        .iter()
        .map(|(path, _)| world.storage_proof(slot(path)).bytes())
        .collect();
    let parts: Vec<PoolPart<'_>> = values
        .iter()
        .zip(&proofs)
        .map(|((path, value), proof)| PoolPart {
            path,
            value: *value,
            proof,
        })
        .collect();
    let height = Height::of(START);
    let pooled = JUDGE.pool(&trusted, height, &parts, now).unwrap();
    assert!(pooled.bytes.len() < proofs.iter().map(Vec::len).sum::<usize>());
    let TrustedState::Ethereum(state) = &trusted else {
        panic!("a beacon client");
    };
    let paths: Vec<wire::Path> = pooled.order.iter().map(|at| values[*at].0.clone()).collect();
    let shown: Vec<_> = pooled.order.iter().map(|at| values[*at].1).collect();
    let (time, found) = ethereum::verify_batch(state.as_ref(), height, &paths, &pooled.bytes, now).unwrap();
    assert_eq!((time, found), (world.time(START), shown));

    let blame = |parts: &[PoolPart<'_>]| JUDGE.pool(&trusted, height, parts, now).unwrap_err().blame;
    let mut other = parts.clone();
    other[0].value = None;
    assert_eq!(
        blame(&other),
        Blame::Us,
        "what was judged before is shown otherwise"
    );
    let mut torn = parts.clone();
    torn[0].proof = &torn[0].proof[..torn[0].proof.len() - 1];
    assert_eq!(blame(&torn), Blame::Peer);
    assert_eq!(blame(&[]), Blame::Peer);
}
