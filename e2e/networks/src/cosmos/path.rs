//! The relayer between two running chains, through its command line and its HTTP interface: what an operator has.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use scenarios::{Daemon, Program, Role};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::chain::CosmosSite;
use super::keys::ACCOUNT;
use super::settings::STAKE;
use crate::ports::hold;

/// What is paid for gas.
const PRICE: &str = "0.001";
/// The relayer sends no receive with less than this left, so that a packet with a shorter life is sure to time out.
pub(crate) const RECV_MARGIN_SECS: u64 = 40;
/// How long a client believes a state. The relayer refreshes it when a quarter of that has passed.
const TRUST_PERIOD_SECS: &str = "240";
/// How long a command may take: chains of half a second a block, on a busy machine.
const COMMAND_WITHIN: Duration = Duration::from_secs(120);
/// How long the relayer may take to be ready after a start, and to stop.
const START_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A relayer with one path.
#[derive(Debug)]
pub(crate) struct CosmosPath {
    program: Program,
    config: PathBuf,
    log: PathBuf,
    api: String,
    /// Both ends, as chain/client.
    pub(crate) ends: [String; 2],
    daemon: Option<Daemon>,
}

impl CosmosPath {
    /// Makes a client of each chain on the other, pairs them, and starts the relayer. Everything that is written lies in
    /// `folder`.
    ///
    /// # Errors
    /// Any step fails; the error carries the command's own words.
    pub(crate) async fn build(program: Program, sites: [&CosmosSite; 2], folder: &Path) -> Result<Self> {
        let [port] = hold::<1>()?.release();
        let config = folder.join("relayer.toml");
        let mut path = Self {
            program,
            config,
            log: folder.join("relayer.log"),
            api: format!("http://127.0.0.1:{port}"),
            ends: Default::default(),
            daemon: None,
        };
        path.write_config(sites, port)?;
        let [east, west] = sites.map(|site| site.name.as_str());
        path.ends = [
            path.create_client(east, west).await?,
            path.create_client(west, east).await?,
        ];
        let [a, b] = path.ends.clone();
        path.ask(&["path", "create", "--a", &a, "--b", &b]).await?;
        path.write_config(sites, port)?;
        path.check().await?;
        path.start().await?;
        Ok(path)
    }

    /// The client at one of the ends.
    pub(crate) fn client(&self, side: usize) -> &str {
        let end = self.ends[side].as_str();
        end.split_once('/').map_or(end, |(_, client)| client)
    }

    async fn create_client(&self, host: &str, tracked: &str) -> Result<String> {
        let terms = ["--trust-period-secs", TRUST_PERIOD_SECS];
        let made = [
            &["client", "create", "--host", host, "--tracked", tracked],
            &terms[..],
        ]
        .concat();
        let made = self.ask(&made).await?;
        let end = made["end"].as_str().map(str::to_owned);
        end.with_context(|| format!("`client create` does not say what it made: {made}"))
    }

    /// Checks by `path status` and `client status` that both ends are what they should be and that both clients work.
    ///
    /// # Errors
    /// A rule is broken, a client is not active, or a command fails.
    pub(crate) async fn check(&self) -> Result<()> {
        let path = self.ask(&["path", "status"]).await?;
        ensure!(
            path["ok"] == true,
            "`path status` finds something wrong: {path:#}"
        );
        for side in 0..2 {
            self.trusted_height(side).await?;
        }
        Ok(())
    }

    /// The height that the client at one of the ends trusts.
    ///
    /// # Errors
    /// It is no active client of a Cosmos chain with a counterparty, or the command fails.
    pub(crate) async fn trusted_height(&self, side: usize) -> Result<u64> {
        let end = &self.ends[side];
        let client = self.ask(&["client", "status", "--client", end]).await?;
        let is_well = client["status"] == "active"
            && client["kind"] == "tendermint"
            && client["counterparty"].is_string();
        ensure!(is_well, "`client status` of {end} says {client:#}");
        client["height"]
            .as_u64()
            .with_context(|| format!("the client of {end} has no height"))
    }

    /// All packets that the relayer knows.
    ///
    /// # Errors
    /// The command fails.
    pub(crate) async fn packets(&self) -> Result<Vec<Value>> {
        let listed = self.ask(&["packet", "list", "--all", "--limit", "10000"]).await?;
        listed
            .as_array()
            .cloned()
            .with_context(|| format!("`packet list` is no list: {listed}"))
    }

    /// Checks that what the relayer holds and pays is told in the chains' own coin.
    ///
    /// # Errors
    /// It is not, or the relayer does not answer.
    pub(crate) async fn check_money(&self) -> Result<()> {
        let status: Value = self.get("v1/status").await?.json().await?;
        let chains = status["chains"].as_array().context("a status without chains")?;
        for chain in chains {
            let balance = &chain["balance"];
            ensure!(
                balance["unit"] == STAKE && chain["balance_wei"].is_null(),
                "the balance is told as {chain}"
            );
        }
        let metrics = self.get("metrics").await?.text().await?;
        for end in &self.ends {
            let chain = end.split('/').next().unwrap_or_default();
            let spent = format!("weighbridge_spent_total{{chain=\"{chain}\",unit=\"{STAKE}\"}} ");
            let line = metrics.lines().find_map(|line| line.strip_prefix(&spent));
            let amount = line.and_then(|text| text.parse::<f64>().ok());
            ensure!(
                amount.is_some_and(|amount| amount > 0.0),
                "no {spent}in\n{metrics}"
            );
        }
        Ok(())
    }

