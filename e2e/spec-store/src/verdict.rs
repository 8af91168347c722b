//! What became of a case, and how many of each there were.

use std::fmt;

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Our code and the case say the same.
    Agreed,
    /// They do not, or the case could not be read.
    Differed(String),
    /// The case is of a fork that is not supported, or about something that the law has no part in, or the file is no case.
    Skipped(String),
}

/// A fork that is not supported stands behind a case: the only reason to skip one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unsupported(pub(crate) String);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not Deneb, Electra or Fulu", self.0)
    }
}

impl std::error::Error for Unsupported {}

impl Verdict {
    /// The verdict that a runner's result stands for.
    pub(crate) fn of(result: anyhow::Result<()>) -> Self {
        match result {
            Ok(()) => Self::Agreed,
            Err(error) => match error.downcast_ref::<Unsupported>() {
                Some(fork) => Self::Skipped(fork.to_string()),
                None => Self::Differed(format!("{error:#}")),
            },
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agreed => write!(f, "agreed"),
            Self::Differed(why) => write!(f, "differed: {why}"),
            Self::Skipped(why) => write!(f, "skipped: {why}"),
        }
    }
}

/// Numbers of cases by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cases that agreed.
    pub agreed: usize,
    /// Cases that differed.
    pub differed: usize,
    /// Cases that were skipped.
    pub skipped: usize,
}

impl Tally {
    /// Counts one case.
    pub fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Agreed => self.agreed += 1,
            Verdict::Differed(_) => self.differed += 1,
            Verdict::Skipped(_) => self.skipped += 1,
        }
    }

    /// Whether at least one case ran and none differed.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.agreed > 0 && self.differed == 0
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} agreed, {} differed, {} skipped",
            self.agreed, self.differed, self.skipped
        )
    }
}
