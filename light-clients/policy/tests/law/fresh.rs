//! Trees, leaves and mutants from one fresh seed. The law judges them here; for forge they are written down with the law's
//! verdict, so that the contract judges the very same bytes.
//!
//! `WEIGHBRIDGE_SEED` chooses them; `WEIGHBRIDGE_MUTANTS` is the folder to write, as docs/formats/beacon.md says.

use std::path::PathBuf;
use std::{env, fs};

use dice::Dice;
use policy::{Node, Policy};
use wire::Seconds;

use crate::cases;
use crate::format::{NOW, Vector, leaf, of};

/// Cases in an ordinary run, and in one that writes them down.
const FEW: usize = 200;
const MANY: usize = 600;

/// A tree over the next clients.
fn tree(dice: &mut Dice, depth: u64, next: &mut usize) -> Node {
    if depth == 3 || *next >= 7 || dice.one_in(3) {
        let client = *next;
        *next += 1;
        return if dice.one_in(3) {
            Node::After(Seconds(1 + dice.below(200)), leaf(client))
        } else {
            of(client)
        };
    }
    let count = 1 + dice.below(3);
    let children: Vec<Node> = (0..count).map(|_| tree(dice, depth + 1, next)).collect();
    match dice.below(3) {
        0 => Node::AllOf(children),
        1 => Node::AnyOf(children),
        _ => Node::AtLeast(1 + dice.below(count) as u8, children),
    }
}

/// A policy and leaves in any state.
fn scene(dice: &mut Dice) -> Vector {
    let root = loop {
        let root = tree(dice, 0, &mut 0);
        if Policy::new(root.clone()).is_ok() {
            break root;
        }
    };
    let kind = if dice.one_in(4) { "status" } else { "proof" };
    let mut vector = Vector::new(kind, &root);
    vector.about = "made by dice".into();
    for n in 0..10 {
        vector.halted[n] = u64::from(dice.one_in(8));
        vector.statuses[n] = if dice.one_in(2) { dice.below(4) } else { 0 };
        vector.revisions[n] = u64::from(dice.one_in(12));
        vector.heights[n] = 100 + dice.below(4);
        vector.timestamps[n] = if dice.one_in(10) {
            0
        } else {
            NOW - 10 + dice.below(6)
        };
        vector.learned[n] = if dice.one_in(6) { 0 } else { NOW - dice.below(400) };
    }
    if kind == "proof" {
        let count = Policy::new(root).unwrap().leaves().len() as u64;
        let places: Vec<usize> = (0..count as usize).filter(|_| !dice.one_in(5)).collect();
        vector = vector.proving(&places, dice.below(count) as usize);
    }
    vector
}

/// Changes a byte of what is judged.
fn bend(vector: &mut Vector, dice: &mut Dice) {
    let field = if vector.kind == "proof" && !dice.one_in(3) {
        &mut vector.proof
    } else {
        &mut vector.policy
    };
    let mut bytes = field.to_vec();
    let at = dice.below(bytes.len() as u64 + 1) as usize;
    match dice.below(5) {
        _ if at == bytes.len() => bytes.push(dice.below(7) as u8),
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes[at] = dice.below(7) as u8,
        2 => bytes.insert(at, dice.below(7) as u8),
        3 => bytes.truncate(at),
        _ => drop(bytes.remove(at)),
    }
    *field = bytes.into();
}

/// A policy that still is one asks only the ten leaves that a vector describes.
fn is_known(vector: &Vector) -> bool {
    let Ok(policy) = Policy::decode(&vector.policy) else {
        return true;
    };
    policy
        .leaves()
        .iter()
        .all(|one| (0..10).any(|n| leaf(n) == one.client))
}

/// Every case is judged without a panic, and written with the law's verdict.
#[test]
fn fresh_mutants_are_judged() {
    let seed = env::var("WEIGHBRIDGE_SEED").map_or(0, |seed| seed.parse().expect("the seed is a number"));
    let target = env::var_os("WEIGHBRIDGE_MUTANTS").map(|folder| PathBuf::from(folder).join("policy"));
    let count = if target.is_some() { MANY } else { FEW };
    println!("{count} cases of policies of seed {seed}: WEIGHBRIDGE_SEED={seed} makes them again");
    let shared = cases::cases();
    let mut dice = Dice::new(seed);
    let mut verdicts = std::collections::BTreeMap::<String, usize>::new();
    for number in 0..count {
        let mut case = scene(&mut dice);
        if number % 3 == 0 {
            let from = &shared[dice.below(shared.len() as u64) as usize].1;
            case = from.clone();
            bend(&mut case, &mut dice);
            if !is_known(&case) {
                case = from.clone();
            }
        }
        let judged = case.filled();
        let verdict = format!("{} {} {}", judged.kind, judged.error, judged.status);
        *verdicts.entry(verdict).or_default() += 1;
        if let Some(target) = &target {
            fs::create_dir_all(target).unwrap();
            let text = serde_json::to_string_pretty(&judged).unwrap();
            fs::write(target.join(format!("{number:03}.json")), text).unwrap();
        }
    }
    println!("{verdicts:?}");
    assert!(verdicts.len() > 7, "too few ways to end: {verdicts:?}");
}
