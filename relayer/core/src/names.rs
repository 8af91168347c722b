//! How ends of paths and packets are called in records, logs and commands.

use alloc::string::String;
use chain::ChainName;
use core::fmt;
use wire::{End, Sequence};

/// One end of a path: a client, or a channel of IBC v1, and the chain on which it lives. The name of the packets that are sent
/// over it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndName {
    /// The chain, by its name in the configuration.
    pub chain: ChainName,
    /// The client or channel on that chain.
    pub id: End,
}

/// One packet: the end it was sent from and its sequence there. Printed as `chain/client/sequence`, or `chain/port/channel/sequence`, the same in both
/// directions of a log, so that one search finds everything about a packet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketId {
    /// Where it was sent from.
    pub source: EndName,
    /// Its number there.
    pub sequence: Sequence,
}

impl fmt::Display for EndName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.chain, self.id)
    }
}

impl fmt::Display for PacketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.source, self.sequence)
    }
}

/// The longest text of a stranger that is kept or logged, in bytes.
const TEXT_MAX: usize = 240;

/// Cuts a text that came from outside to a bounded length, at a character boundary.
pub(crate) fn bounded(text: &str) -> String {
    let mut kept = String::new();
    for character in text.chars() {
        if kept.len().saturating_add(character.len_utf8()) > TEXT_MAX {
            break;
        }
        kept.push(character);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        let long = "ä".repeat(TEXT_MAX);
        let kept = bounded(&long);
        assert_eq!(kept.len(), TEXT_MAX);
        assert!(kept.chars().all(|character| character == 'ä'));
        assert_eq!(bounded("short"), "short");
    }
}
