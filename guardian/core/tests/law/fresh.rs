//! Random traces from one seed. The law judges every step here, and rules that hold whatever the steps are; for forge the
//! traces are written down with the verdicts, so that the contract takes the very same steps.
//!
//! `WEIGHBRIDGE_SEED` chooses them; `WEIGHBRIDGE_MUTANTS` is the folder below which they are written.

use std::path::Path;
use std::{env, fs};

use alloy_primitives::B256;
use alloy_sol_types::SolValue;
use dice::Dice;
use guardian_core::{Scope, ScopeKind};
use serde_json::{Value, json};

use crate::replay::{Machine, bytes, scope};
use crate::trace::{
    At, Trace, application, asset, client, contract, direction, everything, everywhere, light, path, token,
};
use crate::world::{BREACH, CONFIRM, DAY, EXECUTE, HALT, HOUR, Op, ROTATE, SCHEDULE};

/// Traces in an ordinary run, and in one that writes them down; steps of each.
const FEW: usize = 10;
const MANY: usize = 40;
const STEPS: usize = 40;

fn small(dice: &mut Dice, end: u8) -> u8 {
    u8::try_from(dice.below(end.into())).unwrap()
}

fn at(dice: &mut Dice) -> At {
    let number = usize::from(small(dice, 3));
    match dice.below(10) {
        0 | 1 => client(number),
        2 => contract(light(number)),
        3..=5 => asset(number, token(1 + small(dice, 2))),
        6 => direction(number, small(dice, 2)),
        7 => application(),
        8 => everything(),
        _ => everywhere(token(1)),
    }
}

/// Ascending signers; at times a few too few, a stranger, or one twice.
fn signers(dice: &mut Dice, usual: usize) -> Vec<usize> {
    let mut list: Vec<usize> = (0..5).collect();
    while list.len() > usual {
        list.remove(dice.index(list.len()));
    }
    match dice.below(24) {
        0 => drop(list.pop()),
        1 => list.reverse(),
        2 => list.push(4),
        _ => {}
    }
    list
}

#[test]
fn fresh_mutants_of_guardian_traces() {
    let seed = env::var("WEIGHBRIDGE_SEED").map_or(1, |text| text.parse().expect("a seed is a number"));
    println!("seed {seed}");
    let folder = env::var_os("WEIGHBRIDGE_MUTANTS");
    let count = if folder.is_some() { MANY } else { FEW };
    let mut dice = Dice::new(seed);
    let (mut accepted, mut refused) = (0, 0);
    for index in 0..count {
        let file = judged(random(&mut dice), &mut accepted, &mut refused);
        if let Some(folder) = &folder {
            write(&Path::new(folder).join("guardian"), index, &file);
        }
    }
    // Traces that are all refused, or all accepted, would compare nothing.
    assert!(
        accepted > count * 5 && refused > count * 3,
        "{accepted} accepted, {refused} refused"
    );
}

fn random(dice: &mut Dice) -> Trace {
    let mut trace = Trace::new("random steps");
    let mut rotated = false;
    // What the law says so far: a number of a halt that is guessed would hardly ever be right.
    let mut machine = Machine::new(&trace.file()).unwrap();
    for _ in 0..STEPS {
        let taken = trace.ops.len();
        trace = trace.wait(dice.below(5) * dice.below(4) * HOUR / 2);
        if dice.one_in(12) {
            trace = trace.wait(6 * DAY + dice.below(3) * DAY);
        }
        let at = at(dice);
        let few = signers(dice, 2);
        let many = signers(dice, 4);
        trace = match dice.below(20) {
            0..=8 => trace.halt(
                at,
                HOUR * (1 + dice.below(12)),
                if dice.one_in(5) { &many } else { &few },
            ),
            9 | 10 => trace.confirm(at, HOUR * (1 + dice.below(60)), &many),
            11..=13 => {
                // Most often the newest halt of all: then its scope is the one to resume.
                let target = last_halted(&trace).filter(|_| !dice.one_in(4)).unwrap_or(at);
                let serial = serial(&machine, target);
                trace.schedule(target, serial + u64::from(dice.one_in(6)), &many)
            }
            14..=16 => match last_scheduled(&trace) {
                Some(target) => trace.wait(HOUR - dice.below(2)).execute(target),
                None => trace.execute(at),
            },
            17 => trace.breach(asset(usize::from(small(dice, 3)), token(1))),
            18 => trace.cancel(dice.below(3), &few),
            _ if rotated => trace.halt(at, DAY, &few).repeat(),
            _ => {
                rotated = true;
                trace.rotate()
            }
        };
        for op in &trace.ops[taken..] {
            let _ = machine.apply(op);
        }
    }
    trace
}

