//! The Go relayer v2.6.0, with up to a hundred messages in a transaction: with its default of one it is far slower.

use super::{PHRASE, STAKE, Shell, check_account, shown};
use crate::cosmos::ground::Ground;
use crate::cosmos::lane::PORT;
use anyhow::{Context, Result};
use networks::CosmosSite;
use serde_json::{Value, json};

/// What it calls the way between the chains.
const PATH: &str = "way";
/// Messages in a transaction.
const MESSAGES: &str = "100";

/// Makes its keys and opens a channel; returns the arguments with which it relays.
pub(super) fn set_up(ground: &Ground, shell: &Shell) -> Result<Vec<String>> {
    let home = shown(&shell.folder.join("home"));
    let rly = |name: &str, args: &[&str]| shell.run(name, &[&["--home", &home], args].concat());
    rly("config", &["config", "init"])?;
    let sites = ground.chains.each_ref().map(|chain| chain.site());
    for site in sites {
        let file = shell.write(&format!("{}.json", site.chain_id), &chain(site)?.to_string())?;
        rly(
            "chains",
            &["chains", "add", "--file", &shown(&file), &site.chain_id],
        )?;
        let said = rly("keys", &["keys", "restore", &site.chain_id, "relayer", PHRASE])?;
        check_account(&said)?;
    }
    let [source, destination] = sites.map(|site| site.chain_id.as_str());
    rly("path", &["paths", "new", source, destination, PATH])?;
    let link = [
        "transact",
        "link",
        PATH,
        "--src-port",
        PORT,
        "--dst-port",
        PORT,
        "--version",
        "ics20-1",
    ];
    rly("link", &link)?;
    let run = ["--home", &home, "start", PATH, "-l", MESSAGES];
    Ok(run.map(str::to_owned).to_vec())
}

/// A chain as it reads it.
fn chain(site: &CosmosSite) -> Result<Value> {
    let rpc = site.rpc_urls.first().context("a chain without a node")?;
    let value = json!({
        "key": "relayer",
        "chain-id": site.chain_id,
        "rpc-addr": rpc,
        "account-prefix": "cosmos",
        "keyring-backend": "test",
        "gas-adjustment": 1.4,
        "gas-prices": format!("0.0{STAKE}"),
        "min-gas-amount": 200_000,
        // No upper bound.
        "max-gas-amount": 0,
        "debug": false,
        "timeout": "30s",
        "block-timeout": "",
        "output-format": "json",
        "sign-mode": "direct",
    });
    Ok(json!({ "type": "cosmos", "value": value }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosmos::peers::tests::site;

    #[test]
    fn a_chain_is_asked_at_its_own_node() {
        let chain = chain(&site("east-1", 7)).unwrap();
        assert_eq!(chain["value"]["rpc-addr"], "http://127.0.0.1:7");
        assert_eq!(chain["value"]["chain-id"], "east-1");
    }
}
