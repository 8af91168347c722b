//! Planted violations of the layers.

use serde_json::{Value, json};

use super::{LAW_LINTS, check, check_law_source};
use crate::tidy::{Finding, Source};

/// A crate in `folder` with its dependencies as `cargo metadata` shows them.
fn package(root: &std::path::Path, folder: &str, dependencies: &[Value]) -> Value {
    let name = folder.rsplit('/').next().unwrap();
    let manifest = root.join(folder).join("Cargo.toml");
    std::fs::create_dir_all(root.join(folder).join("src")).unwrap();
    let lines: Vec<String> = dependencies
        .iter()
        .map(|one| format!("{}.workspace = true\n", one["name"].as_str().unwrap()))
        .collect();
    let text = format!(
        "[package]\nlicense.workspace = true\n[lints]\nworkspace = true\n{}",
        lines.concat()
    );
    std::fs::write(&manifest, text).unwrap();
    let head = format!(
        "#![no_std]\n#![cfg_attr(not(test), deny({}))]\n",
        LAW_LINTS.join(", ")
    );
    std::fs::write(root.join(folder).join("src/lib.rs"), head).unwrap();
    json!({
        "name": name, "manifest_path": manifest, "license": "Apache-2.0", "description": "A crate.",
        "dependencies": dependencies,
    })
}

fn dependency(name: &str) -> Value {
    json!({"name": name, "kind": null, "uses_default_features": false})
}

/// What tidy says about crates in these folders with these dependencies.
fn findings(crates: &[(&str, &[Value])]) -> Vec<Finding> {
    let root = tempfile::tempdir().unwrap();
    let packages: Vec<Value> = crates
        .iter()
        .map(|(folder, needs)| package(root.path(), folder, needs))
        .collect();
    let mut found = Vec::new();
    check(root.path(), &json!({ "packages": packages }), &mut found).unwrap();
    found
}

const HOUSE: [&str; 5] = [
    "light-clients/wire",
    "relayer/chain",
    "relayer/store",
    "relayer/relayer",
    "e2e/devnet",
];

#[test]
fn every_layer_may_use_itself_and_what_is_below() {
    for (above, folder) in HOUSE.iter().enumerate() {
        for (below, needed) in HOUSE.iter().enumerate() {
            let name = needed.rsplit('/').next().unwrap();
            let crates: Vec<(&str, &[Value])> = HOUSE.iter().map(|one| (*one, [].as_slice())).collect();
            let needs = [dependency(name)];
            let mut crates = crates;
            crates[above] = (folder, &needs);
            let found = findings(&crates);
            assert_eq!(
                found.is_empty(),
                below <= above,
                "{folder} on {needed}: {found:?}"
            );
            assert!(found.iter().all(|one| one.line == 5 && one.rule == "layer"));
        }
    }
}

#[test]
fn only_the_machine_may_speak_its_port() {
    let needs = [dependency("chain")];
    assert!(findings(&[("relayer/chain", &[]), ("relayer/core", &needs)]).is_empty());
    assert_eq!(
        findings(&[("relayer/chain", &[]), ("light-clients/wire", &needs)]).len(),
        1
    );
}

#[test]
fn tests_of_adapters_may_use_embedded_chains_and_tests_of_law_may_not() {
    let needs = [json!({"name": "devnet", "kind": "dev", "uses_default_features": true})];
    assert!(findings(&[("e2e/devnet", &[]), ("relayer/chain-evm", &needs)]).is_empty());
    assert_eq!(
        findings(&[("e2e/devnet", &[]), ("light-clients/wire", &needs)]).len(),
        1
    );
}

#[test]
fn tests_of_law_may_roll_dice_and_law_may_not() {
    let crates = |kind: Value| {
        let needs = [json!({"name": "dice", "kind": kind, "uses_default_features": true})];
        findings(&[("e2e/dice", &[]), ("light-clients/wire", &needs)]).len()
    };
    assert_eq!(crates(json!("dev")), 0);
    assert_eq!(crates(json!(null)), 1);
    assert_eq!(crates(json!("build")), 1);
}

