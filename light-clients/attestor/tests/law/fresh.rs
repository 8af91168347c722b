//! Histories and mutants from one fresh seed. The law judges them here; for forge they are written down with the law's
//! verdict, so that the contract judges the very same bytes.
//!
//! `WEIGHBRIDGE_SEED` chooses them; `WEIGHBRIDGE_MUTANTS` is the folder to write, as docs/formats/beacon.md says.

use std::path::PathBuf;
use std::{env, fs};

use alloy_primitives::B256;
use attestor::testing::Keys;
use attestor::{Attestation, Attestor, Claim, Config, Evidence, Rotation, Set, Update};
use dice::Dice;
use ethereum::testing::filler;
use wire::Seconds;

use crate::fixture::{HEIGHT, INTERVAL, NOW, World};
use crate::format::Vector;
use crate::{reject, replay, vectors};

/// Cases in an ordinary run, and in one that writes them down.
const FEW: usize = 60;
const MANY: usize = 400;
const DAY: u64 = 86_400;

/// A client and those who sign for it: what happens to it is a matter of dice.
struct History {
    keys: Keys,
    heirs: Keys,
    threshold: u64,
    config: Config,
    vector: Vector,
    /// The set that signs, as far as the dice know.
    rotated: bool,
    later: u64,
}

impl History {
    fn new(world: &World, dice: &mut Dice) -> Self {
        let count = 2 + dice.below(8);
        let mut keys = Keys::new(dice.roll(), count);
        keys.compact = dice.one_in(2);
        let weights: Vec<u64> = (0..count).map(|_| 1 + dice.below(3)).collect();
        let total: u64 = weights.iter().sum();
        let threshold = 1 + total / 3 + dice.below(total / 3 + 1) + u64::from(dice.one_in(9)) * total;
        let signers = keys.addresses().into_iter().zip(weights);
        let attestors = signers.map(|(signer, weight)| Attestor { signer, weight });
        let mut vector = Vector::new(world);
        vector.about = "made by dice".into();
        vector.capacity = 2 + dice.below(6) as u32;
        let words = match Set::new(threshold, attestors.collect()) {
            Ok(set) => set.to_words(),
            // Then the start is what is judged, or a set that starts.
            Err(_) if dice.one_in(4) => reject::bad_sets(world)[dice.below(13) as usize].1.clone(),
            Err(_) => keys.set(count.min(1 + count / 2).max(2)).unwrap().to_words(),
        };
        vector.set = words.into();
        let mut heirs = Keys::new(dice.roll(), 3);
        heirs.compact = dice.one_in(2);
        Self {
            keys,
            heirs,
            threshold: 2,
            config: vector.config(),
            vector,
            rotated: false,
            later: 0,
        }
    }

    fn signers(&self, dice: &mut Dice) -> Vec<u8> {
        let count = self.who().addresses().len() as u8;
        let generous = 2 + dice.below(20);
        let mut signers: Vec<u8> = (0..count).filter(|_| !dice.one_in(1 + generous)).collect();
        if dice.one_in(25) && signers.len() > 1 {
            signers.swap(0, 1);
        }
        signers
    }

    fn who(&self) -> &Keys {
        if self.rotated { &self.heirs } else { &self.keys }
    }

    fn domain(&self, dice: &mut Dice) -> wire::sign::Domain {
        let set = if self.rotated { 2 } else { 1 };
        self.config.domain(if dice.one_in(30) { set + 1 } else { set })
    }

    fn claim(&self, height: u64, dice: &mut Dice) -> Claim {
        let storage_root = if dice.one_in(40) {
            B256::ZERO
        } else {
            filler("root", &[height, u64::from(dice.one_in(8))])
        };
        let early = 12_345 * u64::from(dice.one_in(30));
        let timestamp = Seconds(NOW.0 - 9 * 3_600 + 40 * height - early);
        Claim {
            timestamp,
            storage_root,
        }
    }

    fn state(&self, domain: &wire::sign::Domain, height: u64, dice: &mut Dice) -> Attestation {
        let claim = self.claim(height, dice);
        Attestation {
            height,
            claim,
            signatures: self.who().attest(domain, height, &claim, &self.signers(dice)),
        }
    }

