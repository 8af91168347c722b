//! What the tests of this crate share: a plain ABI writer and good fixtures.

#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod abi_writer;

use alloy_primitives::U256;
use wire::{ClientId, Encoding, Packet, Payload, PortId, Seconds, Sequence, Value, Version, ics20};

/// The packet of the published vectors, with this encoding and value.
pub(crate) fn packet(encoding: &str, value: &[u8]) -> Packet {
    Packet {
        sequence: Sequence::FIRST,
        source_client: ClientId::new("07-tendermint-0").unwrap(),
        destination_client: ClientId::new("07-tendermint-1").unwrap(),
        timeout: Seconds(100),
        payload: Payload {
            source_port: PortId::new("transfer").unwrap(),
            destination_port: PortId::new("transfer").unwrap(),
            version: Version::new(ics20::VERSION).unwrap(),
            encoding: Encoding::new(encoding).unwrap(),
            value: Value::new(value).unwrap(),
        },
    }
}

/// The transfer of the published vectors.
pub(crate) fn transfer() -> ics20::Transfer {
    ics20::Transfer {
        denom: ics20::Denom::new("uatom").unwrap(),
        sender: "sender".into(),
        receiver: "receiver".into(),
        amount: U256::from(1_000_000),
        memo: "memo".into(),
    }
}

/// A packet that carries it in the ABI encoding.
pub(crate) fn abi_packet() -> Packet {
    packet(ics20::ENCODING, &ics20::encode(&transfer()).unwrap())
}

/// So many random cases; a failure is printed with its input and not written into the source tree.
pub(crate) fn cases(cases: u32) -> proptest::test_runner::Config {
    proptest::test_runner::Config {
        cases,
        failure_persistence: None,
        ..Default::default()
    }
}
