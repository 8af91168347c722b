//! The book of what was signed: one line a block, on disk before the signature leaves.
//!
//! A book is of one router on one chain, whatever clients its claims are signed for. It forgets the oldest blocks, and then
//! signs nothing at or below them any more: what is forgotten could be contradicted.
//!
//! One process has a book at a time. An entry that could not be written whole is cut off again before the next one: glued
//! together they would be no entries, and a signature would have left without one.

use crate::paper::{self, Medium, Paper};
use alloy_primitives::B256;
use attestor::Claim;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use wire::Seconds;

/// Blocks kept; beyond twice as many lines the file is written anew.
const BLOCKS_MAX: usize = 65_536;

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The book could not be read or written.
    #[error("use {path}: {error}; nothing is signed without the book")]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Another process has the book.
    #[error(
        "use {path}: another attestor has this book open; one runs for each key and book, and two could sign two claims \
         about one block"
    )]
    Shared {
        /// The file.
        path: PathBuf,
    },
    /// A line is no entry.
    #[error(
        "read line {line} of {path}: it is no entry; restore the file, an attestor must not forget what it signed"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// Something else was signed for this block.
    #[error(
        "sign root {asked} at {asked_time} of block {height}: root {signed} at {signed_time} was signed before; \
         one of the two is not of the final chain, look at the node"
    )]
    Contradiction {
        /// The block.
        height: u64,
        /// What the node says now.
        asked: B256,
        /// The time that the node says now.
        asked_time: Seconds,
        /// What was signed.
        signed: B256,
        /// The time that was signed.
        signed_time: Seconds,
    },
    /// The block is older than the book.
    #[error("sign block {height}: the book begins with {first}, and what it forgot could be contradicted")]
    Forgotten {
        /// The block.
        height: u64,
        /// The oldest block that may be signed.
        first: u64,
    },
}

/// The book.
#[derive(Debug)]
pub struct Book {
    path: PathBuf,
    paper: Paper,
    claims: BTreeMap<u64, Claim>,
    lines: usize,
    /// Nothing at or below this is signed; it was forgotten.
    floor: u64,
}

impl Book {
    /// Opens the book at `path`, or begins one, and keeps others from it.
    ///
    /// # Errors
    /// [`BookError::Shared`], [`BookError::Disk`], [`BookError::Damaged`].
    pub fn open(path: &Path) -> Result<Self, BookError> {
        let opened = paper::open(path).map_err(|error| disk(path, error))?;
        let Some((file, text)) = opened else {
            return Err(BookError::Shared {
                path: path.to_owned(),
            });
        };
        Self::read(path, Box::new(file), &text)
    }

    fn read(path: &Path, medium: Box<dyn Medium>, text: &str) -> Result<Self, BookError> {
        let mut claims = BTreeMap::new();
        let mut floor = 0;
        let mut lines = 0;
        // What follows the last line end is an entry whose writing was cut off: nothing was signed for it.
        let whole = text.rfind('\n').map_or(0, |end| end.saturating_add(1));
        for line in text.get(..whole).unwrap_or("").lines() {
            lines += 1;
            match read_line(line) {
                Some(Line::Floor(height)) => floor = height,
                Some(Line::Claim(height, claim)) => {
                    claims.insert(height, claim);
                }
                None => {
                    return Err(BookError::Damaged {
                        path: path.to_owned(),
                        line: lines,
                    });
                }
            }
        }
        Ok(Self {
            path: path.to_owned(),
            paper: Paper::new(medium, path, whole),
            claims,
            lines,
            floor,
        })
    }

    /// Notes that `claim` is about to be signed for block `height`; it is on disk when this returns.
    ///
    /// # Errors
    /// [`BookError`]: then nothing may be signed.
    pub fn note(&mut self, height: u64, claim: &Claim) -> Result<(), BookError> {
        if let Some(signed) = self.claims.get(&height) {
            return if signed == claim {
                Ok(())
            } else {
                Err(BookError::Contradiction {
                    height,
                    asked: claim.storage_root,
                    asked_time: claim.timestamp,
                    signed: signed.storage_root,
                    signed_time: signed.timestamp,
                })
            };
        }
        if height <= self.floor {
            let first = self.floor.saturating_add(1);
            return Err(BookError::Forgotten { height, first });
        }
        self.append(&claim_line(height, claim))?;
        self.claims.insert(height, *claim);
        self.forget()
    }

    fn append(&mut self, line: &str) -> Result<(), BookError> {
        self.paper
            .append(line.as_bytes())
            .map_err(|error| disk(&self.path, error))?;
        self.lines = self.lines.saturating_add(1);
        Ok(())
    }

    /// Drops the oldest blocks beyond the bound, and writes the file anew when half of it is dropped.
    fn forget(&mut self) -> Result<(), BookError> {
        while self.claims.len() > BLOCKS_MAX {
            if let Some((height, _)) = self.claims.pop_first() {
                self.floor = self.floor.max(height);
            }
        }
        if self.lines <= BLOCKS_MAX.saturating_mul(2) {
            return Ok(());
        }
        let mut text = format!("floor {}\n", self.floor);
        for (height, claim) in &self.claims {
            text += &claim_line(*height, claim);
        }
        self.paper
            .replace(text.as_bytes())
            .map_err(|error| disk(&self.path, error))?;
        self.lines = self.claims.len().saturating_add(1);
        Ok(())
    }
}

enum Line {
    Floor(u64),
    Claim(u64, Claim),
}

fn claim_line(height: u64, claim: &Claim) -> String {
    format!("{height} {} {}\n", claim.timestamp.0, claim.storage_root)
}

fn read_line(line: &str) -> Option<Line> {
    let mut words = line.split(' ');
    let first = words.next()?;
    if first == "floor" {
        return Some(Line::Floor(words.next()?.parse().ok()?));
    }
    let claim = Claim {
        timestamp: Seconds(words.next()?.parse().ok()?),
        storage_root: words.next()?.parse().ok()?,
    };
    words
        .next()
        .is_none()
        .then_some(Line::Claim(first.parse().ok()?, claim))
}

fn disk(path: &Path, error: io::Error) -> BookError {
    BookError::Disk {
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
