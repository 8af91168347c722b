//! `relayer packet list|show|trace`: from the daemon over HTTP while one runs, from the store when none does.

use super::load;
use crate::cli::{OnePacket, PacketVerb};
use crate::config::Config;
use crate::output::Format;
use crate::packets::Packets;
use anyhow::{Context, Result, anyhow, bail};
use api::{Filter, PacketView, Packets as _};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::Store;

/// How long the daemon may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Where packets are read.
enum Source {
    /// No daemon has the store.
    Store(Packets),
    /// The daemon at this address has it.
    Daemon(SocketAddr),
}

pub(super) async fn execute(verb: PacketVerb) -> Result<ExitCode> {
    match verb {
        PacketVerb::List {
            common,
            end,
            stage,
            all,
            limit,
        } => {
            let source = Source::find(&load(&common)?)?;
            let filter = Filter {
                path: end.map(|end| end.to_string()),
                stage,
                all,
                limit: Some(limit),
            };
            let packets = source.list(filter).await?;
            let format = Format::of(common.json);
            match format {
                Format::Json => format.print(&serde_json::to_value(&packets)?)?,
                Format::Text => format.print(&Value::Array(packets.iter().map(brief).collect()))?,
            }
            Ok(ExitCode::SUCCESS)
        }
        PacketVerb::Show(one) => {
            let mut packet = find(&one).await?;
            packet.history.clear();
            Format::of(one.common.json).print(&serde_json::to_value(&packet)?)?;
            Ok(ExitCode::SUCCESS)
        }
        PacketVerb::Trace(one) => {
            let packet = find(&one).await?;
            Format::of(one.common.json).print(&serde_json::to_value(&packet)?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn find(one: &OnePacket) -> Result<PacketView> {
    let source = Source::find(&load(&one.common)?)?;
    let name = format!("{}/{}", one.end, one.sequence);
    let found = source
        .find_packet(one)
        .await
        .with_context(|| format!("failed to find packet {name}"))?;
    found.ok_or_else(|| anyhow!("failed to find packet {name}: the relayer has not seen it"))
}

impl Source {
    fn find(config: &Config) -> Result<Self> {
        match Store::open_read_only(&config.store_dir) {
            Ok(store) => Ok(Self::Store(Packets::new(Arc::new(store), config, None))),
            Err(error) if error.is_locked() => {
                let address = store::daemon_address(&config.store_dir).ok_or_else(|| {
                    anyhow!("failed to ask the daemon: it has not said where it listens; try again")
                })?;
                Ok(Self::Daemon(address))
            }
            Err(error) => Err(anyhow!("failed to read the store: {error}")),
        }
    }

    async fn list(&self, filter: Filter) -> Result<Vec<PacketView>> {
        match self {
            Self::Store(packets) => Ok(tokio::task::block_in_place(|| packets.list(&filter))?),
            Self::Daemon(address) => {
                let mut url = endpoint(*address, &["v1", "packets"])?;
                let pairs = [("path", filter.path.clone()), ("stage", filter.stage.clone())];
                url.query_pairs_mut()
                    .extend_pairs(pairs.into_iter().filter_map(|(key, value)| Some((key, value?))))
                    .append_pair("all", if filter.all { "true" } else { "false" });
                if let Some(limit) = filter.limit {
                    url.query_pairs_mut().append_pair("limit", &limit.to_string());
                }
                let found = get(url)
                    .await?
                    .ok_or_else(|| anyhow!("failed to list packets: the daemon has no list"))?;
                Ok(serde_json::from_value(found)?)
            }
        }
    }

    async fn find_packet(&self, one: &OnePacket) -> Result<Option<PacketView>> {
        let (chain, client) = (&one.end.chain.0, one.end.client.as_str());
        match self {
            Self::Store(packets) => Ok(tokio::task::block_in_place(|| {
                packets.find(chain, client, one.sequence.get())
            })?),
            Self::Daemon(address) => {
                let url = endpoint(
                    *address,
                    &["v1", "packets", chain, client, &one.sequence.to_string()],
                )?;
                Ok(get(url).await?.map(serde_json::from_value).transpose()?)
            }
        }
    }
}

fn endpoint(address: SocketAddr, path: &[&str]) -> Result<Url> {
    let mut url = Url::parse(&format!("http://{address}/"))?;
    // An http url has a path.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    Ok(url)
}

/// The daemon's answer; none when it says that there is no such thing.
async fn get(url: Url) -> Result<Option<Value>> {
    let client = reqwest::Client::builder()
        .timeout(ANSWER_WITHIN)
        .no_proxy()
        .build()?;
    let response = client.get(url).send().await.context("failed to ask the daemon")?;
    match response.status() {
        StatusCode::NOT_FOUND => Ok(None),
        status if status.is_success() => Ok(Some(response.json().await?)),
        status => {
            let text = response.text().await.unwrap_or_default();
            bail!("failed to ask the daemon: it answered {status}: {text}")
        }
    }
}

fn brief(packet: &PacketView) -> Value {
    json!({
        "packet": packet.packet,
        "at": format!("{} ({})", packet.stage, packet.leg),
        "why": packet.why,
        "next": packet.next,
    })
}
