//! What attestors have signed before this relayer: one who signs two claims about one block, or a later block of an earlier time, is
//! found out. Of two blocks only what one attestor signed of both is seen: with a threshold of at most a half others could contradict
//! each other there.
//!
//! Kept in memory, for the newest blocks of each set of attestors, and bounded: of a liar's many claims about one block a few
//! are enough. What was found is evidence that stands for itself; the contract judges it, whoever brings it. It is written
//! down before anybody is told, where there is a folder for it.
//!
//! What this module must never do: take a signature for an attestor's that the law crate does not.

use crate::evidence::Folder;
use alloy_primitives::B256;
use attestor::{Attestation, Claim, Evidence, Signed, Trusted};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use wire::Seconds;

/// Sets of attestors, blocks of a set and claims about a block that are remembered.
const SETS_MAX: usize = 64;
const BLOCKS_MAX: usize = 512;
const CLAIMS_MAX: usize = 8;

/// For whom an attestor signs: the chain and the contract of a client, and the number of its set.
pub(crate) type Audience = (B256, B256, u64);

/// The memory.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    said: Mutex<BTreeMap<Audience, BTreeMap<u64, Vec<Attestation>>>>,
    kept: Option<Folder>,
}

impl Witness {
    /// One that writes down what it finds in `folder`, and finds what is there.
    pub(crate) fn keeping(folder: Folder) -> Self {
        Self {
            kept: Some(folder),
            ..Self::default()
        }
    }

    /// Remembers that an attestor of `trusted` signed `claim` about block `height`; the signature was recovered before.
    pub(crate) fn note(&self, trusted: &Trusted, height: u64, claim: &Claim, signed: &Signed) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let audience = audience_of(trusted);
        if said.len() >= SETS_MAX && !said.contains_key(&audience) {
            said.clear();
        }
        let blocks = said.entry(audience).or_default();
        remember(blocks.entry(height).or_default(), height, claim, signed);
        if blocks.len() > BLOCKS_MAX {
            blocks.pop_first();
        }
    }

    /// Evidence against attestors of `trusted` who still count, if they contradicted themselves.
    pub(crate) fn evidence(&self, trusted: &Trusted, now: Seconds) -> Option<Evidence> {
        let heard = self.heard(trusted, now);
        match (&heard, &self.kept) {
            (Some(evidence), Some(folder)) => folder.keep(trusted, evidence),
            (None, Some(folder)) => return folder.find(trusted, now),
            (_, None) => {}
        }
        heard
    }

    fn heard(&self, trusted: &Trusted, now: Seconds) -> Option<Evidence> {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let blocks = said.get(&audience_of(trusted))?;
        let of_one_block = blocks.values().flat_map(|statements| {
            let pairs = statements.iter().enumerate();
            pairs.flat_map(|(at, second)| statements.iter().take(at).map(move |first| (first, second)))
        });
        let mut pairs = of_one_block.chain(backwards(blocks));
        pairs.find_map(|(first, second)| attestor::contradiction(trusted, first, second, now))
    }
}

/// Statements about two blocks that one attestor signed and of which the higher is the earlier one.
fn backwards(blocks: &BTreeMap<u64, Vec<Attestation>>) -> Vec<(&Attestation, &Attestation)> {
    // By attestor, the latest time that one of a lower block has.
    let mut latest: BTreeMap<u8, &Attestation> = BTreeMap::new();
    let mut pairs = Vec::new();
    for statement in blocks.values().flatten() {
        for signed in &statement.signatures {
            let before = latest.entry(signed.index).or_insert(statement);
            if before.claim.timestamp <= statement.claim.timestamp {
                *before = statement;
            } else if before.height < statement.height {
                pairs.push((*before, statement));
            }
        }
    }
    pairs
}

fn remember(statements: &mut Vec<Attestation>, height: u64, claim: &Claim, signed: &Signed) {
    let known = statements.iter().position(|statement| statement.claim == *claim);
    let at = known.unwrap_or(statements.len());
    if known.is_none() && statements.len() < CLAIMS_MAX {
        statements.push(Attestation {
            height,
            claim: *claim,
            signatures: Vec::new(),
        });
    }
    let Some(Attestation { signatures, .. }) = statements.get_mut(at) else {
        return;
    };
    if let Err(place) = signatures.binary_search_by_key(&signed.index, |one| one.index) {
        signatures.insert(place, signed.clone());
    }
}

