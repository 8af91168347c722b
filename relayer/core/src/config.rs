//! What the operator decides: chains, paths and bounds. All durations are in seconds.

use crate::names::EndName;
use alloc::vec::Vec;
use chain::{BlockNumber, ChainName, Gas, WeiPerGas};
use wire::{Seconds, Sequence};

/// What the relayer works on.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The chains, each named once.
    pub chains: Vec<ChainConfig>,
    /// The paths between them.
    pub paths: Vec<PathConfig>,
    /// Bounds and deadlines.
    pub limits: Limits,
}

/// One chain.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainConfig {
    /// Its name.
    pub name: ChainName,
    /// How long to rest between two asks for its head. Zero where the chain's adapter waits for news by itself before it
    /// answers: then the next ask follows at once.
    pub poll: Seconds,
    /// Submissions to it that may be in no block yet at the same time, at least one. More than one only where each can land
    /// whatever becomes of the others.
    pub in_flight: usize,
    /// What may be paid on it.
    pub fee: FeePolicy,
    /// How submissions to it are filled.
    pub batch: BatchPolicy,
}

/// One path: two ends that point at each other.
#[derive(Clone, Debug, PartialEq)]
pub struct PathConfig {
    /// One end.
    pub a: EndConfig,
    /// The other.
    pub b: EndConfig,
}

/// One end of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct EndConfig {
    /// Chain and client.
    pub name: EndName,
    /// The block from which its events are read; no later than the one in which the client was made.
    pub start: BlockNumber,
    /// The first sequence that will be met from there on; 1 unless `start` is later than the first packet.
    pub first: Sequence,
}

/// What may be paid for gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeePolicy {
    /// Never more than this a gas, base fee included. Above it submissions wait.
    pub max: WeiPerGas,
    /// The tip is at least this.
    pub tip_min: WeiPerGas,
    /// The tip is at most this, of replacements too.
    pub tip_max: WeiPerGas,
    /// A transaction that waits longer than this is replaced with a better fee, as far as the others allow.
    pub patience: Seconds,
}

/// How a submission is filled. A batch leaves when it is full or when its oldest packet has waited long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchPolicy {
    /// At most this many messages.
    pub messages_max: u32,
    /// A packet waits at most this long for company.
    pub age: Seconds,
    /// At most this much gas, by the estimates below. The chain's cap with a margin.
    pub gas_max: Gas,
    /// At most this many bytes of updates, proofs and payloads together.
    pub bytes_max: usize,
    /// Estimate: one receive by a call of its own, with its own proof.
    pub gas_recv: Gas,
    /// The same of an acknowledgement.
    pub gas_ack: Gas,
    /// The same of a timeout.
    pub gas_timeout: Gas,
    /// Estimate: one receive within a batch, its share of the pool included.
    pub gas_pooled_recv: Gas,
    /// The same of an acknowledgement.
    pub gas_pooled_ack: Gas,
    /// The same of a timeout.
    pub gas_pooled_timeout: Gas,
    /// Gas that a batch keeps for the router's own work on one message; what its application registered comes on top.
    /// With too little the whole batch reverts.
    pub gas_declared: Gas,
    /// Estimate: one client update, beside signatures of ed25519.
    pub gas_update: Gas,
    /// Estimate: each signature of ed25519 that the client verifies for an update.
    pub gas_ed25519: Gas,
}

/// Bounds and deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Live packets kept of one end; beyond it, reading sends from that end waits.
    pub live_max: usize,
    /// Bytes of payload kept of one end; beyond it, reading sends from that end waits.
    pub live_bytes_max: usize,
    /// Blocks asked for in one page of events.
    pub page_blocks: u64,
    /// Keys asked for in one proof request.
    pub prove_keys: usize,
    /// An ask without a reply is given up after this.
    pub ask_patience: Seconds,
    /// The shortest pause after a failure; it doubles with each in a row.
    pub pause_min: Seconds,
    /// The longest pause after a failure.
    pub pause_max: Seconds,
    /// A receive is not sent when less than this is left before the packet's timeout.
    pub recv_margin: Seconds,
    /// A client on chain is read at least this often.
    pub client_every: Seconds,
    /// A packet that waits longer than this for an event is looked up.
    pub recheck_every: Seconds,
    /// A transaction that no node knows is given up after this.
    pub lost_after: Seconds,
    /// Events are read again at most this often.
    pub rewind_every: Seconds,
    /// Submissions that are included but not final, at most, on one chain.
    pub unfinal_max: usize,
}

impl Default for FeePolicy {
    fn default() -> Self {
        Self {
            max: WeiPerGas(200_000_000_000),
            tip_min: WeiPerGas(10_000_000),
            tip_max: WeiPerGas(5_000_000_000),
            patience: Seconds(48),
        }
    }
}

