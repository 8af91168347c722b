//! The shared vectors of packets: written by their generator, judged by this crate.

mod generate;
mod support;

use alloy_primitives::{B256, U256};
use generate::harness;
use serde_json::Value;
use wire::batch::{Action, Batch};
use wire::{
    Acknowledgement, COMMITMENTS_SLOT, ClientId, Codec, Path, PortId, Reject, Seconds, abi, commit, gmp,
    ics20, path,
};

/// Rules that bytes alone can break; `sequence_exhausted` concerns counting.
const RULES: [&str; 15] = [
    "id_length",
    "id_character",
    "zero_sequence",
    "empty",
    "too_long",
    "payload_count",
    "zero_timeout",
    "timed_out",
    "timeout_too_far",
    "not_timed_out",
    "not_abi",
    "path_shape",
    "denom_segment",
    "zero_amount",
    "error_as_success",
];

/// What the router refuses in the bytes of a batch. What no packet may hold, it refuses message by message.
const BATCH_RULES: [&str; 7] = [
    "batch_version",
    "batch_truncated",
    "batch_kind",
    "batch_template",
    "batch_form",
    "batch_amount",
    "batch_left_over",
];

/// Rules that a value in JSON or protobuf can break.
const CODEC_RULES: [&str; 10] = [
    "not_json",
    "not_protobuf",
    "unknown_field",
    "duplicate_field",
    "not_canonical",
    "amount_text",
    "zero_amount",
    "denom_segment",
    "empty",
    "too_long",
];

#[test]
fn wire_vectors() {
    harness::check_in_step("wire", &generate::files());
    harness::judge_all("wire", &RULES, |file| {
        judge(file).map_err(|reject| reject.rule().to_string())
    });
}

#[test]
fn batch_vectors() {
    harness::check_in_step("batch", &generate::batch::files());
    harness::judge_all("batch", &BATCH_RULES, |file| {
        judge_batch(file).map_err(|reject| reject.rule().to_string())
    });
}

#[test]
fn gmp_vectors() {
    harness::check_in_step("gmp", &generate::gmp::files());
    harness::judge_all("gmp", &["empty", "too_long", "not_abi"], |file| {
        judge_gmp(file).map_err(|reject| reject.rule().to_string())
    });
}

#[test]
fn codec_vectors() {
    harness::check_in_step("codecs", &generate::codecs::files());
    harness::judge_all("codecs", &CODEC_RULES, |file| {
        judge_codec(file).map_err(|reject| reject.rule().to_string())
    });
}

fn judge(file: &Value) -> Result<(), Reject> {
    match text(file, "kind") {
        "packet" => judge_packet(file),
        "acknowledgement" => {
            let ack = Acknowledgement::new(bytes(file, "acknowledgement"))?;
            assert_eq!(commit::acknowledgement(ack.as_bytes()), word(file, "commitment"));
            Ok(())
        }
        "success" => Acknowledgement::success(bytes(file, "acknowledgement")).map(drop),
        "transfer" => judge_transfer(file),
        "arrival" => judge_arrival(file),
        "denom" => ics20::Denom::new(text(file, "denom")).map(drop),
        "path" => Path::parse(&bytes(file, "path")).map(drop),
        "client_id" => ClientId::new(id(file)).map(drop),
        "port_id" => PortId::new(id(file)).map(drop),
        "send_time" => wire::check_timeout(seconds(file, "timeout"), seconds(file, "now")),
        "receive_time" => wire::check_receivable(seconds(file, "timeout"), seconds(file, "now")),
        "expiry_time" => wire::check_expired(seconds(file, "timeout"), seconds(file, "now")),
        kind => panic!("unknown kind {kind}"),
    }
}

