//! The law's own light client on a real network: from a bootstrap through every finality to new committees.
//!
//! It decides nothing but whether the law and a foreign implementation agree. What stands in for a router is the deposit
//! contract: every network has it from genesis on, its storage is not empty, and packets were never stored there, so
//! absence can be proven.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alloy_primitives::{Address, B256, Bytes};
use anyhow::{Context, Result, bail, ensure};
use client::Advance;
use ethereum::spec::{
    LightClientBootstrap, LightClientFinalityUpdate, LightClientUpdate, SyncCommittee, Versioned,
    compact_bootstrap, compact_finality_update, compact_update,
};
use ethereum::{
    Blst, Config, Epoch, Fork, ForkSchedule, Layout, Network, Period, Reject, Slot, TRUST_PERIOD_DEFAULT,
    Times, Trusted, WEAK_SUBJECTIVITY_DEFAULT, start, verify_absent, verify_update,
};
use scenarios::Site;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use wire::{COMMITMENTS_SLOT, ClientId, Height, Seconds, Sequence};

use crate::health::Probe;
use crate::settings::{DEPOSIT_CONTRACT, EPOCHS_PER_PERIOD, SECONDS_PER_SLOT, SLOTS_PER_EPOCH, Settings};

const COMMITTEE_SIZE: u32 = 512;
/// Trusted states kept: all of a run.
const CAPACITY: u32 = 256;
/// How often the network is asked for something new.
const ASK_EVERY: Duration = Duration::from_secs(3);

/// What was seen on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Updates that the law accepted.
    pub accepted: u64,
    /// Updates below two thirds of the seats, which the law refused for that reason.
    pub too_few: u64,
    /// Committees learned after the first.
    pub rotations: u64,
    /// The newest finalized slot that was believed.
    pub newest: u64,
}

/// Follows a network until its committee has changed `rotations` times and a finalized header signed by the last of
/// them was believed.
///
/// # Errors
/// The law refuses an update for another reason than its signers, an absence can't be proven, an endpoint fails, or it
/// takes longer than `limit`.
pub async fn follow(site: &Site, settings: &Settings, rotations: u64, limit: Duration) -> Result<Followed> {
    let begun = Instant::now();
    let mut follower = Follower::begin(site, settings)
        .await
        .with_context(|| format!("failed to start on {}", site.name))?;
    while follower.followed.rotations < rotations || !follower.is_signed_by_newest {
        ensure!(
            begun.elapsed() < limit,
            "{}: {limit:?} passed with {:?}",
            site.name,
            follower.followed
        );
        follower
            .advance()
            .await
            .with_context(|| format!("{} after {:?}", site.name, follower.followed))?;
        sleep(ASK_EVERY).await;
    }
    Ok(follower.followed)
}

struct Follower {
    probe: Probe,
    trusted: Trusted,
    committees: BTreeMap<Period, SyncCommittee>,
    /// The attested slot of the update looked at last.
    seen: Slot,
    /// Whether the last accepted update was signed by the newest committee.
    is_signed_by_newest: bool,
    followed: Followed,
}

impl Follower {
    /// Starts from the network's newest finalized header.
    async fn begin(site: &Site, settings: &Settings) -> Result<Self> {
        let probe = Probe::new(&site.rpc_url, &site.beacon_url)?;
        let network = network(&probe, settings).await?;
        let newest: Versioned<LightClientFinalityUpdate> = probe.rest(FINALITY_UPDATE).await?;
        let root = newest.data.finalized_header.beacon.root();
        let path = format!("/eth/v1/beacon/light_client/bootstrap/{root}");
        let bootstrap: LightClientBootstrap = probe.rest::<Versioned<_>>(&path).await?.data;
        ensure!(
            bootstrap.header.beacon.root() == root,
            "the bootstrap is not of the header that was asked for"
        );
        let period = network.period_of(bootstrap.header.beacon.slot);
        let account = prove(&probe, bootstrap.header.execution.block_number, None)
            .await?
            .account;
        let compact = compact_bootstrap(&Blst, &bootstrap, &account)?;
        let trusted = start(&Blst, config(network)?, &compact, now()?)?;
        let newest = trusted.newest.0;
        Ok(Self {
            probe,
            trusted,
            committees: BTreeMap::from([(period, bootstrap.current_sync_committee)]),
            seen: Slot(0),
            is_signed_by_newest: true,
            followed: Followed {
                newest,
                ..Followed::default()
            },
        })
    }

