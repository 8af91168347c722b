//! What is refused because of the numbers of its nodes.

use super::super::ops::Op;
use super::{Edited, Files};

fn put_numbers(files: &mut Files, path: &str, about: &str, edit: &dyn Fn(&mut Edited)) {
    let edited = Edited::of(&[8, 30]).with(|bad| edit(bad));
    edited.put(files, &format!("node_numbers/{path}"), about);
}

pub(super) fn put_all(files: &mut Files) {
    let is_entry = |op: &Op| matches!(op, Op::Entry(..));
    let mut with =
        |path: &str, about: &str, edit: &dyn Fn(&mut Edited)| put_numbers(files, path, about, edit);
    for (name, about, numbers) in [
        ("entry_none", "an entry without a version", vec![]),
        ("entry_odd", "a version that is odd as written", vec![3]),
        ("entry_long", "a version longer than it must be", vec![0x82, 0]),
        ("entry_open", "a version that goes on", vec![0x82, 0x82]),
        ("entry_two", "two numbers", vec![2, 2]),
        (
            "entry_most",
            "a version of ten bytes",
            [vec![0x80; 9], vec![1]].concat(),
        ),
    ] {
        with(name, about, &|bad| *bad.numbers(is_entry) = numbers.clone());
    }
    inner_numbers(files);
    heights(files);
}

fn inner_numbers(files: &mut Files) {
    let is_inner = |op: &Op| matches!(op, Op::Left(..) | Op::Right(..));
    let mut with =
        |path: &str, about: &str, edit: &dyn Fn(&mut Edited)| put_numbers(files, path, about, edit);
    for (name, about, numbers) in [
        ("inner_none", "an inner node without numbers", vec![]),
        ("inner_two", "two numbers", vec![2, 2]),
        ("inner_four", "four numbers", vec![2, 2, 2, 2]),
        (
            "inner_odd_height",
            "a height that is odd as written",
            vec![3, 4, 2],
        ),
        ("inner_odd_size", "a size that is odd as written", vec![2, 5, 2]),
        (
            "inner_odd_version",
            "a version that is odd as written",
            vec![2, 4, 3],
        ),
        (
            "inner_long_size",
            "a size longer than it must be",
            vec![2, 0x84, 0, 2],
        ),
        (
            "inner_long_version",
            "a version longer than it must be",
            vec![2, 4, 0x82, 0],
        ),
        ("inner_open", "a version that goes on", vec![2, 4, 0x82]),
        ("inner_high", "a height of two bytes", vec![0x80, 1, 4, 2]),
        (
            "inner_most",
            "numbers of twelve bytes",
            [vec![2], vec![0x80; 4], vec![1], vec![0x80; 5], vec![1]].concat(),
        ),
    ] {
        with(name, about, &|bad| *bad.numbers(is_inner) = numbers.clone());
    }
}

fn heights(files: &mut Files) {
    let is_inner = |op: &Op| matches!(op, Op::Left(..) | Op::Right(..));
    let mut height = |name: &str, about: &str, is: &dyn Fn(&Op) -> bool, numbers: &[u8]| {
        Edited::of(&[8, 30])
            .with(|bad| *bad.numbers(is) = numbers.to_vec())
            .put(files, &format!("node_height/{name}"), about);
    };
    height("zero", "an inner node of height 0", &is_inner, &[0, 4, 2]);
    height(
        "joined",
        "as high as its children",
        &|op| matches!(op, Op::Joined(_)),
        &[2, 4, 2],
    );
    let mut same = Edited::of(&[8]);
    let steps: Vec<usize> = (0..same.ops.nodes.len())
        .filter(|at| is_inner(&same.ops.nodes[*at]))
        .collect();
    let numbers = |op: &Op| match op {
        Op::Left(numbers, _) | Op::Right(numbers, _) => numbers.clone(),
        _ => panic!("an inner node"),
    };
    let below = numbers(&same.ops.nodes[steps[1]]);
    if let Op::Left(numbers, _) | Op::Right(numbers, _) = &mut same.ops.nodes[steps[2]] {
        numbers[0] = below[0];
    }
    same.put(files, "node_height/same", "as high as the node below");
}
