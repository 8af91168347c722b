//! The book of what was signed: one line a block, on disk before the signature leaves.
//!
//! A book is of one router on one chain, whatever clients its claims are signed for. It forgets the oldest blocks, and then
//! signs nothing at or below them any more: what is forgotten could be contradicted.

use alloy_primitives::B256;
use attestor::Claim;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
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
    file: File,
    claims: BTreeMap<u64, Claim>,
    lines: usize,
    /// Nothing at or below this is signed; it was forgotten.
    floor: u64,
}

impl Book {
    /// Opens the book at `path`, or begins one.
    ///
    /// # Errors
    /// [`BookError::Disk`], [`BookError::Damaged`].
    pub fn open(path: &Path) -> Result<Self, BookError> {
        let disk = |error| disk(path, error);
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(disk(error)),
        };
        let mut claims = BTreeMap::new();
        let mut floor = 0;
        let mut lines = 0;
        // What follows the last line end is an entry whose writing was cut off: nothing was signed for it.
        let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or(""));
        for line in whole.lines() {
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
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .map_err(disk)?;
        let kept = u64::try_from(if whole.is_empty() {
            0
        } else {
            whole.len().saturating_add(1)
        });
        file.set_len(kept.unwrap_or(0)).map_err(disk)?;
        Ok(Self {
            path: path.to_owned(),
            file,
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
        let written = self.file.write_all(line.as_bytes());
        written
            .and_then(|()| self.file.sync_data())
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
        let new = self.path.with_extension("new");
        let rewritten = File::create(&new).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_data()?;
            fs::rename(&new, &self.path)?;
            OpenOptions::new().append(true).open(&self.path)
        });
        self.file = rewritten.map_err(|error| disk(&self.path, error))?;
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
mod tests {
    use super::*;

    fn claim(byte: u8) -> Claim {
        Claim {
            timestamp: Seconds(u64::from(byte)),
            storage_root: B256::repeat_byte(byte),
        }
    }

    #[test]
    fn what_was_signed_is_never_contradicted_not_even_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("book");
        let mut book = Book::open(&path).expect("a book");
        book.note(7, &claim(1)).expect("noted");
        book.note(7, &claim(1)).expect("the same again");
        book.note(8, &claim(2)).expect("noted");
        drop(book);
        let mut book = Book::open(&path).expect("a book");
        let refused = book.note(7, &claim(3)).expect_err("refused");
        assert!(
            matches!(refused, BookError::Contradiction { height: 7, .. }),
            "{refused}"
        );
        book.note(8, &claim(2)).expect("the same again");
    }

    #[test]
    fn an_entry_that_was_cut_off_is_dropped_and_a_damaged_one_stops() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("book");
        Book::open(&path)
            .expect("a book")
            .note(7, &claim(1))
            .expect("noted");
        let text = fs::read_to_string(&path).expect("read");
        fs::write(&path, format!("{text}8 2 0xabab")).expect("written");
        let mut book = Book::open(&path).expect("a book");
        book.note(8, &claim(2)).expect("noted");
        drop(book);
        assert_eq!(fs::read_to_string(&path).expect("read").lines().count(), 2);
        fs::write(&path, format!("{text}8 2 0xabab\n")).expect("written");
        let damaged = Book::open(&path).expect_err("refused");
        assert!(matches!(damaged, BookError::Damaged { line: 2, .. }), "{damaged}");
    }

    #[test]
    fn what_is_forgotten_is_never_signed_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("book");
        let mut lines = String::new();
        for height in 1..=2 * BLOCKS_MAX as u64 {
            lines += &claim_line(height, &claim(1));
        }
        fs::write(&path, lines).expect("written");
        let mut book = Book::open(&path).expect("a book");
        book.note(1 << 40, &claim(2)).expect("noted");
        drop(book);
        let mut book = Book::open(&path).expect("a book");
        assert_eq!(book.claims.len(), BLOCKS_MAX);
        let refused = book.note(5, &claim(3)).expect_err("refused");
        assert!(
            matches!(refused, BookError::Forgotten { height: 5, .. }),
            "{refused}"
        );
    }
}
