//! What endpoints have not got, until another one has it or none.
//!
//! Decides which of several such answers says most.

use chain::{Fault, NotYet};

/// Which endpoints have not got what was asked, in the order in which they were asked.
#[derive(Debug, Default)]
pub(crate) struct Lacks(Vec<(usize, Fault)>);

impl Lacks {
    pub(crate) fn push(&mut self, position: usize, fault: Fault) {
        self.0.push((position, fault));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(usize, Fault)> {
        self.0.iter()
    }

    /// The answer that says most, where `last` is the failure of the last endpoint that was at fault itself.
    pub(crate) fn or(self, last: Option<Fault>) -> Option<Fault> {
        let mut best: Option<Fault> = None;
        for (_, fault) in self.0 {
            if best.as_ref().is_none_or(|best| reach(&fault) > reach(best)) {
                best = Some(fault);
            }
        }
        match (best, last) {
            // One that is out of order may be the one that knows.
            (Some(best), Some(last)) if reach(&best) == NOWHERE => Some(last),
            (best, last) => best.or(last),
        }
    }
}

/// Nothing that a sound endpoint says of a chain as it should be.
const NOWHERE: (u8, u64) = (0, 0);

/// How far an endpoint has come.
fn reach(fault: &Fault) -> (u8, u64) {
    match fault {
        Fault::NotYet(NotYet::Block { newest, .. }) => (1, newest.0),
        Fault::NotYet(NotYet::Finality { finalized, .. }) => (1, finalized.revision_height),
        Fault::NotYet(NotYet::Period { .. }) => (1, 0),
        Fault::NotYet(NotYet::Participation { signers, .. }) => (2, u64::from(*signers)),
        Fault::NotYet(NotYet::Attestation { weight, .. }) => (2, *weight),
        Fault::Pruned { .. } => (3, 0),
        Fault::Unreachable { .. }
        | Fault::Busy { .. }
        | Fault::Malformed { .. }
        | Fault::WrongChain { .. }
        | Fault::NoClient { .. }
        | Fault::NotYet(NotYet::Unverified { .. })
        | Fault::Unfit { .. }
        | Fault::TooLarge { .. }
        | Fault::WouldRevert(_)
        | Fault::Underpriced { .. }
        | Fault::TooDear { .. }
        | Fault::NonceTaken { .. }
        | Fault::Funds { .. }
        | Fault::Account { .. }
        | Fault::Signer { .. }
        | Fault::Refused { .. } => NOWHERE,
    }
}

/// Whether an endpoint that says this lags behind or is wrong, once another one answers. A node keeps what it keeps, and
/// has the updates that it has.
pub(crate) fn is_behind(fault: &Fault) -> bool {
    match fault {
        Fault::NotYet(NotYet::Block { .. } | NotYet::Finality { .. })
        | Fault::Malformed { .. }
        | Fault::NoClient { .. } => true,
        Fault::NotYet(
            NotYet::Period { .. }
            | NotYet::Participation { .. }
            | NotYet::Attestation { .. }
            | NotYet::Unverified { .. },
        )
        | Fault::Pruned { .. }
        | Fault::Unfit { .. }
        | Fault::Unreachable { .. }
        | Fault::Busy { .. }
        | Fault::WrongChain { .. }
        | Fault::TooLarge { .. }
        | Fault::WouldRevert(_)
        | Fault::Underpriced { .. }
        | Fault::TooDear { .. }
        | Fault::NonceTaken { .. }
        | Fault::Funds { .. }
        | Fault::Account { .. }
        | Fault::Signer { .. }
        | Fault::Refused { .. } => false,
    }
}