fn judge_packet(file: &Value) -> Result<(), Reject> {
    let encoded = bytes(file, "abi");
    let packet = abi::decode_packet(&encoded)?;
    assert_eq!(abi::encode_packet(&packet), encoded);
    assert_eq!(packet.sequence.get(), number(file, "sequence"));
    assert_eq!(packet.timeout, seconds(file, "timeout"));
    let payload = &packet.payload;
    let texts = [
        ("sourceClient", packet.source_client.as_str()),
        ("destinationClient", packet.destination_client.as_str()),
        ("sourcePort", payload.source_port.as_str()),
        ("destinationPort", payload.destination_port.as_str()),
        ("version", payload.version.as_str()),
        ("encoding", payload.encoding.as_str()),
    ];
    for (field, found) in texts {
        assert_eq!(found, text(file, field), "{field}");
    }
    assert_eq!(payload.value.as_bytes(), bytes(file, "value"));
    assert_eq!(commit::packet(&packet), word(file, "commitment"));
    assert_eq!(commit::receipt(&packet), word(file, "receipt"));
    let paths = [
        (
            "commitment",
            path::commitment(&packet.source_client, packet.sequence),
        ),
        (
            "receipt",
            path::receipt(&packet.destination_client, packet.sequence),
        ),
        (
            "acknowledgement",
            path::acknowledgement(&packet.destination_client, packet.sequence),
        ),
    ];
    for (name, path) in paths {
        assert_eq!(path.to_bytes(), bytes(file, &format!("{name}Path")));
        assert_eq!(
            path.evm_slot(COMMITMENTS_SLOT),
            word(file, &format!("{name}Slot"))
        );
        assert_eq!(Path::parse(&path.to_bytes()), Ok(path));
    }
    Ok(())
}

fn judge_batch(file: &Value) -> Result<(), Reject> {
    let packed = bytes(file, "packed");
    let batch = Batch::decode(&packed)?;
    let client = ClientId::new(text(file, "client"))?;
    let counterparty = ClientId::new(text(file, "counterparty"))?;
    assert_eq!(batch.client, client);
    assert_eq!(batch.height.revision_number, number(file, "revisionNumber"));
    assert_eq!(batch.height.revision_height, number(file, "revisionHeight"));
    let updates = file["updates"].as_array().expect("updates");
    let written: Vec<Value> = batch.updates.iter().map(|update| generate::hex(update)).collect();
    assert_eq!(&written, updates);
    let messages = file["messages"].as_array().expect("messages");
    assert_eq!(batch.messages.len(), messages.len());
    for (message, expected) in batch.messages.iter().zip(messages) {
        assert_eq!(u64::from(message.action.byte()), number(expected, "kind"));
        assert_eq!(u64::from(message.gas), number(expected, "gas"));
        let packet = message.packet(&client, &counterparty);
        let encoded = bytes(expected, "abi");
        assert_eq!(abi::encode_packet(&packet), encoded);
        assert_eq!(abi::decode_packet(&encoded)?, packet);
        assert_eq!(packet.sequence.get(), number(expected, "sequence"));
        assert_eq!(packet.source_client.as_str(), text(expected, "sourceClient"));
        assert_eq!(packet.payload.value.as_bytes(), bytes(expected, "value"));
        assert_eq!(commit::packet(&packet), word(expected, "commitment"));
        assert_eq!(commit::receipt(&packet), word(expected, "receipt"));
        assert_eq!(message.path(&counterparty).to_bytes(), bytes(expected, "path"));
        let proven = message.expected(&client, &counterparty).unwrap_or_default();
        assert_eq!(proven, word(expected, "proven"));
        let ack = match &message.action {
            Action::Acknowledge(ack) => ack.as_bytes(),
            Action::Receive | Action::TimeOut => &[],
        };
        assert_eq!(ack, bytes(expected, "acknowledgement"));
    }
    assert_eq!(batch.pool, bytes(file, "pool"));
    // Another form of the same batch is never longer.
    let again = batch.encode()?;
    assert!(again.len() <= packed.len());
    assert_eq!(Batch::decode(&again)?, batch);
    Ok(())
}

fn judge_transfer(file: &Value) -> Result<(), Reject> {
    let encoded = bytes(file, "abi");
    let transfer = ics20::decode(&encoded)?;
    assert_eq!(transfer.denom.as_str(), text(file, "denom"));
    assert_eq!(transfer.sender, text(file, "sender"));
    assert_eq!(transfer.receiver, text(file, "receiver"));
    assert_eq!(transfer.amount, U256::from_be_bytes(word(file, "amount").0));
    assert_eq!(transfer.memo, text(file, "memo"));
    assert_eq!(ics20::encode(&transfer)?, encoded);
    Ok(())
}

