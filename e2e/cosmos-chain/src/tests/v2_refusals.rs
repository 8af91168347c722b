//! What is not true is refused, with the codes of ibc-go.

use chain_cosmos::Any;
use prost::Message;
use tendermint_client::testing::ibc::Misbehaviour;

use super::net::{Net, STAKE, any};
use super::relay::{EAST, Pair, WEST, other, packet, seen};
use crate::hand::{register, update_with};
use crate::ibc::messages::{MsgAcknowledgement, MsgRecvPacket};

const RECV: &str = "/ibc.core.channel.v2.MsgRecvPacket";
const ACK: &str = "/ibc.core.channel.v2.MsgAcknowledgement";
const MISBEHAVIOUR: &str = "/ibc.lightclients.tendermint.v1.Misbehaviour";
const STATUS: &str = "/ibc.core.client.v1.Query/ClientStatus";

#[derive(Clone, PartialEq, Message)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

async fn status(net: &Net, client: &str) -> String {
    let request = Text {
        text: client.to_owned(),
    };
    net.query::<Text>(STATUS, &request).await.text
}

fn altered<M: Message + Default>(kind: &str, message: &Any, alter: impl FnOnce(&mut M)) -> Any {
    let mut read = M::decode(message.value.as_slice()).unwrap();
    alter(&mut read);
    any(kind, &read)
}

type Alter = Box<dyn FnOnce(&mut MsgRecvPacket)>;

/// What may be untrue about a packet that is received, and what is said to it.
fn untruths() -> Vec<(&'static str, Alter)> {
    vec![
        (
            "invalid proof",
            Box::new(|m| m.packet.as_mut().unwrap().payloads[0].value.push(b' ')),
        ),
        (
            "invalid proof",
            Box::new(|m| m.packet.as_mut().unwrap().sequence = 2),
        ),
        (
            "invalid proof",
            Box::new(|m| m.packet.as_mut().unwrap().timeout_timestamp += 1),
        ),
        (
            "invalid counterparty",
            Box::new(|m| m.packet.as_mut().unwrap().source_client = "07-tendermint-7".into()),
        ),
        (
            "counterparty not found",
            Box::new(|m| m.packet.as_mut().unwrap().destination_client = "07-tendermint-7".into()),
        ),
        (
            "invalid proof",
            Box::new(|m| *m.proof_commitment.last_mut().unwrap() ^= 1),
        ),
        (
            "consensus state not found",
            Box::new(|m| m.proof_height.as_mut().unwrap().revision_height -= 1),
        ),
        (
            "invalid height",
            Box::new(|m| m.proof_height.as_mut().unwrap().revision_height += 1),
        ),
    ]
}

#[tokio::test]
async fn packets_that_were_not_sent_are_refused() {
    let pair = Pair::new().await;
    let out = pair.transfer(EAST, STAKE, 700, pair.after_now(EAST, 3_600), "");
    let sent = pair.send_transfer(EAST, &out).await;
    let shown = packet(&sent, "send_packet");
    pair.advance(1);
    let [update, receive] = pair.receive(WEST, &shown).await;
    for (log, alter) in untruths() {
        let bad = altered(RECV, &receive, alter);
        let (code, said) = pair.ends[WEST].refused(&[update.clone(), bad]).await;
        assert!(code == 6 && said.contains(log), "{log}: {said}");
    }
    // The honest one still goes through, and its acknowledgement is bound as well.
    let received = pair.send(WEST, &[update, receive]).await;
    pair.advance(1);
    let ack = super::relay::acknowledgement(&received);
    let [update, honest] = pair.acknowledge(EAST, &shown, &ack).await;
    let forged = altered::<MsgAcknowledgement>(ACK, &honest, |message| {
        let error = crate::ibc::commitment::error_acknowledgement();
        message.acknowledgement.as_mut().unwrap().app_acknowledgements = vec![error];
    });
    let (_, said) = pair.ends[EAST].refused(&[update, forged]).await;
    assert!(
        said.contains("failed packet acknowledgement verification"),
        "{said}"
    );
}

