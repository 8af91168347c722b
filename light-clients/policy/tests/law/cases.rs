//! The shared cases, each with what it comes to.

use alloy_primitives::Address;
use policy::Node;
use wire::Seconds;

use crate::format::{EXPIRED, FROZEN, NOW, Vector, leaf, of};

type Cases = Vec<(String, Vector)>;

const HOUR: u64 = 3_600;

/// Cases that begin alike.
struct Table(Vector, Cases);

impl Table {
    fn of(kind: &str, root: &Node) -> Self {
        Self(Vector::new(kind, root), Cases::new())
    }

    fn add(&mut self, name: &str, about: &str, go: impl FnOnce(Vector) -> Vector) -> &mut Vector {
        let begin = self.0.clone();
        let case = go(Vector {
            about: about.into(),
            ..begin
        });
        self.1.push((name.into(), case));
        &mut self.1.last_mut().unwrap().1
    }

    /// It proves the state of the n-th leaf.
    fn proves(&mut self, n: u64, name: &str, about: &str, go: impl FnOnce(Vector) -> Vector) {
        self.add(name, about, go).proven_at = NOW - 100 - n;
    }

    fn refuses(&mut self, error: &str, name: &str, about: &str, go: impl FnOnce(Vector) -> Vector) {
        self.add(name, about, go).error = error.into();
    }

    fn says(&mut self, status: u64, name: &str, about: &str, go: impl FnOnce(Vector) -> Vector) {
        self.add(name, about, go).status = status;
    }
}

pub(crate) fn cases() -> Cases {
    [
        all_of(),
        any_of(),
        at_least(),
        trees(),
        after(),
        absent(),
        proofs(),
        statuses(),
        policies(),
    ]
    .concat()
}

fn all_of() -> Cases {
    let mut table = Table::of("proof", &Node::AllOf(vec![of(0), of(1)]));
    let rule = "NotSatisfied";
    table.proves(1, "all_of", "the earlier of two counts", |it| {
        it.proving(&[0, 1], 1)
    });
    table.refuses(rule, "all_of_one", "one of two", |it| it.proving(&[0], 0));
    table.refuses(rule, "all_of_none", "nobody is asked", |it| it.proving(&[], 0));
    table.refuses("WrongHeight", "later_height", "the later one's height", |it| {
        it.proving(&[0, 1], 0)
    });
    table.refuses("WrongHeight", "other_revision", "another revision", |it| Vector {
        revision: 1,
        ..it.proving(&[0, 1], 1)
    });
    table.1
}

fn any_of() -> Cases {
    let mut table = Table::of("proof", &Node::AnyOf(vec![of(0), of(1), of(2)]));
    table.proves(0, "any_of_first", "the first of three", |it| it.proving(&[0], 0));
    table.proves(2, "any_of_last", "the last of three", |it| it.proving(&[2], 2));
    let about = "more than needed: the earliest counts";
    table.proves(2, "any_of_all", about, |it| it.proving(&[0, 1, 2], 2));
    let about = "the same second: the first from the left";
    table.proves(0, "any_of_same_second", about, |mut it| {
        it.timestamps[1] = it.timestamps[0];
        it.proving(&[0, 1], 0)
    });
    table.refuses("NotSatisfied", "any_of_none", "nobody is asked", |it| {
        it.proving(&[], 0)
    });
    table.refuses(
        "WrongHeight",
        "height_of_no_proof",
        "the height of one who was not asked",
        |it| it.proving(&[0], 2),
    );
    table.1
}

fn at_least() -> Cases {
    let mut table = Table::of("proof", &Node::AtLeast(2, vec![of(0), of(1), of(2)]));
    table.proves(1, "two_of_three", "two of three", |it| it.proving(&[0, 1], 1));
    table.proves(2, "two_of_three_others", "two others", |it| {
        it.proving(&[0, 2], 2)
    });
    table.refuses("NotSatisfied", "one_of_three", "one of three", |it| {
        it.proving(&[1], 1)
    });
    let mut eight = Table::of("proof", &Node::AtLeast(8, (0..8).map(of).collect()));
    eight.proves(7, "eight_of_eight", "all eight", |it| {
        it.proving(&[0, 1, 2, 3, 4, 5, 6, 7], 7)
    });
    let about = "all but one";
    eight.refuses("NotSatisfied", "seven_of_eight", about, |it| {
        it.proving(&[0, 1, 2, 3, 4, 5, 6], 6)
    });
    [table.1, eight.1].concat()
}

