//! The specification's objects: SSZ and JSON both ways, and what folding them leaves out.

use ethereum::codec::{
    decode_bootstrap, decode_evidence, decode_update, encode_bootstrap, encode_evidence, encode_update,
};
use ethereum::spec::{
    LightClientBootstrap, LightClientFinalityUpdate, LightClientOptimisticUpdate, LightClientUpdate, Shape,
    Versioned, compact_finality_update, compact_update,
};
use ethereum::testing::Draft;
use ethereum::{Blst, Evidence, Indices, Period, Reject};

use crate::fixture::*;

const SHAPE: Shape = Shape {
    committee_size: 32,
    indices: Indices::ELECTRA,
};

#[test]
fn ssz_goes_both_ways_and_is_consumed_exactly() {
    let world = world();
    let bootstrap = world.spec_bootstrap(START);
    let update = world.spec_update(&draft().rotating());
    let bytes = bootstrap.to_ssz();
    assert_eq!(LightClientBootstrap::from_ssz(&SHAPE, &bytes), Ok(bootstrap));
    let bytes = update.to_ssz();
    assert_eq!(LightClientUpdate::from_ssz(&SHAPE, &bytes).as_ref(), Ok(&update));
    let finality = finality(&update);
    let encoded = finality.to_ssz();
    assert_eq!(
        LightClientFinalityUpdate::from_ssz(&SHAPE, &encoded),
        Ok(finality)
    );
    let optimistic = LightClientOptimisticUpdate {
        attested_header: update.attested_header.clone(),
        sync_aggregate: update.sync_aggregate.clone(),
        signature_slot: update.signature_slot,
    };
    let encoded = optimistic.to_ssz();
    assert_eq!(
        LightClientOptimisticUpdate::from_ssz(&SHAPE, &encoded),
        Ok(optimistic)
    );
    for length in 0..bytes.len() {
        // A shorter tail is another `extra_data`; everything before it is missed.
        if length < bytes.len() - 7 {
            assert!(
                LightClientUpdate::from_ssz(&SHAPE, &bytes[..length]).is_err(),
                "{length}"
            );
        }
    }
    let deneb = Shape {
        indices: Indices::DENEB,
        ..SHAPE
    };
    assert!(
        LightClientUpdate::from_ssz(&deneb, &bytes).is_err(),
        "the fork decides the shape"
    );
}

#[test]
fn ssz_offsets_are_exact() {
    let bytes = world().spec_update(&draft()).to_ssz();
    for at in 0..4 {
        let mut mutant = bytes.clone();
        mutant[at] ^= 1;
        let part = "an SSZ offset";
        assert_eq!(
            LightClientUpdate::from_ssz(&SHAPE, &mutant),
            Err(Reject::Malformed { part })
        );
    }
}

#[test]
fn json_goes_both_ways() {
    let world = world();
    let data = world.spec_update(&draft().rotating());
    let update = Versioned {
        version: "electra".into(),
        data,
    };
    let text = serde_json::to_string(&update).unwrap();
    assert!(text.contains(&format!("\"signature_slot\":\"{}\"", draft().signature)));
    assert!(text.contains("\"base_fee_per_gas\":\"7\""));
    assert_eq!(
        serde_json::from_str::<Versioned<LightClientUpdate>>(&text).unwrap(),
        update
    );
    let bootstrap = world.spec_bootstrap(START);
    let text = serde_json::to_string(&bootstrap).unwrap();
    assert_eq!(
        serde_json::from_str::<LightClientBootstrap>(&text).unwrap(),
        bootstrap
    );
}

#[test]
fn json_numbers_are_decimal_strings() {
    let text = serde_json::to_string(&world().spec_update(&draft()).attested_header.beacon).unwrap();
    let slot = format!("\"slot\":\"{}\"", draft().attested);
    assert!(text.contains(&slot));
    for wrong in [
        "\"slot\":300",
        "\"slot\":\"0x12\"",
        "\"slot\":\"\"",
        "\"slot\":\"-1\"",
        "\"slot\":\"1_0\"",
    ] {
        let text = text.replace(&slot, wrong);
        assert!(
            serde_json::from_str::<ethereum::Header>(&text).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn compact_forms_go_both_ways() {
    let world = world();
    for draft in [
        draft(),
        draft().rotating(),
        draft().rotating().without([0, 1, 2, 31]),
        Draft::new(16, 40),
    ] {
        let update = world.update(&draft);
        assert_eq!(decode_update(&world.network, &encode_update(&update)), Ok(update));
    }
    for slot in [8, START] {
        let bootstrap = world.bootstrap(slot);
        assert_eq!(
            decode_bootstrap(&world.network, &encode_bootstrap(&bootstrap)),
            Ok(bootstrap)
        );
    }
    let evidence = Evidence {
        first: world.update(&draft()),
        second: world.update(&draft().rotating().without([7])),
    };
    let bytes = encode_evidence(&evidence).unwrap();
    assert_eq!(decode_evidence(&world.network, &bytes), Ok(evidence));
}

#[test]
fn a_finality_update_is_an_update_without_the_committee() {
    let world = world();
    let keys = world.keys(Period(4));
    let spec = world.spec_update(&draft());
    let proof = world.account_proof_of(world.address).nodes;
    let compact = compact_finality_update(&Blst, &world.network, &finality(&spec), keys.committee(), &proof);
    assert_eq!(compact, Ok(world.update(&draft())));
}

#[test]
fn a_next_committee_over_two_periods_is_left_out() {
    let world = world();
    let draft = Draft::new(START + 6 * EPOCH, START + PERIOD).rotating();
    let keys = world.keys(Period(5));
    let nodes: [&[u8]; 0] = [];
    let spec = world.spec_update(&draft);
    assert!(spec.has_next_committee());
    let compact = compact_update(&Blst, &world.network, &spec, keys.committee(), &nodes);
    assert_eq!(compact.unwrap().next, None);
}

fn finality(update: &LightClientUpdate) -> LightClientFinalityUpdate {
    LightClientFinalityUpdate {
        attested_header: update.attested_header.clone(),
        finalized_header: update.finalized_header.clone(),
        finality_branch: update.finality_branch.clone(),
        sync_aggregate: update.sync_aggregate.clone(),
        signature_slot: update.signature_slot,
    }
}
