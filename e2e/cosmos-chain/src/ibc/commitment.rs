//! What a chain of ibc-go stores about packets, and under which keys.
//!
//! Written from the protocol and not from our own law, which is judged by what is stored here.

use sha2::{Digest, Sha256};

use super::messages::{Acknowledgement, Packet, Payload};

/// SHA-256 of `UNIVERSAL_ERROR_ACKNOWLEDGEMENT`.
pub fn error_acknowledgement() -> Vec<u8> {
    hash(b"UNIVERSAL_ERROR_ACKNOWLEDGEMENT").to_vec()
}

/// The receipt of a packet.
pub(crate) const RECEIPT: &[u8] = &[2];

const VERSION: u8 = 2;

/// Where the source chain keeps the commitment of a packet.
pub fn commitment_key(client: &str, sequence: u64) -> Vec<u8> {
    key(client, 1, sequence)
}

/// Where the destination chain keeps its receipt.
pub fn receipt_key(client: &str, sequence: u64) -> Vec<u8> {
    key(client, 2, sequence)
}

/// Where the destination chain keeps the commitment of its acknowledgement.
pub fn acknowledgement_key(client: &str, sequence: u64) -> Vec<u8> {
    key(client, 3, sequence)
}

pub(crate) fn next_sequence_key(client: &str) -> Vec<u8> {
    format!("nextSequenceSend/{client}").into_bytes()
}

fn key(client: &str, kind: u8, sequence: u64) -> Vec<u8> {
    [client.as_bytes(), &[kind], &sequence.to_be_bytes()].concat()
}

pub(crate) fn of_packet(packet: &Packet) -> Vec<u8> {
    let payloads: Vec<u8> = packet.payloads.iter().flat_map(of_payload).collect();
    let mut bytes = vec![VERSION];
    bytes.extend(hash(packet.destination_client.as_bytes()));
    bytes.extend(hash(&packet.timeout_timestamp.to_be_bytes()));
    bytes.extend(hash(&payloads));
    hash(&bytes).to_vec()
}

fn of_payload(payload: &Payload) -> [u8; 32] {
    let parts = [
        payload.source_port.as_bytes(),
        payload.destination_port.as_bytes(),
        payload.version.as_bytes(),
        payload.encoding.as_bytes(),
        &payload.value,
    ];
    hash(&parts.map(hash).concat())
}

pub(crate) fn of_acknowledgement(acknowledgement: &Acknowledgement) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend(
        acknowledgement
            .app_acknowledgements
            .iter()
            .flat_map(|ack| hash(ack)),
    );
    hash(&bytes).to_vec()
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commitments_are_those_of_the_published_vectors() {
        let ack = |bytes: &[u8]| {
            let ack = Acknowledgement {
                app_acknowledgements: vec![bytes.to_vec()],
            };
            hex::encode(of_acknowledgement(&ack))
        };
        assert_eq!(
            ack(b"some bytes"),
            "f03b4667413e56aaf086663267913e525c442b56fa1af4fa3f3dab9f37044c5b"
        );
        assert_eq!(
            ack(&error_acknowledgement()),
            "e2fb30dfbf7abdeaca82d426534d2b3a9d5444dd2a87fa16d38b77ba1a13ced7"
        );
        assert_eq!(
            hex::encode(receipt_key("channel-1", 2)),
            "6368616e6e656c2d31020000000000000002"
        );
    }
}
