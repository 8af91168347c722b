//! What became durable, and what a start gets back of it.

use chain::SubmissionId;
use relayer_core::{Cursor, EndName, FlightRecord, PacketId, PacketRecord, Record, Restored};
use std::collections::{BTreeMap, BTreeSet};

/// What is on the relayer's disk: the newest record of each key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    pub(crate) packets: BTreeMap<PacketId, PacketRecord>,
    /// Those of them that are parked.
    pub(crate) parked: BTreeSet<PacketId>,
    pub(crate) cursors: BTreeMap<EndName, Cursor>,
    pub(crate) flights: BTreeMap<u64, FlightRecord>,
}

impl Disk {
    pub(crate) fn write(&mut self, records: &[Record]) {
        for record in records {
            match record.clone() {
                Record::Packet(packet) => {
                    self.parked.remove(&packet.id);
                    self.packets.insert(packet.id.clone(), packet);
                }
                Record::Parked(packet) => {
                    self.parked.insert(packet.id.clone());
                    self.packets.insert(packet.id.clone(), packet);
                }
                Record::Unsent(id) => {
                    self.parked.remove(&id);
                    self.packets.remove(&id);
                }
                Record::Cursor(cursor) => drop(self.cursors.insert(cursor.end.clone(), cursor)),
                Record::Flight(flight) => drop(self.flights.insert(flight.id.0, flight)),
            }
        }
    }

    pub(crate) fn restore(&self) -> Restored {
        let live =
            |packet: &&PacketRecord| !packet.standing.stage.is_final() && !self.parked.contains(&packet.id);
        Restored {
            packets: self.packets.values().filter(live).cloned().collect(),
            parked: self
                .parked
                .iter()
                .map(|id| (id.clone(), self.packets[id].standing.leg))
                .collect(),
            cursors: self.cursors.values().cloned().collect(),
            flights: self
                .flights
                .values()
                .filter(|flight| !flight.state.is_over())
                .cloned()
                .collect(),
            last_submission: self.flights.keys().last().map(|id| SubmissionId(*id)),
        }
    }
}
