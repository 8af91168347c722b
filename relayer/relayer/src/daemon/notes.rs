//! Notes of the machine into log and metrics: one event a stage change, with the fields `path packet stage`.
//!
//! Each thing is told once: what repeats itself while something is waited for goes to the level `debug`. Metrics count
//! everything.

use crate::config::Unit;
use crate::view::blame;
use api::{Metrics, Paid};
use chain::{Blame, ChainName};
use relayer_core::{Fact, Note, PacketId, Stage, Standing};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use store::Store;

/// The same failure of the same chain is told again after this time.
const TELL_AGAIN: Duration = Duration::from_secs(300);
/// Bound: failures, and changes of one packet, that are remembered as told.
const TOLD_MAX: usize = 256;
/// Bound: changes of all packets that are remembered as told, some hundred bytes each. Beyond it all are told anew.
const MOVES_MAX: usize = 65_536;

/// Logs and counts, and remembers what it told.
#[derive(Debug, Default)]
pub(super) struct Teller {
    /// In what each chain is paid.
    units: BTreeMap<ChainName, Unit>,
    /// Of each packet on its way, the changes told since it was last included.
    moves: BTreeMap<PacketId, BTreeSet<String>>,
    /// How many these are.
    moves_told: usize,
    failures: BTreeMap<(ChainName, String), Instant>,
}

impl Teller {
    pub(super) fn new(units: BTreeMap<ChainName, Unit>) -> Self {
        Self {
            units,
            ..Self::default()
        }
    }

    /// Logs and counts one note.
    pub(super) fn tell(&mut self, note: &Note, metrics: &Metrics, store: &Store) {
        match note {
            Note::Moved {
                packet,
                from,
                to,
                fact,
            } => {
                self.tell_move(packet, *from, *to, fact);
                count_settled(packet, to.stage, metrics, store);
            }
            Note::PassedOver { packet } => tracing::warn!(
                chain = %packet.source.chain, client = %packet.source.id, sequence = packet.sequence.get(),
                "passed over a packet that cannot be relayed, because a part of it is no text; its block is looked at again, later each time"
            ),
            Note::Parked { packet } => {
                self.forget(packet);
                tracing::info!(path = %packet.source, %packet, "packet parked: only its application can move it on");
            }
            Note::Woken { packet } => {
                tracing::info!(path = %packet.source, %packet, "packet is carried on");
            }
            Note::Blamed {
                chain,
                blame: who,
                text,
            } => {
                metrics.failed(&chain.0, blame(*who));
                self.tell_failure(chain, *who, text);
            }
            Note::Stopped { end, text } => tracing::error!(path = %end, %text, "client cannot be used"),
            Note::Doubted { end, text } => {
                tracing::error!(path = %end, %text, "the client believes what the chain that it follows does not have");
            }
            Note::Resumed { end } => tracing::info!(path = %end, "client works again"),
            Note::Filled { submission, chain } => {
                tracing::info!(submission = submission.0, %chain, "submission written down");
            }
            Note::Submitted {
                submission,
                chain,
                messages,
                updates,
            } => {
                metrics.submitted(&chain.0);
                tracing::info!(submission = submission.0, %chain, messages, updates, "submission handed over");
            }
            Note::Landed {
                submission,
                chain,
                gas,
                price,
                reverted,
            } => self.tell_landed(submission.0, chain, (*gas, *price), *reverted, metrics),
            Note::Rewound { end, text } => tracing::warn!(path = %end, %text, "events are read again"),
            Note::RereadLeft { end, text } => tracing::warn!(path = %end, %text, "events are not read again"),
        }
    }

    fn tell_landed(
        &self,
        submission: u64,
        chain: &ChainName,
        (gas, price): (u64, u128),
        reverted: bool,
        metrics: &Metrics,
    ) {
        let unit = self.units.get(chain).cloned().unwrap_or_default();
        let paid = Paid {
            amount: unit.paid(gas, price),
            unit: &unit.to_string(),
        };
        let word = if reverted { "reverted" } else { "succeeded" };
        metrics.landed(&chain.0, gas, paid, word);
        let price = unit.price(price);
        tracing::info!(submission, %chain, gas, %price, reverted, "submission landed");
    }

