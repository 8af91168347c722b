//! The log, on stderr.

use crate::config::LogConfig;
use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

/// Starts logging. Does nothing when a log was started before, as in tests.
pub(crate) fn start(config: &LogConfig) -> Result<()> {
    let filter = EnvFilter::try_new(&config.level)
        .with_context(|| format!("failed to read log.level = {:?}", config.level))?;
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