/// The scope of the last halt among the steps.
fn last_halted(trace: &Trace) -> Option<At> {
    let op = trace
        .ops
        .iter()
        .rev()
        .find(|op| [HALT, CONFIRM, BREACH].contains(&op.what))?;
    Some(At {
        kind: op.scope,
        path: op.path,
        item: op.item,
    })
}

fn last_scheduled(trace: &Trace) -> Option<At> {
    let op = trace.ops.iter().rev().find(|op| op.what == SCHEDULE)?;
    Some(At {
        kind: op.scope,
        path: op.path,
        item: op.item,
    })
}

fn serial(machine: &Machine, at: At) -> u64 {
    machine.serial(&scope_at(at))
}

fn scope_at(at: At) -> Scope {
    let kind = ScopeKind::EACH[usize::from(at.kind) - 1];
    Scope {
        kind,
        path: at.path,
        item: at.item,
    }
}

/// The file of a trace with the verdict of each step and what holds at the end.
fn judged(trace: Trace, accepted: &mut usize, refused: &mut usize) -> Value {
    let mut machine = Machine::new(&trace.file()).unwrap();
    let mut verdicts = Vec::new();
    for op in &trace.ops {
        let before = until(&machine, op);
        let verdict = machine.apply(op);
        check_rules(&machine, op, before, verdict);
        match verdict {
            Ok(()) => *accepted += 1,
            Err(_) => *refused += 1,
        }
        verdicts.push(verdict.err().unwrap_or_default().to_string());
    }
    let mut ended = trace;
    for at in scopes() {
        let until = machine.until(&scope_at(at));
        ended = ended.until(at, until);
    }
    for account in [B256::ZERO, path(0), path(1), path(2), light(0), light(2)] {
        let charged = machine.charged(account, ended.now);
        ended = ended.charged(account, charged);
    }
    let mut file = ended.file();
    file["verdicts"] = json!(format!("0x{}", hex::encode(verdicts.abi_encode())));
    assert!(!bytes(&file, "ops").is_empty());
    file
}

fn scopes() -> Vec<At> {
    let mut list = vec![application(), everything(), everywhere(token(1))];
    for number in 0..3 {
        list.extend([
            client(number),
            contract(light(number)),
            direction(number, 0),
            direction(number, 1),
        ]);
        list.extend([asset(number, token(1)), asset(number, token(2))]);
    }
    list
}

fn until(machine: &Machine, op: &Op) -> u64 {
    if op.what == ROTATE || op.scope == 0 {
        0
    } else {
        machine.until(&scope(op))
    }
}

/// What holds after every step: a halt ends earlier after a resume only, a refused step changes nothing, and no account
/// ever has used up more than its time.
fn check_rules(machine: &Machine, op: &Op, before: u64, verdict: Result<(), &str>) {
    let after = until(machine, op);
    let resumed = op.what == EXECUTE && verdict.is_ok();
    assert!(resumed || after >= before, "{} {before} {after}", op.what);
    assert!(verdict.is_ok() || after == before, "{} {before} {after}", op.what);
    assert!(machine.charged(B256::ZERO, op.now) <= 3 * DAY);
    for account in [path(0), path(1), path(2), light(0), light(2)] {
        assert!(machine.charged(account, op.now) <= DAY);
    }
}

fn write(folder: &Path, index: usize, file: &Value) {
    fs::create_dir_all(folder).expect("create the folder");
    let text = serde_json::to_string_pretty(file).expect("a JSON value has a text");
    fs::write(folder.join(format!("trace_{index:02}.json")), text + "\n").expect("write a trace");
}
