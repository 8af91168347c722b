//! What makes slots pass.
//!
//! Decides when a chain may produce its next slot. Chain time is always genesis time plus slot
//! times seconds a slot; a clock only sets the pace at which that happens, and keeps chains that
//! share it within one slot of each other, so that no chain's headers come from another's future.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

/// A pace, shared by cloning.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    pace: Pace,
    members: Mutex<Members>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    Manual,
    Simulated { speed: u32 },
    Wall,
}

#[derive(Debug, Default)]
struct Members {
    joined: u64,
    /// Chain time of the next slot, by member.
    next: BTreeMap<u64, u64>,
}

impl Clock {
    fn new(pace: Pace) -> Self {
        Self(Arc::new(Shared {
            pace,
            members: Mutex::default(),
        }))
    }

    /// Slots pass only when [`crate::Chain::advance`] is called.
    pub fn manual() -> Self {
        Self::new(Pace::Manual)
    }

    /// `speed` seconds of chain time pass in one real second: 12-second slots at speed 240 take
    /// 50 ms. A slow machine stretches slots, it never misses one.
    pub fn simulated(speed: u32) -> Self {
        Self::new(Pace::Simulated { speed: speed.max(1) })
    }

    /// Chain time is real time: a chain's genesis time is such that its warm-up ends in the present,
    /// whatever its configuration says, so that it can stand beside real chains.
    pub fn wall() -> Self {
        Self::new(Pace::Wall)
    }

    /// Whether slots pass only on demand.
    pub fn is_manual(&self) -> bool {
        self.0.pace == Pace::Manual
    }

    /// Whether chain time is real time.
    pub fn is_wall(&self) -> bool {
        self.0.pace == Pace::Wall
    }

    /// Real time that one slot takes.
    pub(crate) fn slot_duration(&self, seconds_per_slot: u64) -> Duration {
        match self.0.pace {
            Pace::Manual => Duration::ZERO,
            Pace::Simulated { speed } => Duration::from_secs(seconds_per_slot) / speed,
            Pace::Wall => Duration::from_secs(seconds_per_slot),
        }
    }

    /// Joins a chain whose next slot is at chain time `next`.
    pub fn join(&self, next: u64) -> Member {
        let mut members = self.lock();
        let id = members.joined;
        members.joined += 1;
        members.next.insert(id, next);
        drop(members);
        Member {
            clock: self.clone(),
            id,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Members> {
        self.0.members.lock().expect("no holder of this lock panics")
    }
}

/// One chain's seat at a clock; dropping it lets the others go on without it.
#[derive(Debug)]
pub struct Member {
    clock: Clock,
    id: u64,
}

impl Member {
    /// Tells the others that this chain's next slot is at chain time `next`.
    pub fn moved_to(&self, next: u64) {
        self.clock.lock().next.insert(self.id, next);
    }

    /// Whether this chain is not ahead of any other.
    pub(crate) fn may_go(&self) -> bool {
        let members = self.clock.lock();
        let own = members.next.get(&self.id).copied().unwrap_or(0);
        members.next.values().all(|next| own <= *next)
    }

    /// Waits until the slot due at `due` may begin.
    pub(crate) async fn wait(&self, due: Instant) {
        tokio::time::sleep_until(due).await;
        while !self.may_go() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.clock.lock().next.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_chain_runs_ahead_of_another() {
        let clock = Clock::simulated(1);
        let (a, b) = (clock.join(100), clock.join(100));
        assert!(a.may_go() && b.may_go());
        a.moved_to(112);
        assert!(!a.may_go() && b.may_go());
        b.moved_to(106);
        assert!(!a.may_go() && b.may_go());
        b.moved_to(112);
        assert!(a.may_go() && b.may_go());
        a.moved_to(124);
        drop(b);
        assert!(a.may_go());
    }

    #[test]
    fn speed_divides_the_slot() {
        assert_eq!(Clock::simulated(240).slot_duration(12), Duration::from_millis(50));
        assert_eq!(Clock::wall().slot_duration(12), Duration::from_secs(12));
    }
}
