//! A bridge in the making: what an operator does, in his order, with the files that he writes.

use crate::{
    contracts::Router,
    end::End,
    govern::DELAY_SECS,
    guardians::Guardians,
    program::Program,
    site::{Role, Site},
    wallet::Wallet,
};
use alloy::{
    primitives::{Address, B256, Bytes},
    sol_types::{SolCall, SolValue},
};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;
use std::{
    fmt::Write as _,
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

const TEST_TOKEN: &str = include_str!("../../../contracts/artifacts/TestToken.json");
const COURIER: &str = include_str!("../../../contracts/artifacts/Courier.json");

/// The configuration under which clients are created and paired.
pub(crate) const PAIR_CONFIG: &str = "pair.toml";
/// How long one command of the relayer may take: creating a client waits for finality.
const COMMAND_LIMIT: Duration = Duration::from_secs(900);

/// How many clients of a router have a limit: the bridge's own, which is the first, and those that an attacker adds. Who
/// takes such a client for a genuine one gives it a limit as well; without one it could bring nothing, lie or no lie.
const LIMITED_CLIENTS: usize = 32;

/// The clients that are given a limit from the start.
pub(crate) fn limited_clients() -> impl Iterator<Item = String> {
    (0..LIMITED_CLIENTS).map(|number| format!("client-{number}"))
}

/// A checked-in contract, as far as deploying needs it.
#[derive(Debug, Deserialize)]
pub struct Artifact {
    bytecode: Object,
}

#[derive(Debug, Deserialize)]
struct Object {
    object: Bytes,
}

impl Artifact {
    /// Reads an artifact file.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(json: &str) -> Result<Self> {
        serde_json::from_str(json).context("an artifact under contracts/artifacts is not readable")
    }

    /// The creation code, without the constructor's arguments.
    pub fn code(&self) -> &Bytes {
        &self.bytecode.object
    }
}

/// Two sites and a folder.
pub(crate) struct Draft {
    pub(crate) program: Program,
    pub(crate) folder: PathBuf,
    pub(crate) sites: [Site; 2],
    /// How each chain's attestors are listed in its configuration.
    pub(crate) attestors: [String; 2],
}

impl Draft {
    /// Deploys everything on one site. The client is not known yet.
    pub(crate) async fn deploy(&self, config: &Path, index: usize) -> Result<End> {
        deploy((&self.program, config), &self.sites[index], &self.folder).await
    }

    /// Creates the client of the other site on one site and names it.
    pub(crate) async fn create_client(&self, config: &Path, host: usize) -> Result<String> {
        let (host, tracked) = (&self.sites[host].name, &self.sites[1 - host].name);
        let created = ask(
            &self.program,
            config,
            &["client", "create", "--host", host, "--tracked", tracked],
        )
        .await?;
        let id = created["client"]
            .as_str()
            .with_context(|| format!("no client in {created}"))?;
        Ok(id.to_owned())
    }

    /// Verifies both ends and names each as the other's other end.
    pub(crate) async fn pair(&self, config: &Path, ends: &[End; 2]) -> Result<()> {
        let (a, b) = (ends[0].name(), ends[1].name());
        ask(&self.program, config, &["path", "create", "--a", &a, "--b", &b])
            .await
            .map(|_| ())
    }

    /// Writes the configuration under which contracts are deployed.
    pub(crate) fn write_deployer_config(&self) -> Result<PathBuf> {
        self.write_config("deploy.toml", Role::Deployer, None)
    }

    /// Writes the configuration under which clients are created and paired.
    pub(crate) fn write_pair_config(&self, ends: &[End; 2]) -> Result<PathBuf> {
        self.write_config(PAIR_CONFIG, Role::Deployer, Some(ends))
    }

    /// Writes the configuration under which the relayer runs.
    pub(crate) fn write_relayer_config(&self, paths: &[&[End; 2]]) -> Result<(PathBuf, u16)> {
        let ends = paths.first().copied();
        let path = self.write_config("relayer.toml", Role::Relayer, ends)?;
        let port = free_port()?;
        let mut text = fs::read_to_string(&path)?;
        for ends in paths {
            let (a, b) = (ends[0].name(), ends[1].name());
            write!(text, "\n[[paths]]\na = \"{a}\"\nb = \"{b}\"\n")?;
        }
        let text = format!(
            "store_dir = \"store\"\n[api]\nlisten = \"127.0.0.1:{port}\"\n[limits]\npause_min_secs = 1\n{text}"
        );
        fs::write(&path, text)?;
        Ok((path, port))
    }

    fn write_config(&self, name: &str, signer: Role, ends: Option<&[End; 2]>) -> Result<PathBuf> {
        let mut text = String::new();
        for (index, site) in self.sites.iter().enumerate() {
            text += &chain_table(&self.folder, site, signer, ends.map(|ends| &ends[index]))?;
            text.push_str(&self.attestors[index]);
        }
        let path = self.folder.join(name);
        fs::write(&path, text).with_context(|| format!("failed to write {}", path.display()))?;
        Ok(path)
    }
}

