//! `relayer packet list|show|trace`: from the daemon over HTTP while one runs, from the store when none does.

use super::load;
use crate::cli::{OnePacket, PacketVerb};
use crate::config::Config;
use crate::output::Format;
use crate::packets::Packets;
use crate::view::Detail;
use anyhow::{Context, Result, anyhow, bail};
use api::{Filter, Found, PacketView, Packets as _, PathView};
use reqwest::{StatusCode, Url};
use serde::de::DeserializeOwned;
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
            after,
        } => {
            let source = Source::find(&load(&common)?)?;
            let is_settled = |stage: &String| ["acked", "timed-out", "refused"].contains(&stage.as_str());
            let filter = Filter {
                path: end.map(|end| end.to_string()),
                all: all || stage.as_ref().is_some_and(is_settled),
                stage,
                limit: Some(limit),
                after: after.map(|after| after.to_string()),
            };
            let packets = source.list(&filter).await?;
            let format = Format::of(common.json);
            match format {
                Format::Json => format.print(&serde_json::to_value(&packets)?)?,
                Format::Text => format.print(&Value::Array(packets.iter().map(brief).collect()))?,
            }
            if packets.is_empty() {
                eprintln!("no packet fits; settled ones are listed with --all");
            }
            if let Some(last) = packets.last().filter(|_| packets.len() >= limit) {
                eprintln!(
                    "there may be more than these {}: go on with --after {}, or see --limit, --end and --stage",
                    packets.len(),
                    last.packet
                );
            }
            if filter.all {
                tell_pruned(source.pruned(&filter).await?);
            }
            Ok(ExitCode::SUCCESS)
        }
        PacketVerb::Show(one) => show(&one, Detail::Brief).await,
        PacketVerb::Trace(one) => show(&one, Detail::Whole).await,
    }
}

async fn show(one: &OnePacket, detail: Detail) -> Result<ExitCode> {
    let source = Source::find(&load(&one.common)?)?;
    let name = format!("{}/{}", one.end, one.sequence);
    let found = source
        .find_packet(one)
        .await
        .with_context(|| format!("failed to find packet {name}"))?;
    let shown = match found {
        Found::Packet(mut packet) => {
            if detail == Detail::Brief {
                packet.history.clear();
            }
            serde_json::to_value(&packet)?
        }
        Found::Pruned(pruned) => serde_json::to_value(&pruned)?,
        Found::Unknown(why) => bail!("failed to find packet {name}: {why}"),
    };
    Format::of(one.common.json).print(&shown)?;
    Ok(ExitCode::SUCCESS)
}

/// A list cannot show what is deleted; it must not look as if it did.
fn tell_pruned(count: u64) {
    if count > 0 {
        eprintln!(
            "{count} settled packets are not listed: their records are deleted ([keep] of the configuration)"
        );
    }
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

    async fn list(&self, filter: &Filter) -> Result<Vec<PacketView>> {
        match self {
            Self::Store(packets) => Ok(tokio::task::block_in_place(|| packets.list(filter))?),
            Self::Daemon(address) => all_pages(*address, filter).await,
        }
    }

    async fn pruned(&self, filter: &Filter) -> Result<u64> {
        match self {
            Self::Store(packets) => Ok(tokio::task::block_in_place(|| packets.pruned(filter))?),
            Self::Daemon(address) => {
                let paths: Vec<PathView> = parsed(get(endpoint(*address, &["v1", "paths"])?).await?)?;
                let ends = paths.iter().flat_map(|path| [&path.a, &path.b]);
                let wanted = ends.filter(|end| filter.path.as_ref().is_none_or(|wanted| *wanted == end.end));
                Ok(wanted.map(|end| end.pruned).sum())
            }
        }
    }

    async fn find_packet(&self, one: &OnePacket) -> Result<Found> {
        let (chain, end) = (&one.end.chain.0, &one.end.id.to_string());
        match self {
            Self::Store(packets) => Ok(tokio::task::block_in_place(|| {
                packets.find(chain, end, one.sequence.get())
            })?),
            Self::Daemon(address) => {
                let url = endpoint(
                    *address,
                    &["v1", "packets", chain, end, &one.sequence.to_string()],
                )?;
                let answer = get(url).await?;
                match answer.status {
                    StatusCode::GONE => Ok(Found::Pruned(serde_json::from_str(&answer.text)?)),
                    StatusCode::NOT_FOUND => Ok(Found::Unknown(reason(&answer.text))),
                    _ => Ok(Found::Packet(parsed(answer)?)),
                }
            }
        }
    }
}

/// What a daemon lists, page after page: it shows no more at once than its own limit.
async fn all_pages(address: SocketAddr, filter: &Filter) -> Result<Vec<PacketView>> {
    let wanted = filter.limit.unwrap_or(usize::MAX);
    let (mut found, mut filter) = (Vec::<PacketView>::new(), filter.clone());
    loop {
        filter.limit = filter.limit.map(|_| wanted - found.len());
        let page: Vec<PacketView> = parsed(get(page_url(address, &filter)?).await?)?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        filter.after = Some(last.packet.clone());
        found.extend(page);
        if found.len() >= wanted {
            return Ok(found);
        }
    }
}

fn page_url(address: SocketAddr, filter: &Filter) -> Result<Url> {
    let mut url = endpoint(address, &["v1", "packets"])?;
    let pairs = [
        ("path", filter.path.clone()),
        ("stage", filter.stage.clone()),
        ("limit", filter.limit.map(|limit| limit.to_string())),
        ("after", filter.after.clone()),
    ];
    url.query_pairs_mut()
        .extend_pairs(pairs.into_iter().filter_map(|(key, value)| Some((key, value?))))
        .append_pair("all", if filter.all { "true" } else { "false" });
    Ok(url)
}

/// What the daemon answered.
struct Reply {
    status: StatusCode,
    text: String,
}

fn endpoint(address: SocketAddr, path: &[&str]) -> Result<Url> {
    let mut url = Url::parse(&format!("http://{address}/"))?;
    // An http url has a path.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    Ok(url)
}

async fn get(url: Url) -> Result<Reply> {
    let client = reqwest::Client::builder()
        .timeout(ANSWER_WITHIN)
        .no_proxy()
        .build()?;
    let response = client.get(url).send().await.context(
        "failed to ask the daemon, which has the store open; if it is just starting or stopping, try again",
    )?;
    let status = response.status();
    let text = response.text().await.context("failed to ask the daemon")?;
    Ok(Reply { status, text })
}

/// The data of an answer that is one.
fn parsed<T: DeserializeOwned>(reply: Reply) -> Result<T> {
    let Reply { status, text } = reply;
    if !status.is_success() {
        bail!(
            "failed to ask the daemon: it answered {status}: {}",
            reason(&text)
        );
    }
    serde_json::from_str(&text)
        .context("failed to ask the daemon: it is of another version than this program")
}

/// The reason in an answer that refuses.
fn reason(text: &str) -> String {
    let said = serde_json::from_str::<Value>(text).ok();
    let reason = said.as_ref().and_then(|said| said.get("error")?.as_str());
    reason.unwrap_or(text).to_owned()
}

fn brief(packet: &PacketView) -> Value {
    json!({
        "packet": packet.packet,
        "at": format!("{} ({})", packet.stage, packet.leg),
        "why": packet.why,
        "next": packet.next,
    })
}
