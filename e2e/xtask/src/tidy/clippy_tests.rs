//! Proof that the clippy.toml of every layer binds the crates under it: each is
//! laid beside a crate that breaks one of its rules.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of bans, a crate folder under it, and what that crate may not do.
const PLANTED: [(&str, &str, &str, &str); 7] = [
    (
        "light-clients/clippy.toml",
        "light-clients/probe",
        "std::time::Instant::now()",
        "time is an argument",
    ),
    (
        "guardian/clippy.toml",
        "guardian/probe",
        "std::time::SystemTime::now()",
        "time is an argument",
    ),
    (
        "relayer/core/clippy.toml",
        "relayer/core",
        "std::collections::HashMap::<u8, u8>::new()",
        "use BTreeMap",
    ),
    (
        "relayer/chain/clippy.toml",
        "relayer/chain",
        "std::fs::read(\"a\")",
        "a port touches no disk",
    ),
    (
        "relayer/clippy.toml",
        "relayer/probe",
        "std::env::var(\"A\")",
        "settings are arguments",
    ),
    (
        "relayer/relayer/clippy.toml",
        "relayer/relayer",
        "std::process::exit(1)",
        "return an ExitCode from main",
    ),
    (
        "e2e/clippy.toml",
        "e2e/probe",
        "std::process::abort()",
        "abort skips the destructors",
    ),
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What clippy says about the probe crates, laid out as in the repository.
fn clippy(expressions: &[(&str, &str)]) -> (bool, String) {
    let root = tempfile::tempdir().unwrap();
    let members: Vec<String> = expressions
        .iter()
        .map(|(folder, _)| format!("\"{folder}\""))
        .collect();
    let workspace = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n",
        members.join(", ")
    );
    std::fs::write(root.path().join("Cargo.toml"), workspace).unwrap();
    for (number, (folder, expression)) in expressions.iter().enumerate() {
        let folder = root.path().join(folder);
        std::fs::create_dir_all(folder.join("src")).unwrap();
        let manifest = format!("[package]\nname = \"probe-{number}\"\nedition = \"2024\"\n");
        std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        std::fs::write(
            folder.join("src/lib.rs"),
            format!("pub fn probe() {{ let _ = {expression}; }}\n"),
        )
        .unwrap();
    }
    for (bans, ..) in PLANTED {
        std::fs::create_dir_all(root.path().join(bans).parent().unwrap()).unwrap();
        std::fs::copy(repository().join(bans), root.path().join(bans)).unwrap();
    }
    let printed = Command::new(env!("CARGO"))
        .args([
            "clippy",
            "--offline",
            "--workspace",
            "--keep-going",
            "--",
            "-D",
            "warnings",
        ])
        .current_dir(root.path())
        .env("CARGO_TARGET_DIR", root.path().join("target"))
        .env_remove("CLIPPY_CONF_DIR")
        .output()
        .unwrap();
    (
        printed.status.success(),
        String::from_utf8_lossy(&printed.stderr).into_owned(),
    )
}

#[test]
fn the_bans_of_every_layer_bind_the_crates_under_it() {
    let planted: Vec<(&str, &str)> = PLANTED
        .iter()
        .map(|&(_, folder, expression, _)| (folder, expression))
        .collect();
    let (passed, said) = clippy(&planted);
    assert!(!passed);
    for (bans, folder, _, reason) in PLANTED {
        assert!(said.contains(reason), "{bans} does not bind {folder}:\n{said}");
    }
}

#[test]
fn what_no_layer_bans_passes() {
    let harmless: Vec<(&str, &str)> = PLANTED
        .iter()
        .map(|&(_, folder, ..)| (folder, "u8::MAX"))
        .collect();
    let (passed, said) = clippy(&harmless);
    assert!(passed, "{said}");
}

#[test]
fn all_rooms_of_law_have_the_same_bans() {
    let read = |path: &str| std::fs::read_to_string(repository().join(path)).unwrap();
    let bans = read("light-clients/clippy.toml");
    assert_eq!(bans, read("relayer/core/clippy.toml"));
    assert_eq!(bans, read("guardian/clippy.toml"));
}
