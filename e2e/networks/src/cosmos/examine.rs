//! Looks at a running chain as a light client would: headers, commits, validator sets that change, values with proofs.
//!
//! The law follows it through every change, and reads what the store holds. Beside that, hashes are computed from what the
//! chain serves by foreign code, so that a mistake of the law and one made here do not agree.

use std::time::Duration;

use alloy_primitives::hex;
use anyhow::{Context, Result, bail, ensure};
use chain_cosmos::{Proven, Rpc};
use cosmrs::tendermint::block::CommitSig;
use cosmrs::tendermint::block::signed_header::SignedHeader;
use cosmrs::tendermint::validator::{Info, Set};
use serde::Serialize;
use serde_json::{Value, json};

use super::chain::CosmosChain;
use super::judge::Judge;
use super::stake::Stake;
use scenarios::cosmos::served::{height, signed_header, stored, validators};

/// A key of the store of IBC that every chain has from genesis on.
const PRESENT: &str = "nextClientSequence";
/// One that a chain with few clients lacks.
const ABSENT: &str = "clients/07-tendermint-99/clientState";
/// How long a block may take.
const BLOCK_WITHIN: Duration = Duration::from_secs(120);
/// So many blocks are looked at for one that all validators signed: a busy machine makes some of them late.
const LOOKED_AT: usize = 40;
/// Voting power that the second validator gains: before, it had less than a third of all, and with it neither can go on alone, so that
/// both sign every block.
const GAIN: u64 = 120;

/// A header with the commit and the validators that signed it.
#[derive(Clone, Debug, Serialize)]
pub struct Signed {
    /// As CometBFT serves it: `{ header, commit }`.
    pub signed_header: SignedHeader,
    /// The validators of that height, as CometBFT lists them.
    pub validators: Vec<Info>,
}

/// What was seen of one chain.
#[derive(Clone, Debug)]
pub struct Examined {
    /// A block that all genesis validators signed; the first one with more power for the second; the first one without the
    /// first; and one that holds the root of what was proven.
    pub headers: Vec<Signed>,
    /// Keys with their proofs: one present, one absent.
    pub proofs: Vec<(String, Proven)>,
    /// One line for each finding.
    pub findings: Vec<String>,
}

/// Examines a chain, and changes its validators meanwhile: afterwards the second one is alone. Of those who signed at first less than a
/// third of the power signs then, so that a client which stayed behind can't believe the newest block at once.
///
/// # Errors
/// The law refuses a header or a proof, a hash or a set is not what it must be, or the chain does not go on.
pub async fn examine(chain: &mut CosmosChain) -> Result<Examined> {
    let name = chain.settings().name;
    let mut seen = Examined {
        headers: Vec::new(),
        proofs: Vec::new(),
        findings: Vec::new(),
    };
    let mut judge = examine_set(chain, &mut seen)
        .await
        .with_context(|| format!("{name}: the validators"))?;
    examine_store(chain, &mut judge, &mut seen)
        .await
        .with_context(|| format!("{name}: the store"))?;
    Ok(seen)
}

/// Brings the first validator back to a chain that was examined, and then takes the second one out: the first one's node is asked most, and
/// only a validator's is never behind.
///
/// # Errors
/// The chain does not take a change, or does not go on.
pub async fn restore(chain: &mut CosmosChain) -> Result<String> {
    let [first, second] = *chain.settings().stakes.as_slice() else {
        bail!("two validators are needed");
    };
    let back = chain.come_back(0, first).await?;
    let alone = chain.change_power(1, Stake::Withdraw(second + GAIN)).await?;
    Ok(format!(
        "the first validator is back from height {back} on, and alone from height {alone} on"
    ))
}

async fn examine_set(chain: &mut CosmosChain, seen: &mut Examined) -> Result<Judge> {
    let (stakes, chain_id) = (chain.settings().stakes.clone(), chain.settings().chain_id);
    let [first, second] = *stakes.as_slice() else {
        bail!("two validators are needed, there are {}", stakes.len())
    };
    let begin = most_signed(chain).await?;
    seen.note(&begin, "the law begins");
    let mut judge = Judge::new(chain_id, begin.signed_header.clone(), begin.validators.clone())?;
    ensure!(
        second * 3 < first + second,
        "the second validator has a third of the power already: {second} beside {first}"
    );
    for (validator, change, powers, what) in [
        (
            1,
            Stake::Add(GAIN),
            vec![second + GAIN, first],
            "the second validator has more power",
        ),
        (
            0,
            Stake::Withdraw(first),
            vec![second + GAIN],
            "the first validator has left",
        ),
    ] {
        let effective = chain.change_power(validator, change).await?;
        let signed = check_change(chain.rpc()?, effective, &powers).await?;
        seen.note(&signed, what);
        follow(chain.rpc()?, &mut judge, &signed, seen).await?;
    }
    Ok(judge)
}

/// Shows the law a header.
async fn follow(rpc: &Rpc, judge: &mut Judge, signed: &Signed, seen: &mut Examined) -> Result<()> {
    let from = judge.height();
    let trusted_set = validators(rpc, from + 1).await?;
    judge.follow(
        signed.signed_header.clone(),
        signed.validators.clone(),
        trusted_set,
    )?;
    seen.findings.push(format!(
        "the law follows from height {from} to {}, and refuses that header with a flipped bit",
        judge.height()
    ));
    Ok(())
}

