//! Pools from one fresh seed, good ones and edited ones. The law judges them here; for forge they are written down with the
//! law's verdict, so that the contract judges the very same.
//!
//! `WEIGHBRIDGE_SEED` chooses them; `WEIGHBRIDGE_MUTANTS` is the folder to write.

use std::path::PathBuf;
use std::{env, fs};

use dice::Dice;

use super::generate::{file, words};
use super::ops::{Op, Ops};
use super::{Asked, all_keys, key, stores};

/// Cases in an ordinary run, and in one that writes them down.
const FEW: usize = 100;
const MANY: usize = 400;

fn asked(dice: &mut Dice) -> Asked {
    let count = 1 + dice.below(60);
    let all = all_keys(count);
    let keys: Vec<Vec<u8>> = (0..1 + dice.below(10))
        .map(|_| all[dice.index(all.len())].clone())
        .collect();
    Asked::of(&stores(count), &keys)
}

fn numbers(op: &mut Op) -> Option<&mut Vec<u8>> {
    match op {
        Op::Entry(numbers, _)
        | Op::Otherwise(numbers, _)
        | Op::Neighbour(numbers, ..)
        | Op::Joined(numbers)
        | Op::Left(numbers, _)
        | Op::Right(numbers, _) => Some(numbers),
        Op::Nothing => None,
    }
}

/// One edit of what a pool says.
fn edit(ops: &mut Ops, keys: &mut [Vec<u8>], dice: &mut Dice) {
    let count = ops.nodes.len();
    let (at, other) = (dice.index(count), dice.index(count));
    match dice.below(12) {
        0 => drop(ops.nodes.remove(at)),
        1 => ops.nodes.insert(at, ops.nodes[other].clone()),
        2 => ops.nodes.swap(at, other),
        3 => ops.nodes.insert(at, Op::Nothing),
        4 => ops.nodes.truncate(at + 1),
        5 => ops.sides ^= 1 << dice.below(5),
        6 | 7 => {
            if let Some(numbers) = numbers(&mut ops.nodes[at]) {
                match dice.below(4) {
                    0 => numbers.push(2 * dice.below(3) as u8),
                    1 => drop(numbers.pop()),
                    2 if !numbers.is_empty() => {
                        let place = dice.index(numbers.len());
                        numbers[place] = dice.below(256) as u8;
                    }
                    _ => numbers.insert(0, 2 + 2 * dice.below(4) as u8),
                }
            }
        }
        8 => {
            let place = dice.index(keys.len());
            keys[place] = key(dice.below(120));
        }
        9 => {
            if let Op::Left(numbers, hash) = &ops.nodes[at] {
                ops.nodes[at] = Op::Right(numbers.clone(), *hash);
            }
        }
        10 => {
            if let Op::Neighbour(_, neighbour, _) = &mut ops.nodes[at] {
                *neighbour = key(dice.below(120));
            }
        }
        _ => {
            if let Op::Entry(version, value) = &ops.nodes[at] {
                let value = super::ops::sha256(&[value]);
                ops.nodes[at] = Op::Neighbour(version.clone(), key(dice.below(120)), value);
            }
        }
    }
    if ops.nodes.is_empty() {
        ops.nodes.push(Op::Nothing);
    }
}

fn case(dice: &mut Dice) -> Asked {
    let mut asked = asked(dice);
    match dice.below(4) {
        0 => {}
        1 => {
            let at = dice.index(asked.pool.len());
            asked.pool[at] ^= 1 << dice.below(8);
        }
        _ => {
            let mut ops = Ops::read(&asked.pool);
            for _ in 0..=dice.below(2) {
                edit(&mut ops, &mut asked.keys, dice);
            }
            // Now and then the chain is said to have nothing else.
            if !dice.one_in(4) {
                asked.app_hash = ops.app_hash(&asked.keys);
            }
            asked.pool = ops.write();
        }
    }
    asked
}

#[test]
fn fresh_mutants_of_pools_are_judged() {
    let seed = env::var("WEIGHBRIDGE_SEED").map_or(1, |seed| seed.parse().unwrap());
    let folder = env::var_os("WEIGHBRIDGE_MUTANTS").map(|root| PathBuf::from(root).join("store_pool"));
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    let (mut accepted, mut refused) = (0, 0);
    for number in 0..if folder.is_some() { MANY } else { FEW } {
        let asked = case(&mut dice);
        let verdict = asked.judge();
        if verdict.is_ok() {
            accepted += 1;
        } else {
            refused += 1;
        }
        if let Some(folder) = &folder {
            fs::create_dir_all(folder).unwrap();
            let mut file = file("made by dice", &asked.app_hash, &asked.keys, &asked.pool);
            file["error"] = verdict.as_ref().err().copied().unwrap_or_default().into();
            file["values"] = verdict
                .map_or_else(|_| "0x".to_owned(), |values| words(&values))
                .into();
            let text = serde_json::to_string_pretty(&file).unwrap();
            fs::write(folder.join(format!("{number:03}.json")), text).unwrap();
        }
    }
    assert!(
        accepted > 5 && refused > 5,
        "{accepted} accepted, {refused} refused"
    );
}
