//! What an upgrade may do to a layout, and what it is refused for.

use std::path::Path;

use super::{Difference, Entry, Intent, Layout, Struct, compare, parse, settle};

fn entry(name: &str, slot: u64, offset: u64, kind: &str) -> Entry {
    Entry {
        name: name.into(),
        slot,
        offset,
        kind: kind.into(),
    }
}

/// Two variables and the struct of one of them.
fn recorded() -> Layout {
    let client = Struct {
        bytes: 64,
        members: vec![
            entry("light", 0, 0, "contract ILightClient"),
            entry("creator", 1, 0, "address"),
        ],
    };
    Layout {
        storage: vec![
            entry("_clients", 0, 0, "mapping(bytes32 => struct Client)"),
            entry("_count", 1, 0, "uint64"),
        ],
        structs: [("struct Client".to_owned(), client)].into(),
    }
}

fn broken(new: &Layout) -> String {
    let Difference { broken, .. } = compare(&recorded(), new);
    assert_eq!(broken.len(), 1, "{broken:?}");
    broken.concat()
}

#[test]
fn the_same_is_the_same() {
    assert_eq!(compare(&recorded(), &recorded()), Difference::default());
}

#[test]
fn an_appended_entry_is_fine() {
    let mut new = recorded();
    new.storage.push(entry("_paused", 1, 8, "bool"));
    let client = new.structs.get_mut("struct Client").unwrap();
    client.members.push(entry("halted", 1, 20, "bool"));
    client.bytes = 96;
    let found = compare(&recorded(), &new);
    assert_eq!(found.broken, Vec::<String>::new());
    assert_eq!(
        found.appended,
        [
            "`_paused` at slot 1 byte 8",
            "`struct Client.halted` at slot 1 byte 20"
        ]
    );
}

#[test]
fn rejects_a_moved_entry() {
    let mut new = recorded();
    new.storage.insert(1, entry("_paused", 1, 0, "uint256"));
    new.storage[2].slot = 2;
    assert_eq!(broken(&new), "`_count` moved from slot 1 byte 0 to slot 2 byte 0");

    let mut new = recorded();
    new.structs.get_mut("struct Client").unwrap().members[1].offset = 8;
    assert_eq!(
        broken(&new),
        "`struct Client.creator` moved from slot 1 byte 0 to slot 1 byte 8"
    );
}

#[test]
fn rejects_a_retyped_entry() {
    let mut new = recorded();
    new.storage[1].kind = "uint128".into();
    assert_eq!(broken(&new), "`_count` was `uint64` and is `uint128`");

    let mut new = recorded();
    new.structs.get_mut("struct Client").unwrap().members[0].kind = "bytes32".into();
    assert_eq!(
        broken(&new),
        "`struct Client.light` was `contract ILightClient` and is `bytes32`"
    );
}

#[test]
fn rejects_a_removed_entry() {
    let mut new = recorded();
    new.storage.remove(1);
    assert_eq!(broken(&new), "`_count` is gone");

    let mut new = recorded();
    new.storage[1].name = "_renamed".into();
    assert_eq!(broken(&new), "`_count` is gone");

    let mut new = recorded();
    new.structs.clear();
    assert_eq!(broken(&new), "`struct Client` is gone");
}

#[test]
fn rejects_a_struct_that_grows_in_an_array() {
    let mut old = recorded();
    old.storage.push(entry("_list", 2, 0, "struct Client[]"));
    let mut new = old.clone();
    let client = new.structs.get_mut("struct Client").unwrap();
    client.members.push(entry("halted", 2, 0, "bool"));
    client.bytes = 96;
    assert_eq!(
        compare(&old, &new).broken,
        ["`struct Client` lies in an array and grew from 64 to 96 bytes"]
    );
}

#[test]
fn two_entries_of_one_name_are_two() {
    let mut old = recorded();
    old.storage.push(entry("_count", 2, 0, "uint64"));
    assert_eq!(compare(&old, &old), Difference::default());
}

#[test]
fn a_layout_is_recorded_once_appended_to_and_never_moved() {
    let folder = tempfile::tempdir().unwrap();
    let (fresh, snapshots) = (folder.path().join("fresh"), folder.path().join("layout"));
    std::fs::create_dir(&fresh).unwrap();
    let write = |storage: &str| {
        let text = format!("{{\"storage\": [{storage}], \"structs\": {{}}}}");
        parse(&text).unwrap();
        std::fs::write(fresh.join("Router.json"), text).unwrap();
    };
    let a = r#"{"name": "a", "slot": 0, "offset": 0, "type": "uint256"}"#;
    let b = r#"{"name": "b", "slot": 1, "offset": 0, "type": "uint256"}"#;
    let inserted = r#"{"name": "b", "slot": 0, "offset": 0, "type": "uint256"},
        {"name": "a", "slot": 1, "offset": 0, "type": "uint256"}"#;
    let settled = |intent| settle(&fresh, &snapshots, intent).map_err(|error| error.to_string());

    write(a);
    assert!(settled(Intent::Check).unwrap_err().contains("not recorded"));
    settled(Intent::Append).unwrap();
    settled(Intent::Check).unwrap();
    write(&format!("{a}, {b}"));
    assert!(settled(Intent::Check).unwrap_err().contains("`b`"));
    settled(Intent::Append).unwrap();
    settled(Intent::Check).unwrap();
    write(inserted);
    assert!(settled(Intent::Append).unwrap_err().contains("`a` moved"));
    settled(Intent::Rewrite).unwrap();
    settled(Intent::Check).unwrap();
    std::fs::remove_file(fresh.join("Router.json")).unwrap();
    assert!(settled(Intent::Append).unwrap_err().contains("Router.json"));
}

fn layout_of(name: &str) -> Layout {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/snapshots/layout");
    parse(&std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()).unwrap()
}

/// Each runs in the name of the same proxy.
#[test]
fn the_parts_of_the_transfer_application_mean_the_same_slots() {
    let whole = layout_of("Transfer");
    assert!(!whole.storage.is_empty());
    assert_eq!(layout_of("TransferDesk"), whole);
    assert_eq!(layout_of("LimitDesk"), whole);
}

/// It runs in the router's place and knows the first of its variables: one more of its own would lie on another.
#[test]
fn the_runner_of_batches_means_the_slots_of_the_router() {
    let (router, runner) = (layout_of("Router"), layout_of("BatchRunner"));
    assert!(!runner.storage.is_empty());
    assert!(
        router.storage.starts_with(&runner.storage),
        "{:?} does not begin with {:?}",
        router.storage,
        runner.storage
    );
    for (name, members) in &runner.structs {
        assert_eq!(router.structs.get(name), Some(members), "{name}");
    }
}
