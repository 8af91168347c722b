//! The operator's configuration: TOML in, what chains, paths and daemon need out, or all that is wrong with it.
//!
//! Paths of files are relative to the configuration file. `configs/relayer.toml` shows every key with its default.

mod cosmos;
mod end;
mod evm;
mod path;
mod policy;
mod reader;
mod run;
mod secret;
mod unit;

pub use cosmos::CosmosSettings;
pub use end::parse_end;
pub use path::PathEntry;
pub use reader::Problem;
pub(crate) use secret::signer;
pub use unit::Unit;

use chain::{BlockNumber, ChainName};
use chain_evm::Settings;
use reader::Reader;
use relayer_core::{ChainConfig, Keep, Limits};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml::Table;
use wire::Seconds;

/// What an operator configured.
#[derive(Clone)]
pub struct Config {
    /// Where the store is.
    pub store_dir: PathBuf,
    /// The HTTP interface.
    pub api: ApiConfig,
    /// The log.
    pub log: LogConfig,
    /// Chains.
    pub chains: Vec<ChainEntry>,
    /// Paths.
    pub paths: Vec<PathEntry>,
    /// Bounds and deadlines of the machine.
    pub limits: Limits,
    /// How long the store keeps what is over.
    pub keep: Keep,
}

/// The HTTP interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiConfig {
    /// Where it listens; port 0 lets the system choose.
    pub listen: SocketAddr,
}

/// The log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// A filter such as `info` or `info,chain_evm=debug`.
    pub level: String,
    /// Whether each line is a JSON object.
    pub is_json: bool,
}

/// One chain.
#[derive(Clone)]
pub struct ChainEntry {
    /// For its adapter.
    pub family: Family,
    /// For the machine.
    pub machine: ChainConfig,
}

/// Of which family a chain is, with what its adapter needs.
#[derive(Clone)]
pub enum Family {
    /// An EVM chain with a beacon chain.
    Evm {
        /// For its adapter. Without a router only `contract deploy` works.
        settings: Settings,
        /// Whether a router is configured.
        has_router: bool,
    },
    /// A chain of CometBFT and the Cosmos SDK.
    Cosmos(CosmosSettings),
}

/// Where the API listens unless the configuration says otherwise.
const LISTEN_DEFAULT: &str = "127.0.0.1:9750";

/// Seconds of a day.
const DAY: u64 = 86_400;

impl ChainEntry {
    /// Its name.
    pub fn name(&self) -> &ChainName {
        &self.machine.name
    }

    /// Nothing older is searched.
    fn first_block(&self) -> BlockNumber {
        match &self.family {
            Family::Evm { settings, .. } => settings.first_block,
            Family::Cosmos(settings) => settings.first_block,
        }
    }

    /// In what gas is paid there.
    pub fn unit(&self) -> Unit {
        match &self.family {
            Family::Evm { .. } => Unit::Wei,
            Family::Cosmos(settings) => Unit::Coin(settings.denom().to_owned()),
        }
    }
}

impl Config {
    /// Reads the configuration at `path`.
    ///
    /// # Errors
    /// Every problem, each with its key and a remedy.
    pub fn load(path: &Path) -> Result<Self, Vec<Problem>> {
        let whole = |text: String| {
            vec![Problem {
                key: path.display().to_string(),
                text,
            }]
        };
        let text = fs::read_to_string(path).map_err(|error| whole(format!("it cannot be read: {error}")))?;
        let base = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, base)
    }

    /// Reads a configuration whose relative paths start at `base`.
    ///
    /// # Errors
    /// Every problem, each with its key and a remedy.
    pub fn parse(text: &str, base: &Path) -> Result<Self, Vec<Problem>> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            vec![Problem {
                key: "the file".into(),
                text: format!("it is not TOML: {error}"),
            }]
        })?;
        let mut reader = Reader::new("", &table);
        let config = read(&mut reader, base);
        check_together(&mut reader, &config);
        let problems = reader.finish();
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(problems)
        }
    }

    /// The chain of that name.
    pub fn chain(&self, name: &str) -> Option<&ChainEntry> {
        self.chains.iter().find(|chain| chain.name().0 == name)
    }

    /// What the machine works on.
    pub fn machine(&self) -> relayer_core::Config {
        relayer_core::Config {
            chains: self.chains.iter().map(|chain| chain.machine.clone()).collect(),
            paths: self.paths.iter().map(|path| path.machine.clone()).collect(),
            limits: self.limits,
        }
    }
}

fn read(reader: &mut Reader<'_>, base: &Path) -> Config {
    let store_dir = base.join(reader.optional_text("store_dir").unwrap_or("store"));
    let api = reader.table("api", api);
    let log = reader.table("log", log);
    let http = reader.table("http", http);
    let limits = reader.table("limits", limits);
    let keep = reader.table("keep", keep);
    let chains = reader.tables("chains", |reader| chain_entry(reader, base, http));
    let paths = reader.tables("paths", |reader| path::entry(reader, &chains));
    Config {
        store_dir,
        api,
        log,
        chains,
        paths,
        limits,
        keep,
    }
}

fn api(reader: &mut Reader<'_>) -> ApiConfig {
    let text = reader.optional_text("listen").unwrap_or(LISTEN_DEFAULT);
    let exposed = reader.flag("expose", false);
    let listen = match text.parse::<SocketAddr>() {
        Ok(address) => address,
        Err(_) => {
            reader.bad(
                "listen",
                format!("{text} is no address; write it as {LISTEN_DEFAULT}"),
            );
            SocketAddr::from(([127, 0, 0, 1], 0))
        }
    };
    if !listen.ip().is_loopback() && !exposed {
        reader.bad(
            "listen",
            format!("{listen} can be reached by others; use 127.0.0.1 or set api.expose = true"),
        );
    }
    ApiConfig { listen }
}