/// A light client, and one of two sets of attestors, or two of three others.
fn trees() -> Cases {
    let pair = Node::AnyOf(vec![of(1), of(2)]);
    let both = Node::AllOf(vec![of(0), pair]);
    let others = Node::AtLeast(2, vec![of(3), of(4), of(5)]);
    let mut table = Table::of("proof", &Node::AnyOf(vec![both, others]));
    let rule = "NotSatisfied";
    table.proves(2, "tree_left", "the light client and one of the two", |it| {
        it.proving(&[0, 2], 2)
    });
    table.proves(5, "tree_right", "two of the three", |it| it.proving(&[3, 5], 5));
    table.proves(4, "tree_both", "more than needed", |it| {
        it.proving(&[0, 1, 3, 4], 4)
    });
    table.refuses(rule, "tree_pair_only", "without the light client", |it| {
        it.proving(&[1, 2], 2)
    });
    table.refuses(rule, "tree_halves", "half of each", |it| it.proving(&[0, 3], 3));
    let mut single = Table::of("proof", &of(0));
    single.proves(0, "one_leaf", "a policy of one", |it| it.proving(&[0], 0));
    [table.1, single.1].concat()
}

fn after() -> Cases {
    let ripe = |root: &Node| Table::of("proof", root);
    let mut table = ripe(&Node::After(Seconds(HOUR), leaf(0)));
    let known = |seconds: u64| {
        move |mut it: Vector| {
            it.learned[0] = NOW - seconds;
            it.proving(&[0], 0)
        }
    };
    let rule = "NotSatisfied";
    table.proves(0, "after", "an hour after it was learned", known(HOUR));
    table.refuses(rule, "after_early", "a second before", known(HOUR - 1));
    table.refuses(rule, "after_untold", "it does not tell since when", |mut it| {
        it.learned[0] = 0;
        it.proving(&[0], 0)
    });
    table.refuses(
        rule,
        "after_other_revision",
        "it tells for revision 0 only",
        |mut it| {
            it.revisions[0] = 1;
            known(HOUR)(it)
        },
    );
    let mut mixed = ripe(&Node::AnyOf(vec![
        Node::After(Seconds(12 * HOUR), leaf(0)),
        of(1),
    ]));
    let about = "who is not ripe does not count for the height either";
    mixed.proves(1, "after_not_ripe_beside_another", about, |mut it| {
        it.timestamps[0] = NOW - 9_999;
        it.proving(&[0, 1], 1)
    });
    [table.1, mixed.1].concat()
}

fn absent() -> Cases {
    let mut table = Table::of("proof", &Node::AtLeast(1, vec![of(0), of(1)]));
    let about = "it is as if it had not been asked";
    table.proves(0, "halted_beside", about, |mut it| {
        it.halted[1] = 1;
        it.proving(&[0, 1], 0)
    });
    table.proves(0, "refusing_beside", about, |mut it| {
        it.timestamps[1] = 0;
        it.proving(&[0, 1], 0)
    });
    let mut pair = Table::of("proof", &Node::AllOf(vec![of(0), of(1)]));
    pair.refuses("NotSatisfied", "halted", "one is halted", |mut it| {
        it.halted[1] = 1;
        it.proving(&[0, 1], 0)
    });
    pair.refuses("NotSatisfied", "refusing", "one refuses", |mut it| {
        it.timestamps[0] = 0;
        it.proving(&[0, 1], 1)
    });
    [table.1, pair.1].concat()
}

fn proofs() -> Cases {
    let mut table = Table::of("proof", &Node::AnyOf(vec![of(0), of(1)]));
    let mut bent = |name: &str, about: &str, change: &dyn Fn(&mut Vec<u8>)| {
        table.refuses("Malformed", name, about, |it| {
            let mut it = it.proving(&[0, 1], 1);
            let mut bytes = it.proof.to_vec();
            change(&mut bytes);
            it.proof = bytes.into();
            it
        });
    };
    bent("proof_empty", "nothing", &Vec::clear);
    bent("proof_cut", "the last byte is missing", &|bytes| {
        bytes.truncate(bytes.len() - 1)
    });
    bent("proof_longer", "a byte more", &|bytes| bytes.push(0));
    bent("proof_of_one", "the second leaf is missing", &|bytes| {
        bytes.truncate(21)
    });
    bent("proof_length", "longer than there is", &|bytes| bytes[16] = 0xff);
    table.refuses(
        "NotSatisfied",
        "proof_wrong",
        "proofs that the leaves refuse",
        |it| {
            let mut it = it.proving(&[0, 1], 1);
            let mut bytes = it.proof.to_vec();
            bytes[20] ^= 8;
            bytes[41] ^= 8;
            it.proof = bytes.into();
            it
        },
    );
    table.1
}

