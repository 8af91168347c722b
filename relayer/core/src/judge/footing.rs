//! From which states a client can be shown proofs.
//!
//! Of a policy those leaves are chosen that are enough and whose earliest state is the newest; of several such choices the
//! one with the fewest leaves, because each costs a proof.

use crate::judge::{Delays, Footing, Stand};
use alloc::vec::Vec;
use chain::{At, Basis, PolicyState, TrustedState};
use client::Status;
use policy::{LEAVES_MAX, Leaf};
use wire::{Height, Seconds};

/// A state of a client.
#[derive(Clone, Copy)]
struct Foot {
    at: At,
    height: Height,
    timestamp: Seconds,
    learned_at: Seconds,
}

pub(super) fn footing(trusted: &TrustedState, now: Seconds, delays: Delays) -> Option<Footing> {
    if let TrustedState::Policy(state) = trusted {
        return of_policy(state, now, delays);
    }
    let foot = newest(trusted)?;
    Some(Footing {
        height: foot.height,
        timestamp: foot.timestamp,
        basis: Basis::One(foot.at),
    })
}

pub(super) fn stand(trusted: &TrustedState, now: Seconds) -> Option<Stand> {
    let (status, trust_period) = match trusted {
        TrustedState::Ethereum(trusted) => (ethereum::status(trusted, now), trusted.config.trust_period),
        TrustedState::Attestors(trusted) => (attestor::status(trusted, now), trusted.config.trust_period),
        TrustedState::Tendermint(trusted) => {
            let status = tendermint_client::status(trusted, now);
            (status, trusted.config.trust_period)
        }
        TrustedState::Policy(state) => return Some(stand_of_policy(state, now)),
    };
    let newest = newest(trusted);
    if newest.is_none() && matches!(trusted, TrustedState::Ethereum(_)) {
        return None;
    }
    Some(Stand {
        status,
        newest: newest.map_or(Height::of(0), |foot| foot.height),
        timestamp: newest.map_or(Seconds(0), |foot| foot.timestamp),
        trust_period,
    })
}

/// When a plain client has learned the state of `height`, if it has.
pub(super) fn learned_at(trusted: &TrustedState, height: Height) -> Option<Seconds> {
    let number = || (height.revision_number == 0).then_some(height.revision_height);
    match trusted {
        TrustedState::Ethereum(trusted) => {
            let state = trusted.state_at(ethereum::Slot(number()?))?;
            Some(state.learned_at)
        }
        TrustedState::Attestors(trusted) => Some(trusted.state_at(number()?)?.learned_at),
        TrustedState::Tendermint(trusted) => Some(trusted.state_at(height).ok()?.learned_at),
        TrustedState::Policy(_) => None,
    }
}

/// The newest state of a plain client.
fn newest(trusted: &TrustedState) -> Option<Foot> {
    feet(trusted).into_iter().max_by_key(|foot| foot.height)
}

/// All states of a plain client that are known here.
fn feet(trusted: &TrustedState) -> Vec<Foot> {
    match trusted {
        TrustedState::Ethereum(trusted) => {
            let foot = |state: &ethereum::State| {
                Some(Foot {
                    at: At::Slot(state.slot.0),
                    height: Height::of(state.slot.0),
                    timestamp: trusted.config.network.time_of(state.slot)?,
                    learned_at: state.learned_at,
                })
            };
            trusted.states().filter_map(foot).collect()
        }
        TrustedState::Attestors(trusted) => {
            let foot = |state: &attestor::State| Foot {
                at: At::Block {
                    number: state.height,
                    interval: trusted.config.interval,
                },
                height: Height::of(state.height),
                timestamp: state.timestamp,
                learned_at: state.learned_at,
            };
            trusted.states().map(foot).collect()
        }
        TrustedState::Tendermint(trusted) => {
            let revision_number = trusted.config.revision();
            let foot = |state: &tendermint_client::State| Foot {
                at: At::Header(state.height),
                height: Height {
                    revision_number,
                    revision_height: state.height,
                },
                timestamp: state.time.rounded_down(),
                learned_at: state.learned_at,
            };
            trusted.states().map(foot).collect()
        }
        TrustedState::Policy(_) => Vec::new(),
    }
}

