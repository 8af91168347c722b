//! `MsgRecoverClient`: a frozen or expired client goes on from another.

use serde_json::json;
use wasm_client::Message;

use crate::guardians::{Council, HOUR, say};
use crate::host::{Chain, Memory, Said};
use crate::scene::{
    Vector, client_state, consensus_state, create, create_guarded, prove, slots, updated, vector,
};

fn refused(rule: &str) -> Said {
    Err(rule.into())
}

/// A client that was frozen, and one that went on.
fn two() -> (Chain, Chain) {
    let (subject, _) = updated("accept/update_contradicts_stored_root.json");
    assert_eq!(subject.status(), "Frozen");
    let (substitute, _) = updated("accept/two_periods.json");
    (subject, substitute)
}

/// What the host does: both stores in one, under two prefixes, and only the subject's is written.
fn recover(subject: &mut Chain, substitute: &Chain) -> Said {
    let mut both = Memory::default();
    for (prefix, store) in [("subject/", &subject.store), ("substitute/", &substitute.store)] {
        for (key, value) in &store.0 {
            both.0.insert([prefix.as_bytes(), key].concat(), value.clone());
        }
    }
    let mut host = Chain {
        store: both,
        ..subject.clone()
    };
    let said = host.sudo(&json!({ "migrate_client_store": {} }))?;
    let part = |prefix: &str| {
        let keys = host.store.0.iter();
        let own = keys
            .filter_map(|(key, value)| Some((key.strip_prefix(prefix.as_bytes())?.to_vec(), value.clone())));
        Memory(own.collect())
    };
    assert_eq!(part("substitute/"), substitute.store);
    subject.store = part("subject/");
    assert_eq!(
        host.store.0.len(),
        subject.store.0.len() + substitute.store.0.len()
    );
    Ok(said)
}

#[test]
fn a_frozen_client_goes_on_from_its_substitute() {
    let (mut subject, substitute) = two();
    subject.now = substitute.now;
    recover(&mut subject, &substitute).unwrap();
    assert_eq!(subject.status(), "Active");
    // What it learned before may have been signed by those who froze it.
    assert_eq!(slots(&subject), [328]);
    assert_eq!(consensus_state(&subject, 328), consensus_state(&substitute, 328));
    assert_eq!(client_state(&subject), client_state(&substitute));
    let vector = vector("accept/two_periods.json");
    let told = Message::Update(vector.updates[1].to_vec()).to_bytes();
    subject.bring(&told).unwrap();
}

#[test]
fn an_expired_client_proves_again_after_its_recovery() {
    let (mut subject, proof) = updated("accept/member_value_with_leading_zero.json");
    let (substitute, _) = updated("accept/last_second_of_trust.json");
    subject.now = proof.timestamp + proof.trust_period;
    assert_eq!(subject.status(), "Expired");
    recover(&mut subject, &substitute).unwrap();
    assert_eq!(subject.status(), "Active");
    assert_eq!(prove(&mut subject, &proof), refused("UnknownHeight"));
}

#[test]
fn a_recovery_keeps_guardians_and_lifts_no_halt() {
    let council = Council::new(1);
    let evidence = vector("accept/evidence_two_finalized_headers.json");
    let mut subject = Chain::new();
    create_guarded(&mut subject, &evidence, &council.bytes()).unwrap();
    subject.now = evidence.now;
    let word = council.confirm(3, 24 * HOUR, 1, subject.now);
    say(&mut subject, word).unwrap();
    let told = Message::Evidence(evidence.evidence.to_vec()).to_bytes();
    subject.bring(&told).unwrap();
    let guardians = subject.under("guardians");
    let (substitute, _) = updated("accept/two_periods.json");
    subject.now = substitute.now;
    recover(&mut subject, &substitute).unwrap();
    assert_eq!(subject.under("guardians"), guardians);
    let proof = Vector {
        height: 328,
        ..vector("accept/member_value_with_leading_zero.json")
    };
    assert_eq!(prove(&mut subject, &proof), refused("Halted"));
}

#[test]
fn rejects_a_substitute_that_follows_something_else() {
    let (subject, _) = two();
    let good = vector("accept/start_youngest.json");
    let changes: [fn(&mut Vector); 3] = [
        |vector| vector.fork_epochs[2] = 17,
        |vector| {
            vector.fork_epochs.pop();
            vector.fork_versions.pop();
            vector.fork_layouts.pop();
        },
        |vector| vector.genesis_time -= 6,
    ];
    for change in changes {
        let mut vector = good.clone();
        change(&mut vector);
        let mut substitute = Chain::new();
        create(&mut substitute, &vector).unwrap();
        let mut subject = subject.clone();
        subject.now = substitute.now;
        assert_eq!(recover(&mut subject, &substitute), refused("OtherClient"));
        assert_eq!(subject.status(), "Frozen");
    }
}

#[test]
fn a_substitute_may_trust_for_another_time_and_know_more_forks() {
    let (mut subject, _) = two();
    let mut vector = vector("accept/start_youngest.json");
    vector.trust_period /= 2;
    vector.capacity *= 2;
    vector.fork_epochs.push(1_000);
    vector.fork_versions.push([7, 0, 0, 1].into());
    vector.fork_layouts.push(0);
    let mut substitute = Chain::new();
    create(&mut substitute, &vector).unwrap();
    subject.now = substitute.now;
    recover(&mut subject, &substitute).unwrap();
    assert_eq!(client_state(&subject), client_state(&substitute));
}

#[test]
fn rejects_a_substitute_that_is_itself_not_to_be_believed() {
    let (frozen, _) = two();
    let (mut subject, _) = updated("accept/absent.json");
    subject.now = frozen.now;
    assert_eq!(recover(&mut subject, &frozen), refused("SubstituteNotActive"));
    let (old, vector) = updated("accept/absent.json");
    subject.now = vector.timestamp + vector.trust_period;
    assert_eq!(recover(&mut subject, &old), refused("SubstituteNotActive"));
}

#[test]
fn outside_a_recovery_there_is_no_store_to_recover_from() {
    let (mut chain, _) = updated("accept/absent.json");
    assert_eq!(
        chain.sudo(&json!({ "migrate_client_store": {} })),
        refused("Missing")
    );
}

#[test]
fn rejects_a_substitute_whose_constants_differ_in_any_place_that_counts() {
    let (good, substitute) = two();
    let data = client_state(&good).data;
    let config = {
        let vector = vector("accept/two_periods.json");
        crate::scene::config(&vector)
    };
    let in_data = data
        .windows(config.len())
        .position(|part| part == config)
        .unwrap();
    let whole = good.under("clientState").unwrap();
    let in_whole = whole.windows(data.len()).position(|part| part == data).unwrap();
    // Offsets of docs/formats/wasm.md, and what is changed there; seats stay a power of two.
    let (times, root, seats, router, slot) = (0, 32, 64, 68, 88);
    for (at, value) in [
        (times + 7, 1),
        (times + 15, 1),
        (times + 23, 1),
        (times + 31, 1),
        (root, 1),
        (seats + 2, 2 ^ 4),
        (router, 1),
        (slot, 1),
    ] {
        let mut subject = good.clone();
        subject.now = substitute.now;
        let state = subject.store.0.get_mut(b"clientState".as_slice()).unwrap();
        state[in_whole + in_data + at] ^= value;
        let changed = client_state(&subject).data;
        assert_ne!(changed, data);
        assert_eq!(
            recover(&mut subject, &substitute),
            refused("OtherClient"),
            "byte {at}"
        );
    }
}
