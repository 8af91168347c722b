//! Halts of a client by its guardians, through the entry points.

use alloy_primitives::{Address, B256, keccak256};
use guardian_core::digest::{Statement, Ticket};
use guardian_core::quorum::Set;
use guardian_core::{Scope, ScopeKind};
use k256::ecdsa::SigningKey;
use wasm_client::{Approval, GuardWord, Message, NextSet, ROTATION_DELAY_SECONDS};
use wire::sign::Domain;

use crate::host::{Chain, Said};
use crate::scene::{Vector, create_guarded, prove, vector};

pub(crate) const HOUR: u64 = 3600;

/// Five keys, ascending by address; two make the small quorum, three the large one.
pub(crate) struct Council {
    keys: Vec<(Address, SigningKey)>,
    set: u64,
    chain_id: &'static str,
    client_id: &'static str,
}

impl Council {
    pub(crate) fn new(seed: u8) -> Self {
        let mut keys: Vec<_> = (0..5)
            .map(|number| {
                let key = SigningKey::from_bytes(&keccak256([seed, number]).0.into()).unwrap();
                let point = key.verifying_key().to_encoded_point(false);
                (Address::from_word(keccak256(&point.as_bytes()[1..])), key)
            })
            .collect();
        keys.sort_by_key(|(address, _)| *address);
        Self {
            keys,
            set: 1,
            chain_id: "east-1",
            client_id: "08-wasm-0",
        }
    }

    /// The same guardians as the set with this number.
    pub(crate) fn numbered(self, set: u64) -> Self {
        Self { set, ..self }
    }

    pub(crate) fn next_set(&self) -> NextSet {
        NextSet {
            small: 2,
            large: 3,
            guardians: self.keys.iter().map(|(address, _)| *address).collect(),
        }
    }

    /// The set behind the constants of a client that is created, by docs/formats/wasm.md.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = vec![2, 3, 5];
        for (address, _) in &self.keys {
            out.extend_from_slice(address.as_slice());
        }
        out
    }

    fn scope(&self) -> Scope {
        Scope {
            kind: ScopeKind::Client,
            path: keccak256(self.client_id),
            item: B256::ZERO,
        }
    }

    fn approve(&self, signers: usize, statement: Statement, nonce: u64, now: u64) -> Approval {
        let domain = Domain {
            chain: keccak256(self.chain_id),
            contract: keccak256(self.client_id),
            set: self.set,
        };
        let expiry = now + HOUR;
        let digest = statement.digest(&domain, Ticket { nonce, expiry });
        let sign = |(_, key): &(Address, SigningKey)| {
            let (signature, parity) = key.sign_prehash_recoverable(digest.as_slice()).unwrap();
            let mut bytes = [0; 65];
            bytes[..64].copy_from_slice(&signature.to_bytes());
            bytes[64] = 27 + parity.to_byte();
            bytes
        };
        Approval {
            nonce,
            expiry,
            signatures: self.keys.iter().take(signers).map(sign).collect(),
        }
    }

    pub(crate) fn halt(&self, signers: usize, seconds: u64, nonce: u64, now: u64) -> GuardWord {
        let statement = Statement::Halt(self.scope(), seconds);
        GuardWord::Halt(seconds, self.approve(signers, statement, nonce, now))
    }

    pub(crate) fn confirm(&self, signers: usize, seconds: u64, nonce: u64, now: u64) -> GuardWord {
        let statement = Statement::Confirm(self.scope(), seconds);
        GuardWord::Confirm(seconds, self.approve(signers, statement, nonce, now))
    }

    fn resume(&self, signers: usize, serial: u64, nonce: u64, now: u64) -> GuardWord {
        let statement = Statement::Resume(self.scope(), serial);
        GuardWord::ScheduleResume(serial, self.approve(signers, statement, nonce, now))
    }

    pub(crate) fn rotation(&self, signers: usize, next: &Self, nonce: u64, now: u64) -> GuardWord {
        let set = Set::new(2, next.next_set().guardians, 2, 3).unwrap();
        let statement = Statement::Rotation(set.hash());
        GuardWord::ScheduleRotation(next.next_set(), self.approve(signers, statement, nonce, now))
    }
}

/// A guarded client with a proof that it accepts.
pub(crate) fn guarded(council: &Council) -> (Chain, Vector) {
    let vector = vector("accept/member_value_with_leading_zero.json");
    let mut chain = Chain::new();
    create_guarded(&mut chain, &vector, &council.bytes()).unwrap();
    prove(&mut chain, &vector).unwrap();
    (chain, vector)
}

pub(crate) fn say(chain: &mut Chain, word: GuardWord) -> Said {
    chain.bring(&Message::Guard(word).to_bytes())
}

fn refused(rule: &str) -> Said {
    Err(rule.into())
}

