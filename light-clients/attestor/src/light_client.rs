//! This crate's functions under the names that all clients share.

use client::{Advance, LightClient, Status};
use wire::path::Path;
use wire::{Height, Seconds};

use crate::config::Config;
use crate::reject::Reject;
use crate::set::Set;
use crate::trusted::Trusted;
use crate::update::{Evidence, Update};
use crate::{misbehaviour, verify};

/// The attestor light client.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attestors;

impl LightClient for Attestors {
    type Config = Config;
    type Bootstrap = Set;
    type Trusted = Trusted;
    type Update = Update;
    type Evidence = Evidence;
    type Reject = Reject;

    fn start(&self, config: Config, set: &Set, _now: Seconds) -> Result<Trusted, Reject> {
        verify::start(config, set.clone())
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
        client::verify_member(trusted, height, path, value, proof, now)
    }

    fn verify_absent(
        &self,
        trusted: &Trusted,
        height: Height,
        path: &Path,
        proof: &[u8],
        now: Seconds,
    ) -> Result<Seconds, Reject> {
        client::verify_absent(trusted, height, path, proof, now)
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
