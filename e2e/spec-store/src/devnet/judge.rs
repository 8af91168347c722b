//! Compares what the law says about a capture with what has to come out.

use std::collections::BTreeMap;

use alloy_primitives::{B256, Bytes};
use anyhow::{Context, Result, bail, ensure};
use client::Advance;
use ethereum::seats::tally;
use ethereum::spec::{
    LightClientOptimisticUpdate, LightClientUpdate, SyncCommittee, compact_bootstrap,
    compact_finality_update, compact_update,
};
use ethereum::{
    Blst, Config, Period, Reject, Slot, TRUST_PERIOD_DEFAULT, Trusted, Update, WEAK_SUBJECTIVITY_DEFAULT,
    check_trusted_root, codec, start, verify_update,
};
use merkle::mpt::{self, EMPTY_ROOT};
use wire::Seconds;

use super::capture::{AccountProof, Capture, Rooted};
use crate::rules::{check_header, check_signature};
use crate::verdict::Verdict;

/// States that the clients of a replay remember: more than any capture has.
const CAPACITY: u32 = 8192;

/// A replay in progress.
pub(super) struct Judge<'a> {
    capture: &'a Capture,
    config: Config,
    /// All committees that the capture names, to make compact forms of.
    committees: BTreeMap<Period, SyncCommittee>,
    /// One client for each stretch of periods without a gap.
    clients: Vec<Trusted>,
}

/// What has to come out of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Refused(&'static str),
    Accepted { storage_root: B256 },
}

impl<'a> Judge<'a> {
    pub(super) fn new(capture: &'a Capture) -> Result<Self> {
        let config = Config {
            network: capture.chain.network.clone(),
            router: AccountProof::address_of_all(&capture.proofs)?,
            commitments_slot: wire::COMMITMENTS_SLOT,
            trust_period: TRUST_PERIOD_DEFAULT,
            weak_subjectivity: WEAK_SUBJECTIVITY_DEFAULT,
            capacity: CAPACITY,
        };
        let network = &config.network;
        let mut committees = BTreeMap::new();
        for rooted in capture.bootstraps.values() {
            let bootstrap = rooted.bootstrap();
            let period = network.period_of(bootstrap.header.beacon.slot);
            committees.insert(period, bootstrap.current_sync_committee.clone());
        }
        for update in capture
            .updates
            .iter()
            .filter(|update| update.has_next_committee())
        {
            let period = network.period_of(update.attested_header.beacon.slot).next();
            committees.insert(
                period.context("the last of all periods")?,
                update.next_sync_committee.clone(),
            );
        }
        Ok(Self {
            capture,
            config,
            committees,
            clients: Vec::new(),
        })
    }

    /// All cases in the order of the chain.
    pub(super) fn run(mut self) -> Vec<(String, Verdict)> {
        let capture = self.capture;
        let mut cases = Vec::new();
        for (slot, rooted) in &capture.bootstraps {
            cases.push((
                format!("bootstrap_{slot}"),
                Verdict::of(self.check_bootstrap(*slot, rooted)),
            ));
        }
        for (slot, proof) in &capture.proofs {
            cases.push((
                format!("proof_{slot}"),
                Verdict::of(self.check_proof(*slot, proof)),
            ));
        }
        for update in &capture.updates {
            let name = format!("update_{}", update.attested_header.beacon.slot);
            cases.push((name, Verdict::of(self.check_update(update))));
        }
        for (name, update) in &capture.finality {
            let compact = |judge: &Self, committee: &SyncCommittee, proof: &[Bytes]| {
                compact_finality_update(&Blst, &judge.config.network, update, committee, proof)
            };
            let signers = tally(&update.sync_aggregate.sync_committee_bits);
            let finalized = update.finalized_header.beacon.slot;
            let result = self.judge(update.signature_slot, finalized, signers, compact);
            cases.push((name.clone(), Verdict::of(result)));
        }
        for (name, update) in &capture.optimistic {
            cases.push((name.clone(), Verdict::of(self.check_optimistic(update))));
        }
        cases
    }