    /// Takes the newest finality update, if it is new, and before it the committee that signed it.
    async fn advance(&mut self) -> Result<()> {
        let update: LightClientFinalityUpdate = self.probe.rest::<Versioned<_>>(FINALITY_UPDATE).await?.data;
        let attested = update.attested_header.beacon.slot;
        if attested <= self.seen {
            return Ok(());
        }
        let network = self.trusted.config.network.clone();
        let signed_in = network.period_of(update.signature_slot);
        if !self.committees.contains_key(&signed_in) && !self.learn(signed_in).await? {
            return Ok(());
        }
        self.seen = attested;
        let committee = self
            .committees
            .get(&signed_in)
            .context("the committee was just learned")?;
        let execution = &update.finalized_header.execution;
        let path = wire::path::commitment(&ClientId::new("client-0")?, sequence()?);
        let key = path.evm_slot(COMMITMENTS_SLOT);
        let proof = prove(&self.probe, execution.block_number, Some(key)).await?;
        let compact = compact_finality_update(&Blst, &network, &update, committee, &proof.account)?;
        if !self.take(verify_update(&Blst, &self.trusted, &compact, now()?))? {
            return Ok(());
        }
        self.is_signed_by_newest = self
            .committees
            .last_key_value()
            .is_some_and(|(last, _)| *last == signed_in);
        let height = Height {
            revision_number: 0,
            revision_height: update.finalized_header.beacon.slot.0,
        };
        verify_absent(&self.trusted, height, &path, &proof.storage, now()?)
            .context("the law refuses geth's proof of absence")?;
        Ok(())
    }

