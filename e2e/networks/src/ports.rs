//! Free ports on loopback.
//!
//! The programs take port numbers, not sockets, so a port is looked for, held until just before its program starts, and
//! let go. Somebody else may take it in between: then the program's own error is shown, and another start succeeds.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};

/// Ports that nobody else can take while this lives.
#[derive(Debug)]
pub(crate) struct Held<const N: usize> {
    ports: [u16; N],
    listeners: Vec<TcpListener>,
}

impl<const N: usize> Held<N> {
    /// Lets the ports go, for the programs that are started next.
    pub(crate) fn release(self) -> [u16; N] {
        drop(self.listeners);
        self.ports
    }

    /// Their numbers, for what is written down beforehand.
    pub(crate) fn numbers(&self) -> [u16; N] {
        self.ports
    }
}

/// Finds and holds as many ports as the caller has names for.
pub(crate) fn hold<const N: usize>() -> Result<Held<N>> {
    let mut listeners = Vec::new();
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("failed to find a free port")?;
        let address = listener.local_addr().context("failed to read a port's number")?;
        *port = address.port();
        listeners.push(listener);
    }
    Ok(Held { ports, listeners })
}

/// A port that nobody had a moment ago.
///
/// # Errors
/// None can be found.
pub fn free_port() -> Result<u16> {
    let [port] = hold::<1>()?.release();
    Ok(port)
}

#[cfg(test)]
mod tests {
    use super::hold;

    #[test]
    fn ports_held_at_once_are_all_different() {
        let (first, second) = (hold::<7>().unwrap(), hold::<7>().unwrap());
        let mut all = [first.numbers(), second.numbers()].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 14);
    }
}
