//! Checks of sizes that applications share.

use crate::Reject;

/// Refuses text that is empty, or longer than `max` where there is one.
pub(crate) fn check_text(field: &'static str, text: &str, max: Option<usize>) -> Result<(), Reject> {
    if text.is_empty() {
        return Err(Reject::Empty { field });
    }
    match max {
        Some(max) => check_length(field, text.len(), max),
        None => Ok(()),
    }
}

/// Refuses what is longer than `max`.
pub(crate) fn check_length(field: &'static str, length: usize, max: usize) -> Result<(), Reject> {
    if length > max {
        Err(Reject::TooLong { field, length, max })
    } else {
        Ok(())
    }
}
