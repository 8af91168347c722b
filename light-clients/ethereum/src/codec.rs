//! Bytes of the compact forms, both ways. Every form has one encoding, and it is consumed exactly.
//!
//! Offsets, sizes and orders are in docs/formats/beacon.md; change them there first. The Solidity twin is
//! the contract's own reader. Must never accept two encodings of one message.

use alloc::vec::Vec;

use alloy_primitives::B256;
use merkle::ssz::sibling_count;

use crate::committee::Committee;
use crate::header::Header;
use crate::network::{Indices, Network};
use crate::points::{G1, G2};
use crate::reject::Reject;
use crate::seats;
use crate::units::Slot;
use crate::update::{Absentees, Bootstrap, Branch, Evidence, Execution, ProvenCommittee, Update};

/// Version of the forms that are written here.
pub const VERSION: u8 = 1;

/// Flag of an update: it carries the next committee.
const FLAG_NEXT_COMMITTEE: u8 = 1;

/// Writes an update.
#[must_use]
pub fn encode_update(update: &Update) -> Vec<u8> {
    let mut out = Vec::with_capacity(2048);
    out.push(VERSION);
    out.push(if update.next.is_some() {
        FLAG_NEXT_COMMITTEE
    } else {
        0
    });
    out.extend_from_slice(&update.signature_slot.0.to_be_bytes());
    put_header(&mut out, &update.attested);
    put_header(&mut out, &update.finalized);
    put_execution(&mut out, &update.execution);
    out.extend_from_slice(&update.signers);
    out.extend_from_slice(&update.signature.0);
    put_committee(&mut out, &update.committee);
    put_nodes(&mut out, &update.finality_branch);
    if let Some(next) = &update.next {
        put_committee(&mut out, &next.committee);
        put_nodes(&mut out, &next.branch);
    }
    for key in &update.absentees.keys {
        out.extend_from_slice(&key.0);
    }
    put_nodes(&mut out, &update.absentees.siblings);
    out.extend_from_slice(&update.account_proof);
    out
}

/// Reads an update of `network`, which says how many seats there are and how deep the branches.
///
/// # Errors
/// [`Reject::Malformed`]; [`Reject::UnknownFork`] for the attested epoch.
pub fn decode_update(network: &Network, bytes: &[u8]) -> Result<Update, Reject> {
    let mut input = Reader { rest: bytes };
    input.version()?;
    let has_next = match input.byte("the flags")? {
        0 => false,
        FLAG_NEXT_COMMITTEE => true,
        _ => return Err(Reject::Malformed { part: "the flags" }),
    };
    let signature_slot = Slot(u64::from_be_bytes(input.array("the signature slot")?));
    let attested = input.header("the attested header")?;
    let finalized = input.header("the finalized header")?;
    let execution = input.execution()?;
    let signers = input.take(seats::bytes(network), "the sync bits")?.to_vec();
    let signature = G2(input.array("the signature")?);
    let committee = input.committee("the signing committee")?;
    let indices = network.forks().indices(network.epoch_of(attested.slot))?;
    let finality_branch = input.branch(indices.finality, "the finality branch")?;
    let next = if has_next {
        Some(input.next_committee(&indices)?)
    } else {
        None
    };
    let absentees = input.absentees(network, &signers)?;
    let account_proof = input.rest.to_vec();
    Ok(Update {
        signature_slot,
        attested,
        finalized,
        execution,
        signers,
        signature,
        committee,
        finality_branch,
        next,
        absentees,
        account_proof,
    })
}

/// Writes a bootstrap.
#[must_use]
pub fn encode_bootstrap(bootstrap: &Bootstrap) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    out.push(VERSION);
    put_header(&mut out, &bootstrap.header);
    put_committee(&mut out, &bootstrap.current.committee);
    put_nodes(&mut out, &bootstrap.current.branch);
    put_execution(&mut out, &bootstrap.execution);
    out.extend_from_slice(&bootstrap.account_proof);
    out
}

/// Reads a bootstrap of `network`.
///
/// # Errors
/// [`Reject::Malformed`]; [`Reject::UnknownFork`] for the header's epoch.
pub fn decode_bootstrap(network: &Network, bytes: &[u8]) -> Result<Bootstrap, Reject> {
    let mut input = Reader { rest: bytes };
    input.version()?;
    let header = input.header("the header")?;
    let indices = network.forks().indices(network.epoch_of(header.slot))?;
    let committee = input.committee("the current committee")?;
    let branch = input.branch(indices.current_committee, "the committee branch")?;
    let execution = input.execution()?;
    let account_proof = input.rest.to_vec();
    Ok(Bootstrap {
        header,
        current: ProvenCommittee { committee, branch },
        execution,
        account_proof,
    })
}