pub(crate) fn audience_of(trusted: &Trusted) -> Audience {
    let config = &trusted.config;
    (config.host, config.contract, trusted.set_id)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use attestor::testing::Keys;

    pub(crate) const HEIGHT: u64 = 12;
    pub(crate) const NOW: Seconds = Seconds(200);

    pub(crate) fn claim(byte: u8) -> Claim {
        Claim {
            timestamp: Seconds(100),
            storage_root: B256::repeat_byte(byte),
        }
    }

    /// A client that believes two of three.
    pub(crate) fn client(keys: &Keys) -> Trusted {
        let config = attestor::Config {
            host: wire::sign::word(7),
            contract: B256::with_last_byte(9),
            commitments_slot: wire::COMMITMENTS_SLOT,
            trust_period: Seconds(1_000),
            interval: 4,
            capacity: 8,
            rotation_delay: Seconds(3_600),
        };
        Trusted::from_parts(config, keys.set(2).expect("a set"), 1, [], false).expect("a client")
    }

    #[test]
    fn who_signs_a_higher_block_of_an_earlier_time_is_found_out() {
        let (keys, witness) = (Keys::new(1, 3), Witness::default());
        let trusted = client(&keys);
        let note = |place: u8, height: u64, time: u64| {
            let claim = Claim {
                timestamp: Seconds(time),
                ..claim(1)
            };
            let signed = keys.attest(&trusted.config.domain(1), height, &claim, &[place]);
            witness.note(&trusted, height, &claim, &signed[0]);
        };
        // Whoever tells of a lower block later is honest, and so are two who differ.
        for (place, height, time) in [(0, 12, 100), (0, 16, 108), (1, 16, 90), (1, 12, 80), (2, 20, 95)] {
            note(place, height, time);
        }
        assert_eq!(witness.evidence(&trusted, NOW), None);
        // What lies between, and of a later time still, hides nothing.
        note(0, 24, 112);
        note(0, 20, 99);
        let evidence = witness.evidence(&trusted, NOW).expect("evidence");
        assert_eq!((evidence.first.height, evidence.second.height), (16, 20));
        let struck = attestor::check_misbehaviour(&trusted, &evidence, NOW).expect("the contract takes it");
        let weights: Vec<u64> = struck.set.attestors().iter().map(|one| one.weight).collect();
        assert_eq!(weights, vec![0, 1, 1]);
    }

    #[test]
    fn who_signs_two_claims_about_one_block_is_found_out_whatever_lies_between() {
        let (keys, witness) = (Keys::new(1, 3), Witness::default());
        let trusted = client(&keys);
        let note = |place: u8, height: u64, byte: u8| {
            let domain = trusted.config.domain(1);
            let signed = keys.attest(&domain, height, &claim(byte), &[place]);
            witness.note(&trusted, height, &claim(byte), &signed[0]);
        };
        note(0, HEIGHT, 1);
        note(0, HEIGHT, 1);
        note(1, HEIGHT, 2);
        note(0, HEIGHT + 4, 2);
        // One lies, and nobody contradicts himself.
        assert_eq!(witness.evidence(&trusted, NOW), None);
        for height in (HEIGHT + 8..).step_by(4).take(BLOCKS_MAX - 2) {
            note(2, height, 3);
        }
        for byte in 4..30 {
            note(1, HEIGHT, byte);
        }
        let evidence = witness.evidence(&trusted, NOW).expect("evidence");
        let struck = attestor::check_misbehaviour(&trusted, &evidence, NOW).expect("the contract takes it");
        let weights: Vec<u64> = struck.set.attestors().iter().map(|one| one.weight).collect();
        // Without him two of three can still sign.
        assert_eq!((weights, struck.frozen), (vec![1, 0, 1], false));
        assert_eq!(witness.evidence(&struck, NOW), None, "once");
        let said = witness.said.lock().expect("not poisoned");
        let blocks = said.values().next().expect("one set");
        assert_eq!((said.len(), blocks.len()), (1, BLOCKS_MAX));
        assert!(blocks.values().all(|statements| statements.len() <= CLAIMS_MAX));
        drop(said);
        note(2, HEIGHT + 8 + 4 * BLOCKS_MAX as u64, 3);
        assert_eq!(
            witness.evidence(&trusted, NOW),
            None,
            "the oldest block is forgotten"
        );
    }
}