async fn examine_store(chain: &mut CosmosChain, judge: &mut Judge, seen: &mut Examined) -> Result<()> {
    let height = height(chain.rpc()?).await?;
    // The root after a block is in the header of the next one, whose commit is final one block later.
    chain.wait_until_at(height + 2, BLOCK_WITHIN).await?;
    let rpc = chain.rpc()?;
    let root = fetch(rpc, height + 1).await?;
    follow(rpc, judge, &root, seen).await?;
    for (key, is_there) in [(PRESENT, true), (ABSENT, false)] {
        let stored = stored(rpc, key.as_bytes(), height).await?;
        ensure!(
            stored.height == height && stored.value.is_empty() != is_there,
            "{key} at height {height}: {stored:?}"
        );
        judge
            .read(key.as_bytes(), &stored)
            .with_context(|| format!("{key} at height {height}"))?;
        let bytes: usize = stored.proofs.iter().map(Vec::len).sum();
        let holds = match stored.value.as_slice() {
            [] => "nothing".to_owned(),
            value => format!("0x{}", hex::encode(value)),
        };
        seen.findings.push(format!(
            "height {height}: the store of IBC holds {holds} at {key}; the law reads the same in a proof of {bytes} bytes"
        ));
        seen.proofs.push((key.to_owned(), stored));
    }
    seen.headers.push(root);
    Ok(())
}

/// The next block that all validators signed; the newest one where somebody was late for all that were looked at. Two
/// thirds signed every block, which is all that the law asks.
async fn most_signed(chain: &mut CosmosChain) -> Result<Signed> {
    let begin = height(chain.rpc()?).await?;
    let mut signed = fetch_final(chain, begin).await?;
    for height in (begin + 1..).take(LOOKED_AT) {
        if signed.signers() == chain.settings().stakes.len() {
            break;
        }
        signed = fetch_final(chain, height).await?;
    }
    Ok(signed)
}

async fn fetch_final(chain: &mut CosmosChain, height: u64) -> Result<Signed> {
    chain.wait_until_at(height + 1, BLOCK_WITHIN).await?;
    fetch(chain.rpc()?, height).await
}

/// The header of the first block with a changed set, if the one before announces it.
async fn check_change(rpc: &Rpc, effective: u64, powers: &[u64]) -> Result<Signed> {
    let (before, signed) = (fetch(rpc, effective - 1).await?, fetch(rpc, effective).await?);
    let (old, new) = (&before.signed_header.header, &signed.signed_header.header);
    ensure!(
        old.validators_hash != new.validators_hash && old.next_validators_hash == new.validators_hash,
        "block {effective} is not the first one of a set that the block before announced"
    );
    let found: Vec<u64> = signed.validators.iter().map(Info::power).collect();
    ensure!(
        found == powers,
        "block {effective}: powers {found:?} instead of {powers:?}"
    );
    Ok(signed)
}

/// A block's header, whose hash was signed, and the set that the header names.
async fn fetch(rpc: &Rpc, height: u64) -> Result<Signed> {
    let signed = Signed {
        signed_header: signed_header(rpc, height).await?,
        validators: validators(rpc, height).await?,
    };
    let SignedHeader { header, commit, .. } = &signed.signed_header;
    ensure!(
        header.height.value() == height && header.hash() == commit.block_id.hash,
        "block {height}: the header hashes to {}, signed was {}",
        header.hash(),
        commit.block_id.hash
    );
    let set = Set::without_proposer(signed.validators.clone()).hash();
    ensure!(
        set == header.validators_hash,
        "block {height}: the validators hash to {set}, the header says {}",
        header.validators_hash
    );
    Ok(signed)
}

impl Signed {
    fn signers(&self) -> usize {
        let signatures = &self.signed_header.commit.signatures;
        let counts = |signature: &&CommitSig| matches!(signature, CommitSig::BlockIdFlagCommit { .. });
        signatures.iter().filter(counts).count()
    }
}

impl Examined {
    fn note(&mut self, signed: &Signed, what: &str) {
        let header = &signed.signed_header.header;
        let powers: Vec<u64> = signed.validators.iter().map(Info::power).collect();
        self.findings.push(format!(
            "height {}: {what}: {} of {} validators signed, powers {powers:?}, set {}",
            header.height,
            signed.signers(),
            powers.len(),
            header.validators_hash
        ));
        self.headers.push(signed.clone());
    }

    /// The height of the first header.
    ///
    /// # Errors
    /// None in practice: there is one.
    pub fn begin(&self) -> Result<u64> {
        let first = self.headers.first().context("no header was seen")?;
        Ok(first.signed_header.header.height.value())
    }

    /// What was seen, to be kept: headers as served, proofs as they were encoded.
    pub fn record(&self) -> Value {
        let proofs = self.proofs.iter().map(|(key, stored)| {
            json!({
                "key": key,
                "height": stored.height,
                "value": Some(&stored.value).filter(|value| !value.is_empty()).map(hex::encode),
                "proofs": stored.proofs.iter().map(hex::encode).collect::<Vec<_>>(),
            })
        });
        json!({ "headers": self.headers, "proofs": proofs.collect::<Vec<_>>() })
    }
}