    fn check_bootstrap(&self, slot: Slot, rooted: &Rooted) -> Result<()> {
        let bootstrap = rooted.bootstrap();
        ensure!(
            bootstrap.header.beacon.slot == slot,
            "is of slot {}",
            bootstrap.header.beacon.slot
        );
        check_header(&self.capture.chain, &bootstrap.header)?;
        match (self.start(slot, rooted), self.expected_account(slot)) {
            (Ok(trusted), Expected::Accepted { storage_root }) => check_state(&trusted, slot, storage_root),
            (Err(reject), Expected::Refused(name)) => check_name(&reject, name),
            (Ok(_), Expected::Refused(name)) => bail!("accepted, has to be refused by {name}"),
            (Err(reject), Expected::Accepted { .. }) => bail!("refused: {reject}"),
        }
    }

    /// A client that starts from `rooted`, by way of bytes.
    fn start(&self, slot: Slot, rooted: &Rooted) -> Result<Trusted, Reject> {
        let compact = compact_bootstrap(&Blst, rooted.bootstrap(), self.account_proof(slot))?;
        let bytes = codec::encode_bootstrap(&compact);
        let compact = codec::decode_bootstrap(&self.config.network, &bytes)?;
        check_trusted_root(&compact, rooted.root)?;
        start(&Blst, self.config.clone(), &compact, self.time(slot))
    }

    fn check_update(&mut self, update: &LightClientUpdate) -> Result<()> {
        let compact = |judge: &Self, committee: &SyncCommittee, proof: &[Bytes]| {
            compact_update(&Blst, &judge.config.network, update, committee, proof)
        };
        check_header(&self.capture.chain, &update.attested_header)?;
        let signers = tally(&update.sync_aggregate.sync_committee_bits);
        self.judge(
            update.signature_slot,
            update.finalized_header.beacon.slot,
            signers,
            compact,
        )
    }

    /// Judges an update by the client that knows its committee, and keeps what that client learns.
    fn judge(
        &mut self,
        signature: Slot,
        finalized: Slot,
        signers: u32,
        compact: impl FnOnce(&Self, &SyncCommittee, &[Bytes]) -> Result<Update, Reject>,
    ) -> Result<()> {
        let period = self.config.network.period_of(signature);
        let knowing = self.client_for(period);
        let expected = self.expected(finalized, signers, knowing.is_some());
        let at = knowing
            .or_else(|| self.clients.len().checked_sub(1))
            .context("no client could be started")?;
        let committee = self
            .committees
            .get(&period)
            .or_else(|| self.committees.values().next());
        let committee = committee.context("no committee in the capture")?;
        let update = match compact(self, committee, self.account_proof(finalized)) {
            // A signature of nobody is no point: such an update has no compact form.
            Err(Reject::BadPoint { .. }) if signers == 0 => return Ok(()),
            other => other?,
        };
        let network = &self.config.network;
        let update = codec::decode_update(network, &codec::encode_update(&update))?;
        match (
            verify_update(&Blst, &self.clients[at], &update, self.time(signature)),
            expected,
        ) {
            (Ok(Advance::Updated(after)), Expected::Accepted { storage_root }) => {
                self.clients[at] = after;
                check_state(&self.clients[at], finalized, storage_root)
            }
            (Ok(Advance::NoOp), Expected::Accepted { storage_root }) => {
                check_state(&self.clients[at], finalized, storage_root)
            }
            (Err(reject), Expected::Refused(name)) => check_name(&reject, name),
            (Err(reject), Expected::Accepted { .. }) => bail!("refused: {reject}"),
            (Ok(_), expected) => bail!("accepted, expected {expected:?}"),
        }
    }

    fn check_optimistic(&self, update: &LightClientOptimisticUpdate) -> Result<()> {
        let attested = &update.attested_header;
        check_header(&self.capture.chain, attested)?;
        let aggregate = &update.sync_aggregate;
        if tally(&aggregate.sync_committee_bits) == 0 {
            return Ok(());
        }
        let network = &self.config.network;
        let period = network.period_of(update.signature_slot);
        let committee = self
            .committees
            .get(&period)
            .with_context(|| format!("no committee of {period}"))?;
        check_signature(
            network,
            committee,
            &attested.beacon,
            aggregate,
            update.signature_slot,
        )
    }

