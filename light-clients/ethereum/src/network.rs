//! The constants of one beacon chain, and the schedule of its forks.
//!
//! Decides which fork's rules hold at an epoch. Must never guess: an epoch before the first fork that
//! the schedule names, or at and after a fork whose layout this code does not know, is refused with
//! the remedy named ([`Reject::UnknownFork`]).
//! Consensus specification: `compute_epoch_at_slot`, `compute_sync_committee_period`,
//! `compute_fork_version`, and the `*_gindex_at_slot` functions of the Electra light client.

use alloc::vec::Vec;

use alloy_primitives::{B256, b256};
use wire::Seconds;

use crate::reject::{ConfigFault, Reject};
use crate::units::{Epoch, Period, Slot};

/// The number of seats below which a sync committee is refused outside tests.
pub const COMMITTEE_SIZE_MIN: u32 = 512;

/// The number of seats above which a committee is refused everywhere; bounds what an update can cost.
pub const COMMITTEE_SIZE_MAX: u32 = 4096;

/// Which shape a fork's beacon state has, as far as a light client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Deneb: a state of at most 32 fields. Number 1 in a contract's schedule.
    Deneb,
    /// Electra and Fulu: a state of more than 32 fields, everything one level deeper. Number 2.
    Electra,
    /// A fork that is known to come, but not how it looks. Any other number.
    Unknown,
}

impl Layout {
    /// The layout with this number in a contract's schedule.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Deneb,
            2 => Self::Electra,
            _ => Self::Unknown,
        }
    }

    /// This layout's number in a contract's schedule; 0 for [`Layout::Unknown`].
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Deneb => 1,
            Self::Electra => 2,
            Self::Unknown => 0,
        }
    }
}

/// Generalized indices of a fork's beacon state and block body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indices {
    /// `finalized_checkpoint.root` in the state.
    pub finality: u64,
    /// `current_sync_committee` in the state.
    pub current_committee: u64,
    /// `next_sync_committee` in the state.
    pub next_committee: u64,
}

impl Indices {
    /// Deneb.
    pub const DENEB: Self = Self {
        finality: 105,
        current_committee: 54,
        next_committee: 55,
    };
    /// Electra and Fulu.
    pub const ELECTRA: Self = Self {
        finality: 169,
        current_committee: 86,
        next_committee: 87,
    };
}

/// `execution_payload` in the block body, Capella to Fulu.
pub const EXECUTION_PAYLOAD_GINDEX: u64 = 25;

/// `execution_payload.state_root` in the block body, Deneb to Fulu: field 2 of 17, five levels below
/// [`EXECUTION_PAYLOAD_GINDEX`].
pub const EXECUTION_STATE_ROOT_GINDEX: u64 = 802;

/// One fork of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// The first epoch in which it holds.
    pub epoch: Epoch,
    /// The version that goes into signature domains from that epoch on.
    pub version: [u8; 4],
    /// The shape of its state.
    pub layout: Layout,
}

/// Forks in ascending order of epochs. Grows at the end only: what was verified under it stays so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkSchedule {
    forks: Vec<Fork>,
}

impl ForkSchedule {
    /// A schedule of `forks`, which must not be empty and must ascend strictly.
    ///
    /// # Errors
    /// [`Reject::BadConfig`] for an empty list, [`Reject::ForkOrder`] for one that does not ascend.
    pub fn new(forks: impl IntoIterator<Item = Fork>) -> Result<Self, Reject> {
        let mut forks = forks.into_iter();
        let first = forks.next().ok_or(Reject::BadConfig(ConfigFault::NoForks))?;
        let mut schedule = Self {
            forks: Vec::from([first]),
        };
        for fork in forks {
            schedule.append(fork)?;
        }
        Ok(schedule)
    }

