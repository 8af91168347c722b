//! Headers from one fresh seed, and the signatures that verifiers disagree about. The law judges them here; for forge they
//! are written down with the law's verdict, so that the contract judges the very same.
//!
//! `WEIGHBRIDGE_SEED` chooses the headers; `WEIGHBRIDGE_MUTANTS` is the folder to write, as docs/formats/beacon.md says.

use std::path::{Path, PathBuf};
use std::{env, fs};

use alloy_primitives::B256;
use dice::Dice;
use prost::Message;
use serde_json::{Value, json};
use tendermint_client::testing::{Ballot, Block, Kind, Member, Secret, Timestamp, Validators, World};
use tendermint_client::{Config, Key, TrustLevel, evm};
use wire::Seconds;

use crate::fixture::{START, config};
use crate::keys;
use crate::vectors::{format::Vector, replay};

/// Cases in an ordinary run, and in one that writes them down.
const FEW: usize = 60;
const MANY: usize = 300;

fn power(dice: &mut Dice) -> i64 {
    let most = [10, 50, 1_000_000_000_000][dice.index(3)];
    1 + dice.below(most) as i64
}

/// A chain whose set changes at 102: some stay with another power, some come.
fn world(dice: &mut Dice) -> World {
    let kinds = [Kind::Ed25519, Kind::Secp256k1];
    // One kind, the other, or both.
    let choice = dice.below(3) as usize;
    let mut members = Vec::new();
    for number in 0..1 + dice.below(9) {
        let kind = kinds[if choice == 2 {
            dice.below(2) as usize
        } else {
            choice
        }];
        members.push(Member {
            secret: Secret::new(kind, 1, number),
            power: power(dice),
        });
    }
    let mut heirs = Vec::new();
    for (number, member) in members.iter().enumerate() {
        let secret = if dice.one_in(3) {
            Secret::new(kinds[choice % 2], 2, number as u64)
        } else {
            member.secret.clone()
        };
        let power = if dice.one_in(2) { member.power } else { power(dice) };
        heirs.push(Member { secret, power });
    }
    World::new("weigh-3", 3, Validators::of(members)).with_set(102, Validators::of(heirs))
}

fn block(world: &World, dice: &mut Dice) -> Block {
    let height = 100 + [1, 1, 2, 10, 30][dice.below(5) as usize] - i64::from(dice.one_in(12)) * 40;
    let mut header = world.header_at(height);
    if dice.one_in(8) {
        header.time = Some(Timestamp {
            seconds: world.time_at(height).seconds + dice.below(400) as i64 - 200,
            nanos: dice.below(1_000_000_000) as i32,
        });
    }
    if dice.one_in(8) {
        let field = [
            &mut header.app_hash,
            &mut header.data_hash,
            &mut header.next_validators_hash,
            &mut header.validators_hash,
        ];
        *field.into_iter().nth(dice.below(4) as usize).unwrap() = World::filler("other", dice.roll());
    }
    let idle = 2 + dice.below(8);
    let ballots: Vec<Ballot> = (0..16)
        .map(|_| match dice.below(idle) {
            0 => Ballot::Absent,
            1 => Ballot::Nil,
            _ => Ballot::Block,
        })
        .collect();
    let round = if dice.one_in(3) { dice.below(5) as i32 } else { 0 };
    Block::sign(header, world.set_at(height).clone(), round, |place| {
        ballots[place]
    })
}

/// Something about the votes that is not what was signed.
fn spoil(block: &mut Block, dice: &mut Dice) {
    let count = block.commit.signatures.len() as u64;
    let vote = &mut block.commit.signatures[dice.below(count) as usize];
    match dice.below(5) {
        0 if !vote.signature.is_empty() => {
            let byte = dice.below(vote.signature.len() as u64) as usize;
            vote.signature[byte] ^= 1 << dice.below(8);
        }
        1 if vote.block_id_flag != 1 => vote.timestamp.as_mut().unwrap().nanos ^= 1,
        2 => block.commit.round ^= 1,
        3 => {
            if let Some(id) = block.commit.block_id.as_mut() {
                id.part_set_header.as_mut().unwrap().total += 1;
            }
        }
        _ if vote.block_id_flag == 3 => vote.block_id_flag = 2,
        _ => {}
    }
}

