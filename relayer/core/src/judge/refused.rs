//! Why a law crate refused, and who is to blame for it.

use crate::judge::Refusal;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use chain::Blame;
use wire::Seconds;

/// What a law crate said.
pub(super) enum Refused {
    Ethereum {
        reject: Box<ethereum::Reject>,
        /// When its update is ripe, if all that is wrong with it is the host's clock.
        ripe: Option<Seconds>,
    },
    Attestors(Box<attestor::Reject>),
    Tendermint(Box<tendermint_client::Reject>),
    Policy(Box<policy::Reject>),
    /// A proof that holds and shows another value than the endpoint said.
    Stored {
        key: String,
        said: String,
    },
    /// An update or a proof that this kind of client does not take.
    Kind,
}

impl Refused {
    /// Whether the proof itself holds and shows something else than was asked: at another height that can be true.
    pub(super) fn is_about_the_value(&self) -> bool {
        match self {
            Self::Ethereum { reject, .. } => {
                matches!(&**reject, ethereum::Reject::Storage(storage) if storage.is_about_the_value())
            }
            Self::Attestors(reject) => {
                matches!(&**reject, attestor::Reject::Storage(storage) if storage.is_about_the_value())
            }
            Self::Tendermint(reject) => {
                use tendermint_client::Reject;
                matches!(
                    **reject,
                    Reject::KeyAbsent { .. } | Reject::KeyPresent { .. } | Reject::ValueMismatch { .. }
                )
            }
            Self::Stored { .. } => true,
            Self::Policy(_) | Self::Kind => false,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Ethereum { reject, .. } => reject.to_string(),
            Self::Attestors(reject) => reject.to_string(),
            Self::Tendermint(reject) => reject.to_string(),
            Self::Policy(reject) => reject.to_string(),
            Self::Stored { key, said } => {
                alloc::format!("show that {said} lies under {key}: its proof shows something else")
            }
            Self::Kind => "use it: it is for another kind of client".to_string(),
        }
    }

    /// Too few signers, a clock that lags and a policy that lacks leaves are cured by waiting; an unknown fork, a set that
    /// is to be replaced and a dead client by people; everything else is a false answer.
    fn blame(&self) -> Blame {
        let (waits, people) = match self {
            Self::Ethereum { reject, .. } => {
                use ethereum::Reject;
                let waits = matches!(
                    **reject,
                    Reject::NotEnoughSigners { .. } | Reject::FromTheFuture { .. }
                );
                let people = matches!(
                    **reject,
                    Reject::UnknownFork { .. } | Reject::Expired { .. } | Reject::Frozen
                );
                (waits, people)
            }
            Self::Attestors(reject) => {
                use attestor::Reject;
                let waits = matches!(
                    **reject,
                    Reject::BelowThreshold { .. } | Reject::FromTheFuture { .. }
                );
                let people = matches!(
                    **reject,
                    Reject::RotationDue { .. } | Reject::Expired { .. } | Reject::Frozen
                );
                (waits, people)
            }
            Self::Tendermint(reject) => {
                use tendermint_client::Reject;
                let waits = matches!(**reject, Reject::FromTheFuture { .. });
                let people = matches!(
                    **reject,
                    Reject::BlockVersion { .. } | Reject::Expired { .. } | Reject::Frozen
                );
                (waits, people)
            }
            Self::Policy(reject) => (matches!(**reject, policy::Reject::NotSatisfied { .. }), false),
            Self::Stored { .. } => (false, false),
            Self::Kind => return Blame::Us,
        };
        if waits {
            Blame::Chain
        } else if people {
            Blame::Operator
        } else {
            Blame::Peer
        }
    }

    fn ripe(&self) -> Option<Seconds> {
        match self {
            Self::Ethereum { ripe, .. } => *ripe,
            Self::Attestors(reject) => match **reject {
                attestor::Reject::FromTheFuture { timestamp, .. } => Some(timestamp),
                _ => None,
            },
            Self::Tendermint(reject) => match **reject {
                // It is allowed to be less than the drift ahead.
                tendermint_client::Reject::FromTheFuture { time, drift, .. } => {
                    let early = time.rounded_down().saturating_sub(drift);
                    Some(early.saturating_add(Seconds(1)))
                }
                _ => None,
            },
            Self::Policy(_) | Self::Stored { .. } | Self::Kind => None,
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self {
            ripe: refused.ripe(),
            ..Self::new(refused.blame(), refused.text())
        }
    }
}

impl From<ethereum::Reject> for Refused {
    fn from(reject: ethereum::Reject) -> Self {
        Self::Ethereum {
            reject: Box::new(reject),
            ripe: None,
        }
    }
}

impl From<attestor::Reject> for Refused {
    fn from(reject: attestor::Reject) -> Self {
        Self::Attestors(Box::new(reject))
    }
}

impl From<tendermint_client::Reject> for Refused {
    fn from(reject: tendermint_client::Reject) -> Self {
        Self::Tendermint(Box::new(reject))
    }
}

impl From<policy::Reject> for Refused {
    fn from(reject: policy::Reject) -> Self {
        Self::Policy(Box::new(reject))
    }
}