    fn tell_move(&mut self, packet: &PacketId, from: Standing, to: Standing, fact: &Fact) {
        if self.is_new(packet, to, fact) {
            tracing::info!(
                path = %packet.source, packet = %packet, stage = %to.stage, leg = %to.leg, from = %from.stage, why = %fact,
                "packet moved"
            );
        } else {
            tracing::debug!(
                path = %packet.source, packet = %packet, stage = %to.stage, leg = %to.leg, from = %from.stage, why = %fact,
                "packet moved again"
            );
        }
    }

    /// The numbers in a text, as of a transaction or a height, are others each time.
    fn is_new(&mut self, packet: &PacketId, to: Standing, fact: &Fact) -> bool {
        if matches!(to.stage, Stage::Included { .. }) || to.stage.is_final() {
            self.forget(packet);
            return true;
        }
        if self.moves_told >= MOVES_MAX {
            (self.moves, self.moves_told) = (BTreeMap::new(), 0);
        }
        let known = self.moves.get(packet).map_or(0, BTreeSet::len);
        if known >= TOLD_MAX {
            self.forget(packet);
        }
        let text = without_numbers(&format!("{} {} {fact}", to.leg, to.stage));
        let is_new = self.moves.entry(packet.clone()).or_default().insert(text);
        self.moves_told += usize::from(is_new);
        is_new
    }

    /// What happens to it from now on is told.
    fn forget(&mut self, packet: &PacketId) {
        let told = self.moves.remove(packet);
        self.moves_told -= told.map_or(0, |told| told.len());
    }

    fn tell_failure(&mut self, chain: &ChainName, who: Blame, text: &str) {
        let who = blame(who);
        if self.is_due(chain, text, Instant::now()) {
            tracing::warn!(%chain, blame = who, %text, "failure");
        } else {
            tracing::debug!(%chain, blame = who, %text, "the same failure");
        }
    }

    /// The numbers in a text say when it is tried again or how far a chain is, and are others each time.
    fn is_due(&mut self, chain: &ChainName, text: &str, now: Instant) -> bool {
        self.failures
            .retain(|_, told| now.saturating_duration_since(*told) < TELL_AGAIN);
        if self.failures.len() >= TOLD_MAX {
            self.failures.clear();
        }
        let key = (chain.clone(), without_numbers(text));
        let is_due = !self.failures.contains_key(&key);
        if is_due {
            self.failures.insert(key, now);
        }
        is_due
    }
}

/// The same for texts that differ only in numbers and hashes.
fn without_numbers(text: &str) -> String {
    let is_number = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let digits = word.strip_prefix("0x").unwrap_or(word);
        digits.chars().all(|c| c.is_ascii_hexdigit()) && digits.chars().any(|c| c.is_ascii_digit())
    };
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| if is_number(word) { "#" } else { word })
        .collect();
    words.join(" ")
}

fn count_settled(packet: &PacketId, stage: Stage, metrics: &Metrics, store: &Store) {
    if let Some(outcome) = outcome(stage) {
        let age = age(packet, store).unwrap_or(0);
        metrics.settled(&packet.source.to_string(), outcome, age);
    }
}

/// How a packet ended, if it did.
fn outcome(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Acked => Some("acked"),
        Stage::TimedOut => Some("timed-out"),
        Stage::Refused => Some("refused"),
        Stage::Seen
        | Stage::Planned
        | Stage::Proving { .. }
        | Stage::Proven { .. }
        | Stage::Submitted { .. }
        | Stage::Included { .. } => None,
    }
}

