//! What a state costs that 13 of 19 attestors signed.
//!
//! Every place of the client's ring is taken first, by states with another storage root. Spec: docs/gas.md.

use alloy::primitives::{Address, U256};
use alloy::sol_types::{SolCall, SolValue};
use anyhow::{Result, ensure};
use attestor::codec::encode_update;
use attestor::testing::Keys;
use attestor::{Attestation, Claim, Set, Update};
use chain_evm::abi::{Attestor, AttestorConfig, AttestorSet};
use wire::Seconds;
use wire::sign::Domain;

use super::contracts::AttestorClient;
use super::counterparty::SOURCE_CLIENT;
use super::draw::Draw;
use super::host::{Followed, Host};

const ARTIFACT: &str = "AttestorClient";

/// Attestors, and how many of them sign.
const ALL: u64 = 19;
const SIGNING: usize = 13;
const THRESHOLD: u64 = 13;
/// A state every epoch, and the states that are kept.
const INTERVAL: u64 = 32;
const CAPACITY: u32 = 8;
/// Seconds in which the counterparty makes the blocks of an interval.
const INTERVAL_SECS: u64 = 32 * 12;
const WEEK_SECS: u64 = 7 * 24 * 60 * 60;
const DAY_SECS: u64 = 24 * 60 * 60;

/// The gas of one update, sent to the client by itself: anybody may, and nothing goes over the router.
///
/// # Errors
/// The contracts refuse something.
pub(super) async fn update(host: &mut Host, draw: &Draw) -> Result<u64> {
    let keys = Keys::new(draw.below("attestors", 0, u64::MAX), ALL);
    let set = keys.set(THRESHOLD)?;
    let client = follow(host, &set).await?;
    let domain = Domain::evm(host.chain_id().await?, client.contract, 1);
    let mut gas = 0;
    // One more than the ring holds: the last takes the place of the first.
    for lap in 0..=u64::from(CAPACITY) {
        host.wait_until(host.now() + INTERVAL_SECS);
        let height = (1 + lap) * INTERVAL;
        let claim = Claim {
            timestamp: Seconds(host.now()),
            storage_root: draw.word("attested root", lap),
        };
        let signers = draw.distinct(&format!("signers of {lap}"), SIGNING, ALL);
        let mut signers: Vec<u8> = signers.into_iter().map(u8::try_from).collect::<Result<_, _>>()?;
        signers.sort_unstable();
        let signatures = keys.attest(&domain, height, &claim, &signers);
        let update = Update::State(Attestation {
            height,
            claim,
            signatures,
        });
        let call = AttestorClient::updateClientCall {
            updateMsg: encode_update(&update).into(),
        };
        let receipt = host.call(client.contract, call.abi_encode()).await?;
        let learned = host
            .ask(client.contract, &AttestorClient::learnedAtCall { height })
            .await?;
        ensure!(learned == host.now(), "the state of {height} was not learned");
        gas = receipt.gas_used;
    }
    ensure!(gas != 0, "nothing was attested");
    Ok(gas)
}

/// Creates a client that believes `set`.
async fn follow(host: &mut Host, set: &Set) -> Result<Followed> {
    let config = AttestorConfig {
        chainId: 1,
        router: Address::repeat_byte(1),
        commitmentsSlot: wire::COMMITMENTS_SLOT,
        trustPeriod: WEEK_SECS,
        interval: INTERVAL,
        capacity: CAPACITY,
        rotationDelay: DAY_SECS,
    };
    let attestors = set.attestors().iter().map(|one| Attestor {
        signer: one.signer,
        weight: alloy::primitives::aliases::U96::from(one.weight),
    });
    let set = AttestorSet {
        threshold: U256::from(set.threshold()),
        attestors: attestors.collect(),
    };
    let authority = host.authority();
    let arguments = (config, set, authority).abi_encode_params();
    let contract = host.create(ARTIFACT, &arguments).await?;
    host.add_client(contract, SOURCE_CLIENT).await
}
