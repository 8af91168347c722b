//! Which crate may depend on which: daemons on adapters, adapters on ports,
//! ports on law, never the other way; tests on all of them, none on tests.
//!
//! It reads what `cargo metadata` says, and the heads of the law crates. It
//! never follows registry crates: what those may bring is in deny.toml.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::scan::{Language, line_of, split, words};
use super::{Finding, Source};

/// A floor of the house. The order is the direction: a crate may depend on its
/// own layer and on smaller ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Layer {
    /// Decides; `no_std`, no clock, no log, no input or output.
    Law,
    /// Two enums between law and the world.
    Port,
    /// Talks to the world.
    Adapter,
    /// Wires, starts and stops.
    Daemon,
    /// Chains, scenarios and tools for tests.
    Tests,
}

/// Registry crates that law may link: none of them has a clock, a log, a
/// runtime or an operating system under it.
const LAW_MAY_LINK: [&str; 12] = [
    "alloy-primitives",
    "alloy-sol-types",
    "alloy-rlp",
    "bls12_381",
    "blst",
    "ed25519-consensus",
    "k256",
    "ripemd",
    "serde",
    "serde-json-wasm",
    "sha2",
    "thiserror",
];
/// Registry crates that the port may link beside those: none.
const PORT_MAY_LINK: [&str; 12] = LAW_MAY_LINK;
/// What may be linked with its default features on: behind an optional feature
/// for native code.
const LAW_DEFAULTS_ALLOWED: [&str; 1] = ["blst"];
/// The one step upwards: the relayer's machine says what it wants in the words
/// of its port, so those words lie beneath it. The port in turn is held to the
/// rules of law and may not name the machine (cargo refuses the circle).
const SPEAKS_ITS_PORT: (&str, &str) = ("relayer/core", "chain");
/// What tests of law may use beside law: it depends on nothing and only counts, so their cases follow from a seed as before.
const LENT_TO_LAW: &str = "dice";
/// The one crate that may be unsafe: it reaches a host's memory and functions, and has the workspace's other lints by name.
const REACHES_A_HOST: &str = "light-clients/wasm/host";
/// Lints that every law crate switches on in its lib.rs, outside its tests.
pub(crate) const LAW_LINTS: [&str; 7] = [
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::panic",
    "clippy::unreachable",
    "clippy::indexing_slicing",
    "clippy::arithmetic_side_effects",
    "clippy::as_conversions",
];
/// Words that law code never contains.
const LAW_WORDS: [(&str, &str); 5] = [
    ("async", "law decides at once; waiting is the adapters' work"),
    ("f32", "count in integers"),
    ("f64", "count in integers"),
    ("HashMap", "use BTreeMap: its order is the same in every run"),
    ("HashSet", "use BTreeSet: its order is the same in every run"),
];

/// The layer of a folder; nothing for a folder that is no room of the house.
pub(crate) fn layer_of(folder: &str) -> Option<Layer> {
    match folder {
        "relayer/core" | "guardian/core" | "guardian/limits" | "guardian/risk" => Some(Layer::Law),
        "relayer/chain" => Some(Layer::Port),
        REACHES_A_HOST
        | "relayer/chain-evm"
        | "relayer/chain-cosmos"
        | "relayer/endpoints"
        | "relayer/store"
        | "relayer/api"
        | "relayer/attest"
        | "guardian/gossip"
        | "guardian/signer" => Some(Layer::Adapter),
        "relayer/relayer" | "guardian/guardian" => Some(Layer::Daemon),
        _ if folder.starts_with("light-clients/") => Some(Layer::Law),
        _ if folder.starts_with("e2e/") => Some(Layer::Tests),
        _ => None,
    }
}

/// A crate of ours as `cargo metadata` describes it.
struct Member {
    name: String,
    folder: String,
    layer: Layer,
    manifest: Source,
    described: Value,
}

