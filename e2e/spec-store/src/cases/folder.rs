//! One case's folder: its fork and preset, and its files.

use std::fs;
use std::path::{Path, PathBuf};

use alloy_primitives::B256;
use anyhow::{Context, Result, anyhow};
use serde::de::DeserializeOwned;
use serde_yaml_ng::Value;

use crate::chain::{Chain, ForkName};
use crate::preset::Preset;

/// A case's folder.
pub(super) struct Folder {
    path: PathBuf,
    pub(super) fork: ForkName,
    pub(super) preset: Preset,
}

impl Folder {
    /// Reads fork and preset from `manifest.yaml`, else from the folders above, else (the preset) from
    /// `config.yaml`; without any of them it is `mainnet`, unless sizes say otherwise.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let path = path.canonicalize()?;
        let manifest: Value = read_yaml(&path.join("manifest.yaml")).unwrap_or(Value::Null);
        let config: Value = read_yaml(&path.join("config.yaml")).unwrap_or(Value::Null);
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let above = || path.iter().rev().filter_map(|part| part.to_str());
        let fork = text(&manifest, "fork")
            .and_then(|name| ForkName::by_name(&name))
            .or_else(|| above().find_map(ForkName::by_name))
            .ok_or_else(|| anyhow!("neither manifest.yaml nor a folder above names the fork"))?;
        let preset = text(&manifest, "preset")
            .or_else(|| text(&config, "PRESET_BASE"))
            .or_else(|| {
                above()
                    .find(|part| matches!(*part, "minimal" | "mainnet"))
                    .map(str::to_owned)
            });
        let preset = Preset::by_name(preset.as_deref().unwrap_or("mainnet"))?;
        Ok(Self { path, fork, preset })
    }

    /// The name of the folder, and that of the one above: case and suite.
    pub(super) fn names(&self) -> (String, String) {
        let name = |path: Option<&Path>| {
            path.and_then(Path::file_name)
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default()
        };
        (name(Some(&self.path)), name(self.path.parent()))
    }

    /// Reads a YAML file.
    pub(super) fn yaml<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        read_yaml(&self.path.join(name))
    }

    /// The chain of `config.yaml`.
    pub(super) fn chain(&self, genesis_validators_root: B256) -> Result<Chain> {
        Chain::new(&self.yaml("config.yaml")?, self.preset, genesis_validators_root)
    }

    /// The bytes of the object `name`, which lies in a `.ssz_snappy` or `.ssz` file.
    pub(super) fn ssz(&self, name: &str) -> Result<Vec<u8>> {
        let packed = self.path.join(format!("{name}.ssz_snappy"));
        if packed.is_file() {
            let bytes = fs::read(&packed)?;
            return snap::raw::Decoder::new()
                .decompress_vec(&bytes)
                .with_context(|| packed.display().to_string());
        }
        let plain = self.path.join(format!("{name}.ssz"));
        fs::read(&plain).with_context(|| plain.display().to_string())
    }
}

fn read_yaml<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_yaml_ng::from_str(&text).with_context(|| path.display().to_string())
}
