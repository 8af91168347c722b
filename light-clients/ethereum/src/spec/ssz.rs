//! SSZ of the full objects, both ways. Offsets must be exact: one encoding, consumed exactly.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256};

use super::{
    ExecutionPayloadHeader, LightClientBootstrap, LightClientFinalityUpdate, LightClientHeader,
    LightClientOptimisticUpdate, LightClientUpdate, SyncAggregate, SyncCommittee,
};
use crate::codec::Reader;
use crate::header::Header;
use crate::network::Indices;
use crate::reject::Reject;
use crate::units::Slot;

/// What the sizes of the objects depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Seats of a committee.
    pub committee_size: u32,
    /// Generalized indices of the fork under which the object was made: they say how deep branches are.
    pub indices: Indices,
}

/// Bytes of an execution header before its one variable field.
const EXECUTION_FIXED: usize = 584;
/// Bytes of a light-client header before its execution header.
const HEADER_FIXED: usize = Header::LENGTH + 4 + 4 * 32;
/// Most bytes of `extra_data`.
const EXTRA_DATA_MAX: usize = 32;

impl LightClientBootstrap {
    /// Reads an object of this shape.
    ///
    /// # Errors
    /// [`Reject::Malformed`].
    pub fn from_ssz(shape: &Shape, bytes: &[u8]) -> Result<Self, Reject> {
        let mut input = Reader { rest: bytes };
        let header_at = input.offset()?;
        let current_sync_committee = input.sync_committee(shape)?;
        let current_sync_committee_branch = input.nodes(shape.indices.current_committee)?;
        let header = tail(bytes, &input, header_at, None)?;
        Ok(Self {
            header: LightClientHeader::from_ssz(header)?,
            current_sync_committee,
            current_sync_committee_branch,
        })
    }

    /// Writes it.
    #[must_use]
    pub fn to_ssz(&self) -> Vec<u8> {
        let mut fixed = Vec::new();
        self.current_sync_committee.put(&mut fixed);
        put_nodes(&mut fixed, &self.current_sync_committee_branch);
        with_tails(&[Part::Tail(&self.header.to_ssz()), Part::Fixed(&fixed)])
    }
}

impl LightClientUpdate {
    /// Reads an object of this shape.
    ///
    /// # Errors
    /// [`Reject::Malformed`].
    pub fn from_ssz(shape: &Shape, bytes: &[u8]) -> Result<Self, Reject> {
        let mut input = Reader { rest: bytes };
        let attested_at = input.offset()?;
        let next_sync_committee = input.sync_committee(shape)?;
        let next_sync_committee_branch = input.nodes(shape.indices.next_committee)?;
        let finalized_at = input.offset()?;
        let finality_branch = input.nodes(shape.indices.finality)?;
        let sync_aggregate = input.sync_aggregate(shape)?;
        let signature_slot = input.slot()?;
        let attested = tail(bytes, &input, attested_at, Some(finalized_at))?;
        let finalized = bytes.get(finalized_at..).ok_or(BAD_OFFSET)?;
        Ok(Self {
            attested_header: LightClientHeader::from_ssz(attested)?,
            next_sync_committee,
            next_sync_committee_branch,
            finalized_header: LightClientHeader::from_ssz(finalized)?,
            finality_branch,
            sync_aggregate,
            signature_slot,
        })
    }

    /// Writes it.
    #[must_use]
    pub fn to_ssz(&self) -> Vec<u8> {
        let mut next = Vec::new();
        self.next_sync_committee.put(&mut next);
        put_nodes(&mut next, &self.next_sync_committee_branch);
        let rest = self
            .sync_aggregate
            .after_branch(&self.finality_branch, self.signature_slot);
        with_tails(&[
            Part::Tail(&self.attested_header.to_ssz()),
            Part::Fixed(&next),
            Part::Tail(&self.finalized_header.to_ssz()),
            Part::Fixed(&rest),
        ])
    }
}

impl LightClientFinalityUpdate {
    /// Reads an object of this shape.
    ///
    /// # Errors
    /// [`Reject::Malformed`].
    pub fn from_ssz(shape: &Shape, bytes: &[u8]) -> Result<Self, Reject> {
        let mut input = Reader { rest: bytes };
        let attested_at = input.offset()?;
        let finalized_at = input.offset()?;
        let finality_branch = input.nodes(shape.indices.finality)?;
        let sync_aggregate = input.sync_aggregate(shape)?;
        let signature_slot = input.slot()?;
        let attested = tail(bytes, &input, attested_at, Some(finalized_at))?;
        let finalized = bytes.get(finalized_at..).ok_or(BAD_OFFSET)?;
        Ok(Self {
            attested_header: LightClientHeader::from_ssz(attested)?,
            finalized_header: LightClientHeader::from_ssz(finalized)?,
            finality_branch,
            sync_aggregate,
            signature_slot,
        })
    }

