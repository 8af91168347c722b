//! What is told apart: a chain that says something else, and an endpoint that does not go back so far.

use super::*;
use crate::fake::Fake;
use crate::hostile_tests::beacon as following;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use ethereum::Header;
use serde_json::json;

async fn beacon(fake: &Fake) -> Beacon {
    Beacon(endpoints::testing::endpoint(fake).await)
}

/// An endpoint that has blocks at these slots.
async fn having(slots: &'static [u64]) -> Fake {
    Fake::http(move |path, _| {
        let slot = path.rsplit('/').next().and_then(|slot| slot.parse().ok());
        let Some(slot) = slot.filter(|slot: &u64| slots.contains(slot)) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let zero = B256::ZERO;
        let message = json!({"slot": slot.to_string(), "proposer_index": "1", "parent_root": zero, "state_root": zero, "body_root": zero});
        let header: Header = serde_json::from_value(message.clone()).expect("a header");
        json!({"data": {"root": header.root(), "header": {"message": message}}})
            .to_string()
            .into_response()
    })
    .await
}

#[tokio::test]
async fn a_start_in_an_empty_slot_differs_and_one_before_the_endpoints_time_is_gone() {
    let start = Slot(1_000);
    for (slots, differs) in [
        (&[999][..], true),
        (&[936], true),
        (&[935], false),
        (&[1_001, 2_000], false),
        (&[], false),
    ] {
        let fake = having(slots).await;
        let doubt = no_block(&beacon(&fake).await, "started at", start)
            .await
            .expect("answered");
        assert_eq!(matches!(doubt, Doubt::Differs(_)), differs, "{slots:?}: {doubt}");
        assert_eq!(matches!(doubt, Doubt::Gone(_)), !differs, "{slots:?}: {doubt}");
        assert!(doubt.to_string().contains("1000"), "{doubt}");
    }
}

// The endpoint finalized slot 200, which is in period 3, and has no update of any period.
#[tokio::test]
async fn only_a_committee_of_the_past_can_be_gone() {
    let fake = following(200, 200).await;
    let beacon = beacon(&fake).await;
    let network = beacon.network().await.expect("a network");
    for (period, is_past) in [
        (0, true),
        (1, true),
        (2, true),
        (3, false),
        (4, false),
        (900, false),
    ] {
        let doubt = no_committee(&beacon, &network, Period(period), "another".into()).await;
        let doubt = doubt.expect("answered");
        assert_eq!(matches!(doubt, Doubt::Gone(_)), is_past, "period {period}");
        assert_eq!(matches!(doubt, Doubt::Unchecked(_)), !is_past, "period {period}");
    }
}