impl Default for BatchPolicy {
    fn default() -> Self {
        Self {
            messages_max: 100,
            age: Seconds(3),
            gas_max: Gas(14_000_000),
            bytes_max: 110_000,
            gas_recv: Gas(300_000),
            gas_ack: Gas(180_000),
            gas_timeout: Gas(220_000),
            gas_pooled_recv: Gas(130_000),
            gas_pooled_ack: Gas(75_000),
            gas_pooled_timeout: Gas(85_000),
            gas_declared: Gas(150_000),
            gas_update: Gas(450_000),
            gas_ed25519: Gas(110_000),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            live_max: 20_000,
            live_bytes_max: 64 * 1024 * 1024,
            page_blocks: 2_000,
            prove_keys: 50,
            ask_patience: Seconds(60),
            pause_min: Seconds(2),
            pause_max: Seconds(900),
            recv_margin: Seconds(15),
            client_every: Seconds(600),
            recheck_every: Seconds(1_800),
            lost_after: Seconds(120),
            rewind_every: Seconds(600),
            unfinal_max: 256,
        }
    }
}

/// A configuration that cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadConfig {
    /// Two chains have one name.
    #[error("use the name {0} for one chain: it stands there twice")]
    ChainTwice(ChainName),
    /// A path names a chain that is not listed.
    #[error("find chain {0}: a path names it, but no chain has that name")]
    UnknownChain(ChainName),
    /// Two ends are the same client.
    #[error("use client {0} in one path: it stands there twice")]
    EndTwice(EndName),
    /// A bound of zero would stop everything.
    #[error("work with {0} = 0: set it to at least 1")]
    Zero(&'static str),
}

impl Config {
    /// All that is wrong with it, at once.
    ///
    /// # Errors
    /// One entry a problem.
    pub fn check(&self) -> Result<(), Vec<BadConfig>> {
        let mut bad = Vec::new();
        let mut names: Vec<&ChainName> = Vec::new();
        for chain in &self.chains {
            if names.contains(&&chain.name) {
                bad.push(BadConfig::ChainTwice(chain.name.clone()));
            }
            names.push(&chain.name);
            if chain.batch.messages_max == 0 {
                bad.push(BadConfig::Zero("messages_max"));
            }
        }
        let mut ends: Vec<&EndName> = Vec::new();
        for end in self.paths.iter().flat_map(|path| [&path.a, &path.b]) {
            if !names.contains(&&end.name.chain) {
                bad.push(BadConfig::UnknownChain(end.name.chain.clone()));
            }
            if ends.contains(&&end.name) {
                bad.push(BadConfig::EndTwice(end.name.clone()));
            }
            ends.push(&end.name);
        }
        let bounds = [
            (self.limits.live_max, "live_max"),
            (self.limits.live_bytes_max, "live_bytes_max"),
            (self.limits.prove_keys, "prove_keys"),
            (self.limits.unfinal_max, "unfinal_max"),
        ];
        bad.extend(
            bounds
                .iter()
                .filter(|(value, _)| *value == 0)
                .map(|(_, name)| BadConfig::Zero(name)),
        );
        if self.limits.page_blocks == 0 {
            bad.push(BadConfig::Zero("page_blocks"));
        }
        if bad.is_empty() { Ok(()) } else { Err(bad) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use wire::ClientId;

    fn end(chain: &str, client: &str) -> EndConfig {
        EndConfig {
            name: EndName {
                chain: ChainName(chain.into()),
                id: ClientId::new(client).unwrap().into(),
            },
            start: BlockNumber(0),
            first: Sequence::FIRST,
        }
    }

    fn chain(name: &str) -> ChainConfig {
        ChainConfig {
            name: ChainName(name.into()),
            poll: Seconds(1),
            in_flight: 1,
            fee: FeePolicy::default(),
            batch: BatchPolicy::default(),
        }
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let config = Config {
            chains: vec![chain("a"), chain("a")],
            paths: vec![
                PathConfig {
                    a: end("a", "client-0"),
                    b: end("b", "client-0")
                };
                2
            ],
            limits: Limits {
                live_max: 0,
                page_blocks: 0,
                ..Limits::default()
            },
        };
        let bad = config.check().unwrap_err();
        assert_eq!(bad.len(), 7, "{bad:?}");
        let good = Config {
            chains: vec![chain("a"), chain("b")],
            paths: vec![PathConfig {
                a: end("a", "client-0"),
                b: end("b", "client-0"),
            }],
            limits: Limits::default(),
        };
        assert_eq!(good.check(), Ok(()));
    }
}
