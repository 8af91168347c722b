//! The client under the names that all clients share.

use client::{Advance, LightClient, Status};
use ethereum::{Blst, Ethereum, Evidence, Reject, Update};
use wire::path;
use wire::{ClientId, Height, Seconds, Sequence};

use crate::fixture::*;

/// What a relayer or a test does that knows no client by name.
fn walk<C: LightClient<Reject: core::fmt::Debug>>(
    client: &C,
    config: C::Config,
    bootstrap: &C::Bootstrap,
    update: &C::Update,
    now: Seconds,
) -> (C::Trusted, Status) {
    let trusted = client.start(config, bootstrap, now).unwrap();
    let Ok(Advance::Updated(after)) = client.verify_update(&trusted, update, now) else {
        panic!("an honest update is news");
    };
    let status = client.status(&after, now);
    (after, status)
}

#[test]
fn the_six_functions_answer_as_the_free_ones_do() {
    let id = ClientId::new("client-0").unwrap();
    let present = path::commitment(&id, Sequence::new(1).unwrap());
    let absent = path::commitment(&id, Sequence::new(2).unwrap());
    let mut world = world();
    let value = flipped(Default::default());
    world
        .storage
        .insert(present.evm_slot(wire::COMMITMENTS_SLOT), value);
    let client = Ethereum(Blst);
    let update = world.update(&draft());
    let now = world.time(update.signature_slot.0);
    let (trusted, status) = walk(&client, world.config(), &bootstrap(&world), &update, now);
    assert_eq!(status, Status::Active);
    assert_eq!(trusted, advanced(&world, &started_now(&world, now), &update));

    let height = Height {
        revision_number: 0,
        revision_height: START + EPOCH,
    };
    let time = world.time(START + EPOCH);
    let proof = |path: &path::Path| {
        let slot = path.evm_slot(wire::COMMITMENTS_SLOT);
        world.storage_proof(slot).bytes()
    };
    let member = client.verify_member(
        &trusted,
        height,
        &present,
        value.as_slice(),
        &proof(&present),
        now,
    );
    assert_eq!(member, Ok(time));
    let nothing = client.verify_absent(&trusted, height, &absent, &proof(&absent), now);
    assert_eq!(nothing, Ok(time));

    let bare = Update {
        account_proof: Vec::new(),
        ..update
    };
    let evidence = Evidence {
        first: bare.clone(),
        second: bare,
    };
    let innocent = client.check_misbehaviour(&trusted, &evidence, now);
    assert_eq!(innocent, Err(Reject::NotMisbehaviour));
}

fn started_now(world: &ethereum::testing::World, now: Seconds) -> ethereum::Trusted {
    ethereum::start(&Blst, world.config(), &bootstrap(world), now).unwrap()
}
