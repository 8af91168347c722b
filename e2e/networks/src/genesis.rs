//! The first block and the first beacon state of a network.
//!
//! Nothing in it is copied from either project: geth prints the genesis of its own developer network, which has the
//! system contracts (EIP-2935, 4788, 7002, 7251) at their addresses; Prysm prints one with the deposit contract. They
//! are put together here with our accounts, and Prysm derives the beacon state from the block that results.

use std::path::Path;

use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use crate::node::run;
use crate::programs::Programs;
use crate::settings::{DEPOSIT_CONTRACT, Settings, VALIDATORS};

/// Gas in a block.
const GAS_LIMIT: u64 = 60_000_000;
/// What every account of a role owns at genesis, in wei: a million ether.
const BALANCE_WEI: &str = "0xd3c21bcecceda1000000";
/// What [`Settings`] switches off in the execution layer: Prysm v5 ends at Electra.
const LATER_FORKS: [&str; 1] = ["osaka"];

/// Writes `config.yml`, `genesis.json` (geth's) and `genesis.ssz` (Prysm's) into `folder`.
///
/// - `genesis_time`: when slot 0 begins, in seconds since the Unix epoch.
///
/// # Errors
/// A file can't be written, or a program fails or prints something else.
pub(crate) fn write(
    settings: &Settings,
    programs: &Programs,
    folder: &Path,
    genesis_time: u64,
) -> Result<()> {
    let config = folder.join("config.yml");
    std::fs::write(&config, settings.consensus_yaml())
        .with_context(|| format!("failed to write {}", config.display()))?;
    let developer = run(
        folder,
        "geth-dumpgenesis",
        &programs.geth,
        &["--dev".into(), "dumpgenesis".into()],
    )?;
    let developer: Value = serde_json::from_slice(&developer).context("geth dumpgenesis printed no JSON")?;
    prysmctl(programs, folder, genesis_time, "prysm-genesis", &[])?;
    let deposit = read_json(&folder.join("prysm-genesis.json"))?;
    let genesis = combine(settings, developer, &deposit)?;
    let first = folder.join("combined.json");
    std::fs::write(&first, genesis.to_string())
        .with_context(|| format!("failed to write {}", first.display()))?;
    prysmctl(
        programs,
        folder,
        genesis_time,
        "genesis",
        &["--geth-genesis-json-in".into(), text(&first)],
    )
}

/// Lets Prysm write `<name>.json` and `<name>.ssz`.
fn prysmctl(
    programs: &Programs,
    folder: &Path,
    genesis_time: u64,
    name: &str,
    more: &[String],
) -> Result<()> {
    let mut args: Vec<String> = ["testnet", "generate-genesis", "--fork", "electra"]
        .map(Into::into)
        .to_vec();
    let options = [
        ("--num-validators", VALIDATORS.to_string()),
        ("--genesis-time", genesis_time.to_string()),
        ("--chain-config-file", text(&folder.join("config.yml"))),
        (
            "--geth-genesis-json-out",
            text(&folder.join(format!("{name}.json"))),
        ),
        ("--output-ssz", text(&folder.join(format!("{name}.ssz")))),
    ];
    for (option, value) in options {
        args.extend([option.to_owned(), value]);
    }
    args.extend_from_slice(more);
    run(folder, &format!("prysmctl-{name}"), &programs.prysmctl, &args).map(drop)
}

