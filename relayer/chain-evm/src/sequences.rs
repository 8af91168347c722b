//! Which packets of a client were seen, so that an endpoint that leaves out logs is noticed.
//!
//! A router numbers the packets of a client 1, 2, 3 without gaps, in the order of the chain. This memory is of this
//! process only; after a restart the first range sets the baseline. A client is read in two places at once where much lies
//! behind the head: there, and in the order of the chain.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use wire::ClientId;

/// Clients remembered at most; there are as many as paths. Bound: keyed by configuration, not by foreign input.
const CLIENTS_MAX: usize = 4_096;

/// Places in which one client is read that are remembered: those two, and where single blocks are looked at again.
const READINGS: usize = 4;

/// A gap in the sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Within one answer: the endpoint left something out.
    Inside { before: u64, after: u64 },
    /// Between the ranges seen before and this one; `first..=last` are missing.
    Before { first: u64, last: u64 },
}

/// How far one reading of a client has come.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Everything up to this block was reported.
    covered: u64,
    /// The newest packet in what was read before it without a break; zero = there was none.
    last: u64,
}

/// What was seen of each client.
#[derive(Debug, Default)]
pub(crate) struct Sequences(Mutex<BTreeMap<ClientId, Vec<Seen>>>);

impl Sequences {
    /// Checks the sequences `sent` of a range that begins at block `from`; `from_start` says that it begins with the
    /// router itself.
    pub(crate) fn check(
        &self,
        client: &ClientId,
        from_start: bool,
        from: u64,
        sent: &[u64],
    ) -> Result<(), Gap> {
        for pair in sent.windows(2) {
            if let [before, after] = *pair
                && before.checked_add(1) != Some(after)
            {
                return Err(Gap::Inside { before, after });
            }
        }
        let Some(&first) = sent.first() else { return Ok(()) };
        let Some(last) = self.last_before(client, from_start, from) else {
            return Ok(());
        };
        match last.checked_add(1) {
            Some(expected) if first > expected => Err(Gap::Before {
                first: expected,
                last: first - 1,
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// The newest packet before block `from`, where that is known.
    fn last_before(&self, client: &ClientId, from_start: bool, from: u64) -> Option<u64> {
        if from_start {
            return Some(0);
        }
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = seen.get(client)?.iter().find(|seen| seen.ends_before(from))?;
        Some(before.last).filter(|last| *last > 0)
    }

    /// Remembers that blocks `from` to `covered` were reported and that `last` was the newest packet in them.
    pub(crate) fn note(&self, client: &ClientId, from: u64, covered: u64, last: Option<u64>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= CLIENTS_MAX && !seen.contains_key(client) {
            return;
        }
        let readings = seen.entry(client.clone()).or_default();
        // The one that goes on, or else the one that has rested longest, gives its place; the newest stands last.
        let goes_on = readings.iter().position(|seen| seen.ends_before(from));
        let rests = (readings.len() >= READINGS).then_some(0);
        let before = goes_on.or(rests).map(|at| readings.remove(at));
        let known = before
            .filter(|_| goes_on.is_some())
            .map_or(0, |before| before.last);
        readings.push(Seen {
            covered,
            last: last.unwrap_or(known),
        });
    }
}

impl Seen {
    fn ends_before(&self, block: u64) -> bool {
        self.covered.checked_add(1) == Some(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> ClientId {
        ClientId::new("client-0").expect("a client id")
    }

    #[test]
    fn a_gap_inside_one_answer_is_noticed() {
        let seen = Sequences::default();
        assert_eq!(
            seen.check(&client(), false, 10, &[4, 5, 7]),
            Err(Gap::Inside { before: 5, after: 7 })
        );
        assert_eq!(
            seen.check(&client(), false, 10, &[4, 4]),
            Err(Gap::Inside { before: 4, after: 4 })
        );
        assert_eq!(
            seen.check(&client(), false, 10, &[5, 4]),
            Err(Gap::Inside { before: 5, after: 4 })
        );
    }

    #[test]
    fn a_gap_between_neighbouring_ranges_is_noticed() {
        let seen = Sequences::default();
        assert_eq!(
            seen.check(&client(), false, 10, &[4]),
            Ok(()),
            "nothing is known yet"
        );
        seen.note(&client(), 10, 19, Some(4));
        assert_eq!(seen.check(&client(), false, 20, &[5]), Ok(()));
        assert_eq!(
            seen.check(&client(), false, 20, &[7]),
            Err(Gap::Before { first: 5, last: 6 })
        );
        assert_eq!(
            seen.check(&client(), false, 30, &[7]),
            Ok(()),
            "not the next range, so nothing is known"
        );
        seen.note(&client(), 20, 29, None);
        assert_eq!(
            seen.check(&client(), false, 30, &[7]),
            Err(Gap::Before { first: 5, last: 6 })
        );
    }

    #[test]
    fn the_first_packet_after_the_routers_creation_is_number_one() {
        let seen = Sequences::default();
        assert_eq!(
            seen.check(&client(), true, 3, &[2]),
            Err(Gap::Before { first: 1, last: 1 })
        );
        assert_eq!(seen.check(&client(), true, 3, &[1, 2]), Ok(()));
    }

    #[test]
    fn asking_again_for_an_older_range_forgets_nothing() {
        let seen = Sequences::default();
        seen.note(&client(), 10, 19, Some(4));
        seen.note(&client(), 5, 9, Some(2));
        assert_eq!(seen.check(&client(), false, 20, &[5]), Ok(()));
    }

    #[test]
    fn a_client_is_read_in_two_places_at_once() {
        let seen = Sequences::default();
        seen.note(&client(), 10, 19, Some(4));
        seen.note(&client(), 1_000, 1_031, None);
        assert_eq!(
            seen.check(&client(), false, 1_032, &[700]),
            Ok(()),
            "what was read elsewhere says nothing here"
        );
        seen.note(&client(), 1_032, 1_040, Some(700));
        for (from, missing) in [(20, 5), (1_041, 701)] {
            assert_eq!(
                seen.check(&client(), false, from, &[missing + 1]),
                Err(Gap::Before {
                    first: missing,
                    last: missing
                })
            );
        }
    }

    #[test]
    fn the_place_that_rested_longest_is_forgotten() {
        let seen = Sequences::default();
        for place in 0..=READINGS as u64 {
            let from = 1_000 * (place + 1);
            seen.note(&client(), from, from + 9, Some(4));
        }
        assert_eq!(seen.check(&client(), false, 1_010, &[6]), Ok(()));
        assert!(seen.check(&client(), false, 2_010, &[6]).is_err());
    }
}