fn log(reader: &mut Reader<'_>) -> LogConfig {
    let level = reader.optional_text("level").unwrap_or("info").to_owned();
    if let Err(text) = crate::log::filter(&level) {
        reader.bad("level", text);
    }
    LogConfig {
        level,
        is_json: reader.flag("json", false),
    }
}

fn http(reader: &mut Reader<'_>) -> chain_evm::Limits {
    let default = chain_evm::Limits::default();
    chain_evm::Limits {
        connect_ms: reader.positive("connect_ms", default.connect_ms),
        request_ms: reader.positive("request_ms", default.request_ms),
        body_bytes: reader.positive("body_bytes_max", default.body_bytes),
    }
}

fn limits(reader: &mut Reader<'_>) -> Limits {
    let default = Limits::default();
    let limits = Limits {
        live_max: reader.positive("live_packets_max", default.live_max),
        live_bytes_max: reader.positive("live_bytes_max", default.live_bytes_max),
        page_blocks: reader.positive("page_blocks", default.page_blocks),
        prove_keys: reader.positive("prove_keys", default.prove_keys),
        ask_patience: Seconds(reader.positive("ask_patience_secs", default.ask_patience.0)),
        pause_min: Seconds(reader.positive("pause_min_secs", default.pause_min.0)),
        pause_max: Seconds(reader.positive("pause_max_secs", default.pause_max.0)),
        recv_margin: Seconds(reader.number("recv_margin_secs", default.recv_margin.0)),
        client_every: Seconds(reader.positive("client_every_secs", default.client_every.0)),
        recheck_every: Seconds(reader.positive("recheck_every_secs", default.recheck_every.0)),
        lost_after: Seconds(reader.positive("lost_after_secs", default.lost_after.0)),
        rewind_every: Seconds(reader.positive("rewind_every_secs", default.rewind_every.0)),
        unfinal_max: reader.positive("unfinal_max", default.unfinal_max),
    };
    if limits.pause_min > limits.pause_max {
        let (min, max) = (limits.pause_min.0, limits.pause_max.0);
        reader.bad(
            "pause_min_secs",
            format!("{min} is above pause_max_secs = {max}; lower it"),
        );
    }
    limits
}

fn keep(reader: &mut Reader<'_>) -> Keep {
    let default = Keep::default();
    let mut days = |key, default: Seconds| {
        let days: u64 = reader.positive(key, default.0 / DAY);
        Seconds(days.saturating_mul(DAY))
    };
    Keep {
        finished: days("finished_days", default.finished),
        log: days("log_days", default.log),
        finished_max: reader.positive("finished_packets_max", default.finished_max),
        log_lines_per_day: reader.positive("log_lines_per_day", default.log_lines_per_day),
    }
}

/// The families of chains, as `kind` names them.
const KINDS: [&str; 2] = ["evm", "cosmos"];

fn chain_entry(reader: &mut Reader<'_>, base: &Path, http: chain_evm::Limits) -> Option<ChainEntry> {
    match reader.optional_text("kind") {
        None if reader.has("kind") => {}
        None => return evm::entry(reader, base, http),
        Some(kind) if kind == KINDS[0] => return evm::entry(reader, base, http),
        Some(kind) if kind == KINDS[1] => return cosmos::entry(reader, base, http),
        Some(kind) => {
            let known = KINDS.join(" or ");
            reader.bad("kind", format!("{kind:?} is no kind of chain; write {known}"));
        }
    }
    // Which keys belong here is not known.
    reader.ask_no_more();
    None
}

fn urls(reader: &mut Reader<'_>, key: &'static str, base: &Path) -> Vec<reqwest::Url> {
    let mut urls = Vec::new();
    let mut problems = Vec::new();
    for (key, text) in reader.texts(key) {
        match secret::url(text, base) {
            Ok(url) => urls.push(url),
            Err(text) => problems.push(Problem { key, text }),
        }
    }
    reader.take(problems);
    urls
}

/// What can only be seen in the whole.
fn check_together(reader: &mut Reader<'_>, config: &Config) {
    if let Err(problems) = config.machine().check() {
        for problem in problems {
            reader.bad("chains and paths", problem.to_string());
        }
    }
    for (position, path) in config.paths.iter().enumerate() {
        if path.machine.a.name.chain == path.machine.b.name.chain {
            let text = format!(
                "both ends are on {}; a path joins two chains",
                path.machine.a.name.chain
            );
            reader.bad(&format!("paths[{position}]"), text);
        }
        let ends = [&path.machine.a, &path.machine.b];
        let channels = ends.map(|end| end.name.id.client().is_none());
        if channels[0] != channels[1] {
            let text = "one end is a client and the other a channel; both have to be of one kind";
            reader.bad(&format!("paths[{position}]"), text.to_owned());
        }
        for end in ends {
            let Some(chain) = config.chain(&end.name.chain.0) else {
                continue;
            };
            if matches!(
                chain.family,
                Family::Evm {
                    has_router: false,
                    ..
                }
            ) {
                let text = format!(
                    "path {} needs the router of {}; add router = \"0x…\"",
                    end.name, end.name.chain
                );
                reader.bad(&format!("paths[{position}]"), text);
            }
            if end.name.id.client().is_none() && matches!(chain.family, Family::Evm { .. }) {
                let text = format!(
                    "{} has no channels, it is an EVM chain; name a client, such as {}/client-0",
                    end.name.chain, end.name.chain
                );
                reader.bad(&format!("paths[{position}]"), text);
            }
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
