//! Another verifier, of other authors, judges the same messages: tendermint-light-client-verifier.
//!
//! Where a scene is put together at random from what honest and dishonest chains do, both say the same. Of bytes that were changed
//! at random the law accepts nothing that the other refuses; what it refuses beyond that, docs/formats/tendermint.md names.

use std::time::Duration;

use proptest::prelude::*;
use prost::Message;
use tendermint_client::codec::decode_update;
use tendermint_client::testing::{Ballot, Block, Kind, Member, Secret, Timestamp, Validators, World, ibc};
use tendermint_client::{Config, Purpose, Reject, State, TrustLevel, verify_header};
use tendermint_light_client_verifier::options::Options;
use tendermint_light_client_verifier::types::{TrustedBlockState, UntrustedBlockState};
use tendermint_light_client_verifier::{ProdVerifier, Verdict as Foreign, Verifier};
use wire::Seconds;

use crate::fixture::{bootstrap, config, world};

/// What both can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    NotEnoughTrust,
    Refused,
}

pub(crate) fn ours(config: &Config, anchor: &State, bytes: &[u8], now: Seconds) -> Verdict {
    let judged =
        decode_update(bytes).and_then(|update| verify_header(config, anchor, &update, now, Purpose::Advance));
    match judged {
        Ok(()) => Verdict::Accepted,
        Err(Reject::NotEnoughOverlap { .. }) => Verdict::NotEnoughTrust,
        Err(_) => Verdict::Refused,
    }
}

/// What the other verifier says; what it cannot read it refuses.
pub(crate) fn theirs(config: &Config, anchor: &State, bytes: &[u8], now: Seconds) -> Verdict {
    judged(config, anchor, bytes, now).unwrap_or(Verdict::Refused)
}

fn judged(config: &Config, anchor: &State, bytes: &[u8], now: Seconds) -> Option<Verdict> {
    let message = ibc::Header::decode(bytes).ok()?;
    let signed_header =
        tendermint::block::signed_header::SignedHeader::try_from(message.signed_header?).ok()?;
    let validators = tendermint::validator::Set::try_from(message.validator_set?).ok()?;
    let trusted = tendermint::validator::Set::try_from(message.trusted_validators?).ok()?;
    let next_validators_hash = tendermint::Hash::Sha256(anchor.next_validators_hash.0);
    // ibc-go compares these before it asks the verifier.
    if trusted.hash() != next_validators_hash {
        return None;
    }
    let chain_id = config.chain_id.parse().ok()?;
    let trusted = TrustedBlockState {
        chain_id: &chain_id,
        header_time: tendermint::Time::from_unix_timestamp(anchor.time.seconds, anchor.time.nanos).ok()?,
        height: anchor.height.try_into().ok()?,
        next_validators: &trusted,
        next_validators_hash,
    };
    let untrusted = UntrustedBlockState {
        signed_header: &signed_header,
        validators: &validators,
        next_validators: None,
    };
    let level = config.trust_level;
    let options = Options {
        trust_threshold: tendermint::trust_threshold::TrustThresholdFraction::new(
            level.numerator,
            level.denominator,
        )
        .ok()?,
        trusting_period: Duration::from_secs(config.trust_period.0),
        clock_drift: Duration::from_secs(config.clock_drift.0),
    };
    let now = tendermint::Time::from_unix_timestamp(i64::try_from(now.0).ok()?, 0).ok()?;
    let verdict = ProdVerifier::default().verify_update_header(untrusted, trusted, &options, now);
    Some(match verdict {
        Foreign::Success => Verdict::Accepted,
        Foreign::NotEnoughTrust(_) => Verdict::NotEnoughTrust,
        Foreign::Invalid(_) => Verdict::Refused,
    })
}

/// The state that a client holds which believes block `height` of the world.
pub(crate) fn anchor(world: &World, height: i64) -> State {
    let known = bootstrap(world, height);
    State {
        height: known.height.revision_height,
        time: known.time,
        app_hash: known.app_hash,
        next_validators_hash: known.next_validators_hash,
        learned_at: Seconds(0),
    }
}

/// A chain in which things happen: sets of any powers that share some members, votes of all kinds, times near the edges.
#[derive(Clone, Debug)]
struct Scene {
    powers: Vec<i64>,
    heirs: Vec<(bool, i64)>,
    ballots: Vec<u8>,
    skip: i64,
    time_shift: i64,
    level: (u64, u64),
    /// Seconds from one of the two edges of time.
    near: i64,
    at_expiry: bool,
    is_broken: bool,
}