    /// Adds the next fork.
    ///
    /// # Errors
    /// [`Reject::ForkOrder`] if it does not start after the last one.
    pub fn append(&mut self, fork: Fork) -> Result<(), Reject> {
        if let Some(last) = self.forks.last()
            && fork.epoch <= last.epoch
        {
            return Err(Reject::ForkOrder {
                last: last.epoch,
                offered: fork.epoch,
            });
        }
        self.forks.push(fork);
        Ok(())
    }

    /// All forks in order.
    #[must_use]
    pub fn forks(&self) -> &[Fork] {
        &self.forks
    }

    /// The fork that holds at `epoch`.
    ///
    /// # Errors
    /// [`Reject::UnknownFork`] before the first fork, and at and after one of unknown layout.
    pub fn at(&self, epoch: Epoch) -> Result<&Fork, Reject> {
        let fork = self.forks.iter().rev().find(|fork| fork.epoch <= epoch);
        match fork {
            Some(fork) if fork.layout != Layout::Unknown => Ok(fork),
            _ => Err(Reject::UnknownFork { epoch }),
        }
    }

    /// The generalized indices that hold at `epoch`.
    ///
    /// # Errors
    /// As [`ForkSchedule::at`].
    pub fn indices(&self, epoch: Epoch) -> Result<Indices, Reject> {
        match self.at(epoch)?.layout {
            Layout::Deneb => Ok(Indices::DENEB),
            Layout::Electra => Ok(Indices::ELECTRA),
            Layout::Unknown => Err(Reject::UnknownFork { epoch }),
        }
    }
}

/// What distinguishes one beacon chain from another. Constructed complete, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    pub(crate) times: Times,
    pub(crate) genesis_validators_root: B256,
    pub(crate) committee_size: u32,
    pub(crate) forks: ForkSchedule,
}

/// How a beacon chain counts time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// The time of slot 0.
    pub genesis: Seconds,
    /// The length of a slot.
    pub seconds_per_slot: u64,
    /// The length of an epoch, in slots.
    pub slots_per_epoch: u64,
    /// The length of a sync-committee period, in epochs.
    pub epochs_per_period: u64,
}

impl Network {
    /// A network of its own.
    ///
    /// # Errors
    /// [`Reject::BadConfig`] for a length of zero, a zero validators root, or a committee that is
    /// smaller than [`COMMITTEE_SIZE_MIN`], larger than [`COMMITTEE_SIZE_MAX`] or no power of two.
    pub fn custom(
        times: Times,
        genesis_validators_root: B256,
        committee_size: u32,
        forks: ForkSchedule,
    ) -> Result<Self, Reject> {
        if committee_size < COMMITTEE_SIZE_MIN {
            return Err(Reject::BadConfig(ConfigFault::CommitteeSize {
                size: committee_size,
            }));
        }
        Self::of_any_size(times, genesis_validators_root, committee_size, forks)
    }

    /// As [`Network::custom`] without the lower bound: reachable from `testing` only.
    pub(crate) fn of_any_size(
        times: Times,
        genesis_validators_root: B256,
        committee_size: u32,
        forks: ForkSchedule,
    ) -> Result<Self, Reject> {
        if times.seconds_per_slot == 0 || times.slots_per_epoch == 0 || times.epochs_per_period == 0 {
            return Err(Reject::BadConfig(ConfigFault::ZeroLength));
        }
        if genesis_validators_root.is_zero() {
            return Err(Reject::BadConfig(ConfigFault::ZeroValidatorsRoot));
        }
        if !(8..=COMMITTEE_SIZE_MAX).contains(&committee_size) || !committee_size.is_power_of_two() {
            return Err(Reject::BadConfig(ConfigFault::CommitteeSize {
                size: committee_size,
            }));
        }
        Ok(Self {
            times,
            genesis_validators_root,
            committee_size,
            forks,
        })
    }

    /// Ethereum's main network.
    #[must_use]
    pub fn mainnet() -> Self {
        Self {
            times: Times {
                genesis: Seconds(1_606_824_023),
                ..PUBLIC_TIMES
            },
            genesis_validators_root: b256!(
                "4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95"
            ),
            committee_size: COMMITTEE_SIZE_MIN,
            forks: public_forks(
                [269_568, 364_032, 411_392],
                [[4, 0, 0, 0], [5, 0, 0, 0], [6, 0, 0, 0]],
            ),
        }
    }

