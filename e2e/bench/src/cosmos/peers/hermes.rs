//! Hermes 1.10.5, with ample gas: what is simulated in vain falls back on `default_gas`.

use super::{PHRASE, STAKE, Shell, check_account, port, shown};
use crate::cosmos::ground::Ground;
use crate::cosmos::lane::{Lane, PORT};
use anyhow::{Context, Result};
use networks::CosmosSite;

const CONFIG: &str = "hermes.toml";

/// Makes its keys and opens a channel; returns the arguments with which it relays.
pub(super) fn set_up(ground: &Ground, shell: &Shell) -> Result<Vec<String>> {
    let sites = ground.chains.each_ref().map(|chain| chain.site());
    let config = shown(&shell.write(CONFIG, &text(shell, sites, None)?)?);
    let phrase = shown(&shell.write("phrase", PHRASE)?);
    let [source, destination] = sites.map(|site| site.chain_id.as_str());
    for chain in [source, destination] {
        let said = shell.run(
            "keys",
            &[
                "--config",
                &config,
                "keys",
                "add",
                "--chain",
                chain,
                "--key-name",
                "relayer",
                "--mnemonic-file",
                &phrase,
                "--overwrite",
            ],
        )?;
        check_account(&said)?;
    }
    shell.run(
        "channel",
        &[
            "--config",
            &config,
            "create",
            "channel",
            "--a-chain",
            source,
            "--b-chain",
            destination,
            "--a-port",
            PORT,
            "--b-port",
            PORT,
            "--new-client-connection",
            "--yes",
        ],
    )?;
    Ok(vec!["--config".to_owned(), config, "start".to_owned()])
}

/// Lets it carry its own packets only: what else is on the chains is not its work.
pub(super) fn confine(ground: &Ground, shell: &Shell, lane: &Lane) -> Result<()> {
    let sites = ground.chains.each_ref().map(|chain| chain.site());
    shell.write(CONFIG, &text(shell, sites, Some(lane))?)?;
    Ok(())
}

fn text(shell: &Shell, sites: [&CosmosSite; 2], lane: Option<&Lane>) -> Result<String> {
    let mut text = "[global]\nlog_level = 'info'\n\
        [mode.clients]\nenabled = true\nrefresh = true\nmisbehaviour = false\n\
        [mode.connections]\nenabled = false\n[mode.channels]\nenabled = false\n\
        [mode.packets]\nenabled = true\nclear_interval = 100\nclear_on_start = true\ntx_confirmation = false\n\
        [rest]\nenabled = false\nhost = '127.0.0.1'\nport = 0\n\
        [telemetry]\nenabled = false\nhost = '127.0.0.1'\nport = 0\n"
        .to_owned();
    for (side, site) in sites.into_iter().enumerate() {
        let end = lane.and_then(|lane| lane.ends.get(side));
        text.push_str(&chain(shell, site, end.map(String::as_str))?);
    }
    Ok(text)
}

fn chain(shell: &Shell, site: &CosmosSite, channel: Option<&str>) -> Result<String> {
    let rpc = site.rpc_urls.first().context("a chain without a node")?;
    let grpc = site.grpc_urls.first().context("a chain without a node")?;
    let keys = shell.folder.join("keys");
    let filter = channel
        .map(|channel| format!("packet_filter = {{ policy = 'allow', list = [['{PORT}', '{channel}']] }}\n"));
    Ok(format!(
        "[[chains]]\nid = '{}'\ntype = 'CosmosSdk'\nrpc_addr = '{rpc}'\ngrpc_addr = '{grpc}'\n\
         event_source = {{ mode = 'push', url = 'ws://127.0.0.1:{}/websocket', batch_delay = '200ms' }}\n\
         rpc_timeout = '30s'\ntrusted_node = false\naccount_prefix = 'cosmos'\nkey_name = 'relayer'\n\
         key_store_folder = '{}'\nstore_prefix = 'ibc'\ndefault_gas = 60000000\nmax_gas = 120000000\n\
         gas_price = {{ price = 0.0, denom = '{STAKE}' }}\ngas_multiplier = 1.3\nmax_msg_num = 100\n\
         max_tx_size = 2000000\nclock_drift = '20s'\nmax_block_time = '10s'\ntrusting_period = '14days'\n\
         trust_threshold = {{ numerator = '1', denominator = '3' }}\naddress_type = {{ derivation = 'cosmos' }}\n{}",
        site.chain_id,
        port(rpc)?,
        keys.display(),
        filter.unwrap_or_default(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosmos::peers::tests::site;
    use std::path::PathBuf;

    #[test]
    fn its_configuration_is_toml_and_names_its_own_channel_alone() {
        let shell = Shell {
            folder: PathBuf::from("/peer"),
            program: PathBuf::from("hermes"),
        };
        let (source, destination) = (site("east-1", 7), site("west-1", 9));
        let lane = Lane {
            protocol: crate::cosmos::Protocol::V1,
            ends: ["channel-3".into(), "channel-5".into()],
        };
        let written = text(&shell, [&source, &destination], Some(&lane)).unwrap();
        let read: toml::Table = written.parse().unwrap();
        let chains = read["chains"].as_array().unwrap();
        assert_eq!(chains.len(), 2);
        for (chain, channel) in chains.iter().zip(&lane.ends) {
            let list = &chain["packet_filter"]["list"];
            assert_eq!(list[0][0].as_str(), Some("transfer"));
            assert_eq!(list[0][1].as_str(), Some(channel.as_str()));
        }
        let events = chains[1]["event_source"]["url"].as_str();
        assert_eq!(events, Some("ws://127.0.0.1:9/websocket"));
        let unconfined = text(&shell, [&source, &destination], None).unwrap();
        assert!(!unconfined.contains("packet_filter"));
    }
}
