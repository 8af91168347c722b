//! What the tests of this crate share.

use chain::{BlockNumber, TxHash};
use relayer_core::{EndName, Leg, PacketId, PacketRecord, Stage, Standing};
use wire::{ClientId, Encoding, Packet, Payload, PortId, Seconds, Sequence, Value, Version};

/// A packet sent from `source` that was seen at `at` and has reached `stage` of its way back.
pub(crate) fn packet(source: EndName, sequence: u64, stage: Stage, at: u64) -> PacketRecord {
    let packet = Packet {
        sequence: Sequence::new(sequence).unwrap(),
        source_client: source.id.client().unwrap().clone(),
        destination_client: ClientId::new("client-9").unwrap(),
        timeout: Seconds(99),
        payload: Payload {
            source_port: PortId::new("transfer").unwrap(),
            destination_port: PortId::new("transfer").unwrap(),
            version: Version::new("ics20-1").unwrap(),
            encoding: Encoding::new("application/x-solidity-abi").unwrap(),
            value: Value::new([7u8; 64]).unwrap(),
        },
    };
    let id = PacketId {
        source,
        sequence: packet.sequence,
    };
    let tx = TxHash(wire::COMMITMENTS_SLOT);
    let mut record = PacketRecord::seen(id, packet, BlockNumber(5), tx, Seconds(at));
    record.standing = Standing {
        leg: Leg::Acknowledge,
        stage,
    };
    record
}
