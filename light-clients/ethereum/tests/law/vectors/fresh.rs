//! Mutants of every accepted case from one fresh seed. The law judges them here; for forge they are written down with the
//! law's verdict, so that the contract judges the very same bytes.
//!
//! `WEIGHBRIDGE_SEED` chooses the mutants; `WEIGHBRIDGE_MUTANTS` is the folder to write, as docs/formats/beacon.md says.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{env, fs};

use alloy_primitives::Bytes;
use dice::Dice;
use ethereum::codec::decode_update;

use super::format::Vector;
use super::{folder, replay};

/// Mutants in an ordinary run, and in one that writes them down.
const FEW: usize = 60;
const MANY: usize = 400;
/// Places of the update that decide how long its parts are: version and flags, the attested slot, the sync bits.
const LENGTHS: [Range<usize>; 3] = [0..2, 10..18, 554..618];
/// The signature slot is not signed: another one of the same period and fork says the same.
const UNSIGNED: Range<usize> = 2..10;
/// Of a bootstrap, slot, proposer and parent: a creator may start wherever he likes, on a block that he makes up.
const FREE_START: Range<usize> = 1..49;

/// The bytes of a case that its mutants differ in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Update,
    Evidence,
    Bootstrap,
    Value,
    Proof,
}

impl Field {
    fn of(kind: &str, dice: &mut Dice) -> Self {
        match kind {
            "update" => Self::Update,
            "misbehaviour" => Self::Evidence,
            "start" => Self::Bootstrap,
            "member" if dice.below(8) == 0 => Self::Value,
            "member" | "absent" | "batch" => Self::Proof,
            other => panic!("a case of unknown kind {other}"),
        }
    }

    fn place(self, vector: &mut Vector) -> &mut Bytes {
        match self {
            Self::Update => vector.updates.last_mut().unwrap(),
            Self::Evidence => &mut vector.evidence,
            Self::Bootstrap => &mut vector.bootstrap,
            Self::Value => &mut vector.value,
            Self::Proof => &mut vector.proof,
        }
    }

    /// Where the updates in it begin.
    fn updates(self, bytes: &[u8]) -> Vec<usize> {
        match self {
            Self::Update => vec![0],
            Self::Evidence => {
                let first = u32::from_be_bytes(bytes[..4].try_into().unwrap());
                vec![4, 4 + first as usize]
            }
            Self::Bootstrap | Self::Value | Self::Proof => Vec::new(),
        }
    }

    /// Where a change may say the same, or something else that is true: left alone.
    fn free(self, bytes: &[u8]) -> Vec<Range<usize>> {
        match self {
            Self::Bootstrap => vec![FREE_START],
            _ => moved(&[UNSIGNED], &self.updates(bytes)),
        }
    }

    /// Where a change makes what follows too long or too short.
    fn lengths(self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut places = moved(&LENGTHS, &self.updates(bytes));
        match self {
            Self::Evidence => places.push(0..4),
            Self::Bootstrap => places.push(0..1),
            Self::Update | Self::Value | Self::Proof => {}
        }
        places
    }
}

fn moved(ranges: &[Range<usize>], by: &[usize]) -> Vec<Range<usize>> {
    let each = |at: &usize| {
        let at = *at;
        ranges.iter().map(move |range| range.start + at..range.end + at)
    };
    by.iter().flat_map(each).collect()
}

fn overlaps(range: &Range<usize>, others: &[Range<usize>]) -> bool {
    others
        .iter()
        .any(|other| range.start < other.end && other.start < range.end)
}