/// Checks all manifests of the workspace at `root`; `metadata` is the output
/// of `cargo metadata --no-deps`.
pub(crate) fn check(root: &Path, metadata: &Value, findings: &mut Vec<Finding>) -> Result<()> {
    let members = members(root, metadata, findings)?;
    let layers: BTreeMap<&str, Layer> = members.iter().map(|one| (one.name.as_str(), one.layer)).collect();
    for member in &members {
        check_manifest(member, findings);
        for dependency in list(&member.described, "dependencies") {
            check_dependency(member, dependency, &layers, findings);
        }
        if member.layer <= Layer::Port {
            let path = format!("{}/src/lib.rs", member.folder);
            let text = std::fs::read_to_string(root.join(&path)).with_context(|| format!("read {path}"))?;
            check_law_head(&Source { path, text }, member.layer, findings);
        }
    }
    Ok(())
}

fn members(root: &Path, metadata: &Value, findings: &mut Vec<Finding>) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for described in list(metadata, "packages") {
        let manifest_path = Path::new(text(described, "manifest_path"));
        let relative = manifest_path
            .strip_prefix(root)
            .unwrap_or(manifest_path)
            .to_string_lossy()
            .into_owned();
        let folder = relative
            .trim_end_matches("Cargo.toml")
            .trim_end_matches('/')
            .to_owned();
        let text_of_manifest =
            std::fs::read_to_string(manifest_path).with_context(|| format!("read {relative}"))?;
        let Some(layer) = layer_of(&folder) else {
            let what = format!("`{folder}` is no room of the house");
            let remedy = "put the crate under a layer's folder, or add the folder to tidy's table of layers";
            findings.push(Finding::error(&relative, 1, "layer", what, remedy));
            continue;
        };
        members.push(Member {
            name: text(described, "name").to_owned(),
            folder,
            layer,
            manifest: Source {
                path: relative,
                text: text_of_manifest,
            },
            described: described.clone(),
        });
    }
    Ok(members)
}

fn check_manifest(member: &Member, findings: &mut Vec<Finding>) {
    let path = &member.manifest.path;
    if text(&member.described, "license") != "Apache-2.0" {
        let what = format!("the licence is `{}`", text(&member.described, "license"));
        let remedy = "write `license.workspace = true`";
        findings.push(Finding::error(
            path,
            member.line_of("license"),
            "licence",
            what,
            remedy,
        ));
    }
    if text(&member.described, "description").is_empty() {
        let remedy = "write `description = \"...\"`, one line";
        findings.push(Finding::error(
            path,
            1,
            "description",
            "the crate does not say what it is".into(),
            remedy,
        ));
    }
    let squeezed: String = member.manifest.text.split_whitespace().collect();
    if !squeezed.contains("[lints]workspace=true") && member.folder != REACHES_A_HOST {
        let remedy = "write `[lints]` and `workspace = true`";
        let what = "the crate leaves out the lints of the workspace".to_owned();
        findings.push(Finding::error(
            path,
            member.line_of("[lints]"),
            "lints",
            what,
            remedy,
        ));
    }
}

fn check_dependency(
    member: &Member,
    dependency: &Value,
    layers: &BTreeMap<&str, Layer>,
    findings: &mut Vec<Finding>,
) {
    let name = text(dependency, "name");
    let kind = text(dependency, "kind");
    let fault = match layers.get(name) {
        Some(_) if (member.folder.as_str(), name) == SPEAKS_ITS_PORT => None,
        Some(&below) => ours_fault(member.layer, below, name, kind),
        None if kind.is_empty() && !member.is_for_testing(name) => {
            registry_fault(member.layer, dependency, name)
        }
        None => None,
    };
    if let Some((what, remedy)) = fault {
        let line = member.line_of(name);
        findings.push(Finding::error(&member.manifest.path, line, "layer", what, remedy));
    }
}

/// What is wrong with a dependency on a crate of ours. Tests of adapters and
/// daemons may use the embedded chains; tests of law use law, and dice.
fn ours_fault(layer: Layer, below: Layer, name: &str, kind: &str) -> Option<(String, &'static str)> {
    let may_lend = layer > Layer::Port || name == LENT_TO_LAW;
    let for_tests = kind == "dev" && may_lend && below == Layer::Tests;
    let what = format!("{layer:?} depends on `{name}`, which is {below:?}");
    (below > layer && !for_tests).then_some((
        what,
        "turn it round: pass the value in, or move the deciding part down",
    ))
}

