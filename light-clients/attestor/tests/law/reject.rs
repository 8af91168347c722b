//! Cases that are refused: clients and sets that could never be safe.

use alloy_primitives::{Address, B256, U256};

use crate::fixture::{NOW, World};
use crate::format::{Table, Vector};

const DAY: u64 = 86_400;

pub(crate) fn cases(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(Vector::new(world));
    let mut config = |name, change: fn(&mut Vector)| {
        table.refuse(
            "BadConfig",
            name,
            "a client that could never be safe",
            |mut case| {
                change(&mut case);
                case
            },
        );
    };
    config("commitments_slot", |case| case.commitments_slot = B256::ZERO);
    config("trust_period", |case| case.trust_period = 0);
    config("interval", |case| case.interval = 0);
    config("capacity", |case| case.capacity = 1);
    config("rotation_delay", |case| case.rotation_delay = 3_599);
    for (name, words) in bad_sets(world) {
        let start = format!("{name}_start");
        let set = words.clone().into();
        table.refuse("BadSet", &start, "at the start", |case| Vector { set, ..case });
        let about = "in a rotation, where signatures would not save it either";
        table.refuse("BadSet", &format!("{name}_rotation"), about, |case| {
            case.bytes(&rotation_to(&words), 0)
        });
    }
    table.cases
}

/// A rotation to a set that may be none, signed by nobody.
fn rotation_to(words: &[u8]) -> Vec<u8> {
    let mut message = vec![1, 2];
    message.extend(0_u64.to_be_bytes());
    message.extend((NOW.0 + DAY).to_be_bytes());
    message.push((words.len() / 32 - 1) as u8);
    message.extend(words);
    message.extend([64, 0]);
    message
}

/// The words of sets that are refused, by name. Spec: [T-35].
pub(crate) fn bad_sets(world: &World) -> Vec<(&'static str, Vec<u8>)> {
    let signers = world.keys.addresses();
    let words = |threshold: u64, members: &[(Address, u64)]| {
        let mut words = vec![U256::from(threshold)];
        words.extend(members.iter().map(|(signer, weight)| {
            (U256::from(*weight) << 160) | U256::from_be_bytes(signer.into_word().0)
        }));
        words
            .iter()
            .flat_map(|word| word.to_be_bytes::<32>())
            .collect::<Vec<u8>>()
    };
    let each = |weight| {
        signers
            .iter()
            .map(move |signer| (*signer, weight))
            .collect::<Vec<_>>()
    };
    let many: Vec<_> = (1..=65_u8).map(|at| (Address::with_last_byte(at), 1)).collect();
    let mut huge = words(3, &each(1));
    huge[0] = 1;
    let mut overweight = words(3, &each(1));
    overweight[32] = 1;
    let swapped = [(signers[1], 1), (signers[0], 1), (signers[2], 1)];
    let twice = [(signers[0], 1), (signers[1], 1), (signers[1], 1), (signers[2], 1)];
    let zero = [(Address::ZERO, 1), (signers[0], 1), (signers[1], 1)];
    let mut weightless = each(1);
    weightless[2].1 = 0;
    let mut strong = each(1);
    strong[4].1 = 3;
    vec![
        ("t35_nobody", words(1, &[])),
        ("t35_too_many", words(40, &many)),
        ("t35_threshold_zero", words(0, &each(1))),
        ("t35_threshold_beyond_64_bits", huge),
        ("t35_one_of_one", words(1, &[(signers[0], 1)])),
        ("t35_one_of_five", words(1, &each(1))),
        ("t35_one_outweighs", words(3, &strong)),
        ("t35_weight_beyond_64_bits", overweight),
        ("t35_zero_address", words(2, &zero)),
        ("t35_twice", words(3, &twice)),
        ("t35_not_in_order", words(2, &swapped)),
        ("t35_zero_weight", words(3, &weightless)),
        ("t35_below_threshold", words(6, &each(1))),
    ]
}
