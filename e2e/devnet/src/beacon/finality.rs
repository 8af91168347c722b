//! Justification and finalization (consensus specification, `weigh_justification_and_finalization`).
//!
//! Decides which checkpoints the state holds after an epoch, from whether two thirds of the stake
//! attested to the two latest ones. Weights are all or nothing here.

use alloy_primitives::B256;

/// A checkpoint: an epoch, and the root of the last block at or before the epoch's first slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) epoch: u64,
    pub(crate) root: B256,
}

/// What of a state concerns finality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Finality {
    /// Bit 0 is the newest epoch.
    pub(crate) bits: [bool; 4],
    pub(crate) previous_justified: Checkpoint,
    pub(crate) current_justified: Checkpoint,
    pub(crate) finalized: Checkpoint,
}

/// What two thirds attested to by the end of an epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Votes {
    /// The checkpoint of the epoch before, if it has the votes.
    pub(crate) previous: Option<Checkpoint>,
    /// The checkpoint of the ending epoch, if it has the votes.
    pub(crate) current: Option<Checkpoint>,
}

impl Finality {
    /// The finality after `epoch` ends with `votes`.
    pub(crate) fn after(self, epoch: u64, votes: Votes) -> Self {
        if epoch <= 1 {
            return self;
        }
        let [a, b, c, _] = self.bits;
        let mut next = Self {
            bits: [false, a, b, c],
            previous_justified: self.current_justified,
            ..self
        };
        if let Some(previous) = votes.previous {
            next.current_justified = previous;
            next.bits[1] = true;
        }
        if let Some(current) = votes.current {
            next.current_justified = current;
            next.bits[0] = true;
        }
        let (old_previous, old_current) = (self.previous_justified, self.current_justified);
        let justified = |from: usize, to: usize| next.bits[from..to].iter().all(|bit| *bit);
        for (bits, checkpoint, distance) in [
            (justified(1, 4), old_previous, 3),
            (justified(1, 3), old_previous, 2),
            (justified(0, 3), old_current, 2),
            (justified(0, 2), old_current, 1),
        ] {
            if bits && checkpoint.epoch + distance == epoch {
                next.finalized = checkpoint;
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(epoch: u64) -> Checkpoint {
        Checkpoint {
            epoch,
            root: B256::with_last_byte(epoch as u8),
        }
    }

    fn run(epochs: impl IntoIterator<Item = (u64, bool)>) -> Finality {
        epochs
            .into_iter()
            .fold(Finality::default(), |finality, (epoch, attested)| {
                let vote = |epoch: u64| attested.then(|| checkpoint(epoch));
                finality.after(
                    epoch,
                    Votes {
                        previous: vote(epoch.saturating_sub(1)),
                        current: vote(epoch),
                    },
                )
            })
    }

    #[test]
    fn finality_lags_two_epochs() {
        assert_eq!(
            run((0..3).map(|epoch| (epoch, true))).finalized,
            Checkpoint::default()
        );
        for last in 3..10 {
            let finality = run((0..=last).map(|epoch| (epoch, true)));
            assert_eq!(finality.finalized, checkpoint(last - 1));
            assert_eq!(finality.current_justified, checkpoint(last));
        }
    }

    #[test]
    fn finality_stands_still_without_votes_and_comes_back() {
        let halted = run((0..=9).map(|epoch| (epoch, epoch <= 5)));
        assert_eq!(halted.finalized, checkpoint(4));
        let back = run((0..=13).map(|epoch| (epoch, epoch <= 5 || epoch >= 10)));
        assert_eq!(back.finalized, checkpoint(12));
    }
}
