//! An EVM chain: where it is found, who attests it, and what its submissions may cost.

use super::end::chain_name;
use super::policy::{batch_policy, fee_policy};
use super::reader::Reader;
use super::{ChainEntry, Family, secret, urls};
use chain::BlockNumber;
use chain_evm::{AttestorPeer, Settings};
use relayer_core::ChainConfig;
use std::path::Path;
use wire::Seconds;

pub(super) fn entry(reader: &mut Reader<'_>, base: &Path, http: chain_evm::Limits) -> Option<ChainEntry> {
    let name = reader.parsed("name", chain_name);
    let chain_id = reader.positive("chain_id", 0u64);
    let rpc = urls(reader, "rpc_urls", base);
    let beacon = urls(reader, "beacon_urls", base);
    let router = match reader.optional_text("router") {
        Some(_) => reader.parsed("router", |text| text.parse::<alloy_primitives::Address>()),
        None => None,
    };
    let first_block = BlockNumber(reader.number("router_block", 0));
    let signer = match reader.optional_text("signer") {
        Some(_) => reader.parsed("signer", |text| secret::signer(text, base)),
        None => None,
    };
    let attestors = reader.tables("attestors", |reader| attestor(reader, base));
    let poll = Seconds(reader.positive("poll_secs", 1));
    let fee = reader.table("fee", fee_policy);
    let batch = reader.table("batch", batch_policy);
    let name = name?;
    let settings = Settings {
        name: name.clone(),
        chain_id,
        rpc,
        beacon,
        attestors,
        router: router.unwrap_or_default(),
        first_block,
        signer,
        fee,
        gas_max: batch.gas_max,
        limits: http,
    };
    let machine = ChainConfig {
        name,
        poll,
        // One nonce after the other: whatever waits behind one that is stuck is stuck, too.
        in_flight: 1,
        fee,
        batch,
    };
    Some(ChainEntry {
        family: Family::Evm {
            settings,
            has_router: router.is_some(),
        },
        machine,
    })
}

/// Who attests this chain's states, and where he answers.
fn attestor(reader: &mut Reader<'_>, base: &Path) -> Option<AttestorPeer> {
    let url = reader.parsed("url", |text| secret::url(text, base));
    let address = reader.parsed("address", |text| text.parse::<alloy_primitives::Address>());
    Some(AttestorPeer {
        url: url?,
        address: address?,
    })
}