/// Seconds from the first sight of a packet to the last thing that happened to it.
fn age(id: &PacketId, store: &Store) -> Option<u64> {
    let record = store.packet(id).ok()??;
    Some(record.since().0.saturating_sub(record.known_since.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use relayer_core::{EndName, Leg, Setback};
    use wire::{ClientId, Seconds, Sequence};

    fn packet(number: u64) -> PacketId {
        PacketId {
            source: EndName {
                chain: ChainName("north".into()),
                id: ClientId::new("client-0").unwrap().into(),
            },
            sequence: Sequence::new(number).unwrap(),
        }
    }

    fn at(stage: Stage) -> Standing {
        Standing {
            leg: Leg::Deliver,
            stage,
        }
    }

    #[test]
    fn a_wait_is_told_once_for_each_packet_until_it_got_somewhere() {
        let mut teller = Teller::default();
        let waits = Fact::PutBack(Setback::NotYet);
        assert!(teller.is_new(&packet(1), at(Stage::Seen), &waits));
        assert!(!teller.is_new(&packet(1), at(Stage::Seen), &waits));
        assert!(teller.is_new(&packet(2), at(Stage::Seen), &waits));
        assert!(teller.is_new(&packet(1), at(Stage::Seen), &Fact::PutBack(Setback::Poison)));
        let by = relayer_core::Carrier::Others;
        assert!(teller.is_new(&packet(1), at(Stage::Included { by }), &Fact::DoneByOthers));
        assert!(teller.is_new(&packet(1), at(Stage::Seen), &waits));
        assert!(!teller.is_new(&packet(2), at(Stage::Seen), &waits));
    }

    #[test]
    fn a_failure_that_lasts_is_told_again_after_a_while() {
        let mut teller = Teller::default();
        let (north, south) = (ChainName("north".into()), ChainName("south".into()));
        let start = Instant::now();
        assert!(teller.is_due(&north, "down", start));
        assert!(!teller.is_due(&north, "down", start));
        assert!(teller.is_due(&south, "down", start));
        assert!(teller.is_due(&north, "down", start + TELL_AGAIN));
    }

    #[test]
    fn a_failure_with_another_time_is_the_same() {
        let mut teller = Teller::default();
        let (north, start) = (ChainName("north".into()), Instant::now());
        let fault = |port: u16, until: u64| chain::Fault::Unreachable {
            endpoint: format!("http://127.0.0.1:{port}"),
            text: "connection refused".into(),
            until: Seconds(until),
        };
        let mut tell = |fault: chain::Fault| teller.is_due(&north, &fault.to_string(), start);
        assert!(tell(fault(8545, 1_800_000_000)));
        assert!(!tell(fault(8545, 1_800_000_060)));
        assert!(tell(fault(8546, 1_800_000_060)), "another endpoint");
        let text = |hash: &str| format!("transaction {hash}, of block 0x1f: bad face");
        assert_eq!(
            without_numbers(&text("0xab12")),
            "transaction # of block # bad face"
        );
    }

    /// A change that no other is like, whatever numbers are in it.
    fn skipped(number: usize) -> Fact {
        let letters = (0..4).map(|place| (b'g' + (number >> (4 * place) & 15) as u8) as char);
        let reason = letters.collect();
        Fact::Skipped { reason }
    }

    #[test]
    fn what_was_told_is_bounded() {
        let mut teller = Teller::default();
        for number in 0..2 * TOLD_MAX {
            assert!(teller.is_new(&packet(1), at(Stage::Seen), &skipped(number)));
            let chain = ChainName(number.to_string());
            teller.is_due(&chain, "down", Instant::now());
        }
        assert!(teller.moves[&packet(1)].len() <= TOLD_MAX && teller.failures.len() <= TOLD_MAX);
        for number in 0..MOVES_MAX + TOLD_MAX {
            let waits = Fact::PutBack(Setback::NotYet);
            teller.is_new(&packet(number as u64 + 2), at(Stage::Seen), &waits);
            let told = teller.moves_told;
            assert!((1..=MOVES_MAX).contains(&told), "{told} changes");
        }
        let told: usize = teller.moves.values().map(BTreeSet::len).sum();
        assert_eq!(teller.moves_told, told);
    }

    #[test]
    fn a_change_with_another_number_is_the_same() {
        let mut teller = Teller::default();
        let handed = |number| Fact::Handed {
            submission: chain::SubmissionId(number),
        };
        assert!(teller.is_new(&packet(1), at(Stage::Seen), &handed(1)));
        assert!(!teller.is_new(&packet(1), at(Stage::Seen), &handed(2)));
    }

    #[test]
    fn what_was_told_of_a_packet_is_forgotten_when_it_is_parked() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), relayer_core::Keep::default()).unwrap();
        let (mut teller, metrics) = (Teller::default(), Metrics::default());
        let waits = Fact::PutBack(Setback::NotYet);
        teller.is_new(&packet(1), at(Stage::Seen), &waits);
        let parked = Note::Parked { packet: packet(1) };
        teller.tell(&parked, &metrics, &store);
        assert_eq!((teller.moves.len(), teller.moves_told), (0, 0));
    }
}