    /// The Sepolia test network.
    #[must_use]
    pub fn sepolia() -> Self {
        Self {
            times: Times {
                genesis: Seconds(1_655_733_600),
                ..PUBLIC_TIMES
            },
            genesis_validators_root: b256!(
                "d8ea171f3c94aea21ebc42a1ed61052acf3f9209c00e4efbaaddac09ed9b8078"
            ),
            committee_size: COMMITTEE_SIZE_MIN,
            forks: public_forks(
                [132_608, 222_464, 272_640],
                [[0x90, 0, 0, 0x73], [0x90, 0, 0, 0x74], [0x90, 0, 0, 0x75]],
            ),
        }
    }

    /// How this chain counts time.
    #[must_use]
    pub const fn times(&self) -> Times {
        self.times
    }

    /// The root of the validators at genesis: part of every signature domain.
    #[must_use]
    pub const fn genesis_validators_root(&self) -> B256 {
        self.genesis_validators_root
    }

    /// Seats of a sync committee.
    #[must_use]
    pub const fn committee_size(&self) -> u32 {
        self.committee_size
    }

    /// The forks that this chain had and will have, as far as they are known.
    #[must_use]
    pub const fn forks(&self) -> &ForkSchedule {
        &self.forks
    }

    /// Adds the next fork; see [`ForkSchedule::append`].
    ///
    /// # Errors
    /// [`Reject::ForkOrder`].
    pub fn append_fork(&mut self, fork: Fork) -> Result<(), Reject> {
        self.forks.append(fork)
    }

    /// The epoch of `slot`.
    #[must_use]
    pub fn epoch_of(&self, slot: Slot) -> Epoch {
        Epoch(slot.0.checked_div(self.times.slots_per_epoch).unwrap_or(0))
    }

    /// The epoch whose checkpoint a finalized block at `slot` is: the first that starts at or after it.
    #[must_use]
    pub fn checkpoint_of(&self, slot: Slot) -> Epoch {
        Epoch(slot.0.div_ceil(self.times.slots_per_epoch.max(1)))
    }

    /// The sync-committee period of `slot`.
    #[must_use]
    pub fn period_of(&self, slot: Slot) -> Period {
        Period(
            self.epoch_of(slot)
                .0
                .checked_div(self.times.epochs_per_period)
                .unwrap_or(0),
        )
    }

    /// The slot that runs at `now`; slot 0 before genesis.
    #[must_use]
    pub fn slot_at(&self, now: Seconds) -> Slot {
        let age = now.0.saturating_sub(self.times.genesis.0);
        Slot(age.checked_div(self.times.seconds_per_slot).unwrap_or(0))
    }

    /// The time at which `slot` starts; none if it lies beyond all time.
    #[must_use]
    pub fn time_of(&self, slot: Slot) -> Option<Seconds> {
        let age = slot.0.checked_mul(self.times.seconds_per_slot)?;
        self.times.genesis.0.checked_add(age).map(Seconds)
    }
}

/// The lengths that all public networks share; the genesis time is each one's own.
const PUBLIC_TIMES: Times = Times {
    genesis: Seconds(0),
    seconds_per_slot: 12,
    slots_per_epoch: 32,
    epochs_per_period: 256,
};

/// Deneb, Electra and Fulu at these epochs with these versions.
fn public_forks(epochs: [u64; 3], versions: [[u8; 4]; 3]) -> ForkSchedule {
    let layouts = [Layout::Deneb, Layout::Electra, Layout::Electra];
    let forks = epochs.into_iter().zip(versions).zip(layouts);
    ForkSchedule {
        forks: forks
            .map(|((epoch, version), layout)| Fork {
                epoch: Epoch(epoch),
                version,
                layout,
            })
            .collect(),
    }
}