    /// The recorded proofs lead from the block's state root to what the node said.
    fn check_proof(&self, slot: Slot, proof: &AccountProof) -> Result<()> {
        let state_root = self
            .capture
            .blocks
            .get(&slot)
            .context("no execution block")?
            .state_root;
        if let Some(rooted) = self.capture.bootstraps.get(&slot) {
            let proven = rooted.bootstrap().header.execution.state_root;
            ensure!(
                proven == state_root,
                "state root {state_root} in the block, {proven} in the bootstrap"
            );
        }
        let account = mpt::account(state_root, proof.address, &proof.account_proof.concat());
        if proof.storage_hash.is_zero() {
            ensure!(
                account == Err(merkle::Reject::AccountAbsent),
                "expected no account, found {account:?}"
            );
            return Ok(());
        }
        ensure!(
            account?.storage_root == proof.storage_hash,
            "another storage root"
        );
        for entry in &proof.storage_proof {
            let key = B256::from(entry.key);
            if proof.storage_hash == EMPTY_ROOT {
                ensure!(
                    entry.value.is_zero(),
                    "slot {key} of an empty storage has a value"
                );
                continue;
            }
            let expected = match entry.value.is_zero() {
                true => mpt::Slot::Absent,
                false => mpt::Slot::Present(B256::from(entry.value)),
            };
            let found = mpt::storage(proof.storage_hash, key, &entry.proof.concat())?;
            ensure!(
                found == expected,
                "slot {key} is {found:?}, the node said {}",
                entry.value
            );
        }
        Ok(())
    }

    /// The client that knows the committee of `period`; started from a bootstrap of that period if need be.
    fn client_for(&mut self, period: Period) -> Option<usize> {
        let known = |clients: &[Trusted]| {
            clients
                .iter()
                .position(|client| client.committee(period).is_some())
        };
        if let Some(at) = known(&self.clients) {
            return Some(at);
        }
        let network = &self.config.network;
        let of_period = self
            .capture
            .bootstraps
            .iter()
            .filter(|(slot, _)| network.period_of(**slot) == period);
        let started = of_period
            .filter_map(|(slot, rooted)| self.start(*slot, rooted).ok())
            .next()?;
        self.clients.push(started);
        Some(self.clients.len() - 1)
    }

    fn expected(&self, finalized: Slot, signers: u32, is_known: bool) -> Expected {
        let size = self.config.network.committee_size();
        if signers * 3 < size * 2 {
            Expected::Refused("NotEnoughSigners")
        } else if !is_known {
            Expected::Refused("UnknownCommittee")
        } else if finalized == Slot(0) {
            Expected::Refused("FinalityBranch")
        } else {
            self.expected_account(finalized)
        }
    }

    fn expected_account(&self, slot: Slot) -> Expected {
        match self.capture.proofs.get(&slot).map(|proof| proof.storage_hash) {
            None => Expected::Refused("AccountProof"),
            Some(root) if root.is_zero() => Expected::Refused("AccountAbsent"),
            Some(EMPTY_ROOT) => Expected::Refused("EmptyStorageRoot"),
            Some(storage_root) => Expected::Accepted { storage_root },
        }
    }

    fn account_proof(&self, slot: Slot) -> &'a [Bytes] {
        self.capture
            .proofs
            .get(&slot)
            .map_or(&[], |proof| &proof.account_proof)
    }

    fn time(&self, slot: Slot) -> Seconds {
        self.config.network.time_of(slot).unwrap_or_default()
    }
}

fn check_state(trusted: &Trusted, slot: Slot, storage_root: B256) -> Result<()> {
    let state = trusted.state_at(slot).context("no state was stored")?;
    ensure!(
        state.storage_root == storage_root,
        "stored {}, the node said {storage_root}",
        state.storage_root
    );
    Ok(())
}

fn check_name(reject: &Reject, name: &str) -> Result<()> {
    let found = format!("{reject:?}");
    let found = found.split([' ', '(', '{']).next().unwrap_or_default();
    ensure!(found == name, "refused by {found}, has to be by {name}: {reject}");
    Ok(())
}
