//! Connections and channels of IBC v1 between two running chains of ibc-go: interrupted after each of the first steps and gone on
//! with by the relayer's command line, ordered and unordered, closed, and read back as an operator does who replaces a relayer.
//!
//! The verdict is the chains': ibc-go verifies each proof, and its own store says what is there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy_primitives::B256;
use anyhow::{Context, Result, anyhow, bail, ensure};
use chain::{BlockNumber, ChainName};
use chain_cosmos::{
    ChannelHandshake, ChannelWish, Connected, ConnectionHandshake, Cosmos, Key, Progress, Settings, Step,
};
use scenarios::cosmos::PREFIX;
use scenarios::cosmos::sent::rules;
use scenarios::cosmos::served::{height, stored};
use scenarios::{Program, Role};
use serde_json::Value;
use wire::channel::Ordering;
use wire::{ClientId, PortId};

use super::chain::CosmosChain;
use super::section::chain_section;

/// How long a command may take: chains of half a second a block, on a busy machine.
const COMMAND_WITHIN: Duration = Duration::from_secs(180);
/// How long one step may take.
const STEP_WITHIN: Duration = Duration::from_secs(90);
/// Blocks after which a transaction is given up: more than a busy machine needs.
const PATIENCE_BLOCKS: u64 = 60;
/// The application of simd that takes ordered channels, and lets everybody close.
const MOCK: &str = "mock";
const TRANSFER: &str = "transfer";

/// Two chains, and the relayer's command line for both.
struct Channels<'a> {
    program: Program,
    config: PathBuf,
    chains: [&'a CosmosChain; 2],
    cosmos: [Cosmos; 2],
}

/// Opens and closes channels between two chains; what is written lies in `folder`. Says in a line each what was found.
///
/// # Errors
/// A step is refused, something is begun twice, or a chain has something else than the relayer says.
pub async fn channels(program: Program, chains: [&CosmosChain; 2], folder: &Path) -> Result<Vec<String>> {
    let config = folder.join("channels.toml");
    let sections: String = chains.map(chain_section).concat();
    std::fs::write(&config, sections).with_context(|| format!("failed to write {}", config.display()))?;
    let [east, west] = chains;
    let channels = Channels {
        program,
        config,
        chains,
        cosmos: [cosmos(east)?, cosmos(west)?],
    };
    let clients = channels.clients().await?;
    let mut found = vec![format!("clients {} and {} are made", clients[0], clients[1])];
    let ordered = channels.interrupted_connection(&clients, &mut found).await?;
    let unordered = channels
        .interrupted_channel(&clients, &ordered, &mut found)
        .await?;
    channels.refused(&clients, &mut found).await?;
    channels.imported(&unordered, &mut found).await?;
    channels.closed(&ordered, &unordered, &mut found).await?;
    Ok(found)
}

