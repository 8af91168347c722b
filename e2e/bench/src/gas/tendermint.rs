//! What an update of a client of a CometBFT chain costs: 67 of 100 validators of equal power signed.
//!
//! The set is installed first, and every place of the client's ring is taken. Spec: docs/gas.md.

use alloy::primitives::Address;
use alloy::sol_types::{SolCall, SolValue};
use anyhow::{Context, Result, ensure};
use prost::Message;
use tendermint_client::codec::decode_update;
use tendermint_client::testing::{Ballot, Block, Kind, Validators, World};
use tendermint_client::{TrustLevel, evm};

use super::contracts::TendermintClient;
use super::draw::Draw;
use super::host::Host;
use super::limits::Figures;

const ARTIFACT: &str = "TendermintClient";

/// Validators, and how many of them sign.
const ALL: usize = 100;
const SIGNING: u64 = 67;
const POWER: i64 = 1_000_000;
/// Blocks between two updates, and how far the ring reaches back.
pub(super) const STEP: i64 = 10;
pub(super) const CAPACITY: u32 = 4;
/// The height that the client begins with.
pub(super) const START: i64 = 1_000_000;
const DAY_SECS: u64 = 24 * 60 * 60;
const DRIFT_SECS: u64 = 10;

/// A chain and the client that follows it.
struct Followed {
    world: World,
    contract: Address,
}

/// The gas of single updates, sent to the client by itself: anybody may, and nothing goes over the router.
///
/// # Errors
/// The contract refuses something.
pub(super) async fn updates(host: &mut Host, draw: &Draw) -> Result<Figures> {
    let mut figures = Figures::new();
    let secp = update(host, draw, Kind::Secp256k1).await?;
    figures.insert("tendermint_update_secp_67_of_100".to_owned(), secp);
    let ed25519 = update(host, draw, Kind::Ed25519).await?;
    figures.insert("tendermint_update_ed25519_67_of_100".to_owned(), ed25519);
    figures.insert(
        "tendermint_ed25519_per_signature_67".to_owned(),
        ed25519.div_ceil(SIGNING),
    );
    Ok(figures)
}

/// What the update costs that takes the place of the first one.
async fn update(host: &mut Host, draw: &Draw, kind: Kind) -> Result<u64> {
    let followed = follow(host, draw, kind).await?;
    let mut gas = 0;
    for lap in 1..=2 * i64::from(CAPACITY) {
        let height = START + lap * STEP;
        gas = followed.advance(host, height).await?;
    }
    ensure!(gas != 0, "nothing was learned");
    Ok(gas)
}

/// Creates a client of a chain with a set that follows from the seed, and installs the set.
async fn follow(host: &mut Host, draw: &Draw, kind: Kind) -> Result<Followed> {
    let validators = Validators::new(kind, draw.below("validators", 0, u64::MAX), &[POWER; ALL]);
    let mut world = World::new("weigh-3", 3, validators);
    world.began = i64::try_from(host.now())? - world.rhythm * START;
    let contract = host.create(ARTIFACT, &arguments(&world)?).await?;
    let block = decode_update(&world.show(&world.block_at(START + STEP), START).encode_to_vec())?;
    let message = evm::encode_set(&block.validators)?;
    send(host, contract, message).await?;
    Ok(Followed { world, contract })
}

/// What the constructor is told.
pub(super) fn arguments(world: &World) -> Result<Vec<u8>> {
    let state = world.consensus_state_at(START);
    let time = state.timestamp.context("a state has a time")?;
    let config = TendermintClient::TendermintConfig {
        chainId: world.chain_id.clone(),
        trustNumerator: 1,
        trustDenominator: 3,
        trustPeriod: 7 * DAY_SECS,
        unbondingPeriod: 21 * DAY_SECS,
        clockDrift: DRIFT_SECS,
        capacity: CAPACITY,
        store: tendermint_client::STORE_DEFAULT.into(),
    };
    let start = TendermintClient::TendermintStart {
        height: TendermintClient::Height {
            revisionNumber: world.revision,
            revisionHeight: u64::try_from(START)?,
        },
        time: u64::try_from(time.seconds)?,
        nanos: u32::try_from(time.nanos)?,
        appHash: state
            .root
            .context("a state has a root")?
            .hash
            .as_slice()
            .try_into()?,
        nextValidatorsHash: state.next_validators_hash.as_slice().try_into()?,
    };
    Ok((config, start).abi_encode_params())
}

impl Followed {
    /// Shows the block of `height` to the client, which trusts the one a step before.
    async fn advance(&self, host: &mut Host, height: i64) -> Result<u64> {
        host.wait_until(u64::try_from(self.world.time_at(height).seconds)? + 1);
        let set = self.world.set_at(height).clone();
        let signing = usize::try_from(SIGNING)?;
        let block = Block::sign(self.world.header_at(height), set, 0, |place| {
            // Those who vote are spread over the set.
            if place * signing % ALL < signing {
                Ballot::Block
            } else {
                Ballot::Absent
            }
        });
        let update = decode_update(&self.world.show(&block, height - STEP).encode_to_vec())?;
        let voted = update
            .commit
            .votes
            .iter()
            .filter(|vote| vote.for_block().is_some());
        ensure!(voted.count() == signing, "as many vote as are counted");
        let message = evm::encode_update(&update, TrustLevel::ONE_THIRD)?;
        let gas = send(host, self.contract, message).await?;
        let height = u64::try_from(height)?;
        let learned = host
            .ask(self.contract, &TendermintClient::learnedAtCall { height })
            .await?;
        ensure!(learned == host.now(), "the block of {height} was not learned");
        Ok(gas)
    }
}

pub(super) async fn send(host: &mut Host, contract: Address, message: Vec<u8>) -> Result<u64> {
    let call = TendermintClient::updateClientCall {
        updateMsg: message.into(),
    };
    Ok(host.call(contract, call.abi_encode()).await?.gas_used)
}
