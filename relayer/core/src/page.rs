//! Whether a page of events can be what its endpoint says it is.
//!
//! It decides by the page alone and what was read before it; it must never decide whether an event is true.

use crate::names::bounded;
use alloc::format;
use alloc::string::String;
use chain::{BlockNumber, Event, EventAt, Fault};
use wire::{End as PathEnd, Seconds, Sequence};

/// Why a page cannot be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BadPage {
    /// It is not an answer to the ask.
    Malformed(String),
    /// A send is missing before one that is there: in this page, or in one that was read before.
    Gap(String),
}

impl BadPage {
    /// What it says of the endpoint that gave the page.
    pub(crate) fn fault(&self, endpoint: String, now: Seconds) -> Fault {
        Fault::Malformed {
            endpoint,
            text: bounded(self.text()),
            until: now,
        }
    }

    pub(crate) fn text(&self) -> &str {
        let (Self::Malformed(text) | Self::Gap(text)) = self;
        text
    }
}

/// Which send may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// This one, or such that were read before; none after the last possible one.
    After(Option<Sequence>),
    /// Any: nothing was read of the blocks before.
    Anywhere,
    /// Any after this one: sends are put off.
    PuttingOff(Option<Sequence>),
}

/// Whether a page of events can be what it says: inside its blocks, in order, of this path, and without a gap.
///
/// - `path`: the end whose events they are, and the one it is paired with.
pub(crate) fn check_page(
    (own, peer): (&PathEnd, &PathEnd),
    mut course: Course,
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
    for EventAt { block, event, .. } in events {
        // What an earlier page left out comes first, from its own blocks.
        let is_late = *block < from
            && before == from
            && sent_sequence(event).is_some_and(|sequence| course.is_next(sequence));
        if !is_late && (*block < before || *block > covered) {
            return Err(malformed(format!(
                "an event of block {block} stands between blocks {before} and {covered}"
            )));
        }
        before = before.max(*block);
        let found = match event {
            Event::Sent(packet) => packet.source(),
            Event::Acknowledged { packet, .. } => {
                let source = packet.source();
                if source != *peer {
                    return Err(malformed(format!("packet of {source} acknowledged to {peer}")));
                }
                packet.destination()
            }
            Event::Unreadable { source, .. }
            | Event::AckReturned { source, .. }
            | Event::TimedOut { source, .. } => source.clone(),
        };
        if found != *own {
            return Err(malformed(format!("event of {found} among those of {own}")));
        }
        if let Some(sequence) = sent_sequence(event) {
            course = course.met(sequence)?;
        }
    }
    Ok(())
}

/// Which packet an event announces as sent.
fn sent_sequence(event: &Event) -> Option<Sequence> {
    match event {
        Event::Sent(packet) => Some(packet.sequence()),
        Event::Unreadable { sequence, .. } => Some(*sequence),
        Event::Acknowledged { .. } | Event::AckReturned { .. } | Event::TimedOut { .. } => None,
    }
}

impl Course {
    /// Whether it is the very next one.
    fn is_next(self, sequence: Sequence) -> bool {
        match self {
            Self::After(next) | Self::PuttingOff(next) => next == Some(sequence),
            Self::Anywhere => false,
        }
    }

    /// What may come after `sequence`.
    fn met(self, sequence: Sequence) -> Result<Self, BadPage> {
        match self {
            Self::Anywhere => Ok(Self::After(sequence.next().ok())),
            Self::After(Some(next)) if sequence > next => Err(BadPage::Gap(format!(
                "packet {sequence} follows although {next} was never shown: an event is missing"
            ))),
            Self::After(_) if self.is_next(sequence) => Ok(Self::After(sequence.next().ok())),
            Self::PuttingOff(_) if self.is_next(sequence) => Ok(Self::PuttingOff(sequence.next().ok())),
            Self::After(_) | Self::PuttingOff(_) => Ok(self),
        }
    }
}

