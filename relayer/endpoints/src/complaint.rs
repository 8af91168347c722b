//! Whose fault it is that an endpoint did not answer, and what the relayer is told of it.

use crate::pool::shortened;
use chain::Fault;
use wire::Seconds;

/// Why an operation did not succeed, by whose fault it is.
#[derive(Debug)]
pub enum Complaint {
    /// About the ask: any endpoint would say the same.
    Ask(Fault),
    /// This endpoint has not got it, or says something else than others: another one may do better, and only then this one
    /// is at fault.
    Lacks(Fault),
    /// About the endpoint: another one may do better.
    Endpoint(Defect, String),
}

/// What is wrong with an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// No connection, or no whole answer in time.
    Unreachable,
    /// It asks for a pause of at least this many seconds.
    Busy(u64),
    /// Its answer is none, or contradicts itself or another endpoint.
    Malformed,
    /// Its answer has more bytes than are read: of less it may give one.
    TooLong,
    /// It refuses, for a reason this program does not know.
    Refused,
    /// It serves another chain.
    WrongChain {
        /// The configured one.
        expected: String,
        /// The one it serves.
        found: String,
    },
}

impl Complaint {
    /// An answer that is none. `text` names the rule and carries both values.
    pub fn malformed(text: impl Into<String>) -> Self {
        Self::Endpoint(Defect::Malformed, text.into())
    }

    /// What endpoints of another interface answered to what this one said: where they cannot confirm it, another endpoint of
    /// this interface may say something that they can.
    pub fn together(fault: Fault) -> Self {
        match fault {
            Fault::Malformed { .. } => Self::Lacks(fault),
            other => other.into(),
        }
    }
}

impl From<Fault> for Complaint {
    /// What one endpoint has not got, another may have; the rest any endpoint would say.
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotYet(_) | Fault::Pruned { .. } | Fault::NoClient { .. } => Self::Lacks(fault),
            Fault::Unreachable { .. }
            | Fault::Busy { .. }
            | Fault::Malformed { .. }
            | Fault::WrongChain { .. }
            | Fault::Unfit { .. }
            | Fault::TooLarge { .. }
            | Fault::WouldRevert(_)
            | Fault::Underpriced { .. }
            | Fault::TooDear { .. }
            | Fault::NonceTaken { .. }
            | Fault::Funds { .. }
            | Fault::Account { .. }
            | Fault::Signer { .. }
            | Fault::Refused { .. } => Self::Ask(fault),
        }
    }
}

/// What the relayer is told of an endpoint that rests until `until`.
pub(crate) fn fault(label: &str, defect: Defect, text: &str, until: Seconds) -> Fault {
    let (endpoint, text) = (label.to_owned(), shortened(text));
    match defect {
        Defect::Unreachable => Fault::Unreachable {
            endpoint,
            text,
            until,
        },
        Defect::Busy(_) => Fault::Busy {
            endpoint,
            text,
            until,
        },
        Defect::Malformed | Defect::TooLong => Fault::Malformed {
            endpoint,
            text,
            until,
        },
        Defect::Refused => Fault::Refused {
            endpoint,
            text,
            until,
        },
        Defect::WrongChain { expected, found } => Fault::WrongChain {
            endpoint,
            expected,
            found,
        },
    }
}
