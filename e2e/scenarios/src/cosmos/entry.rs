//! A chain as the relayer's configuration has it, and what a client on it is to be.

use super::pace::Pace;
use super::site::CosmosSite;
use super::{PREFIX, STAKE};
use crate::draft::{chain_table, write_secret};
use crate::end::End;
use crate::site::Role;
use anyhow::Result;
use std::path::Path;

/// What is paid for gas.
const PRICE: &str = "0.001";

/// What kind of chain the client on a Cosmos chain follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follows {
    Cosmos,
    Evm,
}

/// A chain as the relayer's configuration has it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its name.
    pub(crate) name: String,
    /// Its part of the configuration.
    pub(crate) table: String,
    /// What `client create` is told of a client on it, beside host and tracked chain.
    pub(crate) terms: Vec<String>,
    /// What kind of client it is by `client status`.
    pub(crate) kind: &'static str,
}

impl Entry {
    /// A Cosmos chain with the accounts of some roles that send, whose keys are written into `folder`.
    ///
    /// # Errors
    /// A key can't be written.
    pub(crate) fn cosmos(
        (site, follows): (&CosmosSite, Follows),
        pace: &Pace,
        senders: &[Role],
        folder: &Path,
    ) -> Result<Self> {
        let write = |role: &Role| write_secret(folder, &site.name, *role, site.key(*role)?);
        let keys = senders.iter().map(write).collect::<Result<Vec<_>>>()?;
        let trust_period = pace.trust_period_secs.to_string();
        Ok(Self {
            name: site.name.clone(),
            table: chain_section(site, &keys, pace),
            terms: vec!["--trust-period-secs".into(), trust_period],
            kind: match follows {
                Follows::Cosmos => "tendermint",
                Follows::Evm => "beacon",
            },
        })
    }

    /// An EVM chain with its contracts, whose account that sends has its key in `folder`. A client on it follows a Cosmos chain.
    ///
    /// # Errors
    /// The key can't be written.
    pub(crate) fn evm(end: &End, pace: &Pace, folder: &Path) -> Result<Self> {
        let table = chain_table(folder, &end.site, Role::Relayer, Some(end))?;
        let trust_period = pace.trust_period_secs.to_string();
        Ok(Self {
            name: end.site.name.clone(),
            table: format!("\n{table}"),
            terms: vec!["--trust-period-secs".into(), trust_period],
            kind: "tendermint",
        })
    }
}

/// A chain as the relayer's configuration has it.
///
/// - `keys`: files with the keys of the accounts that send.
pub fn chain_section(site: &CosmosSite, keys: &[String], pace: &Pace) -> String {
    let quoted = |texts: &[String]| {
        let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
        texts.join(", ")
    };
    let keys: Vec<String> = keys.iter().map(|file| format!("file:{file}")).collect();
    format!(
        "\n[[chains]]\nkind = \"cosmos\"\nname = {:?}\nchain_id = {:?}\nrpc_urls = [{}]\naccount_prefix = {PREFIX:?}\n\
         signers = [{}]\ntimeout_blocks = {}\n\n[chains.gas]\ndenom = {STAKE:?}\nprice = {PRICE:?}\n",
        site.name,
        site.chain_id,
        quoted(&site.rpc_urls),
        quoted(&keys),
        pace.patience_blocks,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_written_as_the_relayer_reads_it() {
        let site = CosmosSite {
            name: "east".into(),
            chain_id: "east-1".into(),
            rpc_urls: vec!["http://127.0.0.1:1".into(), "http://127.0.0.1:2".into()],
            keys: Vec::new(),
        };
        let keys = ["relayer.key".to_owned(), "deployer.key".to_owned()];
        let table = chain_section(&site, &keys, &Pace::REAL);
        let read: toml::Table = table.parse().unwrap();
        let written = &read["chains"][0];
        assert_eq!(written["rpc_urls"].as_array().unwrap().len(), 2);
        let signers = written["signers"].as_array().unwrap();
        let signers: Vec<&str> = signers.iter().filter_map(toml::Value::as_str).collect();
        assert_eq!(signers, ["file:relayer.key", "file:deployer.key"]);
        assert_eq!(written["gas"]["price"].as_str(), Some(PRICE));
    }
}
