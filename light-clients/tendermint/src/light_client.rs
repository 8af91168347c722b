//! This crate's functions under the names that all clients share.

use client::{Advance, LightClient, Status};
use wire::path::Path;
use wire::{Height, Seconds};

use crate::config::Config;
use crate::reject::Reject;
use crate::trusted::Trusted;
use crate::update::{Bootstrap, Evidence, Update};
use crate::{member, misbehaviour, verify};

/// The light client of CometBFT chains.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tendermint;

impl LightClient for Tendermint {
    type Config = Config;
    type Bootstrap = Bootstrap;
    type Trusted = Trusted;
    type Update = Update;
    type Evidence = Evidence;
    type Reject = Reject;

    fn start(&self, config: Config, bootstrap: &Bootstrap, now: Seconds) -> Result<Trusted, Reject> {
        verify::start(config, bootstrap, now)
    }

    fn verify_update(
        &self,
        trusted: &Trusted,
        update: &Update,
        now: Seconds,
    ) -> Result<Advance<Trusted>, Reject> {
        verify::verify_update(trusted, update, now)
    }

    fn verify_member(
        &self,
        trusted: &Trusted,
        height: Height,
        path: &Path,
        value: &[u8],
        proof: &[u8],
        now: Seconds,
    ) -> Result<Seconds, Reject> {
        member::verify_member(trusted, height, path, value, proof, now)
    }

    fn verify_absent(
        &self,
        trusted: &Trusted,
        height: Height,
        path: &Path,
        proof: &[u8],
        now: Seconds,
    ) -> Result<Seconds, Reject> {
        member::verify_absent(trusted, height, path, proof, now)
    }

    fn check_misbehaviour(
        &self,
        trusted: &Trusted,
        evidence: &Evidence,
        now: Seconds,
    ) -> Result<Trusted, Reject> {
        misbehaviour::check_misbehaviour(trusted, evidence, now)
    }

    fn status(&self, trusted: &Trusted, now: Seconds) -> Status {
        verify::status(trusted, now)
    }
}