    /// Writes it.
    #[must_use]
    pub fn to_ssz(&self) -> Vec<u8> {
        let rest = self
            .sync_aggregate
            .after_branch(&self.finality_branch, self.signature_slot);
        with_tails(&[
            Part::Tail(&self.attested_header.to_ssz()),
            Part::Tail(&self.finalized_header.to_ssz()),
            Part::Fixed(&rest),
        ])
    }
}

impl LightClientOptimisticUpdate {
    /// Reads an object of this shape.
    ///
    /// # Errors
    /// [`Reject::Malformed`].
    pub fn from_ssz(shape: &Shape, bytes: &[u8]) -> Result<Self, Reject> {
        let mut input = Reader { rest: bytes };
        let attested_at = input.offset()?;
        let sync_aggregate = input.sync_aggregate(shape)?;
        let signature_slot = input.slot()?;
        let attested = tail(bytes, &input, attested_at, None)?;
        Ok(Self {
            attested_header: LightClientHeader::from_ssz(attested)?,
            sync_aggregate,
            signature_slot,
        })
    }

    /// Writes it.
    #[must_use]
    pub fn to_ssz(&self) -> Vec<u8> {
        let rest = self.sync_aggregate.after_branch(&[], self.signature_slot);
        with_tails(&[Part::Tail(&self.attested_header.to_ssz()), Part::Fixed(&rest)])
    }
}

impl LightClientHeader {
    fn from_ssz(bytes: &[u8]) -> Result<Self, Reject> {
        let mut input = Reader { rest: bytes };
        let beacon = input.header("a beacon header")?;
        let execution_at = input.offset()?;
        let mut execution_branch = [B256::ZERO; 4];
        for node in &mut execution_branch {
            *node = input.node("an execution branch")?;
        }
        let execution = tail(bytes, &input, execution_at, None)?;
        Ok(Self {
            beacon,
            execution: ExecutionPayloadHeader::from_ssz(execution)?,
            execution_branch,
        })
    }

    fn to_ssz(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_FIXED.saturating_add(EXECUTION_FIXED));
        crate::codec::put_header(&mut out, &self.beacon);
        let mut branch = Vec::new();
        put_nodes(&mut branch, &self.execution_branch);
        with_tails(&[
            Part::Fixed(&out),
            Part::Tail(&self.execution.to_ssz()),
            Part::Fixed(&branch),
        ])
    }
}

impl ExecutionPayloadHeader {
    fn from_ssz(bytes: &[u8]) -> Result<Self, Reject> {
        const PART: &str = "an execution header";
        let mut input = Reader { rest: bytes };
        let parent_hash = input.node(PART)?;
        let fee_recipient = Address::from(input.array::<20>(PART)?);
        let state_root = input.node(PART)?;
        let receipts_root = input.node(PART)?;
        let logs_bloom = FixedBytes(input.array(PART)?);
        let prev_randao = input.node(PART)?;
        let [block_number, gas_limit, gas_used, timestamp] =
            [input.u64()?, input.u64()?, input.u64()?, input.u64()?];
        let extra_at = input.offset()?;
        let base_fee_per_gas = U256::from_le_bytes(input.array::<32>(PART)?);
        let block_hash = input.node(PART)?;
        let transactions_root = input.node(PART)?;
        let withdrawals_root = input.node(PART)?;
        let [blob_gas_used, excess_blob_gas] = [input.u64()?, input.u64()?];
        let extra_data = tail(bytes, &input, extra_at, None)?;
        if extra_data.len() > EXTRA_DATA_MAX {
            return Err(Reject::Malformed { part: "extra data" });
        }
        Ok(Self {
            parent_hash,
            fee_recipient,
            state_root,
            receipts_root,
            logs_bloom,
            prev_randao,
            block_number,
            gas_limit,
            gas_used,
            timestamp,
            extra_data: Bytes::copy_from_slice(extra_data),
            base_fee_per_gas,
            block_hash,
            transactions_root,
            withdrawals_root,
            blob_gas_used,
            excess_blob_gas,
        })
    }