#[test]
fn a_halted_client_is_active_and_proves_nothing_until_the_halt_ends() {
    let council = Council::new(1);
    let (mut chain, vector) = guarded(&council);
    let word = council.halt(2, HOUR, 1, chain.now);
    say(&mut chain, word).unwrap();
    assert_eq!(chain.status(), "Active");
    assert_eq!(prove(&mut chain, &vector), refused("Halted"));
    let absent = vector_of_absence();
    assert_eq!(prove(&mut chain, &absent), refused("Halted"));
    chain.now += HOUR - 1;
    assert_eq!(prove(&mut chain, &vector), refused("Halted"));
    chain.now += 1;
    prove(&mut chain, &vector).unwrap();
    prove(&mut chain, &absent).unwrap();
}

fn vector_of_absence() -> Vector {
    vector("accept/absent.json")
}

#[test]
fn a_halted_client_learns_on() {
    let council = Council::new(1);
    let vector = vector("accept/finality_absent_5.json");
    let mut chain = Chain::new();
    create_guarded(&mut chain, &vector, &council.bytes()).unwrap();
    let word = council.halt(2, HOUR, 1, chain.now);
    say(&mut chain, word).unwrap();
    chain.now = vector.times[0];
    chain
        .bring(&Message::Update(vector.updates[0].to_vec()).to_bytes())
        .unwrap();
}

#[test]
fn quorums_budget_nonces_and_expiry_are_those_of_the_law() {
    let council = Council::new(1);
    let (mut chain, _) = guarded(&council);
    let now = chain.now;
    let mut tried = |word| say(&mut chain, word);
    assert_eq!(
        tried(council.halt(1, HOUR, 1, now)),
        refused("not_enough_signers")
    );
    assert_eq!(
        tried(council.halt(2, HOUR - 1, 1, now)),
        refused("wrong_duration")
    );
    assert_eq!(
        tried(council.confirm(2, HOUR, 1, now)),
        refused("not_enough_signers")
    );
    assert_eq!(
        tried(council.confirm(3, 30 * 24 * HOUR + 1, 1, now)),
        refused("wrong_duration")
    );
    assert_eq!(
        tried(council.halt(2, HOUR, 1, now - HOUR - 1)),
        refused("expired")
    );
    assert_eq!(
        tried(council.halt(2, HOUR, 1, now + 24 * HOUR)),
        refused("expiry_too_far")
    );
    tried(council.halt(2, HOUR, 1, now)).unwrap();
    assert_eq!(tried(council.halt(2, 2 * HOUR, 1, now)), refused("nonce_used"));
    assert_eq!(tried(council.halt(2, 24 * HOUR, 2, now)), refused("over_budget"));
    tried(council.halt(2, 23 * HOUR, 3, now)).unwrap();
    assert_eq!(
        tried(council.confirm(3, 23 * HOUR, 4, now)),
        refused("nothing_added")
    );
    tried(council.confirm(3, 30 * 24 * HOUR, 5, now)).unwrap();
}

#[test]
fn a_signature_counts_for_one_client_on_one_chain() {
    let council = Council::new(1);
    let (mut chain, _) = guarded(&council);
    for (chain_id, client_id) in [("west-1", "08-wasm-0"), ("east-1", "08-wasm-1")] {
        let elsewhere = Council {
            chain_id,
            client_id,
            ..Council::new(1)
        };
        let word = elsewhere.halt(2, HOUR, 1, chain.now);
        assert_eq!(say(&mut chain, word), refused("not_a_guardian"));
    }
}

#[test]
fn a_resume_waits_an_hour_and_a_halt_in_between_cancels_it() {
    let council = Council::new(1);
    let (mut chain, vector) = guarded(&council);
    let word = council.confirm(3, 24 * HOUR, 1, chain.now);
    say(&mut chain, word).unwrap();
    let word = council.resume(2, 1, 2, chain.now);
    assert_eq!(say(&mut chain, word), refused("not_enough_signers"));
    let word = council.resume(3, 1, 2, chain.now);
    say(&mut chain, word).unwrap();
    chain.now += HOUR - 1;
    assert_eq!(
        say(&mut chain, GuardWord::ExecuteResume),
        refused("resume_too_early")
    );
    let word = council.halt(2, HOUR, 3, chain.now);
    say(&mut chain, word).unwrap();
    chain.now += 1;
    assert_eq!(say(&mut chain, GuardWord::ExecuteResume), refused("halted_again"));
    // Each halt of a client has two numbers: its own and that of the contract behind it.
    let word = council.resume(3, 3, 4, chain.now);
    say(&mut chain, word).unwrap();
    chain.now += HOUR;
    assert_eq!(prove(&mut chain, &vector), refused("Halted"));
    say(&mut chain, GuardWord::ExecuteResume).unwrap();
    prove(&mut chain, &vector).unwrap();
    assert_eq!(say(&mut chain, GuardWord::ExecuteResume), refused("no_resume"));
}

