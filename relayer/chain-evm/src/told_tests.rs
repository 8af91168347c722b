use super::*;
use crate::abi::PolicyLeaf;
use crate::fake::{Fake, rpc};
use crate::submit::TRANSACTION_GAS_MAX;
use alloy_primitives::hex;
use alloy_sol_types::{SolCall, SolValue};
use chain::{SubmissionId, UpdateClient};
use prost::Message as _;
use serde_json::json;
use tendermint_client::codec::decode_update;
use tendermint_client::testing::{Kind, Validators, World};
use tendermint_client::{Evidence, Update};

const ROUTER: Address = Address::repeat_byte(1);
const CONTRACT: Address = Address::repeat_byte(2);
/// Where the client is a policy, its leaves.
const LEAVES: [Address; 2] = [Address::repeat_byte(3), Address::repeat_byte(4)];
/// Above two thirds, so that more votes are needed than by default.
const LEVEL: TrustLevel = TrustLevel {
    numerator: 9,
    denominator: 10,
};
/// From this height on the second set signs.
const CHANGE: i64 = 20;

fn world() -> World {
    let set = |seed| Validators::new(Kind::Secp256k1, seed, &[5, 4, 3, 2, 1]);
    World::new("hub-4", 4, set(1)).with_set(CHANGE, set(2))
}

fn header(height: i64, trusted: i64) -> Update {
    let world = world();
    let shown = world.show(&world.block_at(height), trusted);
    decode_update(&shown.encode_to_vec()).expect("a header")
}

fn submission(updates: Vec<ClientUpdate>) -> Submission {
    let client = ClientId::new("client-7").expect("an id");
    let updates = updates.into_iter().map(|update| UpdateClient {
        client: client.clone(),
        update,
    });
    Submission {
        id: SubmissionId(0),
        updates: updates.collect(),
        messages: Vec::new(),
        pool: None,
    }
}

fn tendermint(update: Update) -> ClientUpdate {
    ClientUpdate::Tendermint(Box::new(update))
}