    /// Starts the relayer and waits until it is ready.
    ///
    /// # Errors
    /// It runs already, ends, or is not ready in time.
    pub(crate) async fn start(&mut self) -> Result<()> {
        ensure!(self.daemon.is_none(), "the relayer runs already");
        self.daemon = Some(self.program.start(&self.config, &self.log)?);
        let begun = Instant::now();
        loop {
            let health = self.get("health").await;
            let said = match health {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => answer.text().await.unwrap_or_default(),
                Err(error) => error.to_string(),
            };
            ensure!(
                begun.elapsed() < START_WITHIN,
                "the relayer is not ready within {} s: {said}",
                START_WITHIN.as_secs()
            );
            self.check_runs()?;
            sleep(LOOK_EVERY).await;
        }
    }

    /// Kills the relayer as a power cut would.
    ///
    /// # Errors
    /// It does not run.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        let daemon = self.daemon.take().context("the relayer does not run")?;
        daemon.kill().await
    }

    /// Asks it to stop.
    ///
    /// # Errors
    /// It does not run or does not stop.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let daemon = self.daemon.take().context("the relayer does not run")?;
        daemon.stop(START_WITHIN).await
    }

    /// Checks that the relayer has not ended by itself.
    ///
    /// # Errors
    /// It has; the error carries the end of its log.
    pub(crate) fn check_runs(&mut self) -> Result<()> {
        let daemon = self.daemon.as_mut().context("the relayer does not run")?;
        daemon.check_runs()
    }

    async fn get(&self, what: &str) -> Result<reqwest::Response> {
        Ok(reqwest::get(format!("{}/{what}", self.api)).await?)
    }

    async fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let config = self.config.to_string_lossy();
        let all = [arguments, &["--config", &config, "--json"]].concat();
        self.program.ask(&all, COMMAND_WITHIN).await
    }

    fn write_config(&self, sites: [&CosmosSite; 2], port: u16) -> Result<()> {
        let chains: String = sites.map(chain_section).concat();
        let path = match &self.ends {
            ends if ends.iter().any(String::is_empty) => String::new(),
            [a, b] => format!("\n[[paths]]\na = \"{a}\"\nb = \"{b}\"\n"),
        };
        let text = format!(
            "[api]\nlisten = \"127.0.0.1:{port}\"\n\n[limits]\n\
             recv_margin_secs = {RECV_MARGIN_SECS}\nclient_every_secs = 5\n{chains}{path}"
        );
        std::fs::write(&self.config, text)
            .with_context(|| format!("failed to write {}", self.config.display()))
    }
}

/// A chain as the relayer's configuration has it, with two accounts that send.
pub fn chain_section(site: &CosmosSite) -> String {
    let quoted = |texts: Vec<String>| {
        let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
        texts.join(", ")
    };
    let senders = [Role::Relayer, Role::Deployer].map(|role| format!("{role:?}").to_lowercase());
    let keys = site
        .accounts
        .iter()
        .filter(|account| senders.contains(&account.role));
    let keys = keys.map(|account| format!("file:{}", account.key_file.display()));
    format!(
        "\n[[chains]]\nkind = \"cosmos\"\nname = {:?}\nchain_id = {:?}\nrpc_urls = [{}]\naccount_prefix = {ACCOUNT:?}\n\
         signers = [{}]\n\n[chains.gas]\ndenom = {STAKE:?}\nprice = {PRICE:?}\n",
        site.name,
        site.chain_id,
        quoted(site.rpc_urls.clone()),
        quoted(keys.collect()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosmos::chain::Account;
    use crate::cosmos::settings::{Curve, TOKEN};

    #[test]
    fn a_chain_is_written_as_the_relayer_reads_it() {
        let account = |role: &str| Account {
            role: role.into(),
            address: String::new(),
            key_file: format!("/keys/{role}").into(),
        };
        let site = CosmosSite {
            name: "east".into(),
            chain_id: "east-1".into(),
            consensus_keys: Curve::Ed25519,
            rpc_urls: vec!["http://127.0.0.1:1".into(), "http://127.0.0.1:2".into()],
            grpc_urls: Vec::new(),
            denoms: [STAKE, TOKEN],
            accounts: ["deployer", "relayer", "user"].map(account).to_vec(),
        };
        let read: toml::Table = chain_section(&site).parse().unwrap();
        let written = &read["chains"][0];
        assert_eq!(written["rpc_urls"].as_array().unwrap().len(), 2);
        let signers = written["signers"].as_array().unwrap();
        let signers: Vec<&str> = signers.iter().filter_map(toml::Value::as_str).collect();
        assert_eq!(signers, ["file:/keys/deployer", "file:/keys/relayer"]);
        assert_eq!(written["gas"]["price"].as_str(), Some(PRICE));
    }
}
