//! The genesis of a chain: what simd prints by default, with our accounts, validators and short waits in it.
//!
//! The validators stand in the state of the staking module, not bonded yet: the application bonds them when the chain
//! starts, as it would with the signed transactions that a public chain collects. So nothing has to be signed here, and
//! simd is called once for each chain.

use alloy_primitives::B256;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::keys::{ConsensusKey, account, module_account, operator};
use super::settings::{BALANCE, CosmosSettings, SIGNED_BLOCKS_WINDOW, STAKE, TOKEN, VOTING};

/// Where stakes lie that are not bonded.
const NOT_BONDED: &str = "not_bonded_tokens_pool";
/// Units of stake for one of voting power.
pub(crate) const POWER: u64 = 1_000_000;
/// Largest block in bytes: the code of a wasm client fits.
const BLOCK_BYTES: &str = "4194304";

/// How long it matters to a chain that a validator signed twice, in blocks.
const EVIDENCE_BLOCKS: &str = "100";

/// Puts a chain's accounts, validators and parameters into simd's default genesis.
///
/// # Errors
/// The genesis has another shape: another version of simd was installed.
pub(crate) fn complete(genesis: &mut Value, settings: &CosmosSettings) -> Result<()> {
    let operators: Vec<B256> = (0..settings.stakes.len())
        .map(|index| settings.operator_key(index))
        .collect();
    let owners = [settings.keys(), operators].concat();
    write_accounts(genesis, settings, &owners)?;
    write_validators(genesis, settings)?;
    write_params(genesis, settings)
}

fn write_accounts(genesis: &mut Value, settings: &CosmosSettings, owners: &[B256]) -> Result<()> {
    let (mut accounts, mut balances) = (Vec::new(), Vec::new());
    for key in owners {
        let address = account(key)?;
        accounts.push(json!({
            "@type": "/cosmos.auth.v1beta1.BaseAccount",
            "address": address,
            "pub_key": null,
            "account_number": "0",
            "sequence": "0",
        }));
        balances.push(json!({ "address": address, "coins": [coin(STAKE, BALANCE), coin(TOKEN, BALANCE)] }));
    }
    let staked: u64 = settings.stakes.iter().map(|stake| stake * POWER).sum();
    balances.push(json!({ "address": module_account(NOT_BONDED)?, "coins": [coin(STAKE, staked)] }));
    set(genesis, "/app_state/auth/accounts", accounts.into())?;
    set(genesis, "/app_state/bank/balances", balances.into())
}

fn write_validators(genesis: &mut Value, settings: &CosmosSettings) -> Result<()> {
    let (mut validators, mut delegations) = (Vec::new(), Vec::new());
    for (index, stake) in settings.stakes.iter().enumerate() {
        let key = settings.operator_key(index);
        let (address, tokens) = (operator(&key)?, stake * POWER);
        validators.push(json!({
            "operator_address": address,
            "consensus_pubkey": ConsensusKey::new(settings, index)?.any(),
            "jailed": false,
            "status": "BOND_STATUS_UNBONDED",
            "tokens": tokens.to_string(),
            "delegator_shares": decimal(tokens),
            "description": {
                "moniker": format!("{}-{index}", settings.name),
                "identity": "", "website": "", "security_contact": "", "details": "",
            },
            "unbonding_height": "0",
            "unbonding_time": "1970-01-01T00:00:00Z",
            "commission": {
                "commission_rates": { "rate": decimal(0), "max_rate": decimal(1), "max_change_rate": decimal(1) },
                "update_time": "1970-01-01T00:00:00Z",
            },
            "min_self_delegation": "1",
        }));
        delegations.push(json!({
            "delegator_address": account(&key)?,
            "validator_address": address,
            "shares": decimal(tokens),
        }));
    }
    set(genesis, "/app_state/staking/validators", validators.into())?;
    set(genesis, "/app_state/staking/delegations", delegations.into())
}