/// The newest state of a leaf that counts, while the leaf itself does.
fn foot_of_leaf(leaf: &Leaf, trusted: &TrustedState, now: Seconds, delays: Delays) -> Option<Foot> {
    if status(trusted, now) != Some(Status::Active) {
        return None;
    }
    // Who tells when a state was learned, tells it for revision 0: of any other a policy never counts that a delay has passed.
    let ripens = |foot: &Foot| foot.height.revision_number == 0;
    let is_ripe = |foot: &Foot| match delays {
        Delays::Count => foot.learned_at.saturating_add(leaf.delay) <= now,
        Delays::Pass => true,
    };
    feet(trusted)
        .into_iter()
        .filter(|foot| leaf.delay.0 == 0 || ripens(foot) && is_ripe(foot))
        .max_by_key(|foot| foot.height)
}

fn status(trusted: &TrustedState, now: Seconds) -> Option<Status> {
    match trusted {
        TrustedState::Ethereum(trusted) => Some(ethereum::status(trusted, now)),
        TrustedState::Attestors(trusted) => Some(attestor::status(trusted, now)),
        TrustedState::Tendermint(trusted) => Some(tendermint_client::status(trusted, now)),
        TrustedState::Policy(_) => None,
    }
}

fn feet_of_leaves(state: &PolicyState, now: Seconds, delays: Delays) -> Vec<Option<Foot>> {
    let leaves = state.policy.leaves().iter().zip(&state.leaves);
    leaves
        .map(|(leaf, trusted)| foot_of_leaf(leaf, trusted.as_ref()?, now, delays))
        .collect()
}

fn of_policy(state: &PolicyState, now: Seconds, delays: Delays) -> Option<Footing> {
    let feet = feet_of_leaves(state, now, delays);
    let choices = (1_u32..1 << LEAVES_MAX).filter_map(|mask| {
        let chosen = choose(&feet, mask)?;
        let held: Vec<bool> = chosen.iter().map(Option::is_some).collect();
        let earliest = chosen.iter().flatten().min_by_key(|foot| foot.timestamp)?;
        let footing = Footing {
            height: earliest.height,
            timestamp: earliest.timestamp,
            basis: Basis::Leaves {
                count: chosen.len(),
                places: places(&chosen),
            },
        };
        state.policy.holds(&held).then_some((mask, footing))
    });
    choices
        .max_by_key(|(mask, footing)| {
            let fewest = core::cmp::Reverse((mask.count_ones(), *mask));
            (footing.timestamp, fewest)
        })
        .map(|(_, footing)| footing)
}

/// The feet of the leaves in `mask`; none when one of those has none.
fn choose(feet: &[Option<Foot>], mask: u32) -> Option<Vec<Option<Foot>>> {
    let bits = (0..feet.len()).map(|place| mask.checked_shr(u32::try_from(place).ok()?));
    let is_in = bits.map(|bit| bit.is_some_and(|bit| bit & 1 == 1));
    let chosen: Vec<Option<Foot>> = feet
        .iter()
        .zip(is_in)
        .map(|(foot, is_in)| foot.filter(|_| is_in))
        .collect();
    let count = u32::try_from(chosen.iter().flatten().count()).ok()?;
    (count == mask.count_ones()).then_some(chosen)
}

fn places(chosen: &[Option<Foot>]) -> [Option<At>; LEAVES_MAX] {
    let mut places = [None; LEAVES_MAX];
    for (place, foot) in places.iter_mut().zip(chosen) {
        *place = foot.map(|foot| foot.at);
    }
    places
}

/// A policy expires with the first of the leaves that its proofs need.
fn stand_of_policy(state: &PolicyState, now: Seconds) -> Stand {
    let statuses: Vec<Option<Status>> = state
        .leaves
        .iter()
        .map(|leaf| status(leaf.as_ref()?, now))
        .collect();
    let footing = of_policy(state, now, Delays::Pass);
    let is_needed = |place: usize| match footing.map(|footing| footing.basis) {
        Some(Basis::Leaves { places, .. }) => places.get(place).is_some_and(Option::is_some),
        Some(Basis::One(_)) | None => true,
    };
    let stands = state
        .leaves
        .iter()
        .enumerate()
        .filter(|(place, _)| is_needed(*place));
    let first = stands
        .filter_map(|(_, leaf)| stand(leaf.as_ref()?, now))
        .min_by_key(|stand| stand.timestamp.saturating_add(stand.trust_period));
    Stand {
        status: policy::status(&state.policy, &statuses),
        newest: footing.map_or(Height::of(0), |footing| footing.height),
        timestamp: first.map_or(Seconds(0), |stand| stand.timestamp),
        trust_period: first.map_or(Seconds(0), |stand| stand.trust_period),
    }
}
