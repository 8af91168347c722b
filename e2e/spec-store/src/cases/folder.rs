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
    /// Reads fork and preset from `manifest.yaml`, else (the preset) from `config.yaml`, else from the folders above.
    /// Where none of them names a preset, the case is opened once under each: sizes tell which one it is.
    pub(super) fn open(path: &Path) -> Result<Vec<Self>> {
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
        let presets = match preset {
            Some(name) => vec![Preset::by_name(&name)?],
            None => vec![Preset::MAINNET, Preset::MINIMAL],
        };
        Ok(presets
            .into_iter()
            .map(|preset| Self {
                path: path.clone(),
                fork,
                preset,
            })
            .collect())
    }

    /// The name of the case.
    pub(super) fn case(&self) -> String {
        self.path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    /// Whether a folder above, the suite, has this name.
    pub(super) fn is_below(&self, suite: &str) -> bool {
        self.path.iter().any(|part| part == suite)
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