    /// One step more.
    fn step(mut self, dice: &mut Dice) -> Self {
        self.later += dice.below(9_000) + if dice.one_in(8) { dice.below(4 * DAY) } else { 0 };
        let height = HEIGHT + INTERVAL * dice.below(10) + u64::from(dice.one_in(30));
        let later = self.later;
        let domain = self.domain(dice);
        match dice.below(12) {
            0..=6 => {
                let update = Update::State(self.state(&domain, height, dice));
                self.vector = self.vector.update(&update, later);
            }
            7 => {
                let other = height + INTERVAL * dice.below(3) * dice.below(2);
                let evidence = Evidence {
                    first: self.state(&domain, height, dice),
                    second: self.state(&domain, other, dice),
                };
                self.vector = self.vector.evidence(&evidence, later);
            }
            8..=9 => {
                let rotation = Rotation {
                    nonce: dice.below(2) * dice.below(2),
                    expiry: Seconds(NOW.0 + later + dice.below(32 * DAY) - dice.below(3) * 1_000),
                    set: self.heirs.set(self.threshold).unwrap(),
                    signatures: Vec::new(),
                };
                let rotation = self.who().rotate(&domain, rotation, &self.signers(dice));
                self.vector = self.vector.update(&Update::Rotation(rotation), later);
            }
            10 => {
                self.later += dice.below(2) * 2 * DAY;
                self.rotated = true;
                self.vector = self.vector.complete(self.later);
            }
            _ => self.vector = self.vector.veto(later),
        }
        self
    }
}

/// What happens until something is refused, or for some steps.
fn history(world: &World, dice: &mut Dice) -> Vector {
    let mut history = History::new(world, dice);
    for _ in 0..1 + dice.below(6) {
        if !replay::filled(&history.vector).error.is_empty() {
            break;
        }
        history = history.step(dice);
    }
    history.vector
}

/// A shared vector with a change somewhere in what it judges.
fn mutant(cases: &[(String, Vector)], dice: &mut Dice) -> Vector {
    let (_, original) = &cases[dice.below(cases.len() as u64) as usize];
    let mut mutant = original.clone();
    match mutant.kind.as_str() {
        "start" => bend(&mut mutant.set, 0, dice),
        "step" => bend(mutant.steps.last_mut().unwrap(), 1, dice),
        "member" if dice.one_in(5) => bend(&mut mutant.value, 0, dice),
        _ => bend(&mut mutant.proof, 0, dice),
    }
    // A set is words.
    let whole = mutant.set.len() / 32 * 32;
    mutant.set.truncate(whole);
    if mutant.set.is_empty() {
        mutant.set = original.set.clone();
    }
    mutant
}

/// Changes bytes from `free` on.
fn bend(bytes: &mut alloy_primitives::Bytes, free: usize, dice: &mut Dice) {
    let mut bent = bytes.to_vec();
    let at = free + dice.below((bent.len() - free).max(1) as u64) as usize;
    match dice.below(6) {
        _ if at >= bent.len() => bent.push(dice.roll() as u8),
        0..=2 => bent[at] ^= 1 << dice.below(8),
        3 => bent.insert(at, dice.roll() as u8),
        4 => bent.truncate(at.max(free)),
        _ => drop(bent.remove(at)),
    }
    *bytes = bent.into();
}

/// Every case is judged without a panic, and written with the law's verdict.
#[test]
fn fresh_mutants_are_judged() {
    let seed = env::var("WEIGHBRIDGE_SEED").map_or(0, |seed| seed.parse().expect("the seed is a number"));
    let target = env::var_os("WEIGHBRIDGE_MUTANTS").map(|folder| PathBuf::from(folder).join("attestor"));
    let count = if target.is_some() { MANY } else { FEW };
    println!("{count} cases of attestors of seed {seed}: WEIGHBRIDGE_SEED={seed} makes them again");
    let world = World::new();
    let cases = vectors::cases(&world);
    let mut dice = Dice::new(seed);
    let mut verdicts = std::collections::BTreeMap::<String, usize>::new();
    for number in 0..count {
        let case = if number % 2 == 0 {
            history(&world, &mut dice)
        } else {
            mutant(&cases, &mut dice)
        };
        let judged = replay::filled(&Vector {
            result: String::new(),
            ..case
        });
        let verdict = if judged.error.is_empty() {
            &judged.result
        } else {
            &judged.error
        };
        *verdicts.entry(verdict.clone()).or_default() += 1;
        if let Some(target) = &target {
            fs::create_dir_all(target).unwrap();
            let text = serde_json::to_string_pretty(&judged).unwrap();
            fs::write(target.join(format!("{number:03}.json")), text).unwrap();
        }
    }
    println!("{verdicts:?}");
    assert!(verdicts.len() > 12, "too few ways to end: {verdicts:?}");
}