#[test]
fn a_set_follows_another_after_a_week() {
    let (old, new) = (Council::new(1), Council::new(2));
    let (mut chain, _) = guarded(&old);
    assert_eq!(say(&mut chain, GuardWord::ExecuteRotation), refused("NoRotation"));
    let word = old.rotation(2, &new, 1, chain.now);
    assert_eq!(say(&mut chain, word), refused("not_enough_signers"));
    let word = old.rotation(3, &new, 1, chain.now);
    say(&mut chain, word).unwrap();
    // Within the trust period, which is a week too, the rotation is not yet due at its last second.
    chain.now += ROTATION_DELAY_SECONDS - 24 * HOUR;
    assert_eq!(
        say(&mut chain, GuardWord::ExecuteRotation),
        refused("RotationEarly")
    );
    let word = old.halt(2, HOUR, 2, chain.now);
    say(&mut chain, word).unwrap();
    chain.now += 24 * HOUR;
    say(&mut chain, GuardWord::ExecuteRotation).unwrap();
    let word = old.halt(2, HOUR, 3, chain.now);
    assert_eq!(say(&mut chain, word), refused("not_a_guardian"));
    let new = new.numbered(2);
    let word = new.halt(2, HOUR, 3, chain.now);
    say(&mut chain, word).unwrap();
    assert_eq!(say(&mut chain, GuardWord::ExecuteRotation), refused("NoRotation"));
}

#[test]
fn a_set_that_no_guardian_could_form_does_not_follow() {
    let (old, new) = (Council::new(1), Council::new(2));
    let (mut chain, _) = guarded(&old);
    let approval = old.approve(3, Statement::Rotation(B256::ZERO), 1, chain.now);
    let alone = NextSet {
        small: 1,
        ..new.next_set()
    };
    let word = GuardWord::ScheduleRotation(alone, approval.clone());
    assert_eq!(say(&mut chain, word), refused("small_quorum"));
    let word = GuardWord::ScheduleRotation(new.next_set(), approval);
    assert_eq!(say(&mut chain, word), refused("not_a_guardian"));
}

#[test]
fn nobody_guards_a_client_that_named_nobody() {
    let council = Council::new(1);
    let vector = vector("accept/absent.json");
    let mut chain = Chain::new();
    create_guarded(&mut chain, &vector, &[0, 0, 0]).unwrap();
    let now = chain.now;
    for word in [council.halt(5, HOUR, 1, now), GuardWord::ExecuteResume] {
        assert_eq!(say(&mut chain, word), refused("NoGuardians"));
    }
    for set in [&[1, 2, 0][..], &[2, 3, 0], &[0, 0, 1]] {
        let mut other = Chain::new();
        assert!(create_guarded(&mut other, &vector, set).is_err());
    }
}

#[test]
fn what_guardians_did_takes_no_more_room_with_time() {
    let council = Council::new(1);
    let (mut chain, _) = guarded(&council);
    let mut sizes = Vec::new();
    for nonce in 0..400 {
        chain.now += HOUR;
        // Each ends an hour after the one before it.
        let word = council.confirm(3, 2 * HOUR, nonce, chain.now);
        say(&mut chain, word).unwrap();
        sizes.push(chain.under("guardians").unwrap().len());
    }
    let settled = sizes.split_off(30);
    assert!(settled.iter().all(|size| *size == settled[0]), "{settled:?}");
}

/// Keccak-256 over words, written out once more.
fn hashed(words: &[B256]) -> B256 {
    keccak256(words.concat())
}

fn number(number: u64) -> B256 {
    let mut word = B256::ZERO;
    word.0[24..].copy_from_slice(&number.to_be_bytes());
    word
}

#[test]
fn what_is_signed_is_what_the_page_says() {
    let council = Council::new(1);
    let (chain, client) = (keccak256("east-1"), keccak256("08-wasm-0"));
    let mut tag = B256::ZERO;
    tag.0[..22].copy_from_slice(b"\x19Weighbridge statement");
    let digest = |kind: u64, statement: &[B256]| {
        hashed(&[
            tag,
            number(1),
            number(kind),
            chain,
            client,
            number(1),
            hashed(statement),
        ])
    };
    let mut set = vec![number(2), number(3)];
    set.extend(council.next_set().guardians.iter().map(Address::into_word));
    let zero = B256::ZERO;
    for (statement, kind, words) in [
        (
            Statement::Halt(council.scope(), 7200),
            3,
            [number(1), client, zero, number(7200)],
        ),
        (
            Statement::Resume(council.scope(), 5),
            5,
            [number(1), client, zero, number(5)],
        ),
        (
            Statement::Rotation(hashed(&set)),
            7,
            [zero, zero, hashed(&set), zero],
        ),
    ] {
        let domain = Domain {
            chain,
            contract: client,
            set: 1,
        };
        let (nonce, expiry) = (8, 9);
        let said = statement.digest(&domain, Ticket { nonce, expiry });
        let words = [&[number(nonce), number(expiry)][..], &words].concat();
        assert_eq!(said, digest(kind, &words));
    }
    // The set's own hash is the one that is signed.
    let next = Set::new(2, council.next_set().guardians, 2, 3).unwrap();
    assert_eq!(next.hash(), hashed(&set));
}