fn judge_gmp(file: &Value) -> Result<(), Reject> {
    let encoded = bytes(file, "abi");
    if text(file, "kind") == "answer" {
        let answer = gmp::decode_answer(Codec::Abi, &encoded)?;
        assert_eq!(answer.result, bytes(file, "result"));
        assert_eq!(gmp::encode_answer(Codec::Abi, &answer)?, encoded);
        return Ok(());
    }
    let call = gmp::decode(Codec::Abi, &encoded)?;
    assert_eq!(call, read_call(file));
    assert_eq!(gmp::encode(Codec::Abi, &call)?, encoded);
    Ok(())
}

fn judge_codec(file: &Value) -> Result<(), Reject> {
    let encoded = bytes(file, "bytes");
    let codec = match text(file, "codec") {
        "json" => Codec::Json,
        "protobuf" => Codec::Protobuf,
        codec => panic!("unknown codec {codec}"),
    };
    let read = &file["read"];
    match text(file, "kind") {
        "transfer" => {
            let transfer = ics20::decode_in(codec, &encoded)?;
            assert_eq!(transfer.denom.as_str(), text(read, "denom"));
            assert_eq!(transfer.amount.to_string(), text(read, "amount"));
            assert_eq!(transfer.sender, text(read, "sender"));
            assert_eq!(transfer.receiver, text(read, "receiver"));
            assert_eq!(transfer.memo, text(read, "memo"));
            assert_eq!(ics20::encode_in(codec, &transfer)?, encoded);
        }
        "call" => {
            let call = gmp::decode(codec, &encoded)?;
            assert_eq!(call, read_call(read));
            assert_eq!(gmp::encode(codec, &call)?, encoded);
        }
        "answer" => {
            let answer = gmp::decode_answer(codec, &encoded)?;
            assert_eq!(answer.result, bytes(read, "result"));
            assert_eq!(gmp::encode_answer(codec, &answer)?, encoded);
        }
        kind => panic!("unknown kind {kind}"),
    }
    Ok(())
}

fn read_call(file: &Value) -> gmp::Call {
    gmp::Call {
        sender: text(file, "sender").into(),
        receiver: text(file, "receiver").into(),
        salt: bytes(file, "salt"),
        payload: bytes(file, "payload"),
        memo: text(file, "memo").into(),
    }
}

fn judge_arrival(file: &Value) -> Result<(), Reject> {
    let port = |field| PortId::new(text(file, field));
    let client = |field| ClientId::new(text(file, field));
    let (source_port, source_client) = (port("sourcePort")?, client("sourceClient")?);
    let (destination_port, destination_client) = (port("destinationPort")?, client("destinationClient")?);
    let source = ics20::End {
        port: &source_port,
        client: &source_client,
    };
    let destination = ics20::End {
        port: &destination_port,
        client: &destination_client,
    };
    let arrived = ics20::Denom::new(text(file, "arrived"))?;
    let expected = if file["home"] == true {
        ics20::Arrival::Home(arrived)
    } else {
        ics20::Arrival::Voucher(arrived)
    };
    assert_eq!(
        ics20::Denom::new(text(file, "denom"))?.arrive(source, destination),
        expected
    );
    Ok(())
}

fn text<'a>(file: &'a Value, field: &str) -> &'a str {
    file[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} is no text"))
}

fn bytes(file: &Value, field: &str) -> Vec<u8> {
    let digits = text(file, field)
        .strip_prefix("0x")
        .expect("hexadecimal starts with 0x");
    hex::decode(digits).expect("hexadecimal")
}

fn word(file: &Value, field: &str) -> B256 {
    B256::from_slice(&bytes(file, field))
}

fn number(file: &Value, field: &str) -> u64 {
    file[field]
        .as_u64()
        .unwrap_or_else(|| panic!("{field} is no number"))
}

fn seconds(file: &Value, field: &str) -> Seconds {
    Seconds(number(file, field))
}

fn id(file: &Value) -> String {
    String::from_utf8(bytes(file, "id")).expect("ids in the files are UTF-8")
}
