//! Clients that believe something else than the recorded network has: what they are shown.

use super::*;
use ethereum::{HeldCommittee, Slot, State};

/// A client that followed the network over two rotations to slot 208, and an adapter that saw how.
async fn followed(folder: &Path) -> (Evm, Vec<Fake>, Trusted) {
    let (evm, fakes) = chain(folder, "finality_000227.json").await;
    let client = started(folder, &evm).await;
    let followed = judged(&client, &plan(&evm, &client, 208).await.expect("a plan"));
    (evm, fakes, followed)
}

/// The same client with one state and these committees.
fn believing(followed: &Trusted, state: State, held: impl Iterator<Item = HeldCommittee>) -> Trusted {
    let mut client = Trusted::from_parts(followed.config.clone(), state.slot, [state], held, false);
    if let Ok(client) = &mut client {
        client.bootstrap = Some(Slot(START));
    }
    client.expect("a client")
}

fn newest(followed: &Trusted) -> State {
    *followed.state_at(Slot(208)).expect("a state")
}

/// It holds committees of somebody else for these periods.
fn usurped(followed: &Trusted, periods: &[u64]) -> Trusted {
    let held = followed
        .committees()
        .map(|held| match periods.contains(&held.period.0) {
            true => HeldCommittee {
                commitment: B256::repeat_byte(9),
                ..*held
            },
            false => *held,
        });
    believing(followed, newest(followed), held)
}

/// The one step that freezes `client`.
fn assert_freezes(client: &Trusted, told: &Notices) {
    let [ClientUpdate::Ethereum(update)] = told.steps.as_slice() else {
        panic!("{told:?}")
    };
    let now = client.config.network.time_of(update.signature_slot);
    let advance = ethereum::verify_update(&Blst, client, update, now.expect("a time")).expect("accepted");
    assert!(matches!(advance, Advance::Misbehaviour(_)));
}

#[tokio::test]
async fn a_client_that_believes_another_state_of_a_slot_is_shown_the_update_that_finalized_it() {
    let Some(folder) = folder() else { return };
    let (evm, _fakes, followed) = followed(&folder).await;
    let own = usurped(&followed, &[]);
    let told = notices(&evm, &own).await;
    assert_eq!((told.steps, told.doubts), (vec![], vec![]));

    let never = State {
        storage_root: B256::repeat_byte(7),
        ..newest(&followed)
    };
    let deceived = believing(&followed, never, followed.committees().copied());
    let told = notices(&evm, &deceived).await;
    assert_freezes(&deceived, &told);
    assert!(told.doubts[0].contains("208"), "{:?}", told.doubts);

    // Whoever did not see that update can tell it and show nothing.
    let (late, _fakes) = chain(&folder, "finality_000227.json").await;
    late.network().await.expect("a network");
    late.anchors.put(evm.anchors.get(208).expect("an anchor"));
    let told = notices(&late, &deceived).await;
    assert_eq!(told.steps, []);
    assert!(told.doubts[0].contains("nothing was shown"), "{:?}", told.doubts);
}

#[tokio::test]
async fn a_client_that_believes_another_checkpoint_of_an_epoch_is_shown_the_chains_own() {
    let Some(folder) = folder() else { return };
    let (evm, _fakes, followed) = followed(&folder).await;
    let beside = State {
        slot: Slot(207),
        ..newest(&followed)
    };
    let deceived = believing(&followed, beside, followed.committees().copied());
    let told = notices(&evm, &deceived).await;
    assert_freezes(&deceived, &told);
    assert!(told.doubts[0].contains("slot 207"), "{:?}", told.doubts);
}

#[tokio::test]
async fn a_client_that_believes_another_next_committee_is_shown_the_update_that_teaches_the_chains_own() {
    let Some(folder) = folder() else { return };
    let (evm, _fakes, followed) = followed(&folder).await;
    for period in [2, 3] {
        let deceived = usurped(&followed, &[period]);
        let told = notices(&evm, &deceived).await;
        assert_freezes(&deceived, &told);
        let named = format!("committee of period {period}");
        assert!(told.doubts[0].contains(&named), "{:?}", told.doubts);
    }
}

#[tokio::test]
async fn of_a_client_that_holds_no_committee_of_the_chain_it_is_told_that_nothing_can_be_shown() {
    let Some(folder) = folder() else { return };
    let (evm, _fakes, followed) = followed(&folder).await;
    let told = notices(&evm, &usurped(&followed, &[1, 2, 3])).await;
    assert_eq!(told.steps, []);
    assert_eq!(told.doubts.len(), 3, "{:?}", told.doubts);
    assert!(told.doubts.iter().all(|text| text.contains("nothing was shown")));
}

#[tokio::test]
async fn an_endpoint_that_shows_another_committee_accuses_nobody_where_another_endpoint_has_the_truth() {
    let Some(folder) = folder() else { return };
    let (evm, _fakes, followed) = followed(&folder).await;
    let finality = load(&folder, "finality_000227.json");
    let updates = load(&folder, "updates.json");
    let mut forged = updates.clone();
    forged[2]["data"]["next_sync_committee"] = updates[1]["data"]["next_sync_committee"].clone();
    let liar = beacon_of(&folder, finality.clone(), forged).await;
    let honest = beacon_of(&folder, finality, updates).await;
    let late = evm_of(&folder, &[node(&folder).await], &[liar, honest]);
    late.network().await.expect("a network");
    late.anchors.put(evm.anchors.get(208).expect("an anchor"));
    let told = notices(&late, &usurped(&followed, &[])).await;
    assert_eq!((told.steps, told.doubts), (vec![], vec![]));
}
