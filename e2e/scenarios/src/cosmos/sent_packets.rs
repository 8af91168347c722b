//! Packets that were sent, and how each of them has to end.

use crate::report::Packets;

/// How a packet has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    Acked,
    /// Acknowledged with an error, and paid back.
    Refused,
    TimedOut,
}

/// A packet that was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    /// The side that it was sent from.
    pub(crate) from: usize,
    pub(crate) sequence: u64,
    pub(crate) meant: Meant,
}

/// How many of some packets have to end in one way.
fn count(sent: &[Sent], meant: Meant) -> usize {
    sent.iter().filter(|sent| sent.meant == meant).count()
}

/// What became of packets that have all ended as they had to.
pub(crate) fn tally(sent: &[Sent]) -> Packets {
    let of = |meant| count(sent, meant) as u64;
    let (refused, timed_out) = (of(Meant::Refused), of(Meant::TimedOut));
    Packets {
        sent: sent.len() as u64,
        acked: of(Meant::Acked) + refused,
        timed_out,
        refunded: refused + timed_out,
        lost: 0,
    }
}

/// The same as part of a sentence.
pub(crate) fn told(sent: &[Sent]) -> String {
    format!(
        "{} packets acknowledged, {} more with an error and paid back, {} timed out and paid back, every balance is right",
        count(sent, Meant::Acked),
        count(sent, Meant::Refused),
        count(sent, Meant::TimedOut)
    )
}