#[test]
fn law_links_only_what_is_on_its_list() {
    let listed = [dependency("alloy-primitives")];
    assert!(findings(&[("light-clients/wire", &listed)]).is_empty());
    for banned in ["tokio", "rand", "tracing"] {
        assert_eq!(
            findings(&[("light-clients/wire", &[dependency(banned)])]).len(),
            1
        );
        assert_eq!(findings(&[("relayer/chain", &[dependency(banned)])]).len(), 1);
        assert!(findings(&[("relayer/store", &[dependency(banned)])]).is_empty());
    }
    let with_std = [json!({"name": "sha2", "kind": null, "uses_default_features": true})];
    assert_eq!(findings(&[("light-clients/wire", &with_std)]).len(), 1);
}

#[test]
fn what_builds_fixtures_may_be_linked_by_the_feature_testing_alone() {
    let told = |features: Value| {
        let root = tempfile::tempdir().unwrap();
        let needs =
            [json!({"name": "alloy-trie", "kind": null, "optional": true, "uses_default_features": true})];
        let mut one = package(root.path(), "light-clients/ethereum", &needs);
        one["features"] = features;
        let mut found = Vec::new();
        check(root.path(), &json!({ "packages": [one] }), &mut found).unwrap();
        found.len()
    };
    assert_eq!(told(json!({"testing": ["dep:alloy-trie"], "blst": []})), 0);
    assert_eq!(
        told(json!({"testing": ["dep:alloy-trie"], "blst": ["dep:alloy-trie"]})),
        1
    );
    assert_eq!(told(json!({"blst": ["dep:alloy-trie"]})), 1);
}

#[test]
fn a_crate_outside_the_house_is_found() {
    assert_eq!(findings(&[("tools/odd", &[])])[0].rule, "layer");
}

#[test]
fn a_manifest_without_licence_description_or_lints_is_found() {
    let root = tempfile::tempdir().unwrap();
    let mut one = package(root.path(), "e2e/devnet", &[]);
    one["license"] = Value::Null;
    one["description"] = Value::Null;
    std::fs::write(
        root.path().join("e2e/devnet/Cargo.toml"),
        "[package]\nname = \"devnet\"\n",
    )
    .unwrap();
    let mut found = Vec::new();
    check(root.path(), &json!({ "packages": [one] }), &mut found).unwrap();
    let rules: Vec<&str> = found.iter().map(|one| one.rule).collect();
    assert_eq!(rules, ["licence", "description", "lints"]);
}

#[test]
fn a_law_crate_with_std_or_without_its_lints_is_found() {
    let root = tempfile::tempdir().unwrap();
    let one = package(root.path(), "light-clients/wire", &[]);
    std::fs::write(
        root.path().join("light-clients/wire/src/lib.rs"),
        "// #![no_std]\n",
    )
    .unwrap();
    let mut found = Vec::new();
    check(root.path(), &json!({ "packages": [one] }), &mut found).unwrap();
    assert_eq!(found.len(), 1 + LAW_LINTS.len());
}

#[test]
fn law_code_may_not_wait_hash_at_random_or_count_in_floats() {
    let planted = "async fn a() {}\nlet b: f64;\nuse map::HashMap;\nextern crate std;\n#[cfg(test)]\nextern crate std;\n";
    let lines = |path: &str| -> Vec<usize> {
        let mut found = Vec::new();
        check_law_source(
            &Source {
                path: path.into(),
                text: planted.into(),
            },
            &mut found,
        );
        let mut lines: Vec<usize> = found.iter().map(|one| one.line).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(lines("light-clients/wire/src/path.rs"), [1, 2, 3, 4]);
    assert_eq!(lines("relayer/core/src/plan.rs"), [1, 2, 3, 4]);
    assert!(lines("relayer/store/src/lib.rs").is_empty());
}

/// What tidy says about a crate whose manifest has lints of its own.
fn with_own_lints(folder: &str) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    let described = package(root.path(), folder, &[]);
    let manifest = root.path().join(folder).join("Cargo.toml");
    std::fs::write(&manifest, "[package]\nlicense.workspace = true\n[lints.rust]\n").unwrap();
    let mut found = Vec::new();
    check(root.path(), &json!({ "packages": [described] }), &mut found).unwrap();
    found.into_iter().map(|finding| finding.to_string()).collect()
}

#[test]
fn only_the_crate_that_reaches_a_host_has_lints_of_its_own() {
    assert!(with_own_lints("light-clients/wasm/host").is_empty());
    for folder in HOUSE.into_iter().chain(["light-clients/wasm"]) {
        let found = with_own_lints(folder);
        assert!(
            found.iter().any(|line| line.contains("lints")),
            "{folder}: {found:?}"
        );
    }
}