fn scene() -> impl Strategy<Value = Scene> {
    let power = || prop_oneof![1..50_i64, 1..1_000_000_000_000_i64, Just(10)];
    (
        prop::collection::vec(power(), 1..7),
        prop::collection::vec((any::<bool>(), power()), 1..7),
        prop::collection::vec(0..6_u8, 7),
        prop_oneof![2 => Just(1_i64), 3 => 2..40_i64, 1 => -3..1_i64],
        prop_oneof![6 => Just(0_i64), 1 => -500..500_i64],
        prop_oneof![Just((1, 3)), Just((1, 2)), Just((2, 3)), Just((1, 1))],
        prop_oneof![Just(-1_i64), Just(0), Just(1), -1000..1000_i64],
        any::<bool>(),
        prop::bool::weighted(0.1),
    )
        .prop_map(
            |(powers, heirs, ballots, skip, time_shift, level, near, at_expiry, is_broken)| Scene {
                powers,
                heirs,
                ballots,
                skip,
                time_shift,
                level,
                near,
                at_expiry,
                is_broken,
            },
        )
}

impl Scene {
    /// The world whose set changes at 101: some stay with another power, some come.
    fn world(&self) -> World {
        let first = Validators::new(Kind::Ed25519, 1, &self.powers);
        let heirs = self.heirs.iter().enumerate().map(|(at, (stays, power))| Member {
            secret: match first.members.get(at) {
                Some(member) if *stays => member.secret.clone(),
                Some(_) | None => Secret::new(Kind::Ed25519, 2, u64::try_from(at).unwrap()),
            },
            power: *power,
        });
        let heirs = Validators::of(heirs.collect());
        World::new("weigh-3", 3, first).with_set(102, heirs)
    }

    fn block(&self, world: &World) -> Block {
        let height = 100 + self.skip;
        let mut header = world.header_at(height);
        header.time = Some(Timestamp {
            seconds: world.time_at(height).seconds + self.time_shift,
            nanos: 0,
        });
        let mut block = Block::sign(header, world.set_at(height).clone(), 0, |place| {
            match self.ballots[place] {
                0 => Ballot::Absent,
                1 => Ballot::Nil,
                _ => Ballot::Block,
            }
        });
        if self.is_broken {
            // The first signature that there is: neither verifier can do without.
            let votes = &mut block.commit.signatures;
            if let Some(vote) = votes.iter_mut().find(|vote| vote.block_id_flag == 2) {
                vote.signature[0] ^= 1;
            }
        }
        block
    }

    fn now(&self, world: &World, block: &Block, config: &Config) -> Seconds {
        let edge = if self.at_expiry {
            world.time_at(100).seconds + i64::try_from(config.trust_period.0).unwrap()
        } else {
            block.header.time.unwrap().seconds - 10
        };
        Seconds(u64::try_from(edge + self.near).unwrap())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_say_the_same(scene in scene()) {
        let world = scene.world();
        let block = scene.block(&world);
        let bytes = world.show(&block, 100).encode_to_vec();
        let (numerator, denominator) = scene.level;
        let config = Config { trust_level: TrustLevel { numerator, denominator }, ..config() };
        // Only whole seconds: the other verifier counts trust to the nanosecond, a host's clock does not.
        let mut anchor = anchor(&world, 100);
        anchor.time.nanos = 0;
        let now = scene.now(&world, &block, &config);
        let (ours, theirs) = (ours(&config, &anchor, &bytes, now), theirs(&config, &anchor, &bytes, now));
        let is_empty = block.commit.signatures.iter().all(|vote| vote.block_id_flag == 1);
        if scene.is_broken || is_empty {
            // Both refuse it; which rule comes first is each one's own.
            prop_assert_eq!(ours == Verdict::Accepted, theirs == Verdict::Accepted);
        } else {
            prop_assert_eq!(ours, theirs);
        }
    }
}

#[test]
fn scenes_of_all_verdicts_are_drawn() {
    let world = world();
    let anchor = anchor(&world, 100);
    let now = crate::fixture::now(&world);
    for (height, expected) in [
        (119, Verdict::Accepted),
        (150, Verdict::NotEnoughTrust),
        (100, Verdict::Refused),
    ] {
        let bytes = world.show(&world.block_at(height), 100).encode_to_vec();
        assert_eq!(ours(&config(), &anchor, &bytes, now), expected);
        assert_eq!(theirs(&config(), &anchor, &bytes, now), expected);
    }
}