fn statuses() -> Cases {
    let mut table = Table::of("status", &Node::AtLeast(2, vec![of(0), of(1), of(2)]));
    let said = |which: [u64; 3]| {
        move |mut it: Vector| {
            it.statuses[..3].copy_from_slice(&which);
            it
        }
    };
    table.says(0, "status_active", "all", said([0, 0, 0]));
    table.says(0, "status_two", "two of three", said([0, 2, 0]));
    table.says(
        EXPIRED,
        "status_expired",
        "one active, one expired",
        said([0, 1, 2]),
    );
    table.says(EXPIRED, "status_silent", "one does not answer", said([0, 3, 2]));
    table.says(FROZEN, "status_frozen", "two are frozen", said([0, 2, 2]));
    table.says(EXPIRED, "status_halted", "two are halted", |mut it| {
        it.halted[..2].fill(1);
        it
    });
    table.says(
        EXPIRED,
        "status_halted_and_frozen",
        "what a halted one says does not matter",
        |mut it| {
            (it.halted[0], it.statuses[0], it.statuses[1]) = (1, 2, 2);
            it
        },
    );
    table.1
}

/// The policy of all of two.
fn pair() -> Vec<u8> {
    Vector::new("start", &Node::AllOf(vec![of(0), of(1)]))
        .policy
        .to_vec()
}

/// The pair's policy, changed.
fn bent(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut policy = pair();
    change(&mut policy);
    policy
}

/// Any of so many leaves.
fn leaves(count: u8) -> Vec<u8> {
    let all = (0..count).flat_map(|n| [&[4], Address::with_last_byte(0xa0 + n).as_slice()].concat());
    [vec![1, 2, count], all.collect()].concat()
}

/// A leaf below so many nodes.
fn deep(levels: usize) -> Vec<u8> {
    [vec![1], [1, 1].repeat(levels), pair()[3..24].to_vec()].concat()
}

fn policies() -> Cases {
    let mut table = Table::of("start", &of(0));
    let rule = "Malformed";
    let mut add = |rule: &str, name: &str, about: &str, policy: Vec<u8>| {
        let policy = policy.into();
        table.refuses(rule, name, about, |it| Vector { policy, ..it });
    };
    add(rule, "empty", "nothing", Vec::new());
    add(rule, "version", "version 2", bent(|it| it[0] = 2));
    add(rule, "no_node", "a version only", vec![1]);
    add(rule, "kind_zero", "a node of kind 0", bent(|it| it[1] = 0));
    add(rule, "kind_six", "a node of kind 6", bent(|it| it[1] = 6));
    add(
        rule,
        "cut",
        "the last byte is missing",
        bent(|it| it.truncate(it.len() - 1)),
    );
    add(rule, "longer", "a byte more", bent(|it| it.push(0)));
    let rule = "BadPolicy";
    add(rule, "no_children", "all of nothing", vec![1, 1, 0]);
    add(
        rule,
        "t35_zero_of_two",
        "zero are needed",
        [&[1, 3, 0, 2], &pair()[3..]].concat(),
    );
    add(
        rule,
        "three_of_two",
        "more than there are",
        [&[1, 3, 3, 2], &pair()[3..]].concat(),
    );
    add(rule, "twice", "the same client twice", bent(|it| it[44] = it[23]));
    add(rule, "zero_client", "no client", bent(|it| it[4..24].fill(0)));
    for (name, delay) in [
        ("no_delay", 0),
        ("long_delay", 12 * 3_600 + 1),
        ("longest_delay", u32::MAX),
    ] {
        let node = [&[1, 5], delay.to_be_bytes().as_slice(), leaf(0).as_slice()].concat();
        add(rule, name, "1 second to 12 hours", node);
    }
    add(rule, "nine_leaves", "more than eight", leaves(9));
    add(rule, "too_deep", "a leaf at the fifth level", deep(4));
    for (name, policy) in [
        ("start_eight_leaves", leaves(8)),
        ("start_deep", deep(3)),
        ("start", pair()),
    ] {
        let policy = policy.into();
        table.add(name, "a policy", |it| Vector { policy, ..it });
    }
    table.1
}
