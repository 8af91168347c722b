//! What a chain's submissions may cost and hold.

use super::reader::Reader;
use chain::{Gas, WeiPerGas};
use relayer_core::{BatchPolicy, FeePolicy};
use wire::Seconds;

/// The fees of a chain.
pub(super) fn fee_policy(reader: &mut Reader<'_>) -> FeePolicy {
    let default = FeePolicy::default();
    let policy = FeePolicy {
        max: WeiPerGas(reader.positive("max_wei_per_gas", default.max.0)),
        tip_min: WeiPerGas(reader.number("tip_min_wei_per_gas", default.tip_min.0)),
        tip_max: WeiPerGas(reader.number("tip_max_wei_per_gas", default.tip_max.0)),
        patience: Seconds(reader.positive("patience_secs", default.patience.0)),
    };
    if policy.tip_min > policy.tip_max {
        let text = format!(
            "{} is above tip_max_wei_per_gas = {}; lower it",
            policy.tip_min, policy.tip_max
        );
        reader.bad("tip_min_wei_per_gas", text);
    }
    if policy.tip_max > policy.max {
        let text = format!(
            "{} is above max_wei_per_gas = {}; lower it",
            policy.tip_max, policy.max
        );
        reader.bad("tip_max_wei_per_gas", text);
    }
    policy
}

/// How submissions to a chain are filled.
pub(super) fn batch_policy(reader: &mut Reader<'_>) -> BatchPolicy {
    let default = BatchPolicy::default();
    let mut gas = |key, default: Gas| Gas(reader.positive(key, default.0));
    let gas_max = gas("gas_max", default.gas_max);
    let policy = BatchPolicy {
        gas_max,
        gas_recv: gas("gas_recv", default.gas_recv),
        gas_ack: gas("gas_ack", default.gas_ack),
        gas_timeout: gas("gas_timeout", default.gas_timeout),
        gas_pooled_recv: gas("gas_pooled_recv", default.gas_pooled_recv),
        gas_pooled_ack: gas("gas_pooled_ack", default.gas_pooled_ack),
        gas_pooled_timeout: gas("gas_pooled_timeout", default.gas_pooled_timeout),
        gas_declared: gas("gas_declared", default.gas_declared),
        gas_update: gas("gas_update", default.gas_update),
        gas_ed25519: gas("gas_ed25519", default.gas_ed25519),
        ..default
    };
    if gas_max > chain_evm::TRANSACTION_GAS_MAX {
        let most = chain_evm::TRANSACTION_GAS_MAX;
        reader.bad(
            "gas_max",
            format!("{gas_max} is above the {most} that a transaction may use; lower it"),
        );
    }
    BatchPolicy {
        messages_max: reader.positive("messages_max", default.messages_max),
        age: Seconds(reader.number("age_secs", default.age.0)),
        bytes_max: reader.positive("bytes_max", default.bytes_max),
        ..policy
    }
}