/// Changes `bytes` outside of `free`: what was touched comes back, nothing if the length is another now.
fn change(bytes: &mut Vec<u8>, free: &[Range<usize>], dice: &mut Dice) -> Option<Range<usize>> {
    let length = bytes.len();
    let kind = dice.below(10);
    let size = if kind < 4 { 1 } else { length.min(32) };
    let touched = loop {
        let start = dice.index(length + 1 - size);
        if !overlaps(&(start..start + size), free) {
            break start..start + size;
        }
    };
    match kind {
        0..=2 => bytes[touched.start] ^= 1 << dice.below(8),
        3 => bytes[touched.start] = dice.roll() as u8,
        4 => bytes[touched.clone()].fill(0),
        5 => {
            let from = dice.index(length + 1 - size);
            bytes.copy_within(from..from + size, touched.start);
        }
        6 => bytes.insert(touched.start, dice.roll() as u8),
        7 => drop(bytes.remove(touched.start)),
        8 => bytes.truncate(touched.start),
        _ => {
            let more = 1 + dice.below(40);
            bytes.extend((0..more).map(|_| dice.roll() as u8));
        }
    }
    (bytes.len() == length).then_some(touched)
}

/// A mutant of `vector`, and whether all parts of it have the length that they should have.
fn mutant(vector: &Vector, dice: &mut Dice) -> (Vector, bool) {
    let mut mutant = vector.clone();
    let field = Field::of(&vector.kind, dice);
    let place = field.place(&mut mutant);
    let original = place.to_vec();
    let (free, lengths) = (field.free(&original), field.lengths(&original));
    loop {
        let mut bytes = original.clone();
        let touched = change(&mut bytes, &free, dice);
        if bytes != original && !is_whole_without_account(vector, field, &original, &bytes) {
            *place = bytes.into();
            let fits = touched.is_some_and(|touched| !overlaps(&touched, &lengths));
            return (mutant, fits);
        }
    }
}

/// Whether nothing but the account proof is cut off from an update with a next committee: that one says less, but it is
/// whole.
fn is_whole_without_account(vector: &Vector, field: Field, original: &[u8], mutant: &[u8]) -> bool {
    if field != Field::Update {
        return false;
    }
    let update = decode_update(&vector.config().unwrap().network, original).unwrap();
    let whole = original.len() - update.account_proof.len();
    update.next.is_some() && mutant == &original[..whole]
}

/// The accepted cases, by name.
fn accepted() -> Vec<(String, Vector)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder().join("accept"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let named = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, Vector::from_json(&fs::read_to_string(&path).unwrap()))
    };
    paths.into_iter().map(named).collect()
}

/// Each mutant is refused. It is written with the name of the rule that refuses it, or, where the length of a part is
/// wrong, among those of which it is only fixed that they are refused.
#[test]
fn fresh_mutants_are_refused() {
    let seed = env::var("WEIGHBRIDGE_SEED").map_or(0, |seed| seed.parse().expect("the seed is a number"));
    let target = env::var_os("WEIGHBRIDGE_MUTANTS").map(PathBuf::from);
    let count = if target.is_some() { MANY } else { FEW };
    println!("{count} mutants of seed {seed}: WEIGHBRIDGE_SEED={seed} makes them again");
    let cases = accepted();
    let is_proof = |case: &&(String, Vector)| ["member", "absent", "batch"].contains(&case.1.kind.as_str());
    let (proofs, messages): (Vec<_>, Vec<_>) = cases.iter().partition(is_proof);
    let mut dice = Dice::new(seed);
    for number in 0..count {
        // There are few cases with storage proofs, and as many ways to break one.
        let from = if number % 4 == 0 { &proofs } else { &messages };
        let (name, original) = from[dice.index(from.len())];
        let (mut mutant, fits) = mutant(original, &mut dice);
        let verdict = replay::verdict(name, &mutant);
        let Err(reject) = verdict else {
            panic!("mutant {number} of seed {seed}, of {name}, is accepted: {verdict:?}");
        };
        mutant.error = replay::name(&reject);
        mutant.result.clear();
        if let Some(target) = &target {
            let kind = if fits { "named" } else { "refused" };
            write(&target.join(kind), &format!("{number:03}-{name}.json"), &mutant);
        }
    }
}

fn write(folder: &Path, name: &str, mutant: &Vector) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name), mutant.to_json()).unwrap();
}