/// A chain as the relayer's configuration has it, with the key of a role in a file in `folder`; its router, once it is there.
pub(crate) fn chain_table(folder: &Path, site: &Site, signer: Role, end: Option<&End>) -> Result<String> {
    let key = write_secret(folder, &site.name, signer, site.key(signer))?;
    let mut text = format!(
        "[[chains]]\nname = \"{}\"\nchain_id = {}\nrpc_urls = [\"{}\"]\nbeacon_urls = [\"{}\"]\nsigner = \"file:{key}\"\n",
        site.name, site.chain_id, site.rpc_url, site.beacon_url
    );
    if let Some(end) = end {
        write!(
            text,
            "router = \"{:#x}\"\nrouter_block = {}\n",
            end.router, end.since
        )?;
    }
    text.push_str("[chains.batch]\nage_secs = 0\n");
    Ok(text)
}

/// Deploys everything on a site that no other one belongs to yet; what is written lies in `folder`.
///
/// # Errors
/// The command fails; the error carries its own words.
pub async fn deploy_alone(program: &Program, site: &Site, folder: &Path) -> Result<End> {
    let config = folder.join("deploy.toml");
    let text = chain_table(folder, site, Role::Deployer, None)?;
    fs::write(&config, text).with_context(|| format!("failed to write {}", config.display()))?;
    deploy((program, &config), site, folder).await
}

/// Deploys everything on the site, by a configuration that names it.
async fn deploy((program, config): (&Program, &Path), site: &Site, folder: &Path) -> Result<End> {
    let data = folder.join(format!("{}-deployment.toml", site.name));
    let governor = Wallet::of(site, Role::Deployer)?.address;
    // The governor of a test network; in earnest this is a multi-signature contract.
    let mut text = format!(
        "chain = \"{}\"\nkeys_allowed = true\n[timelock]\nproposers = [\"{governor:#x}\"]\nexecutors = [\"{:#x}\"]\ndelay_secs = {DELAY_SECS}\n[roles]\nlimit_lowerers = [\"{governor:#x}\"]\n{}",
        site.name,
        Address::ZERO,
        Guardians::new()?.table()
    );
    for client in limited_clients() {
        write!(text, "[[limits]]\nclient = \"{client}\"\nunlimited = true\n")?;
    }
    fs::write(&data, text).with_context(|| format!("failed to write {}", data.display()))?;
    let data = data.to_str().context("the folder's path is not UTF-8")?;
    let deployed = ask(program, config, &["contract", "deploy", "--data", data]).await?;
    let router = address(&deployed, "router")?;
    let since = deployed["router_block"]
        .as_u64()
        .with_context(|| format!("no router_block in {deployed}"))?;
    let governed = [
        address(&deployed, "timelock")?,
        router,
        address(&deployed, "transfer")?,
    ];
    furnish(site, governed, since).await
}

/// Writes the key of a role on the chain `name` where only its owner can read it, and returns the file's name.
pub(crate) fn write_secret(folder: &Path, name: &str, role: Role, key: B256) -> Result<String> {
    let name = format!("{name}-{role:?}.key");
    let path = folder.join(&name);
    fs::write(&path, format!("{key:x}\n")).with_context(|| format!("failed to write {}", path.display()))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(name)
}

/// Deploys what a scenario plays with beside the bridge's own contracts: timelock, router, transfer application. The
/// client is not known yet.
pub(crate) async fn furnish(
    site: &Site,
    [timelock, router, transfer]: [Address; 3],
    since: u64,
) -> Result<End> {
    let deployer = Wallet::of(site, Role::Deployer)?;
    let names = (format!("{} token", site.name), site.name.to_uppercase()).abi_encode_params();
    let token = deployer
        .deploy(Artifact::parse(TEST_TOKEN)?.code(), &names)
        .await?;
    let courier = deployer
        .deploy(Artifact::parse(COURIER)?.code(), &router.abi_encode())
        .await?;
    let register = Router::addIBCApp_0Call { app: courier };
    deployer.call(router, register.abi_encode()).await?;
    Ok(End {
        site: site.clone(),
        timelock,
        router,
        transfer,
        token,
        courier,
        client: String::new(),
        since,
    })
}

/// Runs one command of the relayer and reads the JSON it prints.
pub(crate) async fn ask(program: &Program, config: &Path, arguments: &[&str]) -> Result<Value> {
    let config = config
        .to_str()
        .context("the path of the configuration is not UTF-8")?;
    let all: Vec<&str> = arguments
        .iter()
        .copied()
        .chain(["--json", "--config", config])
        .collect();
    program.ask(&all, COMMAND_LIMIT).await
}

fn address(value: &Value, key: &str) -> Result<Address> {
    let text = value[key]
        .as_str()
        .with_context(|| format!("no {key} in {value}"))?;
    text.parse()
        .with_context(|| format!("{key} is {text}, which is no address"))
}

/// A port that nobody listens on now. Chosen once for the life of a bridge, so that a restart keeps it.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
    Ok(listener.local_addr()?.port())
}
