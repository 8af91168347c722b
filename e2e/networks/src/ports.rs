//! Free ports on loopback.
//!
//! The programs take port numbers, not sockets, so a port is looked for, held until just before its program starts, and
//! let go. Somebody else may take it in between: then the program's own error is shown, and another start succeeds.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};

/// The ports of one network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    /// geth: JSON-RPC.
    pub(crate) rpc: u16,
    /// geth: engine API, with a shared secret.
    pub(crate) engine: u16,
    /// Beacon node: REST.
    pub(crate) rest: u16,
    /// Beacon node: gRPC for the validator.
    pub(crate) grpc: u16,
    /// Beacon node: peers, of which there are none.
    pub(crate) peers: [u16; 3],
}

/// Ports that nobody else can take while this lives.
#[derive(Debug)]
pub(crate) struct Held {
    ports: Ports,
    listeners: Vec<TcpListener>,
}

impl Held {
    /// Lets the ports go, for the programs that are started next.
    pub(crate) fn release(self) -> Ports {
        drop(self.listeners);
        self.ports
    }
}

/// Finds and holds the ports of one network.
pub(crate) fn hold() -> Result<Held> {
    let mut listeners = Vec::new();
    let mut next = || -> Result<u16> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("failed to find a free port")?;
        let port = listener
            .local_addr()
            .context("failed to read a port's number")?
            .port();
        listeners.push(listener);
        Ok(port)
    };
    let ports = Ports {
        rpc: next()?,
        engine: next()?,
        rest: next()?,
        grpc: next()?,
        peers: [next()?, next()?, next()?],
    };
    Ok(Held { ports, listeners })
}

#[cfg(test)]
mod tests {
    use super::hold;

    #[test]
    fn ports_held_at_once_are_all_different() {
        let (first, second) = (hold().unwrap(), hold().unwrap());
        let list = |held: &super::Held| {
            let ports = held.ports;
            [
                &[ports.rpc, ports.engine, ports.rest, ports.grpc][..],
                &ports.peers,
            ]
            .concat()
        };
        let mut all = [list(&first), list(&second)].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 14);
    }
}