/// A chain whose client knows these sets, and of a policy only the second leaf.
async fn host(known: Vec<B256>) -> Fake {
    let config = crate::abi::TendermintConfig {
        chainId: "hub-4".into(),
        trustNumerator: LEVEL.numerator,
        trustDenominator: LEVEL.denominator,
        trustPeriod: 100,
        unbondingPeriod: 200,
        clockDrift: 1,
        capacity: 256,
        store: Bytes::from_static(b"ibc"),
    };
    Fake::rpc(move |_, params| {
        let data: Bytes = params[0]["data"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .expect("data");
        let selector: [u8; 4] = data[..4].try_into().expect("a selector");
        let answer = match selector {
            crate::abi::Router::getClientCall::SELECTOR => CONTRACT.abi_encode(),
            PolicyClient::getLeavesCall::SELECTOR => {
                let leaves = LEAVES.map(|client| PolicyLeaf { client, delay: 0 });
                leaves.to_vec().abi_encode()
            }
            TendermintClient::configCall::SELECTOR => config.abi_encode(),
            TendermintClient::cardOfCall::SELECTOR => {
                let call = TendermintClient::cardOfCall::abi_decode(&data).expect("a call");
                let asked = params[0]["to"].as_str().and_then(|text| text.parse().ok());
                let is_known = asked != Some(LEAVES[0]) && known.contains(&call.validatorsHash);
                B256::with_last_byte(u8::from(is_known)).abi_encode()
            }
            other => panic!("{other:?} is not expected"),
        };
        Ok(json!(hex::encode_prefixed(answer)))
    })
    .await
}

/// What the client is told, and whether each is evidence.
async fn messages(known: Vec<B256>, updates: Vec<ClientUpdate>) -> Vec<(Vec<u8>, bool)> {
    let fake = host(known).await;
    let all = told(
        &rpc(&fake).await,
        ROUTER,
        &submission(updates),
        TRANSACTION_GAS_MAX,
    )
    .await
    .expect("messages");
    all.into_iter()
        .map(|one| (one.message.to_vec(), one.is_evidence))
        .collect()
}

fn set(set: &ValidatorSet) -> (Vec<u8>, bool) {
    (evm::encode_set(set).expect("a set"), false)
}

fn shown(update: &Update) -> (Vec<u8>, bool) {
    (evm::encode_update(update, LEVEL).expect("a header"), false)
}

#[tokio::test]
async fn sets_that_the_client_does_not_know_come_before_the_header_that_needs_them() {
    let update = header(CHANGE + 5, 10);
    let found = messages(Vec::new(), vec![tendermint(update.clone())]).await;
    let wanted = [
        set(&update.validators),
        set(&update.trusted_validators),
        shown(&update),
    ];
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn what_the_client_knows_is_not_brought_again() {
    let update = header(CHANGE + 5, 10);
    let known = vec![update.validators.hash()];
    let found = messages(known, vec![tendermint(update.clone())]).await;
    assert_eq!(found, [set(&update.trusted_validators), shown(&update)]);
    let same = header(15, 10);
    let known = vec![same.validators.hash()];
    assert_eq!(
        messages(known, vec![tendermint(same.clone())]).await,
        [shown(&same)]
    );
}

#[tokio::test]
async fn a_set_is_brought_once_in_a_submission() {
    let (first, second) = (header(15, 10), header(CHANGE + 5, 15));
    let updates = vec![tendermint(first.clone()), tendermint(second.clone())];
    let found = messages(Vec::new(), updates).await;
    let wanted = [
        set(&first.validators),
        shown(&first),
        set(&second.validators),
        shown(&second),
    ];
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn evidence_comes_after_the_sets_of_both_its_headers() {
    let evidence = Evidence {
        first: Box::new(header(15, 10)),
        second: Box::new(header(CHANGE + 5, 10)),
    };
    let found = messages(Vec::new(), vec![ClientUpdate::Misbehaviour(evidence.clone())]).await;
    let bytes = evm::encode_evidence(&evidence, LEVEL).expect("evidence");
    let wanted = [
        set(&evidence.first.validators),
        set(&evidence.second.validators),
        (bytes, true),
    ];
    assert_eq!(found, wanted);
}

fn of_leaf(leaf: u8, (bytes, is_evidence): (Vec<u8>, bool)) -> (Vec<u8>, bool) {
    ([vec![leaf], bytes].concat(), is_evidence)
}

#[tokio::test]
async fn each_leaf_of_a_policy_is_told_through_it_what_it_does_not_know_itself() {
    let update = header(15, 10);
    let known = vec![update.validators.hash()];
    let updates = [0, 1].map(|place| tendermint(update.clone()).of_leaf(place));
    let found = messages(known, updates.to_vec()).await;
    let wanted = [
        of_leaf(0, set(&update.validators)),
        of_leaf(0, shown(&update)),
        of_leaf(1, shown(&update)),
    ];
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn a_set_is_brought_to_each_leaf_that_lacks_it() {
    let update = header(15, 10);
    let updates = [0, 1].map(|place| tendermint(update.clone()).of_leaf(place));
    let found = messages(Vec::new(), updates.to_vec()).await;
    let of = |leaf| {
        [
            of_leaf(leaf, set(&update.validators)),
            of_leaf(leaf, shown(&update)),
        ]
    };
    assert_eq!(found, [of(0), of(1)].concat());
}

#[tokio::test]
async fn evidence_against_validators_reaches_a_leaf_as_evidence() {
    let evidence = Evidence {
        first: Box::new(header(15, 10)),
        second: Box::new(header(16, 10)),
    };
    let known = vec![evidence.first.validators.hash()];
    let update = ClientUpdate::Misbehaviour(evidence.clone()).of_leaf(1);
    let found = messages(known, vec![update]).await;
    let bytes = evm::encode_evidence(&evidence, LEVEL).expect("evidence");
    assert_eq!(found, [of_leaf(1, (bytes, true))]);
}

#[tokio::test]
async fn what_no_client_here_can_be_told_is_refused_by_name() {
    let fake = host(Vec::new()).await;
    let rpc = rpc(&fake).await;
    let header = || tendermint(header(15, 10));
    let mut unpackable = self::header(15, 10);
    unpackable.commit.votes.pop();
    for (update, words) in [
        (header().of_leaf(2), "leaf 2"),
        (header().of_leaf(0).of_leaf(0), "a policy stands in a policy"),
        (tendermint(unpackable), "votes"),
    ] {
        let refused = told(&rpc, ROUTER, &submission(vec![update]), TRANSACTION_GAS_MAX).await;
        let Err(Complaint::Ask(fault @ Fault::NoClient { .. })) = refused else {
            panic!("{refused:?}");
        };
        let text = fault.to_string();
        assert!(text.contains("client-7") && text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn a_header_with_more_votes_than_one_transaction_has_gas_for_comes_in_parts() {
    let update = header(15, 10);
    let fake = host(vec![update.validators.hash()]).await;
    let (rpc, submission) = (rpc(&fake).await, submission(vec![tendermint(update.clone())]));
    let all = told(&rpc, ROUTER, &submission, Gas(1_200_000))
        .await
        .expect("messages");
    let two = NonZeroUsize::new(2).expect("two");
    let wanted = evm::update_in_parts(&update, LEVEL, two).expect("parts");
    let parts = wanted.parts.into_iter().map(|bytes| (bytes, What::Part));
    let wanted: Vec<_> = parts.chain([(wanted.last, What::Step)]).collect();
    assert!(wanted.len() > 2, "{} messages", wanted.len());
    let found: Vec<_> = all
        .into_iter()
        .map(|one| (one.message.to_vec(), one.what))
        .collect();
    assert_eq!(found, wanted);
}
