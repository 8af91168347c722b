//! Handler `data_collection`: what a full node collects for light clients while it follows a chain.
//!
//! No block is imported. Blocks are decoded and hashed, and every object that a node would serve is judged: its header
//! has to be one of the blocks, its branches have to lead into that block, its signature has to be that of a committee
//! of the chain. Which of several valid objects a node would pick is not judged.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{B256, FixedBytes};
use anyhow::{Context, Result, bail, ensure};
use ethereum::seats::tally;
use ethereum::spec::{
    LightClientBootstrap, LightClientFinalityUpdate, LightClientHeader, LightClientOptimisticUpdate,
    LightClientUpdate, PublicKey, SyncAggregate, SyncCommittee,
};
use ethereum::{Header, Period, Slot, checks};
use serde::Deserialize;

use super::folder::Folder;
use crate::beacon;
use crate::chain::{Chain, ForkName};
use crate::rules::{check_finality, check_header, check_signature, indices_at, proven};
use crate::schema::Type;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    fork_digest: FixedBytes<4>,
    data: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewHead {
    head_block_root: B256,
    checks: Checks,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checks {
    latest_finalized_checkpoint: Checkpoint,
    bootstraps: Vec<Bootstrap>,
    best_updates: Vec<BestUpdate>,
    latest_finality_update: Option<Object>,
    latest_optimistic_update: Option<Object>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checkpoint {
    epoch: u64,
    root: B256,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bootstrap {
    block_root: B256,
    bootstrap: Option<Object>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BestUpdate {
    period: u64,
    update: Option<Object>,
}

/// What is known of the chain so far.
struct Known {
    chain: Chain,
    blocks: BTreeMap<B256, Slot>,
    committees: BTreeMap<Period, Vec<SyncCommittee>>,
    judged: BTreeSet<String>,
}

/// Replays one case.
pub(super) fn run(folder: &Folder) -> Result<()> {
    let state = folder.ssz("initial_state")?;
    let root = state.get(8..40).context("the initial state is cut short")?;
    let chain = folder.chain(B256::try_from(root)?)?;
    let steps: Vec<serde_yaml_ng::Value> = folder.yaml("steps.yaml")?;
    ensure!(!steps.is_empty(), "no steps");
    let mut known = Known::new(folder, chain, &state)?;
    for (number, step) in steps.into_iter().enumerate() {
        known
            .take(folder, step)
            .with_context(|| format!("step {number}"))?;
    }
    Ok(())
}

impl Known {
    /// Begins with the genesis block and the committees of the initial state.
    fn new(folder: &Folder, chain: Chain, state: &[u8]) -> Result<Self> {
        let state_type = beacon::state(initial_fork(&chain, folder), &folder.preset);
        let part = |name: &str| state_type.field(name, state).map(|(_, bytes)| bytes);
        let mut header = read_header(part("latest_block_header")?)?;
        if header.state_root.is_zero() {
            header.state_root = state_type.root(state)?;
        }
        let period = chain.network.period_of(header.slot);
        let current = read_committee(part("current_sync_committee")?)?;
        let next = read_committee(part("next_sync_committee")?)?;
        let after = period.next().context("the last of all periods")?;
        Ok(Self {
            blocks: BTreeMap::from([(header.root(), header.slot)]),
            committees: BTreeMap::from([(period, vec![current]), (after, vec![next])]),
            judged: BTreeSet::new(),
            chain,
        })
    }

    fn take(&mut self, folder: &Folder, step: serde_yaml_ng::Value) -> Result<()> {
        let serde_yaml_ng::Value::Mapping(step) = step else {
            bail!("a step that is no mapping")
        };
        let (name, arguments) = step.into_iter().next().context("an empty step")?;
        match name.as_str() {
            Some("new_block") => self
                .add_block(folder, &serde_yaml_ng::from_value(arguments)?)
                .context("block"),
            Some("new_head") => self.check_head(folder, &serde_yaml_ng::from_value(arguments)?),
            other => bail!("step {other:?} is not known"),
        }
    }

    fn add_block(&mut self, folder: &Folder, block: &Object) -> Result<()> {
        let fork = self.chain.fork_of_digest(block.fork_digest)?;
        let bytes = folder.ssz(&block.data)?;
        let mut result = Ok(());
        let before = self.blocks.len();
        for preset in folder.preset.releases() {
            // Under the wrong release a block has another root: nothing that follows will know it.
            result = result.and(self.add_block_of(&beacon::signed_block(fork, &preset), &bytes));
        }
        if self.blocks.len() > before {
            Ok(())
        } else {
            result
        }
    }

    fn add_block_of(&mut self, described: &Type, bytes: &[u8]) -> Result<()> {
        let (message, bytes) = described.field("message", bytes)?;
        let parent = B256::try_from(message.field("parent_root", bytes)?.1)?;
        ensure!(
            self.blocks.contains_key(&parent),
            "no block has the root of its parent {parent}"
        );
        let slot = Slot(u64::from_le_bytes(message.field("slot", bytes)?.1.try_into()?));
        self.blocks.insert(message.root(bytes)?, slot);
        Ok(())
    }

    fn check_head(&mut self, folder: &Folder, head: &NewHead) -> Result<()> {
        self.block(head.head_block_root).context("head")?;
        let checkpoint = &head.checks.latest_finalized_checkpoint;
        if !checkpoint.root.is_zero() {
            let slot = self.block(checkpoint.root).context("finalized checkpoint")?;
            let epoch = self.chain.network.checkpoint_of(slot).0;
            ensure!(
                epoch <= checkpoint.epoch,
                "checkpoint {} is the block of slot {slot}",
                checkpoint.epoch
            );
        }
        for update in &head.checks.best_updates {
            if let Some(object) = &update.update {
                self.once(&object.data.clone(), |known| {
                    known.check_update(folder, object, update.period)
                })?;
            }
        }
        for bootstrap in &head.checks.bootstraps {
            if let Some(object) = &bootstrap.bootstrap {
                let name = object.data.clone();
                self.once(&name, |known| {
                    known.check_bootstrap(folder, object, bootstrap.block_root)
                })?;
            }
        }
        if let Some(object) = &head.checks.latest_finality_update {
            self.once(&object.data.clone(), |known| {
                known.check_finality_update(folder, object)
            })?;
        }
        if let Some(object) = &head.checks.latest_optimistic_update {
            self.once(&object.data.clone(), |known| {
                known.check_optimistic_update(folder, object)
            })?;
        }
        Ok(())
    }

    /// Judges an object that appears in many steps only once.
    fn once(&mut self, name: &str, judge: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if self.judged.contains(name) {
            return Ok(());
        }
        judge(self).with_context(|| name.to_owned())?;
        self.judged.insert(name.to_owned());
        Ok(())
    }

    fn check_bootstrap(&mut self, folder: &Folder, object: &Object, root: B256) -> Result<()> {
        let shape = self.chain.shape(self.chain.fork_of_digest(object.fork_digest)?)?;
        let bytes = folder.ssz(&object.data)?;
        let bootstrap = LightClientBootstrap::from_ssz(&shape, &bytes)?;
        ensure!(bootstrap.to_ssz() == bytes, "does not encode back to itself");
        ensure!(
            bootstrap.header.beacon.root() == root,
            "is the bootstrap of another block than {root}"
        );
        self.check_block_header(&bootstrap.header)?;
        let header = &bootstrap.header.beacon;
        let indices = indices_at(&self.chain.network, header.slot)?;
        let current = proven(
            &bootstrap.current_sync_committee,
            &bootstrap.current_sync_committee_branch,
            indices.current_committee,
        )?;
        checks::check_current_committee(&indices, header, &current)?;
        let period = self.chain.network.period_of(header.slot);
        self.learn(period, bootstrap.current_sync_committee);
        Ok(())
    }

    fn check_update(&mut self, folder: &Folder, object: &Object, period: u64) -> Result<()> {
        let shape = self.chain.shape(self.chain.fork_of_digest(object.fork_digest)?)?;
        let bytes = folder.ssz(&object.data)?;
        let update = LightClientUpdate::from_ssz(&shape, &bytes)?;
        ensure!(update.to_ssz() == bytes, "does not encode back to itself");
        let network = &self.chain.network;
        let attested = update.attested_header.beacon;
        ensure!(
            network.period_of(attested.slot) == Period(period),
            "is not of period {period}"
        );
        self.check_signed(
            &update.attested_header,
            &update.sync_aggregate,
            update.signature_slot,
        )?;
        self.check_final(&update)?;
        if update.has_next_committee() {
            let indices = indices_at(network, attested.slot)?;
            let branch = &update.next_sync_committee_branch;
            let next = proven(&update.next_sync_committee, branch, indices.next_committee)?;
            checks::check_next_committee(&indices, &attested, &next)?;
            self.learn(Period(period + 1), update.next_sync_committee);
        }
        Ok(())
    }

    fn check_finality_update(&self, folder: &Folder, object: &Object) -> Result<()> {
        let shape = self.chain.shape(self.chain.fork_of_digest(object.fork_digest)?)?;
        let bytes = folder.ssz(&object.data)?;
        let update = LightClientFinalityUpdate::from_ssz(&shape, &bytes)?;
        ensure!(update.to_ssz() == bytes, "does not encode back to itself");
        self.check_signed(
            &update.attested_header,
            &update.sync_aggregate,
            update.signature_slot,
        )?;
        let nobody = PublicKey::ZERO;
        self.check_final(&LightClientUpdate {
            attested_header: update.attested_header,
            next_sync_committee: SyncCommittee {
                pubkeys: Vec::new(),
                aggregate_pubkey: nobody,
            },
            next_sync_committee_branch: Vec::new(),
            finalized_header: update.finalized_header,
            finality_branch: update.finality_branch,
            sync_aggregate: update.sync_aggregate,
            signature_slot: update.signature_slot,
        })
    }

    fn check_optimistic_update(&self, folder: &Folder, object: &Object) -> Result<()> {
        let shape = self.chain.shape(self.chain.fork_of_digest(object.fork_digest)?)?;
        let bytes = folder.ssz(&object.data)?;
        let update = LightClientOptimisticUpdate::from_ssz(&shape, &bytes)?;
        ensure!(update.to_ssz() == bytes, "does not encode back to itself");
        self.check_signed(
            &update.attested_header,
            &update.sync_aggregate,
            update.signature_slot,
        )
    }

    /// `attested` is a block that a committee of the chain signed.
    fn check_signed(
        &self,
        attested: &LightClientHeader,
        aggregate: &SyncAggregate,
        slot: Slot,
    ) -> Result<()> {
        self.check_block_header(attested).context("attested header")?;
        checks::check_slot_order(slot, attested.beacon.slot, attested.beacon.slot)?;
        ensure!(tally(&aggregate.sync_committee_bits) > 0, "nobody signed");
        let period = self.chain.network.period_of(slot);
        let committees = self.committees.get(&period).map_or(&[][..], Vec::as_slice);
        let mut result = Err(anyhow::anyhow!("no committee of period {period} is known"));
        for committee in committees {
            result = check_signature(&self.chain.network, committee, &attested.beacon, aggregate, slot);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// The update's finalized header, if there is one, is a block and belongs to the attested state.
    fn check_final(&self, update: &LightClientUpdate) -> Result<()> {
        let finalized = &update.finalized_header;
        if *finalized != LightClientHeader::default() {
            self.check_block_header(finalized).context("finalized header")?;
        }
        checks::check_slot_order(
            update.signature_slot,
            update.attested_header.beacon.slot,
            finalized.beacon.slot,
        )?;
        check_finality(&self.chain, update)
    }

    /// `header` is a block of the chain, with the execution header that is in it.
    fn check_block_header(&self, header: &LightClientHeader) -> Result<()> {
        let slot = self.block(header.beacon.root())?;
        ensure!(
            slot == header.beacon.slot,
            "slot {} in the header, {slot} in the block",
            header.beacon.slot
        );
        check_header(&self.chain, header)
    }

    fn block(&self, root: B256) -> Result<Slot> {
        self.blocks
            .get(&root)
            .copied()
            .with_context(|| format!("no block has root {root}"))
    }

    fn learn(&mut self, period: Period, committee: SyncCommittee) {
        let known = self.committees.entry(period).or_default();
        if !known.contains(&committee) {
            known.push(committee);
        }
    }
}

/// The fork of the initial state: the folder's, unless the chain starts under an earlier one.
fn initial_fork(chain: &Chain, folder: &Folder) -> ForkName {
    chain.fork_at_genesis().unwrap_or(folder.fork)
}

fn read_header(bytes: &[u8]) -> Result<Header> {
    let word =
        |at: usize| -> Result<B256> { Ok(B256::try_from(bytes.get(at..at + 32).context("a header")?)?) };
    let number = |at: usize| -> Result<u64> {
        Ok(u64::from_le_bytes(
            bytes.get(at..at + 8).context("a header")?.try_into()?,
        ))
    };
    Ok(Header {
        slot: Slot(number(0)?),
        proposer_index: number(8)?,
        parent_root: word(16)?,
        state_root: word(48)?,
        body_root: word(80)?,
    })
}

fn read_committee(bytes: &[u8]) -> Result<SyncCommittee> {
    let mut keys = bytes
        .chunks(48)
        .map(PublicKey::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    let aggregate_pubkey = keys.pop().context("a committee without keys")?;
    Ok(SyncCommittee {
        pubkeys: keys,
        aggregate_pubkey,
    })
}