fn write_params(genesis: &mut Value, settings: &CosmosSettings) -> Result<()> {
    let (voting, expedited) = (VOTING.as_secs(), VOTING.as_secs() / 2);
    let changes = [
        ("/chain_id", json!(settings.chain_id)),
        (
            "/consensus/params/validator/pub_key_types",
            json!([settings.curve]),
        ),
        ("/consensus/params/block/max_bytes", json!(BLOCK_BYTES)),
        // Storing a wasm client takes more gas than any limit that a chain would set for the rest.
        ("/consensus/params/block/max_gas", json!("-1")),
        // Nothing younger is pruned, whatever a node is told.
        (
            "/consensus/params/evidence/max_age_num_blocks",
            json!(EVIDENCE_BLOCKS),
        ),
        (
            "/app_state/slashing/params/signed_blocks_window",
            json!(SIGNED_BLOCKS_WINDOW.to_string()),
        ),
        ("/app_state/gov/params/voting_period", json!(format!("{voting}s"))),
        (
            "/app_state/gov/params/expedited_voting_period",
            json!(format!("{expedited}s")),
        ),
        (
            "/app_state/gov/params/max_deposit_period",
            json!(format!("{voting}s")),
        ),
        ("/app_state/gov/params/min_deposit", json!([coin(STAKE, 1)])),
        (
            "/app_state/gov/params/expedited_min_deposit",
            json!([coin(STAKE, 2)]),
        ),
    ];
    changes
        .into_iter()
        .try_for_each(|(pointer, value)| set(genesis, pointer, value))
}

/// Replaces what is there: a place that is not there would be read by nobody.
fn set(genesis: &mut Value, pointer: &str, value: Value) -> Result<()> {
    let place = genesis
        .pointer_mut(pointer)
        .with_context(|| format!("simd's genesis has no {pointer}: was another version installed?"))?;
    ensure!(
        place.is_array() == value.is_array(),
        "simd's genesis has {place} at {pointer}: was another version installed?"
    );
    *place = value;
    Ok(())
}

fn coin(denom: &str, amount: u64) -> Value {
    json!({ "denom": denom, "amount": amount.to_string() })
}

/// A whole number in the notation of the application's fractions.
fn decimal(whole: u64) -> String {
    format!("{whole}.{:0<18}", "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosmos::settings::cosmos_pair;

    /// The parts of simd's default genesis that are looked at.
    fn default() -> Value {
        json!({
            "chain_id": "",
            "consensus": { "params": {
                "block": { "max_bytes": "1", "max_gas": "1" },
                "evidence": { "max_age_num_blocks": "100000" },
                "validator": { "pub_key_types": ["ed25519"] },
            } },
            "app_state": {
                "auth": { "accounts": [] },
                "bank": { "balances": [] },
                "staking": { "validators": [], "delegations": [] },
                "slashing": { "params": { "signed_blocks_window": "100" } },
                "gov": { "params": {
                    "voting_period": "1s", "expedited_voting_period": "1s", "max_deposit_period": "1s",
                    "min_deposit": [], "expedited_min_deposit": [],
                } },
            },
        })
    }

    #[test]
    fn what_is_staked_lies_in_the_pool() {
        let [_, west] = cosmos_pair();
        let mut genesis = default();
        complete(&mut genesis, &west).unwrap();
        let at = |pointer: &str| genesis.pointer(pointer).unwrap().as_array().unwrap().clone();
        let tokens = |validator: &Value| validator["tokens"].as_str().unwrap().parse::<u64>().unwrap();
        let staked: u64 = at("/app_state/staking/validators").iter().map(tokens).sum();
        let pool = at("/app_state/bank/balances").pop().unwrap();
        assert_eq!(pool["coins"], json!([coin(STAKE, staked)]));
        assert_eq!(at("/app_state/auth/accounts").len(), 6);
        assert_eq!(
            at("/consensus/params/validator/pub_key_types"),
            [json!("secp256k1")]
        );
    }

    #[test]
    fn a_genesis_of_another_shape_is_refused_by_name() {
        let [east, _] = cosmos_pair();
        for (pointer, other) in [
            ("/app_state/gov/params", json!({})),
            ("/app_state/staking/validators", json!(null)),
        ] {
            let mut genesis = default();
            *genesis.pointer_mut(pointer).unwrap() = other;
            let error = complete(&mut genesis, &east).unwrap_err().to_string();
            assert!(
                error.contains(pointer) && error.contains("another version"),
                "{error}"
            );
        }
    }

    #[test]
    fn fractions_have_eighteen_digits() {
        assert_eq!(decimal(7), "7.000000000000000000");
    }
}
