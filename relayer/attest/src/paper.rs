//! The file under a book: locked, written at a known length, replaced as a whole.
//!
//! What this module must never do: let another process have the same file, or say that something is written which a power
//! cut could undo.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What is written on: a file, or in a test one that gets full.
pub(crate) trait Medium: Debug + Send {
    fn len(&self) -> io::Result<u64>;
    fn cut(&mut self, len: u64) -> io::Result<()>;
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    fn sync(&mut self) -> io::Result<()>;
}

impl Medium for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// The paper of a book, which no other process has.
#[derive(Debug)]
pub(crate) struct Paper {
    medium: Box<dyn Medium>,
    path: PathBuf,
    /// Bytes that are whole entries; what follows them is cut off before the next one.
    whole: u64,
    /// Whether the file's name is durable.
    is_named: bool,
}

/// Opens the file at `path`, or makes it, and reads it; none when another process has it.
pub(crate) fn open(path: &Path) -> io::Result<Option<(File, String)>> {
    loop {
        let Some(mut file) = locked(path)? else {
            return Ok(None);
        };
        // Its owner may have replaced it between our opening and its lock: then ours is not the book any more.
        if is_at(&file, path)? {
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            return Ok(Some((file, text)));
        }
    }
}

fn locked(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

impl Paper {
    /// The paper of the book at `path`, of which the first `whole` bytes are entries.
    pub(crate) fn new(medium: Box<dyn Medium>, path: &Path, whole: usize) -> Self {
        Self {
            medium,
            path: path.to_owned(),
            whole: length(whole),
            is_named: false,
        }
    }

    /// Adds an entry; it is durable when this returns, or not there at all.
    pub(crate) fn append(&mut self, entry: &[u8]) -> io::Result<()> {
        let written = self.write(entry);
        if written.is_err() {
            // That it cannot be cut off now is no second failure: the next entry begins with it.
            drop(self.medium.cut(self.whole));
        }
        written
    }

    fn write(&mut self, entry: &[u8]) -> io::Result<()> {
        self.name()?;
        let (found, whole) = (self.medium.len()?, self.whole);
        if found < whole {
            let text = format!("it has {found} bytes, and {whole} were written: somebody cut it");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        if found > whole {
            self.medium.cut(whole)?;
        }
        self.medium.write(entry)?;
        self.medium.sync()?;
        self.whole = whole.saturating_add(length(entry.len()));
        Ok(())
    }

    /// Writes the book anew, whole or not at all.
    pub(crate) fn replace(&mut self, text: &[u8]) -> io::Result<()> {
        // The name of a link stays a link: what it points to is replaced.
        let path = fs::canonicalize(&self.path)?;
        let new = next_to(&path);
        drop(fs::remove_file(&new));
        let Some(mut file) = locked(&new)? else {
            let text = format!("{} is used by another process", new.display());
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, text));
        };
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        self.medium = Box::new(file);
        self.whole = length(text.len());
        self.is_named = false;
        self.name()
    }

    /// Makes the file's name durable: else a power cut could bring back the file that it replaced, or none.
    fn name(&mut self) -> io::Result<()> {
        if !self.is_named {
            let path = fs::canonicalize(&self.path)?;
            let folder = path.parent().unwrap_or(Path::new("/"));
            File::open(folder)?.sync_all()?;
            self.is_named = true;
        }
        Ok(())
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// The place of a book that is being written anew.
fn next_to(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}
