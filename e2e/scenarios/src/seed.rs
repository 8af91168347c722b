//! A seed that nobody chose, for runs that shall not all try the same. Whoever takes one tells it, so that the run can be repeated.

use std::time::{SystemTime, UNIX_EPOCH};

/// A seed that follows from the moment.
pub fn fresh_seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() ^ u64::from(since.subsec_nanos()).rotate_left(32)
}