/// The execution genesis: geth's system contracts, Prysm's deposit contract, our accounts, Prague from the first block.
fn combine(settings: &Settings, developer: Value, deposit: &Value) -> Result<Value> {
    let Value::Object(mut genesis) = developer else {
        anyhow::bail!("geth's genesis is no JSON object")
    };
    let mut accounts = object(&genesis, "alloc")?;
    ensure!(
        accounts
            .values()
            .filter(|account| account.get("code").is_some())
            .count()
            >= 4,
        "geth's developer genesis lacks system contracts: was another version of geth installed?"
    );
    let contract = deposit.pointer(&format!("/alloc/{DEPOSIT_CONTRACT}"));
    let contract =
        contract.context("Prysm's genesis lacks the deposit contract: was another version installed?")?;
    accounts.insert(DEPOSIT_CONTRACT.to_owned(), contract.clone());
    for key in settings.keys() {
        let signer = PrivateKeySigner::from_bytes(&key).context("failed to read a test key")?;
        accounts.insert(
            format!("{:x}", signer.address()),
            json!({ "balance": BALANCE_WEI }),
        );
    }
    let mut config = object(&genesis, "config")?;
    let mut blobs = object(&config, "blobSchedule")?;
    for fork in LATER_FORKS {
        config.remove(&format!("{fork}Time"));
        blobs.remove(fork);
    }
    config.insert("blobSchedule".into(), blobs.into());
    config.insert("chainId".into(), settings.chain_id.into());
    config.insert("mergeNetsplitBlock".into(), 0.into());
    config.insert("terminalTotalDifficultyPassed".into(), true.into());
    config.insert(
        "depositContractAddress".into(),
        format!("0x{DEPOSIT_CONTRACT}").into(),
    );
    genesis.retain(|_, value| !value.is_null());
    genesis.insert("config".into(), config.into());
    genesis.insert("alloc".into(), accounts.into());
    genesis.insert("gasLimit".into(), format!("{GAS_LIMIT:#x}").into());
    Ok(genesis.into())
}

fn object(parent: &Map<String, Value>, key: &str) -> Result<Map<String, Value>> {
    let found = parent.get(key).and_then(Value::as_object).cloned();
    found.with_context(|| format!("geth's genesis has no `{key}`: was another version of geth installed?"))
}

fn read_json(path: &Path) -> Result<Value> {
    let bytes = std::fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is no JSON", path.display()))
}

/// A path as an argument. All paths here are made from names of ours under a folder that was checked.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::pair;

    fn developer() -> Value {
        let system = json!({"balance": "0x0", "code": "0x00"});
        json!({
            "config": {"chainId": 1337, "pragueTime": 0, "osakaTime": 0, "blobSchedule": {"prague": {}, "osaka": {}}},
            "gasLimit": "0x1", "excessBlobGas": null,
            "alloc": {"01": system, "02": system, "03": system, "04": system, "05": {"balance": "0x1"}},
        })
    }

    fn deposit() -> Value {
        json!({"alloc": {DEPOSIT_CONTRACT: {"balance": "0x0", "code": "0x01", "storage": {}}}})
    }

    #[test]
    fn puts_both_together_with_one_rich_account_for_each_role() {
        let [north, _] = pair();
        let genesis = combine(&north, developer(), &deposit()).unwrap();
        assert_eq!(genesis["config"]["chainId"], north.chain_id);
        assert_eq!(genesis["config"]["pragueTime"], 0);
        assert!(genesis["config"].get("osakaTime").is_none());
        assert!(genesis["config"]["blobSchedule"].get("osaka").is_none());
        assert!(genesis.get("excessBlobGas").is_none());
        assert_eq!(genesis["alloc"][DEPOSIT_CONTRACT]["code"], "0x01");
        let accounts = genesis["alloc"].as_object().unwrap().values();
        assert_eq!(
            accounts
                .filter(|account| account["balance"] == BALANCE_WEI)
                .count(),
            north.keys().len()
        );
    }

    #[test]
    fn refuses_a_genesis_without_the_contracts_that_consensus_calls() {
        let [north, _] = pair();
        assert!(combine(&north, developer(), &json!({"alloc": {}})).is_err());
        let mut bare = developer();
        bare["alloc"] = json!({});
        assert!(combine(&north, bare, &deposit()).is_err());
        assert!(combine(&north, json!([]), &deposit()).is_err());
    }
}
