//! Prints how many records a second the store makes durable, in batches as the relayer writes them.
//!
//! `cargo run --release -p store --example durable_records`

use chain::{BlockNumber, ChainName, TxHash};
use relayer_core::{EndName, Keep, PacketId, PacketRecord, Record};
use std::error::Error;
use std::time::Instant;
use store::Store;
use wire::{ClientId, Encoding, Packet, Payload, PortId, Seconds, Sequence, Value, Version};

fn record(sequence: u64) -> Result<Record, Box<dyn Error>> {
    let source = EndName {
        chain: ChainName("a".into()),
        id: ClientId::new("client-0")?.into(),
    };
    let packet = Packet {
        sequence: Sequence::new(sequence)?,
        source_client: ClientId::new("client-0")?,
        destination_client: ClientId::new("client-1")?,
        timeout: Seconds(1),
        payload: Payload {
            source_port: PortId::new("transfer")?,
            destination_port: PortId::new("transfer")?,
            version: Version::new("ics20-1")?,
            encoding: Encoding::new("application/x-solidity-abi")?,
            value: Value::new(vec![1; 400])?,
        },
    };
    let id = PacketId {
        source,
        sequence: packet.sequence,
    };
    let seen = PacketRecord::seen(
        id,
        packet,
        BlockNumber(1),
        TxHash(wire::COMMITMENTS_SLOT),
        Seconds(1),
    );
    Ok(Record::Packet(seen))
}

fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let store = Store::open(dir.path(), Keep::default())?;
    let mut next = 1;
    for (batch, batches) in [(1u64, 300u64), (10, 200), (100, 100)] {
        let started = Instant::now();
        for _ in 0..batches {
            let records: Result<Vec<Record>, _> = (next..next + batch).map(record).collect();
            store.write(&records?)?;
            next += batch;
        }
        let seconds = started.elapsed().as_secs_f64();
        let (rate, each) = (
            (batch * batches) as f64 / seconds,
            seconds * 1_000.0 / batches as f64,
        );
        println!("batches of {batch:>3}: {rate:>8.0} records/s, {each:.2} ms a batch");
    }
    let started = Instant::now();
    let restored = store.load()?;
    println!(
        "load of {} live packets: {:.1} ms",
        restored.packets.len(),
        started.elapsed().as_secs_f64() * 1_000.0
    );
    Ok(())
}
