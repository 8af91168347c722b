//! Encoding and decoding: every record comes back as it was, every record has one encoding, and no bytes make reading
//! panic.

use crate::bytes::Unreadable;
use crate::codec::{
    decode_cursor, decode_packet, decode_totals, encode_cursor, encode_packet, encode_totals, end_key,
    packet_key,
};
use crate::codec_flight::{FLIGHT_VERSION, decode_flight, encode_flight};
use alloy_primitives::B256;
use chain::{
    AnyPacket, Blame, BlockNumber, ChainName, Fee, Gas, Nonce, Outcome, Revert, Seat, Skip, SubmissionId,
    Ticket, TxHash, WeiPerGas,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use relayer_core::{
    Carrier, Change, Cursor, EndName, Fact, FlightRecord, FlightState, FrontCursor, Leg, PacketId,
    PacketRecord, Pruned, Setback, Stage, Standing, Totals, Trouble,
};
use std::sync::Arc;
use wire::channel::{ChannelEnd, ChannelPacket, Timeout};
use wire::{
    Acknowledgement, ClientId, Encoding, End, Height, Packet, Payload, PortId, Seconds, Sequence, Value,
    Version,
};

fn end() -> impl Strategy<Value = EndName> {
    let id = prop_oneof![client().prop_map(End::Client), channel().prop_map(End::Channel)];
    ("[a-zäß]{0,6}", id).prop_map(|(chain, id)| EndName {
        chain: ChainName(chain),
        id,
    })
}

fn sequence() -> impl Strategy<Value = Sequence> {
    (1u64..).prop_map(|number| Sequence::new(number).unwrap())
}

fn id() -> impl Strategy<Value = PacketId> {
    (end(), sequence()).prop_map(|(source, sequence)| PacketId { source, sequence })
}

fn hash() -> impl Strategy<Value = B256> {
    any::<[u8; 32]>().prop_map(B256::new)
}

fn height() -> impl Strategy<Value = Height> {
    any::<(u64, u64)>().prop_map(|(revision_number, revision_height)| Height {
        revision_number,
        revision_height,
    })
}

fn standing() -> impl Strategy<Value = Standing> {
    let leg = prop_oneof![Just(Leg::Deliver), Just(Leg::Acknowledge), Just(Leg::TimeOut)];
    let stage = prop_oneof![
        Just(Stage::Seen),
        Just(Stage::Planned),
        height().prop_map(|height| Stage::Proving { height }),
        height().prop_map(|height| Stage::Proven { height }),
        any::<u64>().prop_map(|id| Stage::Submitted {
            submission: SubmissionId(id)
        }),
        any::<u64>().prop_map(|id| Stage::Included {
            by: Carrier::Ours(SubmissionId(id))
        }),
        Just(Stage::Included { by: Carrier::Others }),
        Just(Stage::Acked),
        Just(Stage::TimedOut),
        Just(Stage::Refused),
    ];
    (leg, stage).prop_map(|(leg, stage)| Standing { leg, stage })
}

fn setback() -> impl Strategy<Value = Setback> {
    prop::sample::select(vec![
        Setback::NoAnswer,
        Setback::NotYet,
        Setback::FalseAnswer,
        Setback::ClientStopped,
        Setback::CatchUp,
        Setback::NoRoom,
        Setback::Waited,
        Setback::TooLate,
        Setback::Reverted,
        Setback::Poison,
        Setback::Lost,
        Setback::Restarted,
        Setback::OutOfOrder,
    ])
}

fn fact() -> impl Strategy<Value = Fact> {
    let with_block =
        |make: fn(BlockNumber) -> Fact| any::<u64>().prop_map(move |number| make(BlockNumber(number)));
    let plain = prop::sample::select(vec![
        Fact::ProofHolds,
        Fact::DoneByOthers,
        Fact::AckRefuted,
        Fact::Expired,
        Fact::ChannelClosed,
        Fact::NotExpired,
        Fact::ReceiptFound,
        Fact::SettlementHolds,
        Fact::SettlementRefuted,
    ]);
    prop_oneof![
        plain,
        any::<u32>().prop_map(|batch| Fact::Chosen { batch }),
        height().prop_map(|height| Fact::ProofAsked { height }),
        any::<u64>().prop_map(|id| Fact::Handed {
            submission: SubmissionId(id)
        }),
        hash().prop_map(|tx| Fact::Sent { tx: TxHash(tx) }),
        (hash(), any::<u64>()).prop_map(|(tx, block)| Fact::Landed {
            tx: TxHash(tx),
            block: BlockNumber(block)
        }),
        hash().prop_map(|tx| Fact::Vanished { tx: TxHash(tx) }),
        setback().prop_map(Fact::PutBack),
        with_block(|block| Fact::AckWritten { block }),
        with_block(|block| Fact::AckReturned { block }),
        with_block(|block| Fact::TakenBack { block }),
        with_block(|block| Fact::ShownOtherwise { block }),
        ".{0,9}".prop_map(|destination| Fact::NotThisPath { destination }),
        ".{0,9}".prop_map(|reason| Fact::Skipped { reason }),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    (
        any::<u64>(),
        standing(),
        fact(),
        of(any::<u64>()),
        of(any::<u64>()),
    )
        .prop_map(|(at, standing, fact, source, destination)| Change {
            at: Seconds(at),
            standing,
            fact,
            source: source.map(BlockNumber),
            destination: destination.map(BlockNumber),
        })
}

fn client() -> impl Strategy<Value = ClientId> {
    (0u64..1_000).prop_map(|number| ClientId::new(format!("client-{number}")).unwrap())
}

fn channel() -> impl Strategy<Value = ChannelEnd> {
    (0u64..1_000).prop_map(|number| format!("transfer/channel-{number}").parse().unwrap())
}

fn timeout() -> impl Strategy<Value = Timeout> {
    (any::<u64>(), 1..u64::MAX, any::<u64>(), 0..3).prop_map(
        |(revision_number, revision_height, nanos, which)| {
            let height = Height {
                revision_number,
                revision_height,
            };
            let nanos = nanos.max(1);
            Timeout::new(
                Some(height).filter(|_| which != 0),
                Some(nanos).filter(|_| which != 1),
            )
            .unwrap()
        },
    )
}

fn channel_packet() -> impl Strategy<Value = ChannelPacket> {
    let data = vec(any::<u8>(), 0..200);
    (sequence(), channel(), channel(), timeout(), data).prop_map(
        |(sequence, source, destination, timeout, data)| ChannelPacket {
            sequence,
            source,
            destination,
            timeout,
            data,
        },
    )
}

fn any_packet() -> impl Strategy<Value = AnyPacket> {
    prop_oneof![
        packet().prop_map(AnyPacket::Client),
        channel_packet().prop_map(AnyPacket::Channel)
    ]
}

fn packet() -> impl Strategy<Value = Packet> {
    (
        sequence(),
        client(),
        client(),
        any::<u64>(),
        vec(any::<u8>(), 1..200),
    )
        .prop_map(
            |(sequence, source_client, destination_client, timeout, value)| Packet {
                sequence,
                source_client,
                destination_client,
                timeout: Seconds(timeout),
                payload: Payload {
                    source_port: PortId::new("transfer").unwrap(),
                    destination_port: PortId::new("transfer").unwrap(),
                    version: Version::new("ics20-1").unwrap(),
                    encoding: Encoding::new("application/x-solidity-abi").unwrap(),
                    value: Value::new(value).unwrap(),
                },
            },
        )
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let blame = prop::sample::select(vec![Blame::Peer, Blame::Chain, Blame::Operator, Blame::Us]);
    (any::<u64>(), blame, ".{0,40}").prop_map(|(at, blame, text)| Trouble::new(Seconds(at), blame, &text))
}

pub(crate) fn packet_record() -> impl Strategy<Value = PacketRecord> {
    let ack = (vec(any::<u8>(), 1..40), any::<u64>())
        .prop_map(|(bytes, block)| (Acknowledgement::new(bytes).unwrap(), BlockNumber(block)));
    let first = (
        id(),
        any_packet(),
        standing(),
        any::<u64>(),
        hash(),
        any::<bool>(),
    );
    let second = (
        of(ack),
        of(any::<u64>()),
        any::<u32>(),
        any::<u64>(),
        of(trouble()),
    );
    (first, second, vec(change(), 0..6), any::<(u32, u64)>()).prop_map(
        |(first, second, history, (history_dropped, known_since))| {
            let (id, packet, standing, sent, sent_tx, is_proven) = first;
            let (acknowledgement, settled, attempts, not_before, trouble) = second;
            PacketRecord {
                id,
                packet: Arc::new(packet),
                standing,
                sent: BlockNumber(sent),
                sent_tx: TxHash(sent_tx),
                is_proven,
                acknowledgement,
                settled: settled.map(BlockNumber),
                attempts,
                not_before: Seconds(not_before),
                trouble,
                history,
                history_dropped,
                known_since: Seconds(known_since),
            }
        },
    )
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let revert = (
        of(any::<u32>()),
        vec(any::<u8>(), 0..9),
        ".{0,9}",
        of(any::<u64>()),
    )
        .prop_map(|(message, data, text, gas)| Revert {
            message,
            data: data.into(),
            text,
            gas: gas.map(Gas),
        });
    let skip = (any::<u32>(), ".{0,9}").prop_map(|(message, text)| Skip { message, text });
    (
        any::<u64>(),
        any::<u64>(),
        any::<u128>(),
        of(revert),
        vec(skip, 0..3),
    )
        .prop_map(|(block, gas, price, reverted, skipped)| Outcome {
            block: BlockNumber(block),
            gas: Gas(gas),
            price: WeiPerGas(price),
            reverted,
            skipped,
        })
}

fn ticket() -> impl Strategy<Value = Ticket> {
    let seat = ("[a-z0-9]{0,60}", any::<u64>(), any::<u64>(), any::<u64>());
    prop_oneof![
        any::<u64>().prop_map(|nonce| Ticket::Nonce(Nonce(nonce))),
        seat.prop_map(|(account, sequence, signed_at, last)| Ticket::Seat(Seat {
            account,
            sequence,
            signed_at: BlockNumber(signed_at),
            last: BlockNumber(last),
        })),
    ]
}

pub(crate) fn flight_record() -> impl Strategy<Value = FlightRecord> {
    let state = prop_oneof![
        Just(FlightState::Sending),
        Just(FlightState::Pending),
        outcome().prop_map(FlightState::Included),
        outcome().prop_map(FlightState::Final),
        Just(FlightState::Dropped),
    ];
    let first = (any::<u64>(), end(), vec(id(), 0..5), any::<u32>(), any::<u64>());
    let second = (
        state,
        of(ticket()),
        vec(hash(), 0..4),
        any::<u128>(),
        any::<u128>(),
    );
    (first, second).prop_map(
        |((id, end, packets, updates, made), (state, ticket, txs, max, tip))| FlightRecord {
            id: SubmissionId(id),
            chain: end.chain.clone(),
            end,
            packets,
            updates,
            made: Seconds(made),
            state,
            ticket,
            txs: txs.into_iter().map(TxHash).collect(),
            fee: Fee {
                max: WeiPerGas(max),
                tip: WeiPerGas(tip),
            },
        },
    )
}

fn cursor() -> impl Strategy<Value = Cursor> {
    let block = || any::<u64>().prop_map(BlockNumber);
    let taken = vec((sequence(), sequence()), 0..4);
    let front = of((block(), taken).prop_map(|(next, taken)| FrontCursor { next, taken }));
    (
        end(),
        block(),
        block(),
        of(sequence()),
        vec((sequence(), block()), 0..4),
        vec(sequence(), 0..4),
        front,
    )
        .prop_map(|(end, next, unread, last, passed, ended, front)| Cursor {
            end,
            next,
            unread,
            last,
            passed,
            ended,
            front,
        })
}

proptest! {
    #[test]
    fn packets_come_back_as_they_were(record in packet_record()) {
        let bytes = encode_packet(&record);
        prop_assert_eq!(decode_packet(&bytes), Ok(record));
    }

    #[test]
    fn submissions_come_back_as_they_were(record in flight_record()) {
        let bytes = encode_flight(&record);
        prop_assert_eq!(decode_flight(&bytes), Ok(record));
    }

    #[test]
    fn cursors_come_back_as_they_were(cursor in cursor()) {
        let bytes = encode_cursor(&cursor);
        prop_assert_eq!(decode_cursor(&bytes), Ok(cursor));
    }

    #[test]
    fn what_can_be_read_has_one_encoding(record in packet_record(), at: prop::sample::Index, byte: u8) {
        let mut bytes = encode_packet(&record);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(other) = decode_packet(&bytes) {
            prop_assert_eq!(encode_packet(&other), bytes);
        }
    }

    #[test]
    fn a_packet_of_the_first_version_is_read(mut record in packet_record(), packet in packet()) {
        record.packet = Arc::new(packet.into());
        let mut old = encode_packet(&record);
        old.truncate(old.len() - 8);
        // Behind version and id, nothing said that it is of IBC v2.
        prop_assert_eq!(old.remove(1 + packet_key(&record.id).len()), 0);
        old[0] = 1;
        record.known_since = record.history.first().map_or(record.not_before, |change| change.at);
        prop_assert_eq!(decode_packet(&old), Ok(record));
    }

    #[test]
    fn totals_come_back(counts in any::<[u64; 5]>(), first in sequence(), last in sequence(), some in any::<bool>()) {
        let [acked, timed_out, refused, count, ended] = counts;
        let pruned = some.then_some(Pruned { count, first, last, ended: Seconds(ended) });
        let totals = Totals { acked, timed_out, refused, pruned };
        prop_assert_eq!(decode_totals(&encode_totals(&totals)), Ok(totals));
    }

    #[test]
    fn a_cut_or_longer_record_is_refused(record in flight_record(), cut: prop::sample::Index) {
        let mut bytes = encode_flight(&record);
        let kept = cut.index(bytes.len());
        prop_assert!(decode_flight(&bytes[..kept]).is_err());
        bytes.push(0);
        prop_assert_eq!(decode_flight(&bytes), Err(Unreadable::Long { left: 1 }));
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in vec(any::<u8>(), 0..300)) {
        let mut bytes = bytes;
        drop((decode_packet(&bytes), decode_cursor(&bytes), decode_flight(&bytes), decode_totals(&bytes)));
        for version in 1..=FLIGHT_VERSION {
            if let Some(first) = bytes.first_mut() {
                *first = version;
            }
            drop((decode_packet(&bytes), decode_cursor(&bytes), decode_flight(&bytes), decode_totals(&bytes)));
        }
    }

    #[test]
    fn keys_of_an_end_stand_in_the_order_of_sequences(end in end(), other in end(), a in sequence(), b in sequence()) {
        let key = |end: &EndName, sequence| packet_key(&PacketId { source: end.clone(), sequence });
        prop_assert_eq!(key(&end, a).cmp(&key(&end, b)), a.cmp(&b));
        prop_assert!(end == other || key(&end, a) != key(&other, a));
        prop_assert!(key(&end, a).starts_with(&end_key(&end)));
    }
}

#[test]
fn a_length_is_not_believed() {
    let bytes = [&[1u8, 0, 0, 0, 0, 0, 0, 0, 7][..], &u32::MAX.to_be_bytes()].concat();
    assert!(matches!(decode_flight(&bytes), Err(Unreadable::Short { .. })));
}