/// Writes evidence; an update longer than 4 GiB has no encoding and gives none.
#[must_use]
pub fn encode_evidence(evidence: &Evidence) -> Option<Vec<u8>> {
    let first = encode_update(&evidence.first);
    let mut out = u32::try_from(first.len()).ok()?.to_be_bytes().to_vec();
    out.extend(first);
    out.extend(encode_update(&evidence.second));
    Some(out)
}

/// Reads evidence.
///
/// # Errors
/// As [`decode_update`].
pub fn decode_evidence(network: &Network, bytes: &[u8]) -> Result<Evidence, Reject> {
    let mut input = Reader { rest: bytes };
    let length = u32::from_be_bytes(input.array("the first update's length")?);
    let length = usize::try_from(length).map_err(|_| Reject::Malformed {
        part: "the first update",
    })?;
    let first = decode_update(network, input.take(length, "the first update")?)?;
    let second = decode_update(network, input.rest)?;
    Ok(Evidence { first, second })
}

pub(crate) fn put_header(out: &mut Vec<u8>, header: &Header) {
    out.extend_from_slice(&header.slot.0.to_le_bytes());
    out.extend_from_slice(&header.proposer_index.to_le_bytes());
    put_nodes(out, &[header.parent_root, header.state_root, header.body_root]);
}

fn put_execution(out: &mut Vec<u8>, execution: &Execution) {
    out.extend_from_slice(execution.state_root.as_slice());
    put_nodes(out, &execution.branch);
}

fn put_committee(out: &mut Vec<u8>, committee: &Committee) {
    out.extend_from_slice(&committee.aggregate.0);
    out.extend_from_slice(committee.pubkeys_root.as_slice());
}

pub(crate) fn put_nodes(out: &mut Vec<u8>, nodes: &[B256]) {
    for node in nodes {
        out.extend_from_slice(node.as_slice());
    }
}

/// What is left to read.
pub(crate) struct Reader<'a> {
    pub(crate) rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, length: usize, part: &'static str) -> Result<&'a [u8], Reject> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(Reject::Malformed { part })?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], Reject> {
        self.take(N, part)?
            .try_into()
            .map_err(|_| Reject::Malformed { part })
    }

    fn byte(&mut self, part: &'static str) -> Result<u8, Reject> {
        self.array::<1>(part).map(u8::from_be_bytes)
    }

    fn version(&mut self) -> Result<(), Reject> {
        match self.byte("the version")? {
            VERSION => Ok(()),
            _ => Err(Reject::Malformed { part: "the version" }),
        }
    }

    pub(crate) fn node(&mut self, part: &'static str) -> Result<B256, Reject> {
        self.array(part).map(B256::from)
    }

    pub(crate) fn header(&mut self, part: &'static str) -> Result<Header, Reject> {
        Ok(Header {
            slot: Slot(u64::from_le_bytes(self.array(part)?)),
            proposer_index: u64::from_le_bytes(self.array(part)?),
            parent_root: self.node(part)?,
            state_root: self.node(part)?,
            body_root: self.node(part)?,
        })
    }

    fn execution(&mut self) -> Result<Execution, Reject> {
        let state_root = self.node("the execution state root")?;
        let mut branch = [B256::ZERO; crate::update::EXECUTION_DEPTH];
        for node in &mut branch {
            *node = self.node("the execution branch")?;
        }
        Ok(Execution { state_root, branch })
    }

    fn committee(&mut self, part: &'static str) -> Result<Committee, Reject> {
        Ok(Committee {
            aggregate: G1(self.array(part)?),
            pubkeys_root: self.node(part)?,
        })
    }

    fn next_committee(&mut self, indices: &Indices) -> Result<ProvenCommittee, Reject> {
        Ok(ProvenCommittee {
            committee: self.committee("the next committee")?,
            branch: self.branch(indices.next_committee, "the next committee's branch")?,
        })
    }

    fn branch(&mut self, gindex: u64, part: &'static str) -> Result<Branch, Reject> {
        (0..gindex.checked_ilog2().unwrap_or(0))
            .map(|_| self.node(part))
            .collect()
    }

    fn absentees(&mut self, network: &Network, signers: &[u8]) -> Result<Absentees, Reject> {
        let absent = seats::absent(signers);
        let count = match absent.as_slice() {
            [] => 0,
            seats => sibling_count(seats::depth(network), seats).map_err(|_| Reject::Malformed {
                part: "the sync bits",
            })?,
        };
        let keys = absent
            .iter()
            .map(|_| self.array("an absent key").map(G1))
            .collect::<Result<_, _>>()?;
        let siblings = (0..count)
            .map(|_| self.node("an absentee's sibling"))
            .collect::<Result<_, _>>()?;
        Ok(Absentees { keys, siblings })
    }
}
