//! Denominations with the way they came: as paths, as coins of this chain, as the module keeps them.

use prost::Message;
use sha2::{Digest, Sha256};

use super::MODULE;
use crate::app::bank;
use crate::app::context::Context;
use crate::app::refused::{Answer, transfer as code};
use crate::ibc::ids;

const KEY: u8 = 3;
/// How vouchers are called in the bank.
const VOUCHER: &str = "ibc/";

/// `ibc.applications.transfer.v1.Hop`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Hop {
    #[prost(string, tag = "1")]
    pub(crate) port: String,
    /// Over IBC v2 a client.
    #[prost(string, tag = "2")]
    pub(crate) channel: String,
}

/// `ibc.applications.transfer.v1.Denom`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Denom {
    #[prost(string, tag = "1")]
    pub(crate) base: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) trace: Vec<Hop>,
}

impl Denom {
    /// From a path: as many pairs of port and channel as can be read as such, then the base.
    pub(crate) fn parse(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').collect();
        let mut trace = Vec::new();
        let mut rest = parts.as_slice();
        while let [port, channel, more @ ..] = rest
            && parts.len() > 2
            && ids::is_numbered(channel)
        {
            trace.push(Hop {
                port: (*port).to_owned(),
                channel: (*channel).to_owned(),
            });
            rest = more;
        }
        Self {
            base: rest.join("/"),
            trace,
        }
    }

    /// The full path.
    pub(crate) fn path(&self) -> String {
        let hops = self
            .trace
            .iter()
            .map(|hop| format!("{}/{}/", hop.port, hop.channel));
        hops.chain([self.base.clone()]).collect()
    }

    pub(super) fn check(&self) -> Answer<()> {
        if self.base.trim().is_empty() {
            return Err(code::INVALID_DENOM.because("base denomination cannot be blank"));
        }
        for hop in &self.trace {
            ids::check_port("invalid trace", &hop.port)?;
            ids::check_packet_client("invalid trace", &hop.channel)?;
        }
        Ok(())
    }

    /// Whether it came over this end, and goes home when it is sent there.
    pub(super) fn came_over(&self, port: &str, channel: &str) -> bool {
        self.trace
            .first()
            .is_some_and(|hop| hop.port == port && hop.channel == channel)
    }

    /// One hop shorter, if `channel` is its first hop.
    pub(super) fn without_hop(&self, port: &str, channel: &str) -> Option<Self> {
        self.came_over(port, channel).then(|| Self {
            base: self.base.clone(),
            trace: self.trace[1..].to_vec(),
        })
    }

    /// One hop longer.
    pub(super) fn with_hop(&self, port: &str, channel: &str) -> Self {
        let first = Hop {
            port: port.to_owned(),
            channel: channel.to_owned(),
        };
        Self {
            base: self.base.clone(),
            trace: [first].into_iter().chain(self.trace.iter().cloned()).collect(),
        }
    }

    pub(super) fn hash(&self) -> String {
        hex::encode_upper(Sha256::digest(self.path()))
    }

    /// How the bank calls it.
    pub(super) fn coin(&self) -> String {
        if self.trace.is_empty() {
            return self.base.clone();
        }
        format!("{VOUCHER}{}", self.hash())
    }

    /// As Go writes it in JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        let hop = |hop: &Hop| serde_json::json!({"port_id": hop.port, "channel_id": hop.channel});
        let trace: Option<Vec<_>> = (!self.trace.is_empty()).then(|| self.trace.iter().map(hop).collect());
        serde_json::json!({"base": self.base, "trace": trace})
    }
}

fn key(hash: &[u8]) -> Vec<u8> {
    [&[KEY], hash].concat()
}

/// Keeps what a voucher is, unless it is known.
pub(super) fn save(context: &mut Context<'_>, denom: &Denom) -> Answer<()> {
    let key = key(&Sha256::digest(denom.path()));
    if context.get(MODULE, &key)?.is_none() {
        context.set(MODULE, &key, &denom.encode_to_vec())?;
    }
    Ok(())
}

/// What the voucher with this hash is.
pub(crate) fn find(context: &mut Context<'_>, hash: &str) -> Answer<Option<Denom>> {
    let Ok(hash) = hex::decode(hash) else {
        return Ok(None);
    };
    let stored = context.get(MODULE, &key(&hash))?;
    Ok(stored.map(|bytes| Denom::decode(bytes.as_slice()).expect("what was stored")))
}

/// What a coin of this chain is.
pub(super) fn of_coin(context: &mut Context<'_>, coin: &str) -> Answer<Denom> {
    let Some(hash) = coin.strip_prefix(VOUCHER) else {
        if !bank::is_denom(coin) {
            return Err(code::INVALID_DENOM.because(coin));
        }
        return Ok(Denom {
            base: coin.to_owned(),
            trace: Vec::new(),
        });
    };
    find(context, hash)?.ok_or_else(|| code::DENOM_NOT_FOUND.because(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vouchers_are_called_as_on_every_chain() {
        // As a real simd told it.
        let voucher = Denom::parse("token").with_hop("transfer", "07-tendermint-1");
        assert_eq!(
            voucher.coin(),
            "ibc/B62BBF32484E668AAA70E104E1AC76A1017CA9C6F82D6D40C46BB312F3F9B7C6"
        );
        assert_eq!(Denom::parse(&voucher.path()), voucher);
        assert_eq!(
            voucher.without_hop("transfer", "07-tendermint-1").unwrap().coin(),
            "token"
        );
        assert_eq!(voucher.without_hop("transfer", "07-tendermint-2"), None);
        assert_eq!(
            super::super::told::text(&voucher.json()),
            r#"{"base":"token","trace":[{"port_id":"transfer","channel_id":"07-tendermint-1"}]}"#
        );
    }

    #[test]
    fn what_is_no_hop_belongs_to_the_base() {
        let pool = Denom::parse("transfer/client-0/gamm/pool/1");
        assert_eq!((pool.base.as_str(), pool.trace.len()), ("gamm/pool/1", 1));
        assert_eq!(Denom::parse("transfer/client-0").base, "transfer/client-0");
    }
}
