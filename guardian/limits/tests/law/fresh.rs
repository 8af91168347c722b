//! Random traces and verdicts from one seed. The law is held against the definition here; for forge they are written
//! down, so that the contract replays the very same steps.
//!
//! `WEIGHBRIDGE_SEED` chooses them; `WEIGHBRIDGE_MUTANTS` is the folder below which they are written.

use std::path::Path;
use std::{env, fs};

use dice::Dice;
use limits::Setting;

use crate::generate::{harness::Files, random_trace, random_weighing, traced, weighed};
use crate::oracle::Oracle;
use crate::trace::Machine;

/// Files in an ordinary run, and in one that writes them down.
const FEW: u32 = 20;
const MANY: u32 = 150;

#[test]
fn fresh_traces() {
    let seed = env::var("WEIGHBRIDGE_SEED").map_or(1, |text| text.parse().expect("a seed is a number"));
    println!("seed {seed}");
    let folder = env::var_os("WEIGHBRIDGE_MUTANTS");
    let count = if folder.is_some() { MANY } else { FEW };
    let mut dice = Dice::new(seed);
    let mut files = Files::new();
    for index in 0..count {
        let steps = random_trace(&mut dice, 40);
        let (mut machine, mut oracle) = (Machine::new(), Oracle::new());
        for step in &steps {
            assert_eq!(machine.apply(step), oracle.apply(step), "seed {seed}, {step:?}");
        }
        files.insert(format!("trace_{index:03}.json"), traced("a random trace", &steps));
        let situation = random_weighing(&mut dice);
        assert!(situation.setting != Setting::Absent || situation.amount > 0);
        files.insert(
            format!("weigh_{index:03}.json"),
            weighed("a random situation", &situation),
        );
    }
    if let Some(folder) = folder {
        write(&Path::new(&folder).join("limits"), &files);
    }
}

fn write(folder: &Path, files: &Files) {
    fs::create_dir_all(folder).expect("create the folder");
    for (name, file) in files {
        let text = serde_json::to_string_pretty(file).expect("a JSON value has a text");
        fs::write(folder.join(name), text + "\n").expect("write a trace");
    }
}
