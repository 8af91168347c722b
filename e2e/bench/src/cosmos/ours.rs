//! The relayer as a contestant: set up by its own commands, started as an operator starts it.

use super::ground::Ground;
use super::lane::{Lane, PORT, Protocol};
use super::runner::Runner;
use super::store;
use anyhow::{Context, Result};
use networks::{chain_section, free_port};
use scenarios::Program;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a command may take.
const COMMAND_WITHIN: Duration = Duration::from_secs(120);

/// Its program: a binary of its own, or this very program under another word.
pub(super) struct Ours {
    executable: PathBuf,
    word: Option<String>,
}

impl Ours {
    /// - `binary`: the relayer as it is shipped; none = this very program.
    pub(super) fn new(binary: Option<&Path>) -> Result<Self> {
        Ok(match binary {
            Some(binary) => Self {
                executable: std::path::absolute(binary)?,
                word: None,
            },
            None => Self {
                executable: std::env::current_exe().context("failed to find the running executable")?,
                word: Some(crate::relayer::RELAYER.to_owned()),
            },
        })
    }

    /// How it was built, as far as that is known.
    pub(super) fn build(&self) -> String {
        match &self.word {
            None => self.executable.display().to_string(),
            Some(_) if cfg!(debug_assertions) => "development profile".to_owned(),
            Some(_) => "release profile".to_owned(),
        }
    }

    fn program(&self) -> Result<Program> {
        match &self.word {
            Some(word) => Program::own(word),
            None => Ok(Program::binary(&self.executable)),
        }
    }

    /// Makes what its packets travel over.
    ///
    /// # Errors
    /// A command of it fails; the error carries its own words.
    pub(super) async fn open(self, ground: &Ground, protocol: Protocol) -> Result<Runner> {
        let setup = self.set_up(ground)?;
        let lane = match protocol {
            Protocol::V1 => setup.channel(ground).await?,
            Protocol::V2 => setup.pair(ground).await?,
        };
        self.runner(&setup, lane)
    }

    /// Makes a lane its own that somebody else opened, a channel: with nothing but what its command reads of it.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) async fn take_over(self, ground: &Ground, lane: &Lane) -> Result<Runner> {
        let setup = self.set_up(ground)?;
        setup.import(ground, lane).await?;
        self.runner(&setup, lane.clone())
    }

    fn set_up(&self, ground: &Ground) -> Result<Setup> {
        Ok(Setup {
            program: self.program()?,
            config: ground.folder("ours")?.join("relayer.toml"),
            chains: ground.chains.iter().map(chain_section).collect(),
            port: free_port()?,
        })
    }

    fn runner(self, setup: &Setup, lane: Lane) -> Result<Runner> {
        let mut args: Vec<String> = self.word.into_iter().collect();
        args.extend(["run", "--config"].map(str::to_owned));
        args.push(setup.config.to_string_lossy().into_owned());
        let folder = setup.config.parent().context("a configuration in a folder")?;
        Ok(Runner {
            name: "weighbridge".to_owned(),
            lane,
            folder: folder.to_owned(),
            program: self.executable,
            args,
        })
    }
}

/// What its commands need.
struct Setup {
    program: Program,
    config: PathBuf,
    chains: String,
    port: u16,
}

impl Setup {
    /// A channel of IBC v1, with new clients under it.
    async fn channel(&self, ground: &Ground) -> Result<Lane> {
        self.write("")?;
        let [source, destination] = ground.chains.each_ref().map(|chain| chain.settings().name);
        let node = ground.rpcs()?[0];
        let before = store::next_channel(node).await?;
        self.ask(&["channel", "create", "--a", source, "--b", destination])
            .await?;
        let lane = store::opened(node, before).await?;
        let [here, there] = &lane.ends;
        self.write(&section(&[
            format!("{source}/{PORT}/{here}"),
            format!("{destination}/{PORT}/{there}"),
        ]))?;
        Ok(lane)
    }

    /// A channel that is there.
    async fn import(&self, ground: &Ground, lane: &Lane) -> Result<()> {
        self.write("")?;
        let chain = ground.chains[0].settings().name;
        let end = format!("{chain}/{PORT}/{}", lane.ends[0]);
        let read = self.ask(&["path", "import", "--channel", &end]).await?;
        let section = read["section"].as_str();
        self.write(section.context("`path import` writes no section")?)
    }

    /// A client of each chain on the other, paired over IBC v2.
    async fn pair(&self, ground: &Ground) -> Result<Lane> {
        self.write("")?;
        let [source, destination] = ground.chains.each_ref().map(|chain| chain.settings().name);
        let ends = [
            self.create_client(source, destination).await?,
            self.create_client(destination, source).await?,
        ];
        self.ask(&["path", "create", "--a", &ends[0], "--b", &ends[1]])
            .await?;
        self.write(&section(&ends))?;
        let client = |end: &String| end.split_once('/').map_or(end.clone(), |(_, id)| id.to_owned());
        Ok(Lane {
            protocol: Protocol::V2,
            ends: ends.each_ref().map(client),
        })
    }

    async fn create_client(&self, host: &str, tracked: &str) -> Result<String> {
        let made = self
            .ask(&["client", "create", "--host", host, "--tracked", tracked])
            .await?;
        let end = made["end"].as_str().map(str::to_owned);
        end.with_context(|| format!("`client create` does not say what it made: {made}"))
    }

    async fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let config = self.config.to_string_lossy();
        let all = [arguments, &["--config", &config, "--json"]].concat();
        self.program.ask(&all, COMMAND_WITHIN).await
    }

    /// The configuration that an operator writes: every limit has its default.
    ///
    /// - `path`: the section of its path, if it has one.
    fn write(&self, path: &str) -> Result<()> {
        let text = format!(
            "[api]\nlisten = \"127.0.0.1:{}\"\n{}{path}",
            self.port, self.chains
        );
        std::fs::write(&self.config, text)
            .with_context(|| format!("failed to write {}", self.config.display()))
    }
}

/// The section of a path between `ends`, as chain/client or chain/port/channel.
fn section([a, b]: &[String; 2]) -> String {
    format!("\n[[paths]]\na = \"{a}\"\nb = \"{b}\"\n")
}
