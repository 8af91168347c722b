//! Where the process that has the store can be asked.
//!
//! The daemon writes its HTTP address beside the store when it listens, and takes it away when it ends. A file that is
//! left over from a crash does no harm: it is looked at only when the store is locked.

use crate::error::StoreError;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

const FILE: &str = "relayer.http";

/// The HTTP address of the daemon that has the store in `dir`; none if it wrote none or it cannot be read.
pub fn daemon_address(dir: &Path) -> Option<SocketAddr> {
    fs::read_to_string(dir.join(FILE)).ok()?.trim().parse().ok()
}

/// Writes the address, whole or not at all.
pub(crate) fn announce(dir: &Path, address: SocketAddr) -> Result<(), StoreError> {
    let (path, new) = (dir.join(FILE), dir.join("relayer.http.new"));
    fs::write(&new, format!("{address}\n"))
        .and_then(|()| fs::rename(&new, &path))
        .map_err(|error| StoreError::io(path, &error))
}

/// Takes the address away; it may be gone already.
pub(crate) fn withdraw(dir: &Path) {
    drop(fs::remove_file(dir.join(FILE)));
}
