//! A light block in JSON, and the client's message that is made of it.

use std::cmp::Reverse;

use alloy_primitives::B256;
use anyhow::{Context, Result};
use prost::Message;
use serde::Deserialize;
use tendermint_client::codec::decode_update;
use tendermint_client::testing::{ibc, raw};
use tendermint_client::{Config, STORE_DEFAULT, State, Time, TrustLevel, Update, ValidatorSet};
use tendermint_proto::google::protobuf::Timestamp;
use wire::Seconds;

/// A header, the votes for it, its set and the next one.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct LightBlock {
    pub(super) signed_header: raw::SignedHeader,
    #[serde(default)]
    pub(super) validator_set: Option<raw::ValidatorSet>,
    pub(super) next_validator_set: raw::ValidatorSet,
}

/// What CometBFT writes where no time was set.
const UNSET: Timestamp = Timestamp {
    seconds: -62_135_596_800,
    nanos: 0,
};

/// A moment in text.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Moment(pub(super) Timestamp);

impl Moment {
    /// The whole seconds, as a host's clock has them.
    pub(super) fn seconds(self) -> Result<Seconds> {
        Ok(Seconds(
            u64::try_from(self.0.seconds).context("a time before 1970")?,
        ))
    }
}

impl LightBlock {
    pub(super) fn header(&self) -> Result<&raw::Header> {
        self.signed_header
            .header
            .as_ref()
            .context("a block without a header")
    }

    pub(super) fn height(&self) -> Result<i64> {
        Ok(self.header()?.height)
    }

    /// The state that a client holds that believes this block. Roots of toys are not kept.
    pub(super) fn state(&self) -> Result<State> {
        let header = self.header()?;
        let time = header.time.context("a header without time")?;
        Ok(State {
            height: u64::try_from(header.height).context("a negative height")?,
            time: Time {
                seconds: time.seconds,
                nanos: u32::try_from(time.nanos).context("negative nanoseconds")?,
            },
            app_hash: B256::ZERO,
            next_validators_hash: B256::try_from(header.next_validators_hash.as_slice())
                .context("a header that names no next set")?,
            learned_at: Seconds(0),
        })
    }

    /// The message that shows this block to a client that believes `trusted`.
    pub(super) fn shown_to(&self, trusted: &Self) -> Result<Update> {
        let header = trusted.header()?;
        let message = ibc::Header {
            signed_header: Some(self.signed_header.clone()),
            validator_set: Some(self.validator_set.clone().context("a block without its set")?),
            trusted_height: Some(ibc::Height {
                revision_number: 0,
                revision_height: u64::try_from(header.height).context("a negative height")?,
            }),
            trusted_validators: Some(trusted.next_validator_set.clone()),
        };
        Ok(decode_update(&as_comet_writes(message).encode_to_vec())?)
    }

    /// The next set is the one that the header names: else this is no light block. Clients are not shown that set.
    pub(super) fn check_next_set(&self, update: &Update) -> Result<()> {
        let next = ibc::Header {
            validator_set: Some(self.next_validator_set.clone()),
            trusted_validators: Some(self.next_validator_set.clone()),
            signed_header: Some(self.signed_header.clone()),
            trusted_height: Some(ibc::Height::default()),
        };
        let set: ValidatorSet = decode_update(&as_comet_writes(next).encode_to_vec())?.validators;
        let (stated, found) = (update.header.next_validators_hash, set.hash());
        anyhow::ensure!(
            stated == found,
            "the header names {stated} as the next set, beside it is {found}"
        );
        Ok(())
    }
}

/// What CometBFT always writes is written, sets are in its order, absent votes have its time: a model writes all that in its
/// own way. Who proposes is left out: in a model that may be nobody of the set.
fn as_comet_writes(mut message: ibc::Header) -> ibc::Header {
    for set in [&mut message.validator_set, &mut message.trusted_validators]
        .into_iter()
        .flatten()
    {
        set.validators
            .sort_by_key(|validator| (Reverse(validator.voting_power), validator.address.clone()));
        set.proposer = None;
    }
    let commit = message
        .signed_header
        .as_mut()
        .and_then(|signed| signed.commit.as_mut());
    for vote in commit.into_iter().flat_map(|commit| &mut commit.signatures) {
        if vote.block_id_flag == raw::BlockIdFlag::Absent as i32 {
            vote.timestamp = Some(UNSET);
        }
    }
    let header = message
        .signed_header
        .as_mut()
        .and_then(|signed| signed.header.as_mut());
    if let Some(header) = header {
        let id = header.last_block_id.get_or_insert_with(raw::BlockId::default);
        id.part_set_header.get_or_insert_with(raw::PartSetHeader::default);
    }
    message
}

/// The terms of a trace.
pub(super) fn config(
    chain_id: &str,
    trust_level: TrustLevel,
    trust_period: Seconds,
    drift: Seconds,
) -> Config {
    Config {
        chain_id: chain_id.to_owned(),
        trust_level,
        trust_period,
        unbonding_period: trust_period.saturating_add(Seconds(1)),
        clock_drift: drift,
        capacity: u32::MAX,
        store: STORE_DEFAULT.to_vec(),
    }
}