fn malformed(text: String) -> BadPage {
    BadPage::Malformed(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use chain::TxHash;
    use wire::{ClientId, Encoding, Packet, Payload, PortId, Seconds, Value, Version};

    fn client(id: &str) -> ClientId {
        ClientId::new(id).unwrap()
    }

    fn after(last: u64) -> Course {
        Course::After(Sequence::new(last + 1).ok())
    }

    fn sent(block: u64, from: &str, sequence: u64) -> EventAt {
        let packet = Packet {
            sequence: Sequence::new(sequence).unwrap(),
            source_client: client(from),
            destination_client: client("client-1"),
            timeout: Seconds(9),
            payload: Payload {
                source_port: PortId::new("transfer").unwrap(),
                destination_port: PortId::new("transfer").unwrap(),
                version: Version::new("ics20-1").unwrap(),
                encoding: Encoding::new("application/x-solidity-abi").unwrap(),
                value: Value::new([1]).unwrap(),
            },
        };
        let tx = TxHash(wire::COMMITMENTS_SLOT);
        EventAt {
            block: BlockNumber(block),
            tx,
            event: Event::Sent(packet.into()),
        }
    }

    fn check_on(course: Course, covered: u64, events: &[EventAt]) -> Result<(), BadPage> {
        let (own, peer) = (client("client-0").into(), client("client-1").into());
        let range = (BlockNumber(10), BlockNumber(20));
        check_page((&own, &peer), course, range, BlockNumber(covered), events)
    }

    fn check(last: u64, covered: u64, events: &[EventAt]) -> Result<(), BadPage> {
        check_on(after(last), covered, events)
    }

    fn is_malformed(checked: &Result<(), BadPage>) -> bool {
        matches!(checked, Err(BadPage::Malformed(_)))
    }

    #[test]
    fn a_page_in_order_is_taken() {
        assert_eq!(
            check(
                4,
                20,
                &[
                    sent(10, "client-0", 5),
                    sent(10, "client-0", 6),
                    sent(20, "client-0", 7)
                ]
            ),
            Ok(())
        );
        assert_eq!(
            check(4, 15, &[sent(12, "client-0", 3), sent(13, "client-0", 5)]),
            Ok(()),
            "read again"
        );
        assert_eq!(
            check(0, 20, &[sent(11, "client-0", 1)]),
            Ok(()),
            "the first of all"
        );
    }

    #[test]
    fn a_page_that_leaves_out_a_send_is_refused_whole() {
        for events in [
            vec![sent(11, "client-0", 6)],
            vec![sent(11, "client-0", 5), sent(12, "client-0", 7)],
        ] {
            assert!(matches!(check(4, 20, &events), Err(BadPage::Gap(_))));
        }
    }

    #[test]
    fn a_page_may_bring_what_an_earlier_one_left_out() {
        let late = [sent(7, "client-0", 5), sent(9, "client-0", 6)];
        let page = |rest: &[EventAt]| [&late, rest].concat();
        assert_eq!(check(4, 20, &page(&[sent(12, "client-0", 7)])), Ok(()));
        assert!(
            matches!(check(3, 20, &page(&[])), Err(BadPage::Malformed(_))),
            "not all of it"
        );
        assert!(
            is_malformed(&check(5, 20, &page(&[]))),
            "not what was brought before"
        );
        let mut behind = page(&[]);
        behind.insert(0, sent(12, "client-0", 5));
        assert!(is_malformed(&check(4, 20, &behind)), "not behind the page's own");
    }

    #[test]
    fn a_page_outside_its_blocks_or_of_another_client_is_no_answer() {
        assert!(is_malformed(&check(4, 21, &[])));
        assert!(is_malformed(&check(4, 9, &[])));
        assert!(is_malformed(&check(4, 15, &[sent(16, "client-0", 5)])));
        assert!(is_malformed(&check(4, 20, &[sent(9, "client-0", 4)])));
        assert!(is_malformed(&check(
            4,
            20,
            &[sent(12, "client-0", 5), sent(11, "client-0", 6)]
        )));
        assert!(is_malformed(&check(4, 20, &[sent(12, "client-7", 5)])));
    }

    #[test]
    fn while_sends_are_put_off_their_numbers_are_not_compared() {
        let course = Course::PuttingOff(Sequence::new(5).ok());
        assert_eq!(check_on(course, 20, &[sent(11, "client-0", 9)]), Ok(()));
    }

    #[test]
    fn where_nothing_was_read_before_any_send_may_come_first_and_only_first() {
        let page = [sent(11, "client-0", 9), sent(12, "client-0", 10)];
        assert_eq!(check_on(Course::Anywhere, 20, &page), Ok(()));
        let gap = [sent(11, "client-0", 9), sent(12, "client-0", 11)];
        assert!(matches!(
            check_on(Course::Anywhere, 20, &gap),
            Err(BadPage::Gap(_))
        ));
        assert!(is_malformed(&check_on(
            Course::Anywhere,
            20,
            &[sent(9, "client-0", 9)]
        )));
    }

    #[test]
    fn nothing_follows_the_last_possible_number() {
        let last = [sent(11, "client-0", u64::MAX)];
        assert_eq!(check_on(Course::Anywhere, 20, &last), Ok(()));
        assert_eq!(check_on(Course::After(None), 20, &last), Ok(()), "read again");
    }
}