/// What is wrong with a dependency of law or port on a registry crate.
fn registry_fault(layer: Layer, dependency: &Value, name: &str) -> Option<(String, &'static str)> {
    let allowed: &[&str] = match layer {
        Layer::Law => &LAW_MAY_LINK,
        Layer::Port => &PORT_MAY_LINK,
        Layer::Adapter | Layer::Daemon | Layer::Tests => return None,
    };
    if !allowed.contains(&name) {
        let what = format!("{layer:?} links `{name}`, which is not on its list");
        return Some((
            what,
            "do without it, or argue in an ADR why it decides nothing and touches nothing",
        ));
    }
    let defaults = dependency
        .get("uses_default_features")
        .and_then(Value::as_bool)
        .unwrap_or(true);
    let excused = layer == Layer::Port || LAW_DEFAULTS_ALLOWED.contains(&name);
    let what = format!("law links `{name}` with its default features, std among them");
    (defaults && !excused).then_some((what, "write `default-features = false`"))
}

/// Checks the attributes at the head of a law crate, or of a port.
fn check_law_head(lib: &Source, layer: Layer, findings: &mut Vec<Finding>) {
    let code = split(&lib.text, Language::Rust).code;
    let squeezed: String = code.split_whitespace().collect();
    if !squeezed.contains("#![no_std]") {
        let remedy = "write `#![no_std]` and `extern crate alloc;`";
        findings.push(Finding::error(
            &lib.path,
            1,
            "law",
            format!("{layer:?} without `#![no_std]`"),
            remedy,
        ));
    }
    let wanted: &[&str] = if layer == Layer::Law { &LAW_LINTS } else { &[] };
    for lint in wanted {
        if !squeezed.contains(lint) {
            let what = format!("a law crate that does not deny `{lint}`");
            let remedy = "add it to `#![cfg_attr(not(test), deny(...))]` at the head of lib.rs";
            findings.push(Finding::error(&lib.path, 1, "law", what, remedy));
        }
    }
}

/// Checks that no source of law or port contains what neither may do.
pub(crate) fn check_law_source(source: &Source, findings: &mut Vec<Finding>) {
    let folder = source.path.split("/src/").next().unwrap_or_default();
    let is_rust = Language::of(&source.path) == Some(Language::Rust);
    let bound = layer_of(folder).is_some_and(|layer| layer <= Layer::Port);
    if !is_rust || !source.path.contains("/src/") || !bound {
        return;
    }
    let code = split(&source.text, Language::Rust).code;
    for (word, remedy) in LAW_WORDS {
        for at in words(&code, word) {
            let what = format!("law contains `{word}`");
            findings.push(Finding::error(
                &source.path,
                line_of(&code, at),
                "law",
                what,
                remedy,
            ));
        }
    }
    for (at, found) in code.match_indices("extern crate std") {
        let before = code.get(..at).unwrap_or_default().trim_end();
        if !before.ends_with("#[cfg(test)]") {
            let what = format!("law asks for the operating system: `{found}`");
            let remedy = "use core and alloc; tests may write `#[cfg(test)]` before it";
            findings.push(Finding::error(
                &source.path,
                line_of(&code, at),
                "law",
                what,
                remedy,
            ));
        }
    }
}

impl Member {
    /// True if nothing but the feature `testing` switches this dependency on: it builds fixtures and is linked into
    /// tests only.
    fn is_for_testing(&self, dependency: &str) -> bool {
        let enabler = format!("dep:{dependency}");
        let features = self.described.get("features").and_then(Value::as_object);
        let mut enabling = features.into_iter().flatten().filter(|(_, parts)| {
            parts
                .as_array()
                .is_some_and(|parts| parts.iter().any(|part| part.as_str() == Some(&enabler)))
        });
        enabling.next().is_some_and(|(name, _)| name == "testing") && enabling.next().is_none()
    }

    /// The first line of the manifest that begins with `word`; 1 if none does.
    fn line_of(&self, word: &str) -> usize {
        let mut lines = self.manifest.text.lines();
        1 + lines
            .position(|line| line.trim_start().starts_with(word))
            .unwrap_or(0)
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
#[path = "layers_tests.rs"]
mod tests;
