//! Submissions as transactions, on a chain that checks them as the SDK does.

use super::{paid, price};
use crate::cosmos::{Cosmos, Settings};
use crate::fake_node::{Chain, GAS_BASE, GAS_MESSAGE, POISON};
use crate::price::Price;
use crate::send::tests::rules;
use crate::sign::Key;
use chain::{
    Answer, AnyPacket, Ask, BlockNumber, ChainName, ClientUpdate, Fault, Fee, Gas, Message, MessageKind,
    Nonce, Outcome, Place, Submission, SubmissionId, Ticket, TxHash, TxState, UpdateClient, WeiPerGas,
};
use endpoints::testing::limits;
use reqwest::Url;
use serde_json::json;
use wire::{ClientId, Encoding, Height, Packet, Payload, PortId, Seconds, Sequence, Value, Version};

/// More than anything costs here.
pub(crate) const AMPLE: Fee = Fee {
    max: WeiPerGas(u128::MAX),
    tip: WeiPerGas(0),
};

pub(crate) async fn chain() -> (Chain, Cosmos) {
    let chain = Chain::new([key().address()].into_iter()).await;
    let cosmos = over(vec![chain.rpc.0.url.clone()]);
    (chain, cosmos)
}

fn key() -> Key {
    Key::new(&[9; 32], "cosmos").unwrap()
}

fn over(rpc: Vec<Url>) -> Cosmos {
    Cosmos::new(Settings {
        name: ChainName("fake".into()),
        rpc,
        rules: rules(),
        keys: vec![key()],
        first_block: BlockNumber(1),
        limits: limits(),
    })
    .unwrap()
}

pub(crate) fn recv(sequence: u64, value: &[u8]) -> Message {
    let id = |id| ClientId::new(id).unwrap();
    Message {
        kind: MessageKind::Recv,
        packet: AnyPacket::Client(Packet {
            sequence: Sequence::new(sequence).unwrap(),
            source_client: id("07-tendermint-0"),
            destination_client: id("07-tendermint-1"),
            timeout: Seconds(1_800_000_000),
            payload: Payload {
                source_port: PortId::new("transfer").unwrap(),
                destination_port: PortId::new("transfer").unwrap(),
                version: Version::new("ics20-1").unwrap(),
                encoding: Encoding::new("application/json").unwrap(),
                value: Value::new(value).unwrap(),
            },
        }),
        proof: vec![1].into(),
        height: Height::of(7),
        gas: Gas(0),
    }
}

fn submission(messages: Vec<Message>) -> Submission {
    Submission {
        id: SubmissionId(1),
        updates: Vec::new(),
        messages,
        pool: None,
    }
}

