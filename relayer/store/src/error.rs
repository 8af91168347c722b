//! Why the store cannot be used, and what to do about it. No error loses anything: nothing is deleted, nothing is
//! overwritten, and a store that cannot be read can be moved away: the relayer then reads its paths from the chains again.

use crate::bytes::Unreadable;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Why the store cannot be used. The text completes "failed to ...".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the file open.
    #[error(
        "open {}: another process uses it; only one relayer may, and commands ask the running one over HTTP",
        path.display()
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// There is no store yet, and it was to be opened only for reading.
    #[error("open {}: it does not exist; `relayer run` creates it", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a store, or it is damaged.
    #[error(
        "read {}: {text}; check the disk, then move the file away: the relayer reads its paths from the chains again",
        path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        text: String,
    },
    /// The process that wrote it was killed, and whoever reads it may not repair it.
    #[error(
        "open {}: it was not closed cleanly, and this user may not repair it; start `relayer run`, which does and loses \
         nothing, or run this command as the relayer's user",
        path.display()
    )]
    Unclean {
        /// The file.
        path: PathBuf,
    },
    /// The store was written by a newer program.
    #[error("open {}: its schema is {found}, this program knows {known}; use the newer relayer", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// The disk is full.
    #[error("write {}: the disk is full; free space, then start again: nothing is lost", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The file or folder may not be used.
    #[error("open {}: permission denied; give the relayer's user read and write access", path.display())]
    Denied {
        /// The file.
        path: PathBuf,
    },
    /// One record cannot be read; all others can.
    #[error(
        "read record {key} of table {table}: {why}; if a newer relayer wrote it, use that one; else check the disk, then move \
         store_dir away and start again: the relayer reads its paths from the chains, only the history of packets is lost"
    )]
    Record {
        /// Which table.
        table: &'static str,
        /// Which key, readable.
        key: String,
        /// What does not fit.
        why: Unreadable,
    },
    /// The operating system refused for another reason.
    #[error("use {}: {text}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        text: String,
    },
}

impl StoreError {
    pub(crate) fn of(path: &Path, error: impl Into<redb::Error>) -> Self {
        let path = path.to_owned();
        match error.into() {
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => Self::Locked { path },
            redb::Error::Io(error) => Self::io(path, &error),
            redb::Error::Corrupted(text) => Self::Corrupt { path, text },
            redb::Error::UpgradeRequired(version) => {
                let text = format!("its file format is version {version} of another redb");
                Self::Corrupt { path, text }
            }
            redb::Error::RepairAborted => Self::Unclean { path },
            error => Self::Io {
                path,
                text: error.to_string(),
            },
        }
    }

    pub(crate) fn io(path: PathBuf, error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull { path },
            ErrorKind::PermissionDenied => Self::Denied { path },
            ErrorKind::NotFound => Self::Missing { path },
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Self::Corrupt {
                path,
                text: error.to_string(),
            },
            _ => Self::Io {
                path,
                text: error.to_string(),
            },
        }
    }

    /// Whether the daemon has the store, so that it should be asked instead.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Locked { .. })
    }
}
