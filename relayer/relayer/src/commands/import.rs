//! `relayer path import`: an existing channel of IBC v1 read and checked at both ends, and its section of the configuration.
//!
//! Whoever replaces another relayer starts from a channel. All else follows from it: connection, clients, the other chain, which is
//! the one of this configuration that the channel's client follows.

use super::channel::{ONLY_COSMOS, expected, order_word, told};
use super::path::rules;
use super::{load, open_cosmos};
use crate::cli::Common;
use crate::cli_channel::ChannelName;
use crate::config::{Config, Family};
use crate::output::Format;
use anyhow::{Context, Result, anyhow, bail};
use chain::Finding;
use chain_cosmos::{ChannelView, Cosmos};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write as _;
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

    /// The section of the configuration.
    fn section(&self) -> String {
        format!("[[paths]]\na = \"{}\"\nb = \"{}\"\n", self.name(0), self.name(1))
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

pub(super) async fn import(common: &Common, channel: &ChannelName) -> Result<ExitCode> {
    let config = load(common)?;
    let found = Found::read(&config, channel).await?;
    let of = [
        found.findings(&config, 0).await?,
        found.findings(&config, 1).await?,
    ];
    let is_good = of.iter().flatten().all(|finding| finding.verdict.is_ok());
    let section = found.section();
    if common.json {
        Format::Json.print(&json!({
            "ok": is_good,
            "a": found.shown(0, &of[0]),
            "b": found.shown(1, &of[1]),
            "order": order_word(found.views[0].ordering),
            "version": found.views[0].version,
            "section": is_good.then_some(&section),
        }))?;
    } else {
        let text = commented(&found, &of) + if is_good { &section } else { "" };
        std::io::stdout().lock().write_all(text.as_bytes())?;
    }
    if !is_good {
        eprintln!("nothing is carried over a channel that does not fit; it is named as no path");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// What was found, as comments of the section.
fn commented(found: &Found, of: &[Vec<Finding>; 2]) -> String {
    let mut text = String::new();
    for (side, findings) in of.iter().enumerate() {
        for Finding { rule, verdict } in findings {
            let (mark, said) = match verdict {
                Ok(said) => ("ok", said.clone()),
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
    use std::path::Path;

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
}