pub(crate) async fn send(
    cosmos: &Cosmos,
    messages: Vec<Message>,
    fee: Fee,
) -> Result<(TxHash, Ticket, Fee), Fault> {
    let ask = Ask::Send {
        submission: submission(messages),
        fee,
        place: Place::Next,
    };
    match cosmos.answer(ask).await? {
        Answer::Send { tx, ticket, fee, .. } => Ok((tx, ticket, fee)),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn find(cosmos: &Cosmos, tx: TxHash, ticket: &Ticket) -> TxState {
    let ticket = ticket.clone();
    match cosmos.answer(Ask::Find { tx, ticket }).await.unwrap() {
        Answer::Find(state) => state,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_submission_is_one_transaction_that_is_found_again() {
    let (chain, cosmos) = chain().await;
    let (tx, ticket, fee) = send(&cosmos, vec![recv(1, b"a"), recv(2, b"b")], AMPLE)
        .await
        .unwrap();
    let Ticket::Seat(seat) = &ticket else {
        panic!("{ticket:?}")
    };
    assert_eq!((seat.sequence, seat.signed_at), (100, BlockNumber(50)));
    assert_eq!(find(&cosmos, tx, &ticket).await, TxState::Pending);
    chain.state().commit();
    let state = find(&cosmos, tx, &ticket).await;
    let TxState::Final(Outcome {
        block,
        gas,
        price,
        reverted,
        ..
    }) = state
    else {
        panic!("{state:?}")
    };
    assert_eq!(
        (block, gas, reverted),
        (BlockNumber(51), Gas(GAS_BASE + 2 * GAS_MESSAGE), None)
    );
    let paid = chain.state().fee_of(tx.0.into());
    assert_eq!(
        Price(price.0).fee(gas.0),
        Some(paid),
        "the fee, of which nothing is given back, is told as the price of what was used"
    );
    assert!(price > fee.max && paid > 0, "{price:?} of {fee:?}");
    assert_eq!(chain.state().executed.len(), 2);
    let unknown = find(&cosmos, tx, &Ticket::Nonce(Nonce(100))).await;
    assert_eq!(unknown, TxState::Unknown, "a place on an EVM chain");
}

#[tokio::test]
async fn an_endpoint_that_names_a_far_block_does_not_make_a_transaction_that_never_dies() {
    let (chain, _) = chain().await;
    let ahead = chain.node(|method, answer| {
        if method == "status" {
            answer["sync_info"]["latest_block_height"] = json!("1000050");
        }
    });
    let cosmos = over(vec![ahead.await.url.clone(), chain.rpc.0.url.clone()]);
    let (_, Ticket::Seat(seat), _) = send(&cosmos, vec![recv(1, b"a")], AMPLE).await.unwrap() else {
        panic!("it has a seat")
    };
    assert_eq!((seat.signed_at, seat.last), (BlockNumber(50), BlockNumber(60)));
    // What was chosen is old by now, and is asked for again before a sound endpoint is refused.
    for _ in 0..30 {
        chain.state().commit();
    }
    let (_, Ticket::Seat(seat), _) = send(&cosmos, vec![recv(2, b"a")], AMPLE).await.unwrap() else {
        panic!("it has a seat")
    };
    assert_eq!((seat.signed_at, seat.last), (BlockNumber(80), BlockNumber(90)));
}

#[tokio::test]
async fn a_message_that_would_fail_is_named_by_its_place_among_the_messages() {
    let (chain, cosmos) = chain().await;
    let fault = send(&cosmos, vec![recv(1, b"a"), recv(2, POISON)], AMPLE)
        .await
        .unwrap_err();
    let Fault::WouldRevert(revert) = fault else {
        panic!("{fault}")
    };
    assert_eq!(revert.message, Some(1));
    assert_eq!(chain.state().handed, 0);
}

fn batch(numbers: std::ops::Range<u64>, value: &[u8]) -> Vec<Message> {
    numbers.map(|number| recv(number, value)).collect()
}

#[tokio::test]
async fn of_batches_that_are_alike_one_is_simulated() {
    let (chain, cosmos) = chain().await;
    for (numbers, simulated) in [(1..21, 1), (21..45, 1), (45..61, 1)] {
        let count = numbers.end - numbers.start;
        let (tx, ..) = send(&cosmos, batch(numbers, b"a"), AMPLE).await.unwrap();
        assert_eq!(chain.state().simulated.get(), simulated);
        let used = (GAS_BASE + 20 * GAS_MESSAGE) * count / 20;
        assert_eq!(
            chain.state().gas_wanted(tx.0.into()),
            used * 12 / 10,
            "{count} of them"
        );
    }
    // The receiver or its chain may do more for this one.
    send(&cosmos, batch(61..81, &[7; 200]), AMPLE).await.unwrap();
    assert_eq!(chain.state().simulated.get(), 2);
    chain.state().commit();
    assert_eq!(chain.state().executed.len(), 80);
}

#[tokio::test]
async fn after_a_transaction_that_failed_in_a_block_all_are_simulated() {
    let (chain, cosmos) = chain().await;
    // Less than it will use, margin included.
    chain.state().mood.gas = Some(GAS_BASE);
    let (first, ticket, _) = send(&cosmos, batch(1..21, b"a"), AMPLE).await.unwrap();
    send(&cosmos, batch(21..41, b"a"), AMPLE).await.unwrap();
    assert_eq!(chain.state().simulated.get(), 1);
    chain.state().mood.gas = None;
    chain.state().commit();
    let state = find(&cosmos, first, &ticket).await;
    assert!(
        matches!(&state, TxState::Final(outcome) if outcome.reverted.is_some()),
        "{state:?}"
    );
    for (numbers, simulated) in [(1..21, 2), (21..41, 3)] {
        send(&cosmos, batch(numbers, b"a"), AMPLE).await.unwrap();
        assert_eq!(chain.state().simulated.get(), simulated);
    }
    chain.state().commit();
    assert_eq!(chain.state().executed.len(), 40);
}

#[tokio::test]
async fn a_message_that_a_node_refuses_unsimulated_is_named_by_a_simulation() {
    let (chain, cosmos) = chain().await;
    chain.state().mood.strict = true;
    send(&cosmos, batch(1..21, b"benign"), AMPLE).await.unwrap();
    let mut messages = batch(21..41, b"benign");
    messages[7] = recv(28, POISON);
    let fault = send(&cosmos, messages, AMPLE).await.unwrap_err();
    let Fault::WouldRevert(revert) = fault else {
        panic!("{fault}")
    };
    assert_eq!(revert.message, Some(7));
    assert_eq!(chain.state().simulated.get(), 2);
    assert_eq!(chain.state().handed, 2);
    // Nothing was paid for it, and the account's next transaction is not held up.
    send(&cosmos, batch(41..61, b"benign"), AMPLE).await.unwrap();
    chain.state().commit();
    assert_eq!(chain.state().executed.len(), 40);
}

#[tokio::test]
async fn what_a_chain_refuses_when_it_is_handed_over_is_no_fault_of_the_endpoint() {
    let (chain, cosmos) = chain().await;
    // It lets it pass when it simulates: the redundant are told when they are handed over only.
    chain.state().mood.redundant = true;
    let fault = send(&cosmos, vec![recv(1, b"a")], AMPLE).await.unwrap_err();
    assert!(
        matches!(&fault, Fault::WouldRevert(revert) if revert.message.is_none()),
        "{fault}"
    );
    assert_eq!(chain.state().handed, 1);
}

#[tokio::test]
async fn what_does_not_fit_is_to_be_cut_and_what_is_too_dear_is_not_sent() {
    let (chain, cosmos) = chain().await;
    let many: Vec<Message> = (1..200).map(|n| recv(n, b"a")).collect();
    let fault = send(&cosmos, many, AMPLE).await.unwrap_err();
    assert!(
        matches!(fault, Fault::TooLarge { size: 199, limit } if limit > 0 && limit < 199),
        "{fault}"
    );
    let least = Fee {
        max: WeiPerGas(1),
        tip: WeiPerGas(0),
    };
    let fault = send(&cosmos, vec![recv(1, b"a")], least).await.unwrap_err();
    assert!(
        matches!(
            fault,
            Fault::TooDear {
                max: WeiPerGas(1),
                ..
            }
        ),
        "{fault}"
    );
    assert_eq!(chain.state().handed, 0);
}

#[tokio::test]
async fn what_is_in_no_block_in_time_has_expired_and_nothing_is_replaced() {
    let (chain, cosmos) = chain().await;
    chain.state().mood.loses = true;
    let (tx, ticket, _) = send(&cosmos, vec![recv(1, b"a")], AMPLE).await.unwrap();
    let Ticket::Seat(seat) = &ticket else {
        panic!("{ticket:?}")
    };
    while chain.state().height < seat.last.0 {
        assert_eq!(find(&cosmos, tx, &ticket).await, TxState::Pending);
        chain.state().commit();
    }
    assert_eq!(find(&cosmos, tx, &ticket).await, TxState::Expired);

    let replace = Ask::Send {
        submission: submission(vec![recv(1, b"a")]),
        fee: AMPLE,
        place: Place::Replace(Nonce(100)),
    };
    assert!(matches!(
        cosmos.answer(replace).await,
        Err(Fault::NonceTaken { .. })
    ));
}

#[tokio::test]
async fn an_update_of_another_kind_of_client_is_refused() {
    let (_, cosmos) = chain().await;
    let mut wrong = submission(vec![recv(1, b"a")]);
    wrong.updates.push(UpdateClient {
        client: ClientId::new("07-tendermint-1").unwrap(),
        update: ClientUpdate::CompleteRotation,
    });
    let ask = Ask::Send {
        submission: wrong,
        fee: AMPLE,
        place: Place::Next,
    };
    assert!(matches!(cosmos.answer(ask).await, Err(Fault::NoClient { .. })));
}

#[tokio::test]
async fn an_account_that_is_not_there_is_the_operators_to_fund() {
    let (chain, cosmos) = chain().await;
    chain.state().accounts.clear();
    let fault = send(&cosmos, vec![recv(1, b"a")], AMPLE).await.unwrap_err();
    assert!(matches!(fault, Fault::Account { .. }), "{fault}");
    let fault = Cosmos::new(Settings {
        name: ChainName("fake".into()),
        rpc: vec![chain.rpc.0.url.clone()],
        rules: rules(),
        keys: Vec::new(),
        first_block: BlockNumber(1),
        limits: limits(),
    });
    let fault = send(&fault.unwrap(), vec![recv(1, b"a")], AMPLE)
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::Signer { .. }), "{fault}");
}

#[test]
fn the_price_follows_from_fee_and_gas() {
    assert_eq!(price(1_200, 1_000), WeiPerGas(1_200_000_000_000_000_000));
    assert_eq!(price(1, 0), WeiPerGas(0));
    assert_eq!(paid(&[]), 0);
}
