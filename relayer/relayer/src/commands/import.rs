//! `relayer path import`: an existing channel of IBC v1 read and checked at both ends, and its section of the configuration.
//!
//! Whoever replaces another relayer starts from a channel. All else follows from it: connection, clients, the other chain, which is
//! the one of this configuration that the channel's client follows.

use super::channel::{ONLY_COSMOS, expected, order_word, told};
use super::path::rules;
use super::{listed, load, open_cosmos};
use crate::cli::Common;
use crate::cli_channel::ChannelName;
use crate::config::{Config, Family};
use crate::output::Format;
use anyhow::{Context, Result, anyhow, bail};
use chain::{Doubt, Finding};
use chain_cosmos::{ChannelView, Cosmos};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// A channel at both ends.
pub(super) struct Found {
    names: [String; 2],
    pub(super) chains: [Cosmos; 2],
    pub(super) views: [ChannelView; 2],
}

impl Found {
    /// Reads the channel whose one end is `channel`.
    pub(super) async fn read(config: &Config, channel: &ChannelName) -> Result<Self> {
        let own = open_cosmos(config, &channel.chain, ONLY_COSMOS)?;
        let view = own
            .channel_view(&channel.end)
            .await
            .map_err(told("read the channel"))?;
        let followed = own.followed(&view.client).await;
        let followed =
            followed.map_err(|fault| anyhow!("failed to read {}: failed to {fault}", view.client))?;
        let name = named(config, &followed).with_context(|| {
            format!(
                "failed to find the other end of {channel}: its client {} follows chain {followed}, and the configuration has no \
                 chain of that id; add it",
                view.client
            )
        })?;
        let Some(counterparty) = view.counterparty.clone() else {
            bail!(
                "failed to find the other end of {channel}: it is {} and names none yet; `relayer channel create` goes on with it",
                view.state.word()
            );
        };
        let other = open_cosmos(config, &name, ONLY_COSMOS)?;
        let far = other
            .channel_view(&counterparty)
            .await
            .map_err(told("read the other end"))?;
        Ok(Self {
            names: [channel.chain.clone(), name],
            chains: [own, other],
            views: [view, far],
        })
    }

    /// An end, as the configuration has it.
    pub(super) fn name(&self, side: usize) -> String {
        format!("{}/{}", self.names[side], self.views[side].end)
    }

    /// Everything that is to be said of an end: of the channel, its connection and its client.
    async fn findings(&self, config: &Config, side: usize) -> Result<Vec<Finding>> {
        let (own, other) = (&self.views[side], &self.views[1 - side]);
        let mut findings = own.verify(other);
        let expected = expected(config, [&self.names[side], &self.names[1 - side]]);
        let of_client = self.chains[side].verify_client(&self.chains[1 - side], &own.client, &expected);
        let of_client = of_client.await;
        findings.extend(
            of_client.map_err(|fault| anyhow!("failed to verify {}: failed to {fault}", own.client))?,
        );
        Ok(findings)
    }

    fn ends(&self) -> [String; 2] {
        [self.name(0), self.name(1)]
    }

    fn shown(&self, side: usize, findings: &[Finding]) -> Value {
        let view = &self.views[side];
        json!({
            "end": self.name(side),
            "connection": view.connection.as_str(),
            "client": view.client.as_str(),
            "rules": rules(findings),
        })
    }
}