impl Channels<'_> {
    async fn clients(&self) -> Result<[ClientId; 2]> {
        let [east, west] = self.names();
        Ok([self.client(east, west).await?, self.client(west, east).await?])
    }

    async fn client(&self, host: &str, tracked: &str) -> Result<ClientId> {
        let made = self
            .ask(&["client", "create", "--host", host, "--tracked", tracked])
            .await?;
        let id = made["client"]
            .as_str()
            .context("`client create` names no client")?;
        Ok(ClientId::new(id)?)
    }

    /// A connection that is left after INIT, and again after TRY; `channel create` goes on with it and opens an ordered channel.
    async fn interrupted_connection(
        &self,
        clients: &[ClientId; 2],
        found: &mut Vec<String>,
    ) -> Result<Value> {
        let mut begun = Vec::new();
        for expected in [Step::Init, Step::Try] {
            let mut handshake = ConnectionHandshake::new(self.cosmos.each_ref(), clients.clone(), None);
            match handshake.step(STEP_WITHIN).await? {
                Progress::Took(taken) if taken.step == expected => begun.push(taken.end),
                other => bail!("{expected:?} of a connection was to be taken, but {other:?}"),
            }
        }
        let open = self
            .create(clients, &["--port", MOCK, "--order", "ordered"])
            .await?;
        for (side, begun) in ["a", "b"].into_iter().zip(&begun) {
            let used = &open[side]["connection"];
            ensure!(
                used == begun.as_str(),
                "{begun} was begun, the channel goes over {used}"
            );
        }
        for (side, client) in clients.iter().enumerate() {
            let paths = self
                .stored(side, &format!("clients/{client}/connections"))
                .await?;
            let count = paths.windows(11).filter(|part| part == b"connection-").count();
            ensure!(count == 1, "client {client} has {count} connections");
        }
        ensure!(open["order"] == "ordered", "ordered was asked for: {open}");
        found.push(format!(
            "a connection left after INIT and after TRY is gone on with, {} and {}; an ordered channel opens over it: {} and {}",
            begun[0], begun[1], open["a"]["end"], open["b"]["end"]
        ));
        Ok(open)
    }

    /// A channel of transfers that is left after INIT, and again after TRY.
    async fn interrupted_channel(
        &self,
        clients: &[ClientId; 2],
        before: &Value,
        found: &mut Vec<String>,
    ) -> Result<Value> {
        let named = |side: &str| {
            let id = before[side]["connection"].as_str().unwrap_or_default();
            id.parse().map_err(|text: String| anyhow!(text))
        };
        let connected = Connected {
            connections: [named("a")?, named("b")?],
            clients: clients.clone(),
        };
        let wish = ChannelWish {
            ports: [PortId::new(TRANSFER)?, PortId::new(TRANSFER)?],
            ordering: Ordering::Unordered,
            version: Some("ics20-1".into()),
        };
        let mut begun = Vec::new();
        for expected in [Step::Init, Step::Try] {
            let mut handshake =
                ChannelHandshake::new(self.cosmos.each_ref(), connected.clone(), wish.clone());
            match handshake.step(STEP_WITHIN).await? {
                Progress::Took(taken) if taken.step == expected => begun.push(taken.end),
                other => bail!("{expected:?} of a channel was to be taken, but {other:?}"),
            }
        }
        let wanted = ["--version", "ics20-1"];
        let open = self.create(clients, &wanted).await?;
        for (side, begun) in ["a", "b"].into_iter().zip(&begun) {
            let end = open[side]["end"].as_str().unwrap_or_default();
            ensure!(
                end.ends_with(&format!("/{TRANSFER}/{begun}")),
                "{begun} was begun, {end} is open"
            );
        }
        let again = self.create(clients, &wanted).await?;
        ensure!(again == open, "asked for again, {open} became {again}");
        found.push(format!(
            "a channel of transfers left after INIT and after TRY is gone on with, and is there when it is asked for again: {} and {}",
            open["a"]["end"], open["b"]["end"]
        ));
        Ok(open)
    }

    /// A connection that is another client's is told with both.
    async fn refused(&self, clients: &[ClientId; 2], found: &mut Vec<String>) -> Result<()> {
        let [east, west] = self.names();
        let other = self.client(east, west).await?;
        let (a, b) = (format!("{east}/{other}"), format!("{west}/{}", clients[1]));
        let words = [
            "channel",
            "create",
            "--a",
            &a,
            "--b",
            &b,
            "--connection",
            "connection-0",
        ];
        let told = self.refusal(&words).await?;
        let has_both = told.contains(other.as_str()) && told.contains(clients[0].as_str());
        ensure!(has_both, "both clients were to be told: {told}");
        found.push(format!("another client's connection is refused: {told}"));
        Ok(())
    }

    /// An existing channel is read and checked at both ends.
    async fn imported(&self, open: &Value, found: &mut Vec<String>) -> Result<()> {
        let end = open["a"]["end"].as_str().context("no end")?;
        let read = self.ask(&["path", "import", "--channel", end]).await?;
        ensure!(read["ok"] == true, "an open channel does not fit: {read:#}");
        let section = read["section"].as_str().context("no section")?;
        let section: toml::Table = section.parse().context("the section is not TOML")?;
        for side in ["a", "b"] {
            let (written, expected) = (section["paths"][0][side].as_str(), open[side]["end"].as_str());
            ensure!(written == expected, "{expected:?} is written as {written:?}");
            ensure!(
                read[side]["client"] == open[side]["client"],
                "another client: {read}"
            );
        }
        let checks = ["a", "b"].map(|side| read[side]["rules"].as_array().map_or(0, Vec::len));
        ensure!(
            checks.iter().all(|count| *count > 8),
            "too little was checked: {read:#}"
        );
        found.push(format!(
            "`path import` checks {} and {} rules and writes the path",
            checks[0], checks[1]
        ));
        Ok(())
    }

    /// The ordered channel is closed at both ends; that of transfers lets nobody.
    async fn closed(&self, ordered: &Value, unordered: &Value, found: &mut Vec<String>) -> Result<()> {
        let end = |open: &Value| open["a"]["end"].as_str().map(str::to_owned).context("no end");
        let (mock, transfer) = (end(ordered)?, end(unordered)?);
        let closed = self.ask(&["channel", "close", "--channel", &mock]).await?;
        ensure!(closed["state"] == "CLOSED", "{closed}");
        for (side, name) in ["a", "b"].into_iter().enumerate() {
            let end = ordered[name]["end"].as_str().unwrap_or_default();
            let (_, end) = end.split_once('/').context("no end")?;
            let (port, channel) = end.split_once('/').context("no end")?;
            let bytes = self
                .stored(side, &format!("channelEnds/ports/{port}/channels/{channel}"))
                .await?;
            // The first field is the state, 4 stands for closed.
            ensure!(bytes.starts_with(&[8, 4]), "{end} is not closed: {bytes:?}");
        }
        let told = self.refusal(&["path", "import", "--channel", &mock]).await?;
        ensure!(told.contains("CLOSED"), "a closed channel is imported: {told}");
        let told = self
            .refusal(&["channel", "close", "--channel", &transfer])
            .await?;
        ensure!(told.contains("user cannot close channel"), "{told}");
        found.push(format!(
            "{mock} is closed at both ends and not imported; that of transfers stays open: user cannot close channel"
        ));
        Ok(())
    }

    fn names(&self) -> [&str; 2] {
        self.chains.map(|chain| chain.site().name.as_str())
    }

    async fn create(&self, clients: &[ClientId; 2], more: &[&str]) -> Result<Value> {
        let [east, west] = self.names();
        let (a, b) = (format!("{east}/{}", clients[0]), format!("{west}/{}", clients[1]));
        let words = ["channel", "create", "--a", &a, "--b", &b];
        self.ask(&[&words[..], more].concat()).await
    }

    async fn ask(&self, words: &[&str]) -> Result<Value> {
        let config = self.config.to_string_lossy();
        let all = [words, &["--config", &config, "--json"]].concat();
        self.program.ask(&all, COMMAND_WITHIN).await
    }

    /// What a command says that has to fail.
    async fn refusal(&self, words: &[&str]) -> Result<String> {
        match self.ask(words).await {
            Ok(value) => bail!("`{}` was to be refused and says {value}", words.join(" ")),
            Err(error) => Ok(error.to_string()),
        }
    }

    /// What a chain's store of IBC has under `key`, by a query of the test's own.
    async fn stored(&self, side: usize, key: &str) -> Result<Vec<u8>> {
        let rpc = self.chains[side].rpc()?;
        // The state of the newest block may still be computed.
        let at = height(rpc).await?.saturating_sub(1);
        Ok(stored(rpc, key.as_bytes(), at).await?.value)
    }
}

/// A chain as the adapter has it, with the account that the relayer uses, too: one after the other.
fn cosmos(chain: &CosmosChain) -> Result<Cosmos> {
    let settings = chain.settings();
    let keys = Role::ALL.iter().zip(settings.keys());
    let keys = keys.filter(|(role, _)| **role == Role::Relayer);
    let keys = keys.map(|(_, key): (_, B256)| Key::new(key.as_slice(), PREFIX));
    let urls = chain.site().rpc_urls.iter();
    let made = Cosmos::new(Settings {
        name: ChainName(chain.site().name.clone()),
        rpc: urls.map(|url| url.parse()).collect::<Result<_, _>>()?,
        rules: rules(settings.chain_id, PATIENCE_BLOCKS)?,
        keys: keys.collect::<Result<_, _>>()?,
        first_block: BlockNumber(1),
        limits: endpoints::Limits::default(),
    });
    made.map_err(|text| anyhow!("{text}"))
}
