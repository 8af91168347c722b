//! Everything that guardians did, as bytes, for a host that has no storage of its own shape: one encoding, read to its end.
//!
//! Numbers are big-endian and of 8 bytes, kinds of scopes 1 byte, lists begin with their length in 4 bytes. Version 1:
//! the set (number, small quorum, large quorum, list of addresses); used nonces (set, nonce, expiry); charges (account,
//! list of end and seconds); resumes (kind, key, set, serial, from when on); halts (how many there ever were, latest end, how
//! many have no end; list of kind, key, end, serial, partner). It must never read what it would not write.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use alloy_primitives::{Address, B256};

use crate::budget::{Account, Budget, Charge};
use crate::halt::{Book, Halt};
use crate::quorum::{Quorum, Set};
use crate::resume::Resume;
use crate::{Guardians, ScopeKind};

/// The version that is written here.
pub const VERSION: u8 = 1;

/// Bytes that are no snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read a snapshot of guardians, {part}: bytes missing, left over or not allowed")]
pub struct Corrupt {
    /// The part that can't be read.
    pub part: &'static str,
}

impl Guardians {
    /// The snapshot.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::from([VERSION]);
        put_set(&mut out, &self.set);
        put_length(&mut out, self.used.len());
        for ((set, nonce), expiry) in &self.used {
            put_numbers(&mut out, &[*set, *nonce, *expiry]);
        }
        put_length(&mut out, self.budget.charges.len());
        for (account, charges) in &self.budget.charges {
            out.extend_from_slice(account.0.as_slice());
            put_length(&mut out, charges.len());
            for charge in charges {
                put_numbers(&mut out, &[charge.end, charge.seconds]);
            }
        }
        put_length(&mut out, self.resumes.len());
        for (place, resume) in &self.resumes {
            put_place(&mut out, place);
            put_numbers(&mut out, &[resume.set, resume.serial, resume.ready_at]);
        }
        put_numbers(
            &mut out,
            &[self.halts.count, self.halts.latest, self.halts.endless],
        );
        put_length(&mut out, self.halts.halts.len());
        for (place, halt) in &self.halts.halts {
            put_place(&mut out, place);
            put_numbers(&mut out, &[halt.until, halt.serial, halt.partner]);
        }
        out
    }

    /// The guardians of a chain and contract from their snapshot.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn from_bytes(chain: B256, contract: B256, bytes: &[u8]) -> Result<Self, Corrupt> {
        let mut input = Reader { rest: bytes };
        if input.byte("the version")? != VERSION {
            return Err(Corrupt { part: "the version" });
        }
        let all = Self {
            chain,
            contract,
            set: input.set()?,
            used: input.used()?,
            budget: input.budget()?,
            resumes: input.resumes()?,
            halts: input.halts()?,
        };
        // What is out of order, or there twice, would be written in another way.
        if !input.rest.is_empty() || all.to_bytes() != bytes {
            return Err(Corrupt { part: "the order" });
        }
        Ok(all)
    }
}

fn put_set(out: &mut Vec<u8>, set: &Set) {
    put_numbers(out, &[set.id()]);
    for quorum in [Quorum::Small, Quorum::Large] {
        put_length(out, set.size(quorum));
    }
    put_length(out, set.guardians().len());
    for guardian in set.guardians() {
        out.extend_from_slice(guardian.as_slice());
    }
}

fn put_place(out: &mut Vec<u8>, (kind, key): &(ScopeKind, B256)) {
    let [.., number] = kind.number().to_be_bytes();
    out.push(number);
    out.extend_from_slice(key.as_slice());
}

fn put_numbers(out: &mut Vec<u8>, numbers: &[u64]) {
    for number in numbers {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

/// A list of more than 4 thousand million entries has no encoding; none is read back from what this writes.
fn put_length(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], Corrupt> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Corrupt { part })?;
        self.rest = rest;
        Ok(*taken)
    }

    fn byte(&mut self, part: &'static str) -> Result<u8, Corrupt> {
        self.array::<1>(part).map(u8::from_be_bytes)
    }

    fn number(&mut self, part: &'static str) -> Result<u64, Corrupt> {
        self.array(part).map(u64::from_be_bytes)
    }

    fn length(&mut self, part: &'static str) -> Result<u32, Corrupt> {
        self.array(part).map(u32::from_be_bytes)
    }

    fn place(&mut self, part: &'static str) -> Result<(ScopeKind, B256), Corrupt> {
        let number = u64::from(self.byte(part)?);
        let kind = ScopeKind::EACH.into_iter().find(|kind| kind.number() == number);
        Ok((kind.ok_or(Corrupt { part })?, self.array(part)?.into()))
    }

    fn set(&mut self) -> Result<Set, Corrupt> {
        let part = "the set";
        let id = self.number(part)?;
        let (small, large) = (self.length(part)?, self.length(part)?);
        let guardians = (0..self.length(part)?)
            .map(|_| self.array(part).map(Address::from))
            .collect::<Result<Vec<_>, _>>()?;
        let [small, large] = [small, large].map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        Set::new(id, guardians, small, large).map_err(|_| Corrupt { part })
    }

    fn used(&mut self) -> Result<BTreeMap<(u64, u64), u64>, Corrupt> {
        let part = "the used nonces";
        (0..self.length(part)?)
            .map(|_| Ok(((self.number(part)?, self.number(part)?), self.number(part)?)))
            .collect()
    }

    fn budget(&mut self) -> Result<Budget, Corrupt> {
        let part = "the charges";
        let mut charges = BTreeMap::new();
        for _ in 0..self.length(part)? {
            let account = Account(self.array(part)?.into());
            let list = (0..self.length(part)?)
                .map(|_| {
                    Ok(Charge {
                        end: self.number(part)?,
                        seconds: self.number(part)?,
                    })
                })
                .collect::<Result<Vec<_>, _>>()?;
            charges.insert(account, list);
        }
        Ok(Budget { charges })
    }

    fn resumes(&mut self) -> Result<BTreeMap<(ScopeKind, B256), Resume>, Corrupt> {
        let part = "the resumes";
        (0..self.length(part)?)
            .map(|_| {
                let place = self.place(part)?;
                let (set, serial) = (self.number(part)?, self.number(part)?);
                let ready_at = self.number(part)?;
                Ok((
                    place,
                    Resume {
                        set,
                        serial,
                        ready_at,
                    },
                ))
            })
            .collect()
    }

    fn halts(&mut self) -> Result<Book, Corrupt> {
        let part = "the halts";
        let mut book = Book {
            count: self.number(part)?,
            latest: self.number(part)?,
            endless: self.number(part)?,
            halts: BTreeMap::new(),
        };
        for _ in 0..self.length(part)? {
            let place = self.place(part)?;
            let halt = Halt {
                until: self.number(part)?,
                serial: self.number(part)?,
                partner: self.number(part)?,
            };
            book.halts.insert(place, halt);
        }
        Ok(book)
    }
}