fn case(dice: &mut Dice) -> Vector {
    let world = world(dice);
    let mut block = block(&world, dice);
    if dice.one_in(3) {
        spoil(&mut block, dice);
    }
    let (numerator, denominator) = [(1, 3), (1, 2), (2, 3), (1, 1)][dice.below(4) as usize];
    let trust_level = TrustLevel {
        numerator,
        denominator,
    };
    let mut vector = Vector::new(&world).with(Config {
        trust_level,
        ..config()
    });
    vector.about = "made by dice".into();
    let made = block.header.time.unwrap().seconds;
    let now = match dice.below(5) {
        0 => made - 9 - dice.below(3) as i64,
        1 => world.time_at(START).seconds + 7 * 86_400 - 1 + dice.below(2) as i64,
        _ => made + 5,
    };
    // A host's clock does not run backwards.
    let now = Seconds(u64::try_from(now).unwrap().max(vector.started_at));
    let bytes = world.show(&block, START).encode_to_vec();
    vector.step(super::vectors::format::UPDATE, &bytes, now)
}

/// The case with its verdict. In parts, signatures come before what only the last message shows: where more than one rule is
/// broken, the first one may be another. So only those cases come in parts in which all but signatures holds.
fn judged(case: Vector, dice: &mut Dice) -> Vector {
    let packed_votes_max = dice.below(4) as usize;
    let filled = replay::filled(&case);
    if !["", "BadSignature"].contains(&filled.error.as_str()) {
        return filled;
    }
    replay::filled(&Vector {
        packed_votes_max,
        ..case
    })
}

/// From which all that is made here follows.
pub(crate) fn seed() -> u64 {
    env::var("WEIGHBRIDGE_SEED").map_or(1, |seed| seed.parse().unwrap())
}

/// Writes a case down, if there is a folder and the contract can be told of it.
pub(crate) fn keep(folder: Option<&Path>, name: &str, filled: &Vector) {
    if let Some(folder) = folder.filter(|_| filled.packed_error.is_empty()) {
        fs::create_dir_all(folder).unwrap();
        let text = serde_json::to_string_pretty(filled).unwrap();
        fs::write(folder.join(format!("{name}.json")), text).unwrap();
    }
}

#[test]
fn fresh_mutants_are_judged() {
    let seed = seed();
    let folder = env::var_os("WEIGHBRIDGE_MUTANTS").map(|root| PathBuf::from(root).join("tendermint"));
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    let (mut accepted, mut refused) = (0, 0);
    for number in 0..if folder.is_some() { MANY } else { FEW } {
        let filled = judged(case(&mut dice), &mut dice);
        if filled.error.is_empty() {
            accepted += 1;
        } else {
            refused += 1;
        }
        keep(folder.as_deref(), &format!("{number:03}"), &filled);
    }
    assert!(
        accepted > 5 && refused > 5,
        "{accepted} accepted, {refused} refused"
    );
}

/// A signature, and whether it counts.
fn signature(key: &[u8], message: &[u8], signature: &[u8]) -> Option<Value> {
    let key: [u8; 32] = key.try_into().ok()?;
    let whole: [u8; 64] = signature.try_into().ok()?;
    let (r, s) = whole.split_at(32);
    let hint = |point: &[u8]| format!("{:#066x}", evm::x_of(&B256::from_slice(point)));
    Some(json!({
        "key": B256::from(key),
        "keyX": hint(&key),
        "r": B256::from_slice(r),
        "rX": hint(r),
        "s": B256::from_slice(s),
        "message": alloy_primitives::Bytes::copy_from_slice(message),
        "valid": Key::Ed25519(key).has_signed(message, &whole),
    }))
}

#[test]
fn fresh_mutants_of_ed25519_signatures_are_written() {
    let Some(folder) = env::var_os("WEIGHBRIDGE_MUTANTS").map(|root| PathBuf::from(root).join("ed25519"))
    else {
        return;
    };
    fs::create_dir_all(&folder).unwrap();
    let cases = keys::all_ed25519();
    let cases: Vec<Value> = cases
        .iter()
        .filter_map(|(key, message, text)| signature(key, message, text))
        .collect();
    for (number, case) in cases.iter().enumerate() {
        fs::write(folder.join(format!("{number:03}.json")), case.to_string()).unwrap();
    }
}