    fn to_ssz(&self) -> Vec<u8> {
        let mut head = Vec::with_capacity(EXECUTION_FIXED);
        head.extend_from_slice(self.parent_hash.as_slice());
        head.extend_from_slice(self.fee_recipient.as_slice());
        put_nodes(&mut head, &[self.state_root, self.receipts_root]);
        head.extend_from_slice(self.logs_bloom.as_slice());
        head.extend_from_slice(self.prev_randao.as_slice());
        for number in [self.block_number, self.gas_limit, self.gas_used, self.timestamp] {
            head.extend_from_slice(&number.to_le_bytes());
        }
        let mut rest = self.base_fee_per_gas.to_le_bytes::<32>().to_vec();
        put_nodes(
            &mut rest,
            &[self.block_hash, self.transactions_root, self.withdrawals_root],
        );
        for number in [self.blob_gas_used, self.excess_blob_gas] {
            rest.extend_from_slice(&number.to_le_bytes());
        }
        with_tails(&[
            Part::Fixed(&head),
            Part::Tail(&self.extra_data),
            Part::Fixed(&rest),
        ])
    }
}

impl SyncCommittee {
    fn put(&self, out: &mut Vec<u8>) {
        for key in self.pubkeys.iter().chain([&self.aggregate_pubkey]) {
            out.extend_from_slice(key.as_slice());
        }
    }
}

impl SyncAggregate {
    /// What follows the headers in all three kinds of updates.
    fn after_branch(&self, branch: &[B256], signature_slot: Slot) -> Vec<u8> {
        let mut out = Vec::new();
        put_nodes(&mut out, branch);
        out.extend_from_slice(&self.sync_committee_bits);
        out.extend_from_slice(self.sync_committee_signature.as_slice());
        out.extend_from_slice(&signature_slot.0.to_le_bytes());
        out
    }
}

const BAD_OFFSET: Reject = Reject::Malformed {
    part: "an SSZ offset",
};

impl Reader<'_> {
    fn offset(&mut self) -> Result<usize, Reject> {
        usize::try_from(u32::from_le_bytes(self.array("an SSZ offset")?)).map_err(|_| BAD_OFFSET)
    }

    fn u64(&mut self) -> Result<u64, Reject> {
        self.array("a number").map(u64::from_le_bytes)
    }

    fn slot(&mut self) -> Result<Slot, Reject> {
        self.u64().map(Slot)
    }

    fn nodes(&mut self, gindex: u64) -> Result<Vec<B256>, Reject> {
        (0..gindex.checked_ilog2().unwrap_or(0))
            .map(|_| self.node("a branch"))
            .collect()
    }

    fn sync_committee(&mut self, shape: &Shape) -> Result<SyncCommittee, Reject> {
        const PART: &str = "a sync committee";
        let pubkeys = (0..shape.committee_size).map(|_| self.array(PART).map(FixedBytes));
        Ok(SyncCommittee {
            pubkeys: pubkeys.collect::<Result<_, _>>()?,
            aggregate_pubkey: FixedBytes(self.array(PART)?),
        })
    }

    fn sync_aggregate(&mut self, shape: &Shape) -> Result<SyncAggregate, Reject> {
        const PART: &str = "a sync aggregate";
        let length = usize::try_from(shape.committee_size / 8).map_err(|_| BAD_OFFSET)?;
        Ok(SyncAggregate {
            sync_committee_bits: Bytes::copy_from_slice(self.take(length, PART)?),
            sync_committee_signature: FixedBytes(self.array(PART)?),
        })
    }
}

/// The part of `all` from offset `at` to `end` (or its end). `at` must be where the fixed part, that `input`
/// has read to its end, stops.
fn tail<'a>(all: &'a [u8], input: &Reader<'_>, at: usize, end: Option<usize>) -> Result<&'a [u8], Reject> {
    if all.len().checked_sub(input.rest.len()) != Some(at) {
        return Err(BAD_OFFSET);
    }
    all.get(at..end.unwrap_or(all.len())).ok_or(BAD_OFFSET)
}

/// A field of a container: in place, or behind an offset.
enum Part<'a> {
    Fixed(&'a [u8]),
    Tail(&'a [u8]),
}

/// A container of these fields.
fn with_tails(parts: &[Part<'_>]) -> Vec<u8> {
    let fixed = parts.iter().fold(0_usize, |sum, part| {
        sum.saturating_add(match part {
            Part::Fixed(bytes) => bytes.len(),
            Part::Tail(_) => 4,
        })
    });
    let (mut out, mut tails) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Part::Fixed(bytes) => out.extend_from_slice(bytes),
            Part::Tail(bytes) => {
                let at = u32::try_from(fixed.saturating_add(tails.len())).unwrap_or(u32::MAX);
                out.extend_from_slice(&at.to_le_bytes());
                tails.extend_from_slice(bytes);
            }
        }
    }
    out.extend(tails);
    out
}

fn put_nodes(out: &mut Vec<u8>, nodes: &[B256]) {
    crate::codec::put_nodes(out, nodes);
}
