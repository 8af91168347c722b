//! The law's own judgement of a real chain: our light client follows its headers and reads its proofs.
//!
//! A judge that accepts all would see nothing: each header is shown with a flipped bit first, each proof under another root.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use chain_cosmos::Proven as Stored;
use client::Advance;
use cosmrs::tendermint::block::signed_header::SignedHeader;
use cosmrs::tendermint::validator::Info;
use merkle::Proven;
use prost::Message;
use tendermint_client::codec::decode_update;
use tendermint_client::testing::{ibc, raw};
use tendermint_client::{
    Bootstrap, CLOCK_DRIFT_DEFAULT, Config, Header, Reject, STORE_DEFAULT, TRUST_PERIOD_DEFAULT, TrustLevel,
    Trusted, UNBONDING_PERIOD_DEFAULT, Update, prove_key, start, verify_update,
};
use wire::{Height, Seconds};

/// Trusted heights kept: all of a run.
const CAPACITY: u32 = 100_000;

/// A light client of one chain.
pub(crate) struct Judge {
    trusted: Trusted,
}

impl Judge {
    /// Begins with a header that is believed because this node is ours.
    pub(crate) fn new(chain_id: &str, header: SignedHeader, set: Vec<Info>) -> Result<Self> {
        let shown = message(header, set.clone(), Height::default(), set);
        Ok(Self {
            trusted: trusting(config_of(chain_id), &read(&shown)?.header, now()?)?,
        })
    }

    /// The newest height that is believed.
    pub(crate) fn height(&self) -> u64 {
        self.trusted.newest().height
    }

    /// Takes the next header; between it and the last one the validators may have changed.
    ///
    /// - `trusted_set`: those who sign the block after the newest one that is believed.
    ///
    /// # Errors
    /// The law refuses it, or accepts it with a flipped bit in a signature.
    pub(crate) fn follow(
        &mut self,
        header: SignedHeader,
        set: Vec<Info>,
        trusted_set: Vec<Info>,
    ) -> Result<()> {
        let mut shown = message(header, set, self.at(self.height()), trusted_set);
        flip_bit(&mut shown)?;
        match verify_update(&self.trusted, &read(&shown)?, now()?) {
            Err(Reject::BadSignature { .. }) => {}
            other => bail!("the law says {other:?} to a signature with a flipped bit"),
        }
        flip_bit(&mut shown)?;
        match verify_update(&self.trusted, &read(&shown)?, now()?)
            .context("the law refuses an honest header")?
        {
            Advance::Updated(trusted) => self.trusted = trusted,
            other => bail!("the law finds nothing new in a header: {other:?}"),
        }
        Ok(())
    }

    /// Reads the proof of what was stored at the end of the block before the newest one that is believed.
    ///
    /// # Errors
    /// The law refuses it, or it proves something else, or it proves it under the root of another height as well.
    pub(crate) fn read(&self, key: &[u8], stored: &Stored) -> Result<()> {
        let proofs = MerkleProof {
            proofs: stored.proofs.clone(),
        };
        let (proof, height, now) = (proofs.encode_to_vec(), stored.height + 1, now()?);
        let (_, proven) = prove_key(&self.trusted, self.at(height), key, &proof, now)
            .context("the law refuses an honest proof")?;
        let expected = match stored.value.as_slice() {
            [] => Proven::Absent,
            value => Proven::Present(value),
        };
        ensure!(
            proven == expected,
            "the law reads {proven:?}, the chain says {expected:?}"
        );
        let other = self
            .trusted
            .states()
            .map(|state| state.height)
            .find(|other| *other != height);
        let other = other.context("only one height is believed")?;
        match prove_key(&self.trusted, self.at(other), key, &proof, now) {
            Err(Reject::StoreProof { .. }) => Ok(()),
            answer => bail!("the law says {answer:?} to the same proof at height {other}"),
        }
    }

    fn at(&self, height: u64) -> Height {
        Height {
            revision_number: self.trusted.config.revision(),
            revision_height: height,
        }
    }
}

/// What a client of a chain is told by default.
pub(crate) fn config_of(chain_id: &str) -> Config {
    Config {
        chain_id: chain_id.to_owned(),
        trust_level: TrustLevel::ONE_THIRD,
        trust_period: TRUST_PERIOD_DEFAULT,
        unbonding_period: UNBONDING_PERIOD_DEFAULT,
        clock_drift: CLOCK_DRIFT_DEFAULT,
        store: STORE_DEFAULT.to_vec(),
        capacity: CAPACITY,
    }
}

/// A client that begins with `header`.
pub(crate) fn trusting(config: Config, header: &Header, now: Seconds) -> Result<Trusted> {
    let bootstrap = Bootstrap::of(header, config.revision())?;
    Ok(start(config, &bootstrap, now)?)
}

/// `ibc.core.commitment.v1.MerkleProof`, with the proofs in it left as they were encoded.
#[derive(Clone, PartialEq, Message)]
struct MerkleProof {
    #[prost(bytes = "vec", repeated, tag = "1")]
    proofs: Vec<Vec<u8>>,
}

fn message(header: SignedHeader, set: Vec<Info>, trusted: Height, trusted_set: Vec<Info>) -> ibc::Header {
    let list = |infos: Vec<Info>| raw::ValidatorSet {
        validators: infos.into_iter().map(Into::into).collect(),
        proposer: None,
        total_voting_power: 0,
    };
    ibc::Header {
        signed_header: Some(header.into()),
        validator_set: Some(list(set)),
        trusted_height: Some(ibc::Height {
            revision_number: trusted.revision_number,
            revision_height: trusted.revision_height,
        }),
        trusted_validators: Some(list(trusted_set)),
    }
}

fn read(message: &ibc::Header) -> Result<Update> {
    decode_update(&message.encode_to_vec()).context("the law can't read an honest header")
}

/// Flips the last bit of the first signature.
fn flip_bit(message: &mut ibc::Header) -> Result<()> {
    let commit = message
        .signed_header
        .as_mut()
        .and_then(|header| header.commit.as_mut());
    let mut votes = commit.into_iter().flat_map(|commit| &mut commit.signatures);
    let last = votes.find_map(|vote| vote.signature.last_mut());
    *last.context("nobody signed")? ^= 1;
    Ok(())
}

fn now() -> Result<Seconds> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(Seconds(since.context("the clock stands before 1970")?.as_secs()))
}
