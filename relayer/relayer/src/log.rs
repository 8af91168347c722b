//! The log, on stderr.

use crate::config::LogConfig;
use anyhow::{Result, anyhow};
use tracing_subscriber::EnvFilter;

/// Starts logging. Does nothing when a log was started before, as in tests.
pub(crate) fn start(config: &LogConfig) -> Result<()> {
    let filter = filter(&config.level).map_err(|text| anyhow!("failed to read log.level: {text}"))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false);
    // It fails only when there is a log already.
    drop(if config.is_json {
        lines.json().flatten_event(true).try_init()
    } else {
        lines.try_init()
    });
    Ok(())
}

/// Reads a filter. A word that is neither a level nor `target=level` would silence everything.
pub(crate) fn filter(level: &str) -> Result<EnvFilter, String> {
    let remedy = "write it as info, or as info,chain_evm=debug (error, warn, info, debug, trace, off)";
    let is_known = |part: &str| match part.rsplit_once('=') {
        Some((_, level)) => is_level(level),
        None => is_level(part),
    };
    if let Some(unknown) = level.split(',').map(str::trim).find(|part| !is_known(part)) {
        return Err(format!("{unknown:?} is no level; {remedy}"));
    }
    EnvFilter::try_new(level).map_err(|error| format!("{level:?} is no filter ({error}); {remedy}"))
}

fn is_level(word: &str) -> bool {
    ["error", "warn", "info", "debug", "trace", "off"].contains(&word.to_ascii_lowercase().as_str())
}