/// - `file`: the configuration that the section is added to; none = it is only printed.
pub(super) async fn import(common: &Common, channel: &ChannelName, file: Option<&Path>) -> Result<ExitCode> {
    let config = load(common)?;
    let found = Found::read(&config, channel).await?;
    let of = [
        found.findings(&config, 0).await?,
        found.findings(&config, 1).await?,
    ];
    let is_good = of.iter().flatten().all(is_good_enough);
    let section = section(&found.ends());
    let written = match file.filter(|_| is_good) {
        Some(file) => add(file, &found.ends())?,
        None => false,
    };
    if common.json {
        Format::Json.print(&json!({
            "ok": is_good,
            "a": found.shown(0, &of[0]),
            "b": found.shown(1, &of[1]),
            "order": order_word(found.views[0].ordering),
            "version": found.views[0].version,
            "section": is_good.then_some(&section),
            "written": written,
        }))?;
    } else {
        let text = commented(&found, &of) + if is_good { &section } else { "" };
        std::io::stdout().lock().write_all(text.as_bytes())?;
    }
    if !is_good {
        eprintln!("nothing is carried over a channel that does not fit; it is named as no path");
        return Ok(ExitCode::FAILURE);
    }
    if let Some(file) = file {
        let file = file.display();
        match written {
            true => eprintln!("the path was added to {file}; `relayer run` carries it after a restart"),
            false => eprintln!("{file} has the path already; nothing was changed"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether an existing channel can be carried with this: what no endpoint has any more, nobody can compare, and a channel that is older than
/// what its nodes keep always has some of that.
fn is_good_enough(finding: &Finding) -> bool {
    matches!(finding.verdict, Ok(_) | Err(Doubt::Gone(_)))
}

/// The section of a path in the configuration.
fn section([a, b]: &[String; 2]) -> String {
    format!("[[paths]]\na = \"{a}\"\nb = \"{b}\"\n")
}

/// Adds the path between `ends` to a configuration; false if it is there already, whichever end comes first.
///
/// The whole is read before anything is written, and the file is replaced at once: whoever is interrupted has the old one.
fn add(file: &Path, ends: &[String; 2]) -> Result<bool> {
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("failed to read {shown}"))?;
    let base = file.parent().unwrap_or(Path::new("."));
    let Some(text) = added(&text, base, ends)? else {
        return Ok(false);
    };
    // A link stays one: what it leads to is replaced.
    let file = fs::canonicalize(file).with_context(|| format!("failed to find {shown}"))?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = file.with_file_name(name);
    let permissions = fs::metadata(&file).map(|found| found.permissions());
    fs::write(&new, text)
        .and_then(|()| fs::set_permissions(&new, permissions?))
        .and_then(|()| fs::rename(&new, &file))
        .with_context(|| format!("failed to replace {shown} by {}", new.display()))?;
    Ok(true)
}

/// The configuration with the path, if it does not have it.
fn added(text: &str, base: &Path, ends: &[String; 2]) -> Result<Option<String>> {
    let parse = |text: &str| {
        Config::parse(text, base)
            .map_err(|problems| anyhow!("failed to add the path:\n{}", listed(&problems)))
    };
    if has(&parse(text)?, ends) {
        return Ok(None);
    }
    let text = format!("{}\n\n{}", text.trim_end(), section(ends));
    if !has(&parse(&text)?, ends) {
        bail!(
            "failed to add the path: the configuration with its section does not name {} and {}",
            ends[0],
            ends[1]
        );
    }
    Ok(Some(text))
}

fn has(config: &Config, [a, b]: &[String; 2]) -> bool {
    config.paths.iter().any(|path| {
        let found = [&path.machine.a.name, &path.machine.b.name].map(ToString::to_string);
        found == [a.clone(), b.clone()] || found == [b.clone(), a.clone()]
    })
}

/// What was found, as comments of the section.
fn commented(found: &Found, of: &[Vec<Finding>; 2]) -> String {
    let mut text = String::new();
    for (side, findings) in of.iter().enumerate() {
        for Finding { rule, verdict } in findings {
            let (mark, said) = match verdict {
                Ok(said) => ("ok", said.clone()),
                Err(Doubt::Gone(said)) => ("not compared", said.clone()),
                Err(doubt) => ("NOT OK", doubt.to_string()),
            };
            // A text always takes it.
            let _ = writeln!(
                text,
                "# {}: {rule}: {mark}: {}",
                found.name(side),
                said.replace('\n', " ")
            );
        }
    }
    text
}

/// The name of the configured chain with this id.
fn named(config: &Config, chain_id: &str) -> Option<String> {
    let is_it =
        |family: &Family| matches!(family, Family::Cosmos(settings) if settings.chain_id() == chain_id);
    let entry = config.chains.iter().find(|entry| is_it(&entry.family))?;
    Some(entry.name().0.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = include_str!("../../../../configs/relayer.toml");

    fn parsed(text: &str) -> Config {
        Config::parse(text, Path::new(".")).unwrap_or_else(|found| panic!("{found:?}"))
    }

    #[test]
    fn the_other_chain_is_the_one_with_the_id_that_the_client_follows() {
        let config = parsed(CONFIG);
        assert_eq!(named(&config, "hub-1").as_deref(), Some("hub"));
        // The chain id of an EVM chain is a number, and no client of a Cosmos chain follows it by that.
        assert_eq!((named(&config, "hub-2"), named(&config, "1")), (None, None));
    }

    #[test]
    fn a_channel_older_than_what_its_nodes_keep_can_be_taken_over_and_no_other_doubt_is_good() {
        let good = |verdict| is_good_enough(&Finding::new("states", verdict));
        let text = || "of blocks that the endpoint has pruned".to_owned();
        assert!(good(Ok(text())) && good(Err(Doubt::Gone(text()))));
        for doubt in [Doubt::Differs, Doubt::Unusable, Doubt::Unchecked] {
            assert!(!good(Err(doubt(text()))));
        }
    }

    /// Two Cosmos chains, after whose tables a section has to begin anew.
    fn two_hubs() -> String {
        let chain = |name: &str| {
            format!(
                "[[chains]]\nkind = \"cosmos\"\nname = \"{name}\"\nchain_id = \"{name}-1\"\n\
                 rpc_urls = [\"http://127.0.0.1:1\"]\naccount_prefix = \"cosmos\"\n\n\
                 [chains.gas]\ndenom = \"stake\"\nprice = \"0.1\"\n\n"
            )
        };
        format!("# by hand\n{}{}", chain("east"), chain("west"))
    }

    #[test]
    fn the_section_is_read_back_as_the_same_path() {
        let ends = ["east/transfer/channel-3", "west/mock.port/channel-44"].map(str::to_owned);
        let text = added(&two_hubs(), Path::new("."), &ends).unwrap().unwrap();
        assert!(text.starts_with("# by hand\n"), "what was there stays: {text}");
        let config = parsed(&text);
        let [path] = config.paths.as_slice() else {
            panic!("{:?}", config.paths)
        };
        let names = [&path.machine.a.name, &path.machine.b.name];
        assert_eq!(names.map(ToString::to_string), ends);
        for (name, end) in names
            .into_iter()
            .zip(["transfer/channel-3", "mock.port/channel-44"])
        {
            assert_eq!(name.id, wire::End::Channel(end.parse().unwrap()));
        }
        // In either direction it is the same path, and another one goes behind it.
        let back = [ends[1].clone(), ends[0].clone()];
        assert_eq!(added(&text, Path::new("."), &ends).unwrap(), None);
        assert_eq!(added(&text, Path::new("."), &back).unwrap(), None);
        let other = ["east/transfer/channel-4", "west/transfer/channel-5"].map(str::to_owned);
        let more = added(&text, Path::new("."), &other).unwrap().unwrap();
        assert_eq!(parsed(&more).paths.len(), 2);
    }

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("relayer.toml");
        fs::write(&file, two_hubs()).unwrap();
        let ends = ["east/transfer/channel-3", "west/transfer/channel-4"].map(str::to_owned);
        assert!(add(&file, &ends).unwrap());
        let written = fs::read_to_string(&file).unwrap();
        assert!(written.ends_with(&section(&ends)), "{written}");
        assert!(!add(&file, &ends).unwrap(), "it is there already");
        let elsewhere = ["nowhere/transfer/channel-3".to_owned(), ends[1].clone()];
        let told = add(&file, &elsewhere).unwrap_err().to_string();
        assert!(told.contains("nowhere"), "{told}");
        assert_eq!(fs::read_to_string(&file).unwrap(), written);
        let names = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 1, "nothing else is left behind");
    }
}
