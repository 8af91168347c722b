//! Whether a page of events can be what its endpoint says it is.
//!
//! It decides by the page alone and what was read before it; it must never decide whether an event is true.

use crate::place::End;
use alloc::format;
use alloc::string::String;
use chain::{BlockNumber, Event, EventAt};
use wire::{ClientId, Sequence};

/// Why a page cannot be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BadPage {
    /// It is not an answer to the ask.
    Malformed(String),
    /// A send is missing before one that is there: in this page, or in one that was read before.
    Gap(String),
}

/// Whether a page of events can be what it says: inside its blocks, in order, of this path, and without a gap.
pub(crate) fn check_page(
    end: &End,
    peer: &ClientId,
    (from, to): (BlockNumber, BlockNumber),
    covered: BlockNumber,
    events: &[EventAt],
) -> Result<(), BadPage> {
    if covered < from || covered > to {
        return Err(malformed(format!(
            "events of blocks {from} to {to} are said to reach block {covered}"
        )));
    }
    let mut before = from;
    let mut expected = end.expected();
    let is_deferring = end.scan.deferred_sends.is_some();
    for EventAt { block, event, .. } in events {
        if *block < before || *block > covered {
            return Err(malformed(format!(
                "an event of block {block} stands between blocks {before} and {covered}"
            )));
        }
        before = *block;
        let client = match event {
            Event::Sent(packet) => &packet.source_client,
            Event::Acknowledged { packet, .. } => {
                if packet.source_client != *peer {
                    return Err(malformed(format!(
                        "packet of {} acknowledged to {peer}",
                        packet.source_client
                    )));
                }
                &packet.destination_client
            }
            Event::AckReturned { source_client, .. } | Event::TimedOut { source_client, .. } => source_client,
        };
        if *client != end.name.client {
            return Err(malformed(format!(
                "event of client {client} among those of {}",
                end.name.client
            )));
        }
        if let Event::Sent(packet) = event {
            expected = next_expected(expected, packet.sequence, is_deferring)?;
        }
    }
    Ok(())
}

fn next_expected(
    expected: Option<Sequence>,
    sequence: Sequence,
    is_deferring: bool,
) -> Result<Option<Sequence>, BadPage> {
    match expected {
        Some(expected) if sequence == expected => Ok(expected.next().ok()),
        Some(expected) if sequence > expected && !is_deferring => Err(BadPage::Gap(format!(
            "packet {sequence} follows although {expected} was never shown: an event is missing"
        ))),
        Some(_) | None => Ok(expected),
    }
}

fn malformed(text: String) -> BadPage {
    BadPage::Malformed(text)
}