#[tokio::test]
async fn sends_are_bounded_in_time_and_form() {
    let pair = Pair::new().await;
    let net = &pair.ends[EAST];
    let kind = "/ibc.applications.transfer.v1.MsgTransfer";
    let good = pair.transfer(EAST, STAKE, 1, pair.after_now(EAST, 3_600), "");
    let with = |timeout| {
        let mut message = good.clone();
        message.timeout_timestamp = timeout;
        any(kind, &message)
    };
    for (message, log) in [
        (with(pair.after_now(EAST, 0)), "timeout elapsed"),
        (with(pair.after_now(EAST, 86_401)), "invalid packet timeout"),
        (with(0), "timeout must not be 0"),
    ] {
        let (_, said) = net.refused(&[message]).await;
        assert!(said.contains(log), "{log}: {said}");
    }
    let mut unknown = good.clone();
    unknown.source_channel = "07-tendermint-9".into();
    let (_, said) = net.refused(&[any(kind, &unknown)]).await;
    assert!(said.contains("counterparty not found"), "{said}");
    let mut other_encoding = good.clone();
    other_encoding.encoding = "text/plain".into();
    let (_, said) = net.refused(&[any(kind, &other_encoding)]).await;
    assert!(said.contains("invalid encoding provided"), "{said}");
}

#[tokio::test]
async fn a_counterparty_is_told_once_and_by_the_creator() {
    let pair = Pair::new().await;
    let own = pair.ends[EAST].address();
    let again = register(&pair.clients[EAST], "07-tendermint-5", &own);
    let (_, said) = pair.ends[EAST].refused(&[again]).await;
    assert!(
        said.contains("cannot register counterparty once it is already set"),
        "{said}"
    );
    let (_, said) = pair.ends[EAST]
        .refused(&[register("07-tendermint-8", "07-tendermint-5", &own)])
        .await;
    assert!(
        said.contains("expected same signer as createClient submittor"),
        "{said}"
    );
    let (_, said) = pair.ends[EAST]
        .refused(&[register("client", "07-tendermint-5", &own)])
        .await;
    assert!(said.contains("invalid identifier"), "{said}");
}

#[tokio::test]
async fn two_headers_of_one_height_freeze_the_client() {
    let pair = Pair::new().await;
    pair.advance(2);
    let (their, client) = (&pair.ends[other(EAST)], pair.clients[EAST].clone());
    let (trusted, height) = (pair.believed(EAST).await, their.chain.height());
    let honest = seen(their).header(trusted, height).await.unwrap();
    let forged = their
        .chain
        .fork(height, |header| header.app_hash = vec![9; 32])
        .unwrap();
    let mut second = honest.clone();
    second.signed_header = Some(crate::validators::raw::SignedHeader {
        header: Some(forged.header),
        commit: Some(forged.commit),
    });
    let own = pair.ends[EAST].address();
    assert_eq!(status(&pair.ends[EAST], &client).await, "Active");
    let nameless = Misbehaviour {
        client_id: String::new(),
        header_1: Some(honest.clone()),
        header_2: Some(honest.clone()),
    };
    let (_, said) = pair.ends[EAST]
        .refused(&[update_with(&client, MISBEHAVIOUR, &nameless, &own)])
        .await;
    assert!(said.contains("misbehaviour client ID is invalid"), "{said}");
    // Twice the same is no contradiction: it is taken, and does nothing.
    let same = Misbehaviour {
        client_id: client.clone(),
        ..nameless
    };
    pair.send(EAST, &[update_with(&client, MISBEHAVIOUR, &same, &own)])
        .await;
    assert_eq!(status(&pair.ends[EAST], &client).await, "Active");
    let shown = Misbehaviour {
        header_2: Some(second),
        ..same
    };
    let landed = pair
        .send(EAST, &[update_with(&client, MISBEHAVIOUR, &shown, &own)])
        .await;
    assert!(
        landed
            .events
            .iter()
            .any(|event| event.kind == "client_misbehaviour")
    );
    assert_eq!(status(&pair.ends[EAST], &client).await, "Frozen");
    let out = pair.transfer(EAST, STAKE, 1, pair.after_now(EAST, 3_600), "");
    let message = any("/ibc.applications.transfer.v1.MsgTransfer", &out);
    let (_, said) = pair.ends[EAST].refused(&[message]).await;
    assert!(said.contains("client state is not active"), "{said}");
}

