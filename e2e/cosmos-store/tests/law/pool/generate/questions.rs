//! What is refused because of what is asked, or of bytes that are no node.

use super::super::ops::Op;
use super::super::{key, stores};
use super::{Edited, Files, put_pool};

pub(super) fn put_all(files: &mut Files) {
    questions(files);
    bytes(files);
    ways(files);
}

fn questions(files: &mut Files) {
    let good = || Edited::of(&[8, 30]);
    good()
        .with(|bad| bad.app_hash = Some([0; 32]))
        .put(files, "zero_app_hash/zero", "an app hash of zero");
    good()
        .with(|bad| bad.keys.clear())
        .put(files, "no_keys/none", "no keys");
    good()
        .with(|bad| bad.keys[0].clear())
        .put(files, "key_length/empty", "an empty key is asked for");
    good()
        .with(|bad| bad.keys[1] = vec![b'9'; 1025])
        .put(files, "key_length/long", "a key of 1,025 bytes");
    good()
        .with(|bad| bad.keys.swap(0, 1))
        .put(files, "asked_order/swapped", "the keys descend");
    let mut other = good();
    let mut app_hash = other.ops.app_hash(&other.keys);
    app_hash[31] ^= 1;
    other.app_hash = Some(app_hash);
    other.put(files, "other_app_hash/bit", "a bit of the app hash is another");
    others(files);
}

/// Pools that lead elsewhere, or answer another number of keys.
fn others(files: &mut Files) {
    let held = stores(40).app_hash();
    let mut with = |path: &str, about: &str, edit: &dyn Fn(&mut Edited)| {
        Edited::of(&[8, 30])
            .with(|bad| {
                bad.app_hash = Some(held);
                edit(bad);
            })
            .put(files, path, about);
    };
    with("other_app_hash/key", "another key is asked for", &|bad| {
        bad.keys[1] = key(32)
    });
    with("other_app_hash/value", "another value", &|bad| {
        bad.nodes(|nodes| nodes[0] = Op::Entry(vec![2], [7; 32]));
    });
    with("other_app_hash/sides", "the store on another side", &|bad| {
        bad.ops.sides ^= 1
    });
    with(
        "other_app_hash/store_step",
        "a step to the app hash too few",
        &|bad| {
            bad.ops.steps -= 1;
            bad.ops.sides &= 3;
            bad.ops.siblings.pop();
        },
    );
    with("unanswered/one", "a key more is asked for", &|bad| {
        bad.keys.push(key(32))
    });
    with("nothing_asked/entry", "a key less is asked for", &|bad| {
        drop(bad.keys.pop())
    });
    with(
        "nothing_asked/nothing",
        "one more is absent than asked for",
        &|bad| {
            bad.nodes(|nodes| nodes.push(Op::Nothing));
        },
    );
}

fn bytes(files: &mut Files) {
    let good = Edited::of(&[8, 30]);
    let (app_hash, pool) = (good.ops.app_hash(&good.keys), good.ops.write());
    let mut with = |path: &str, about: &str, pool: &[u8]| {
        put_pool(
            files,
            &format!("reject/{path}"),
            about,
            &app_hash,
            &good.keys,
            pool,
        );
    };
    with("cut_pool/empty", "no bytes", &[]);
    with("cut_pool/steps", "cut in the way to the app hash", &pool[..20]);
    with(
        "cut_pool/last",
        "the last byte is missing",
        &pool[..pool.len() - 1],
    );
    with(
        "node_kind/seven",
        "a node of kind 7",
        &[pool.as_slice(), &[0x70]].concat(),
    );
    with(
        "node_kind/last",
        "a node of kind 15",
        &[pool.as_slice(), &[0xf0]].concat(),
    );
    with(
        "node_kind/nothing",
        "an absence with numbers",
        &[pool.as_slice(), &[0x31, 2]].concat(),
    );
}

fn ways(files: &mut Files) {
    let good = || Edited::of(&[8, 30]);
    good()
        .with(|bad| bad.ops.sides |= 8)
        .put(files, "store_steps/side", "a side without a step");
    good()
        .with(|bad| {
            bad.ops.steps = 17;
            bad.ops.siblings.resize(17, [9; 32]);
        })
        .put(files, "store_steps/many", "17 steps to the app hash");
}
