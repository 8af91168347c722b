//! The relayer's own clock, for rests of endpoints only. Whatever a chain decides is judged by the chain's time.

use std::time::{SystemTime, UNIX_EPOCH};
use wire::Seconds;

/// Unix seconds; zero on a machine whose clock stands before 1970.
pub fn now() -> Seconds {
    Seconds(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_secs()),
    )
}