#[tokio::test]
async fn a_header_against_what_is_known_freezes_the_client() {
    let pair = Pair::new().await;
    pair.advance(1);
    let update = pair.update(EAST).await;
    pair.send(EAST, &[update]).await;
    let (their, client) = (&pair.ends[WEST], pair.clients[EAST].clone());
    let known = pair.believed(EAST).await;
    // An older trusted height is needed: the one that the client began with is one.
    let began = 3;
    let forged = their
        .chain
        .fork(known, |header| header.app_hash = vec![9; 32])
        .unwrap();
    let mut shown = seen(their).header(began, known).await.unwrap();
    shown.signed_header = Some(crate::validators::raw::SignedHeader {
        header: Some(forged.header),
        commit: Some(forged.commit),
    });
    let own = pair.ends[EAST].address();
    let message = update_with(&client, "/ibc.lightclients.tendermint.v1.Header", &shown, &own);
    let landed = pair.send(EAST, &[message]).await;
    assert!(
        landed
            .events
            .iter()
            .any(|event| event.kind == "client_misbehaviour")
    );
    assert_eq!(status(&pair.ends[EAST], &client).await, "Frozen");
}

#[tokio::test]
async fn sets_name_one_of_themselves_as_proposer() {
    let pair = Pair::new().await;
    pair.advance(1);
    let own = pair.ends[EAST].address();
    let (their, kind) = (&pair.ends[WEST], "/ibc.lightclients.tendermint.v1.Header");
    let trusted = pair.believed(EAST).await;
    // Nobody is named as proposer, or a stranger is: nothing that is signed says so, and ibc-go refuses both.
    let honest = seen(their).header(trusted, their.chain.height()).await.unwrap();
    for of_trusted in [false, true] {
        let mut shown = honest.clone();
        let set = match of_trusted {
            true => shown.trusted_validators.as_mut().unwrap(),
            false => shown.validator_set.as_mut().unwrap(),
        };
        let named = set.proposer.take().unwrap();
        let nobody = update_with(&pair.clients[EAST], kind, &shown, &own);
        let (_, said) = pair.ends[EAST].refused(&[nobody]).await;
        assert!(
            said.contains("validatorSet proposer error: nil validator"),
            "{said}"
        );
        let set = match of_trusted {
            true => shown.trusted_validators.as_mut().unwrap(),
            false => shown.validator_set.as_mut().unwrap(),
        };
        set.proposer = Some(crate::validators::raw::Validator {
            address: vec![9; 20],
            ..named
        });
        let stranger = update_with(&pair.clients[EAST], kind, &shown, &own);
        let (_, said) = pair.ends[EAST].refused(&[stranger]).await;
        assert!(said.contains("proposer not in validator set"), "{said}");
    }
}

#[tokio::test]
async fn clients_begin_and_move_on_only_by_what_is_true() {
    let pair = Pair::new().await;
    pair.advance(1);
    let own = pair.ends[EAST].address();
    let their = &pair.ends[WEST];
    let trusted = pair.believed(EAST).await;
    let mut shown = seen(their).header(trusted, their.chain.height()).await.unwrap();
    let signatures = &mut shown
        .signed_header
        .as_mut()
        .unwrap()
        .commit
        .as_mut()
        .unwrap()
        .signatures;
    *signatures[0].signature.last_mut().unwrap() ^= 1;
    let kind = "/ibc.lightclients.tendermint.v1.Header";
    let (_, said) = pair.ends[EAST]
        .refused(&[update_with(&pair.clients[EAST], kind, &shown, &own)])
        .await;
    assert!(said.contains("invalid client header"), "{said}");
    let made = seen(their).new_client(their.chain.height(), &own).await.unwrap();
    let bad = altered::<crate::ibc::messages::MsgCreateClient>(
        "/ibc.core.client.v1.MsgCreateClient",
        &made,
        |message| {
            let state = message.client_state.as_mut().unwrap();
            let mut read = crate::ibc::messages::ClientState::decode(state.value.as_slice()).unwrap();
            read.trusting_period = read.unbonding_period;
            state.value = read.encode_to_vec();
        },
    );
    let (_, said) = pair.ends[EAST].refused(&[bad]).await;
    assert!(said.contains("light client is invalid"), "{said}");
}