    /// Learns every committee up to that of `period`; false while the update that tells one is not there yet.
    ///
    /// A network that finalized nothing for a while may sign its first new update some periods after the bootstrap.
    async fn learn(&mut self, period: Period) -> Result<bool> {
        let (last, _) = self
            .committees
            .last_key_value()
            .context("a committee comes with the bootstrap")?;
        for next in last.0 + 1..=period.0 {
            if !self.learn_from_last(Period(next)).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Learns the committee of `period` from the best update of the period before, whose committee is known.
    async fn learn_from_last(&mut self, period: Period) -> Result<bool> {
        let before = Period(
            period
                .0
                .checked_sub(1)
                .context("the committee of period 0 comes with the bootstrap")?,
        );
        let path = format!(
            "/eth/v1/beacon/light_client/updates?start_period={}&count=1",
            before.0
        );
        let updates: Vec<Versioned<LightClientUpdate>> = self.probe.rest(&path).await?;
        let Some(update) = updates.into_iter().next().map(|update| update.data) else {
            return Ok(false);
        };
        let network = self.trusted.config.network.clone();
        let signed_in = network.period_of(update.signature_slot);
        let Some(committee) = self.committees.get(&signed_in) else {
            bail!(
                "the update of period {} is signed in period {}, unknown here",
                before.0,
                signed_in.0
            );
        };
        let account = prove(&self.probe, update.finalized_header.execution.block_number, None)
            .await?
            .account;
        let compact = compact_update(&Blst, &network, &update, committee, &account)?;
        if compact.next.is_none() || !self.take(verify_update(&Blst, &self.trusted, &compact, now()?))? {
            return Ok(false);
        }
        ensure!(
            self.trusted.committee(period).is_some(),
            "the law did not keep the committee of period {}",
            period.0
        );
        self.committees.insert(period, update.next_sync_committee);
        self.followed.rotations += 1;
        Ok(true)
    }

    /// Counts what the law said and keeps what it learned; false if the update had too few signers.
    fn take(&mut self, verdict: Result<Advance<Trusted>, Reject>) -> Result<bool> {
        match verdict {
            Ok(Advance::Updated(trusted)) => self.trusted = trusted,
            Ok(Advance::NoOp) => {}
            Ok(Advance::Misbehaviour(_)) => bail!("the law sees misbehaviour on an honest network"),
            Err(Reject::NotEnoughSigners { .. }) => {
                self.followed.too_few += 1;
                return Ok(false);
            }
            Err(reject) => return Err(reject).context("the law refuses an honest update"),
        }
        self.followed.accepted += 1;
        self.followed.newest = self.trusted.newest.0;
        Ok(true)
    }
}

const FINALITY_UPDATE: &str = "/eth/v1/beacon/light_client/finality_update";

/// Proofs of the deposit contract in one block, as geth gave them.
struct Proven {
    account: Vec<Bytes>,
    /// RLP nodes, concatenated: the form in which the law reads a storage proof.
    storage: Vec<u8>,
}

async fn prove(probe: &Probe, block: u64, key: Option<B256>) -> Result<Proven> {
    let keys: Vec<B256> = key.into_iter().collect();
    let params = json!([format!("0x{DEPOSIT_CONTRACT}"), keys, format!("{block:#x}")]);
    let answer = probe.rpc("eth_getProof", params).await?;
    let nodes = |pointer: &str| -> Result<Vec<Bytes>> {
        let found = answer
            .pointer(pointer)
            .cloned()
            .with_context(|| format!("geth's proof has no {pointer}"))?;
        Ok(serde_json::from_value(found)?)
    };
    let storage = if key.is_some() {
        nodes("/storageProof/0/proof")?.concat()
    } else {
        Vec::new()
    };
    Ok(Proven {
        account: nodes("/accountProof")?,
        storage,
    })
}

/// What the law has to know of a network: what its settings say, and the genesis that it serves.
async fn network(probe: &Probe, settings: &Settings) -> Result<Network> {
    let genesis: Value = probe.rest("/eth/v1/beacon/genesis").await?;
    let field = |name: &str| genesis.pointer(&format!("/data/{name}")).and_then(Value::as_str);
    let time = field("genesis_time")
        .context("the genesis has no time")?
        .parse()
        .context("the time is no number")?;
    let root = field("genesis_validators_root").context("the genesis has no validators root")?;
    let times = Times {
        genesis: Seconds(time),
        seconds_per_slot: SECONDS_PER_SLOT,
        slots_per_epoch: SLOTS_PER_EPOCH,
        epochs_per_period: EPOCHS_PER_PERIOD,
    };
    let fork = Fork {
        epoch: Epoch(0),
        version: settings.fork_version(),
        layout: Layout::Electra,
    };
    let root = root.parse().context("the validators root is no hash")?;
    Ok(Network::custom(
        times,
        root,
        COMMITTEE_SIZE,
        ForkSchedule::new([fork])?,
    )?)
}

fn config(network: Network) -> Result<Config> {
    Ok(Config {
        network,
        router: DEPOSIT_CONTRACT
            .parse::<Address>()
            .context("the deposit contract's address")?,
        commitments_slot: COMMITMENTS_SLOT,
        trust_period: TRUST_PERIOD_DEFAULT,
        weak_subjectivity: WEAK_SUBJECTIVITY_DEFAULT,
        capacity: CAPACITY,
    })
}

fn sequence() -> Result<Sequence> {
    Sequence::new(1).context("1 is a sequence")
}

/// The host's time; there is no host chain here, so it is this machine's.
fn now() -> Result<Seconds> {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock stands before 1970")?;
    Ok(Seconds(since.as_secs()))
}
